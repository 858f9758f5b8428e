//! Prefixes that stand for something else than a company: no list of the IEEE's has them.

use super::prefix::Prefix;

/// What, how many bits, and which.
struct Known(&'static str, u8, u64);

const KNOWN: [Known; 13] = [
    // RFC 9568 §7.3; CARP took the same.
    Known("VRRP or CARP (last octet: group)", 40, 0x00_005e_0001),
    Known("VRRP or CARP for IPv6 (last octet: group)", 40, 0x00_005e_0002),
    // RFC 2281 §5.1, and of its successors what routers send.
    Known("HSRP (last octet: group)", 40, 0x00_000c_07ac),
    Known("HSRP version 2 (last 12 bits: group)", 36, 0x0_0000_c9ff),
    Known("HSRP for IPv6 (last 12 bits: group)", 36, 0x0_0057_3a00),
    Known("GLBP", 32, 0x0007_b400),
    // What hypervisors and the like take where nobody says otherwise.
    Known("QEMU/KVM", 24, 0x52_5400),
    Known("Docker", 16, 0x0242),
    Known("VirtualBox", 24, 0x0a_0027),
    Known("Bochs", 24, 0xb0_c420),
    Known("Microsoft NLB (last four octets: address)", 16, 0x02bf),
    Known("Microsoft NLB, multicast (last four octets: address)", 16, 0x03bf),
    Known("Broadcast", 48, 0xffff_ffff_ffff),
];

/// What it stands for, and how many bits say so.
pub(super) fn known(whole: Prefix) -> Option<(u8, &'static str)> {
    let fits = |known: &&Known| whole.begins(known.1, known.2);
    KNOWN.iter().filter(fits).map(|known| (known.1, known.0)).max_by_key(|(bits, _)| *bits)
}
