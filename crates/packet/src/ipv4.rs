//! The IPv4 header and its options (RFC 791 §3.1).

use std::net::Ipv4Addr;

use crate::{Error, Result};

/// What a prober reads from an IPv4 header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Time to live on arrival.
    pub ttl: u8,
    /// Protocol number.
    pub protocol: u8,
    /// Who says they sent it.
    pub source: Ipv4Addr,
    /// Who it is for.
    pub destination: Ipv4Addr,
    /// The octets between the fixed header and the payload: see [`options`].
    pub options: &'a [u8],
    /// What follows, as far as the buffer goes. `Total Length` is not believed.
    pub payload: &'a [u8],
}

impl<'a> Header<'a> {
    /// Splits a datagram into its header and the rest.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        const FIXED: usize = 20;
        let truncated = |need| Error::Truncated { what: "IPv4", need, got: bytes.len() };
        let (fixed, _) = bytes.split_first_chunk::<FIXED>().ok_or(truncated(FIXED))?;
        let header = usize::from(fixed[0] & 0x0f) * 4;
        if header < FIXED {
            return Err(Error::Malformed { what: "IPv4", field: "IHL", value: header / 4 });
        }
        let (whole, payload) = bytes.split_at_checked(header).ok_or(truncated(header))?;
        Ok(Self {
            ttl: fixed[8],
            protocol: fixed[9],
            source: address(&fixed[12..16]),
            destination: address(&fixed[16..20]),
            options: &whole[FIXED..],
            payload,
        })
    }
}

/// The four octets of an address; callers slice exactly that many.
fn address(octets: &[u8]) -> Ipv4Addr {
    <[u8; 4]>::try_from(octets).unwrap_or_default().into()
}

/// One IPv4 option, as it came back in a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opt {
    /// Type 1.
    Nop,
    /// Types 131 and 137: loose or strict source route, with its addresses (RFC 791, page 18).
    SourceRoute {
        /// Whether every hop is named.
        strict: bool,
        /// The addresses passed so far.
        route: Vec<Ipv4Addr>,
    },
    /// Type 7: the addresses recorded so far (RFC 791, page 20).
    RecordRoute(Vec<Ipv4Addr>),
    /// Type 68 (RFC 791, page 22).
    Timestamps {
        /// Address, where one was recorded, and time: milliseconds since midnight UT, or with the
        /// high bit set any other unit. A last entry may have an address and no time.
        entries: Vec<(Option<Ipv4Addr>, Option<u32>)>,
        /// Hops that found no room.
        overflow: u8,
    },
    /// Any other, by its type octet.
    Unknown(u8),
}

/// Option types of RFC 791 §3.1.
mod option {
    pub(super) const END: u8 = 0;
    pub(super) const NOP: u8 = 1;
    pub(super) const RECORD_ROUTE: u8 = 7;
    pub(super) const TIMESTAMP: u8 = 68;
    pub(super) const LOOSE_ROUTE: u8 = 131;
    pub(super) const STRICT_ROUTE: u8 = 137;
}

/// Reads options up to the end, the end-of-list mark or the first that does not fit.
#[must_use]
pub fn options(mut bytes: &[u8]) -> Vec<Opt> {
    let mut found = Vec::new();
    while let [kind, rest @ ..] = bytes {
        match *kind {
            option::END => break,
            option::NOP => {
                found.push(Opt::Nop);
                bytes = rest;
            }
            kind => {
                let Some(length) = rest.first().map(|l| usize::from(*l)).filter(|l| *l >= 2) else {
                    break;
                };
                let Some((body, after)) = bytes.split_at_checked(length) else { break };
                found.extend(read_option(kind, body));
                bytes = after;
            }
        }
    }
    found
}

/// One option of at least two octets; `None` where its pointer says that it holds nothing.
fn read_option(kind: u8, body: &[u8]) -> Option<Opt> {
    match kind {
        option::RECORD_ROUTE => Some(Opt::RecordRoute(recorded(body)?)),
        option::LOOSE_ROUTE | option::STRICT_ROUTE => {
            let route = body.get(3..).unwrap_or_default().chunks_exact(4).map(address).collect();
            Some(Opt::SourceRoute { strict: kind == option::STRICT_ROUTE, route })
        }
        option::TIMESTAMP => timestamps(body),
        other => Some(Opt::Unknown(other)),
    }
}

/// The addresses before the pointer, which counts from 1 (RFC 791, page 20).
fn recorded(body: &[u8]) -> Option<Vec<Ipv4Addr>> {
    let end = usize::from(*body.get(2)?).saturating_sub(1).min(body.len());
    let filled = body.get(3..end).filter(|filled| !filled.is_empty())?;
    Some(filled.chunks_exact(4).map(address).collect())
}

fn timestamps(body: &[u8]) -> Option<Opt> {
    const WITHOUT_ADDRESSES: u8 = 0;
    let [_, _, pointer, flags, data @ ..] = body else { return None };
    let filled = usize::from(*pointer).saturating_sub(5).min(data.len());
    let filled = data.get(..filled).filter(|filled| !filled.is_empty())?;
    let time = |octets: &[u8]| octets.try_into().ok().map(u32::from_be_bytes);
    let entries = if flags & 0x0f == WITHOUT_ADDRESSES {
        filled.chunks_exact(4).map(|t| (None, time(t))).collect()
    } else {
        let entry = |e: &[u8]| (e.get(..4).map(address), e.get(4..8).and_then(time));
        filled.chunks(8).map(entry).collect()
    };
    Some(Opt::Timestamps { entries, overflow: flags >> 4 })
}

/// Which hops write what into a time-stamp option (RFC 791, page 22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timestamp {
    /// Times only.
    Only,
    /// Address and time.
    WithAddress,
    /// Times of these hops only, at most four.
    Prespecified(Vec<Ipv4Addr>),
}

/// The octets of a record-route option with room for nine addresses, aligned by a no-op.
#[must_use]
pub fn record_route() -> Vec<u8> {
    let mut octets = vec![0; 40];
    octets[..4].copy_from_slice(&[option::NOP, option::RECORD_ROUTE, 39, 4]);
    octets
}

/// The octets of a time-stamp option with as much room as its kind allows.
#[must_use]
pub fn timestamp(kind: &Timestamp) -> Vec<u8> {
    const FIRST_FREE: u8 = 5;
    let (length, flag, hops) = match kind {
        Timestamp::Only => (40, 0, &[][..]),
        Timestamp::WithAddress => (36, 1, &[][..]),
        Timestamp::Prespecified(hops) => {
            let hops = &hops[..hops.len().min(4)];
            (4 + 8 * hops.len(), 3, hops)
        }
    };
    let mut octets = vec![0; length];
    // At most 40, as above.
    octets[..4].copy_from_slice(&[
        option::TIMESTAMP,
        u8::try_from(length).unwrap_or(40),
        FIRST_FREE,
        flag,
    ]);
    for (entry, hop) in octets[4..].chunks_exact_mut(8).zip(hops) {
        entry[..4].copy_from_slice(&hop.octets());
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

    #[test]
    fn header_with_options_is_split_where_ihl_says() {
        let mut bytes = vec![0x46; 20];
        bytes.extend([7, 4, 4, 0, 0xaa]);
        let header = Header::parse(&bytes).unwrap();
        assert_eq!((header.options, header.payload), (&[7, 4, 4, 0][..], &[0xaa][..]));
    }

    #[test]
    fn header_shorter_than_it_claims_is_an_error() {
        assert!(matches!(Header::parse(&[0x4f; 24]), Err(Error::Truncated { need: 60, .. })));
        assert!(matches!(Header::parse(&[0x41; 24]), Err(Error::Malformed { field: "IHL", .. })));
        for length in 0..20 {
            assert!(Header::parse(&vec![0x45; length]).is_err());
        }
    }

    #[test]
    fn recorded_route_ends_at_its_pointer() {
        let mut octets = record_route();
        octets[3] = 8;
        octets[4..8].copy_from_slice(&A.octets());
        assert_eq!(options(&octets), [Opt::Nop, Opt::RecordRoute(vec![A])]);
    }

    #[test]
    fn prespecified_hops_stand_in_the_option_in_order() {
        let octets = timestamp(&Timestamp::Prespecified(vec![A]));
        assert_eq!(octets, [68, 12, 5, 3, 192, 0, 2, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn time_stamps_with_addresses_are_read_in_pairs() {
        let octets = [68, 12, 13, 0x21, 192, 0, 2, 1, 0, 0, 1, 0];
        let entries = vec![(Some(A), Some(256))];
        assert_eq!(options(&octets), [Opt::Timestamps { entries, overflow: 2 }]);
    }

    /// Every option type with every length and pointer, in every buffer of up to 40 octets.
    #[test]
    fn options_are_total() {
        for kind in [0, 1, 7, 68, 131, 137, 148, 255] {
            for length in 0..=41 {
                for pointer in [0, 1, 3, 4, 5, 6, 8, 39, 40, 41, 255] {
                    let mut bytes = [kind; 40];
                    bytes[1..4].copy_from_slice(&[length, pointer, 0xf1]);
                    for end in 0..=40 {
                        assert!(options(&bytes[..end]).len() <= 40);
                    }
                }
            }
        }
    }
}
