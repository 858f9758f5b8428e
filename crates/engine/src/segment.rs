//! Who is on a segment: every address is asked, what is silent is asked again, and answers are compared.
//!
//! Frames stand for datagrams: [`Transmit::destination`](crate::Transmit) is `0.0.0.0:0`, `flow` is the
//! number of the interface in `Config::ports`, and contents are whole Ethernet frames, a VLAN's tag
//! included, in both directions.

mod event;

pub use event::{Event, Finding, Heard, Host, MacKind, Source, Summary};
