//! What is sent without a carrier is lost, and most kernels say nothing: whoever asks whether an address is free
//! would hear that it is.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::PollFd;
use wireline_engine::Instant;
use wireline_net::{Channel, Clock, Heard, Outbox, PacketSockets};

use super::interface::Interfaces;

/// The sockets, behind a look at the carrier before each frame: there is about one a second.
pub(crate) struct Carried {
    pub(crate) sockets: PacketSockets,
    pub(crate) interfaces: Interfaces,
    /// Number of the interface.
    pub(crate) index: u32,
}

impl Channel for Carried {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        if self.interfaces.has_carrier(self.index) {
            return self.sockets.send(outbox, heard);
        }
        let why = io::Error::other("no carrier");
        for (transmit, _) in outbox.iter() {
            heard(Clock.now(), Heard::Unsent(transmit, &why));
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        self.sockets.receive(expected, heard)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.fds()
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.sockets.polled()
    }
}
