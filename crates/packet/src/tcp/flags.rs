use std::fmt::{self, Display, Formatter};
use std::ops::BitOr;

/// The control bits of a segment (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);
    /// Congestion was experienced (RFC 3168 §6.1).
    pub const ECE: Self = Self(0x40);
    /// The congestion window was reduced (RFC 3168 §6.1).
    pub const CWR: Self = Self(0x80);

    /// Every flag with its name in lower case, from the lowest bit up.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self::FIN, "fin"),
        (Self::SYN, "syn"),
        (Self::RST, "rst"),
        (Self::PSH, "psh"),
        (Self::ACK, "ack"),
        (Self::URG, "urg"),
        (Self::ECE, "ece"),
        (Self::CWR, "cwr"),
    ];

    /// Whether all of `others` are set.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of those that are set, in the order of [`Flags::NAMES`] or, from the back, reversed.
    #[must_use]
    pub fn names(self) -> impl DoubleEndedIterator<Item = &'static str> {
        let is_set = move |(flag, _): &(Self, &str)| self.contains(*flag);
        Self::NAMES.into_iter().filter(is_set).map(|(_, name)| name)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Names joined by commas, `syn,ack`; nothing for no flags.
impl Display for Flags {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (n, name) in self.names().enumerate() {
            f.write_str(if n == 0 { "" } else { "," })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_written_from_the_lowest_bit_up() {
        assert_eq!((Flags::ACK | Flags::SYN).to_string(), "syn,ack");
        assert_eq!(Flags(0xff).to_string(), "fin,syn,rst,psh,ack,urg,ece,cwr");
        assert_eq!(Flags::default().to_string(), "");
    }

    #[test]
    fn names_can_be_taken_in_another_order() {
        let names: Vec<_> = (Flags::RST | Flags::ACK).names().rev().collect();
        assert_eq!(names, ["ack", "rst"]);
    }

    #[test]
    fn contains_asks_for_all_of_them() {
        let both = Flags::SYN | Flags::ACK;
        assert!(both.contains(Flags::SYN) && both.contains(both));
        assert!(!Flags::SYN.contains(both));
        assert!(Flags::default().is_empty() && !both.is_empty());
    }
}
