/// One bit a target, in pages that cost nothing before they are written to.
#[derive(Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: u64,
}

impl Bits {
    pub(super) fn new(count: u64) -> Self {
        let words = usize::try_from(count.div_ceil(64)).unwrap_or(0);
        Self { words: vec![0; words], count }
    }

    pub(super) fn get(&self, place: u64) -> bool {
        let word = usize::try_from(place / 64).ok().and_then(|word| self.words.get(word));
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// Whether it was not set before.
    pub(super) fn set(&mut self, place: u64) -> bool {
        let word = usize::try_from(place / 64).ok().and_then(|word| self.words.get_mut(word));
        let Some(word) = word.filter(|_| place < self.count) else { return false };
        let bit = 1 << (place % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// The first that is not set, from `place` on.
    pub(super) fn next_clear(&self, place: u64) -> Option<u64> {
        let mut place = place;
        while place < self.count {
            let word = *self.words.get(usize::try_from(place / 64).ok()?)?;
            let clear = !word >> (place % 64);
            if clear != 0 {
                let found = place + u64::from(clear.trailing_zeros());
                return (found < self.count).then_some(found);
            }
            place = (place / 64 + 1) * 64;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_ones_are_passed_over_and_the_end_is_kept() {
        let mut bits = Bits::new(130);
        assert_eq!(bits.next_clear(0), Some(0));
        for place in 0..129 {
            assert!(bits.set(place) && !bits.set(place) && bits.get(place));
        }
        assert_eq!((bits.next_clear(0), bits.next_clear(130)), (Some(129), None));
        assert!(bits.set(129) && !bits.set(130) && !bits.get(130));
        assert_eq!((bits.next_clear(0), Bits::new(0).next_clear(0)), (None, None));
    }
}
