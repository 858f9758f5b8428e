//! Capture files of libpcap's classic format (pcap-savefile(5)).
//!
//! It reads and writes what it is given, opens nothing and holds one frame at a time, whatever lengths a file
//! tells.

pub mod pcapng;

use std::io::{self, Read, Write};
use std::time::Duration;

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
}

/// One frame of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When it came by, since 1970.
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
    /// How its numbers are written.
    read: fn([u8; 4]) -> u32,
    /// What the second field of a time counts.
    unit: Duration,
    most: u32,
    contents: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the header of a file.
    pub fn new(mut input: R) -> Result<Self, Error> {
        const LINK_TYPE: u32 = 0x03ff_ffff;
        let mut header = [0; FILE_HEADER];
        let got = fill(&mut input, &mut header)?;
        let part = "file header";
        let [magic, .., most, link_type] = *header.as_chunks::<4>().0 else {
            return Err(Error::Truncated { part, need: FILE_HEADER, got });
        };
        if got < magic.len() {
            return Err(Error::Truncated { part, need: magic.len(), got });
        }
        let (read, unit) = order(magic).ok_or(Error::Magic(u32::from_le_bytes(magic)))?;
        if got < FILE_HEADER {
            return Err(Error::Truncated { part, need: FILE_HEADER, got });
        }
        match read(link_type) & LINK_TYPE {
            ETHERNET => Ok(Self { input, read, unit, most: read(most), contents: Vec::new() }),
            other => Err(Error::LinkType(other)),
        }
    }

    /// Octets that were kept of a frame at the most.
    #[must_use]
    pub const fn most(&self) -> u32 {
        self.most
    }

    /// The next frame, until `None`.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Error> {
        let mut header = [0; FRAME_HEADER];
        let part = "header";
        match fill(&mut self.input, &mut header)? {
            0 => return Ok(None),
            FRAME_HEADER => {}
            got => return Err(Error::Truncated { part, need: FRAME_HEADER, got }),
        }
        let [seconds, fraction, kept, length] = *header.as_chunks::<4>().0 else { return Ok(None) };
        let [seconds, fraction, kept, length] = [seconds, fraction, kept, length].map(self.read);
        if kept > LONGEST {
            return Err(Error::TooLong(kept));
        }
        self.contents.clear();
        let got = self.input.by_ref().take(kept.into()).read_to_end(&mut self.contents)?;
        if got < kept as usize {
            return Err(Error::Truncated { part: "captured", need: kept as usize, got });
        }
        let at = Duration::from_secs(seconds.into()) + self.unit * fraction;
        Ok(Some(Record { at, length, contents: &self.contents }))
    }
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
