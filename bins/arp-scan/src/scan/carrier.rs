//! Links that are lost while a scan lasts: a packet socket does not say when nobody is at the other end any
//! more, and frames vanish in silence.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsFd as _, BorrowedFd};

use wireline_engine::{Instant, Refusal, Transmit};
use wireline_host::neighbours::{Change, Changes};
use wireline_net::{Channel, Clock, Heard, Outbox, PacketSockets};

use super::ports::{Facts, Way};

/// `ENETDOWN` (errno(3)).
const DOWN: i32 = 100;

/// A frame goes to no address.
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

/// Sockets that tell when a link loses its carrier.
pub(crate) struct Watched {
    pub(crate) sockets: PacketSockets,
    /// `None` where the kernel does not tell: then only what the sockets themselves notice is known.
    changes: Option<Changes>,
    /// The interface of each flow.
    interfaces: Vec<u32>,
    /// Looks at the sockets since the kernel was asked.
    looks: u32,
}

impl Watched {
    pub(crate) fn new(sockets: PacketSockets, changes: Option<Changes>, ways: &[Way]) -> Self {
        let interfaces = ways.iter().map(|way| way.index).collect();
        Self { sockets, changes, interfaces, looks: 0 }
    }

    /// How the links are that changed since.
    fn latest(&mut self) -> BTreeMap<u32, bool> {
        let mut latest = BTreeMap::new();
        while let Some(Ok(Some(change))) = self.changes.as_mut().map(Changes::poll) {
            match change {
                Change::Link(link) => {
                    latest.insert(link.index, link.has_carrier());
                }
                Change::LinkGone(link) => {
                    latest.insert(link.index, false);
                }
                Change::Lost => latest.extend(self.all()),
                Change::Neighbour(_) | Change::NeighbourGone(_) => {}
            }
        }
        latest
    }

    fn all(&self) -> impl Iterator<Item = (u32, bool)> {
        let facts = Facts::read().ok();
        let has_carrier = move |index| facts.as_ref().is_none_or(|facts| facts.has_carrier(index));
        self.interfaces.iter().map(move |index| (*index, has_carrier(*index)))
    }

    fn tell(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let latest = self.latest();
        let is_dead = |index: &u32| latest.get(index) == Some(&false);
        let dead = (0..).zip(&self.interfaces).filter(|(_, index)| is_dead(index));
        let refusal = |flow| Heard::Refusal(Refusal::local(flow, NOBODY, DOWN));
        dead.map(|(flow, _)| heard(Clock.now(), refusal(flow))).count()
    }
}

impl Channel for Watched {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.sockets.send(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        /// What is left unread wakes at once, so that the next looks cost no time.
        const OFTEN: u32 = 8;
        let count = self.sockets.receive(expected, heard);
        self.looks += 1;
        if self.looks < OFTEN {
            return count;
        }
        self.looks = 0;
        count + self.tell(heard)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.fds().chain(self.changes.iter().map(|changes| changes.as_fd()))
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        self.sockets.port(transmit)
    }
}
