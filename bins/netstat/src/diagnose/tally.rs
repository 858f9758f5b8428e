//! Counts by state, and what the sockets are that no process has.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use wireline_host::sockets::{State, TimerKind};

use super::facts::{Facts, Row, file_name};
use crate::event::{InState, Tally, Unowned};
use crate::sockets::state_name;

/// So many of each kind are told one by one: more is not read.
const TOLD: usize = 5;

/// Sockets by state.
#[derive(Clone, Debug, Default)]
struct States(HashMap<State, u64>);

impl States {
    fn add(&mut self, state: State, count: u64) {
        // One name, one count.
        let state = if state == State::NewSynReceived { State::SynReceived } else { state };
        *self.0.entry(state).or_default() += count;
    }

    fn sockets(&self) -> u64 {
        self.0.values().sum()
    }

    fn sorted(&self) -> Vec<InState> {
        let mut counts: Vec<_> = self.0.iter().collect();
        counts.sort_by_key(|(state, count)| (std::cmp::Reverse(**count), state.number()));
        let count = |(state, sockets): (&State, &u64)| InState {
            state: state_name(*state).to_ascii_lowercase(),
            sockets: *sockets,
        };
        counts.into_iter().map(count).collect()
    }
}

/// A port, as somebody listens on it here, or there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Service {
    Local(u16),
    Remote(u16),
}

pub(super) fn tallies(facts: &Facts) -> Vec<Tally> {
    let mut all = States::default();
    facts.rows.iter().for_each(|row| all.add(row.state, 1));
    let mut told = vec![tally("all", Some("tcp".to_owned()), 1, &all)];
    told.extend(grouped(facts, "process", |row| row.owner, |place| process(facts, place)));
    let (listening, settings) = (facts.listening_ports(), &facts.settings);
    let service = |row: &Row| {
        let is_own = listening.contains(&row.local.port)
            || row.remote.port == 0
            // Nobody listens any more.
            || (settings.is_ephemeral(row.remote.port) && !settings.is_ephemeral(row.local.port));
        Some(if is_own { Service::Local(row.local.port) } else { Service::Remote(row.remote.port) })
    };
    told.extend(grouped(facts, "port", service, |service| match service {
        Service::Local(port) => format!("local {port}"),
        Service::Remote(port) => format!("remote {port}"),
    }));
    let remote = |row: &Row| Some(row.remote.address).filter(|address| !address.is_unspecified());
    told.extend(grouped(facts, "remote", remote, |address: IpAddr| address.to_string()));
    told
}

fn process(facts: &Facts, place: usize) -> String {
    let program = facts.processes.get(place).map(|process| &process.program);
    program.map_or_else(String::new, |program| {
        format!("{}/{}", program.pid, file_name(&program.program))
    })
}

fn grouped<K: Copy + Eq + Hash + Ord>(
    facts: &Facts,
    by: &'static str,
    key: impl Fn(&Row) -> Option<K>,
    name: impl Fn(K) -> String,
) -> Vec<Tally> {
    let mut groups: HashMap<K, States> = HashMap::new();
    for row in &facts.rows {
        if let Some(key) = key(row) {
            groups.entry(key).or_default().add(row.state, 1);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(key, states)| (std::cmp::Reverse(states.sockets()), *key));
    // A group alone is told rather than counted.
    let told = if groups.len() == TOLD + 1 { TOLD + 1 } else { TOLD.min(groups.len()) };
    let rest = groups.split_off(told);
    let mut tallies: Vec<_> =
        groups.iter().map(|(key, states)| tally(by, Some(name(*key)), 1, states)).collect();
    if !rest.is_empty() {
        let mut others = States::default();
        for (state, count) in rest.iter().flat_map(|(_, states)| &states.0) {
            others.add(*state, *count);
        }
        tallies.push(tally(by, None, rest.len(), &others));
    }
    tallies
}

fn tally(by: &'static str, name: Option<String>, names: usize, states: &States) -> Tally {
    Tally { by, name, names: names as u64, sockets: states.sockets(), states: states.sorted() }
}

/// Why a socket has `-` for an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Why {
    TimeWait,
    Request,
    NotAccepted,
    Orphan,
    Closed,
    NoPermission,
    Hidden,
}

pub(super) fn unowned(facts: &Facts) -> Vec<Unowned> {
    let mut groups: HashMap<Why, (States, u64)> = HashMap::new();
    for row in facts.rows.iter().filter(|row| row.owner.is_none()) {
        let (states, unsent) = groups.entry(why(row, facts.is_blind)).or_default();
        states.add(row.state, 1);
        *unsent += if is_counted(row) { u64::from(row.send_queue) } else { 0 };
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(why, _)| *why);
    let told = |(why, (states, unsent)): (Why, (States, u64))| Unowned {
        why: why.word(),
        meaning: why.meaning(),
        sockets: states.sockets(),
        states: states.sorted(),
        unsent,
    };
    groups.into_iter().map(told).collect()
}

/// The queue of a listener is one of connections.
fn is_counted(row: &Row) -> bool {
    row.state != State::Listen
}

/// An inode belongs to a file. A socket without one is the kernel's alone, and its state tells since
/// when: before accept(2), or after close(2).
fn why(row: &Row, is_blind: bool) -> Why {
    match row.state {
        _ if row.inode != 0 && is_blind => Why::NoPermission,
        _ if row.inode != 0 => Why::Hidden,
        State::TimeWait => Why::TimeWait,
        // What is left of an orphan is in TIME_WAIT under the name of FIN_WAIT2.
        State::FinWait2 if row.timer.kind == TimerKind::TimeWait => Why::Orphan,
        State::SynReceived | State::NewSynReceived => Why::Request,
        State::Established | State::CloseWait => Why::NotAccepted,
        State::FinWait1 | State::FinWait2 | State::LastAck | State::Closing => Why::Orphan,
        _ => Why::Closed,
    }
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::TimeWait => "time_wait",
            Self::Request => "request",
            Self::NotAccepted => "not_accepted",
            Self::Orphan => "orphan",
            Self::Closed => "closed",
            Self::NoPermission => "no_permission",
            Self::Hidden => "hidden",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::TimeWait => {
                "closed; the kernel keeps the ends for a minute, so that late segments do no harm"
            }
            Self::Request => "a handshake under way, which no program has been told of",
            Self::NotAccepted => {
                "connected, and in the queue of a listener: its program has not accepted it yet"
            }
            Self::Orphan => "closed by its program; the kernel sends the rest and the end of it",
            Self::Closed => "about to be taken down by the kernel",
            Self::NoPermission => "open in a process that only root may look at",
            Self::Hidden => {
                "held by the kernel itself, or by a process that this /proc does not show \
                 (another PID namespace, hidepid)"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::samples::{facts, process, row};

    #[test]
    fn sockets_are_counted_by_state_process_port_and_remote() {
        let mut rows = vec![row(State::Listen, "192.0.2.1:80", "0.0.0.0:0").owned(0)];
        for port in 0..7 {
            let remote = format!("198.51.100.{}:{}", port, 4000 + port);
            rows.push(row(State::Established, "192.0.2.1:80", &remote).owned(0));
        }
        rows.push(row(State::TimeWait, "192.0.2.1:5000", "203.0.113.1:443").kernel());
        let told = tallies(&facts(rows, vec![process(7, "/bin/d")]));
        let shown: Vec<_> = told
            .iter()
            .map(|t| format!("{} {} {}", t.by, t.name.as_deref().unwrap_or("+"), t.sockets))
            .collect();
        assert_eq!(
            shown[..4],
            ["all tcp 9", "process 7/bin/d", "port local 80 8", "port remote 443 1"]
                .map(|text| text.replace("7/bin/d", "7/d 8"))
        );
        let rest = told.last().unwrap();
        assert_eq!((rest.by, &rest.name, rest.names, rest.sockets), ("remote", &None, 3, 3));
        assert_eq!(told[0].states[0].state, "established");
    }

    #[test]
    fn every_dash_has_a_reason() {
        for (state, inode, meant) in [
            (State::TimeWait, 0, "time_wait"),
            (State::SynReceived, 0, "request"),
            (State::NewSynReceived, 0, "request"),
            (State::Established, 0, "not_accepted"),
            (State::CloseWait, 0, "not_accepted"),
            (State::FinWait1, 0, "orphan"),
            (State::FinWait2, 0, "orphan"),
            (State::LastAck, 0, "orphan"),
            (State::Closing, 0, "orphan"),
            (State::Close, 0, "closed"),
            (State::Established, 9, "hidden"),
        ] {
            let mut row = row(state, "192.0.2.1:80", "192.0.2.2:4000");
            (row.inode, row.send_queue) = (inode, 3);
            let told = unowned(&facts(vec![row.clone()], Vec::new()));
            assert_eq!((told[0].why, told[0].sockets, told[0].unsent), (meant, 1, 3), "{state:?}");
            assert!(told.len() == 1 && !told[0].meaning.is_empty());
            let blind = Facts { is_blind: true, ..facts(vec![row], vec![]) };
            let seen = if inode == 0 { meant } else { "no_permission" };
            assert_eq!(unowned(&blind)[0].why, seen);
        }
    }

    #[test]
    fn what_has_an_owner_is_no_dash() {
        let row = row(State::Established, "192.0.2.1:80", "192.0.2.2:4000").owned(0);
        assert_eq!(unowned(&facts(vec![row], vec![process(1, "x")])), []);
    }
}
