//! TCP seen from outside (RFC 9293): what a connection's segments say of both its ends, what came of an attempt
//! to open one, and the engines that ask.

pub mod battery;
pub mod client;
mod conversation;
mod line;
mod note;
pub mod scan;
mod state;
mod summary;
pub mod tcping;
mod verdict;

pub use conversation::{Conversation, IcmpObserved, Observed};
pub use line::{Caption, IcmpSeen, Inferred, Line, Step};
pub use note::Note;
pub use state::{End, State};
pub use summary::{Agreed, Closing, ConnectionSummary, EndSummary, How, Opening};
pub use verdict::{Refused, Verdict};
