//! Bytes to typed packets and back.
//!
//! Two rules hold for every module here:
//!
//! - *Parsing is total.* A parser takes any bytes whatever and answers `Ok` or [`Error`]; it never
//!   panics. What arrives inside an ICMP error was written by a stranger, so no length field is
//!   believed until it has been compared with the buffer.
//! - *Emitting cannot fail.* `emit` takes a value whose type already rules out bad input.
//!
//! All integers are host order in our types and network order on the wire.
#![forbid(unsafe_code)]

pub mod arp;
pub mod capture;
pub mod checksum;
mod echo;
mod error;
pub mod ethernet;
pub mod icmp_ext;
pub mod icmpv4;
pub mod icmpv6;
pub mod ipv4;
pub mod ipv6;
pub mod layers;
mod mac;
pub mod ndp;
#[cfg(test)]
mod noise;
pub mod protocol;
pub mod proxy;
mod pseudo;
pub mod quoted;
mod reason;
pub mod tcp;
pub mod udp;

pub use echo::EchoId;
pub use error::{Error, Result};
pub use mac::{BadMac, Mac};
pub use reason::reason;
