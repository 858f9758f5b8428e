//! DNS messages as octets, their text, and a question's way to its answer as a state machine.
//!
//! What a server says is kept as the octets that came: [`Message`] finds its way through them without
//! copying a record or trusting a length. Nothing here opens a socket, reads a clock or draws a random
//! number. Signatures of DNSSEC are checked by `hickory-proto`; queries are written and messages read here, so that
//! each octet of a query can be chosen, and a malformed reply still be shown.
#![forbid(unsafe_code)]

pub mod batch;
pub mod delegation;
pub mod idn;
mod kinds;
pub mod lookup;
mod message;
mod name;
pub mod present;
mod query;
mod resolv_conf;
mod root;
pub mod tsig;
pub mod validate;

pub use kinds::{Class, Opcode, Rcode, RecordType};
pub use message::{Fault, FaultKind, Header, Message, Question, Rdata, Reader, Record, Section};
pub use name::{Name, NameError};
pub use query::{Cookie, Edns, Form, Transport, encode};
pub use resolv_conf::{Malformed, ResolvConf};
pub use root::ROOT_SERVERS;
