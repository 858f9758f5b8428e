use std::time::Duration;

use super::Repeats;

/// How repetitions are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Each time is twice the one before (RFC 6298 §5.5).
    Exponential,
    /// All times are the same.
    Linear,
    /// Neither.
    Irregular,
    /// There was none, for longer than any first repetition takes.
    None,
    /// There was no time to see it.
    Unclear,
}

/// The longest that a first repetition takes: RFC 6298 §2.1 says 1 s, and 3 s was the rule before.
const PATIENT: Duration = Duration::from_secs(4);

/// The rule, and the times from each to the next.
#[must_use]
pub fn classify(repeats: &Repeats) -> (Schedule, Vec<Duration>) {
    let before = std::iter::once(Duration::ZERO).chain(repeats.after.iter().copied());
    let gaps: Vec<_> =
        repeats.after.iter().zip(before).map(|(at, before)| at.saturating_sub(before)).collect();
    (rule(&gaps, repeats.waited), gaps)
}

fn rule(gaps: &[Duration], waited: Duration) -> Schedule {
    if gaps.is_empty() {
        return if waited >= PATIENT { Schedule::None } else { Schedule::Unclear };
    }
    if gaps.len() < 2 {
        return Schedule::Unclear;
    }
    let all = |low: f64, high: f64| {
        gaps.windows(2).all(|pair| match pair {
            [before, after] => {
                (low..=high).contains(&(after.as_secs_f64() / before.as_secs_f64().max(1e-9)))
            }
            _ => true,
        })
    };
    if all(1.6, 2.5) {
        Schedule::Exponential
    } else if all(0.75, 1.33) {
        Schedule::Linear
    } else {
        Schedule::Irregular
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(after: &[u64], waited: u64) -> Schedule {
        let after = after.iter().map(|ms| Duration::from_millis(*ms)).collect();
        let waited = Duration::from_millis(waited);
        classify(&Repeats { after, waited, has_ended: false }).0
    }

    #[test]
    fn linux_doubles() {
        assert_eq!(seen(&[1032, 3047, 7235, 15431], 20_000), Schedule::Exponential);
        assert_eq!(seen(&[3000, 9000], 20_000), Schedule::Exponential, "3 s was the rule once");
    }

    #[test]
    fn same_times_are_linear_and_others_irregular() {
        assert_eq!(seen(&[1000, 2010, 2990, 4000], 5000), Schedule::Linear);
        assert_eq!(seen(&[1000, 2000, 7000], 9000), Schedule::Irregular);
        assert_eq!(seen(&[0, 0, 0], 9000), Schedule::Irregular, "times of nothing do no harm");
    }

    #[test]
    fn silence_counts_only_if_it_was_long() {
        assert_eq!(seen(&[], 4500), Schedule::None);
        assert_eq!(seen(&[], 2000), Schedule::Unclear);
        assert_eq!(seen(&[1000], 2900), Schedule::Unclear, "one gap shows no rule");
    }

    #[test]
    fn gaps_are_from_one_to_the_next() {
        let after = vec![Duration::from_secs(1), Duration::from_secs(3)];
        let (_, gaps) =
            classify(&Repeats { after, waited: Duration::from_secs(5), has_ended: false });
        assert_eq!(gaps, [Duration::from_secs(1), Duration::from_secs(2)]);
    }
}
