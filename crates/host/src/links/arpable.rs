//! Whether somebody can be asked for by ARP on an interface, and why not.

use std::fmt;

use wireline_packet::Mac;

use super::{Link, flags};

/// Why nobody can be asked for by ARP on an interface. Its text is the second half of a sentence: `lo: it is
/// the loopback, and nobody else is on it`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotArpable {
    /// It leads to this machine.
    Loopback,
    /// Its frames are not Ethernet's: `ARPHRD_*`.
    Hardware(u16),
    /// It has no hardware address of six octets.
    NoAddress,
}

impl Link {
    /// Its Ethernet address.
    #[must_use]
    pub fn mac(&self) -> Option<Mac> {
        let octets: [u8; 6] = self.address.as_slice().try_into().ok()?;
        Some(Mac(octets)).filter(|mac| *mac != Mac::ZERO)
    }

    /// Whether frames with ARP in them make sense there; that it is up and has a carrier is another question,
    /// and so is [`is_no_arp`](Self::is_no_arp), by which the kernel alone is bound.
    pub fn arpable(&self) -> Result<Mac, NotArpable> {
        /// `ARPHRD_ETHER`, and `ARPHRD_IEEE802`, which has the same addresses.
        const ETHERNET: [u16; 2] = [1, 6];
        if self.flags & flags::LOOPBACK != 0 {
            return Err(NotArpable::Loopback);
        }
        if !ETHERNET.contains(&self.hardware) {
            return Err(NotArpable::Hardware(self.hardware));
        }
        self.mac().ok_or(NotArpable::NoAddress)
    }
}

impl fmt::Display for NotArpable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => f.write_str("it is the loopback, and nobody else is on it"),
            Self::NoAddress => f.write_str("it has no Ethernet address"),
            Self::Hardware(number) => match hardware_name(*number) {
                Some(name) => write!(f, "it is {name}, where nobody has an Ethernet address"),
                None => write!(f, "its hardware is of type {number}, and not Ethernet"),
            },
        }
    }
}

impl std::error::Error for NotArpable {}

/// What `ARPHRD_*` stands for (`linux/if_arp.h`), with its article.
const fn hardware_name(number: u16) -> Option<&'static str> {
    Some(match number {
        24 => "FireWire",
        32 => "InfiniBand",
        256..=259 | 264 => "a serial line",
        280 => "a CAN bus",
        512 => "a PPP link",
        513 | 516 | 518 => "an HDLC link",
        519 => "a mobile modem that carries bare IP",
        768 => "an IPIP tunnel",
        769 => "an IPv6 tunnel",
        772 => "the loopback",
        774 => "FDDI",
        776 => "an IPv6-in-IPv4 tunnel",
        778 => "a GRE tunnel",
        779 => "a multicast router's register",
        801..=803 => "a Wi-Fi monitor",
        804 | 805 | 825 => "IEEE 802.15.4",
        823 => "an IPv6 GRE tunnel",
        824 | 826 => "a monitor of the kernel",
        0xfffe => "a tunnel that carries bare IP (tun, WireGuard)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_is_arpable_and_others_say_why_not() {
        let card = Link { hardware: 1, address: vec![2, 0, 0, 0, 0, 1], ..Link::default() };
        assert_eq!(card.arpable(), Ok(Mac([2, 0, 0, 0, 0, 1])));
        let no_arp = Link { flags: flags::NO_ARP, ..card.clone() };
        assert!(
            no_arp.arpable().is_ok() && no_arp.is_no_arp(),
            "the kernel alone is bound by that"
        );
        let lo =
            Link { flags: flags::LOOPBACK, hardware: 772, address: vec![0; 6], ..Link::default() };
        assert_eq!(lo.arpable(), Err(NotArpable::Loopback));
        let tun = Link { hardware: 0xfffe, ..Link::default() };
        let why = tun.arpable().unwrap_err();
        assert!(why.to_string().contains("(tun, WireGuard)"), "{why}");
        let odd = Link { hardware: 4711, ..Link::default() };
        assert!(odd.arpable().unwrap_err().to_string().contains("4711"));
        for address in [vec![], vec![0; 6], vec![1; 5], vec![1; 20]] {
            let link = Link { hardware: 1, address, ..Link::default() };
            assert_eq!(link.arpable(), Err(NotArpable::NoAddress), "{:?}", link.address);
        }
    }
}
