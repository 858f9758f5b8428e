//! Capture files: libpcap's classic format (pcap-savefile(5)), and pcapng.
//!
//! It reads and writes what it is given, opens nothing and holds one frame at a time, whatever lengths a file
//! tells.

pub mod pcapng;

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::layers::LinkType;

/// The link type of Ethernet frames (`LINKTYPE_ETHERNET`).
pub const ETHERNET: u32 = 1;

/// Octets of a frame at the most: libpcap's own limit (`MAXIMUM_SNAPLEN`).
const LONGEST: u32 = 262_144;

/// Microseconds, and nanoseconds, as they are written by a machine that reads them the same way.
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;

/// Octets of the header of a file, and of a frame.
const FILE_HEADER: usize = 24;
const FRAME_HEADER: usize = 16;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be read at all.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It begins otherwise than any capture file that is known here.
    #[error("not a capture file (bad magic number {0:#010x})")]
    Magic(u32),
    /// Its frames are not Ethernet's.
    #[error("link type {0} is not Ethernet")]
    LinkType(u32),
    /// It ends in the midst of something; in libpcap's words.
    #[error("truncated dump file; tried to read {need} {part} bytes, only got {got}")]
    Truncated {
        /// In the midst of what.
        part: &'static str,
        /// Octets that should have been there.
        need: usize,
        /// Octets that were.
        got: usize,
    },
    /// A frame is said to be longer than any is.
    #[error("a frame of {0} octets")]
    TooLong(u32),
    /// A block of pcapng whose length cannot be, or does not fit what is in it.
    #[error("a block of type {kind:#x} says that it has {length} octets")]
    Block {
        /// Its type.
        kind: u32,
        /// The length that it tells.
        length: u32,
    },
    /// A frame came by an interface that the file does not describe.
    #[error("a frame of interface {0}, which is not described")]
    NoInterface(u32),
    /// More interfaces are described than any machine has.
    #[error("more than {} interfaces", pcapng::MOST_INTERFACES)]
    TooManyInterfaces,
}

/// One frame of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// How it begins.
    pub link_type: LinkType,
    /// By which interface it came, in the order in which the file describes them.
    pub interface: u32,
    /// When it came by, since 1970; 0 where the file does not say (simple packet blocks).
    pub at: Duration,
    /// Its length on the wire; less of it may have been kept.
    pub length: u32,
    /// What was kept.
    pub contents: &'a [u8],
}

/// Reads the frames of a file in turn.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    format: Format,
    only: Option<LinkType>,
    contents: Vec<u8>,
}

#[derive(Debug)]
enum Format {
    Classic(Classic),
    Pcapng(pcapng::Section),
}

/// What the header of a classic file says.
#[derive(Clone, Copy, Debug)]
struct Classic {
    /// How its numbers are written.
    read: fn([u8; 4]) -> u32,
    /// What the second field of a time counts.
    unit: Duration,
    most: u32,
    link_type: LinkType,
}

impl<R: Read> Reader<R> {
    /// Reads the header of a file of either format.
    pub fn new(mut input: R) -> Result<Self, Error> {
        let mut magic = [0; 4];
        let got = fill(&mut input, &mut magic)?;
        if got < magic.len() {
            return Err(Error::Truncated { part: "file header", need: magic.len(), got });
        }
        let format = if magic == pcapng::MAGIC {
            Format::Pcapng(pcapng::Section::begin(&mut input)?)
        } else {
            Format::Classic(Classic::begin(magic, &mut input)?)
        };
        Ok(Self { input, format, only: None, contents: Vec::new() })
    }

    /// As [`new`](Self::new), and refuses frames of other links.
    pub fn of_link(input: R, link: LinkType) -> Result<Self, Error> {
        let reader = Self { only: Some(link), ..Self::new(input)? };
        if let Format::Classic(classic) = &reader.format {
            reader.admit(classic.link_type)?;
        }
        Ok(reader)
    }

    fn admit(&self, link: LinkType) -> Result<(), Error> {
        match self.only {
            Some(only) if only != link => Err(Error::LinkType(link.0.into())),
            _ => Ok(()),
        }
    }

    /// Octets that were kept of a frame at the most.
    #[must_use]
    pub const fn most(&self) -> u32 {
        match &self.format {
            Format::Classic(classic) => classic.most,
            // Of interfaces that come later nobody knows yet.
            Format::Pcapng(_) => LONGEST,
        }
    }

    /// The next frame, until `None`.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Error> {
        let next = match &mut self.format {
            Format::Classic(classic) => classic.next(&mut self.input, &mut self.contents)?,
            Format::Pcapng(section) => section.next(&mut self.input, &mut self.contents)?,
        };
        let Some(Place { link_type, interface, at, length, start, end }) = next else {
            return Ok(None);
        };
        self.admit(link_type)?;
        let contents = self.contents.get(start..end).unwrap_or_default();
        Ok(Some(Record { link_type, interface, at, length, contents }))
    }
}

/// A frame by its place among the octets that were read last.
#[derive(Debug)]
struct Place {
    link_type: LinkType,
    interface: u32,
    at: Duration,
    length: u32,
    start: usize,
    end: usize,
}

impl Classic {
    /// Reads the header of a file behind its first four octets.
    fn begin(magic: [u8; 4], input: &mut impl Read) -> Result<Self, Error> {
        /// The upper half says how long the checksums of frames are.
        const LINK_TYPE: u32 = 0xffff;
        let (read, unit) = order(magic).ok_or(Error::Magic(u32::from_le_bytes(magic)))?;
        let mut header = [0; FILE_HEADER - 4];
        let got = 4 + fill(input, &mut header)?;
        let [.., most, link_type] = *header.as_chunks::<4>().0 else {
            return Err(Error::Truncated { part: "file header", need: FILE_HEADER, got });
        };
        if got < FILE_HEADER {
            return Err(Error::Truncated { part: "file header", need: FILE_HEADER, got });
        }
        let link_type = u16::try_from(read(link_type) & LINK_TYPE).unwrap_or(u16::MAX);
        Ok(Self { read, unit, most: read(most), link_type: LinkType(link_type) })
    }

    fn next(self, input: &mut impl Read, contents: &mut Vec<u8>) -> Result<Option<Place>, Error> {
        let mut header = [0; FRAME_HEADER];
        let part = "header";
        match fill(input, &mut header)? {
            0 => return Ok(None),
            FRAME_HEADER => {}
            got => return Err(Error::Truncated { part, need: FRAME_HEADER, got }),
        }
        let [seconds, fraction, kept, length] = *header.as_chunks::<4>().0 else { return Ok(None) };
        let [seconds, fraction, kept, length] = [seconds, fraction, kept, length].map(self.read);
        if kept > LONGEST {
            return Err(Error::TooLong(kept));
        }
        take(input, kept, "captured", contents)?;
        let at = Duration::from_secs(seconds.into()) + self.unit * fraction;
        let (link_type, end) = (self.link_type, contents.len());
        Ok(Some(Place { link_type, interface: 0, at, length, start: 0, end }))
    }
}

/// Reads so many octets over what `contents` held. It grows by what comes, not by what was promised.
fn take(
    input: &mut impl Read,
    need: u32,
    part: &'static str,
    contents: &mut Vec<u8>,
) -> Result<(), Error> {
    contents.clear();
    let got = input.by_ref().take(need.into()).read_to_end(contents)?;
    let need = need as usize;
    if got < need { Err(Error::Truncated { part, need, got }) } else { Ok(()) }
}

/// How numbers are written, and what the second field of a time counts.
type Order = (fn([u8; 4]) -> u32, Duration);

fn order(magic: [u8; 4]) -> Option<Order> {
    let orders: [fn([u8; 4]) -> u32; 2] = [u32::from_le_bytes, u32::from_be_bytes];
    orders.into_iter().find_map(|read| match read(magic) {
        MICROSECONDS => Some((read, Duration::from_micros(1))),
        NANOSECONDS => Some((read, Duration::from_nanos(1))),
        _ => None,
    })
}

/// Reads until `room` is full or the file ends, and says how much that was.
fn fill(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = room.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(got)
}

/// Writes a file, with times in microseconds as tcpdump and arp-scan do, and this machine's order of octets.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    most: u32,
}

impl<W: Write> Writer<W> {
    /// Writes the header of a file; of each frame at most `most` octets will be kept.
    pub fn new(mut output: W, most: u32) -> io::Result<Self> {
        const VERSION: [u16; 2] = [2, 4];
        output.write_all(&MICROSECONDS.to_ne_bytes())?;
        for number in VERSION {
            output.write_all(&number.to_ne_bytes())?;
        }
        // Two fields about time that nobody fills in.
        for number in [0, 0, most, ETHERNET] {
            output.write_all(&number.to_ne_bytes())?;
        }
        Ok(Self { output, most })
    }

    /// Writes a frame that came `at`, since 1970: until the year 2106.
    pub fn write(&mut self, at: Duration, frame: &[u8]) -> io::Result<()> {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        self.write_cut(at, frame, length)
    }

    /// Writes what was kept of a frame of `length` octets.
    pub fn write_cut(&mut self, at: Duration, frame: &[u8], length: u32) -> io::Result<()> {
        let kept = u32::try_from(frame.len()).unwrap_or(u32::MAX).min(self.most).min(LONGEST);
        let seconds = u32::try_from(at.as_secs()).unwrap_or(u32::MAX);
        for number in [seconds, at.subsec_micros(), kept, length] {
            self.output.write_all(&number.to_ne_bytes())?;
        }
        self.output.write_all(frame.get(..kept as usize).unwrap_or(frame))
    }

    /// Hands what was written to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

#[cfg(test)]
mod tests;
