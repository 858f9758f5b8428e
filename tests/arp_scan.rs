//! `arp-scan`, from its argv to its exit code, on segments that nobody else is on.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "arp_scan/common.rs"]
mod common;
