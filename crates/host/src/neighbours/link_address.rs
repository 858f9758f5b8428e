use std::fmt;

use wireline_packet::Mac;

/// A hardware address of whatever length a link has, 32 octets at the most (`MAX_ADDR_LEN` of Linux).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkAddress {
    octets: [u8; Self::LONGEST],
    length: u8,
}

impl LinkAddress {
    /// In octets.
    pub const LONGEST: usize = 32;

    /// `None` where it is too long.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let length = u8::try_from(octets.len()).ok()?;
        let mut all = [0; Self::LONGEST];
        all.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { octets: all, length })
    }

    /// What it is made of.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// As an Ethernet address, if it is as long as one.
    #[must_use]
    pub fn mac(&self) -> Option<Mac> {
        self.octets().try_into().ok().map(Mac)
    }
}

impl From<Mac> for LinkAddress {
    fn from(mac: Mac) -> Self {
        let mut octets = [0; Self::LONGEST];
        octets[..6].copy_from_slice(&mac.0);
        Self { octets, length: 6 }
    }
}

impl fmt::Display for LinkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, octet) in self.octets().iter().enumerate() {
            write!(f, "{}{octet:02x}", if n > 0 { ":" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for LinkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkAddress({self})")
    }
}
