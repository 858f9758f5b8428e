//! What a channel carries, listened in on.
//!
//! Changes nothing of it.

use std::cell::RefCell;
use std::os::fd::BorrowedFd;
use std::rc::Rc;

use rustix::event::PollFd;
use wireline_engine::{Instant, Transmit};
use wireline_net::{Channel, Clock, Heard, Outbox};

use super::save::Save;
use crate::explain::Pairs;

/// A channel, and who wants to know of its frames.
pub(crate) struct Tap<C> {
    pub(crate) channel: C,
    /// `--pcapsavefile`.
    pub(crate) save: Option<Save>,
    /// `--explain`.
    pub(crate) pairs: Option<Rc<RefCell<Pairs>>>,
}

impl<C: Channel> Channel for Tap<C> {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        if let Some(pairs) = &self.pairs {
            outbox.iter().for_each(|(_, frame)| pairs.borrow_mut().sent(frame));
        }
        self.channel.send(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let Self { channel, save, pairs } = self;
        if save.is_none() && pairs.is_none() {
            return channel.receive(expected, heard);
        }
        let (now, wall) = (Clock.now(), Clock.wall());
        channel.receive(expected, &mut |at, what| {
            if let Heard::Reply(reply) = &what {
                let age = reply.at.map_or_else(Default::default, |at| now - at);
                if let Some(save) = save {
                    save.frame(wall.saturating_sub(age), reply.contents);
                }
                if let Some(pairs) = pairs {
                    pairs.borrow_mut().received(reply.contents);
                }
            }
            heard(at, what);
        })
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.channel.fds()
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.channel.polled()
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        self.channel.port(transmit)
    }
}
