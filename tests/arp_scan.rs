//! `arp-scan`, from its argv to its exit code, on segments that nobody else is on.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "arp_scan/arping.rs"]
mod arping;
#[path = "arp_scan/cache.rs"]
mod cache;
#[path = "arp_scan/common.rs"]
mod common;
#[path = "arp_scan/ending.rs"]
mod ending;
#[path = "arp_scan/equal.rs"]
mod equal;
#[path = "arp_scan/explain.rs"]
mod explain;
#[path = "arp_scan/faults.rs"]
mod faults;
#[path = "arp_scan/fingerprint.rs"]
mod fingerprint;
#[path = "arp_scan/found.rs"]
mod found;
#[path = "arp_scan/frames.rs"]
mod frames;
#[path = "arp_scan/hand.rs"]
mod hand;
#[path = "arp_scan/interfaces.rs"]
mod interfaces;
#[path = "arp_scan/interop.rs"]
mod interop;
#[path = "arp_scan/ipv6.rs"]
mod ipv6;
#[path = "arp_scan/offline.rs"]
mod offline;
#[path = "arp_scan/privilege.rs"]
mod privilege;
#[path = "arp_scan/ranges.rs"]
mod ranges;
#[path = "arp_scan/storms.rs"]
mod storms;
#[path = "arp_scan/vendors.rs"]
mod vendors;
#[path = "arp_scan/verdicts.rs"]
mod verdicts;
#[path = "arp_scan/watch.rs"]
mod watch;
