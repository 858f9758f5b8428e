//! `wireline-linkem`: a link between two interfaces, with the faults it is told to have.
//!
//! It stands in the middle of two hosts of a lab and relays Ethernet frames through packet
//! sockets. It has no address, answers nothing, and ends when its stdin does.
//!
//! ```text
//! wireline-linkem INTERFACE_A INTERFACE_B LOG LINK
//! ```
//!
//! LINK is a [`wireline_lab::Link`] in JSON; LOG gets a [`wireline_lab::Frame`] in JSON a line.
#![forbid(unsafe_code)]

#[path = "../linkem/chance.rs"]
mod chance;
#[path = "../linkem/clock.rs"]
mod clock;
#[path = "../linkem/edit.rs"]
mod edit;
#[path = "../linkem/headers.rs"]
mod headers;
#[path = "../linkem/lane.rs"]
mod lane;
#[path = "../linkem/port.rs"]
mod port;
#[path = "../linkem/relay.rs"]
mod relay;
#[path = "../linkem/schedule.rs"]
mod schedule;
#[path = "../linkem/waiting.rs"]
mod waiting;

use std::fs::File;
use std::io::{self, Write as _};

use crate::port::Port;
use crate::relay::Relay;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [a, b, log, link] = args.as_slice() else {
        return Err(io::Error::other("wireline-linkem INTERFACE_A INTERFACE_B LOG LINK"));
    };
    let ports = [Port::open(a)?, Port::open(b)?];
    let mut relay = Relay::new(serde_json::from_str(link)?, ports, File::create(log)?);
    writeln!(io::stdout(), "ready")?;
    relay.run()
}
