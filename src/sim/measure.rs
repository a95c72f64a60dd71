//! What one run says, and how sure it is: a mean by batches, a quantile by order statistics.
//!
//! Values of one run depend on each other: a queue that is long stays long. An interval that takes
//! them as independent is several times too narrow at high load, so each interval here is taken
//! from the spread between batches of consecutive values. A quantile is never given without one.

use crate::stats::{Interval, quantile as between};

/// A value with the 95 % interval that the run itself gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Where the true value lies with a confidence of 95 %.
    pub interval: Interval,
}

impl Estimate {
    /// A value with the same width on both sides.
    pub fn around(value: f64, half: f64) -> Estimate {
        let (low, high) = (value - half, value + half);
        Estimate {
            value,
            interval: Interval { low, high },
        }
    }
}

/// Batches of consecutive values that a run is cut into.
pub const BATCHES: usize = 20;

/// Values below which a run says nothing about its own spread: two a batch.
pub const FEWEST: usize = 2 * BATCHES;

/// 97.5 % quantile of Student's t with 19 degrees of freedom. A constant, so that an interval is
/// the same to the last digit on every machine.
const T_19: f64 = 2.093_024_054_408_31;

/// 97.5 % quantile of the normal.
const Z: f64 = 1.959_963_984_540_054;

/// The mean of `values`, which stand in the order of time, by the means of 20 batches: R. W. Conway,
/// Management Science 10 (1963) 47. `None` below [`FEWEST`] values.
pub fn mean(values: &[f64]) -> Option<Estimate> {
    let half = half_width(values, |value| value)?;
    let sum: f64 = values.iter().sum();
    Some(Estimate::around(sum / values.len() as f64, half))
}

/// The mean of independent replications, each given by its own mean; their number must be
/// [`BATCHES`].
pub fn mean_of_replications(means: &[f64; BATCHES]) -> Estimate {
    let mean = means.iter().sum::<f64>() / BATCHES as f64;
    Estimate::around(mean, T_19 * spread(means))
}

/// The `p` quantile of `values`, which stand in the order of time, for each of `ps`.
///
/// The interval of the part of the values below the quantile comes from 20 batches, and its ends
/// are read off the sorted values: P. Heidelberger, P. A. W. Lewis, Operations Research 32 (1984)
/// 185. It is never taken narrower than independent values would have it. `None` where the values
/// do not reach to both its ends: 1,000 of them say little of p99.9.
pub fn quantiles<const COUNT: usize>(
    values: &[f64],
    ps: [f64; COUNT],
) -> [Option<Estimate>; COUNT] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    ps.map(|p| quantile(values, &sorted, p))
}

fn quantile(values: &[f64], sorted: &[f64], p: f64) -> Option<Estimate> {
    // The extremes of a sample say nothing of the extremes of what it is drawn from.
    let value = between(sorted, p).filter(|_| p > 0.0 && p < 1.0)?;
    let below = half_width(values, |v| if v <= value { 1.0 } else { 0.0 })?;
    let count = values.len() as f64;
    let independent = Z * (p * (1.0 - p) / count).sqrt();
    let half = below.max(independent);
    // One-based ranks of the ends, rounded outwards.
    let low = (count * (p - half)).floor();
    let high = (count * (p + half)).ceil();
    if low < 1.0 || high > count {
        return None;
    }
    let ranked = |rank: f64| sorted.get(rank as usize - 1).copied();
    Some(Estimate {
        value,
        interval: Interval {
            low: ranked(low)?,
            high: ranked(high)?,
        },
    })
}

/// Half the width of the 95 % interval of the mean of `of` the values.
fn half_width(values: &[f64], of: impl Fn(f64) -> f64) -> Option<f64> {
    if values.len() < FEWEST {
        return None;
    }
    let edge = |batch: usize| batch * values.len() / BATCHES;
    let means = std::array::from_fn(|batch| {
        let batch = &values[edge(batch)..edge(batch + 1)];
        batch.iter().map(|value| of(*value)).sum::<f64>() / batch.len() as f64
    });
    Some(T_19 * spread(&means))
}

/// Standard error of the mean of independent values.
fn spread(means: &[f64; BATCHES]) -> f64 {
    let count = BATCHES as f64;
    let mean = means.iter().sum::<f64>() / count;
    let squares: f64 = means.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Stream;

    #[test]
    fn the_constants_are_the_quantiles_that_they_are_named_after() {
        let t = crate::queueing::student::quantile(0.975, 19.0).unwrap();
        assert!((T_19 - t).abs() < 1e-9, "{t}");
        // closed_forms.csv, V73.
        assert!((T_19 - 2.093_024_054_408_309_8).abs() < 1e-14);
    }

    #[test]
    fn the_interval_of_twenty_numbers_is_done_by_hand() {
        // 1 to 20: mean 10.5, variance 35, standard error sqrt(35 / 20).
        let means = std::array::from_fn(|at| at as f64 + 1.0);
        let estimate = mean_of_replications(&means);
        assert_eq!(estimate.value, 10.5);
        let half = estimate.interval.high - 10.5;
        assert!((half - 2.093_024_054_408_31 * (35.0f64 / 20.0).sqrt()).abs() < 1e-12);
        // Each number 50 times is the same batches of a run.
        let run: Vec<f64> = (0..1000).map(|at| f64::from(at / 50 + 1)).collect();
        assert_eq!(mean(&run), Some(estimate));
        assert_eq!(mean(&run[..FEWEST - 1]), None);
    }

    fn holds(estimate: Estimate, truth: f64) -> bool {
        estimate.interval.low <= truth && truth <= estimate.interval.high
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let draws = |run, count| -> Vec<f64> {
            let mut stream = Stream::new(5, run, "values");
            (0..count).map(|_| stream.exponential()).collect()
        };
        // 950 of 1,000 +- 4 standard deviations of 6.9.
        let means = (0..1000).filter(|run| holds(mean(&draws(*run, 400)).unwrap(), 1.0));
        assert!((922..=978).contains(&means.count()));
        // 237 of 250 less 4 deviations of 3.4. More is right too: the interval is never narrower
        // than that of independent values.
        let ps = [0.5, 0.95, 0.99];
        let mut hits = [0; 3];
        for run in 0..250 {
            for (at, found) in quantiles(&draws(run, 2000), ps).into_iter().enumerate() {
                hits[at] += i32::from(holds(found.unwrap(), -(1.0 - ps[at]).ln()));
            }
        }
        assert!(hits.iter().all(|hits| *hits >= 224), "{hits:?}");
    }

    #[test]
    fn dependence_widens_the_interval_of_a_quantile() {
        // Each draw 100 times over: 4,000 values say what 40 do.
        let mut stream = Stream::new(6, 0, "values");
        let few: Vec<f64> = (0..40).map(|_| stream.uniform()).collect();
        let many: Vec<f64> = few.iter().flat_map(|value| [*value; 100]).collect();
        let independent: Vec<f64> = (0..4000).map(|_| stream.uniform()).collect();
        let width = |values: &[f64]| {
            let interval = quantiles(values, [0.5])[0].unwrap().interval;
            interval.high - interval.low
        };
        // sqrt(100) times wider in the mean; half of that is beyond chance.
        assert!(width(&many) > 5.0 * width(&independent));
    }

    #[test]
    fn a_quantile_that_the_values_do_not_reach_is_not_given() {
        let values: Vec<f64> = (0..300).map(f64::from).collect();
        assert_eq!(quantiles(&values, [0.99, 0.0, 1.0]), [None; 3]);
        assert_eq!(quantiles(&[], [0.5]), [None]);
    }
}
