//! What `--json` writes.

use std::net::IpAddr;

use serde::Serialize;
use wireline_engine::LatencyReport;

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins.
    Start(Start),
    /// A connection that TLS or HTTP is spoken over has begun.
    Session(Box<crate::session::Session>),
    /// A query left.
    Query(Box<Message>),
    /// A message came that answers it, or a part of a transfer.
    Answer(Box<Answer>),
    /// A transfer is whole.
    Transfer(Transfer),
    /// Something happened on the way.
    Notice(Notice),
    /// The run ends.
    Summary(Summary),
    /// A batch ends.
    #[serde(rename = "summary")]
    Batch(BatchSummary),
}

/// The run begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Version of the schema.
    pub v: u8,
}

/// The other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Its address.
    pub server: IpAddr,
    /// Its port.
    pub port: u16,
    /// What the person, the file or the referral called it.
    pub server_name: String,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// From or to whom.
    #[serde(flatten)]
    pub server: Server,
    /// Over what.
    pub transport: &'static str,
    /// Octets of the message.
    pub size: usize,
    /// Transaction ID.
    pub id: u16,
    /// What kind of query.
    pub opcode: String,
    /// How it ended, by name.
    pub status: String,
    /// And by number, the OPT's bits included.
    pub rcode: u16,
    /// Bits of the header that are set.
    pub flags: Vec<&'static str>,
    /// Whether the bit that must be zero is not.
    pub z: bool,
    /// The OPT.
    pub edns: Option<Edns>,
    /// The questions; of an update its zone.
    pub questions: Vec<Question>,
    /// The answers; of an update its prerequisites.
    pub answers: Vec<Record>,
    /// Who answers for it; of an update its changes.
    pub authority: Vec<Record>,
    /// What may be of use beside, without the OPT and the signature.
    pub additional: Vec<Record>,
    /// The TSIG or SIG(0).
    pub signed_by: Option<Record>,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// From the query to it, in milliseconds.
    pub time_ms: f64,
    /// Whether the COOKIE is an answer to ours; `None` where there is none.
    pub cookie_ok: Option<bool>,
    /// Whether the signature is good; `None` where the query was not signed.
    pub signature_ok: Option<bool>,
    /// Whether a part of it could not be read, and is not here.
    pub malformed: bool,
    /// Octets behind what could be read.
    pub extra: usize,
}

/// The OPT (RFC 6891 §6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edns {
    /// Its version.
    pub version: u8,
    /// Its flags that are set: by name, or where they have none by their hexadecimal number.
    pub flags: Vec<String>,
    /// Octets of the largest datagram that its sender takes.
    pub udp_size: u16,
    /// Its options.
    pub options: Vec<EdnsOption>,
}

/// An option of the OPT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdnsOption {
    /// Its number.
    pub code: u16,
    /// What it says, as text has it: `COOKIE: …`.
    pub text: String,
    /// Its octets in hexadecimal.
    pub hex: String,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// About which name.
    pub name: String,
    /// Of which class.
    pub class: String,
    /// Which records.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Whose it is.
    pub name: String,
    /// Seconds that it may be kept.
    pub ttl: u32,
    /// Its class.
    pub class: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its data as a master file has it.
    pub data: String,
    /// Its octets in hexadecimal, where the data is not understood.
    pub hex: Option<String>,
}

/// The sums of a transfer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transfer {
    /// The question's name as it was typed.
    pub name: String,
    /// And its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// From whom.
    #[serde(flatten)]
    pub server: Server,
    /// Over what.
    pub transport: &'static str,
    /// Records, the last SOA included.
    pub records: u64,
    /// Messages that they came in.
    pub messages: u64,
    /// Octets of the messages.
    pub size: u64,
    /// From the query to the last message, in milliseconds.
    pub time_ms: f64,
}

/// Something that happened on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The question's name as it was typed.
    pub name: String,
    /// And its type.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Which: a word that stays.
    pub kind: &'static str,
    /// What text says of it, which may change.
    pub text: String,
    /// Of which server, where it is one's.
    #[serde(flatten)]
    pub server: Option<Server>,
    /// Octets in hexadecimal, where it is about a message that cannot be read.
    pub hex: Option<String>,
}

/// The run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Questions that were asked.
    pub queries: u64,
    /// Of them answered, whatever the answer says.
    pub answered: u64,
    /// Of them not.
    pub failed: u64,
}

impl Event {
    /// What it is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Session(_) => "session",
            Self::Query(_) => "query",
            Self::Answer(_) => "answer",
            Self::Transfer(_) => "transfer",
            Self::Notice(_) => "notice",
            Self::Summary(_) | Self::Batch(_) => "summary",
        }
    }
}

/// How a batch went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchSummary {
    /// Questions that were asked.
    pub queries: u64,
    /// Of them with an answer.
    pub answered: u64,
    /// Of them not.
    pub failed: u64,
    /// Messages that were sent.
    pub sent: u64,
    /// Of them those that asked again.
    pub retried: u64,
    /// Answers that were cut short, and asked for over TCP.
    pub truncated: u64,
    /// Answers to what had one, or was given up.
    pub late: u64,
    /// Messages that answer no question that was asked.
    pub strange: u64,
    /// Answers that this machine had no room for.
    pub overflowed: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Answers by how they ended.
    pub statuses: Vec<Count>,
    /// Times from the query to the answer.
    pub time: Option<LatencyReport>,
    /// From the first query to the last answer, in milliseconds.
    pub took_ms: f64,
    /// Answers a second.
    pub per_second: u64,
}

/// How many ended so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The response code's name.
    pub status: String,
    /// How many.
    pub count: u64,
}
