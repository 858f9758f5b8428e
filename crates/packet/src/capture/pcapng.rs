//! The newer format, pcapng (draft-ietf-opsawg-pcapng): blocks, of which some are frames.

use std::io::{self, Read};
use std::time::Duration;

use super::{Error, LONGEST, Place, fill, take};
use crate::layers::LinkType;

mod write;

pub use write::{Packet, Writer};

/// Interfaces of one section at the most.
pub const MOST_INTERFACES: usize = 4096;

/// How a file begins: the type of a section header, the same in both orders of octets.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Types of blocks (§11.1).
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// What a section header begins with, in the order in which all its numbers are written (§4.1).
const ORDER: u32 = 0x1a2b_3c4d;

/// Options (§3.5), and those of interfaces (§4.2).
const END_OF_OPTIONS: u16 = 0;
const NAME: u16 = 2;
const RESOLUTION: u16 = 9;
const OFFSET: u16 = 14;

/// Octets of a block without its body: type, length, and the length again.
const FRAME: u32 = 12;

/// Octets of the body of a block that is looked into: a frame, and all that may be said about it.
const LONGEST_BODY: u32 = LONGEST + (1 << 20);

/// The part of a file that is being read.
#[derive(Debug)]
pub(super) struct Section {
    is_big: bool,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: LinkType,
    most: u32,
    resolution: u8,
    /// Seconds to be added to its times.
    offset: i64,
}

impl Section {
    /// Reads the header of a section behind its type.
    pub(super) fn begin(input: &mut impl Read) -> Result<Self, Error> {
        let mut start = [0; 8];
        let got = fill(input, &mut start)?;
        let [a, b, c, d, magic @ ..] = start;
        if got < start.len() {
            return Err(Error::Truncated { part: "section header", need: 12, got: got + 4 });
        }
        let is_big = match (u32::from_be_bytes(magic), u32::from_le_bytes(magic)) {
            (ORDER, _) => true,
            (_, ORDER) => false,
            (other, _) => return Err(Error::Magic(other)),
        };
        let section = Self { is_big, interfaces: Vec::new() };
        let length = section.u32([a, b, c, d]);
        // Version and length of the section are behind the magic number.
        if length < FRAME + 16 || !length.is_multiple_of(4) {
            return Err(Error::Block { kind: SECTION, length });
        }
        skip(input, length - 16, "section header")?;
        section.close(input, SECTION, length)?;
        Ok(section)
    }

    /// The next frame, until `None`.
    pub(super) fn next(
        &mut self,
        input: &mut impl Read,
        body: &mut Vec<u8>,
    ) -> Result<Option<Place>, Error> {
        loop {
            let mut kind = [0; 4];
            match fill(input, &mut kind)? {
                0 => return Ok(None),
                4 => {}
                got => return Err(Error::Truncated { part: "block header", need: 8, got }),
            }
            if kind == MAGIC {
                *self = Self::begin(input)?;
                continue;
            }
            let kind = self.u32(kind);
            let mut length = [0; 4];
            let got = fill(input, &mut length)?;
            if got < length.len() {
                return Err(Error::Truncated { part: "block header", need: 8, got: 4 + got });
            }
            let length = self.u32(length);
            if length < FRAME || !length.is_multiple_of(4) {
                return Err(Error::Block { kind, length });
            }
            if let Some(place) = self.block(input, kind, length, body)? {
                return Ok(Some(place));
            }
        }
    }

    /// Reads a block, and says where in it is a frame, if it is one of those.
    fn block(
        &mut self,
        input: &mut impl Read,
        kind: u32,
        length: u32,
        body: &mut Vec<u8>,
    ) -> Result<Option<Place>, Error> {
        let wrong = Error::Block { kind, length };
        let inside = length - FRAME;
        if !matches!(kind, INTERFACE | OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET) {
            skip(input, inside, "block")?;
            self.close(input, kind, length)?;
            return Ok(None);
        }
        if inside > LONGEST_BODY {
            return Err(wrong);
        }
        take(input, inside, "block", body)?;
        self.close(input, kind, length)?;
        match kind {
            INTERFACE => {
                self.describe(body).ok_or(wrong)??;
                Ok(None)
            }
            SIMPLE_PACKET => self.simple(body, wrong).map(Some),
            kind => self.packet(kind, body, wrong).map(Some),
        }
    }

    /// Reads the length behind a block.
    fn close(&self, input: &mut impl Read, kind: u32, length: u32) -> Result<(), Error> {
        let mut again = [0; 4];
        let got = fill(input, &mut again)?;
        if got < again.len() {
            return Err(Error::Truncated { part: "end of a block", need: 4, got });
        }
        match self.u32(again) {
            again if again == length => Ok(()),
            length => Err(Error::Block { kind, length }),
        }
    }

    /// An interface description (§4.2); `None` where it is cut short.
    fn describe(&mut self, body: &[u8]) -> Option<Result<(), Error>> {
        let (&[a, b, _, _, c, d, e, f], options) = body.split_first_chunk()?;
        let link_type = LinkType(self.u16([a, b]));
        let most = self.u32([c, d, e, f]);
        let mut interface = Interface { link_type, most, resolution: 6, offset: 0 };
        for (code, value) in self.options(options) {
            match (code, value) {
                (RESOLUTION, [resolution, ..]) => interface.resolution = *resolution,
                (OFFSET, value) => {
                    interface.offset = self.u64(value.try_into().ok()?).cast_signed()
                }
                _ => {}
            }
        }
        if self.interfaces.len() >= MOST_INTERFACES {
            return Some(Err(Error::TooManyInterfaces));
        }
        self.interfaces.push(interface);
        Some(Ok(()))
    }

    /// Codes and values, up to the end or to the first that does not fit.
    fn options<'a>(&self, mut rest: &'a [u8]) -> impl Iterator<Item = (u16, &'a [u8])> {
        let is_big = self.is_big;
        std::iter::from_fn(move || {
            let (&[a, b, c, d], after) = rest.split_first_chunk()?;
            let (code, length) = (half(is_big, [a, b]), usize::from(half(is_big, [c, d])));
            let value = after.get(..length).filter(|_| code != END_OF_OPTIONS)?;
            rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
            Some((code, value))
        })
    }

    /// An enhanced packet (§4.3), or one of the form that it took the place of.
    fn packet(&self, kind: u32, body: &[u8], wrong: Error) -> Result<Place, Error> {
        const HEADER: usize = 20;
        let Some(header) = body.first_chunk::<HEADER>() else { return Err(wrong) };
        let [first, high, low, kept, length] = *header.as_chunks::<4>().0 else {
            return Err(wrong);
        };
        let interface = match (kind, first) {
            // Of the old one half is a count of drops.
            (OLD_PACKET, [a, b, _, _]) => self.u16([a, b]).into(),
            _ => self.u32(first),
        };
        let described = self.interface(interface)?;
        let [high, low, kept, length] = [high, low, kept, length].map(|word| self.u32(word));
        if kept > LONGEST {
            return Err(Error::TooLong(kept));
        }
        let end = HEADER + kept as usize;
        if end > body.len() {
            return Err(wrong);
        }
        let at = described.time(u64::from(high) << 32 | u64::from(low));
        let link_type = described.link_type;
        Ok(Place { link_type, interface, at, length, start: HEADER, end })
    }

    /// A frame of the first interface, without a time (§4.4).
    fn simple(&self, body: &[u8], wrong: Error) -> Result<Place, Error> {
        let Some((length, rest)) = body.split_first_chunk::<4>() else { return Err(wrong) };
        let (length, described) = (self.u32(*length), self.interface(0)?);
        let most = if described.most == 0 { u32::MAX } else { described.most };
        let kept = length.min(most);
        if kept > LONGEST {
            return Err(Error::TooLong(kept));
        }
        if kept as usize > rest.len() {
            return Err(wrong);
        }
        let (link_type, at) = (described.link_type, Duration::ZERO);
        Ok(Place { link_type, interface: 0, at, length, start: 4, end: 4 + kept as usize })
    }

    fn interface(&self, number: u32) -> Result<Interface, Error> {
        let found = self.interfaces.get(number as usize);
        found.copied().ok_or(Error::NoInterface(number))
    }

    const fn u16(&self, octets: [u8; 2]) -> u16 {
        half(self.is_big, octets)
    }

    const fn u32(&self, octets: [u8; 4]) -> u32 {
        if self.is_big { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) }
    }

    const fn u64(&self, octets: [u8; 8]) -> u64 {
        if self.is_big { u64::from_be_bytes(octets) } else { u64::from_le_bytes(octets) }
    }
}

const fn half(is_big: bool, octets: [u8; 2]) -> u16 {
    if is_big { u16::from_be_bytes(octets) } else { u16::from_le_bytes(octets) }
}

impl Interface {
    /// Since 1970, of a number of its units (`if_tsresol`, `if_tsoffset`); within what this can tell.
    fn time(self, count: u64) -> Duration {
        const BINARY: u8 = 0x80;
        const BILLION: u128 = 1_000_000_000;
        let nanos = u128::from(count) * BILLION;
        let digits = u32::from(self.resolution & !BINARY);
        let nanos = if self.resolution & BINARY == 0 {
            10_u128.checked_pow(digits).map_or(0, |units| nanos / units)
        } else {
            nanos >> digits
        };
        // Less than 2^94 and 2^93: far from the ends.
        let nanos = nanos.cast_signed() + i128::from(self.offset) * BILLION.cast_signed();
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

/// Passes over octets, whatever their number.
fn skip(input: &mut impl Read, need: u32, part: &'static str) -> Result<(), Error> {
    let got = io::copy(&mut input.by_ref().take(need.into()), &mut io::sink())?;
    if got == u64::from(need) {
        return Ok(());
    }
    Err(Error::Truncated { part, need: need as usize, got: usize::try_from(got).unwrap_or(0) })
}

#[cfg(test)]
mod tests;
