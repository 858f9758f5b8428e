//! `handshake`, from argv to its exit code, in networks of its own.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "handshake/client.rs"]
mod client;
#[path = "handshake/common.rs"]
mod common;
#[path = "handshake/equal.rs"]
mod equal;
