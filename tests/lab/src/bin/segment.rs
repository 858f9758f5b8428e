//! `wireline-segment`: everybody on a segment but the scanner, played by one program.
//!
//! It reads Ethernet frames from one interface through a packet socket and answers ARP requests as it is
//! told. It speaks first only when it is told to, and ends when its stdin does.
//!
//! ```text
//! wireline-segment INTERFACE SCANNER LOG WORLD
//! ```
//!
//! SCANNER is a link-layer address, WORLD a [`wireline_lab::segment::World`] in JSON; LOG gets a line for
//! each ARP message that came: nanoseconds since 1970, and the frame in hexadecimal. It says `ready`; each
//! line on its stdin is a [`wireline_lab::segment::Order`] in JSON, and gets `done`.
#![forbid(unsafe_code)]

#[path = "../linkem/clock.rs"]
#[expect(dead_code, reason = "a link tells more times than a segment")]
mod clock;
#[path = "../segment/serve/crowd.rs"]
mod crowd;
#[path = "../segment/serve/flood.rs"]
mod flood;
#[path = "../segment/serve/frame.rs"]
mod frame;
#[path = "../segment/serve/hostile.rs"]
mod hostile;
#[path = "../linkem/port.rs"]
mod port;
#[path = "../segment/serve/run.rs"]
mod run;
#[path = "../strange/schedule.rs"]
mod schedule;
#[path = "../linkem/waiting.rs"]
mod waiting;

use std::fs::File;
use std::io::{self, Write as _};

use wireline_lab::segment::{Order, World};

use crate::port::Port;
use crate::run::Run;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [interface, scanner, log, world] = args.as_slice() else {
        return Err(io::Error::other("wireline-segment INTERFACE SCANNER LOG WORLD"));
    };
    let world: World = serde_json::from_str(world)?;
    let mut run = Run::new(Port::open(interface)?, File::create(log)?, mac(scanner)?);
    world.claims.into_iter().for_each(|claim| run.obey(Order::Claim(claim)));
    writeln!(io::stdout(), "ready")?;
    run.set_flood(world.flood);
    run.run()
}

fn mac(text: &str) -> io::Result<[u8; 6]> {
    let octets = data_encoding::HEXLOWER.decode(text.replace(':', "").as_bytes());
    let octets = octets.map_err(io::Error::other)?;
    octets.try_into().map_err(|_| io::Error::other("a link-layer address"))
}
