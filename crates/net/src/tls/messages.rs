use wireline_engine::Instant;

use super::{Broken, TlsStream};

/// Messages over a session, each with two octets of length before it (RFC 1035 §4.2.2, RFC 7858
/// §3.3): many may be under way, and answers come in any order.
pub struct Messages {
    stream: TlsStream,
    /// How much of what came has been handed out.
    read: usize,
}

impl Messages {
    /// Over this one.
    #[must_use]
    pub const fn new(stream: TlsStream) -> Self {
        Self { stream, read: 0 }
    }

    /// The session under it: its facts, what to poll for, whether it is congested.
    #[must_use]
    pub const fn stream(&self) -> &TlsStream {
        &self.stream
    }

    /// Puts a message behind what is to be sent. `false`: it is longer than 65535 octets, and is not
    /// sent.
    #[must_use]
    pub fn queue(&mut self, message: &[u8]) -> bool {
        let Ok(length) = u16::try_from(message.len()) else { return false };
        self.stream.queue(&length.to_be_bytes());
        self.stream.queue(message);
        true
    }

    /// Sends what the socket takes and reads what is there. Never waits.
    pub fn turn(&mut self) -> Result<(), Broken> {
        self.stream.turn()
    }

    /// The next message that is there whole.
    pub fn pop(&mut self) -> Option<&[u8]> {
        let came = self.stream.incoming.get(self.read..)?;
        let Some(end) = end_of_first(came) else {
            self.forget();
            return None;
        };
        let from = self.read + 2;
        self.read += end;
        self.stream.incoming.get(from..self.read)
    }

    /// Waits for the next message, after sending what was queued.
    pub fn receive(&mut self, deadline: Instant) -> Result<&[u8], Broken> {
        self.stream.turn()?;
        while self.stream.incoming.get(self.read..).and_then(end_of_first).is_none() {
            self.forget();
            self.stream.receive(deadline)?;
        }
        self.pop().ok_or(Broken::Closed)
    }

    /// Whether no more will come: it was closed, and no whole message is left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let rest = self.stream.incoming.get(self.read..);
        self.stream.is_closed() && rest.and_then(end_of_first).is_none()
    }

    /// Says goodbye.
    pub fn close(&mut self) {
        self.stream.close();
    }

    fn forget(&mut self) {
        self.stream.incoming.drain(..self.read);
        self.read = 0;
    }
}

/// Where the first message ends, its length included, if it is whole.
fn end_of_first(came: &[u8]) -> Option<usize> {
    let length = came.first_chunk::<2>().map(|two| usize::from(u16::from_be_bytes(*two)))?;
    (came.len() >= 2 + length).then_some(2 + length)
}
