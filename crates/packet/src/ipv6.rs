//! IPv6 headers (RFC 8200), as a frame carries them, and what stands between them and the message.

use std::net::Ipv6Addr;

use crate::{Error, Result, protocol};

/// Octets of a header.
pub const HEADER: usize = 40;

/// A packet taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Who sent it.
    pub source: Ipv6Addr,
    /// Who it is for.
    pub destination: Ipv6Addr,
    /// What is left of it.
    pub hop_limit: u8,
    /// What `payload` begins with, see [`protocol`].
    pub next_header: u8,
    /// As long as the header says: what a frame was filled up with is not in it.
    pub payload: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads a whole packet; what is behind it is left out. Jumbograms are refused.
    pub fn parse(octets: &'a [u8]) -> Result<Self> {
        let (fixed, rest) = octets.split_first_chunk::<HEADER>().ok_or(short(HEADER, octets))?;
        let [version, _, _, _, high, low, next_header, hop_limit, addresses @ ..] = *fixed;
        if version >> 4 != 6 {
            return Err(malformed("version", usize::from(version >> 4)));
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let payload = rest.get(..length).ok_or(short(HEADER + length, octets))?;
        let addresses = u128s(addresses);
        let [source, destination] = addresses.map(Ipv6Addr::from);
        Ok(Self { source, destination, hop_limit, next_header, payload })
    }

    /// The protocol and the octets behind the extension headers. Fragments are refused, and whatever has more
    /// headers than anybody needs.
    pub fn upper(&self) -> Result<(u8, &'a [u8])> {
        const MOST: usize = 8;
        let (mut next, mut rest) = (self.next_header, self.payload);
        for _ in 0..MOST {
            if !matches!(
                next,
                protocol::HOP_BY_HOP | protocol::DESTINATION_OPTIONS | protocol::ROUTING
            ) {
                return if next == protocol::FRAGMENT {
                    Err(malformed("next header", next.into()))
                } else {
                    Ok((next, rest))
                };
            }
            let [after, units, ..] = *rest else { return Err(short(8, rest)) };
            let length = 8 + 8 * usize::from(units);
            rest = rest.get(length..).ok_or(short(length, rest))?;
            next = after;
        }
        Err(malformed("extension headers", MOST + 1))
    }

    /// Writes the packet behind what `out` holds.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let length = u16::try_from(self.payload.len()).unwrap_or(u16::MAX);
        let [high, low] = length.to_be_bytes();
        out.extend_from_slice(&[0x60, 0, 0, 0, high, low, self.next_header, self.hop_limit]);
        out.extend_from_slice(&self.source.octets());
        out.extend_from_slice(&self.destination.octets());
        out.extend_from_slice(self.payload);
    }
}

fn u128s(octets: [u8; 32]) -> [u128; 2] {
    let (pair, _) = octets.as_chunks::<16>();
    [0, 1].map(|at| pair.get(at).map_or(0, |octets| u128::from_be_bytes(*octets)))
}

const fn short(need: usize, octets: &[u8]) -> Error {
    Error::Truncated { what: "IPv6", need, got: octets.len() }
}

const fn malformed(field: &'static str, value: usize) -> Error {
    Error::Malformed { what: "IPv6", field, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    const FROM: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

    fn packet(next_header: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let destination = Ipv6Addr::LOCALHOST;
        Header { source: FROM, destination, hop_limit: 255, next_header, payload }.emit(&mut out);
        out
    }

    #[test]
    fn packet_round_trips_without_what_its_frame_was_filled_up_with() {
        let mut octets = packet(58, b"abc");
        octets.extend([0; 20]);
        let header = Header::parse(&octets).unwrap();
        assert_eq!((header.source, header.destination), (FROM, Ipv6Addr::LOCALHOST));
        assert_eq!((header.hop_limit, header.upper()), (255, Ok((58, &b"abc"[..]))));
    }

    #[test]
    fn extension_headers_are_passed_over_and_fragments_are_not() {
        let options = [60, 0, 5, 2, 0, 0, 1, 0, 58, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
        let octets = packet(0, &options);
        assert_eq!(Header::parse(&octets).unwrap().upper(), Ok((58, &[9][..])));
        let octets = packet(44, &[58, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert!(Header::parse(&octets).unwrap().upper().is_err());
    }

    #[test]
    fn chain_of_headers_has_an_end() {
        let octets = packet(60, &[60, 0, 0, 0, 0, 0, 0, 0].repeat(200));
        assert!(Header::parse(&octets).unwrap().upper().is_err());
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let whole = packet(0, &[58, 0, 0, 0, 0, 0, 0, 0]);
        (0..whole.len()).for_each(|end| assert!(Header::parse(&whole[..end]).is_err(), "{end}"));
        let mut lying = whole.clone();
        lying[41] = 1;
        assert!(Header::parse(&lying).unwrap().upper().is_err());
        lying[0] = 0x45;
        assert!(Header::parse(&lying).is_err());
    }

    #[test]
    fn any_octets_will_do() {
        for mut octets in noise(5_000) {
            if let Some(version) = octets.first_mut() {
                *version = 0x60;
            }
            // Otherwise hardly any would be as long as it says.
            octets.get_mut(4..6).into_iter().for_each(|length| length.copy_from_slice(&[0, 9]));
            let _ = Header::parse(&octets).map(|header| header.upper());
        }
    }
}
