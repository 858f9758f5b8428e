//! The checksum that UDP and TCP take over themselves and a pseudo-header.
//!
//! It never fails on two families at once: an IPv4 address among IPv6 ones counts as IPv4-mapped
//! (RFC 4291 §2.5.5.2).

use std::net::{IpAddr, Ipv6Addr};

use pnet_packet::ip::IpNextHeaderProtocol;
use pnet_packet::util;

/// Octets that an IPv4 length or an IPv6 payload length can count, and the most that is summed.
pub(crate) const LONGEST: usize = u16::MAX as usize;

/// What belongs into the checksum field of `segment`, whose word number `field` that is
/// (RFC 9293 §3.1, RFC 8200 §8.1). Octets past [`LONGEST`] are not looked at.
pub(crate) fn checksum(
    (source, destination): (IpAddr, IpAddr),
    protocol: u8,
    segment: &[u8],
    field: usize,
) -> u16 {
    let protocol = IpNextHeaderProtocol(protocol);
    let segment = &segment[..segment.len().min(LONGEST)];
    match (source, destination) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            util::ipv4_checksum(segment, field, &[], &from, &to, protocol)
        }
        (from, to) => {
            util::ipv6_checksum(segment, field, &[], &mapped(from), &mapped(to), protocol)
        }
    }
}

/// The sum of a pseudo-header alone, as it is put into a checksum field that an interface is to complete
/// (`CHECKSUM_PARTIAL` in `linux/skbuff.h`).
pub(crate) fn sum((source, destination): (IpAddr, IpAddr), protocol: u8, length: usize) -> u16 {
    let words = |octets: &[u8]| -> u32 {
        octets.as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word))).sum()
    };
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => words(&address.octets()),
        IpAddr::V6(address) => words(&address.octets()),
    };
    let length = u32::try_from(length.min(LONGEST)).unwrap_or_default();
    let sum = address(source) + address(destination) + u32::from(protocol) + length;
    let folded = (sum >> 16) + (sum & 0xffff);
    u16::try_from((folded >> 16) + (folded & 0xffff)).unwrap_or(u16::MAX)
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest segment of the largest words is where a sum of 32 bits would overflow first.
    #[test]
    fn longest_segment_does_not_overflow_the_sum() {
        let ends = (IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::from([192, 0, 2, 1]));
        let whole = checksum(ends, 6, &vec![0xff; LONGEST], 8);
        assert_eq!(checksum(ends, 6, &vec![0xff; 4 * LONGEST], 8), whole);
    }
}
