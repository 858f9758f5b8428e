//! The first bits of link-layer addresses.

use wireline_packet::Mac;

/// From 8 to 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    pub(super) bits: u8,
    value: u64,
}

impl Prefix {
    /// Fewer than an octet say nothing of anybody.
    pub(super) const SHORTEST: u8 = 8;
    pub(super) const LONGEST: u8 = 48;

    /// The first `bits` of an address.
    pub(super) fn new(mac: Mac, bits: u8) -> Option<Self> {
        if !(Self::SHORTEST..=Self::LONGEST).contains(&bits) {
            return None;
        }
        let whole = mac.0.iter().fold(0, |value, octet| value << 8 | u64::from(*octet));
        let value = whole >> (Self::LONGEST - bits);
        Some(Self { bits, value })
    }

    /// From hexadecimal digits; what stands between them does not count (`mac-vendor(5)`).
    pub(super) fn from_digits(text: &str) -> Option<Self> {
        let mut digits = text.chars().filter_map(|char| char.to_digit(16));
        let (mut bits, mut value) = (0, 0);
        for digit in digits.by_ref().take(usize::from(Self::LONGEST / 4)) {
            (bits, value) = (bits + 4, value << 4 | u64::from(digit));
        }
        let fits = digits.next().is_none() && bits >= Self::SHORTEST;
        fits.then_some(Self { bits, value })
    }

    /// Its first `bits`, where it has as many.
    pub(super) fn shorter(self, bits: u8) -> Option<Self> {
        let surplus = self.bits.checked_sub(bits)?;
        (bits >= Self::SHORTEST).then_some(Self { bits, value: self.value >> surplus })
    }

    /// Whether its first `bits` are these.
    pub(super) fn begins(self, bits: u8, value: u64) -> bool {
        self.shorter(bits).is_some_and(|prefix| prefix.value == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_digits_from_two_to_twelve() {
        let mac = Mac([0x01, 0x23, 0x45, 0x67, 0x89, 0xab]);
        for (digits, bits) in [("01", 8), ("01:23:45:6", 28), ("0123.4567-89aB", 48)] {
            assert_eq!(Prefix::from_digits(digits), Prefix::new(mac, bits), "{digits}");
        }
        for digits in ["", "0", "0123456789abc", "xyz"] {
            assert_eq!(Prefix::from_digits(digits), None, "{digits}");
        }
    }

    #[test]
    fn of_a_prefix_its_beginning() {
        let mac = Mac([0x00, 0x50, 0xc2, 0x7d, 0x50, 0]);
        let prefix = Prefix::new(mac, 36).unwrap();
        assert_eq!(prefix.shorter(24), Prefix::new(mac, 24));
        assert_eq!((prefix.shorter(37), prefix.shorter(7)), (None, None));
        for (last, begins) in [(0x5f, true), (0x60, false)] {
            let whole = Prefix::new(Mac([0, 0x50, 0xc2, 0x7d, last, 0xff]), 48).unwrap();
            assert_eq!(whole.begins(36, 0x0_050c_27d5), begins, "{last:x}");
        }
    }
}
