//! A question's way to its answer: which server is asked next, over what, and when to give up.

use std::net::SocketAddr;
use std::time::Duration;

use crate::Transport;

/// A server and what it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    /// What the person called it.
    pub name: String,
}

/// Something that happened on the way.
#[derive(Clone, Debug)]
pub enum Event {
    /// A query is on its way.
    Sent(Exchanged),
    /// A message that is the answer, or a part of a transfer.
    Answer(Box<Answer>),
    /// Something to tell beside.
    Notice(Notice),
}

/// One message on the wire.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// Its octets.
    pub octets: Vec<u8>,
    /// From or to whom.
    pub server: Server,
    /// Over what.
    pub transport: Transport,
}

/// An answer and how it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The message.
    pub message: Exchanged,
    /// From the query to it.
    pub took: Duration,
    /// What of a signature, where the query was signed.
    pub signature: Option<Signature>,
    /// Of a transfer: the sums so far, this message included.
    pub transfer: Option<Transfer>,
}

/// Whether a signed reply is authentic (RFC 8945 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It is.
    Good,
    /// It is not, or there is none where there must be one.
    Bad(crate::Rcode),
}

/// What a transfer has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Messages.
    pub messages: u64,
    /// Records, the SOA at the end among them.
    pub records: u64,
    /// Octets of the messages.
    pub octets: u64,
    /// Whether this is the last message.
    pub is_whole: bool,
}

/// What is told of the way beside answers.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Nothing came in time, or the connection failed.
    CommunicationError { server: Server, why: String },
    /// No server gave an answer.
    NoServers,
    /// The reply was cut short: asked again over TCP.
    Truncated,
    /// A datagram with another ID.
    IdMismatch { expected: u16, got: u16 },
    /// A reply to another question.
    QuestionMismatch { got: crate::Question },
    /// A datagram from another address.
    UnexpectedSource { from: SocketAddr, expected: SocketAddr },
    /// A message that cannot be read, whole.
    BadPacket { octets: Vec<u8>, why: String },
    /// A message of which a part cannot be read; its rest follows.
    Malformed,
    /// This server's reply is not taken, the next one is asked.
    TryingNext { server: Server, rcode: crate::Rcode },
    /// Asked again with this version.
    BadVersion { version: u8 },
    /// Asked again with the server's cookie; over TCP where it was refused before.
    BadCookie { over_tcp: bool },
    /// A transfer was refused or broke.
    TransferFailed,
    /// A connection could not be made.
    ConnectionFailed { server: Server, question: String, why: String },
    /// A datagram could not be sent.
    UdpSetupFailed { server: Server, question: String, why: String },
    /// An IPv4-mapped address is passed over.
    MappedAddress { server: Server },
    /// All addresses were passed over.
    NoAcceptableServers,
    /// A name of the search list that was not there (`+showsearch` shows its answers).
    Failed(String),
}
