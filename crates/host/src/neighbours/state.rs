/// What the kernel thinks of a neighbour (`NUD_*`; RFC 4861 §7.3.2, which is used for ARP too).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing: new, or a proxy entry.
    None,
    /// It has been asked for, and has not answered.
    Incomplete,
    /// It was there a moment ago.
    Reachable,
    /// It was there once.
    Stale,
    /// Something was sent there, and it will be asked soon.
    Delay,
    /// It is being asked, itself and not everybody.
    Probe,
    /// It did not answer.
    Failed,
    /// Nobody needs to be asked: groups, and links without hardware addresses.
    NoArp,
    /// Somebody set it.
    Permanent,
    /// Bits that this does not know.
    Other(u16),
}

impl State {
    /// As rtnetlink(7) tells it.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        match bits {
            0 => Self::None,
            0x01 => Self::Incomplete,
            0x02 => Self::Reachable,
            0x04 => Self::Stale,
            0x08 => Self::Delay,
            0x10 => Self::Probe,
            0x20 => Self::Failed,
            0x40 => Self::NoArp,
            0x80 => Self::Permanent,
            other => Self::Other(other),
        }
    }

    /// `NUD_*`.
    #[must_use]
    pub const fn bits(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Incomplete => 0x01,
            Self::Reachable => 0x02,
            Self::Stale => 0x04,
            Self::Delay => 0x08,
            Self::Probe => 0x10,
            Self::Failed => 0x20,
            Self::NoArp => 0x40,
            Self::Permanent => 0x80,
            Self::Other(bits) => bits,
        }
    }

    /// Whether its hardware address is used (`NUD_VALID`).
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.bits() & (0x80 | 0x40 | 0x02 | 0x10 | 0x04 | 0x08) != 0
    }

    /// As ip(8) writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Incomplete => "INCOMPLETE",
            Self::Reachable => "REACHABLE",
            Self::Stale => "STALE",
            Self::Delay => "DELAY",
            Self::Probe => "PROBE",
            Self::Failed => "FAILED",
            Self::NoArp => "NOARP",
            Self::Permanent => "PERMANENT",
            Self::Other(_) => "UNKNOWN",
        }
    }
}
