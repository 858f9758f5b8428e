//! How many sockets there are, by protocol and state (`--summary`): one walk through the tables, no row kept.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_host::sockets::{
    InetSocket, Protocol, Request, Sockets, State, States, TimerKind, UnixEntry,
};

use crate::event::{Count, Event, ProtocolCount, StateCount};
use crate::output::Output;
use crate::sockets::{Choice, json, unix};

/// One listing.
pub(crate) fn show(choice: Choice, output: &mut Output) -> Result<()> {
    let counts = read(choice)?;
    if output.is_json() {
        output.start("counts")?;
        for count in counts {
            output.row(&Event::ProtocolCount(count))?;
        }
        return output.end();
    }
    output.text(format_args!("Sockets by protocol and state\n"))?;
    output.text(format_args!("Proto    State                     Total     IPv4     IPv6\n"))?;
    counts.iter().try_for_each(|count| print(count, output))
}

fn print(count: &ProtocolCount, output: &mut Output) -> Result<()> {
    let mut line = |state: &str, count: &Count, protocol: &str| {
        let family = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let (v4, v6) = (family(count.ipv4), family(count.ipv6));
        output.text(format_args!("{protocol:<8} {state:<22} {:>8} {v4:>8} {v6:>8}\n", count.total))
    };
    line("all", &count.all, count.protocol)?;
    for StateCount { state, kind, count: of_state } in &count.states {
        let kind = kind.as_ref().map_or_else(String::new, |kind| format!("{kind} "));
        line(&format!("{kind}{state}").to_ascii_uppercase(), of_state, count.protocol)?;
    }
    // What is in brackets is in the states, too.
    for (name, part) in [("(orphaned)", count.orphaned), ("(not accepted)", count.unaccepted)] {
        if let Some(part) = part {
            line(name, &part, count.protocol)?;
        }
    }
    Ok(())
}

fn read(choice: Choice) -> Result<Vec<ProtocolCount>> {
    let mut sockets = Sockets::open();
    let mut counts = Vec::new();
    for (protocol, family) in choice.tables() {
        let mut tally = Tally::default();
        // Those that are bound and nothing else are in no row, but they are there.
        let states = States::ALL | States::of(State::BoundInactive);
        let request = Request { family, states, ..Request::new(protocol) };
        let read = sockets.inet(&request, |row| {
            tally.add(&row);
            ControlFlow::Continue(())
        });
        match read {
            Err(why) if !why.is_absence() => return Err(why.into()),
            _ => counts.push(tally.count(protocol)),
        }
    }
    if choice.unix {
        counts.push(unix_counts(&sockets)?);
    }
    Ok(counts)
}

/// Sockets of IPv4 and of IPv6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pair([u64; 2]);

/// What was counted of a protocol.
#[derive(Debug, Default)]
struct Tally {
    states: BTreeMap<u8, Pair>,
    orphaned: Pair,
    unaccepted: Pair,
}

impl Tally {
    fn add(&mut self, row: &InetSocket) {
        let family = usize::from(row.is_v6());
        self.states.entry(state(row).number()).or_default().0[family] += 1;
        if row.protocol != Protocol::Tcp || row.inode != 0 {
            return;
        }
        match row.state {
            State::Established | State::CloseWait | State::SynReceived | State::NewSynReceived => {
                self.unaccepted.0[family] += 1;
            }
            // What is left of one without its memory has the timer of `TIME_WAIT`.
            State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck
                if row.timer.kind != TimerKind::TimeWait =>
            {
                self.orphaned.0[family] += 1;
            }
            _ => {}
        }
    }

    fn count(self, protocol: Protocol) -> ProtocolCount {
        let is_tcp = protocol == Protocol::Tcp;
        let sum = |all: Pair, one: &Pair| Pair([all.0[0] + one.0[0], all.0[1] + one.0[1]]);
        let all = self.states.values().fold(Pair::default(), sum);
        let state = |(number, pair): (&u8, &Pair)| StateCount {
            state: state_name(State::from_number(*number)),
            kind: None,
            count: pair.count(),
        };
        ProtocolCount {
            protocol: json::protocol(protocol),
            all: all.count(),
            states: self.states.iter().map(state).collect(),
            orphaned: is_tcp.then(|| self.orphaned.count()),
            unaccepted: is_tcp.then(|| self.unaccepted.count()),
        }
    }
}

/// The kernel says of those that are bound and nothing else that they are closed.
fn state(row: &InetSocket) -> State {
    match row.state {
        State::Close if row.protocol == Protocol::Tcp && row.remote.port == 0 => {
            State::BoundInactive
        }
        state => state,
    }
}

impl Pair {
    const fn count(self) -> Count {
        let Self([v4, v6]) = self;
        Count { total: v4 + v6, ipv4: Some(v4), ipv6: Some(v6) }
    }
}

/// One that is in no row has no name there.
fn state_name(state: State) -> String {
    match state {
        State::BoundInactive => "bound".to_owned(),
        state => crate::sockets::state_name(state).to_ascii_lowercase(),
    }
}

/// From the file that the rows are from.
fn unix_counts(sockets: &Sockets) -> Result<ProtocolCount> {
    let mut states: BTreeMap<_, u64> = BTreeMap::new();
    let read = sockets.unix_entries(|entry| {
        *states.entry(unix_state(&entry)).or_default() += 1;
        ControlFlow::Continue(())
    });
    match read {
        Err(why) if !why.is_absence() => return Err(why.into()),
        _ => {}
    }
    let all = Count { total: states.values().sum(), ipv4: None, ipv6: None };
    let state = |((kind, state), total): ((&str, &str), u64)| StateCount {
        state: state.to_ascii_lowercase(),
        kind: Some(kind.to_ascii_lowercase()),
        count: Count { total, ipv4: None, ipv6: None },
    };
    let states = states.into_iter().map(state).collect();
    Ok(ProtocolCount { protocol: "unix", all, states, orphaned: None, unaccepted: None })
}

fn unix_state(entry: &UnixEntry<'_>) -> (&'static str, &'static str) {
    let state = unix::state(entry);
    (unix::kind(entry.kind), if state.is_empty() { "UNCONNECTED" } else { state })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use wireline_host::sockets::{Endpoint, Timer};

    fn row(state: State, inode: u32, timer: TimerKind, is_v6: bool) -> InetSocket {
        let address: IpAddr =
            if is_v6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let end = Endpoint { address, port: 80 };
        InetSocket {
            protocol: Protocol::Tcp,
            state,
            local: end,
            remote: end,
            interface: 0,
            cookie: None,
            recv_queue: 0,
            send_queue: 0,
            timer: Timer { kind: timer, ..Timer::default() },
            uid: 0,
            inode,
            extra: None,
        }
    }

    #[test]
    fn what_has_no_inode_is_an_orphan_or_waits_to_be_accepted() {
        let mut tally = Tally::default();
        for (state, inode, timer, is_v6) in [
            (State::Established, 7, TimerKind::Off, false),
            (State::Established, 0, TimerKind::Off, false),
            (State::CloseWait, 0, TimerKind::Off, true),
            (State::SynReceived, 0, TimerKind::Retransmit, false),
            (State::FinWait1, 0, TimerKind::Retransmit, false),
            (State::FinWait1, 9, TimerKind::Retransmit, false),
            (State::FinWait2, 0, TimerKind::TimeWait, false),
            (State::TimeWait, 0, TimerKind::TimeWait, true),
        ] {
            tally.add(&row(state, inode, timer, is_v6));
        }
        let bound = row(State::Close, 8, TimerKind::Off, true);
        tally.add(&InetSocket { remote: Endpoint { port: 0, ..bound.remote }, ..bound });
        let count = tally.count(Protocol::Tcp);
        assert_eq!(count.all, Pair([6, 3]).count());
        assert_eq!(count.unaccepted, Some(Pair([2, 1]).count()));
        assert_eq!(
            count.orphaned,
            Some(Pair([1, 0]).count()),
            "not those with a timer of TIME_WAIT"
        );
        let states: Vec<_> =
            count.states.iter().map(|one| (&*one.state, one.count.total)).collect();
        let expected = [
            ("established", 2),
            ("syn_recv", 1),
            ("fin_wait1", 2),
            ("fin_wait2", 1),
            ("time_wait", 1),
            ("close_wait", 1),
            ("bound", 1),
        ];
        assert_eq!(states, expected);
    }
}
