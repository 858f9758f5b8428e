//! Connections that one side has closed and the other has not (RFC 9293 §3.6): leaks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use wireline_host::sockets::{State, TimerKind};

use super::facts::{Facts, Process, Row};
use crate::event::{Evidence, Finding, HalfClosed, Severity};

/// A program closes within milliseconds of the end: so long after, it has not noticed.
const SETTLED: Duration = Duration::from_secs(5);
/// So many at once are no accident.
const MANY: usize = 10;
/// A few that are older than this are not about to be closed either.
const OLD: Duration = Duration::from_secs(60);
/// In percent of the descriptors that a process may have. Past that it will soon fail with EMFILE.
const SHORT_OF_FILES: u64 = 80;

#[derive(Default)]
struct Group {
    sockets: usize,
    unread: usize,
    oldest: Duration,
    remotes: HashMap<IpAddr, usize>,
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    [State::CloseWait, State::FinWait2].into_iter().flat_map(|state| of(facts, state)).collect()
}

/// What nobody has accepted is not the program's to close, nor are orphans.
fn of(facts: &Facts, state: State) -> Vec<Finding> {
    let is_open =
        |row: &&Row| row.state == state && row.inode != 0 && row.timer.kind != TimerKind::TimeWait;
    let mut groups: HashMap<Option<usize>, Group> = HashMap::new();
    for row in facts.rows.iter().filter(is_open) {
        let Some(age) = row.silent_for().filter(|age| *age >= SETTLED) else { continue };
        // Something to send still: it is not idle, and may be held up by the peer.
        if row.send_queue == 0 {
            groups.entry(row.owner).or_default().add(row, age);
        }
    }
    let finding = |(owner, group): (Option<usize>, Group)| {
        group.finding(state, owner.and_then(|place| facts.processes.get(place)))
    };
    groups.into_iter().filter_map(finding).collect()
}

impl Group {
    fn add(&mut self, row: &Row, age: Duration) {
        self.sockets += 1;
        self.unread += usize::from(row.recv_queue > 0);
        self.oldest = self.oldest.max(age);
        *self.remotes.entry(row.remote.address).or_default() += 1;
    }

    fn finding(self, state: State, process: Option<&Process>) -> Option<Finding> {
        if self.sockets < MANY && self.oldest < OLD {
            return None;
        }
        let (open, limit) =
            (process.and_then(|p| p.open_files), process.and_then(|p| p.file_limit));
        let is_short = matches!((open, limit), (Some(open), Some(limit))
            if open.saturating_mul(100) >= limit.saturating_mul(SHORT_OF_FILES));
        let severity = match (state, self.sockets >= MANY) {
            (State::CloseWait, true) if is_short => Severity::Critical,
            (State::CloseWait, true) => Severity::Warning,
            _ => Severity::Note,
        };
        let advice = self.advice(state, is_short).to_owned();
        // The address breaks a tie, so that two looks agree.
        let remote = self.remotes.iter().max_by_key(|(address, count)| (**count, **address));
        let evidence = HalfClosed {
            owner: process.map(|process| process.program.clone()),
            sockets: self.sockets as u64,
            unread: self.unread as u64,
            oldest_ms: wireline_engine::millis(self.oldest),
            remote: *remote?.0,
            open_files: open,
            file_limit: limit,
        };
        let evidence = match state {
            State::CloseWait => Evidence::CloseWait(evidence),
            _ => Evidence::FinWait2(evidence),
        };
        Some(Finding { severity, evidence, advice })
    }

    /// An end that was not read is one byte of the receive queue.
    const fn advice(&self, state: State, is_short: bool) -> &'static str {
        match state {
            State::CloseWait if is_short => {
                "the program never calls close(2) after the peer's end, and will soon have no descriptor \
                 left: restart it, and find the path that forgets to close"
            }
            State::CloseWait if self.unread == self.sockets => {
                "the program does not even read the peer's end: it hangs, or has forgotten these \
                 connections"
            }
            State::CloseWait => {
                "the program has read the peer's end and never calls close(2): find the path that forgets it"
            }
            _ => {
                "the peer has our end and does not close: there these are CLOSE_WAIT; close(2) in place of \
                 shutdown(2) would let the kernel give them up"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::facts::Flow;
    use crate::diagnose::samples::{facts, process, row};

    /// So many have heard nothing for so long, of a process with so many of 1000 descriptors.
    fn look(state: State, count: usize, seconds: u64, files: u64) -> Option<Finding> {
        let since = Duration::from_secs(seconds);
        let flow =
            Flow { since_data_received: since + OLD, since_ack_received: since, ..Flow::default() };
        let one = |port| {
            let remote = format!("203.0.113.1:{}", 1000 + port);
            row(state, "192.0.2.1:80", &remote).queues(1, 0).flow(flow.clone()).owned(0)
        };
        let rows = (0..count).map(one).collect();
        let (open_files, file_limit) = (Some(files), Some(1000));
        let process = Process { open_files, file_limit, ..process(7, "/bin/d") };
        let mut found = findings(&facts(rows, vec![process]));
        assert!(found.len() < 2);
        found.pop()
    }

    #[test]
    fn many_or_old_ones_are_a_leak() {
        assert_eq!(look(State::CloseWait, 100, 4, 10), None, "not settled");
        assert_eq!(look(State::CloseWait, 9, 59, 10), None, "neither many nor old");
        assert_eq!(look(State::CloseWait, 1, 60, 10).unwrap().severity, Severity::Note);
        let leak = look(State::CloseWait, 10, 5, 10).unwrap();
        let Evidence::CloseWait(evidence) = &leak.evidence else { panic!("{leak:?}") };
        assert_eq!((leak.severity, evidence.sockets), (Severity::Warning, 10));
        assert_eq!((evidence.unread, evidence.open_files), (10, Some(10)));
        assert!((evidence.oldest_ms - 5000.0).abs() < 1e-9, "by what was heard last");
        assert!(leak.advice.contains("does not even read"));
    }

    #[test]
    fn want_of_descriptors_makes_it_worse() {
        assert_eq!(look(State::CloseWait, 10, 5, 799).unwrap().severity, Severity::Warning);
        assert_eq!(look(State::CloseWait, 10, 5, 800).unwrap().severity, Severity::Critical);
    }

    #[test]
    fn other_side_of_a_leak_is_a_note() {
        let found = look(State::FinWait2, 10, 5, 900).unwrap();
        assert!(matches!(found.evidence, Evidence::FinWait2(_)));
        assert_eq!(found.severity, Severity::Note);
        assert_eq!(look(State::Established, 99, 99, 900), None);
    }

    #[test]
    fn what_is_no_programs_is_no_leak() {
        let flow = Flow { since_ack_received: OLD, since_data_received: OLD, ..Flow::default() };
        let make = |row: Row| findings(&facts(vec![row.flow(flow.clone())], Vec::new()));
        let row = row(State::CloseWait, "192.0.2.1:80", "203.0.113.1:9");
        assert_eq!(make(row.clone().kernel()), [], "not accepted");
        assert_eq!(make(row.clone().queues(0, 9)), [], "has something to send");
        assert_eq!(make(row.clone()).len(), 1, "of a process that nobody may look at");
        let row = Row { state: State::FinWait2, ..row };
        assert_eq!(make(row.clone().timer(TimerKind::TimeWait)), [], "an orphan");
        assert_eq!(findings(&facts(vec![row], Vec::new())), [], "nobody knows its age");
    }
}
