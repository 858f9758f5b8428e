//! Ask name servers, over every transport.
#![forbid(unsafe_code)]

pub mod greeting;
pub mod key;
pub mod options;
mod state;
