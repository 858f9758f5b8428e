//! What a lookup tells. Whoever shows it need ask nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use crate::{Opcode, Question, Transport};

/// A server and what it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    /// What the person, the file or the referral called it.
    pub name: String,
}

/// Something that happened on the way.
#[derive(Clone, Debug)]
pub enum Event {
    /// A query is on its way (`+qr`).
    Sent(Exchanged),
    /// A message to show: the answer, or a part of a transfer.
    Answer(Box<Answer>),
    /// The statistics of an answer. Not after every one: of a transfer there is one, at its end.
    Received(Received),
    /// Something to tell beside.
    Notice(Notice),
    /// A message is made of the name, completed with this domain or, with none, as it is (`-d`).
    Trying {
        /// The domain, as it was written.
        domain: Option<String>,
    },
}

/// One message on the wire.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// Its octets.
    pub octets: Vec<u8>,
    /// From or to whom.
    pub server: Server,
    /// This machine's end, where it is known.
    pub local: Option<SocketAddr>,
    /// Over what.
    pub transport: Transport,
    /// When the query left, since 1970 UTC.
    pub sent: Duration,
    /// When this came, since 1970 UTC; `None` of a query.
    pub received: Option<Duration>,
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
    /// Of a transfer: the sums before this message. All zero: this is the first.
    pub transfer: Option<Transfer>,
    /// What the OPT's COOKIE is, where one was sent and one came (`(good)` or `(bad)`, RFC 7873 §5.3).
    pub cookie: Option<bool>,
    /// A part of it could not be read: what can be is there.
    pub is_malformed: bool,
    /// Another domain of the search list is tried after it (`+showsearch`): dig greets again then.
    pub is_interim: bool,
}

/// The statistics of an answer.
#[derive(Clone, Debug)]
pub struct Received {
    /// From whom.
    pub server: Server,
    /// Over what.
    pub transport: Transport,
    /// From the query to the (last) message.
    pub took: Duration,
    /// When it came, since 1970 UTC.
    pub at: Duration,
    /// Octets of the (last) message.
    pub octets: usize,
    /// Of a transfer: the sums.
    pub transfer: Option<Transfer>,
    /// Whether each signature was good, where the query was signed.
    pub signature: Option<Signature>,
}

/// Whether a signed reply is authentic (RFC 8945 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It is.
    Good,
    /// It is not, or there is none where there must be one.
    Bad,
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
}

/// Why a message was not carried, in BIND's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing within the time.
    #[error("timed out")]
    TimedOut,
    /// Nobody listens.
    #[error("connection refused")]
    Refused,
    /// The connection was reset.
    #[error("connection reset")]
    Reset,
    /// The connection was closed before a whole message came.
    #[error("end of file")]
    EndOfFile,
    /// There is no route.
    #[error("network unreachable")]
    NetworkUnreachable,
    /// The host is not there.
    #[error("host unreachable")]
    HostUnreachable,
    /// The source address is not this machine's.
    #[error("address not available")]
    AddressNotAvailable,
    /// The source port is taken.
    #[error("address in use")]
    AddressInUse,
    /// Not allowed.
    #[error("permission denied")]
    PermissionDenied,
    /// The server's certificate is not good: why.
    #[error("{0}")]
    Certificate(String),
    /// No TLS can be had with the files that were named: why.
    #[error("{0}")]
    TlsContext(String),
    /// The connection is there, but not for what was to be asked: why.
    #[error("{0}")]
    NotForTransfers(&'static str),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// What is told of the way beside answers. The text of dig stands beside each; that of those marked
/// *comment* is not shown with `+nocomments`, that of those marked *error* is a `DIG_ERROR` in YAML, and
/// no other is shown there.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line of dig says what each field is")]
pub enum Notice {
    /// `;; communications error to ADDRESS#PORT: WHY`
    CommunicationError { server: Server, why: Failure },
    /// The command line, where it was not shown yet, and *error* `;; no servers could be reached`
    NoServers,
    /// *error* `;; no servers could be reached`, without the command line
    NoConnection,
    /// *comment* `;; Truncated, retrying in TCP mode.`
    Truncated,
    /// `;; Warning: ID mismatch: expected ID N, got N`; over a connection `;; ERROR: …`, and
    /// `;; WARNING: …` once a transfer has begun
    IdMismatch { expected: u16, got: u16, place: Place },
    /// `;; Warning: short (< header size) message received`; over a connection
    /// `;; ERROR: short (< header size) message`
    ShortMessage { over_connection: bool },
    /// `;; Warning: query response not set`
    NotAResponse,
    /// `;; Warning: Opcode mismatch: expected QUERY, got UPDATE`
    OpcodeMismatch { expected: Opcode, got: Opcode },
    /// `;; ;; Question section mismatch: got NAME/TYPE/CLASS` (the name without its final dot)
    QuestionMismatch { got: Question },
    /// `;; Got bad packet: WHY` and a dump: not in YAML
    BadPacket { octets: Vec<u8>, why: &'static str },
    /// `;; Warning: Message parser reports malformed message packet.`
    Malformed,
    /// *comment* `;; Got SERVFAIL reply from ADDRESS`, with `, trying next server` where there is one
    ServFail { server: Server, is_next: bool },
    /// *comment* `;; BADVERS, retrying with EDNS version N.`
    BadVersion { version: u8 },
    /// *comment* `;; BADCOOKIE, retrying.` or `;; BADCOOKIE, retrying in TCP mode.`
    BadCookie { over_tcp: bool },
    /// `;; Warning: Client COOKIE mismatch`
    CookieMismatch,
    /// `;; Warning: COOKIE bad token (too short)`
    CookieTooShort,
    /// `;; expected opt record in response`
    NoOpt,
    /// `;; Couldn't verify signature: WHY`
    BadSignature { why: crate::tsig::Invalid },
    /// `; Transfer failed.`
    TransferFailed,
    /// `; Transfer failed.  Didn't start with SOA answer.`
    TransferWithoutSoa,
    /// `;; Connection to ADDRESS#PORT(ADDRESS) for NAME failed: WHY.`
    ConnectionFailed { server: Server, question: String, why: Failure },
    /// `;; UDP setup with ADDRESS#PORT(ADDRESS) for NAME failed: WHY.`
    UdpSetupFailed { server: Server, question: String, why: Failure },
    /// `;; TLS peer certificate verification for ADDRESS#PORT failed: WHY`
    BadCertificate { server: Server, why: String },
    /// `;; WHY`: no TLS context
    NoTlsContext { why: String },
    /// *error* `;; zone transfers over the established TLS connection are not allowed: WHY`
    NoTransfersHere { why: &'static str },
    /// `;; Skipping mapped address 'ADDRESS'`
    MappedAddress { server: Server },
    /// `;; No acceptable nameservers`
    NoAcceptableServers,
    /// `;; BAD REFERRAL`: to a zone that is not above the name
    BadReferral,
    /// `;; BAD (HORIZONTAL) REFERRAL`: to the same zone
    HorizontalReferral,
    /// `couldn't get address for 'NAME': WHY`, on stdout, without `;;`
    NoAddress { name: String, why: String },
    /// *error* `;; NS servers could not be reached` (`+nssearch`)
    NoNsServers,
    /// `;; Going on from the built-in root servers.`: who was asked names none (not of dig)
    RootHints,
}

/// Where on the way a reply was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By datagrams: others may come.
    Datagram,
    /// Over a connection: the end of it.
    Connection,
    /// Within a transfer: told and taken.
    Transfer,
}
