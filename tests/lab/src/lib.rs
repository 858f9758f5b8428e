//! Small networks made of namespaces, for end-to-end tests.
//!
//! A [`Lab`] needs no root where user namespaces are allowed, touches nothing outside itself, and
//! is gone when it is dropped, whatever the test did. Addresses are those set aside for
//! documentation and for private use, so that a leak would reach nobody.
#![forbid(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "a test's helper: every failure is a panic")]

mod background;
mod chain;
mod dns;
mod hop;
mod host;
#[cfg(feature = "http")]
pub mod http;
mod lab;
mod labels;
mod link;
mod mesh;
mod path;
mod pathway;
mod probe;
mod program;
mod run;
mod script;
#[cfg(feature = "secure")]
pub mod secure;
pub mod segment;
mod states;
mod target;
mod tcp;
mod texts;
mod truth;
mod watched;
mod wire;

use std::time::Duration;

pub use background::Background;
pub use chain::Chain;
pub use dns::{Asked, Key, NameServer, NameServers, ZoneText};
pub use hop::{Hop, Limit, Mtu, Nat, Quote, Refusal};
pub use host::Host;
pub use lab::{Lab, not_tried};
pub use labels::{Fault, Label, Labels};
pub use link::{Class, Direction, Link, Loss, Rate, Way};
pub use mesh::{Ecmp, Mesh};
pub use nix::sys::signal::Signal;
pub use path::Path;
pub use pathway::Pathway;
pub use probe::{Answer, End, Line, Probe};
pub use program::program;
pub use run::Run;
pub use script::{Action, Event};
pub use target::{Port, Target};
pub use texts::texts;
pub use truth::{Echo, Fate, Frame, GroundTruth};
pub use watched::Watched;
pub use wire::Wire;

/// A test's longest wait for a program, unless it says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// So many milliseconds.
#[must_use]
pub const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}
