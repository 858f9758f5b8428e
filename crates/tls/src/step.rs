use std::time::Duration;

/// A message of TLS's handshake, or what was made of one (RFC 8446 §4): when its octets came or went, and when that was
/// dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When its last octet came, or it was handed to the socket. On the clock that the recorder was given.
    pub at: Duration,
    /// From there until it was dealt with, where that is known.
    pub took: Option<Duration>,
    /// Whether we sent it.
    pub sent: bool,
    /// What it is.
    pub what: What,
    /// Octets: of a message in the clear with its header, of an encrypted record with its own; 0 of a message that is in
    /// such a record, and of what is no message.
    pub octets: usize,
}

impl Step {
    /// Whether it can come when the handshake is over (RFC 8446 §4.6), and does not begin one.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        !self.sent
            && matches!(self.what, What::Message(_, 4 | 24) | What::Encrypted | What::Alert(_))
    }
}

/// What a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A message, by its name in RFC 8446 §4 or RFC 5246 §7.4, with its number: `ServerHello`, 2.
    Message(&'static str, u8),
    /// A record whose messages are encrypted.
    Encrypted,
    /// The chain was checked: how many certificates.
    ChainChecked(usize),
    /// `ChangeCipherSpec`.
    ChangeCipherSpec,
    /// An alert, by its name in RFC 8446 §6.
    Alert(String),
    /// Keys of this label are there (SSLKEYLOGFILE's labels).
    Keys(String),
    /// It is done: `Full`, `FullWithHelloRetryRequest` or `Resumed`.
    Done(String),
}
