//! What comes beside a datagram (cmsg(3)), read from octets.
//!
//! It never believes a length: a message that is cut short is none.

use std::net::{IpAddr, SocketAddr};

use wireline_packet::ethernet::ethertype;

/// One datagram and what came beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Received<'a> {
    pub(crate) contents: &'a [u8],
    pub(crate) source: Option<SocketAddr>,
    pub(crate) hop_limit: Option<u8>,
    /// `SCM_TIMESTAMPING`: nanoseconds since 1970, by the kernel's wall clock.
    pub(crate) stamp: Option<u64>,
    /// IPv4 options (`IP_RETOPTS`).
    pub(crate) options: &'a [u8],
    pub(crate) error: Option<ExtendedError>,
    /// Datagrams that the socket had no room for, since it was opened (`SO_RXQ_OVFL`).
    pub(crate) dropped: Option<u32>,
    /// What the kernel took out of a frame: type and control information of a VLAN's tag.
    pub(crate) tag: Option<[u16; 2]>,
    /// Octets of a frame before it was cut.
    pub(crate) length: Option<u32>,
    /// Of a frame: the interface's number, and how it came by (`PACKET_OUTGOING`).
    pub(crate) link: Option<(i32, u8)>,
}

/// `struct sock_extended_err` and the address behind it (ip(7)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtendedError {
    pub(crate) errno: u32,
    pub(crate) origin: u8,
    pub(crate) icmp_type: u8,
    pub(crate) code: u8,
    pub(crate) info: u32,
    pub(crate) data: u32,
    pub(crate) offender: Option<IpAddr>,
}

/// Notes what one message says, if it is one that we asked for and not cut short.
pub(crate) fn read_control<'a>(
    level: i32,
    kind: i32,
    payload: &'a [u8],
    received: &mut Received<'a>,
) {
    match (level, kind) {
        (libc::IPPROTO_IP, libc::IP_TTL) | (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => {
            received.hop_limit = word(payload, 0).and_then(|ttl| u8::try_from(ttl).ok());
        }
        (libc::IPPROTO_IP, libc::IP_RETOPTS | libc::IP_RECVOPTS) => received.options = payload,
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING) => received.stamp = timestamp(payload),
        (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => received.dropped = word(payload, 0),
        (libc::SOL_PACKET, libc::PACKET_AUXDATA) => {
            received.tag = stripped_tag(payload);
            received.length = word(payload, 4);
        }
        (libc::SOL_PACKET, libc::PACKET_TX_TIMESTAMP) => received.error = extended_error(payload),
        (libc::IPPROTO_IP, libc::IP_RECVERR) | (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) => {
            received.error = extended_error(payload);
        }
        _ => {}
    }
}

/// The first of the three timespecs: the software stamp. All zero where there is none.
fn timestamp(payload: &[u8]) -> Option<u64> {
    let seconds = u64::from_ne_bytes(payload.get(..8)?.try_into().ok()?);
    let nanos = u64::from_ne_bytes(payload.get(8..16)?.try_into().ok()?);
    let stamp = seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    (stamp > 0).then_some(stamp)
}

/// The tag that a `struct tpacket_auxdata` (`linux/if_packet.h`) tells of.
fn stripped_tag(payload: &[u8]) -> Option<[u16; 2]> {
    let status = word(payload, 0)?;
    let half = |at: usize| Some(u16::from_ne_bytes(payload.get(at..at + 2)?.try_into().ok()?));
    let (information, kind) = (half(16)?, half(18)?);
    if status & libc::TP_STATUS_VLAN_VALID == 0 {
        return None;
    }
    let is_told = status & libc::TP_STATUS_VLAN_TPID_VALID != 0;
    Some([if is_told { kind } else { ethertype::VLAN }, information])
}

fn extended_error(payload: &[u8]) -> Option<ExtendedError> {
    /// Octets of `struct sock_extended_err`; the offender's address follows.
    const LENGTH: usize = 16;
    let [origin, icmp_type, code] = *payload.get(4..7)? else { return None };
    Some(ExtendedError {
        errno: word(payload, 0)?,
        origin,
        icmp_type,
        code,
        info: word(payload, 8)?,
        data: word(payload, 12)?,
        offender: payload.get(LENGTH..).and_then(offender),
    })
}

/// The address in a `sockaddr_in` or `sockaddr_in6` given as octets.
fn offender(octets: &[u8]) -> Option<IpAddr> {
    let family = i32::from(u16::from_ne_bytes(octets.get(..2)?.try_into().ok()?));
    match family {
        libc::AF_INET => Some(<[u8; 4]>::try_from(octets.get(4..8)?).ok()?.into()),
        libc::AF_INET6 => Some(<[u8; 16]>::try_from(octets.get(8..24)?).ok()?.into()),
        _ => None,
    }
}

fn word(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_messages_cut_short_are_nothing() {
        for end in 0..44 {
            let octets = vec![0xff; end];
            for (level, kind) in [
                (libc::IPPROTO_IP, libc::IP_TTL),
                (libc::IPPROTO_IP, libc::IP_RECVERR),
                (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING),
            ] {
                let mut received = Received::default();
                read_control(level, kind, &octets, &mut received);
                assert!(received.stamp.is_none(), "2^64 seconds are no time");
            }
        }
    }
}
