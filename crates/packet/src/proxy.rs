//! The PROXY protocol, version 2: who is really asking, told before anything else (`HAProxy`,
//! `proxy-protocol.txt` §2.2).

use std::net::SocketAddr;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2, and that the connection is the proxy's own.
const LOCAL: u8 = 0x20;
/// Version 2, and that it is made for somebody else.
const PROXY: u8 = 0x21;

/// What carries the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// TCP: once, at the beginning.
    Stream,
    /// UDP: in each datagram.
    Datagram,
}

/// The header; `ends` are source and destination, and without them the connection is our own. Where they are
/// of two families, they are told as IPv6.
#[must_use]
pub fn header(via: Via, ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    let Some((source, destination)) = ends else {
        header.extend([LOCAL, 0, 0, 0]);
        return header;
    };
    let transport = if via == Via::Stream { 1 } else { 2 };
    if let (SocketAddr::V4(source), SocketAddr::V4(destination)) = (source, destination) {
        header.extend([PROXY, 0x10 | transport, 0, 12]);
        header.extend(source.ip().octets());
        header.extend(destination.ip().octets());
    } else {
        header.extend([PROXY, 0x20 | transport, 0, 36]);
        header.extend(octets_v6(source));
        header.extend(octets_v6(destination));
    }
    header.extend(source.port().to_be_bytes());
    header.extend(destination.port().to_be_bytes());
    header
}

fn octets_v6(end: SocketAddr) -> [u8; 16] {
    match end {
        SocketAddr::V4(v4) => v4.ip().to_ipv6_mapped().octets(),
        SocketAddr::V6(v6) => v6.ip().octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_connection_has_no_addresses() {
        assert_eq!(header(Via::Stream, None), b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
    }

    /// As kdig 3.2.6 sends it for `+proxy=192.0.2.1#4000-198.51.100.2#53`.
    #[test]
    fn addresses_and_ports_are_in_network_order() {
        let ends = ("192.0.2.1:4000".parse().unwrap(), "198.51.100.2:53".parse().unwrap());
        let octets = header(Via::Datagram, Some(ends));
        assert_eq!(octets[12..16], [0x21, 0x12, 0, 12]);
        assert_eq!(octets[16..], [192, 0, 2, 1, 198, 51, 100, 2, 0x0f, 0xa0, 0, 53]);
        assert_eq!(header(Via::Stream, Some(ends))[13], 0x11);
    }

    #[test]
    fn ipv6_has_36_octets_of_addresses_and_a_mixed_pair_too() {
        let v6 = "[2001:db8::1]:1".parse().unwrap();
        let v4 = "192.0.2.1:2".parse().unwrap();
        for ends in [(v6, v6), (v6, v4), (v4, v6)] {
            let octets = header(Via::Stream, Some(ends));
            assert_eq!((octets.len(), octets[13], octets[15]), (16 + 36, 0x21, 36));
        }
    }
}
