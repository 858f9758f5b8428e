//! What has changed from one look to the next: a function of both.
//!
//! A socket is known by its cookie, which no other has as long as the machine runs; where there is none
//! (`/proc/net`), by its ends and its inode.

use std::collections::HashMap;
use std::time::Duration;

use wireline_engine::Instant;
use wireline_host::sockets::{Endpoint, InetSocket, Protocol, State};

/// The look before.
#[derive(Default)]
pub(super) struct Watch {
    at: Option<Instant>,
    rows: HashMap<Key, InetSocket>,
}

/// What makes a socket the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Cookie(u64),
    Ends(Protocol, Endpoint, Endpoint, u32, u32),
}

/// From one look to the next. The first has none: all that is there was there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) opened: Vec<InetSocket>,
    pub(super) closed: Vec<InetSocket>,
    pub(super) changed: Vec<Changed>,
    /// Between the two.
    pub(super) elapsed: Duration,
}

/// A socket that is in another state, has other queues, or through which something went.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Changed {
    pub(super) now: InetSocket,
    pub(super) was: State,
    pub(super) rates: Rates,
}

/// Octets a second, of what programs read and what peers have acknowledged. Zero where the kernel does
/// not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rates {
    pub(super) received: u64,
    pub(super) acked: u64,
}

impl Watch {
    /// Compares with the look before, in the order of these rows; what has closed in that of the
    /// kernel's ports.
    pub(super) fn look(&mut self, now: Instant, rows: &[InetSocket]) -> Changes {
        let elapsed = self.at.map_or(Duration::ZERO, |at| now.since(at));
        let is_first = self.at.replace(now).is_none();
        let mut before = std::mem::take(&mut self.rows);
        let mut changes = Changes { elapsed, ..Changes::default() };
        for row in rows {
            let key = Key::of(row);
            match before.remove(&key) {
                Some(old) => changes.changed.extend(Changed::between(&old, row, elapsed)),
                // A row that came twice is none of these.
                None if is_first || self.rows.contains_key(&key) => {}
                None => changes.opened.push(row.clone()),
            }
            self.rows.insert(key, row.clone());
        }
        changes.closed = before.into_values().collect();
        changes.closed.sort_by_key(|row| (row.protocol, row.local, row.remote, row.cookie));
        changes
    }
}

impl Key {
    fn of(row: &InetSocket) -> Self {
        match row.cookie {
            Some(cookie) => Self::Cookie(cookie),
            None => Self::Ends(row.protocol, row.local, row.remote, row.interface, row.inode),
        }
    }
}

impl Changed {
    fn between(old: &InetSocket, new: &InetSocket, elapsed: Duration) -> Option<Self> {
        let rates = Rates::between(old, new, elapsed);
        let is_same = (old.state, old.recv_queue, old.send_queue, old.remote)
            == (new.state, new.recv_queue, new.send_queue, new.remote);
        let is_idle = rates == Rates::default();
        (!is_same || !is_idle).then(|| Self { now: new.clone(), was: old.state, rates })
    }
}

impl Rates {
    fn between(old: &InetSocket, new: &InetSocket, elapsed: Duration) -> Self {
        let rate = |count: fn(&InetSocket) -> Option<u64>| {
            let (Some(old), Some(new)) = (count(old), count(new)) else { return 0 };
            a_second(new.saturating_sub(old), elapsed)
        };
        Self {
            received: rate(|row| row.tcp_info()?.bytes_received()),
            acked: rate(|row| row.tcp_info()?.bytes_acked()),
        }
    }
}

/// Rounded up: where something went through, the rate is not 0.
fn a_second(octets: u64, elapsed: Duration) -> u64 {
    let nanos = elapsed.as_nanos().max(1);
    let rate = (u128::from(octets) * 1_000_000_000).div_ceil(nanos);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice;
    use wireline_host::sockets::{Extra, TcpInfo, Timer};

    fn row(cookie: u64, state: State) -> InetSocket {
        InetSocket {
            protocol: Protocol::Tcp,
            state,
            local: Endpoint { address: "192.0.2.1".parse().unwrap(), port: 80 },
            remote: Endpoint { address: "192.0.2.2".parse().unwrap(), port: 4000 },
            interface: 0,
            cookie: Some(cookie),
            recv_queue: 0,
            send_queue: 0,
            timer: Timer::default(),
            uid: 0,
            inode: 7,
            extra: None,
        }
    }

    /// So many octets were acknowledged and received since the start.
    fn counting(cookie: u64, acked: u64, received: u64) -> InetSocket {
        let mut octets = [0; 280];
        octets[120..128].copy_from_slice(&acked.to_ne_bytes());
        octets[128..136].copy_from_slice(&received.to_ne_bytes());
        let tcp_info = TcpInfo::parse(&octets).map(Box::new);
        let extra = Some(Box::new(Extra { tcp_info, ..Extra::default() }));
        InetSocket { extra, ..row(cookie, State::Established) }
    }

    /// A look every two seconds.
    fn looks(all: &[&[InetSocket]]) -> Changes {
        let mut watch = Watch::default();
        let look =
            |(n, rows): (u64, &&[InetSocket])| watch.look(Instant::from_millis(n * 2000), rows);
        (0..).zip(all).map(look).last().unwrap()
    }

    fn cookies(rows: &[InetSocket]) -> Vec<u64> {
        rows.iter().filter_map(|row| row.cookie).collect()
    }

    #[test]
    fn first_look_changes_nothing() {
        assert_eq!(looks(&[&[row(1, State::Listen)]]), Changes::default());
    }

    #[test]
    fn what_comes_and_goes_is_known_by_its_cookie() {
        let (a, b, c) = (row(1, State::Listen), row(2, State::Listen), row(3, State::Listen));
        let changes = looks(&[&[a, b.clone()], &[b, c]]);
        assert_eq!((cookies(&changes.opened), cookies(&changes.closed)), (vec![3], vec![1]));
        assert_eq!((changes.changed, changes.elapsed), (vec![], Duration::from_secs(2)));
    }

    #[test]
    fn another_connection_with_the_same_ends_is_another() {
        let changes = looks(&[&[row(1, State::Established)], &[row(2, State::Established)]]);
        assert_eq!((cookies(&changes.opened), cookies(&changes.closed)), (vec![2], vec![1]));
    }

    #[test]
    fn state_and_queues_are_compared_and_timers_are_not() {
        let old = row(1, State::SynSent);
        let changes = looks(&[&[row(1, State::SynSent)], &[row(1, State::Established)]]);
        assert_eq!(changes.changed.len(), 1);
        assert_eq!(changes.changed[0].was, State::SynSent);
        assert_eq!((changes.opened.len(), changes.closed.len()), (0, 0));
        let queue = InetSocket { send_queue: 9, ..old.clone() };
        assert_eq!(looks(&[&[row(1, State::SynSent)], &[queue]]).changed.len(), 1);
        let expires = Duration::from_secs(3);
        let timer = InetSocket { timer: Timer { expires, ..Timer::default() }, ..old.clone() };
        assert_eq!(looks(&[&[old], &[timer]]).changed, []);
    }

    #[test]
    fn rates_are_of_the_time_between_two_looks() {
        let changes = looks(&[&[counting(1, 100, 0)], &[counting(1, 2100, 1)]]);
        assert_eq!(changes.changed[0].rates, Rates { acked: 1000, received: 1 });
        assert_eq!(looks(&[&[counting(1, 5, 5)], &[counting(1, 5, 5)]]).changed, []);
        let backwards = looks(&[&[counting(1, 9, 0)], &[counting(1, 5, 0)]]);
        assert_eq!(backwards.changed, [], "a connection that is in TIME_WAIT counts no more");
        let three = looks(&[&[counting(1, 0, 0)], &[counting(1, 8, 0)], &[counting(1, 12, 0)]]);
        assert_eq!(three.changed[0].rates.acked, 2, "since the look before");
    }

    #[test]
    fn rows_without_a_cookie_are_known_by_their_ends() {
        let old = InetSocket { cookie: None, ..row(0, State::SynSent) };
        let new = InetSocket { state: State::Established, ..old.clone() };
        let other = InetSocket { inode: 8, ..old.clone() };
        assert_eq!(looks(&[slice::from_ref(&old), &[new]]).changed.len(), 1);
        assert_eq!(looks(&[&[old], &[other]]).opened.len(), 1);
    }

    #[test]
    fn row_that_comes_twice_is_one() {
        let (a, b) = (row(1, State::Listen), row(2, State::Listen));
        let changes = looks(&[&[a.clone(), a.clone()], &[a.clone(), a, b.clone(), b]]);
        assert_eq!((cookies(&changes.opened), changes.closed.len()), (vec![2], 0));
        assert_eq!(changes.changed, []);
    }
}
