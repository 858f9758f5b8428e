//! Interfaces as net-tools' netstat and ifconfig write them.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use wireline_cli::escape;
use wireline_host::links::{AddressV4, AddressV6, Link, Statistics, Traffic, flags};

use crate::columns::{address, cut};
use crate::interfaces::Row;

/// Above the rows.
pub(crate) const HEADING: &str = "Kernel Interface table\nIface             MTU    RX-OK RX-ERR \
                                  RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

/// `IFF_*` by name, in the order in which they are told.
pub(crate) const NAMES: &[(u32, &str)] = &[
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x4, "DEBUG"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x20, "NOTRAILERS"),
    (0x40, "RUNNING"),
    (0x80, "NOARP"),
    (0x100, "PROMISC"),
    (0x200, "ALLMULTI"),
    (0x800, "SLAVE"),
    (0x400, "MASTER"),
    (0x1000, "MULTICAST"),
    (0x8000, "DYNAMIC"),
];

const LETTERS: &[(u32, char)] = &[
    (0x200, 'A'),
    (0x2, 'B'),
    (0x4, 'D'),
    (0x8, 'L'),
    (0x1000, 'M'),
    (0x8000, 'd'),
    (0x100, 'P'),
    (0x20, 'N'),
    (0x80, 'O'),
    (0x10, 'P'),
    (0x40, 'R'),
    (0x800, 's'),
    (0x400, 'm'),
    (0x1, 'U'),
];

/// `IPV6_ADDR_*`.
const SCOPES: &[(u8, &str)] = &[(0x80, "compat"), (0x20, "link"), (0x40, "site"), (0x10, "host")];

/// One row of the table.
pub(crate) fn line(row: &Row) -> String {
    let start = format!("{} {:>5} ", cut(&row.name, 15), row.link.mtu);
    let letters: String = LETTERS
        .iter()
        .filter(|(bit, _)| row.link.flags & bit != 0)
        .map(|(_, letter)| letter)
        .collect();
    let letters = if letters.is_empty() { "[NO FLAGS]" } else { &letters };
    let Some(Statistics { received, sent, .. }) = &row.statistics else {
        return format!("{start}     - no statistics available -                        {letters}");
    };
    let way = |t: &Traffic| format!("{:>8} {:>6} {:>6}", t.packets, t.errors, t.dropped);
    let (rx, tx) = (way(received), way(sent));
    format!("{start}{rx} {:<6} {tx} {:>6} {letters}", received.fifo, sent.fifo)
}

/// One interface as ifconfig has it, with an empty line after it.
pub(crate) fn block(row: &Row) -> String {
    let link = &row.link;
    let names = NAMES.iter().filter(|(bit, _)| link.flags & bit != 0).map(|(_, name)| *name);
    let names = names.collect::<Vec<_>>().join(",");
    // The kernel has them as 16 bits with a sign.
    let number = i32::from(((link.flags & 0xffff) as u16).cast_signed());
    let mut text = format!("{}: flags={number}<{names}>  mtu {}\n", escape(&row.name), link.mtu);
    if let Some(own) = row.v4.first() {
        text += &line_v4(link, own);
    }
    row.v6.iter().for_each(|own| text += &line_v6(own));
    text += &hardware(link);
    if let Some(statistics) = &row.statistics {
        text += &counted(statistics);
    }
    text + &resources(link)
}

fn line_v4(link: &Link, own: &AddressV4) -> String {
    let mask = u32::MAX.checked_shl(32 - u32::from(own.prefix.min(32))).unwrap_or(0);
    let mut text = format!("        inet {}  netmask {}", own.local, Ipv4Addr::from(mask));
    // Writing to a String cannot fail.
    if link.flags & flags::BROADCAST != 0 {
        let _ = write!(text, "  broadcast {}", own.broadcast);
    }
    if link.flags & flags::POINT_TO_POINT != 0 {
        let _ = write!(text, "  destination {}", own.peer);
    }
    text + "\n"
}

fn line_v6(own: &AddressV6) -> String {
    let AddressV6 { prefix, scope, .. } = own;
    let names = SCOPES.iter().filter(|(bit, _)| scope & bit != 0).map(|(_, name)| *name);
    let mut names: Vec<_> = names.collect();
    if matches!(scope, 0 | 0x80) {
        names.push("global");
    }
    // The low four bits are of other things, and with one of them set nothing has a name.
    let names = match scope & 0xf {
        0 => format!("<{}>", names.join(",")),
        _ => String::new(),
    };
    let address = address(own.address.into());
    format!("        inet6 {address}  prefixlen {prefix}  scopeid 0x{scope:x}{names}\n")
}

/// The kind of the hardware (`ARPHRD_*`), its address and its queue.
fn hardware(link: &Link) -> String {
    let (short, long, has_address) = match link.hardware {
        1 => ("ether", "Ethernet", true),
        772 => ("loop", "Local Loopback", false),
        512 => ("ppp", "Point-to-Point Protocol", false),
        768 => ("tunnel", "IPIP Tunnel", false),
        776 => ("sit", "IPv6-in-IPv4", false),
        _ => ("unspec", "UNSPEC", true),
    };
    let address = match (has_address, short) {
        (false, _) => String::new(),
        (true, "unspec") => format!(" {}", octets(link, 16, "-")),
        (true, _) => format!(" {}", octets(link, 6, ":").to_lowercase()),
    };
    format!("        {short}{address}  txqueuelen {}  ({long})\n", link.queue)
}

/// So many octets of the address, which the original takes from a `struct sockaddr` with room for 14.
fn octets(link: &Link, count: usize, between: &str) -> String {
    let octets = link.address.iter().take(14).chain(std::iter::repeat(&0)).take(count);
    octets.map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(between)
}

fn counted(statistics: &Statistics) -> String {
    let Statistics { received: rx, sent: tx, .. } = statistics;
    let bytes = |traffic: &Traffic| format!("bytes {} ({})", traffic.bytes, short(traffic.bytes));
    format!(
        "        RX packets {}  {}\n        \
         RX errors {}  dropped {}  overruns {}  frame {}\n        \
         TX packets {}  {}\n        \
         TX errors {}  dropped {} overruns {}  carrier {}  collisions {}\n",
        rx.packets,
        bytes(rx),
        rx.errors,
        rx.dropped,
        rx.fifo,
        rx.frame_or_collisions,
        tx.packets,
        bytes(tx),
        tx.errors,
        tx.dropped,
        tx.fifo,
        tx.carrier,
        tx.frame_or_collisions
    )
}

/// What an old card takes of the machine.
fn resources(link: &Link) -> String {
    let own = &link.resources;
    let mut text = String::new();
    // Writing to a String cannot fail.
    if own.interrupt != 0 {
        let _ = write!(text, "interrupt {}  ", own.interrupt);
    }
    if own.base >= 0x100 {
        let _ = write!(text, "base 0x{:x}  ", own.base);
    }
    if own.memory_start != 0 {
        let _ = write!(text, "memory 0x{:x}-{:x}  ", own.memory_start, own.memory_end);
    }
    if own.dma != 0 {
        let _ = write!(text, "dma 0x{:x}", own.dma);
    }
    if text.is_empty() { text } else { format!("        device {text}\n") }
}

/// Octets in the largest unit that more than one of them fills, to a tenth and never rounded up.
fn short(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (mut unit, mut size) = (0, 1_u128);
    while unit + 1 < UNITS.len() && u128::from(bytes) > size << 10 {
        (unit, size) = (unit + 1, size << 10);
    }
    // As a double has it: of the largest numbers that is one more.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "as the original"
    )]
    let tenths = (bytes as f64) as u128 * 10 / size;
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_shortened_as_the_original_shortens_them() {
        for (bytes, shown) in [
            (0, "0.0 B"),
            (1024, "1024.0 B"),
            (1025, "1.0 KiB"),
            (10_239, "9.9 KiB"),
            (1_048_575, "1023.9 KiB"),
            (1_048_576, "1024.0 KiB"),
            (1_099_511_627_775, "1023.9 GiB"),
            (1 << 60, "1024.0 PiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(short(bytes), shown, "{bytes}");
        }
    }

    #[test]
    fn scopes_are_told_by_name_where_they_have_one() {
        for (scope, shown) in [
            (0, "scopeid 0x0<global>"),
            (0x20, "scopeid 0x20<link>"),
            (0x80, "scopeid 0x80<compat,global>"),
            (0xf0, "scopeid 0xf0<compat,link,site,host>"),
            (0x90, "scopeid 0x90<compat,host>"),
            (5, "scopeid 0x5"),
        ] {
            let own = AddressV6 {
                interface: "x".into(),
                address: "::1".parse().unwrap(),
                prefix: 64,
                scope,
                flags: 0,
            };
            assert_eq!(line_v6(&own), format!("        inet6 ::1  prefixlen 64  {shown}\n"));
        }
    }

    fn row(name: &str, flags: u32) -> Row {
        let way = Traffic { packets: 123_456_789_012, errors: 1_234_567, ..Traffic::default() };
        let statistics = Statistics { interface: name.to_owned(), received: way, sent: way };
        let link = Link { flags, mtu: 65_536, ..Link::default() };
        Row { name: name.to_owned(), link, v4: vec![], v6: vec![], statistics: Some(statistics) }
    }

    #[test]
    fn wide_numbers_push_the_row_to_the_right() {
        let shown = line(&row("lo", 0x49));
        let way = "123456789012 1234567      0";
        assert_eq!(shown, format!("lo              65536 {way} 0      {way}      0 LRU"));
        let mut alias = row("lo:5", 0x49);
        alias.statistics = None;
        let meant =
            "lo:5            65536      - no statistics available -                        LRU";
        assert_eq!(line(&alias), meant);
    }

    #[test]
    fn flags_have_the_originals_letters_and_sign() {
        assert!(line(&row("x", 0x91e3)).ends_with(" BMdPNORU"), "{}", line(&row("x", 0x91e3)));
        assert!(line(&row("x", 0x1391)).ends_with(" AMPOPU"));
        assert!(block(&row("x", 0x91e3)).starts_with(
            "x: flags=-28189<UP,BROADCAST,NOTRAILERS,RUNNING,NOARP,PROMISC,MULTICAST,DYNAMIC>  mtu"
        ));
    }

    #[test]
    fn hostile_name_moves_no_cursor() {
        assert!(!line(&row("\u{1b}[2J", 1)).contains('\u{1b}'));
        assert!(!block(&row("\u{1b}[2J", 1)).contains('\u{1b}'));
    }
}
