//! How long a transaction takes: its mean, and an honest 95th percentile.
//!
//! A time is a fixed part and a random part. The random part is the transfer (the size is
//! lognormal, and under processor sharing time follows size: planning practice puts the quantile of
//! the time at the quantile of the size times the stretch), the services at nodes (exponential),
//! and the delays' own spread (normal). Its mean, variance and third moment are exact sums; its
//! shape is taken to be the shifted lognormal law that has these three (Aitchison and Brown 1957).
//! **The percentile is therefore an approximation**; a test holds it to sampled sums.

use statrs::distribution::{ContinuousCDF, Normal};

use super::network::Flow;
use super::route::Act;
use crate::units::Seconds;

/// A fixed time plus a random one with a mean, a variance and a skew.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    /// The least time, seconds.
    pub fixed: f64,
    /// Mean of the random part, seconds.
    pub mean: f64,
    /// Variance of the random part, s².
    pub variance: f64,
    /// Third central moment of the random part, s³, 0 or more.
    pub third: f64,
}

/// Quantile of the standard normal law at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

/// `start + exp(mean + deviation · z)`, `z` standard normal.
#[derive(Debug, Clone, Copy)]
struct Shape {
    start: f64,
    mean: f64,
    deviation: f64,
}

impl Spread {
    /// Mean of the whole.
    pub(super) fn total(&self) -> f64 {
        self.fixed + self.mean
    }

    /// The shifted lognormal law with these moments; `None` where nothing is random.
    ///
    /// With `w = exp(deviation²)` its skew is `(w + 2) √(w - 1)`, a cubic in `w` with one real root:
    /// `w = u + 1/u - 1`, `u³ = 1 + (g² + g √(g² + 4))/2` for a skew of `g`.
    fn shape(&self) -> Option<Shape> {
        /// Below this skew the law is the normal one to four digits, and the root loses digits.
        const SYMMETRIC: f64 = 1e-3;
        if self.variance <= 0.0 {
            return None;
        }
        let spread = self.variance.sqrt();
        let skew = (self.third / (self.variance * spread)).max(SYMMETRIC);
        let cube = (skew * skew + skew * (skew * skew + 4.0).sqrt()) / 2.0;
        let u = (cube.ln_1p() / 3.0).exp();
        let above_one = (u - 1.0).powi(2) / u;
        let w = 1.0 + above_one;
        let scale = spread / (w * above_one).sqrt();
        Some(Shape {
            start: self.total() - scale * w.sqrt(),
            mean: scale.ln(),
            deviation: above_one.ln_1p().sqrt(),
        })
    }

    /// 95th percentile of the whole.
    pub(super) fn p95(&self) -> f64 {
        match self.shape() {
            None => self.total(),
            Some(shape) => shape.start + (shape.mean + Z95 * shape.deviation).exp(),
        }
    }
}

impl Shape {
    /// Part of the times that are at most `time`.
    fn below(&self, time: f64, normal: &Normal) -> f64 {
        match time - self.start {
            rest if rest > 0.0 => normal.cdf((rest.ln() - self.mean) / self.deviation),
            _ => 0.0,
        }
    }
}

/// The time of one transaction of a chain that gets `flow`, waiting `queue` seconds more on every
/// round trip; `None`: it never ends.
pub(super) fn spread(act: &Act, flow: &Flow, queue: f64) -> Option<Spread> {
    let fixed = &act.fixed;
    let mut transfer = act.transfer;
    for &(lane, bits) in &act.bits {
        transfer += bits * flow.lanes[lane]?;
    }
    let unequal = act.spread.powi(2);
    let mut spread = Spread {
        fixed: fixed.trips + fixed.rounds * queue + fixed.loops + fixed.client,
        mean: transfer,
        variance: fixed.variance + transfer.powi(2) * unequal,
        third: transfer.powi(3) * unequal.powi(2) * (unequal + 3.0),
    };
    for &(node, work) in &act.work {
        let time = work * flow.servers[node]?;
        spread.mean += time;
        spread.variance += time * time;
        spread.third += 2.0 * time.powi(3);
    }
    Some(spread)
}

/// Mean and 95th percentile of a mixture: groups by their parts.
pub(super) fn mixture(parts: &[(f64, Spread)]) -> (Seconds, Seconds) {
    let whole: f64 = parts.iter().map(|(part, _)| part).sum();
    let sum: f64 = parts
        .iter()
        .map(|(part, spread)| part * spread.total())
        .sum();
    let quantiles = parts.iter().map(|(_, spread)| spread.p95());
    let (low, high) = quantiles.fold((f64::INFINITY, 0.0), |(low, high), p95| {
        (f64::min(low, p95), f64::max(high, p95))
    });
    (Seconds(sum / whole), Seconds(quantile(parts, low, high)))
}

/// The 95th percentile of a mixture, which lies between `low` and `high`, those of its parts: by
/// regula falsi with the stale end's weight halved (the Illinois rule).
fn quantile(parts: &[(f64, Spread)], mut low: f64, mut high: f64) -> f64 {
    const NEAR: f64 = 1e-9;
    let near = |a: f64, b: f64| b - a <= NEAR * b;
    if near(low, high) {
        return high;
    }
    let whole: f64 = parts.iter().map(|(part, _)| part).sum();
    let shapes: Vec<(f64, f64, Option<Shape>)> = parts
        .iter()
        .map(|(part, spread)| (part / whole, spread.total(), spread.shape()))
        .collect();
    let normal = Normal::standard();
    let lacks = |time: f64| -> f64 {
        let below = shapes.iter().map(|(part, still, shape)| match shape {
            Some(shape) => part * shape.below(time, &normal),
            None if time >= *still => *part,
            None => 0.0,
        });
        below.sum::<f64>() - 0.95
    };
    let (mut at_low, mut at_high) = (lacks(low), lacks(high));
    for _ in 0..60 {
        if near(low, high) || at_low >= 0.0 || at_high <= 0.0 {
            break;
        }
        let next = (low * at_high - high * at_low) / (at_high - at_low);
        // A step of the distribution (a part without spread) leaves nothing to interpolate.
        let next = match next > low && next < high {
            true => next,
            false => f64::midpoint(low, high),
        };
        let there = lacks(next);
        if there.abs() < 1e-9 {
            return next;
        }
        if there < 0.0 {
            (low, at_low, at_high) = (next, there, at_high / 2.0);
        } else {
            (high, at_high, at_low) = (next, there, at_low / 2.0);
        }
    }
    // Where rounding alone put both ends on one side, that end is the answer.
    match at_low >= 0.0 {
        true => low,
        false => high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spread_no_difference() {
        let still = Spread {
            fixed: 2.0,
            mean: 1.0,
            ..Spread::default()
        };
        assert_eq!((still.total(), still.p95()), (3.0, 3.0));
        let (mean, p95) = mixture(&[(0.3, still), (0.7, still)]);
        assert!((mean.0 - 3.0).abs() < 1e-12 && p95.0 == 3.0);
    }

    #[test]
    fn a_lognormal_or_a_normal_law_alone_is_itself() {
        // A lognormal time of mean 2 and coefficient of variation 1.5: ln 3.25 = 1.1787.
        let (mean, unequal) = (2.0f64, 2.25f64);
        let lognormal = Spread {
            fixed: 5.0,
            mean,
            variance: mean.powi(2) * unequal,
            third: mean.powi(3) * unequal.powi(2) * (unequal + 3.0),
        };
        let deviation = 3.25f64.ln().sqrt();
        let wanted = 5.0 + 2.0 * (Z95 * deviation - 3.25f64.ln() / 2.0).exp();
        assert!((lognormal.p95() - wanted).abs() < 1e-9 * wanted);
        let normal = Spread {
            fixed: 5.0,
            mean: 0.0,
            variance: 0.04,
            third: 0.0,
        };
        assert!((normal.p95() - (5.0 + Z95 * 0.2)).abs() < 1e-4);
        // An exponential time has its 95th percentile at ln 20 = 2.996 means.
        let exponential = Spread {
            fixed: 0.0,
            mean: 1.0,
            variance: 1.0,
            third: 2.0,
        };
        assert!((exponential.p95() / 20f64.ln() - 1.0).abs() < 0.035);
    }

    #[test]
    fn a_mixture_lies_between_its_parts() {
        let fast = Spread {
            fixed: 1.0,
            mean: 1.0,
            variance: 1.0,
            third: 2.0,
        };
        let slow = Spread { fixed: 9.0, ..fast };
        let (mean, p95) = mixture(&[(0.5, fast), (0.5, slow)]);
        assert!((mean.0 - 6.0).abs() < 1e-12);
        assert!(p95.0 > fast.p95() && p95.0 < slow.p95());
        // With a tenth far slower than the rest, the 95th percentile is the median of the slow ones.
        let late = Spread {
            fixed: 999.0,
            ..fast
        };
        let (_, p95) = mixture(&[(0.9, fast), (0.1, late)]);
        let shape = late.shape().unwrap();
        let middle = shape.start + shape.mean.exp();
        assert!((p95.0 - middle).abs() < 2e-3, "{p95:?}");
        // A part without spread is a step: all of it lies at its own time.
        let still = Spread {
            fixed: 3.0,
            ..Spread::default()
        };
        let (_, p95) = mixture(&[
            (0.5, still),
            (
                0.5,
                Spread {
                    fixed: 4.0,
                    ..still
                },
            ),
        ]);
        assert!((p95.0 - 4.0).abs() < 1e-6, "{p95:?}");
    }
}
