//! The order of `--random`: arp-scan's, so that the same `--randomseed` asks in the same order.

use rand_mt::Mt;

/// Knuth's shuffle of the numbers below `count`, drawn by the Mersenne Twister.
pub(crate) fn permutation(count: u32, seed: u32) -> Vec<u32> {
    let mut twister = Mt::new(seed);
    let mut order: Vec<u32> = (0..count).collect();
    for at in (1..order.len()).rev() {
        // A number of 32 bits and one below 2^32, so that the product has its place in 64; what the
        // original cuts off of a float is the same.
        let drawn = u64::from(twister.next_u32());
        let other = usize::try_from((drawn * at as u64) >> 32).unwrap_or(0);
        order.swap(at, other);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_the_peer() {
        // arp-scan 1.10.0 -v -v -v --random --randomseed=1 192.0.2.0/28
        let expected = [4, 14, 3, 5, 15, 12, 8, 10, 7, 2, 1, 0, 11, 9, 13, 6];
        assert_eq!(permutation(16, 1), expected);
        assert_eq!(permutation(8, u32::MAX), [3, 6, 1, 5, 2, 4, 7, 0]);
    }

    #[test]
    fn everybody_is_asked_once() {
        let mut order = permutation(1000, 7);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..1000));
    }
}
