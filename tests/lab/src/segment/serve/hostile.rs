//! Frames that make no sense, beside the right one.

use wireline_lab::segment::Hostile;

use crate::frame::Answer;

/// The longest frame of Ethernet without its checksum.
const LONGEST: usize = 1514;
/// Octets of an Ethernet header: the kernel sends no less.
const HEADER: usize = 14;

/// All frames of one kind of nonsense.
pub(crate) fn frames(hostile: Hostile, right: &Answer) -> Vec<Vec<u8>> {
    let with = |change: &dyn Fn(&mut Answer)| {
        let mut answer = right.clone();
        change(&mut answer);
        answer.frame()
    };
    match hostile {
        Hostile::EveryTruncation => {
            let frame = right.frame();
            (HEADER..frame.len()).map(|octets| frame[..octets].to_vec()).collect()
        }
        Hostile::EveryLength => every_length(right),
        Hostile::EveryOperation => [0]
            .into_iter()
            .chain(3..=u16::MAX)
            .map(|operation| with(&|answer| answer.header[2] = operation))
            .collect(),
        Hostile::OtherHardware => [0]
            .into_iter()
            .chain(2..=40)
            .chain([256, u16::MAX])
            .map(|hardware| with(&|answer| answer.header[0] = hardware))
            .collect(),
        Hostile::OtherProtocol => [0, 0x0806, 0x8035, 0x8137, 0x86dd, u16::MAX]
            .map(|protocol| with(&|answer| answer.header[1] = protocol))
            .to_vec(),
        Hostile::OtherAddress => {
            let next = right.sender.1.to_bits().wrapping_add(1).into();
            vec![with(&|answer| answer.sender.1 = next)]
        }
        Hostile::NobodysMac => [[1, 0, 0x5e, 0, 0, 1], [0; 6], [0xff; 6]]
            .map(|mac| with(&|answer| (answer.from, answer.sender.0) = (mac, mac)))
            .to_vec(),
        Hostile::ManyTags => many_tags(right),
        Hostile::LyingLlc => lying_llc(right),
        Hostile::Longest => {
            let rest = LONGEST - right.frame().len();
            vec![with(&|answer| answer.trailer.extend(vec![0xff; rest]))]
        }
        Hostile::Noise(seed, count) => noise(right, seed, count),
    }
}

fn every_length(right: &Answer) -> Vec<Vec<u8>> {
    let ways = (0..=u8::MAX).flat_map(|value| [[value, 4], [6, value], [value, value]]);
    let wrong = ways.filter(|lengths| *lengths != [6, 4]);
    wrong.map(|lengths| Answer { lengths, ..right.clone() }.frame()).collect()
}

/// A stack of tags, and a frame that ends within the last.
fn many_tags(right: &Answer) -> Vec<Vec<u8>> {
    let stacks = (2..=20).map(|count| Answer { tags: vec![7; count], ..right.clone() }.frame());
    let cut = Answer { tags: vec![7; 3], ..right.clone() }.frame();
    stacks.chain((HEADER..24).map(|octets| cut[..octets].to_vec())).collect()
}

fn lying_llc(right: &Answer) -> Vec<Vec<u8>> {
    let mut frame = Answer { snap: true, tags: vec![], ..right.clone() }.frame();
    let length = |frame: &mut Vec<u8>, length: [u8; 2]| {
        frame[12..HEADER].copy_from_slice(&length);
        frame.clone()
    };
    let mut all = vec![length(&mut frame, [5, 0xff]), length(&mut frame, [0, 0])];
    frame[HEADER] = 0x42;
    all.push(length(&mut frame, [0, 36]));
    all.extend((HEADER..22).map(|octets| frame[..octets].to_vec()));
    all
}

fn noise(right: &Answer, seed: u64, count: u32) -> Vec<Vec<u8>> {
    let mut chance = Chance(seed | 1);
    let mut one = || {
        let mut frame = right.frame();
        frame.truncate(HEADER);
        let octets = chance.next() % 64;
        frame.extend((0..octets).map(|_| chance.next().to_le_bytes()[0]));
        frame
    };
    (0..count).map(|_| one()).collect()
}

/// Xorshift (Marsaglia 2003): the same for the same seed.
struct Chance(u64);

impl Chance {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
}

#[cfg(test)]
mod tests {
    use wireline_lab::segment::Claim;

    use super::*;
    use crate::frame::tests::request;

    fn right() -> Answer {
        Answer::of(&Claim::of("192.0.2.9"), &request())
    }

    #[test]
    fn nonsense_is_never_the_right_frame() {
        let all = [
            Hostile::EveryTruncation,
            Hostile::EveryLength,
            Hostile::EveryOperation,
            Hostile::OtherHardware,
            Hostile::OtherProtocol,
            Hostile::OtherAddress,
            Hostile::NobodysMac,
            Hostile::ManyTags,
            Hostile::LyingLlc,
            Hostile::Longest,
            Hostile::Noise(7, 50),
        ];
        for hostile in all {
            let frames = frames(hostile, &right());
            assert!(!frames.is_empty() && !frames.contains(&right().frame()), "{hostile:?}");
            let sizes = |frame: &Vec<u8>| (HEADER..=LONGEST).contains(&frame.len());
            assert!(frames.iter().all(sizes), "{hostile:?}");
        }
    }

    #[test]
    fn every_value_occurs() {
        assert_eq!(frames(Hostile::EveryTruncation, &right()).len(), 28);
        assert_eq!(frames(Hostile::EveryOperation, &right()).len(), 65534);
        assert_eq!(frames(Hostile::EveryLength, &right()).len(), 3 * 256 - 2);
        assert_eq!(frames(Hostile::Longest, &right())[0].len(), LONGEST);
    }

    #[test]
    fn noise_is_the_same_for_the_same_seed() {
        let noise = |seed| frames(Hostile::Noise(seed, 9), &right());
        assert_eq!(noise(7), noise(7));
        assert_ne!(noise(7), noise(9));
    }
}
