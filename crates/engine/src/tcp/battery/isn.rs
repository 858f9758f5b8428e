use crate::Instant;

/// A sequence number that a server began with, and the SYN's that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsnSample {
    /// When it came.
    pub at: Instant,
    /// Ours.
    pub ours: u32,
    /// The server's.
    pub theirs: u32,
}

/// How a server chooses initial sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IsnKind {
    /// They grow with time on one 4-tuple, and each has an offset of its own (RFC 6528 §3).
    PerTuple,
    /// They grow with time; whether all 4-tuples share one clock is not known.
    Clock,
    /// They grow with time, and all 4-tuples share one clock (RFC 793 §3.3): anybody can guess them.
    GlobalClock,
    /// No rule is to be seen: random, which RFC 6528 does not ask for.
    Random,
    /// Ours plus a constant: a SYN cookie, of the host or of something in front of it.
    Cookie,
    /// They grow with connections, not with time: anybody can guess them.
    Increment,
    /// Always the same one.
    Constant,
    /// There were too few, or they fit nothing.
    Unclear,
}

/// A clock that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A step each 64 ns: Linux.
    Linux64Ns,
    /// A step each 4 µs: RFC 6528 §3.
    Rfc4Us,
}

/// What samples say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Isns {
    /// The rule.
    pub kind: IsnKind,
    /// Steps a second, of a clock.
    pub rate: Option<f64>,
    /// Whose that is.
    pub clock: Option<Clock>,
    /// How many there were on one 4-tuple.
    pub samples: usize,
    /// How many there were on others.
    pub others: usize,
    /// Mean and standard deviation of the others in the range of all numbers, 0 to 1: 0.5 and 0.29 if they are
    /// spread evenly.
    pub spread: Option<(f64, f64)>,
}

/// Fewest samples that show a rule.
const FEWEST: usize = 5;

/// 2^32, the number of numbers.
const RANGE: f64 = 4_294_967_296.0;

/// Finds the rule of samples of one 4-tuple, in order and unevenly spaced, and of one each of others.
#[must_use]
pub fn study(samples: &[IsnSample], others: &[IsnSample]) -> Isns {
    let line = Fit::of(samples);
    let kind = kind(samples, others, line.as_ref());
    let is_clock = matches!(kind, IsnKind::PerTuple | IsnKind::Clock | IsnKind::GlobalClock);
    let rate = line.filter(|_| is_clock).map(|line| line.rate);
    Isns {
        kind,
        rate,
        clock: rate.and_then(clock),
        samples: samples.len(),
        others: others.len(),
        spread: spread(others),
    }
}

fn kind(samples: &[IsnSample], others: &[IsnSample], line: Option<&Fit>) -> IsnKind {
    /// A clock that turns round faster than in four seconds is none.
    const FASTEST: f64 = 1e9;
    /// Share of the spread that time explains.
    const FITS: f64 = 0.98;
    let (Some(line), Some(first)) = (line, samples.first()) else { return IsnKind::Unclear };
    let same = |of: fn(&IsnSample) -> u32| samples.iter().all(|it| of(it) == of(first));
    if same(|it| it.theirs) {
        return IsnKind::Constant;
    }
    if !same(|it| it.ours) && follow(samples) {
        return IsnKind::Cookie;
    }
    if is_even(samples) {
        return IsnKind::Increment;
    }
    let is_clock = line.rate > 0.0 && line.rate <= FASTEST && line.explained >= FITS;
    match (is_clock, others.is_empty()) {
        (true, true) => IsnKind::Clock,
        (true, false) if others.iter().all(|it| line.foretells(it)) => IsnKind::GlobalClock,
        (true, false) => IsnKind::PerTuple,
        (false, _) if grows_little(samples) => IsnKind::Increment,
        (false, _) => IsnKind::Random,
    }
}

/// Whether they are ours plus a constant, which may change once: cookies have a new one each minute or so.
fn follow(samples: &[IsnSample]) -> bool {
    let apart = |it: &IsnSample| it.theirs.wrapping_sub(it.ours);
    let changes = samples.windows(2).filter(|pair| match pair {
        [before, after] => apart(before) != apart(after),
        _ => false,
    });
    changes.count() <= 1
}

fn clock(rate: f64) -> Option<Clock> {
    let is_near = |want: f64| (rate / want - 1.0).abs() < 0.02;
    match rate {
        _ if is_near(15_625_000.0) => Some(Clock::Linux64Ns),
        _ if is_near(250_000.0) => Some(Clock::Rfc4Us),
        _ => None,
    }
}

fn steps(samples: &[IsnSample]) -> impl Iterator<Item = u32> {
    samples.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(after.theirs.wrapping_sub(before.theirs)),
        _ => None,
    })
}

/// Whether the steps are the same though the times between were not.
fn is_even(samples: &[IsnSample]) -> bool {
    let Some(first) = steps(samples).next() else { return false };
    let near = first / 20;
    first > 0 && steps(samples).all(|step| step.abs_diff(first) <= near)
}

/// Whether they only grow, and by so little that the next could be guessed.
fn grows_little(samples: &[IsnSample]) -> bool {
    steps(samples).all(|step| step < 1 << 24)
}

/// A straight line through unwrapped numbers over time, by least squares.
#[derive(Clone, Copy, Debug)]
struct Fit {
    origin: IsnSample,
    /// Numbers a second.
    rate: f64,
    /// Where the line is at the origin's time, after the origin's number.
    offset: f64,
    /// How much of the spread it explains (R²).
    explained: f64,
}

impl Fit {
    fn of(samples: &[IsnSample]) -> Option<Self> {
        let origin = *samples.first().filter(|_| samples.len() >= FEWEST)?;
        let grown = std::iter::once(0.0).chain(steps(samples).scan(0.0, |sum, step| {
            *sum += f64::from(step);
            Some(*sum)
        }));
        let points: Vec<(f64, f64)> = samples
            .iter()
            .zip(grown)
            .map(|(it, grown)| (it.at.since(origin.at).as_secs_f64(), grown))
            .collect();
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count(&points);
        let (mid_time, mid_number) = (mean(|it| it.0), mean(|it| it.1));
        let products = points.iter().fold((0.0, 0.0, 0.0), |sum, (time, number)| {
            let (time, number) = (time - mid_time, number - mid_number);
            (sum.0 + time * time, sum.1 + time * number, sum.2 + number * number)
        });
        let (times, both, numbers) = products;
        if times <= 0.0 || numbers <= 0.0 {
            return Some(Self { origin, rate: 0.0, offset: 0.0, explained: 0.0 });
        }
        let rate = both / times;
        let explained = both * both / (times * numbers);
        Some(Self { origin, rate, offset: mid_number - rate * mid_time, explained })
    }

    /// Whether a number of another 4-tuple is on the same line, give or take 50 ms.
    fn foretells(&self, sample: &IsnSample) -> bool {
        const SLACK: f64 = 0.05;
        let time = signed_seconds(sample.at, self.origin.at);
        let found = f64::from(sample.theirs.wrapping_sub(self.origin.theirs));
        let off = (found - self.offset - self.rate * time).rem_euclid(RANGE);
        off.min(RANGE - off) <= self.rate * SLACK
    }
}

fn signed_seconds(at: Instant, origin: Instant) -> f64 {
    at.since(origin).as_secs_f64() - origin.since(at).as_secs_f64()
}

fn spread(samples: &[IsnSample]) -> Option<(f64, f64)> {
    if samples.len() < FEWEST {
        return None;
    }
    let shares: Vec<f64> = samples.iter().map(|it| f64::from(it.theirs) / RANGE).collect();
    let mean = shares.iter().sum::<f64>() / count(&shares);
    let square = |share: &f64| (share - mean) * (share - mean);
    let deviation = (shares.iter().map(square).sum::<f64>() / (count(&shares) - 1.0)).sqrt();
    Some((mean, deviation))
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen")]
const fn count<T>(all: &[T]) -> f64 {
    all.len() as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GAPS: [u64; 8] = [7, 23, 11, 41, 17, 31, 5, 37];

    fn times(count: usize) -> Vec<Instant> {
        let mut at = Instant::from_millis(1000);
        let gaps = GAPS.into_iter().cycle().take(count);
        gaps.map(|gap| {
            at = at + Duration::from_millis(gap);
            at
        })
        .collect()
    }

    fn noise(n: u32) -> u32 {
        let word = n.wrapping_add(1).wrapping_mul(0x9e37_79b9);
        (word ^ (word >> 15)).wrapping_mul(0x85eb_ca6b).rotate_left(13).wrapping_mul(0xc2b2_ae35)
    }

    fn samples(count: usize, number: impl Fn(u32, Instant) -> u32) -> Vec<IsnSample> {
        let numbered = times(count).into_iter().zip(0..);
        numbered
            .map(|(at, n)| IsnSample { at, ours: noise(n + 99), theirs: number(n, at) })
            .collect()
    }

    fn linux(at: Instant) -> u32 {
        u32::try_from((at.as_nanos() >> 6) & 0xffff_ffff).unwrap()
    }

    #[test]
    fn clock_of_64_ns_is_linux() {
        let near_the_turn = 0xffff_0000_u32;
        let tuple = samples(20, |n, at| {
            linux(at).wrapping_add(near_the_turn).wrapping_add(noise(n) % 2000)
        });
        let ports = samples(16, |n, at| linux(at).wrapping_add(noise(n)));
        let isns = study(&tuple, &ports);
        assert_eq!((isns.kind, isns.clock), (IsnKind::PerTuple, Some(Clock::Linux64Ns)));
        assert!((isns.rate.unwrap() / 15_625_000.0 - 1.0).abs() < 0.001, "{isns:?}");
        let (mean, deviation) = isns.spread.unwrap();
        assert!((0.2..0.8).contains(&mean) && (0.15..0.45).contains(&deviation), "{isns:?}");
        assert_eq!(study(&tuple, &[]).kind, IsnKind::Clock, "nobody knows about other ports");
    }

    #[test]
    fn clock_of_4_us_that_all_share_is_guessable() {
        let slow = |at: Instant| u32::try_from(at.as_nanos() / 4000).unwrap();
        let isns = study(&samples(20, |_, at| slow(at)), &samples(16, |_, at| slow(at)));
        assert_eq!((isns.kind, isns.clock), (IsnKind::GlobalClock, Some(Clock::Rfc4Us)));
    }

    #[test]
    fn random_numbers_fit_no_line() {
        let isns = study(&samples(20, |n, _| noise(n)), &samples(16, |n, _| noise(n + 50)));
        assert_eq!((isns.kind, isns.rate), (IsnKind::Random, None));
    }

    #[test]
    fn what_grows_with_connections_is_no_clock() {
        assert_eq!(study(&samples(20, |n, _| n * 64_000), &[]).kind, IsnKind::Increment);
        let mut sum = Vec::new();
        for n in 0..20 {
            sum.push(sum.last().unwrap_or(&0) + noise(n) % 100_000);
        }
        let isns = study(&samples(20, |n, _| sum[usize::try_from(n).unwrap()]), &[]);
        assert!(matches!(isns.kind, IsnKind::Increment | IsnKind::Clock), "{isns:?}");
    }

    #[test]
    fn number_that_follows_ours_is_a_cookie() {
        let cookie = |n, _| noise(n + 99).wrapping_add(0xdead_beef);
        assert_eq!(study(&samples(6, cookie), &[]).kind, IsnKind::Cookie);
        let turned = |n, at| cookie(n, at).wrapping_add(if n < 3 { 0 } else { 1 << 24 });
        assert_eq!(study(&samples(6, turned), &[]).kind, IsnKind::Cookie, "a minute is over");
    }

    #[test]
    fn same_number_is_constant() {
        assert_eq!(study(&samples(6, |_, _| 7), &[]).kind, IsnKind::Constant);
    }

    #[test]
    fn few_samples_show_nothing() {
        for count in 0..FEWEST {
            assert_eq!(study(&samples(count, |_, at| linux(at)), &[]).kind, IsnKind::Unclear);
        }
    }

    #[test]
    fn times_that_stand_still_or_go_back_do_no_harm() {
        let at = Instant::from_millis(5);
        let still: Vec<_> = (0..9).map(|n| IsnSample { at, ours: n, theirs: noise(n) }).collect();
        assert_eq!(study(&still, &still).kind, IsnKind::Random);
        let mut back = samples(9, |n, _| noise(n));
        back.reverse();
        let _ = study(&back, &back);
    }
}
