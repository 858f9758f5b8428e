//! Prefixes that stand for something else than a company: no list of the IEEE's has them.

use super::prefix::Prefix;

/// What, how many bits, and the first octets of them.
struct Known(&'static str, u8, [u8; 6]);

const KNOWN: [Known; 13] = [
    // RFC 9568 §7.3; CARP took the same.
    Known("VRRP or CARP (last octet: group)", 40, [0, 0, 0x5e, 0, 1, 0]),
    Known("VRRP or CARP for IPv6 (last octet: group)", 40, [0, 0, 0x5e, 0, 2, 0]),
    // RFC 2281 §5.1, and of its successors what routers send.
    Known("HSRP (last octet: group)", 40, [0, 0, 0x0c, 7, 0xac, 0]),
    Known("HSRP version 2 (last 12 bits: group)", 36, [0, 0, 0x0c, 0x9f, 0xf0, 0]),
    Known("HSRP for IPv6 (last 12 bits: group)", 36, [0, 5, 0x73, 0xa0, 0, 0]),
    Known("GLBP", 32, [0, 7, 0xb4, 0, 0, 0]),
    // What hypervisors and the like take where nobody says otherwise.
    Known("QEMU/KVM", 24, [0x52, 0x54, 0, 0, 0, 0]),
    Known("Docker", 16, [2, 0x42, 0, 0, 0, 0]),
    Known("VirtualBox", 24, [0x0a, 0, 0x27, 0, 0, 0]),
    Known("Bochs", 24, [0xb0, 0xc4, 0x20, 0, 0, 0]),
    Known("Microsoft NLB (last four octets: address)", 16, [2, 0xbf, 0, 0, 0, 0]),
    Known("Microsoft NLB, multicast (last four octets: address)", 16, [3, 0xbf, 0, 0, 0, 0]),
    Known("Broadcast", 48, [0xff; 6]),
];

/// What it stands for, and how many bits say so.
pub(super) fn known(whole: Prefix) -> Option<(u8, &'static str)> {
    let fits = |known: &&Known| whole.begins(known.2, known.1);
    KNOWN.iter().filter(fits).map(|known| (known.1, known.0)).max_by_key(|(bits, _)| *bits)
}
