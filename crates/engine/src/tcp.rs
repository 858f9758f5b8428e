//! TCP seen from outside (RFC 9293): what a connection's segments say of both its ends, what came of an attempt
//! to open one, and the engines that ask.

pub mod client;
mod conversation;
pub mod scan;
mod state;
pub mod tcping;
mod verdict;

pub use conversation::{Conversation, Observed, Step};
pub use state::{End, State};
pub use verdict::{Refused, Verdict};
