use std::fmt::{self, Display, Formatter};

use super::{Timestamps, kind};

/// One option as it stands in a header, in the order in which they stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// The end of the list (RFC 9293 §3.1). What is behind it is padding.
    End,
    /// No operation (RFC 9293 §3.1).
    Nop,
    /// Octets of data that the sender can take in one segment (RFC 9293 §3.7.1).
    MaxSegmentSize(u16),
    /// By how many bits the sender's windows are shifted; more than 14 counts as 14 (RFC 7323 §2.3).
    WindowScale(u8),
    /// Selective acknowledgments may come back (RFC 2018 §2).
    SackPermitted,
    /// What came out of order (RFC 2018 §3), or twice (RFC 2883).
    Sack(SackBlocks<'a>),
    /// RFC 7323 §3.2.
    Timestamps(Timestamps),
    /// For how long data may stay unacknowledged (RFC 5482 §3).
    UserTimeout {
        /// Fifteen bits.
        count: u16,
        /// Whether they count minutes, and not seconds.
        minutes: bool,
    },
    /// The digest of a key and the segment (RFC 2385 §3.0).
    Md5(&'a [u8; 16]),
    /// What took that one's place (RFC 5925 §2.2).
    Authentication {
        /// The key that the segment was signed with.
        key: u8,
        /// The key that the sender would like to hear.
        next_key: u8,
        /// The code.
        code: &'a [u8],
    },
    /// Multipath TCP (RFC 8684 §3).
    Multipath {
        /// 0 capable, 1 join, 2 data sequence signal, and so on.
        subtype: u8,
        /// From the octet of the subtype on.
        octets: &'a [u8],
    },
    /// A cookie of 4 to 16 octets, or with none the wish for one (RFC 7413 §4.1.1).
    FastOpen {
        /// The cookie.
        cookie: &'a [u8],
        /// Whether it stands in the option for experiments (254, 0xf989) that it had before its own.
        experimental: bool,
    },
    /// Another kind.
    Unknown {
        /// Its number.
        kind: u8,
        /// What is behind the length.
        octets: &'a [u8],
    },
    /// One of the kinds above with a length that it cannot have, which is passed over.
    Misshapen {
        /// Its number.
        kind: u8,
        /// What is behind the length.
        octets: &'a [u8],
    },
    /// Where the list cannot be followed any further, and all that was left of it: an option whose length is
    /// less than its own two octets, or reaches beyond the header.
    Malformed(&'a [u8]),
    /// What stands behind the end of the list, where that is not all zeros.
    Padding(&'a [u8]),
}

/// The first sequence number of each block, and the one behind its last: at most four in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SackBlocks<'a>(&'a [[u8; 8]]);

impl<'a> SackBlocks<'a> {
    /// In the order in which they stand there: the first tells of the latest segment.
    pub fn iter(self) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.0.iter().map(|&[a, b, c, d, e, f, g, h]| {
            (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
        })
    }
}

/// All options in their order, and whatever there is that is none. It ends: each takes an octet at the least.
pub fn items(octets: &[u8]) -> impl Iterator<Item = Item<'_>> + Clone {
    Items { rest: octets, has_ended: false }
}

#[derive(Clone, Debug)]
struct Items<'a> {
    rest: &'a [u8],
    has_ended: bool,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let rest = std::mem::take(&mut self.rest);
        if self.has_ended {
            return rest.iter().any(|octet| *octet != 0).then_some(Item::Padding(rest));
        }
        match *rest {
            [] => None,
            [kind::END, ref after @ ..] => {
                (self.rest, self.has_ended) = (after, true);
                Some(Item::End)
            }
            [kind::NOP, ref after @ ..] => {
                self.rest = after;
                Some(Item::Nop)
            }
            [_] => Some(Item::Malformed(rest)),
            [kind, length, ..] => {
                let split = rest.split_at_checked(length.into());
                let Some(([_, _, octets @ ..], after)) = split else {
                    return Some(Item::Malformed(rest));
                };
                self.rest = after;
                Some(read(kind, octets))
            }
        }
    }
}

/// An option by its number and what is behind its length.
fn read(kind: u8, octets: &[u8]) -> Item<'_> {
    match (kind, octets) {
        (kind::MAX_SEGMENT_SIZE, &[a, b]) => Item::MaxSegmentSize(u16::from_be_bytes([a, b])),
        (kind::WINDOW_SCALE, &[shift]) => Item::WindowScale(shift),
        (kind::SACK_PERMITTED, []) => Item::SackPermitted,
        (kind::SACK, octets) => match octets.as_chunks() {
            (blocks @ [_, ..], []) => Item::Sack(SackBlocks(blocks)),
            _ => Item::Misshapen { kind, octets },
        },
        (kind::USER_TIMEOUT, &[a, b]) => {
            Item::UserTimeout { count: u16::from_be_bytes([a & 0x7f, b]), minutes: a & 0x80 != 0 }
        }
        (kind::AUTHENTICATION, &[key, next_key, ref code @ ..]) => {
            Item::Authentication { key, next_key, code }
        }
        (kind::MULTIPATH, &[first, ..]) => Item::Multipath { subtype: first >> 4, octets },
        (kind::FAST_OPEN, cookie) if is_cookie(cookie) => {
            Item::FastOpen { cookie, experimental: false }
        }
        (kind::EXPERIMENT, [0xf9, 0x89, cookie @ ..]) if is_cookie(cookie) => {
            Item::FastOpen { cookie, experimental: true }
        }
        (kind::TIMESTAMPS, octets) => match Timestamps::read(octets) {
            Some(times) => Item::Timestamps(times),
            None => Item::Misshapen { kind, octets },
        },
        (kind::MD5, octets) => match octets.try_into() {
            Ok(digest) => Item::Md5(digest),
            Err(_) => Item::Misshapen { kind, octets },
        },
        (
            kind::MAX_SEGMENT_SIZE
            | kind::WINDOW_SCALE
            | kind::SACK_PERMITTED
            | kind::USER_TIMEOUT
            | kind::AUTHENTICATION
            | kind::MULTIPATH
            | kind::FAST_OPEN,
            octets,
        ) => Item::Misshapen { kind, octets },
        (kind, octets) => Item::Unknown { kind, octets },
    }
}

/// None, or an even number of octets from 4 to 16 (RFC 7413 §4.1.1).
const fn is_cookie(octets: &[u8]) -> bool {
    matches!(octets.len(), 0 | 4..=16) && octets.len().is_multiple_of(2)
}

/// As packetdrill(1)'s scripts and people write it: `mss 1460`, `sackOK`, `TS val 7 ecr 0`, `nop`, `wscale 10`.
/// Numbers and hexadecimal digits only: nothing of a stranger's choice reaches a terminal raw.
impl Display for Item<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::End => f.write_str("eol"),
            Self::Nop => f.write_str("nop"),
            Self::MaxSegmentSize(size) => write!(f, "mss {size}"),
            Self::WindowScale(shift) => write!(f, "wscale {shift}"),
            Self::SackPermitted => f.write_str("sackOK"),
            Self::Sack(blocks) => {
                f.write_str("sack")?;
                blocks.iter().try_for_each(|(from, to)| write!(f, " {from}:{to}"))
            }
            Self::Timestamps(Timestamps { value, echo }) => write!(f, "TS val {value} ecr {echo}"),
            Self::UserTimeout { count, minutes } => {
                write!(f, "uto {count}{}", if minutes { "m" } else { "s" })
            }
            Self::Md5(digest) => hexadecimal(f, "md5", digest),
            Self::Authentication { key, next_key, code } => {
                write!(f, "ao {key} {next_key}")?;
                hexadecimal(f, "", code)
            }
            Self::Multipath { subtype, octets } => {
                write!(f, "mptcp {subtype}")?;
                hexadecimal(f, "", octets)
            }
            Self::FastOpen { cookie, experimental: false } => hexadecimal(f, "FO", cookie),
            Self::FastOpen { cookie, experimental: true } => hexadecimal(f, "FOEXP", cookie),
            Self::Unknown { kind, octets } => {
                write!(f, "kind {kind}")?;
                hexadecimal(f, "", octets)
            }
            Self::Misshapen { kind, octets } => {
                write!(f, "misshapen kind {kind}")?;
                hexadecimal(f, "", octets)
            }
            Self::Malformed(rest) => hexadecimal(f, "malformed", rest),
            Self::Padding(rest) => hexadecimal(f, "padding", rest),
        }
    }
}

/// A name and, behind a space, octets in two digits each; where there are none, the name alone.
fn hexadecimal(f: &mut Formatter<'_>, name: &str, octets: &[u8]) -> fmt::Result {
    f.write_str(name)?;
    if !octets.is_empty() {
        f.write_str(" ")?;
    }
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}

#[cfg(test)]
mod tests;
