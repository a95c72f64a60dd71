//! Numbers that describe numbers: a one-pass summary, quantiles, and an interval for a proportion.
//!
//! Nothing here returns NaN: an empty sample has no mean, and says so with `None`. How likely things
//! are by chance alone stands in [`chance`].

pub mod chance;

/// Count, mean, spread and extremes of a sample, fed one value at a time.
///
/// The spread is Welford's recurrence (B. P. Welford, Technometrics 4 (1962) 419): the difference to
/// the mean *before* the value is multiplied by the difference to the mean *after* it. Using one
/// of them twice biases the deviation, by a factor of 0.71 for two values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    count: u64,
    mean: f64,
    squares: f64,
    log_mean: f64,
    not_positive: bool,
    range: Option<(f64, f64)>,
}

impl Summary {
    /// Takes one value in. A value that is not finite is refused (`false`) and changes nothing.
    pub fn push(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        if value > 0.0 {
            self.log_mean += (value.ln() - self.log_mean) / self.count as f64;
        } else {
            self.not_positive = true;
        }
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        true
    }

    /// How many values were taken in.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The arithmetic mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The sample standard deviation (divisor n - 1); `None` below two values.
    pub fn deviation(&self) -> Option<f64> {
        let free = self.count.checked_sub(1).filter(|free| *free > 0)?;
        Some((self.squares / free as f64).sqrt())
    }

    /// The geometric mean; `None` of nothing, and of a sample that holds a value of zero or less.
    pub fn geometric_mean(&self) -> Option<f64> {
        (self.count > 0 && !self.not_positive).then(|| self.log_mean.exp())
    }

    /// The smallest value.
    pub fn min(&self) -> Option<f64> {
        self.range.map(|(low, _)| low)
    }

    /// The largest value.
    pub fn max(&self) -> Option<f64> {
        self.range.map(|(_, high)| high)
    }
}

/// The `p` quantile of `sorted` (ascending), `p` from 0 to 1, linearly between the two nearest
/// values: type 7 of Hyndman and Fan, The American Statistician 50 (1996) 361. `None` of nothing
/// and of a `p` out of range.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let at = last as f64 * p;
    let low = *sorted.get(at.floor() as usize)?;
    let high = *sorted.get(at.ceil() as usize)?;
    Some(low + (high - low) * at.fract())
}

/// A range that holds the true value with a stated confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a proportion of which `hits` of `trials` were seen, by Wilson's score
/// (E. B. Wilson, JASA 22 (1927) 209): it stays inside 0 to 1 and is honest for few trials, where
/// 0 of 10 still leaves up to 28 % possible. `None` when there were no trials, or fewer than hits.
pub fn wilson(hits: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || hits > trials {
        return None;
    }
    let (n, z2) = (trials as f64, Z_95 * Z_95);
    let seen = hits as f64 / n;
    let centre = (seen + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (seen * (1.0 - seen) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula meets 0 and 1 exactly; rounding must not move them.
    let low = if hits == 0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if hits == trials {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    Some(Interval { low, high })
}

/// The 95 % interval of how much larger one proportion is than another, of `hits` of `trials` and of
/// `other_hits` of `other_trials`: Wilson's intervals of both joined (R. G. Newcombe, Statistics in
/// Medicine 17 (1998) 873, method 10). `None` where one of them has none.
pub fn newcombe(
    (hits, trials): (u64, u64),
    (other_hits, other_trials): (u64, u64),
) -> Option<Interval> {
    let (own, other) = (wilson(hits, trials)?, wilson(other_hits, other_trials)?);
    let seen = hits as f64 / trials as f64;
    let other_seen = other_hits as f64 / other_trials as f64;
    let difference = seen - other_seen;
    Some(Interval {
        low: difference - (seen - own.low).hypot(other.high - other_seen),
        high: difference + (own.high - seen).hypot(other_seen - other.low),
    })
}

/// The interval of the median that ranks give: of `sorted` (ascending) the values that the true median
/// lies between with at least `confidence`, whatever their law (H. A. David, Order Statistics, 2.5).
/// `None` of fewer values than that takes.
pub fn median_interval(sorted: &[f64], confidence: f64) -> Option<Interval> {
    let n = sorted.len() as u64;
    // Below rank r from either end lies the median with the chance of r - 1 or fewer heads of n.
    let outside = |rank: u64| chance::at_least(n + 1 - rank, n, 0.5) * 2.0;
    let rank = (1..=n.div_ceil(2))
        .rev()
        .find(|rank| outside(*rank) <= 1.0 - confidence)?;
    let at = usize::try_from(rank - 1).ok()?;
    Some(Interval {
        low: *sorted.get(at)?,
        high: *sorted.get(sorted.len() - 1 - at)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
    }

    fn summary(values: &[f64]) -> Summary {
        let mut summary = Summary::default();
        values
            .iter()
            .for_each(|value| assert!(summary.push(*value)));
        summary
    }

    proptest! {
        #[test]
        fn one_pass_agrees_with_two(values in prop::collection::vec(1e3..1e10f64, 2..200)) {
            let summary = summary(&values);
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let logs = values.iter().map(|value| value.ln()).sum::<f64>() / n;
            prop_assert!(close(summary.mean().unwrap(), mean));
            prop_assert!(close(summary.deviation().unwrap(), (squares / (n - 1.0)).sqrt()));
            prop_assert!(close(summary.geometric_mean().unwrap(), logs.exp()));
            prop_assert_eq!(summary.min(), values.iter().copied().reduce(f64::min));
            prop_assert_eq!(summary.max(), values.iter().copied().reduce(f64::max));
        }

        #[test]
        fn quantiles_are_ordered_and_inside(
            mut values in prop::collection::vec(0.0..1e9f64, 1..60), p in 0.0..1.0f64, q in 0.0..1.0f64,
        ) {
            values.sort_by(f64::total_cmp);
            let (a, b) = (quantile(&values, p.min(q)).unwrap(), quantile(&values, p.max(q)).unwrap());
            prop_assert!(values[0] <= a && a <= b && b <= *values.last().unwrap());
        }

        #[test]
        fn wilson_holds_what_was_seen(trials in 1u64..5000, part in 0.0..=1.0f64) {
            let hits = (trials as f64 * part) as u64;
            let interval = wilson(hits, trials).unwrap();
            let seen = hits as f64 / trials as f64;
            prop_assert!(0.0 <= interval.low && interval.low <= seen);
            prop_assert!(seen <= interval.high && interval.high <= 1.0);
        }
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_deviation() {
        assert_eq!(Summary::default().mean(), None);
        assert_eq!(Summary::default().geometric_mean(), None);
        assert_eq!(quantile(&[], 0.5), None);
        let mut one = Summary::default();
        assert!(!one.push(f64::NAN) && one.push(7.0));
        assert_eq!(
            (one.count(), one.mean(), one.deviation()),
            (1, Some(7.0), None)
        );
    }

    #[test]
    fn two_values_have_their_textbook_deviation() {
        // |a - b| / sqrt(2) for two values.
        assert!(close(
            summary(&[1.0, 3.0]).deviation().unwrap(),
            2f64.sqrt()
        ));
        assert_eq!(summary(&[0.0, 3.0]).geometric_mean(), None);
        assert!(close(summary(&[2.0, 8.0]).geometric_mean().unwrap(), 4.0));
    }

    #[test]
    fn quantiles_between_values_are_linear() {
        // Position (n - 1) p = 1.5 between the second and third of four.
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0], 1.5), None);
    }

    #[test]
    fn a_difference_of_proportions_has_newcombes_interval() {
        // His table II, method 10: 56/70 - 48/80 is 0.0524 to 0.3339; 10/10 - 0/10 is 0.6075 to 1.
        let near = |interval: Interval, low: f64, high: f64| {
            (interval.low - low).abs() < 5e-5 && (interval.high - high).abs() < 5e-5
        };
        assert!(near(newcombe((56, 70), (48, 80)).unwrap(), 0.0524, 0.3339));
        assert!(near(newcombe((10, 10), (0, 10)).unwrap(), 0.6075, 1.0));
        assert_eq!(newcombe((1, 2), (0, 0)), None);
    }

    #[test]
    fn ranks_hold_the_median() {
        // Ten values: outside ranks 2 and 9 lie 2 (1 + 10) / 1024 = 2.1 %, outside 3 and 8 10.9 %.
        let sorted: Vec<f64> = (1..=10).map(f64::from).collect();
        let ranks = |confidence| median_interval(&sorted, confidence).map(|i| (i.low, i.high));
        assert_eq!(ranks(0.95), Some((2.0, 9.0)));
        assert_eq!(ranks(0.89), Some((3.0, 8.0)));
        assert_eq!(median_interval(&sorted[..5], 0.95), None);
    }

    #[test]
    fn wilson_ends_solve_their_equation() {
        // The bounds are where |seen - p| = z sqrt(p (1 - p) / n).
        let interval = wilson(2, 10).unwrap();
        for p in [interval.low, interval.high] {
            assert!(close((0.2 - p).abs(), Z_95 * (p * (1.0 - p) / 10.0).sqrt()));
        }
        // With no hits the upper end is z² / (n + z²): 27.75 % of 10.
        let z2 = Z_95 * Z_95;
        let none = wilson(0, 10).unwrap();
        assert_eq!(none.low, 0.0);
        assert!(close(none.high, z2 / (10.0 + z2)));
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }
}
