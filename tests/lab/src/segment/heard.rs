//! What the scanner said, by the account of who heard it.

use std::net::Ipv4Addr;
use std::time::Duration;

/// A frame that came from the scanner and is said to carry ARP. The kernel takes the outermost tag away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When, since 1970.
    pub at: Duration,
    /// All of it.
    pub frame: Vec<u8>,
}

impl Heard {
    /// The frames of a log: the nanoseconds and the octets in hexadecimal, a line.
    pub(crate) fn parse(log: &str) -> Option<Vec<Self>> {
        log.lines().map(Self::parse_line).collect()
    }

    fn parse_line(line: &str) -> Option<Self> {
        let (at, octets) = line.split_once(' ')?;
        let frame = data_encoding::HEXLOWER.decode(octets.as_bytes()).ok()?;
        Some(Self { at: Duration::from_nanos(at.parse().ok()?), frame })
    }

    /// The message: 28 octets or more where it is whole.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        let is_snap = self.frame.get(14..17) == Some(&[0xaa, 0xaa, 3]);
        self.frame.get(if is_snap { 22 } else { 14 }..).unwrap_or_default()
    }

    /// `ar$op`.
    #[must_use]
    pub fn operation(&self) -> Option<u16> {
        self.message().get(6..8).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// `ar$spa`.
    #[must_use]
    pub fn sender(&self) -> Option<Ipv4Addr> {
        address(self.message().get(14..18)?)
    }

    /// `ar$tpa`.
    #[must_use]
    pub fn target(&self) -> Option<Ipv4Addr> {
        address(self.message().get(24..28)?)
    }
}

fn address(octets: &[u8]) -> Option<Ipv4Addr> {
    Some(<[u8; 4]>::try_from(octets).ok()?.into())
}
