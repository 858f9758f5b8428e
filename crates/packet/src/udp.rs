//! UDP datagrams (RFC 768).
//!
//! The length field is read and written here; it is never believed.

use std::net::SocketAddr;

use pnet_packet::udp::UdpPacket;

use crate::{Error, Result, protocol, pseudo};

/// Octets of a UDP header.
pub const HEADER: usize = 8;

/// Octets that a datagram can carry, for its length field counts the header too.
pub const LONGEST_PAYLOAD: usize = pseudo::LONGEST - HEADER;

/// The header of a datagram. The payload starts [`HEADER`] octets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Port of the sender.
    pub source: u16,
    /// Port of the receiver.
    pub destination: u16,
    /// Octets of header and payload, as the sender says.
    pub length: u16,
    /// Zero means that none was taken (RFC 768); IPv6 allows that for tunnels only (RFC 8200 §8.1).
    pub checksum: u16,
}

impl Header {
    /// Reads the first eight octets, which is also all that an ICMP error must quote (RFC 792).
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let truncated = Error::Truncated { what: "UDP", need: HEADER, got: bytes.len() };
        let packet = UdpPacket::new(bytes).ok_or(truncated)?;
        Ok(Self {
            source: packet.get_source(),
            destination: packet.get_destination(),
            length: packet.get_length(),
            checksum: packet.get_checksum(),
        })
    }
}

/// Writes a datagram over whatever `out` held, checksum included, for a raw socket.
///
/// What a length field cannot count is left out: octets past [`LONGEST_PAYLOAD`]. Of two families,
/// IPv4 counts as IPv4-mapped in the pseudo-header.
pub fn emit(source: SocketAddr, destination: SocketAddr, payload: &[u8], out: &mut Vec<u8>) {
    let payload = &payload[..payload.len().min(LONGEST_PAYLOAD)];
    let length = u16::try_from(HEADER + payload.len()).unwrap_or(u16::MAX);
    out.clear();
    for word in [source.port(), destination.port(), length, 0] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(payload);
    let sum = pseudo::checksum((source.ip(), destination.ip()), protocol::UDP, out, 3);
    out[6..8].copy_from_slice(&never_zero(sum).to_be_bytes());
}

/// A checksum of zero is sent as all ones, for zero means that there is none (RFC 768).
const fn never_zero(sum: u16) -> u16 {
    if sum == 0 { u16::MAX } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    /// A capture on loopback; the checksums are those that tcpdump asked for.
    #[test]
    fn datagrams_match_the_octets_a_capture_shows() {
        let v4 = datagram("127.0.0.1:48052", "127.0.0.1:33434", b"abc");
        assert_eq!(v4, [0xbb, 0xb4, 0x82, 0x9a, 0, 11, 0xff, 0x23, b'a', b'b', b'c']);
        let v6 = datagram("[::1]:56534", "[::1]:33434", b"abc");
        assert_eq!(v6, [0xdc, 0xd6, 0x82, 0x9a, 0, 11, 0xdc, 0x02, b'a', b'b', b'c']);
    }

    #[test]
    fn header_round_trips() {
        let bytes = datagram("192.0.2.1:7", "192.0.2.2:65535", &[]);
        let header = Header::parse(&bytes).unwrap();
        assert_eq!((header.source, header.destination, header.length), (7, 65535, 8));
    }

    #[test]
    fn sum_of_zero_is_sent_as_all_ones() {
        let plain = datagram("192.0.2.1:1", "192.0.2.2:2", &[0, 0]);
        let sum = Header::parse(&plain).unwrap().checksum;
        let bytes = datagram("192.0.2.1:1", "192.0.2.2:2", &sum.to_be_bytes());
        assert_eq!(Header::parse(&bytes).unwrap().checksum, 0xffff);
    }

    #[test]
    fn addresses_of_two_families_are_summed_as_mapped_ones() {
        let mixed = datagram("192.0.2.1:1", "[2001:db8::1]:2", b"abc");
        assert_eq!(mixed, datagram("[::ffff:192.0.2.1]:1", "[2001:db8::1]:2", b"abc"));
    }

    #[test]
    fn payload_that_no_length_can_count_is_cut() {
        let bytes = datagram("192.0.2.1:1", "192.0.2.2:2", &vec![0xff; 70_000]);
        assert_eq!(bytes.len(), HEADER + LONGEST_PAYLOAD);
        assert_eq!(Header::parse(&bytes).unwrap().length, 65535);
    }

    #[test]
    fn parse_is_total() {
        for length in 0..HEADER {
            let want = Err(Error::Truncated { what: "UDP", need: 8, got: length });
            assert_eq!(Header::parse(&[0xff; HEADER][..length]), want);
        }
        for bytes in noise(2000) {
            assert_eq!(Header::parse(&bytes).is_ok(), bytes.len() >= HEADER);
        }
    }

    fn datagram(source: &str, destination: &str, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff; 3];
        emit(source.parse().unwrap(), destination.parse().unwrap(), payload, &mut bytes);
        bytes
    }
}
