//! `dig`, from its argv to its exit code, on name servers that nobody else asks.
//!
//! What it prints is BIND's dig word for word. `-- --ignored` holds it against Debian's dig, on Debian's servers.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "dig/basics.rs"]
mod basics;
#[path = "dig/batch.rs"]
mod batch;
#[path = "dig/common.rs"]
mod common;
#[path = "dig/compare.rs"]
mod compare;
#[path = "dig/exit_codes.rs"]
mod exit_codes;
#[path = "dig/explain.rs"]
mod explain;
#[path = "dig/files.rs"]
mod files;
#[path = "dig/hostile.rs"]
mod hostile;
#[path = "dig/interop.rs"]
mod interop;
#[path = "dig/mask.rs"]
mod mask;
#[path = "dig/readers.rs"]
mod readers;
#[path = "dig/search.rs"]
mod search;
#[path = "dig/secure.rs"]
mod secure;
#[path = "dig/servers.rs"]
mod servers;
#[path = "dig/trace.rs"]
mod trace;
#[path = "dig/transfers.rs"]
mod transfers;
#[path = "dig/validate.rs"]
mod validate;
