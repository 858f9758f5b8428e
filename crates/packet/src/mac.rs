//! Link-layer addresses of Ethernet (IEEE 802-2014 §8).

use std::fmt;
use std::str::FromStr;

/// A 48-bit address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// All who hear it.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// None; what stands where an address is asked for.
    pub const ZERO: Self = Self([0; 6]);

    /// For a group, which no card has as its own.
    #[must_use]
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// Chosen by whoever runs the machine, and not assigned by the IEEE.
    #[must_use]
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// The first six octets.
    #[must_use]
    pub fn from_slice(octets: &[u8]) -> Option<Self> {
        Some(Self(*octets.first_chunk()?))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| DIGITS[usize::from(nibble & 0xf)];
        let mut text = [b':'; 17];
        for (place, octet) in text.chunks_mut(3).zip(self.0) {
            place[0] = digit(octet >> 4);
            place[1] = digit(octet);
        }
        // It is ASCII; a scan of a /16 writes it 65,536 times.
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// No link-layer address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("six octets in hexadecimal, with colons or hyphens between them")]
pub struct BadMac;

impl FromStr for Mac {
    type Err = BadMac;

    fn from_str(text: &str) -> Result<Self, BadMac> {
        let mut octets = [0; 6];
        let mut parts = text.split([':', '-']);
        for octet in &mut octets {
            let part = parts.next().filter(|part| (1..=2).contains(&part.len())).ok_or(BadMac)?;
            let is_hex = part.bytes().all(|digit| digit.is_ascii_hexdigit());
            *octet = u8::from_str_radix(part, 16).ok().filter(|_| is_hex).ok_or(BadMac)?;
        }
        if parts.next().is_none() { Ok(Self(octets)) } else { Err(BadMac) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let mac: Mac = "02:00:5E:00-53-1".parse().unwrap();
        assert_eq!(mac, Mac([2, 0, 0x5e, 0, 0x53, 1]));
        assert_eq!(mac.to_string(), "02:00:5e:00:53:01");
        assert!(mac.is_local() && !mac.is_multicast() && Mac::BROADCAST.is_multicast());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "02",
            "02:00:5e:00:53",
            "02:00:5e:00:53:01:",
            "02:00:5e:00:53:+1",
            "002:0:0:0:0:0",
            "g:0:0:0:0:0",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(BadMac), "{text}");
        }
    }
}
