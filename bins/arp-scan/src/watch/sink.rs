//! From the engine's events to lines and files.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::ops::ControlFlow;

use wireline_cli::Output;
use wireline_engine::watch::{self, Place, Record, Targets};
use wireline_net::{Clock, Sink};

use super::baseline::{Baseline, There};
use super::event::{Event, Facts};
use super::state::{Saved, StateFile};
use crate::scan::complaint::complain;

/// Tells what happens, holds it against what was saved, and saves it.
pub(crate) struct Teller {
    output: Output<Event>,
    facts: Facts,
    baseline: Option<Baseline>,
    state: Option<StateFile>,
    /// What is kept of interfaces that are not watched.
    elsewhere: Vec<Saved>,
    /// What `--check` wants to know.
    alarms: u64,
    differences: u64,
    /// All that was known at the last snapshot.
    last: Vec<Record>,
    written: io::Result<()>,
    /// Who is asked first, in their order, of whom it is to be said that they are missing.
    pub(crate) expected: Vec<Targets>,
}

impl Teller {
    pub(crate) fn new(
        output: Output<Event>,
        facts: Facts,
        baseline: Option<Baseline>,
        state: Option<StateFile>,
        elsewhere: Vec<Saved>,
    ) -> Self {
        let (last, written) = (Vec::new(), Ok(()));
        Self {
            output,
            facts,
            baseline,
            state,
            elsewhere,
            alarms: 0,
            differences: 0,
            last,
            written,
            expected: Vec::new(),
        }
    }

    /// How many alarms there were.
    pub(crate) fn finish(mut self) -> io::Result<u64> {
        self.written?;
        self.output.flush()?;
        Ok(self.alarms)
    }

    fn tell(&mut self, event: &Event) {
        self.alarms += u64::from(event.is_alarm());
        if self.written.is_ok() {
            self.written = self.output.event(Clock.wall(), event);
        }
    }

    fn compare(&mut self, record: &Record) {
        let there = self.there(record);
        let Some(baseline) = &mut self.baseline else { return };
        if let Some(difference) = baseline.compare(&there, |mac| self.facts.claimant(mac)) {
            self.differences += 1;
            self.tell(&Event::Difference(difference));
        }
    }

    fn there(&self, record: &Record) -> There {
        There { at: self.facts.at(record.place), address: record.address, mac: record.mac }
    }

    /// At the end, after so many requests: who was saved, was asked, and is not there.
    fn missing(&mut self, sent: u64) {
        let Some(baseline) = &self.baseline else { return };
        let present = self.last.iter().filter(|record| record.present);
        let there: Vec<_> = present.map(|record| self.there(record)).collect();
        let missing = baseline.missing(&there, |mac| self.facts.claimant(mac));
        let unasked = usize::try_from(sent).ok().and_then(|sent| self.expected.get(sent..));
        let unasked: BTreeSet<_> = unasked
            .into_iter()
            .flatten()
            .map(|it| (self.facts.at(it.place).interface, IpAddr::from(it.span.first())))
            .collect();
        if !unasked.is_empty() {
            complain(&format!(
                "WARNING: incomplete: it ended before {} of those who should be there were asked",
                unasked.len()
            ));
        }
        for difference in missing {
            let at = difference.at.interface.clone();
            // What was saved without an interface is asked at the first.
            let at = at.or_else(|| self.facts.at(Place::default()).interface);
            if unasked.contains(&(at, difference.address)) {
                continue;
            }
            self.differences += 1;
            self.tell(&Event::Difference(difference));
        }
    }

    fn save(&mut self, records: Vec<Record>) {
        let saved = |record: &Record| {
            let at = self.facts.at(record.place);
            Saved {
                interface: at.interface,
                vlan: at.vlan,
                address: record.address,
                mac: record.mac,
                former: record.former.clone(),
                first_seen: record.first_seen,
                last_seen: record.last_seen,
                present: record.present,
            }
        };
        if let Some(state) = &mut self.state {
            let mut hosts: Vec<_> = records.iter().map(saved).collect();
            hosts.extend_from_slice(&self.elsewhere);
            if let Err(why) = state.write(&hosts) {
                complain(&format!("WARNING: --state: {why}"));
            }
        }
        self.last = records;
    }
}

impl Sink<watch::Event> for Teller {
    fn event(&mut self, event: watch::Event) -> ControlFlow<()> {
        let there = match &event {
            watch::Event::Joined(seen) | watch::Event::Changed { now: seen, .. } => {
                Some(seen.record.clone())
            }
            _ => None,
        };
        match event {
            watch::Event::Snapshot(records) => self.save(records),
            watch::Event::Summary(summary) => {
                if summary.end {
                    self.missing(summary.sent);
                }
                let summary = watch::Event::Summary(summary);
                if let Some(event) = self.facts.event(summary, self.differences) {
                    self.tell(&event);
                }
            }
            event => {
                if let Some(event) = self.facts.event(event, self.differences) {
                    self.tell(&event);
                }
            }
        }
        if let Some(record) = there {
            self.compare(&record);
        }
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn settled(&mut self) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.output.flush();
        }
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
