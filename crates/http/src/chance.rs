//! Seeded random octets for tests.

/// A generator of random numbers (xorshift64*), the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or_default() % most.max(1)
    }

    /// Up to that many of these octets, in any order.
    pub(crate) fn mix(&mut self, from: &[u8], most: usize) -> Vec<u8> {
        let count = self.below(most + 1);
        (0..count).filter_map(|_| from.get(self.below(from.len())).copied()).collect()
    }

    /// Some of these words, in any order.
    pub(crate) fn words(&mut self, from: &[&str], most: usize) -> Vec<u8> {
        let count = self.below(most + 1);
        let words = (0..count).filter_map(|_| from.get(self.below(from.len())).copied());
        words.collect::<String>().into_bytes()
    }
}
