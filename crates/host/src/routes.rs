//! The kernel's routes: of IPv4 those of the main table, of IPv6 those of all tables.
//!
//! The parsers take any text: a line that makes no sense is passed over.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::proc_net::{address_v4, address_v6};

/// `RTF_*` of both families (route.h, `ipv6_route.h` of Linux).
pub mod flags {
    /// The route may be used.
    pub const UP: u32 = 0x1;
    /// By a router.
    pub const GATEWAY: u32 = 0x2;
    /// To one host.
    pub const HOST: u32 = 0x4;
    /// Whoever sends there is told that it is unreachable or prohibited.
    pub const REJECT: u32 = 0x200;
    /// An entry of the cache (IPv6).
    pub const CACHE: u32 = 0x0100_0000;
}

/// One route of IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteV4 {
    /// Leaves by; `*` where it leads nowhere.
    pub interface: String,
    /// Network.
    pub destination: Ipv4Addr,
    /// Router, or all zeroes.
    pub gateway: Ipv4Addr,
    /// Mask of the network.
    pub mask: Ipv4Addr,
    /// [`flags`].
    pub flags: u32,
    /// Always 0 in recent kernels.
    pub references: u32,
    /// Always 0 in recent kernels.
    pub uses: u32,
    /// The lower the better.
    pub metric: u32,
    /// Advertised maximum segment size and 40, in octets; 0 where none is set.
    pub mss: u32,
    /// Clamp of the window, in octets; 0 where there is none.
    pub window: u32,
    /// First guess of the round trip, in milliseconds; 0 where there is none.
    pub irtt: u32,
}

/// One route of IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteV6 {
    /// Leaves by.
    pub interface: String,
    /// Network.
    pub destination: Ipv6Addr,
    /// Length of the network's prefix, in bits.
    pub prefix: u8,
    /// Network that the sender must be of.
    pub source: Ipv6Addr,
    /// Length of that one's prefix, in bits.
    pub source_prefix: u8,
    /// Router, or all zeroes.
    pub next_hop: Ipv6Addr,
    /// [`flags`].
    pub flags: u32,
    /// Who holds it.
    pub references: u32,
    /// Always 0 in recent kernels.
    pub uses: u32,
    /// The lower the better.
    pub metric: u32,
}

/// Reads `/proc/net/route`; `None` where its first line is not the heading, as in a namespace that never
/// had a route.
#[must_use]
pub fn parse_v4(text: &str) -> Option<Vec<RouteV4>> {
    const HEADING: [&str; 11] = [
        "Iface",
        "Destination",
        "Gateway",
        "Flags",
        "RefCnt",
        "Use",
        "Metric",
        "Mask",
        "MTU",
        "Window",
        "IRTT",
    ];
    let mut lines = text.lines();
    lines.next().filter(|line| line.split_whitespace().eq(HEADING))?;
    Some(lines.filter_map(line_v4).collect())
}

fn line_v4(line: &str) -> Option<RouteV4> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [
        interface,
        destination,
        gateway,
        flags,
        references,
        uses,
        metric,
        mask,
        mss,
        window,
        irtt,
        ..,
    ] = words[..]
    else {
        return None;
    };
    Some(RouteV4 {
        interface: interface.to_owned(),
        destination: address_v4(destination)?,
        gateway: address_v4(gateway)?,
        mask: address_v4(mask)?,
        flags: u32::from_str_radix(flags, 16).ok()?,
        references: decimal(references)?,
        uses: decimal(uses)?,
        metric: decimal(metric)?,
        mss: decimal(mss)?,
        window: decimal(window)?,
        irtt: decimal(irtt)?,
    })
}

/// Some kernels print these signed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "32 bits of either kind"
)]
fn decimal(word: &str) -> Option<u32> {
    let number: i64 = word.parse().ok()?;
    (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&number).then_some(number as u32)
}

/// Reads `/proc/net/ipv6_route`.
#[must_use]
pub fn parse_v6(text: &str) -> Vec<RouteV6> {
    text.lines().filter_map(line_v6).collect()
}

fn line_v6(line: &str) -> Option<RouteV6> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [
        destination,
        prefix,
        source,
        source_prefix,
        next_hop,
        metric,
        references,
        uses,
        flags,
        interface,
        ..,
    ] = words[..]
    else {
        return None;
    };
    let hexadecimal = |word| u32::from_str_radix(word, 16).ok();
    Some(RouteV6 {
        interface: interface.to_owned(),
        destination: address_v6(destination)?,
        prefix: u8::from_str_radix(prefix, 16).ok()?,
        source: address_v6(source)?,
        source_prefix: u8::from_str_radix(source_prefix, 16).ok()?,
        next_hop: address_v6(next_hop)?,
        flags: hexadecimal(flags)?,
        references: hexadecimal(references)?,
        uses: hexadecimal(uses)?,
        metric: hexadecimal(metric)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n";
    const LINE: &str =
        "eth0\t0000140A\t0300010A\t0003\t-1\t2\t4294967295\t0000FFFF\t1140\t5840\t300   \n";
    const LINE_V6: &str = "20010db8000200000000000000000000 30 00000000000000000000000000000000 00 \
                           20010db8000100000000000000000002 ffffffff 00000002 0000000a 80200003       d0\n";

    #[test]
    fn route_is_read_from_its_line() {
        let routes = parse_v4(&format!("{HEADING}{LINE}")).unwrap();
        let [route] = &routes[..] else { panic!("{routes:?}") };
        assert_eq!(
            (route.destination, route.mask),
            ([10, 20, 0, 0].into(), [255, 255, 0, 0].into())
        );
        assert_eq!((route.metric, route.references), (u32::MAX, u32::MAX), "as 32 bits");
        assert_eq!((route.mss, route.window, route.irtt), (1140, 5840, 300));
    }

    #[test]
    fn route_of_ipv6_is_read_from_its_line() {
        let routes = parse_v6(LINE_V6);
        let [route] = &routes[..] else { panic!("{routes:?}") };
        assert_eq!((route.destination, route.prefix), ("2001:db8:2::".parse().unwrap(), 48));
        assert_eq!((route.metric, route.uses, route.flags), (u32::MAX, 10, 0x8020_0003));
        assert_eq!(route.interface, "d0");
    }

    #[test]
    fn no_heading_is_no_table() {
        assert_eq!(parse_v4(""), None);
        assert_eq!(parse_v4(LINE), None);
        assert_eq!(parse_v4(HEADING), Some(Vec::new()));
    }

    #[test]
    fn cut_lines_and_noise_are_passed_over() {
        for end in (0..LINE.len() - 7).filter(|end| LINE.is_char_boundary(*end)) {
            let routes = parse_v4(&format!("{HEADING}{}\n{LINE}", &LINE[..end])).unwrap();
            assert!((1..=2).contains(&routes.len()), "{end}");
        }
        for end in 0..LINE_V6.len() - 2 {
            assert!((1..=2).contains(&parse_v6(&format!("{}\n{LINE_V6}", &LINE_V6[..end])).len()));
        }
        let noise = LINE.replace("0003", "é").replace("300", "99999999999999999999");
        assert_eq!(parse_v4(&format!("{HEADING}\n\0\u{1b}\n{noise}")), Some(Vec::new()));
    }
}
