use super::Order;

/// Which host's turn is when: each of them once, drawn without a list where nobody gave one.
#[derive(Debug)]
pub(crate) struct Sequence {
    kind: Kind,
    count: u32,
}

#[derive(Debug)]
enum Kind {
    Given,
    Shuffled { seed: u64, half: u32 },
    Listed(Vec<u32>),
}

impl Sequence {
    pub(crate) fn new(order: Order, count: u32) -> Self {
        let kind = match order {
            Order::Given => Kind::Given,
            Order::Shuffled(seed) => {
                // As many bits as numbers below `count` have, in two halves of the same width.
                let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
                Kind::Shuffled { seed, half: bits.div_ceil(2).max(1) }
            }
            Order::Permutation(list) => Kind::Listed(complete(list, count)),
        };
        Self { kind, count }
    }

    /// How many turns a round has.
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Whose turn it is.
    pub(crate) fn get(&self, turn: u32) -> Option<u32> {
        if turn >= self.count {
            return None;
        }
        match &self.kind {
            Kind::Given => Some(turn),
            Kind::Shuffled { seed, half } => {
                // Numbers past the end are sent on until they fall among the others: three times at the
                // most on average.
                let mut host = scramble(u64::from(turn), *seed, *half);
                while host >= u64::from(self.count) {
                    host = scramble(host, *seed, *half);
                }
                u32::try_from(host).ok()
            }
            Kind::Listed(list) => list.get(usize::try_from(turn).ok()?).copied(),
        }
    }
}

/// A Feistel network: whatever the rounds do, no two numbers become the same.
fn scramble(number: u64, seed: u64, half: u32) -> u64 {
    let mask = (1 << half) - 1;
    (0..4).fold(number, |number, round| {
        let (left, right) = (number >> half, number & mask);
        (right << half) | ((left ^ mix(right ^ seed.rotate_left(16 * round))) & mask)
    })
}

/// The finaliser of `splitmix64` (Steele, Lea and Flood 2014).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Each number below `count` once, those of `list` first.
fn complete(list: Vec<u32>, count: u32) -> Vec<u32> {
    let mut is_missing = vec![true; usize::try_from(count).unwrap_or(0)];
    let mut list = list;
    list.retain(|host| {
        let place = usize::try_from(*host).ok().and_then(|host| is_missing.get_mut(host));
        place.is_some_and(std::mem::take)
    });
    list.extend((0..).zip(is_missing).filter_map(|(host, missing)| missing.then_some(host)));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffle_leaves_out_nobody_and_draws_nobody_twice() {
        for count in [0, 1, 2, 3, 5, 16, 17, 255, 256, 257, 65_536, 70_000] {
            let sequence = Sequence::new(Order::Shuffled(7), count);
            let mut drawn: Vec<_> = (0..count).filter_map(|turn| sequence.get(turn)).collect();
            let is_mixed = count < 16 || drawn.windows(2).any(|pair| pair[0] > pair[1]);
            drawn.sort_unstable();
            assert!(drawn.into_iter().eq(0..count) && is_mixed, "{count}");
            assert_eq!(sequence.get(count), None);
        }
    }

    #[test]
    fn another_seed_is_another_order() {
        let of = |seed| {
            let sequence = Sequence::new(Order::Shuffled(seed), 256);
            (0..256).filter_map(|turn| sequence.get(turn)).collect::<Vec<_>>()
        };
        assert_ne!(of(1), of(2));
        assert_eq!(of(1), of(1));
    }

    #[test]
    fn faulty_list_is_made_whole() {
        let sequence = Sequence::new(Order::Permutation(vec![3, 9, 1, 3]), 5);
        let drawn: Vec<_> = (0..5).filter_map(|turn| sequence.get(turn)).collect();
        assert_eq!(drawn, [3, 1, 0, 2, 4]);
    }
}
