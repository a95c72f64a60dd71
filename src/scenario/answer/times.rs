//! How long a transaction takes: its mean, and an honest 95th percentile.
//!
//! A time is a fixed part and a random part. The random part is the transfer (the size is
//! lognormal, and under processor sharing time follows size: planning practice puts the quantile of
//! the time at the quantile of the size times the stretch), the services at nodes (gamma, by the
//! transaction's spread of work) with the waits before them (what is left of an exponential time at the
//! node, as it is where services are exponential), and the delays' own spread (normal). Its mean, variance and third moment are exact sums; its
//! shape is taken to be the shifted lognormal law that has these three (Aitchison and Brown 1957).
//! **The percentile is therefore an approximation**; a test holds it to sampled sums.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

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
    #[cfg(test)]
    pub(super) fn p95(&self) -> f64 {
        self.shape().map_or(self.total(), Shape::p95)
    }
}

impl Shape {
    fn p95(self) -> f64 {
        self.start + (self.mean + Z95 * self.deviation).exp()
    }

    /// Part of the times that are at most `time`, and the density there.
    fn below(&self, time: f64, normal: &Normal) -> (f64, f64) {
        let rest = time - self.start;
        if rest <= 0.0 {
            return (0.0, 0.0);
        }
        let z = (rest.ln() - self.mean) / self.deviation;
        (normal.cdf(z), normal.pdf(z) / (self.deviation * rest))
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
    let square = act.work_spread.powi(2);
    for &(node, work) in &act.work {
        let time = work * flow.servers[node]?;
        spread.mean += time;
        spread.variance += time.powi(2) - work.powi(2) * (1.0 - square);
        spread.third += 2.0 * (time.powi(3) - work.powi(3) * (1.0 - square.powi(2)));
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
    (Seconds(sum / whole), Seconds(quantile(parts, 0.95 * whole)))
}

/// The time that `wanted` of the parts stay below (95 % of them all), by Newton's method between the
/// 95th percentiles of the parts, where bisection takes over when a step leaves them.
fn quantile(parts: &[(f64, Spread)], wanted: f64) -> f64 {
    const NEAR: f64 = 1e-7;
    let of = |(part, spread): &(f64, Spread)| (*part, spread.total(), spread.shape());
    let shapes: Vec<(f64, f64, Option<Shape>)> = parts.iter().map(of).collect();
    let quantiles = shapes
        .iter()
        .map(|(_, still, shape)| shape.map_or(*still, Shape::p95));
    let (mut low, mut high) = quantiles.fold((f64::INFINITY, 0.0), |(low, high), p95| {
        (f64::min(low, p95), f64::max(high, p95))
    });
    if high - low <= NEAR * high {
        return high;
    }
    let normal = Normal::standard();
    // The tail of the distribution is concave: from below, Newton's steps do not pass the answer.
    let mut time = low;
    for _ in 0..60 {
        let (mut below, mut density) = (0.0, 0.0);
        for (part, still, shape) in &shapes {
            let (own, slope) = match shape {
                Some(shape) => shape.below(time, &normal),
                None => (f64::from(u8::from(time >= *still)), 0.0),
            };
            below += part * own;
            density += part * slope;
        }
        match below < wanted {
            true => low = time,
            false => high = time,
        }
        let step = (wanted - below) / density;
        if high - low <= NEAR * high || step.abs() <= NEAR * time {
            break;
        }
        time = match time + step {
            next if next > low && next < high => next,
            _ => f64::midpoint(low, high),
        };
    }
    time
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
