//! The questions.

use std::fmt;
use std::net::Ipv4Addr;

use wireline_packet::Mac;
use wireline_packet::arp::{End, Header, LENGTH, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use super::PLAIN;

/// What is strange about a request; the rest is as RFC 826 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// `ar$spa`.
    Sender(Ipv4Addr),
    /// `ar$op`.
    Operation(u16),
    /// `ar$hrd`.
    Hardware(u16),
    /// `ar$pro`.
    Protocol(u16),
    /// `ar$pln`; the message is as long as ever.
    ProtocolLength(u8),
    /// `ar$hln`; the message is as long as ever.
    HardwareLength(u8),
}

/// In the order of the bits of arp-fingerprint(1).
pub const PROBES: [Probe; 11] = [
    Probe::Sender(Ipv4Addr::LOCALHOST),
    Probe::Sender(Ipv4Addr::UNSPECIFIED),
    Probe::Sender(Ipv4Addr::BROADCAST),
    Probe::Sender(Ipv4Addr::new(1, 0, 0, 1)),
    Probe::Operation(255),
    Probe::Hardware(6),
    Probe::Hardware(255),
    Probe::Protocol(0xffff),
    Probe::Protocol(0x8137),
    Probe::ProtocolLength(6),
    Probe::HardwareLength(8),
];

impl Probe {
    /// The sender that is its own.
    #[must_use]
    pub const fn sender(self) -> Option<Ipv4Addr> {
        match self {
            Self::Sender(address) => Some(address),
            _ => None,
        }
    }

    fn header(self) -> Header {
        let usual = Header::ipv4(operation::REQUEST);
        match self {
            Self::Sender(_) => usual,
            Self::Operation(operation) => Header { operation, ..usual },
            Self::Hardware(hardware) => Header { hardware, ..usual },
            Self::Protocol(protocol) => Header { protocol, ..usual },
            Self::ProtocolLength(protocol_length) => Header { protocol_length, ..usual },
            Self::HardwareLength(hardware_length) => Header { hardware_length, ..usual },
        }
    }
}

impl fmt::Display for Probe {
    /// As the options of arp-scan that ask so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sender(address) => write!(f, "--arpspa={address}"),
            Self::Operation(operation) => write!(f, "--arpop={operation}"),
            Self::Hardware(kind) => write!(f, "--arphrd={kind}"),
            Self::Protocol(kind) => write!(f, "--arppro=0x{kind:04x}"),
            Self::ProtocolLength(length) => write!(f, "--arppln={length}"),
            Self::HardwareLength(length) => write!(f, "--arphln={length}"),
        }
    }
}

/// Which of [`PROBES`] were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Answers(u16);

impl Answers {
    /// Whether the one at a place was.
    #[must_use]
    pub const fn has(self, probe: usize) -> bool {
        probe <= PLAIN && self.0 >> probe & 1 == 1
    }

    pub(super) fn add(&mut self, probe: usize) {
        self.0 |= 1 << probe.min(PLAIN);
    }

    pub(super) const fn without(self, probe: usize) -> Self {
        Self(self.0 & !(1 << probe))
    }
}

impl fmt::Display for Answers {
    /// A digit for each of [`PROBES`], 1 where it was answered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..PROBES.len()).try_for_each(|probe| write!(f, "{}", u8::from(self.has(probe))))
    }
}

/// Writes a frame to everybody over whatever `out` held; the ordinary question without a probe.
pub(super) fn write(
    probe: Option<Probe>,
    tag: Option<u16>,
    mac: Mac,
    address: Ipv4Addr,
    target: Ipv4Addr,
    out: &mut Vec<u8>,
) {
    let header = probe.map_or(Header::ipv4(operation::REQUEST), Probe::header);
    let address = probe.and_then(Probe::sender).unwrap_or(address);
    let sender = End { mac, address };
    let target = End { mac: Mac::ZERO, address: target };
    let mut payload = Vec::with_capacity(LENGTH);
    Message { header, sender, target, rest: &[] }.emit(&mut payload);
    let (destination, protocol) = (Mac::BROADCAST, ethertype::ARP);
    let framing = Framing::Ethernet2;
    Frame { destination, source: mac, tag, framing, protocol, payload: &payload }.emit(out);
}
