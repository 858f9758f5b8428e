//! `wireline-path`: a path of routers and what is at its end, played by one program.
//!
//! It reads Ethernet frames from one interface through a packet socket and answers those that are
//! probes. It never speaks first, has no address that its kernel knows of, and ends when its stdin
//! does.
//!
//! ```text
//! wireline-path INTERFACE LOG PATH
//! ```
//!
//! PATH is a [`wireline_lab::Path`] in JSON; LOG gets a [`wireline_lab::Line`] in JSON a line.
#![forbid(unsafe_code)]

#[path = "../linkem/clock.rs"]
mod clock;
#[path = "../linkem/edit.rs"]
#[cfg_attr(not(test), expect(dead_code, reason = "a link damages frames, a path does not"))]
mod edit;
#[path = "../router/error.rs"]
mod error;
#[path = "../linkem/headers.rs"]
mod headers;
#[path = "../router/packet.rs"]
mod packet;
#[path = "../linkem/port.rs"]
mod port;
#[path = "../router/run.rs"]
mod run;
#[path = "../strange/schedule.rs"]
mod schedule;
#[path = "../router/sight.rs"]
mod sight;
#[path = "../router/strangers.rs"]
mod strangers;
#[path = "../router/target.rs"]
mod target;
#[path = "../linkem/waiting.rs"]
mod waiting;
#[path = "../router/world.rs"]
mod world;

use std::fs::File;
use std::io::{self, Write as _};

use crate::port::Port;
use crate::run::Run;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [interface, log, path] = args.as_slice() else {
        return Err(io::Error::other("wireline-path INTERFACE LOG PATH"));
    };
    let port = Port::open(interface)?;
    let mut run = Run::new(serde_json::from_str(path)?, port, File::create(log)?);
    writeln!(io::stdout(), "ready")?;
    run.run()
}
