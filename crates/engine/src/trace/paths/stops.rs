//! When enough flows have been seen behind a router.
//!
//! The stopping points of the Multipath Detection Algorithm (Augustin, Friedman and Teixeira, "Multipath
//! Tracing with Paris Traceroute", E2EMON 2007, §III): having found k next hops, go on until `n_k` flows were
//! seen, so many that one next hop more would hardly have been missed, if the router treats all alike.

/// `n_1`, `n_2` and so on for one confidence, as far as they were needed.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    /// The chance to miss a next hop that may be taken.
    allowed: f64,
    points: Vec<usize>,
}

/// Next hops that a router may have: more than this are looked for as if they were so many.
const MOST: usize = 64;

impl Stops {
    /// `confidence` is between 0 and 100.
    pub(super) fn new(confidence: f64) -> Self {
        let allowed = 1.0 - confidence / 100.0;
        Self { allowed, points: vec![point(1, allowed)] }
    }

    /// Knows the points up to this one from now on.
    pub(super) fn reach(&mut self, found: usize) {
        for found in self.points.len() + 1..=found.min(MOST) {
            self.points.push(point(found, self.allowed));
        }
    }

    /// How many flows are enough where `found` next hops are known.
    pub(super) fn after(&self, found: usize) -> usize {
        let n = found.clamp(1, self.points.len());
        self.points[n - 1]
    }
}

/// How many flows it takes to see all next hops, if there is one more than was found.
fn point(found: usize, allowed: f64) -> usize {
    /// Behind any point that matters: flows are few.
    const NEVER: usize = 1 << 14;
    let all = found + 1;
    // How likely it is to have seen so many of them.
    let mut chances = vec![0.0; all + 1];
    chances[0] = 1.0;
    for flows in 1..NEVER {
        add_flow(&mut chances);
        if 1.0 - chances[all] <= allowed {
            return flows;
        }
    }
    NEVER
}

/// One more flow takes any of the next hops, seen or not.
fn add_flow(chances: &mut [f64]) {
    let all = chances.len() - 1;
    let share = |n: usize| float(n) / float(all);
    for n in (1..=all).rev() {
        chances[n] = chances[n] * share(n) + chances[n - 1] * share(all - (n - 1));
    }
    chances[0] = 0.0;
}

fn float(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(most: usize, confidence: f64) -> Vec<usize> {
        let mut stops = Stops::new(confidence);
        stops.reach(most);
        stops.points
    }

    #[test]
    fn stopping_points_are_those_of_the_literature() {
        assert_eq!(up_to(10, 95.0), [6, 11, 16, 21, 27, 33, 38, 44, 51, 57]);
        assert_eq!(up_to(10, 99.0), [8, 15, 21, 28, 36, 43, 51, 58, 66, 74]);
    }

    #[test]
    fn more_confidence_takes_more_flows() {
        let first = |confidence| Stops::new(confidence).after(1);
        assert_eq!([50.0, 90.0, 99.9].map(first), [2, 5, 11]);
    }

    #[test]
    fn points_end_somewhere() {
        assert_eq!(up_to(1000, 95.0).len(), MOST);
        assert_eq!(point(1, 0.0), NEVER_CERTAIN);
    }

    /// With both seen as good as certainly: the chance is 1 as far as a number can tell.
    const NEVER_CERTAIN: usize = 55;
}
