//! How long to wait for a probe that nobody has answered yet.

use std::time::Duration;

/// The rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// No longer than what is known of the path makes sensible.
    Adaptive,
    /// That of Linux' traceroute.
    Told {
        /// Never longer than this.
        max: Duration,
        /// So many round trips of the same hop; 0 is no such limit.
        here: f64,
        /// So many round trips of the next hop that answered; 0 is no such limit.
        near: f64,
    },
}

/// What is known of the path beyond a probe.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// The first round trip of the same hop.
    pub(super) here: Option<Duration>,
    /// The first of the next hop that answered.
    pub(super) near: Option<Duration>,
    /// The longest of any.
    pub(super) longest: Option<Duration>,
    /// From when the probe was sent to when anybody last answered.
    pub(super) quiet_since: Duration,
}

/// The longest that [`Wait::Adaptive`] ever waits.
const LONGEST: Duration = Duration::from_secs(5);

impl Wait {
    /// From when a probe was sent to when it is given up.
    pub(super) fn limit(self, known: Known) -> Duration {
        match self {
            Self::Adaptive => adaptive(known),
            Self::Told { max, here, near } => {
                let times = |rtt: Option<Duration>, factor: f64| {
                    rtt.filter(|_| factor > 0.0).map(|rtt| scaled(rtt, factor))
                };
                let hint = times(known.here, here).or_else(|| times(known.near, near));
                hint.map_or(max, |hint| hint.min(max))
            }
        }
    }
}

/// A hop in front of one that answered had its chance when that did, with some time for a busy router.
/// Behind the last that answered nobody can know: a second after the last sign of life is enough.
fn adaptive(known: Known) -> Duration {
    const BUSY: Duration = Duration::from_millis(250);
    const QUIET: Duration = Duration::from_secs(1);
    let hint = match (known.here.max(known.near), known.longest) {
        (Some(rtt), _) => scaled(rtt, 2.5).max(BUSY),
        (None, Some(longest)) => known.quiet_since + scaled(longest, 2.5).max(QUIET),
        (None, None) => LONGEST,
    };
    hint.min(LONGEST)
}

fn scaled(rtt: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(rtt.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}
