//! Ask name servers, over every transport.
#![forbid(unsafe_code)]

mod clock;
pub mod event;
mod exit;
pub mod greeting;
mod json;
pub mod key;
mod layout;
mod message_text;
mod notice;
mod notice_kind;
pub mod options;
mod printer;
mod short;
mod shown;
mod state;
mod statistics;
mod yaml;

#[cfg(test)]
mod replay_tests;
