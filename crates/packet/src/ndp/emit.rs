//! Questions to a link, ready for the payload of a frame.

use std::net::Ipv6Addr;

use super::{
    ADVERTISEMENT, LISTENER_QUERY, LISTENER_REPORT, Message, Packet, ROUTER_ADVERTISEMENT,
    ROUTER_SOLICITATION, SOLICITATION, SOURCE, TARGET_LINK,
};
use crate::icmpv6::types;
use crate::{EchoId, Mac, ipv6, protocol, pseudo};

/// Everybody on the link (RFC 4291 §2.7.1).
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// What stands between the header and the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extension {
    /// Nothing.
    #[default]
    None,
    /// Hop-by-hop: routers are to look at it (RFC 2711), as every message about listeners has it.
    RouterAlert,
    /// For the destination: an option that nobody knows, and that everybody is to complain of, even of one that
    /// was sent to a group (RFC 8200 §4.2).
    UnknownOption,
}

impl Packet<'_> {
    /// Writes the packet over whatever `out` held.
    pub fn emit(&self, extension: Extension, out: &mut Vec<u8>) {
        let mut payload = Vec::with_capacity(64);
        let next_header = extension.append(&mut payload);
        let start = payload.len();
        self.message.append(&mut payload);
        let message = payload.get(start..).unwrap_or_default();
        let ends = (self.source.into(), self.destination.into());
        let sum = pseudo::checksum(ends, protocol::ICMPV6, message, 1).to_be_bytes();
        if let Some(field) = payload.get_mut(start + 2..start + 4) {
            field.copy_from_slice(&sum);
        }
        out.clear();
        let (source, destination, hop_limit) = (self.source, self.destination, self.hop_limit);
        ipv6::Header { source, destination, hop_limit, next_header, payload: &payload }.emit(out);
    }
}

impl Extension {
    /// Appends it, and says by which number the header calls what comes first.
    fn append(self, out: &mut Vec<u8>) -> u8 {
        // Action 10 in its highest bits; of IANA's registry none has this number.
        const UNKNOWN: u8 = 0x80;
        let (number, option) = match self {
            Self::None => return protocol::ICMPV6,
            Self::RouterAlert => (protocol::HOP_BY_HOP, [5, 2, 0, 0, 1, 0]),
            Self::UnknownOption => (protocol::DESTINATION_OPTIONS, [UNKNOWN, 1, 0, 1, 1, 0]),
        };
        out.extend_from_slice(&[protocol::ICMPV6, 0]);
        out.extend_from_slice(&option);
        number
    }
}

impl Message<'_> {
    /// Appends it with its checksum left zero.
    fn append(&self, out: &mut Vec<u8>) {
        match *self {
            Self::RouterSolicitation { mac } => {
                out.extend_from_slice(&[ROUTER_SOLICITATION, 0, 0, 0, 0, 0, 0, 0]);
                append_link(SOURCE, mac, out);
            }
            Self::RouterAdvertisement { mac, lifetime } => {
                let [high, low] = lifetime.to_be_bytes();
                out.extend_from_slice(&[ROUTER_ADVERTISEMENT, 0, 0, 0, 0, 0, high, low]);
                out.extend_from_slice(&[0; 8]);
                append_link(SOURCE, mac, out);
            }
            Self::Solicitation { target, mac } => {
                out.extend_from_slice(&[SOLICITATION, 0, 0, 0, 0, 0, 0, 0]);
                out.extend_from_slice(&target.octets());
                append_link(SOURCE, mac, out);
            }
            Self::Advertisement { target, mac, is_router, is_solicited, is_override } => {
                let flags = [(is_router, 0x80), (is_solicited, 0x40), (is_override, 0x20)];
                let flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum();
                out.extend_from_slice(&[ADVERTISEMENT, 0, 0, 0, flags, 0, 0, 0]);
                out.extend_from_slice(&target.octets());
                append_link(TARGET_LINK, mac, out);
            }
            Self::EchoRequest(id, data) => id.append(types::ECHO_REQUEST, data, out),
            Self::EchoReply(id, data) => id.append(types::ECHO_REPLY, data, out),
            Self::ParameterProblem { code, quoted } => {
                out.extend_from_slice(&[types::PARAMETER_PROBLEM, code, 0, 0, 0, 0, 0, 42]);
                out.extend_from_slice(quoted);
            }
            Self::ListenerQuery { delay } => append_query(delay, out),
            Self::ListenerReport { icmp_type } => {
                debug_assert!(matches!(icmp_type, 131 | 132 | LISTENER_REPORT));
                out.extend_from_slice(&[icmp_type, 0, 0, 0, 0, 0, 0, 0]);
            }
            Self::Other(icmp_type) => EchoId { ident: 0, seq: 0 }.append(icmp_type, &[], out),
        }
    }
}

fn append_link(kind: u8, mac: Option<Mac>, out: &mut Vec<u8>) {
    if let Some(Mac(octets)) = mac {
        out.extend_from_slice(&[kind, 1]);
        out.extend_from_slice(&octets);
    }
}

/// About every group and every source (RFC 9777 §5.1), with the defaults of a querier: robustness 2,
/// 125 seconds to the next.
fn append_query(delay: u16, out: &mut Vec<u8>) {
    let [high, low] = delay.to_be_bytes();
    out.extend_from_slice(&[LISTENER_QUERY, 0, 0, 0, high, low, 0, 0]);
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(&[2, 125, 0, 0]);
}

/// Where a solicitation for an address goes (RFC 4291 §2.7.1).
#[must_use]
pub fn solicited_node(target: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = target.octets();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(a), u16::from_be_bytes([b, c]))
}

/// Where frames to a group go (RFC 2464 §7).
#[must_use]
pub const fn multicast_mac(group: Ipv6Addr) -> Mac {
    let [.., a, b, c, d] = group.octets();
    Mac([0x33, 0x33, a, b, c, d])
}

/// The address that a host with this link-layer address gives itself, if it makes none up (RFC 4291 §2.5.1).
#[must_use]
pub fn link_local(mac: Mac) -> Ipv6Addr {
    let (company, own) = mac.0.split_at(3);
    let mut octets = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0];
    octets[8..11].copy_from_slice(company);
    octets[8] ^= 2;
    octets[13..].copy_from_slice(own);
    octets.into()
}
