//! Sockets, the clock and the poll loop.
//!
//! What the rest of the workspace may not do is done here: ask the kernel for the time, open
//! sockets, wait. Unsafe code is confined to `sys.rs`.

mod clock;
mod drive;
mod entropy;
mod error;
mod icmp;
mod icmp_options;
mod icmp_setup;
mod ledger;
mod privilege;
mod route;
mod signals;
#[expect(unsafe_code, reason = "ancillary data has no safe interface in socket2 or rustix")]
mod sys;

pub use clock::Clock;
pub use drive::{Channel, Heard, Outbox, Sink, drive};
pub use entropy::seed;
pub use error::{Error, Result};
pub use icmp::{Family, IcmpSocket, IcmpSockets};
pub use icmp_options::{IcmpOptions, PathMtu, Stamps};
pub use privilege::{drop_privileges, is_superuser};
pub use route::{NoRoute, Via, is_local, source_address};
pub use signals::Signals;
