//! What a bench is, and how its rounds go: ours and the peer in turn, and the other way round in
//! every second round.

use std::path::Path;

use anyhow::{Context as _, Result};
use wireline_lab::Lab;

use crate::bed::Bed;
use crate::programs::Peer;
use crate::run::{Priority, Realtime};
use crate::table::{Column, Rounds, Table};

/// One comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    /// What it does, in one line.
    pub(crate) about: &'static str,
    pub(crate) peer: Peer,
    pub(crate) columns: &'static [Column],
    pub(crate) scheduling: Scheduling,
    pub(crate) rounds: Count,
    pub(crate) prepare: fn(&Bed<'_>),
    pub(crate) once: fn(&Bed<'_>, Side) -> Result<Outcome>,
}

/// How a bench's programs are scheduled unless `--rt` says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheduling {
    Ordinary,
    /// With real-time priority: other programs would disturb what is measured.
    Timed,
}

/// How many rounds a bench has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    AsAsked,
    Always(usize),
}

/// Whose program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Peer,
}

/// What a person asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) rounds: usize,
    pub(crate) realtime: Realtime,
}

/// One round of one program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// One for each column; not a number where there is none.
    pub(crate) figures: Vec<f64>,
    /// What was not as it should be.
    pub(crate) note: Option<String>,
}

impl Bench {
    /// All rounds.
    pub(crate) fn run(&self, ours: &Path, limits: Limits) -> Result<Table> {
        let lab = Lab::new();
        let peer = self.peer.path()?;
        let bed = Bed::new(&lab, [ours, &peer], self.priority(limits.realtime));
        (self.prepare)(&bed);
        let rounds = match self.rounds {
            Count::AsAsked => limits.rounds,
            Count::Always(count) => count,
        };
        let mut table = self.table(rounds);
        for round in 0..rounds {
            let turns = [Side::Ours, Side::Peer];
            for turn in 0..turns.len() {
                let side = turns[(round + turn) % turns.len()];
                let outcome = (self.once)(&bed, side);
                add(&mut table, side, outcome.with_context(|| self.program(side))?);
            }
        }
        Ok(table)
    }

    fn priority(&self, realtime: Realtime) -> Priority {
        match (realtime, self.scheduling) {
            (Realtime::All, _) | (Realtime::Timed, Scheduling::Timed) => Priority::Realtime,
            (Realtime::None, _) | (Realtime::Timed, Scheduling::Ordinary) => Priority::Ordinary,
        }
    }

    fn table(&self, rounds: usize) -> Table {
        let empty = |side| Rounds::of(self.program(side));
        let version = self.peer.version().map_or_else(String::new, |text| format!("; {text}"));
        Table {
            title: format!("{}: {} (medians of {rounds}{version})", self.name, self.about),
            columns: self.columns.to_vec(),
            ours: empty(Side::Ours),
            peer: empty(Side::Peer),
        }
    }

    const fn program(&self, side: Side) -> &'static str {
        match side {
            Side::Ours => "ours",
            Side::Peer => self.peer.name(),
        }
    }
}

fn add(table: &mut Table, side: Side, outcome: Outcome) {
    let rounds = match side {
        Side::Ours => &mut table.ours,
        Side::Peer => &mut table.peer,
    };
    rounds.figures.push(outcome.figures);
    rounds.notes.extend(outcome.note);
}
