//! ICMP messages of random octets, the same ones for the same seed.

use crate::wire::Ends;

/// So many datagrams, of 0 to 127 octets of ICMP. Of three in a row the first has a checksum as
/// random as the rest; the second a right one; the third also a type that somebody listens to.
pub(crate) fn messages(ends: Ends, seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = SplitMix64(seed);
    (0..count).map(|n| ends.datagram(&[], &message(ends, &mut random, n % 3))).collect()
}

fn message(ends: Ends, random: &mut SplitMix64, manners: usize) -> Vec<u8> {
    const TYPES_V4: [u8; 8] = [0, 3, 4, 5, 8, 11, 12, 14];
    const TYPES_V6: [u8; 8] = [1, 2, 3, 4, 128, 129, 0, 255];
    let types = match ends {
        Ends::V4 { .. } => TYPES_V4,
        Ends::V6 { .. } => TYPES_V6,
    };
    let [length, kind, ..] = random.next().to_be_bytes();
    let mut icmp: Vec<u8> = (0..length / 2).map(|_| random.next().to_be_bytes()[0]).collect();
    if let (2, Some(first)) = (manners, icmp.first_mut()) {
        *first = types[usize::from(kind) % types.len()];
    }
    if manners > 0 {
        ends.seal(&mut icmp);
    }
    icmp
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), §5.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::{request_v4, request_v6};

    #[test]
    fn generator_gives_the_published_numbers() {
        let mut random = SplitMix64(1_234_567);
        let numbers = [random.next(), random.next()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn same_seed_gives_the_same_noise() {
        let ends = request_v4(1).ends;
        assert_eq!(messages(ends, 5, 9), messages(ends, 5, 9));
        assert_ne!(messages(ends, 5, 9), messages(ends, 6, 9));
    }

    #[test]
    fn two_of_three_have_a_right_checksum() {
        let ends = request_v6(1).ends;
        let right = |datagram: &&Vec<u8>| {
            let icmp = &datagram[40..];
            icmp.get(2..4).is_none_or(|sum| sum == ends.checksum(icmp).to_be_bytes())
        };
        let all = messages(ends, 1, 300);
        let count = all.iter().filter(right).count();
        assert!((200..210).contains(&count), "{count} of 300");
    }
}
