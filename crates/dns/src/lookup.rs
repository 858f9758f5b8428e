//! A question's way to its answer: which server is asked next, over what, and when to give up.

mod answer;
mod events;
mod machine;
mod pass;
mod referral;
mod screen;
#[cfg(test)]
mod tests;
mod transfer;

pub use events::{
    Answer, Event, Exchanged, Failure, Notice, Place, Received, Server, Signature, Transfer,
};

pub use machine::Lookup;

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use wireline_engine::Instant;

use crate::tsig::Key;
use crate::{Form, Name, Transport};

/// What is asked of whom, and how patiently.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name as it was typed, or its form in ASCII where it was typed in another script.
    pub name: Vec<u8>,
    /// What the query looks like.
    pub form: Form,
    /// Whom to ask, in this order; ports included.
    pub servers: Vec<Server>,
    /// Over what; UDP goes on over TCP where the reply was cut short.
    pub transport: Transport,
    /// How long one server may take for one message; `None`: five seconds by datagrams, ten over a
    /// connection, as dig has it.
    pub timeout: Option<Duration>,
    /// How many times a server is asked at the most.
    pub tries: u32,
    /// The search list (resolv.conf(5)), where it is used.
    pub search: Option<Search>,
    /// A reply that was cut short is taken as it is (`+ignore`).
    pub ignores_truncation: bool,
    /// SERVFAIL is an answer, no reason to ask the next server (`+fail`).
    pub stops_at_servfail: bool,
    /// BADVERS leads to a query with the server's version (`+ednsnegotiation`).
    pub negotiates_edns: bool,
    /// BADCOOKIE leads to a query with the server's cookie (`+badcookie`).
    pub retries_bad_cookie: bool,
    /// The reply with BADCOOKIE is an event too (`+showbadcookie`).
    pub shows_bad_cookie: bool,
    /// What can be read of a malformed reply is an answer (`+besteffort`).
    pub takes_malformed: bool,
    /// Queries are events too (`+qr`).
    pub shows_queries: bool,
    /// Connections are kept for the next query (`+keepopen`).
    pub keeps_open: bool,
    /// The letters of the name are of any case, and must come back as they were (`+0x20`).
    pub mixes_case: bool,
    /// Signs the queries (RFC 8945).
    pub key: Option<Key>,
    /// The time that signatures are made at, in seconds since 1970 UTC; `None` for now (`+fuzztime`).
    pub signing_time: Option<u64>,
    /// How far it goes.
    pub mode: Mode,
    /// Servers of the root, for a [`Mode::Trace`] to begin at where `servers` do not name any.
    pub root_hints: Vec<Server>,
}

/// How a name that is not absolute is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What is appended, in this order, as it was written.
    pub domains: Vec<String>,
    /// A name with at least so many dots is tried as it is.
    pub ndots: u32,
    /// Answers on the way are events too (`+showsearch`).
    pub shows: bool,
}

/// How far a lookup goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One question, one answer.
    Plain,
    /// From the root on, along the referrals (`+trace`).
    Trace,
    /// The SOA of each of the zone's servers (`+nssearch`).
    NsSearch,
}

/// What a lookup wants next.
#[derive(Debug)]
pub enum Step {
    /// This happened: to be shown.
    Tell(Event),
    /// To be sent. What is heard is handed to [`Heard`]'s taker until that breaks.
    Ask(Ask),
    /// To be sent all at once, by datagrams; each is told by its number.
    AskAll(Vec<Ask>),
    /// The addresses of this host, as the system's resolver has them.
    Resolve(Name),
    /// Nothing: it is over.
    Done(Ending),
}

/// How a lookup ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an answer, whatever it says.
    Answered,
    /// Something came that is no answer, and nothing more was to come; dig's exit code is 0.
    Broken,
    /// Without: exit code 9.
    Unanswered,
    /// It could not begin or go on, and nothing after it either; `dig: why` on stderr.
    Fatal {
        /// Why.
        why: String,
        /// dig's exit code.
        code: u8,
    },
}

/// One query to be carried.
#[derive(Clone, Debug)]
pub struct Ask {
    /// To whom.
    pub server: Server,
    /// Over what.
    pub transport: Transport,
    /// The message, without a length before it.
    pub octets: Vec<u8>,
    /// How long connecting may take, and then a message.
    pub timeout: Duration,
    /// How many messages answer it.
    pub expects: Expects,
    /// Whether the connection is to be kept for what comes next.
    pub keeps_open: bool,
}

/// How many messages answer a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// One; what else comes within the time of the query is no reason to wait longer.
    One,
    /// Many: each has the whole time (RFC 5936 §2.2).
    Transfer,
}

/// What a carrier of messages hears.
#[derive(Debug)]
pub enum Heard<'m> {
    /// There is a socket or a connection, and the query leaves by it now.
    Ready {
        /// Its own end, where it is known.
        local: Option<SocketAddr>,
    },
    /// A message came.
    Message(&'m [u8]),
    /// No socket or connection could be made. The last that is heard.
    Unconnected(Failure),
    /// Nothing came in time, or the connection broke. The last that is heard.
    Failed(Failure),
}

/// Carries one query and tells what is heard, until it is told to break or has told a failure.
///
/// The time of what is heard is the taker's to read: a carrier tells at once. After a break it may keep the
/// connection (`Ask::keeps_open`), and must close it otherwise.
pub trait Carrier {
    /// Carries `ask`.
    fn ask(&mut self, ask: &Ask, heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>);
}

/// Where the two clocks stand: what is told of moments is told in wall time.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The moment now.
    pub now: Instant,
    /// Since 1970 UTC.
    pub wall: Duration,
}
