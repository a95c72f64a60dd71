//! How long a transaction takes: its mean, and an honest 95th percentile.
//!
//! A time is a fixed part and a random part. The random part is the transfer (the size is
//! lognormal, and under processor sharing time follows size: planning practice puts the quantile of
//! the time at the quantile of the size times the stretch), the services at nodes (exponential),
//! and the delays' own spread. Its mean and variance are exact sums; its shape is taken to be
//! lognormal with these two moments. **The percentile is therefore an approximation**; a test holds
//! it to sampled sums.

use statrs::distribution::{ContinuousCDF, Normal};

use super::network::Taken;
use super::route::{Act, Route};
use crate::units::Seconds;

/// A fixed time plus a random one with a mean and a variance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    /// The least time, seconds.
    pub fixed: f64,
    /// Mean of the random part, seconds.
    pub mean: f64,
    /// Variance of the random part, s².
    pub variance: f64,
}

/// Quantile of the standard normal law at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

impl Spread {
    /// Mean of the whole.
    pub(super) fn total(&self) -> f64 {
        self.fixed + self.mean
    }

    /// Parameters of the lognormal law of the random part: mean and deviation of its logarithm.
    fn logarithm(&self) -> Option<(f64, f64)> {
        if self.mean <= 0.0 {
            return None;
        }
        let deviation2 = (1.0 + self.variance / self.mean.powi(2)).ln();
        Some((self.mean.ln() - deviation2 / 2.0, deviation2.sqrt()))
    }

    /// 95th percentile of the whole.
    pub(super) fn p95(&self) -> f64 {
        match self.logarithm() {
            None => self.fixed,
            Some((mean, deviation)) => self.fixed + (mean + Z95 * deviation).exp(),
        }
    }

    /// Part of the times that are at most `time`.
    fn below(&self, time: f64, normal: &Normal) -> f64 {
        let rest = time - self.fixed;
        match self.logarithm() {
            _ if rest < 0.0 => 0.0,
            None => 1.0,
            Some(_) if rest == 0.0 => 0.0,
            Some((mean, deviation)) if deviation > 0.0 => {
                normal.cdf((rest.ln() - mean) / deviation)
            }
            Some((mean, _)) => f64::from(u8::from(rest.ln() >= mean)),
        }
    }
}

/// The time of one transaction; `None`: it never ends. `full` is by lane the chance that its class is
/// full, when a packet waits for `full_queue`.
pub(super) fn spread(
    route: &Route,
    act: &Act,
    taken: &Taken,
    full: &[f64],
    full_queue: Seconds,
) -> Option<Spread> {
    let fixed = &act.fixed;
    let mut free = 1.0;
    let mut transfer = act.transfer / route.cap.0;
    for (position, &(lane, bits)) in act.bits.iter().enumerate() {
        if act.bits[..position]
            .iter()
            .all(|(earlier, _)| *earlier != lane)
        {
            free *= 1.0 - full[lane];
        }
        if let Some((_, extra)) = taken.lanes.iter().find(|(own, _)| *own == lane) {
            transfer += bits * (*extra)?;
        }
    }
    let queue = full_queue.0 * (1.0 - free);
    let mut spread = Spread {
        fixed: fixed.trips + fixed.rounds * queue + fixed.loops + fixed.client,
        mean: transfer,
        variance: fixed.variance + (transfer * act.spread).powi(2),
    };
    for &(node, work) in &act.work {
        let stretch = taken.servers.iter().find(|(own, _)| *own == node);
        let time = work * stretch.map_or(Some(1.0), |(_, stretch)| *stretch)?;
        spread.mean += time;
        spread.variance += time * time;
    }
    Some(spread)
}

/// Mean and 95th percentile of a mixture: groups by their parts.
pub(super) fn mixture(parts: &[(f64, Spread)]) -> (Seconds, Seconds) {
    let whole: f64 = parts.iter().map(|(part, _)| part).sum();
    let mean = parts
        .iter()
        .map(|(part, spread)| part * spread.total())
        .sum::<f64>()
        / whole;
    let quantiles = parts.iter().map(|(_, spread)| spread.p95());
    let (mut low, mut high) = quantiles.fold((f64::INFINITY, 0.0), |(low, high), p95| {
        (f64::min(low, p95), f64::max(high, p95))
    });
    let normal = Normal::standard();
    // The mixture's percentile lies between those of its parts; halving 40 times is enough for a
    // picosecond in a year.
    for _ in 0..40 {
        if high - low <= 1e-6 * high {
            break;
        }
        let middle = f64::midpoint(low, high);
        let below = parts
            .iter()
            .map(|(part, spread)| part * spread.below(middle, &normal))
            .sum::<f64>();
        match below < 0.95 * whole {
            true => low = middle,
            false => high = middle,
        }
    }
    (Seconds(mean), Seconds(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spread_no_difference() {
        let still = Spread {
            fixed: 2.0,
            mean: 0.0,
            variance: 0.0,
        };
        assert_eq!((still.total(), still.p95()), (2.0, 2.0));
    }

    #[test]
    fn a_mixture_lies_between_its_parts() {
        let fast = Spread {
            fixed: 1.0,
            mean: 1.0,
            variance: 1.0,
        };
        let slow = Spread { fixed: 9.0, ..fast };
        let (mean, p95) = mixture(&[(0.5, fast), (0.5, slow)]);
        assert!((mean.0 - 6.0).abs() < 1e-12);
        assert!(p95.0 > fast.p95() && p95.0 < slow.p95());
        // With a tenth far slower than the rest, the 95th percentile is the median of the slow ones:
        // the median of a lognormal with mean 1 and variance 1 is 1/sqrt(2).
        let late = Spread {
            fixed: 999.0,
            ..fast
        };
        let (_, p95) = mixture(&[(0.9, fast), (0.1, late)]);
        assert!((p95.0 - (999.0 + 0.5f64.sqrt())).abs() < 2e-3, "{p95:?}");
    }
}
