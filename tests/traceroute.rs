//! `traceroute`, from its argv to its exit code, on kernels and scripted paths that nobody else talks to.
//!
//! What it prints is Linux' traceroute's word for word. `-- --ignored` holds it against that one itself.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "traceroute/common.rs"]
mod common;
#[path = "traceroute/flags.rs"]
mod flags;
#[path = "traceroute/hops.rs"]
mod hops;
#[path = "traceroute/hostile.rs"]
mod hostile;
#[path = "traceroute/interop.rs"]
mod interop;
#[path = "traceroute/json.rs"]
mod json;
#[path = "traceroute/marks.rs"]
mod marks;
#[path = "traceroute/methods.rs"]
mod methods;
#[path = "traceroute/mtu.rs"]
mod mtu;
#[path = "traceroute/nat.rs"]
mod nat;
#[path = "traceroute/paths.rs"]
mod paths;
#[path = "traceroute/report.rs"]
mod report;
#[path = "traceroute/signals.rs"]
mod signals;
#[path = "traceroute/usage.rs"]
mod usage;
#[path = "traceroute/wire.rs"]
mod wire;
