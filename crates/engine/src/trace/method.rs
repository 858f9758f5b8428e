//! What a probe looks like on the wire, and how an answer says which probe it is about.

use std::net::{IpAddr, SocketAddr};

use wireline_packet::quoted::Quoted;
use wireline_packet::tcp::{self, Flags};
use wireline_packet::{EchoId, icmpv4, icmpv6, protocol, udp};

use crate::{Refusal, Reply, Transmit};

/// How a path is probed. Each has its own place for the number of a probe, inside the first eight
/// octets after the IP header: more of it a router need not quote (RFC 792).
#[derive(Clone, Debug)]
pub enum Method {
    /// UDP to a port that is one higher for each probe.
    UdpRising {
        /// The port of the first.
        port: u16,
    },
    /// UDP to one port; each probe has a socket and so a source port of its own.
    Udp {
        /// The port.
        port: u16,
        /// How many sockets there are.
        flows: u32,
    },
    /// ICMP echo requests.
    Icmp {
        /// Identifier to expect; `None` where the kernel sets and checks it.
        ident: Option<u16>,
        /// The sequence number of the first.
        seq: u16,
    },
    /// TCP segments made here, on a raw socket; each probe has a source port of its own.
    Tcp(Segments),
    /// TCP connections made by the kernel.
    Connect {
        /// The port.
        port: u16,
    },
    /// Nothing but data after the IP header, which begins with the number.
    Raw,
}

/// The segments of [`Method::Tcp`].
#[derive(Clone, Debug)]
pub struct Segments {
    /// The address that they leave from, which is in the checksum.
    pub source: IpAddr,
    /// Where they go.
    pub port: u16,
    /// The source port of the first.
    pub source_port: u16,
    /// How many source ports are used in turn; 1 keeps to the first.
    pub ports: u16,
    /// Flags.
    pub flags: Flags,
    /// Sequence number of all of them.
    pub sequence: u32,
    /// Window, as it stands in the header.
    pub window: u16,
    /// Options, padded to a multiple of four octets.
    pub options: Vec<u8>,
}

impl Method {
    /// Octets of the header that the contents of a datagram begin with.
    #[must_use]
    pub fn header(&self) -> usize {
        match self {
            Self::Icmp { .. } => 8,
            Self::Tcp(segments) => 20 + segments.options.len(),
            Self::UdpRising { .. } | Self::Udp { .. } | Self::Connect { .. } | Self::Raw => 0,
        }
    }

    /// Octets of the quoted datagram that the kernel keeps to itself: what comes before the contents of
    /// a datagram on its socket.
    pub(super) const fn cut(&self, is_ipv6: bool) -> usize {
        let ip = if is_ipv6 { 40 } else { 20 };
        match self {
            Self::UdpRising { .. } | Self::Udp { .. } => ip + 8,
            Self::Icmp { .. } | Self::Tcp(_) | Self::Connect { .. } | Self::Raw => ip,
        }
    }

    /// Whether what is heard can only be about our own probes, whatever it quotes: the kernel hands a UDP
    /// socket nothing that was not sent from its port.
    pub(super) const fn has_own_sockets(&self) -> bool {
        matches!(self, Self::UdpRising { .. } | Self::Udp { .. })
    }

    /// Numbers that can be told apart.
    fn modulus(&self) -> u32 {
        match self {
            Self::UdpRising { .. } | Self::Icmp { .. } => 1 << 16,
            Self::Udp { flows, .. } => (*flows).max(1),
            Self::Tcp(segments) => u32::from(segments.ports).max(1),
            Self::Connect { .. } | Self::Raw => 1 << 31,
        }
    }

    /// Writes probe `number` with `size` octets of data, and says where it goes.
    pub(super) fn emit(
        &self,
        target: SocketAddr,
        number: u32,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Transmit {
        let mut to = target;
        let mut flow = 0;
        match self {
            Self::UdpRising { port } => {
                to.set_port(port.wrapping_add(low(number)));
                fill(out, 0, size);
            }
            Self::Udp { port, flows } => {
                to.set_port(*port);
                flow = number % (*flows).max(1);
                fill(out, 0, size);
            }
            Self::Icmp { ident, seq } => {
                let id = EchoId { ident: ident.unwrap_or(0), seq: seq.wrapping_add(low(number)) };
                echo(target.is_ipv6(), id, size, out);
            }
            Self::Tcp(segments) => {
                to.set_port(segments.port);
                segments.emit(target.ip(), number, size, out);
            }
            Self::Connect { port } => {
                to.set_port(*port);
                out.clear();
            }
            Self::Raw => raw(number, size, out),
        }
        Transmit { destination: to, id: number, hop_limit: None, flow }
    }

    /// The number of the probe that was refused, as far as it can be told: the newest of those that
    /// share it is meant.
    pub(super) fn refused(&self, target: SocketAddr, refusal: &Refusal<'_>) -> Option<Number> {
        let found = match self {
            Self::UdpRising { port } => refusal.destination.port().wrapping_sub(*port).into(),
            Self::Udp { .. } | Self::Connect { .. } => refusal.flow,
            Self::Icmp { ident, seq } => {
                let id = request(target.is_ipv6(), refusal.quoted)?;
                if ident.is_some_and(|ident| ident != id.ident) {
                    return None;
                }
                id.seq.wrapping_sub(*seq).into()
            }
            Self::Tcp(segments) => segments.quoted(refusal.quoted)?,
            Self::Raw => match refusal.quoted.first_chunk::<4>() {
                Some(octets) => u32::from_be_bytes(*octets),
                None => return Some(Number::Only),
            },
        };
        Some(Number::Modulo(found, self.modulus()))
    }

    /// The source port of a probe, or its identifier, where it is not the kernel's choice.
    pub(super) fn own_port(&self, number: u32) -> Option<u16> {
        match self {
            Self::Icmp { ident, .. } => *ident,
            Self::Tcp(segments) => Some(segments.source_port_of(number)),
            Self::UdpRising { .. } | Self::Udp { .. } | Self::Connect { .. } | Self::Raw => None,
        }
    }

    /// The number of the probe that is quoted whole, if it is one; of a port that the kernel chose, `newest`
    /// knows whose it was last.
    pub(super) fn quoted(
        &self,
        quoted: &Quoted<'_>,
        newest: impl Fn(u16) -> Option<u32>,
    ) -> Option<Number> {
        let found = match self {
            Self::UdpRising { port } => quoted.ports()?.1.wrapping_sub(*port).into(),
            Self::Udp { .. } | Self::Connect { .. } => newest(quoted.ports()?.0)?,
            Self::Icmp { seq, .. } => {
                let is_ipv6 = quoted.protocol == protocol::ICMPV6;
                request(is_ipv6, quoted.transport)?.seq.wrapping_sub(*seq).into()
            }
            Self::Tcp(segments) => segments.quoted(quoted.transport)?,
            Self::Raw => return None,
        };
        Some(match self {
            Self::Udp { .. } => Number::Exactly(found),
            _ => Number::Modulo(found, self.modulus()),
        })
    }

    /// A probe from its transport header on, as it left from `source`, and of which protocol; of a
    /// connection the ports, which is all that is known.
    pub(super) fn whole(
        &self,
        (source, target): (SocketAddr, SocketAddr),
        number: u32,
        size: usize,
    ) -> Option<(u8, Vec<u8>)> {
        let mut contents = Vec::new();
        let to = self.emit(target, number, size, &mut contents).destination;
        let mut whole = Vec::new();
        Some(match self {
            Self::UdpRising { .. } | Self::Udp { .. } => {
                udp::emit(source, to, &contents, &mut whole);
                (protocol::UDP, whole)
            }
            Self::Icmp { .. } => {
                contents.get_mut(4..6)?.copy_from_slice(&source.port().to_be_bytes());
                let icmp = if target.is_ipv6() { protocol::ICMPV6 } else { protocol::ICMP };
                (icmp, contents)
            }
            Self::Tcp(_) => (protocol::TCP, contents),
            Self::Connect { .. } => {
                let ports = [source.port(), to.port()].map(u16::to_be_bytes);
                (protocol::TCP, ports.concat())
            }
            Self::Raw => return None,
        })
    }

    /// The number of the probe that was replied to.
    pub(super) fn replied(&self, target: SocketAddr, reply: &Reply<'_>) -> Option<Number> {
        let found = match self {
            // No number comes back: it is the only one, or not to be told.
            Self::UdpRising { .. } => reply.source.port().wrapping_sub(self.port()).into(),
            Self::Udp { .. } => reply.flow,
            Self::Icmp { ident, seq } => {
                let id = echoed(target.is_ipv6(), reply.contents)?;
                if ident.is_some_and(|ident| ident != id.ident) {
                    return None;
                }
                id.seq.wrapping_sub(*seq).into()
            }
            Self::Tcp(segments) => segments.answered(reply)?,
            Self::Raw if reply.source.ip() == target.ip() => return Some(Number::Only),
            Self::Raw | Self::Connect { .. } => return None,
        };
        Some(Number::Modulo(found, self.modulus()))
    }

    /// The port that probes go to, of the first of them.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self {
            Self::UdpRising { port } | Self::Udp { port, .. } | Self::Connect { port } => *port,
            Self::Tcp(segments) => segments.port,
            Self::Icmp { .. } | Self::Raw => 0,
        }
    }
}

/// Which probe an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// The newest with this remainder.
    Modulo(u32, u32),
    /// This one.
    Exactly(u32),
    /// The only one that is under way.
    Only,
}

impl Segments {
    fn emit(&self, target: IpAddr, number: u32, size: usize, out: &mut Vec<u8>) {
        let mut payload = Vec::new();
        fill(&mut payload, 0, size);
        let segment = tcp::Segment {
            source_port: self.source_port_of(number),
            destination_port: self.port,
            sequence: self.sequence,
            // What a reset of an unasked-for acknowledgment takes as its own number (RFC 9293 §3.5.2).
            acknowledgment: if self.flags.contains(Flags::ACK) { self.sequence } else { 0 },
            flags: self.flags,
            window: self.window,
            urgent: 0,
            options: &self.options,
            payload: &payload,
        };
        segment.emit(self.source, target, out);
    }

    fn source_port_of(&self, number: u32) -> u16 {
        self.source_port.wrapping_add(low(number % u32::from(self.ports.max(1))))
    }

    fn quoted(&self, octets: &[u8]) -> Option<u32> {
        let start = tcp::read_start(octets).ok()?;
        let ours = start.destination_port == self.port && start.sequence == self.sequence;
        self.number(start.source_port).filter(|_| ours)
    }

    /// A reset need not acknowledge anything, and a challenge acknowledges another segment: the ports
    /// are what a probe is known by.
    fn answered(&self, reply: &Reply<'_>) -> Option<u32> {
        let segment = tcp::Segment::parse(reply.contents).ok()?;
        self.number(segment.destination_port).filter(|_| segment.source_port == self.port)
    }

    fn number(&self, port: u16) -> Option<u32> {
        let number = port.wrapping_sub(self.source_port);
        (number < self.ports.max(1)).then_some(number.into())
    }
}

/// Data that a capture shows to be a probe's: the letters from `@` on, by their place after the IP header.
fn fill(out: &mut Vec<u8>, from: usize, size: usize) {
    out.clear();
    out.extend((from..from + size).map(|n| b'@' | u8::try_from(n & 0x3f).unwrap_or(0)));
}

fn raw(number: u32, size: usize, out: &mut Vec<u8>) {
    fill(out, 0, size.max(4));
    out[..4].copy_from_slice(&number.to_be_bytes());
}

fn echo(is_ipv6: bool, id: EchoId, size: usize, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    fill(&mut payload, 8, size);
    if is_ipv6 {
        icmpv6::EchoRequest { id, payload: &payload }.emit(out);
    } else {
        icmpv4::EchoRequest { id, payload: &payload }.emit(out);
    }
}

fn request(is_ipv6: bool, octets: &[u8]) -> Option<EchoId> {
    if is_ipv6 {
        match icmpv6::Message::read(octets).ok()? {
            icmpv6::Message::EchoRequest(id, _) => Some(id),
            _ => None,
        }
    } else {
        match icmpv4::Message::read(octets).ok()? {
            icmpv4::Message::EchoRequest(id, _) => Some(id),
            _ => None,
        }
    }
}

fn echoed(is_ipv6: bool, octets: &[u8]) -> Option<EchoId> {
    if is_ipv6 {
        match icmpv6::Message::read(octets).ok()? {
            icmpv6::Message::EchoReply(id, _) => Some(id),
            _ => None,
        }
    } else {
        match icmpv4::Message::parse(octets).ok()? {
            icmpv4::Message::EchoReply(id, _) => Some(id),
            _ => None,
        }
    }
}

/// The low sixteen bits.
#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
const fn low(number: u32) -> u16 {
    number as u16
}
