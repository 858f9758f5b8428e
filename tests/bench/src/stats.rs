//! Medians and the like of a few figures.

/// The middle one, or the mean of the middle two; not a number if there are none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let sorted = sorted(figures);
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => f64::NAN,
        Some(upper) if sorted.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(sorted[middle - 1], *upper),
    }
}

/// The smallest figure that is no less than `percent` (1 to 100) of them all.
pub(crate) fn percentile(figures: &[f64], percent: usize) -> f64 {
    let rank = (figures.len() * percent).div_ceil(100);
    sorted(figures).get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// How far from their mean they are: the standard deviation of a sample.
pub(crate) fn deviation(figures: &[f64]) -> f64 {
    let mean = mean(figures);
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    (squares / (count(figures.len()) - 1.0)).sqrt()
}

/// Not a number if there are none.
pub(crate) fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / count(figures.len())
}

/// A count as a figure.
pub(crate) fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "small whole numbers and halves are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_percentile_is_one_of_the_figures() {
        let figures: Vec<_> = (1..=500).map(count).collect();
        assert_eq!(percentile(&figures, 90), 450.0);
        assert_eq!(percentile(&[7.0], 90), 7.0);
    }

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(deviation(&[1.0, 2.0, 3.0]), 1.0);
    }
}
