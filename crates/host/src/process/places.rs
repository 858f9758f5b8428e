//! Where in a list a number is, found at once: a hundred thousand rows are looked up in an order of the
//! kernel's, and each step of a search would be somewhere else in memory.

/// Numbers, each once and none of them 0, and where they are.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Twice as many as numbers, or up to four times. A number is at its own slot or after it, with none
    /// that is empty between.
    slots: Vec<Slot>,
}

/// A number and its place; 0 where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: u32,
    place: u32,
}

impl Places {
    pub(super) fn new(numbers: &[u32]) -> Self {
        let count = if numbers.is_empty() { 0 } else { (numbers.len() * 2).next_power_of_two() };
        let mut slots = vec![Slot::default(); count];
        for (place, number) in (0..).zip(numbers.iter().copied()) {
            let mut slot = first_slot(number, count);
            while slots[slot].number != 0 {
                slot = (slot + 1) % count;
            }
            slots[slot] = Slot { number, place };
        }
        Self { slots }
    }

    /// The place of a number in the list.
    pub(super) fn of(&self, number: u32) -> Option<usize> {
        let count = self.slots.len();
        let mut at =
            if count == 0 || number == 0 { return None } else { first_slot(number, count) };
        // Half of the slots are empty, so that this ends.
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                return None;
            }
            if slot.number == number {
                return Some(slot.place as usize);
            }
            at = (at + 1) % count;
        }
    }
}

/// By Fibonacci's way of hashing: the upper bits of a product with 2^32 over the golden ratio. Numbers in
/// a row, or with one distance, which is how the kernel counts, are far from each other.
fn first_slot(number: u32, count: usize) -> usize {
    let mixed = number.wrapping_mul(0x9e37_79b9);
    // `count` is a power of two, of 33 bits at the most.
    (u64::from(mixed) * count as u64 >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_at_its_place_and_no_other_is_anywhere() {
        // In a row, far apart with the same slot, and at the ends.
        for numbers in [
            (1..=3000).collect::<Vec<u32>>(),
            (1..=1000).map(|n| n << 16).collect(),
            vec![1, u32::MAX, u32::MAX - 1, 7],
            vec![5],
            vec![],
        ] {
            let places = Places::new(&numbers);
            for (place, number) in numbers.iter().enumerate() {
                assert_eq!(places.of(*number), Some(place));
            }
            for other in [0, 3001, 65_535, (1000 << 16) + 1, 0x7fff_ffff] {
                assert_eq!(places.of(other), None, "{other}");
            }
        }
        assert_eq!(Places::default().of(1), None);
    }
}
