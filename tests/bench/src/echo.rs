//! An ICMP echo of IPv4 in an Ethernet frame, as the capture tells of it.

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;

/// Octets of an Ethernet header, after which IP begins.
const ETHERNET: usize = 14;

/// An echo and when it passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Echo {
    pub(crate) kind: Kind,
    pub(crate) ident: u16,
    pub(crate) sequence: u16,
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
}

/// RFC 792.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Reply,
}

impl Echo {
    /// The echo that is in this frame, if one is.
    pub(crate) fn of(frame: &[u8], time: u64) -> Option<Self> {
        let ip = frame.strip_prefix(frame.get(..ETHERNET)?)?;
        let is_icmp = frame[12..ETHERNET] == [8, 0] && ip.get(9) == Some(&1);
        let header = usize::from(ip.first()? & 0xf) * 4;
        let icmp = ip.get(header..header + 8).filter(|_| is_icmp)?;
        let kind = match icmp[..2] {
            [8, 0] => Kind::Request,
            [0, 0] => Kind::Reply,
            _ => return None,
        };
        let word = |at: usize| u16::from_be_bytes([icmp[at], icmp[at + 1]]);
        Some(Self { kind, ident: word(4), sequence: word(6), time })
    }
}

impl fmt::Display for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Request => "request",
            Kind::Reply => "reply",
        };
        write!(f, "{kind} {} {} {}", self.ident, self.sequence, self.time)
    }
}

impl FromStr for Echo {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split(' ');
        let mut next = || words.next().with_context(|| format!("{text:?} is no echo"));
        let kind = if next()? == "request" { Kind::Request } else { Kind::Reply };
        let (ident, sequence) = (next()?.parse()?, next()?.parse()?);
        Ok(Self { kind, ident, sequence, time: next()?.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8) -> Vec<u8> {
        let mut frame = vec![0; 12];
        frame.extend([8, 0, 0x45]);
        frame.extend([0; 8]);
        frame.extend([1; 1]);
        frame.extend([0; 10]);
        frame.extend([kind, 0, 0, 0, 0x12, 0x34, 0, 7]);
        frame
    }

    #[test]
    fn an_echo_is_read_and_told_and_read_again() {
        let echo = Echo::of(&frame(8), 5).unwrap();
        assert_eq!(echo, Echo { kind: Kind::Request, ident: 0x1234, sequence: 7, time: 5 });
        assert_eq!(echo.to_string().parse::<Echo>().unwrap(), echo);
    }

    #[test]
    fn what_is_no_echo_is_nothing() {
        assert_eq!(Echo::of(&frame(3), 5), None);
        assert_eq!(Echo::of(&frame(8)[..40], 5), None);
        assert_eq!(Echo::of(&[], 5), None);
    }
}
