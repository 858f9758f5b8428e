use std::io::{self, Write};
use std::time::Duration;

use super::{
    END_OF_OPTIONS, ENHANCED_PACKET, FRAME, INTERFACE, LONGEST, NAME, ORDER, RESOLUTION, SECTION,
};
use crate::layers::{Direction, LinkType};

/// Options: a comment to anything (§3.5), the writer's name (§4.1), flags of a packet (§4.3.1).
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const FLAGS: u16 = 2;

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
        const VERSION: [u16; 2] = [1, 0];
        let mut body = ORDER.to_ne_bytes().to_vec();
        VERSION.iter().for_each(|number| body.extend(number.to_ne_bytes()));
        // Nobody knows how long the section will be.
        body.extend(u64::MAX.to_ne_bytes());
        append_option(&mut body, APPLICATION, application.as_bytes());
        end_options(&mut body);
        let mut writer = Self { output, interfaces: 0 };
        writer.block(SECTION, &body)?;
        Ok(writer)
    }

    /// Describes an interface, and says what number it has. `most` octets of a frame are kept, 0 for all.
    pub fn interface(&mut self, link: LinkType, name: &str, most: u32) -> io::Result<u32> {
        /// Nanoseconds: ten to the minus ninth.
        const NANOSECONDS: u8 = 9;
        let mut body = link.0.to_ne_bytes().to_vec();
        body.extend([0, 0]);
        body.extend(most.to_ne_bytes());
        if !name.is_empty() {
            append_option(&mut body, NAME, name.as_bytes());
        }
        append_option(&mut body, RESOLUTION, &[NANOSECONDS]);
        end_options(&mut body);
        self.block(INTERFACE, &body)?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Writes a frame. One of an interface that was not described is refused (`InvalidInput`): no reader would
    /// take it.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        if packet.interface >= self.interfaces {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let most = packet.contents.len().min(LONGEST as usize);
        let contents = packet.contents.get(..most).unwrap_or_default();
        let kept = u32::try_from(contents.len()).unwrap_or(LONGEST);
        let at = u64::try_from(packet.at.as_nanos()).unwrap_or(u64::MAX);
        // Half of 64 bits each.
        let [high, low] = [at >> 32, at & 0xffff_ffff].map(|half| half as u32);
        let mut body = Vec::with_capacity(contents.len() + 64);
        for word in [packet.interface, high, low, kept, packet.length.max(kept)] {
            body.extend(word.to_ne_bytes());
        }
        append_padded(&mut body, contents);
        if packet.direction != Direction::Unknown {
            let flags: u32 = if packet.direction == Direction::In { 1 } else { 2 };
            append_option(&mut body, FLAGS, &flags.to_ne_bytes());
        }
        if !packet.comment.is_empty() {
            append_option(&mut body, COMMENT, packet.comment.as_bytes());
        }
        if packet.direction != Direction::Unknown || !packet.comment.is_empty() {
            end_options(&mut body);
        }
        self.block(ENHANCED_PACKET, &body)
    }

    /// Hands what was written to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).saturating_add(FRAME);
        self.output.write_all(&kind.to_ne_bytes())?;
        self.output.write_all(&length.to_ne_bytes())?;
        self.output.write_all(body)?;
        self.output.write_all(&length.to_ne_bytes())
    }
}

fn append_padded(body: &mut Vec<u8>, octets: &[u8]) {
    body.extend_from_slice(octets);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Values are cut where their length could not be told; a text is cut between two characters.
fn append_option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let mut end = value.len().min(usize::from(u16::MAX));
    while end < value.len() && value.get(end).is_some_and(|octet| octet & 0xc0 == 0x80) {
        end -= 1;
    }
    body.extend(code.to_ne_bytes());
    body.extend(u16::try_from(end).unwrap_or(u16::MAX).to_ne_bytes());
    append_padded(body, value.get(..end).unwrap_or_default());
}

fn end_options(body: &mut Vec<u8>) {
    body.extend(END_OF_OPTIONS.to_ne_bytes());
    body.extend([0, 0]);
}
