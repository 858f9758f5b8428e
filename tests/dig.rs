//! `dig`, from its argv to its exit code, on name servers that nobody else asks.
//!
//! What it prints is BIND's dig word for word. `-- --ignored` holds it against Debian's dig, on Debian's servers.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "dig/common.rs"]
mod common;
#[path = "dig/interop.rs"]
mod interop;
#[path = "dig/mask.rs"]
mod mask;
#[path = "dig/servers.rs"]
mod servers;
