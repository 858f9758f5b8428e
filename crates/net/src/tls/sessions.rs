//! Many messages over TLS, a session for each flow, opened when it is needed.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::event::PollFd;
use wireline_engine::{Instant, Refusal, Transmit};

use super::{Broken, Messages};
use crate::mmsg::reply;
use crate::{Channel, Clock, Heard, Outbox};

/// Opens the session of a flow, to an address. Waits for the handshake.
pub type Open<'a> = dyn FnMut(u32, SocketAddr) -> io::Result<Messages> + 'a;

/// A session for each flow. One that breaks is told as a refusal, and opened again for the next message.
pub struct Sessions<'a> {
    open: Box<Open<'a>>,
    sessions: BTreeMap<u32, (Messages, SocketAddr)>,
}

impl<'a> Sessions<'a> {
    /// None yet.
    #[must_use]
    pub fn new(open: Box<Open<'a>>) -> Self {
        Self { open, sessions: BTreeMap::new() }
    }

    /// Opens one before it is needed, so that whoever asks learns at once why it cannot be.
    pub fn prepare(&mut self, flow: u32, to: SocketAddr) -> io::Result<()> {
        let messages = (self.open)(flow, to)?;
        self.sessions.insert(flow, (messages, to));
        Ok(())
    }

    fn queue(&mut self, transmit: &Transmit, contents: &[u8]) -> io::Result<()> {
        let to = transmit.destination;
        if self.sessions.get(&transmit.flow).is_none_or(|(_, peer)| *peer != to) {
            self.prepare(transmit.flow, to)?;
        }
        let session = self.sessions.get_mut(&transmit.flow);
        let queued = session.is_some_and(|(messages, _)| messages.queue(contents));
        let too_long = || io::Error::from_raw_os_error(libc::EMSGSIZE);
        if queued { Ok(()) } else { Err(too_long()) }
    }
}

impl Channel for Sessions<'_> {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        for (transmit, contents) in outbox.iter() {
            if let Err(why) = self.queue(transmit, contents) {
                heard(Clock.now(), Heard::Unsent(transmit, &why));
            }
        }
    }

    fn receive(&mut self, _expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let mut count = 0;
        self.sessions.retain(|flow, (messages, peer)| {
            let state = messages.turn();
            let now = Clock.now();
            while let Some(contents) = messages.pop() {
                heard(now, Heard::Reply(reply(*flow, *peer, contents)));
                count += 1;
            }
            let errno = match state {
                Ok(()) if !messages.is_over() => return true,
                Err(Broken::Socket(why)) => why.raw_os_error(),
                _ => None,
            };
            let refusal = Refusal::local(*flow, *peer, errno.unwrap_or(libc::ECONNRESET));
            heard(now, Heard::Refusal(refusal));
            count += 1;
            false
        });
        count
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sessions.values().map(|(messages, _)| messages.stream().as_fd())
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.sessions.values().map(|(messages, _)| messages.stream().polled())
    }
}

impl Drop for Sessions<'_> {
    fn drop(&mut self) {
        self.sessions.values_mut().for_each(|(messages, _)| messages.close());
    }
}
