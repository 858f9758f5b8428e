//! Kinds of hardware by the names that net-tools gives them.

/// A kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hardware {
    /// As `-H` takes it, and as a row has it.
    pub(crate) name: &'static str,
    /// `ARPHRD_*`.
    pub(crate) number: u16,
    /// Whether there are neighbours with hardware addresses on it.
    pub(crate) is_arpable: bool,
}

const fn with_arp(name: &'static str, number: u16) -> Hardware {
    Hardware { name, number, is_arpable: true }
}

const fn without(name: &'static str, number: u16) -> Hardware {
    Hardware { name, number, is_arpable: false }
}

/// What `-H` means where it is not given.
pub(crate) const ETHER: Hardware = with_arp("ether", 1);

const ALL: &[Hardware] = &[
    ETHER,
    with_arp("ash", 781),
    with_arp("ax25", 3),
    with_arp("netrom", 0),
    with_arp("rose", 270),
    with_arp("arcnet", 7),
    with_arp("dlci", 15),
    with_arp("fddi", 774),
    with_arp("hippi", 780),
    with_arp("irda", 783),
    with_arp("x25", 271),
    with_arp("infiniband", 32),
    with_arp("eui64", 27),
    without("loop", 772),
    without("slip", 256),
    without("cslip", 257),
    without("slip6", 258),
    without("cslip6", 259),
    without("adaptive", 264),
    without("tunnel", 768),
    without("ppp", 512),
    without("hdlc", 513),
    without("lapb", 516),
    without("frad", 770),
    without("sit", 776),
    without("ec", 782),
    without("unspec", u16::MAX),
];

impl Hardware {
    /// By its name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|known| known.name == name).copied()
    }

    /// The name of a number; what net-tools does not know is `ether` there, and here.
    pub(crate) fn name_of(number: u16) -> &'static str {
        ALL.iter().find(|known| known.number == number).map_or(ETHER.name, |known| known.name)
    }

    /// Those that `-H` may name.
    pub(crate) fn arpable() -> impl Iterator<Item = Self> {
        ALL.iter().copied().filter(|known| known.is_arpable)
    }
}
