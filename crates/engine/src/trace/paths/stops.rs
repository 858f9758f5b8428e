//! When enough flows have been seen behind a router.
//!
//! The stopping points of the Multipath Detection Algorithm (Veitch, Augustin, Teixeira and Friedman,
//! "Failure Control in Multipath Route Tracing", INFOCOM 2009, §III): having found k next hops, go on
//! until `n_k` flows were seen, so that one more would have been missed with no more than the allowed
//! probability, if the router treats its next hops alike.

/// `n_1`, `n_2` and so on for one confidence.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    points: Vec<usize>,
}

impl Stops {
    /// Those for up to `most` next hops; `confidence` is between 0 and 100.
    pub(super) fn new(confidence: f64, most: usize) -> Self {
        let allowed = 1.0 - confidence / 100.0;
        let mut points = Vec::new();
        while points.len() < most.max(1) {
            let point = next(&points, allowed);
            points.push(point);
        }
        Self { points }
    }

    /// How many flows are enough where `found` next hops are known.
    pub(super) fn after(&self, found: usize) -> usize {
        let n = found.max(1).min(self.points.len());
        self.points[n - 1]
    }
}

/// The first n at which the process, if there were one next hop more than `points.len() + 1`, has stopped
/// too early with no more than the allowed probability.
fn next(points: &[usize], allowed: f64) -> usize {
    /// Behind any stopping point that matters: flows are few.
    const NEVER: usize = 1 << 14;
    let found = points.len() + 1;
    let mut chances = Chances::new(found + 1);
    let mut failed = 0.0;
    for n in 1..NEVER {
        chances.add_flow();
        if let Some(stopped) = points.iter().position(|point| *point == n) {
            failed += std::mem::take(&mut chances.of[stopped + 1]);
        }
        if points.last().is_none_or(|last| n > *last) && failed + chances.of[found] <= allowed {
            return n;
        }
    }
    NEVER
}

/// How likely it is to have found so many of all next hops and not to have stopped.
struct Chances {
    /// By how many were found.
    of: Vec<f64>,
}

impl Chances {
    fn new(all: usize) -> Self {
        let mut of = vec![0.0; all + 1];
        of[0] = 1.0;
        Self { of }
    }

    /// One more flow takes any of the next hops, known or not.
    fn add_flow(&mut self) {
        let all = self.of.len() - 1;
        let share = |n: usize| float(n) / float(all);
        for n in (1..=all).rev() {
            self.of[n] = self.of[n] * share(n) + self.of[n - 1] * share(all - (n - 1));
        }
        self.of[0] = 0.0;
    }
}

fn float(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_points_are_those_of_the_literature() {
        let table: [(f64, [usize; 10]); 2] = [
            (95.0, [6, 11, 16, 21, 27, 33, 38, 44, 51, 57]),
            (99.0, [8, 15, 21, 28, 36, 43, 51, 58, 66, 74]),
        ];
        for (confidence, points) in table {
            assert_eq!(Stops::new(confidence, 10).points, points, "{confidence} %");
        }
    }

    #[test]
    fn more_confidence_takes_more_flows() {
        let first = |confidence| Stops::new(confidence, 1).after(1);
        assert_eq!([50.0, 90.0, 99.9].map(first), [2, 5, 11]);
    }
}
