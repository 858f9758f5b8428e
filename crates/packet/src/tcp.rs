//! TCP segments (RFC 9293 §3.1).
//!
//! One at a time: nothing here knows a connection. The data offset is compared with the buffer, and
//! checksums are looked at by [`verify`] alone, for a quote in an ICMP error is seldom whole.

use std::net::IpAddr;

use pnet_packet::tcp::TcpPacket;

use crate::{Error, Result, protocol, pseudo};

mod flags;
pub mod options;

pub use flags::Flags;
pub use options::{Options, Timestamps};

/// Octets of a TCP header without options.
pub const HEADER: usize = 20;

/// Octets of options that the data offset leaves room for (RFC 9293 §3.1).
pub const LONGEST_OPTIONS: usize = 40;

const WHAT: &str = "TCP";

/// Which of a header's 16-bit words is the checksum.
const CHECKSUM_WORD: usize = 8;

/// A segment, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub destination_port: u16,
    /// Number of the first octet of data, or of the SYN.
    pub sequence: u32,
    /// Number of the octet that the sender waits for; counts with [`Flags::ACK`].
    pub acknowledgment: u32,
    /// Control bits.
    pub flags: Flags,
    /// Octets that the sender will take, not yet shifted (RFC 7323 §2.3).
    pub window: u16,
    /// Octets up to the end of urgent data; counts with [`Flags::URG`].
    pub urgent: u16,
    /// Between the fixed header and the data: see [`Options`].
    pub options: &'a [u8],
    /// What follows, as far as the buffer goes.
    pub payload: &'a [u8],
}

/// The start of a segment: what fits the 8 octets that an ICMP error must quote (RFC 792).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
}

/// Reads the start of a segment, whatever becomes of the rest.
pub fn read_start(bytes: &[u8]) -> Result<Start> {
    let &[[a, b, c, d], sequence, ..] = bytes.as_chunks::<4>().0 else {
        return Err(truncated(8, bytes.len()));
    };
    Ok(Start {
        source_port: u16::from_be_bytes([a, b]),
        destination_port: u16::from_be_bytes([c, d]),
        sequence: u32::from_be_bytes(sequence),
    })
}

/// Compares the checksum of a whole segment with its octets and addresses (RFC 9293 §3.1).
pub fn verify(source: IpAddr, destination: IpAddr, bytes: &[u8]) -> Result<()> {
    let packet = TcpPacket::new(bytes).ok_or(truncated(HEADER, bytes.len()))?;
    let found = packet.get_checksum();
    let want = pseudo::checksum((source, destination), protocol::TCP, bytes, CHECKSUM_WORD);
    // Zero has two spellings in ones' complement (RFC 1624 §3).
    let same = found == want || (found == u16::MAX && want == 0);
    if same { Ok(()) } else { Err(Error::Checksum { what: WHAT, found, want }) }
}

/// Writes the checksum into a segment that was emitted without knowing who sends it (RFC 9293 §3.1). One cut short
/// is left alone.
pub fn seal(source: IpAddr, destination: IpAddr, bytes: &mut [u8]) {
    if bytes.len() < HEADER {
        return;
    }
    let sum = pseudo::checksum((source, destination), protocol::TCP, bytes, CHECKSUM_WORD);
    bytes[16..18].copy_from_slice(&sum.to_be_bytes());
}

/// Whether a whole segment has the checksum that it should have, or the bare sum of its pseudo-header: what a sender
/// on this machine leaves there for an interface to complete, and what has not been on any wire.
#[must_use]
pub fn is_sound(source: IpAddr, destination: IpAddr, bytes: &[u8]) -> bool {
    let field = bytes.get(2 * CHECKSUM_WORD..2 * CHECKSUM_WORD + 2);
    let Some(&[high, low]) = field else { return false };
    let bare = pseudo::sum((source, destination), protocol::TCP, bytes.len());
    u16::from_be_bytes([high, low]) == bare || verify(source, destination, bytes).is_ok()
}

const fn truncated(need: usize, got: usize) -> Error {
    Error::Truncated { what: WHAT, need, got }
}

impl<'a> Segment<'a> {
    /// Reads a segment without looking at its checksum. `bytes` starts after the IP header.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let packet = TcpPacket::new(bytes).ok_or(truncated(HEADER, bytes.len()))?;
        let (header, payload) = split(bytes, packet.get_data_offset())?;
        Ok(Self {
            source_port: packet.get_source(),
            destination_port: packet.get_destination(),
            sequence: packet.get_sequence(),
            acknowledgment: packet.get_acknowledgement(),
            flags: Flags(packet.get_flags()),
            window: packet.get_window(),
            urgent: packet.get_urgent_ptr(),
            options: &header[HEADER..],
            payload,
        })
    }

    /// Writes the segment over whatever `out` held, checksum included, for a raw socket.
    ///
    /// Options are padded with zeros to a multiple of 4 octets. What no header can count is left out:
    /// options past [`LONGEST_OPTIONS`], and data past 65535 octets in all. Of two families, IPv4 counts
    /// as IPv4-mapped in the pseudo-header.
    pub fn emit(&self, source: IpAddr, destination: IpAddr, out: &mut Vec<u8>) {
        out.clear();
        self.append_header(out);
        let room = pseudo::LONGEST - out.len();
        out.extend_from_slice(&self.payload[..self.payload.len().min(room)]);
        let ends = (source, destination);
        let sum = pseudo::checksum(ends, protocol::TCP, out, CHECKSUM_WORD);
        out[16..18].copy_from_slice(&sum.to_be_bytes());
    }

    /// The header, its checksum left zero: 20 to 60 octets.
    fn append_header(&self, out: &mut Vec<u8>) {
        let options = &self.options[..self.options.len().min(LONGEST_OPTIONS)];
        let length = HEADER + options.len().next_multiple_of(4);
        // The data offset counts 4 octets and stands in the upper half: 5 to 15, so it fits.
        let offset = u8::try_from(length / 4).unwrap_or(15) << 4;
        out.extend_from_slice(&self.source_port.to_be_bytes());
        out.extend_from_slice(&self.destination_port.to_be_bytes());
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.acknowledgment.to_be_bytes());
        out.extend_from_slice(&[offset, self.flags.0]);
        out.extend_from_slice(&self.window.to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&self.urgent.to_be_bytes());
        out.extend_from_slice(options);
        out.resize(length, 0);
    }
}

/// Header and data of at least [`HEADER`] octets, by a data offset that may lie.
fn split(bytes: &[u8], offset: u8) -> Result<(&[u8], &[u8])> {
    let header = usize::from(offset) * 4;
    if header < HEADER {
        let value = offset.into();
        return Err(Error::Malformed { what: WHAT, field: "data offset", value });
    }
    bytes.split_at_checked(header).ok_or(truncated(header, bytes.len()))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::noise::noise;

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    /// What a closed port answered a SYN with, captured on loopback.
    const RESET: [u8; 20] = [
        0x82, 0x9a, 0x81, 0xa4, 0, 0, 0, 0, 0xe1, 0x18, 0xbe, 0x6c, 0x50, 0x14, 0, 0, 0x0e, 0x0a,
        0, 0,
    ];

    #[test]
    fn captured_reset_is_read() {
        let want = Segment {
            source_port: 33434,
            destination_port: 33188,
            sequence: 0,
            acknowledgment: 3_776_495_212,
            flags: Flags::RST | Flags::ACK,
            window: 0,
            urgent: 0,
            options: &[],
            payload: &[],
        };
        assert_eq!(Segment::parse(&RESET), Ok(want));
        assert_eq!(verify(V4, V4, &RESET), Ok(()));
        assert_eq!(emitted(&want, V4), RESET);
    }

    /// Captured on loopback; the checksums are those that tcpdump asked for.
    #[test]
    fn requests_match_the_octets_a_capture_shows() {
        let options = syn_options(65495, 0xcd71_53f9);
        let v4 = emitted(&syn(41650, 0xadf8_2932, 65495, &options), V4);
        let fixed = [
            0xa2, 0xb2, 0x1b, 0x59, 0xad, 0xf8, 0x29, 0x32, 0, 0, 0, 0, 0xa0, 0x02, 0xff, 0xd7,
            0x99, 0x5d, 0, 0,
        ];
        assert_eq!(v4, [&fixed[..], &options].concat());

        let options = syn_options(65476, 0xe59e_d370);
        let v6 = emitted(&syn(58456, 0xd199_11a6, 65476, &options), V6);
        let fixed = [
            0xe4, 0x58, 0x1b, 0x59, 0xd1, 0x99, 0x11, 0xa6, 0, 0, 0, 0, 0xa0, 0x02, 0xff, 0xc4,
            0xb2, 0x24, 0, 0,
        ];
        assert_eq!(v6, [&fixed[..], &options].concat());
    }

    #[test]
    fn segment_round_trips_with_data_of_odd_length() {
        let segment = Segment { urgent: 3, payload: b"abc", ..syn(1, 2, 3, &[1, 1, 4, 2]) };
        for address in [V4, V6] {
            let bytes = emitted(&segment, address);
            assert_eq!(Segment::parse(&bytes), Ok(segment));
            assert_eq!(verify(address, address, &bytes), Ok(()));
        }
    }

    #[test]
    fn sealing_gives_the_checksum_that_the_sender_would_have_written() {
        for end in 0..RESET.len() {
            let mut cut = RESET[..end].to_vec();
            seal(V4, V4, &mut cut);
            assert_eq!(cut, RESET[..end]);
        }
        let mut bytes = RESET;
        bytes[16..18].fill(0);
        seal(V4, V4, &mut bytes);
        assert_eq!(bytes, RESET);
    }

    #[test]
    fn flipped_bit_is_a_checksum_error() {
        let mut bytes = RESET;
        bytes[5] ^= 1;
        let want = Error::Checksum { what: "TCP", found: 0x0e0a, want: 0x0e09 };
        assert_eq!(verify(V4, V4, &bytes), Err(want));
        assert!(verify(V4, Ipv4Addr::new(192, 0, 2, 1).into(), &RESET).is_err());
    }

    #[test]
    fn sound_is_what_is_right_or_not_yet_completed() {
        assert!(is_sound(V4, V4, &RESET));
        let mut bytes = RESET;
        bytes[16] ^= 1;
        assert!(!is_sound(V4, V4, &bytes));
        // 7f00:0001 twice, protocol 6, length 20.
        bytes[16..18].copy_from_slice(&0xfe1c_u16.to_be_bytes());
        assert!(is_sound(V4, V4, &bytes));
        assert!(!is_sound(V4, V4, &bytes[..17]));
    }

    #[test]
    fn options_are_padded_with_zeros_and_cut_where_the_offset_ends() {
        let bytes = emitted(&syn(1, 2, 3, &[4, 2]), V4);
        assert_eq!(Segment::parse(&bytes).unwrap().options, [4, 2, 0, 0]);
        let bytes = emitted(&syn(1, 2, 3, &[1; 50]), V4);
        assert_eq!(Segment::parse(&bytes).unwrap().options, [1; 40]);
    }

    #[test]
    fn data_that_no_length_can_count_is_cut() {
        let segment = Segment { payload: &vec![0xff; 70_000], ..syn(1, 2, 3, &[]) };
        let bytes = emitted(&segment, V4);
        assert_eq!((bytes.len(), verify(V4, V4, &bytes)), (65535, Ok(())));
        assert!(verify(V4, V4, &vec![0xff; 300_000]).is_err());
    }

    #[test]
    fn data_offset_that_lies_is_an_error() {
        for offset in 0..=15 {
            let mut bytes = RESET;
            bytes[12] = offset << 4;
            let got = Segment::parse(&bytes);
            match offset {
                0..5 => assert!(matches!(got, Err(Error::Malformed { .. })), "{offset}"),
                5 => assert!(got.is_ok()),
                _ => assert!(matches!(got, Err(Error::Truncated { .. })), "{offset}"),
            }
        }
    }

    #[test]
    fn eight_octets_are_enough_for_the_start() {
        let want = Start { source_port: 33434, destination_port: 33188, sequence: 0 };
        for end in 0..=RESET.len() {
            let start = read_start(&RESET[..end]);
            assert_eq!(start, if end < 8 { Err(truncated(8, end)) } else { Ok(want) });
        }
    }

    #[test]
    fn parse_is_total() {
        for end in 0..HEADER {
            assert_eq!(Segment::parse(&RESET[..end]), Err(truncated(20, end)));
        }
        for bytes in noise(20_000) {
            let _ = (read_start(&bytes), verify(V4, V6, &bytes));
            let Ok(segment) = Segment::parse(&bytes) else { continue };
            let length = HEADER + segment.options.len() + segment.payload.len();
            assert_eq!(length, bytes.len());
        }
    }

    fn syn(source_port: u16, sequence: u32, window: u16, options: &[u8]) -> Segment<'_> {
        Segment {
            source_port,
            destination_port: 7001,
            sequence,
            acknowledgment: 0,
            flags: Flags::SYN,
            window,
            urgent: 0,
            options,
            payload: &[],
        }
    }

    fn syn_options(size: u16, value: u32) -> Vec<u8> {
        let (sack_permitted, timestamps) = (true, Some(Timestamps { value, echo: 0 }));
        let (max_segment_size, window_scale) = (Some(size), Some(10));
        Options { max_segment_size, sack_permitted, timestamps, window_scale }.emit()
    }

    fn emitted(segment: &Segment<'_>, address: IpAddr) -> Vec<u8> {
        let mut bytes = vec![0xff; 3];
        segment.emit(address, address, &mut bytes);
        bytes
    }
}
