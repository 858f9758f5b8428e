//! `handshake`, from argv to its exit code, in networks of its own.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "handshake/check.rs"]
mod check;
#[path = "handshake/client.rs"]
mod client;
#[path = "handshake/common.rs"]
mod common;
#[path = "handshake/equal.rs"]
mod equal;
#[path = "handshake/hostile.rs"]
mod hostile;
#[path = "handshake/interop.rs"]
mod interop;
#[path = "handshake/lab.rs"]
mod lab;
#[path = "handshake/path.rs"]
mod path;
#[path = "handshake/ping.rs"]
mod ping;
#[path = "handshake/read.rs"]
mod read;
#[path = "handshake/scan.rs"]
mod scan;
#[path = "handshake/show.rs"]
mod show;
#[path = "handshake/verdicts.rs"]
mod verdicts;
#[path = "handshake/watch.rs"]
mod watch;

use common::here;

#[test]
fn word_without_a_port_is_a_usage_error() {
    here("example.net").complains(2, &["handshake"]);
}
