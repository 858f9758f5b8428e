//! What ties a reply to a request when there are more requests than sequence numbers.

use wireline_packet::EchoId;

/// Names one request: which place in the table, and which of those that have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cookie {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl Cookie {
    /// Octets at the start of the data.
    pub(super) const LENGTH: usize = 16;

    /// The sequence number: the low half of the place.
    #[expect(clippy::cast_possible_truncation, reason = "the rest is in the data")]
    pub(super) const fn seq(self) -> u16 {
        self.slot as u16
    }

    /// Writes itself, and what nobody could guess who did not see it, over the start of the data.
    /// Where that is too short, the sequence number must do.
    pub(super) fn write(self, seed: u64, data: &mut [u8]) {
        if let Some(data) = data.first_chunk_mut::<{ Self::LENGTH }>() {
            let octets = [self.slot.to_be_bytes(), self.generation.to_be_bytes()].concat();
            data[..8].copy_from_slice(&octets);
            data[8..].copy_from_slice(&self.proof(seed).to_be_bytes());
        }
    }

    /// Reads it back, if it is one of ours.
    pub(super) fn read(seed: u64, id: EchoId, data: &[u8]) -> Option<Self> {
        let data = data.first_chunk::<{ Self::LENGTH }>()?;
        let word = |at: usize| <[u8; 4]>::try_from(&data[at..at + 4]).map(u32::from_be_bytes).ok();
        let cookie = Self { slot: word(0)?, generation: word(4)? };
        let proof = u64::from_be_bytes(data[8..].try_into().ok()?);
        (proof == cookie.proof(seed) && cookie.seq() == id.seq).then_some(cookie)
    }

    /// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014) over the seed and the name.
    fn proof(self, seed: u64) -> u64 {
        let mut z = seed ^ (u64::from(self.slot) << 32 | u64::from(self.generation));
        for _ in 0..2 {
            z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
        }
        z
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIE: Cookie = Cookie { slot: 70_000, generation: 3 };

    #[test]
    fn it_is_read_back_past_the_sixteen_bits_of_a_sequence_number() {
        let (id, data) = written(9);
        assert_eq!(Cookie::read(9, id, &data), Some(COOKIE));
    }

    #[test]
    fn one_of_another_seed_or_with_any_bit_turned_is_nobodys() {
        let (id, data) = written(9);
        assert_eq!(Cookie::read(8, id, &data), None);
        for bit in 0..Cookie::LENGTH * 8 {
            let mut data = data.clone();
            data[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Cookie::read(9, id, &data), None, "bit {bit}");
        }
        for end in 0..Cookie::LENGTH {
            assert_eq!(Cookie::read(9, id, &data[..end]), None);
        }
    }

    fn written(seed: u64) -> (EchoId, Vec<u8>) {
        let mut data = vec![0; 20];
        COOKIE.write(seed, &mut data);
        (EchoId { ident: 1, seq: COOKIE.seq() }, data)
    }
}
