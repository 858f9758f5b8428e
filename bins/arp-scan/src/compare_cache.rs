//! What the kernel believes beside what was heard on the wire (`--cache`).
//!
//! Entries and answers go in, rows come out; nothing is asked here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::escape;
use wireline_host::neighbours::{Neighbour, State};
use wireline_packet::Mac;

use crate::event::keys::milliseconds;

/// Somebody who claimed an address on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Number of the interface.
    pub(crate) index: u32,
    /// Which address.
    pub(crate) address: IpAddr,
    /// The link-layer address that is claimed for it.
    pub(crate) mac: Mac,
}

/// What is to be said of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The kernel and the wire say the same.
    Match,
    /// The kernel has a hardware address, and nobody answered for it.
    Stale,
    /// Another answered than the kernel believes, or others did too.
    Different,
    /// The kernel got no answer when it asked.
    Failed,
    /// Somebody set the entry, and the wire does not say the same: the kernel will not look.
    Permanent,
    /// Somebody answered of whom the kernel knows nothing: it never sent there.
    Missing,
}

impl Verdict {
    /// As the text has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::Stale => "STALE",
            Self::Different => "DIFFERENT",
            Self::Failed => "FAILED",
            Self::Permanent => "PERMANENT",
            Self::Missing => "MISSING",
        }
    }

    /// Whether somebody should look at it.
    pub(crate) const fn is_odd(self) -> bool {
        matches!(self, Self::Different | Self::Permanent)
    }

    /// In half a sentence, for learners.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Match => "the kernel has the address that answered",
            Self::Stale => "the kernel has an address, and nobody answered",
            Self::Different => "another answered than the kernel has",
            Self::Failed => "the kernel asked, and got no answer",
            Self::Permanent => "somebody set the entry, and the wire says otherwise",
            Self::Missing => "somebody answered to whom this machine never sent",
        }
    }
}

/// One address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub address: IpAddr,
    /// Name of the interface, not escaped.
    pub interface: String,
    /// What is to be said.
    pub verdict: Verdict,
    /// The kernel's hardware address; `None` while it has none.
    pub cached_mac: Option<String>,
    /// All that were heard, none twice.
    pub wire_macs: Vec<String>,
    /// The kernel's state, as ip(8) calls it, in lower case; `None` without an entry.
    pub state: Option<String>,
    /// Since the kernel was certain of it.
    #[serde(rename = "confirmed_ms", serialize_with = "milliseconds")]
    pub confirmed: Option<Duration>,
    /// Since something was sent there.
    #[serde(rename = "used_ms", serialize_with = "milliseconds")]
    pub used: Option<Duration>,
}

/// Whatever is the same for all rows.
pub(crate) struct Scanned<'a> {
    /// Whether an address was asked for on the interface of a number. Of others the wire's silence says nothing.
    pub(crate) was_asked: &'a dyn Fn(u32, IpAddr) -> bool,
    /// The name of an interface.
    pub(crate) name: &'a dyn Fn(u32) -> String,
}

/// The kernel's entries beside the answers: a row for each address that either knows, in order of interface and
/// address. Proxy entries are this machine's own words, and are left out.
pub(crate) fn compare(kernel: &[Neighbour], heard: &[Heard], scanned: &Scanned<'_>) -> Vec<Row> {
    let mut wire: BTreeMap<(u32, IpAddr), BTreeSet<Mac>> = BTreeMap::new();
    for answer in heard {
        wire.entry((answer.index, answer.address)).or_default().insert(answer.mac);
    }
    let cached: BTreeMap<_, _> = kernel
        .iter()
        .filter(|entry| !entry.is_proxy() && !matches!(entry.state, State::None | State::NoArp))
        .map(|entry| ((entry.index, entry.address), entry))
        .collect();
    let places: BTreeSet<_> = wire.keys().chain(cached.keys()).copied().collect();
    let none = BTreeSet::new();
    let row = |place: (u32, IpAddr)| {
        let macs = wire.get(&place).unwrap_or(&none);
        let entry = cached.get(&place).copied();
        if macs.is_empty() && !(scanned.was_asked)(place.0, place.1) {
            return None;
        }
        let ages = entry.and_then(|entry| entry.ages);
        Some(Row {
            address: place.1,
            interface: (scanned.name)(place.0),
            verdict: verdict(entry, macs),
            cached_mac: entry.and_then(known_mac).map(|mac| mac.to_string()),
            wire_macs: macs.iter().map(ToString::to_string).collect(),
            state: entry.map(|entry| entry.state.name().to_ascii_lowercase()),
            confirmed: ages.map(|ages| ages.confirmed),
            used: ages.map(|ages| ages.used),
        })
    };
    places.into_iter().filter_map(row).collect()
}

fn verdict(entry: Option<&Neighbour>, wire: &BTreeSet<Mac>) -> Verdict {
    let Some(entry) = entry else { return Verdict::Missing };
    let Some(cached) = known_mac(entry) else { return Verdict::Failed };
    // A second claimant is a difference, even if the first is who the kernel believes in.
    if wire.len() == 1 && wire.contains(&cached) {
        return Verdict::Match;
    }
    match (entry.state, wire.is_empty()) {
        (State::Permanent, _) => Verdict::Permanent,
        (_, true) => Verdict::Stale,
        (_, false) => Verdict::Different,
    }
}

/// What the kernel would send to.
fn known_mac(entry: &Neighbour) -> Option<Mac> {
    entry.mac().filter(|_| entry.state.is_valid())
}

/// One row: columns with tabs between them, as the lines of hosts have them.
pub(crate) fn write_row(row: &Row, to: &mut dyn Write) -> io::Result<()> {
    let cached = row.cached_mac.as_deref().unwrap_or("-");
    let wire = if row.wire_macs.is_empty() { "-".to_owned() } else { row.wire_macs.join(",") };
    let state = row.state.as_deref().unwrap_or("-").to_ascii_uppercase();
    let (interface, verdict) = (escape(&row.interface), row.verdict.name());
    writeln!(to, "{}\t{verdict}\t{cached}\t{wire}\t{state}\t{interface}", row.address)
}

/// The line above them.
pub(crate) fn write_heading(to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "Address\tVerdict\tKernel\tWire\tState\tInterface")
}

/// Each verdict that is among the rows and what it means, for learners.
pub(crate) fn write_meanings(rows: &[Row], to: &mut dyn Write) -> io::Result<()> {
    let verdicts: BTreeSet<_> = rows.iter().map(|row| row.verdict).collect();
    for verdict in verdicts {
        writeln!(to, "{}: {}.", verdict.name(), verdict.meaning())?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "compare_cache/tests.rs"]
mod tests;
