//! The address families that netstat has names for.

/// A family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Inet,
    Inet6,
    Unix,
    Ax25,
    Netrom,
    Rose,
    Ipx,
    Ddp,
    X25,
    Econet,
    Ash,
    Bluetooth,
}

const NAMES: &[(&str, Family)] = &[
    ("inet", Family::Inet),
    ("inet6", Family::Inet6),
    ("unix", Family::Unix),
    ("ax25", Family::Ax25),
    ("netrom", Family::Netrom),
    ("rose", Family::Rose),
    ("ipx", Family::Ipx),
    ("ddp", Family::Ddp),
    ("x25", Family::X25),
    ("ec", Family::Econet),
    ("ash", Family::Ash),
    ("bluetooth", Family::Bluetooth),
];

const OTHER_NAMES: &[(&str, Family)] = &[
    ("ip", Family::Inet),
    ("tcpip", Family::Inet),
    ("appletalk", Family::Ddp),
    ("econet", Family::Econet),
];

impl Family {
    /// By one of its names. Econet's own is not one that is understood.
    pub(crate) fn named(word: &str) -> Option<Self> {
        let known = NAMES.iter().chain(OTHER_NAMES).find(|(name, _)| *name == word);
        known.filter(|(name, _)| *name != "ec").map(|(_, family)| *family)
    }

    /// What it is called in messages.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, family)| *family == self).map_or("", |(name, _)| name)
    }
}
