//! Chance that can be repeated: each decision is a function of the seed, the frame and the purpose,
//! so that one impairment never moves another's decisions, nor one class of frames another's.

use wireline_lab::{Class, Direction, Loss};

/// The dice of one frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    frame: u64,
}

/// What a decision is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Loss,
    Jitter,
    /// Which bit is inverted.
    Bit,
    /// Whether the chance at this place in the link's orders strikes.
    Chance(usize),
}

impl Dice {
    pub(crate) fn new(seed: u64, direction: Direction, class: Class, index: u64) -> Self {
        let kind = (direction as u64) << 8 | class as u64;
        Self { frame: mix(mix(mix(seed) ^ kind) ^ index) }
    }

    /// At least 0 and below 1.
    pub(crate) fn throw(self, purpose: Purpose) -> f64 {
        let number = match purpose {
            Purpose::Loss => 0,
            Purpose::Jitter => 1,
            Purpose::Bit => 2,
            Purpose::Chance(place) => 3 + place as u64,
        };
        let high = (mix(self.frame ^ number) >> 32) as u32;
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn hits(self, purpose: Purpose, probability: f64) -> bool {
        self.throw(purpose) < probability
    }
}

/// Whether a frame is lost. `bad` is the state that bursts need from frame to frame.
pub(crate) fn is_lost(loss: Loss, bad: &mut bool, dice: Dice) -> bool {
    match loss {
        Loss::Never => false,
        Loss::Bernoulli(probability) => dice.hits(Purpose::Loss, probability),
        Loss::GilbertElliott(begin, end) => {
            let turn = if *bad { end } else { begin };
            *bad ^= dice.hits(Purpose::Loss, turn);
            *bad
        }
    }
}

/// The output function of `SplitMix64`.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: u32 = 1_000_000;

    fn dice(index: u32) -> Dice {
        Dice::new(3, Direction::AToB, Class::Icmp, index.into())
    }

    /// The share of frames lost, and the mean length of a burst.
    fn long_run(model: Loss) -> (f64, f64) {
        let (mut bad, mut before, mut lost, mut bursts) = (false, false, 0, 0);
        for index in 1..=FRAMES {
            let now = is_lost(model, &mut bad, dice(index));
            lost += u32::from(now);
            bursts += u32::from(now && !before);
            before = now;
        }
        (f64::from(lost) / f64::from(FRAMES), f64::from(lost) / f64::from(bursts))
    }

    #[test]
    fn bernoulli_loses_its_share_and_has_no_memory() {
        let (share, burst) = long_run(Loss::Bernoulli(0.1));
        assert!((share - 0.1).abs() < 0.002, "{share}");
        assert!((burst - 1.0 / 0.9).abs() < 0.01, "{burst}");
    }

    #[test]
    fn gilbert_elliott_loses_its_share_in_bursts_of_its_length() {
        let (share, burst) = long_run(Loss::GilbertElliott(0.02, 0.2));
        assert!((share - 1.0 / 11.0).abs() < 0.002, "{share}");
        assert!((burst - 5.0).abs() < 0.1, "{burst}");
    }

    #[test]
    fn purposes_are_independent_of_each_other() {
        let both = |index: &u32| {
            let dice = dice(*index);
            dice.hits(Purpose::Loss, 0.1) && dice.hits(Purpose::Chance(0), 0.1)
        };
        let count = (1..=FRAMES).filter(both).count();
        assert!((9_600..10_400).contains(&count), "{count}");
    }

    #[test]
    fn another_seed_or_direction_or_class_is_another_run() {
        let throw = |seed, direction, class| {
            (1..=64)
                .map(|index| Dice::new(seed, direction, class, index).throw(Purpose::Loss))
                .collect::<Vec<_>>()
        };
        let run = throw(7, Direction::AToB, Class::Icmp);
        assert_eq!(run, throw(7, Direction::AToB, Class::Icmp));
        assert_ne!(run, throw(8, Direction::AToB, Class::Icmp));
        assert_ne!(run, throw(7, Direction::BToA, Class::Icmp));
        assert_ne!(run, throw(7, Direction::AToB, Class::Icmp6));
    }
}
