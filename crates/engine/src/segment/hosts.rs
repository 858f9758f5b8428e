use std::net::Ipv4Addr;

use wireline_packet::Mac;

use super::Port;
use crate::Instant;

/// What is known of one host: 24 octets, so that a /16 takes 1.5 MB.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// When the last request left.
    pub(super) asked: Instant,
    /// How many answers there were.
    pub(super) answers: u64,
    /// Whose the first answer was.
    pub(super) mac: Mac,
    /// Requests so far, and what the bits below say.
    bits: u16,
}

/// What else is known of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It is not asked any more: it answered, or was given up.
    Settled = 1 << 10,
    /// It is one of this machine's own.
    Own = 1 << 11,
    /// Others claim its address.
    Claimed = 1 << 12,
    /// That frame and message differ was told.
    Mismatched = 1 << 13,
    /// It answered before it was asked: whoever said so may not be who would have answered.
    Unasked = 1 << 14,
}

impl State {
    const TRIES: u16 = (1 << 10) - 1;

    /// Requests so far.
    pub(super) const fn tries(self) -> u32 {
        (self.bits & Self::TRIES) as u32
    }

    pub(super) const fn has(self, mark: Mark) -> bool {
        self.bits & mark as u16 != 0
    }

    pub(super) const fn set(&mut self, mark: Mark) {
        self.bits |= mark as u16;
    }

    pub(super) const fn clear(&mut self, mark: Mark) {
        self.bits &= !(mark as u16);
    }

    pub(super) const fn ask(&mut self, now: Instant) {
        self.asked = now;
        if self.bits & Self::TRIES < Self::TRIES {
            self.bits += 1;
        }
    }

    /// The last request did not leave.
    pub(super) const fn unask(&mut self) {
        if self.bits & Self::TRIES > 0 {
            self.bits -= 1;
        }
    }
}

/// The states of all hosts, and which number stands for which address of which port.
#[derive(Debug)]
pub(super) struct Hosts {
    states: Vec<State>,
    /// The number of each port's first host.
    bases: Vec<u32>,
    /// Hosts that are not settled.
    pub(super) open: u32,
}

impl Hosts {
    /// Room for the targets of all ports. Past 2³² − 1 there is none.
    pub(super) fn new(ports: &[Port]) -> Self {
        let mut count = 0_u32;
        let bases = ports.iter().map(|port| {
            let base = count;
            count = count.saturating_add(u32::try_from(port.targets.len()).unwrap_or(u32::MAX));
            base
        });
        let bases = bases.collect();
        let states = vec![State::default(); usize::try_from(count).unwrap_or(0)];
        Self { states, bases, open: count }
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.states.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, host: u32) -> Option<&State> {
        self.states.get(usize::try_from(host).ok()?)
    }

    pub(super) fn get_mut(&mut self, host: u32) -> Option<&mut State> {
        self.states.get_mut(usize::try_from(host).ok()?)
    }

    /// The port by which a host is asked.
    pub(super) fn port(&self, host: u32) -> usize {
        // A port without targets has the base of the next one: the last with it is meant.
        self.bases.partition_point(|base| *base <= host).saturating_sub(1)
    }

    /// The port by which a host is asked, and its address.
    pub(super) fn place(&self, ports: &[Port], host: u32) -> Option<(usize, Ipv4Addr)> {
        let place = self.port(host);
        let position = host.checked_sub(*self.bases.get(place)?)?;
        Some((place, ports.get(place)?.targets.get(position.into())?))
    }

    /// The host that an address is at a port.
    pub(super) fn find(&self, ports: &[Port], port: usize, address: Ipv4Addr) -> Option<u32> {
        let position = ports.get(port)?.targets.position(address)?;
        let host = self.bases.get(port)?.checked_add(u32::try_from(position).ok()?)?;
        (host < self.count()).then_some(host)
    }

    /// The hosts of a port.
    pub(super) fn of_port(&self, port: usize) -> std::ops::Range<u32> {
        let at = |port: usize| self.bases.get(port).copied().unwrap_or(self.count());
        at(port)..at(port + 1)
    }

    /// All hosts by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &State)> {
        (0..).zip(&self.states)
    }

    /// Takes a host out of those that are asked, if it is one of them.
    pub(super) fn settle(&mut self, host: u32) {
        if let Some(state) = self.get_mut(host).filter(|state| !state.has(Mark::Settled)) {
            state.set(Mark::Settled);
            self.open -= 1;
        }
    }

    /// Puts a host that was given up back among those that are asked.
    pub(super) fn reopen(&mut self, host: u32) {
        if let Some(state) = self.get_mut(host).filter(|state| state.has(Mark::Settled)) {
            state.clear(Mark::Settled);
            self.open += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Span, Targets};
    use super::*;

    #[test]
    fn state_takes_24_octets() {
        assert_eq!(size_of::<State>(), 24);
    }

    #[test]
    fn numbers_and_addresses_belong_together_at_every_port() {
        let port = |spans: &[(u8, u8)]| {
            let address = |last| Ipv4Addr::new(192, 0, 2, last);
            let spans = spans.iter().map(|(a, b)| Span::new(address(*a), address(*b)));
            Port { targets: spans.collect::<Targets>(), ..Port::default() }
        };
        let ports = [port(&[]), port(&[(9, 9), (1, 3)]), port(&[]), port(&[(7, 8)]), port(&[])];
        let hosts = Hosts::new(&ports);
        let places: Vec<_> = (0..hosts.count())
            .map(|host| {
                let (port, address) = hosts.place(&ports, host).unwrap();
                assert_eq!(hosts.find(&ports, port, address), Some(host));
                assert!(hosts.of_port(port).contains(&host));
                (port, address.octets()[3])
            })
            .collect();
        assert_eq!(places, [(1, 9), (1, 1), (1, 2), (1, 3), (3, 7), (3, 8)]);
        assert_eq!(hosts.place(&ports, 6), None);
        assert_eq!(hosts.find(&ports, 0, Ipv4Addr::new(192, 0, 2, 9)), None);
        assert_eq!(hosts.find(&ports, 9, Ipv4Addr::new(192, 0, 2, 9)), None);
    }

    #[test]
    fn requests_are_counted_up_to_the_room_for_them() {
        let mut state = State::default();
        state.set(Mark::Own);
        for _ in 0..2000 {
            state.ask(Instant::ZERO);
        }
        assert_eq!(
            (state.tries(), state.has(Mark::Own), state.has(Mark::Settled)),
            (1023, true, false)
        );
        (0..2000).for_each(|_| state.unask());
        assert_eq!((state.tries(), state.has(Mark::Own)), (0, true));
    }
}
