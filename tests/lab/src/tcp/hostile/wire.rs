//! Segments as they come, and as they are written: octet by octet, whether they make sense or not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use pnet_packet::ip::IpNextHeaderProtocols::Tcp;
use pnet_packet::ipv4::{self, Ipv4Packet, MutableIpv4Packet};
use pnet_packet::ipv6::{Ipv6Packet, MutableIpv6Packet};
use pnet_packet::tcp::TcpPacket;
use pnet_packet::util;

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// A segment that came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    source: IpAddr,
    destination: IpAddr,
    source_port: u16,
    destination_port: u16,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) data: Vec<u8>,
}

/// A segment to send back.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) after: Duration,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    /// What stands in the place of options, a multiple of four octets.
    pub(crate) options: Vec<u8>,
    pub(crate) data: Vec<u8>,
    /// The data offset in words, where it lies.
    pub(crate) offset: Option<u8>,
    pub(crate) hop_limit: u8,
    /// Whether the checksum is right.
    pub(crate) is_sound: bool,
    /// Only so many octets of it.
    pub(crate) cut: usize,
}

impl Heard {
    /// `None`: no whole segment of TCP.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => {
                let ip = Ipv4Packet::new(bytes)?;
                let (start, end) =
                    (usize::from(ip.get_header_length()) * 4, ip.get_total_length().into());
                let segment =
                    bytes.get(start..end).filter(|_| ip.get_next_level_protocol() == Tcp)?;
                Self::segment(ip.get_source().into(), ip.get_destination().into(), segment)
            }
            6 => {
                let ip = Ipv6Packet::new(bytes).filter(|ip| ip.get_next_header() == Tcp)?;
                let segment = bytes.get(40..)?.get(..ip.get_payload_length().into())?;
                Self::segment(ip.get_source().into(), ip.get_destination().into(), segment)
            }
            _ => None,
        }
    }

    fn segment(source: IpAddr, destination: IpAddr, bytes: &[u8]) -> Option<Self> {
        let tcp = TcpPacket::new(bytes)?;
        let data = bytes.get(usize::from(tcp.get_data_offset()) * 4..)?.to_vec();
        Some(Self {
            source,
            destination,
            source_port: tcp.get_source(),
            destination_port: tcp.get_destination(),
            seq: tcp.get_sequence(),
            ack: tcp.get_acknowledgement(),
            flags: tcp.get_flags(),
            data,
        })
    }

    /// Which of the hosts is asked, from 1.
    pub(crate) fn target(&self) -> Option<u16> {
        match self.destination {
            IpAddr::V4(ip) => ip.octets().strip_prefix(&[198, 51, 100]).map(|n| u16::from(n[0])),
            IpAddr::V6(ip) => match ip.segments() {
                [0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, n] => Some(n),
                _ => None,
            },
        }
    }

    /// The octets that the sequence numbers of this segment count (RFC 9293 §3.4).
    pub(crate) fn counted(&self) -> u32 {
        let flags = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        flags + u32::try_from(self.data.len()).unwrap_or_default()
    }

    /// The datagram of an answer.
    pub(crate) fn back(&self, said: &Said) -> Vec<u8> {
        let mut tcp = Vec::new();
        tcp.extend(self.destination_port.to_be_bytes());
        tcp.extend(self.source_port.to_be_bytes());
        tcp.extend(said.seq.to_be_bytes());
        tcp.extend(said.ack.to_be_bytes());
        let words = u8::try_from(5 + said.options.len() / 4).unwrap_or(15);
        tcp.extend([said.offset.unwrap_or(words) << 4, said.flags]);
        tcp.extend(said.window.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.extend(&said.options);
        tcp.extend(&said.data);
        tcp.truncate(said.cut);
        let checksum = self.checksum(&tcp) ^ u16::from(!said.is_sound);
        if let Some(field) = tcp.get_mut(16..18) {
            field.copy_from_slice(&checksum.to_be_bytes());
        }
        match (self.destination, self.source) {
            (IpAddr::V4(from), IpAddr::V4(to)) => v4(from, to, said.hop_limit, &tcp),
            (IpAddr::V6(from), IpAddr::V6(to)) => v6(from, to, said.hop_limit, &tcp),
            _ => Vec::new(),
        }
    }

    fn checksum(&self, tcp: &[u8]) -> u16 {
        match (&self.destination, &self.source) {
            (IpAddr::V4(from), IpAddr::V4(to)) => util::ipv4_checksum(tcp, 8, &[], from, to, Tcp),
            (IpAddr::V6(from), IpAddr::V6(to)) => util::ipv6_checksum(tcp, 8, &[], from, to, Tcp),
            _ => 0,
        }
    }
}

fn v4(from: Ipv4Addr, to: Ipv4Addr, hop_limit: u8, tcp: &[u8]) -> Vec<u8> {
    let mut bytes = [&[0; 20][..], tcp].concat();
    let total = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    if let Some(mut header) = MutableIpv4Packet::new(&mut bytes) {
        header.set_version(4);
        header.set_header_length(5);
        header.set_total_length(total);
        header.set_ttl(hop_limit);
        header.set_next_level_protocol(Tcp);
        header.set_source(from);
        header.set_destination(to);
        header.set_checksum(ipv4::checksum(&header.to_immutable()));
    }
    bytes
}

fn v6(from: Ipv6Addr, to: Ipv6Addr, hop_limit: u8, tcp: &[u8]) -> Vec<u8> {
    let mut bytes = [&[0; 40][..], tcp].concat();
    if let Some(mut header) = MutableIpv6Packet::new(&mut bytes) {
        header.set_version(6);
        header.set_payload_length(u16::try_from(tcp.len()).unwrap_or(u16::MAX));
        header.set_next_header(Tcp);
        header.set_hop_limit(hop_limit);
        header.set_source(from);
        header.set_destination(to);
    }
    bytes
}
