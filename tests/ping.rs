//! `ping`, from its argv to its exit code, on real kernels that nobody else talks to.
//!
//! What it prints is iputils' word for word; what it counts and times is held against a link's own
//! account. `-- --ignored` holds it against iputils itself.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "ping/basics.rs"]
mod basics;
#[path = "ping/common.rs"]
mod common;
#[path = "ping/errors.rs"]
mod errors;
#[path = "ping/flags.rs"]
mod flags;
#[path = "ping/hostile.rs"]
mod hostile;
#[path = "ping/icmp_errors.rs"]
mod icmp_errors;
#[path = "ping/interop.rs"]
mod interop;
#[path = "ping/json.rs"]
mod json;
#[path = "ping/links.rs"]
mod links;
#[path = "ping/many.rs"]
mod many;
#[path = "ping/privilege.rs"]
mod privilege;
#[path = "ping/signals.rs"]
mod signals;
#[path = "ping/sockets.rs"]
mod sockets;
#[path = "ping/usage.rs"]
mod usage;
