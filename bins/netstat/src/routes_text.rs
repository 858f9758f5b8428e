//! Routes as net-tools' netstat and route write them.

use std::net::Ipv6Addr;

use wireline_host::routes::{RouteV4, RouteV6, flags};

use crate::columns::{cut, left};
use crate::config::Tables;
use crate::names::Names;

const LETTERS_V4: &[(u32, char)] = &[
    (flags::UP, 'U'),
    (flags::GATEWAY, 'G'),
    (flags::HOST, 'H'),
    (0x8, 'R'),
    (0x10, 'D'),
    (0x20, 'M'),
    (0x1_0000, 'd'),
    (0x2_0000, 'a'),
    (0x4_0000, 'c'),
    (0x20_0000, 'o'),
    (0x40_0000, 'e'),
    (0x100_0000, 'c'),
    (0x200_0000, 'f'),
    (0x400_0000, 'p'),
    (0x8000_0000, 'l'),
    (0x40, 'u'),
    (0x80, 'w'),
    (0x100, 'i'),
    (0x400, 'n'),
];

const LETTERS_V6: &[(u32, char)] = &[
    (flags::UP, 'U'),
    (flags::REJECT, '!'),
    (flags::GATEWAY, 'G'),
    (flags::HOST, 'H'),
    (0x1_0000, 'D'),
    (0x4_0000, 'A'),
    (flags::CACHE, 'C'),
    (0x2_0000, 'a'),
    (0x40_0000, 'e'),
    (0x20, 'm'),
    (0x20_0000, 'n'),
    (0x200_0000, 'f'),
];

/// Flags of an IPv4 route. One that rejects is neither usable nor by a router.
pub(crate) fn letters_v4(route: u32) -> String {
    if route & flags::REJECT == 0 {
        return letters(LETTERS_V4, route);
    }
    format!("!{}", letters(LETTERS_V4, route & !(flags::UP | flags::GATEWAY)))
}

/// Flags of an IPv6 route.
pub(crate) fn letters_v6(route: u32) -> String {
    letters(LETTERS_V6, route)
}

fn letters(table: &[(u32, char)], route: u32) -> String {
    table.iter().filter(|(bit, _)| route & bit != 0).map(|(_, letter)| letter).collect()
}

/// The two lines above the routes.
pub(crate) fn heading_v4(tables: Tables, extend: u8) -> String {
    let (title, first) = if tables == Tables::Cache {
        ("Kernel IP routing cache", "Source          Destination     Gateway        ")
    } else {
        ("Kernel IP routing table", "Destination     Gateway         Genmask        ")
    };
    let last = match (extend, tables) {
        (0, _) => "Flags   MSS Window  irtt Iface",
        (1, _) => "Flags Metric Ref    Use Iface",
        (2, Tables::Cache) => {
            "Flags Metric Ref    Use Iface    MSS   Window irtt  TOS HHRef HHUptod     SpecDst"
        }
        (2, _) => "Flags Metric Ref    Use Iface    MSS   Window irtt",
        // Three times is too often, and gives only the title.
        _ => return format!("{title}\n"),
    };
    format!("{title}\n{first} {last}\n")
}

/// One IPv4 route.
pub(crate) fn line_v4(route: &RouteV4, extend: u8, names: &mut Names) -> String {
    let is_rejected = route.flags & flags::REJECT != 0;
    let gateway = if is_rejected { "-".to_owned() } else { names.host_or_any(route.gateway) };
    let interface = if is_rejected { "-" } else { &route.interface };
    let start = format!(
        "{} {} {} {:<5} ",
        cut(&destination(route, names), 15),
        cut(&gateway, 15),
        left(&route.mask.to_string(), 15),
        letters_v4(route.flags)
    );
    let or_dash = |value: u32| if is_rejected { "-".to_owned() } else { signed(value) };
    let (mss, window, irtt) = (or_dash(route.mss), or_dash(route.window), or_dash(route.irtt));
    if extend == 0 {
        return format!("{start}{mss:>5} {window:<5} {irtt:>6} {}", left(interface, 0));
    }
    let (metric, references) = (signed(route.metric), or_dash(route.references));
    let start = format!("{start}{metric:<6} {references:<2} {:>7} ", signed(route.uses));
    if extend == 1 {
        return format!("{start}{}", left(interface, 0));
    }
    format!("{start}{}   {mss:<5} {window:<6} {irtt}", cut(interface, 6))
}

fn destination(route: &RouteV4, names: &mut Names) -> String {
    if route.destination.is_unspecified() {
        let name = if names.are_wanted() { "default" } else { "0.0.0.0" };
        return name.to_owned();
    }
    if route.mask.to_bits() == u32::MAX {
        return names.host(route.destination.into());
    }
    names.network(route.destination)
}

/// As `%d` shows 32 bits.
fn signed(value: u32) -> String {
    value.cast_signed().to_string()
}

/// The two lines above the routes.
pub(crate) fn heading_v6(tables: Tables) -> String {
    let what = if tables == Tables::Cache { "cache" } else { "table" };
    let columns = "Destination                    Next Hop                   Flag Met Ref  Use If";
    format!("Kernel IPv6 routing {what}\n{columns}\n")
}

/// One IPv6 route.
pub(crate) fn line_v6(route: &RouteV6, names: &mut Names) -> String {
    let mut name = |address: Ipv6Addr| {
        let is_any = names.are_wanted() && address.is_unspecified();
        if is_any { "[::]".to_owned() } else { names.host(address.into()) }
    };
    let destination = format!("{}/{}", name(route.destination), route.prefix);
    format!(
        "{} {} {:<4} {:<3} {:<1} {:>6} {}",
        left(&destination, 30),
        left(&name(route.next_hop), 26),
        letters_v6(route.flags),
        signed(route.metric),
        signed(route.references),
        signed(route.uses),
        left(&route.interface, 0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use wireline_host::routes::{parse_v4, parse_v6};

    fn lines_v4(extend: u8, line: &str) -> String {
        let heading = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";
        let routes = parse_v4(&format!("{heading}{line}\n")).unwrap();
        line_v4(&routes[0], extend, &mut Names::new(true))
    }

    #[test]
    fn columns_are_as_wide_as_the_originals() {
        let line = "longname1234567 0000140A 0300010A 3 123 12345678 4294967295 0000FFFF 123456 1234567 1234567";
        let start = "10.20.0.0       10.1.0.3        255.255.0.0     UG    ";
        for (extend, end) in [
            (0, "123456 1234567 1234567 longname1234567"),
            (1, "-1     123 12345678 longname1234567"),
            (2, "-1     123 12345678 longna   123456 1234567 1234567"),
        ] {
            assert_eq!(lines_v4(extend, line), format!("{start}{end}"), "-e {extend} times");
        }
    }

    #[test]
    fn what_rejects_has_dashes() {
        let line = "* 00001F0A 00000000 0201 0 0 0 0000FFFF 0 0 0";
        let start = "10.31.0.0       -               255.255.0.0     !     ";
        for (extend, end) in [
            (0, "    - -          - -"),
            (1, "0      -        0 -"),
            (2, "0      -        0 -        -     -      -"),
        ] {
            assert_eq!(lines_v4(extend, line), format!("{start}{end}"), "-e {extend} times");
        }
    }

    #[test]
    fn every_flag_has_the_originals_letter() {
        assert_eq!(letters_v4(0xffff_fdff), "UGHRDMdacoecfpluwin");
        assert_eq!(letters_v4(u32::MAX), "!HRDMdacoecfpluwin");
        assert_eq!(letters_v6(u32::MAX), "U!GHDACaemnf");
    }

    #[test]
    fn routes_of_ipv6_push_what_follows_to_the_right() {
        let zero = "0".repeat(32);
        let line = format!(
            "20010db8111122223333444455556666 80 {zero} 00 20010db8000100000000000000000002 \
             ffffffff 0000000c 12345678 00000007 x"
        );
        let meant = "2001:db8:1111:2222:3333:4444:5555:6666/128 2001:db8:1::2              UGH  -1  12 305419896 x";
        assert_eq!(line_v6(&parse_v6(&line)[0], &mut Names::new(true)), meant);
    }
}
