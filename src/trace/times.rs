//! Round trips, described: extremes, means, percentiles and three jitters.
//!
//! Only answered probes come in here, in the order of sending: what was lost is no time of zero, and
//! a first sample has no difference to anything.

use std::time::Duration;

use crate::stats::{Summary, quantile};

/// Round trips, described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The latest.
    pub last: Duration,
    /// The least.
    pub best: Duration,
    /// Arithmetic mean.
    pub mean: Duration,
    /// The most.
    pub worst: Duration,
    /// Sample standard deviation; `None` below two.
    pub deviation: Option<Duration>,
    /// Geometric mean; `None` when a round trip was zero.
    pub geometric_mean: Option<Duration>,
    /// Median.
    pub p50: Duration,
    /// The 90th percentile.
    pub p90: Duration,
    /// The 95th percentile.
    pub p95: Duration,
    /// The 99th percentile.
    pub p99: Duration,
    /// How much they vary from probe to probe; `None` when no stream holds two answered probes.
    pub jitter: Option<Jitter>,
}

impl Times {
    /// The third jitter: how far the 95th percentile lies above the median.
    pub fn spread(&self) -> Duration {
        self.p95.saturating_sub(self.p50)
    }
}

/// How much round trips vary from one answered probe to the next of the same stream. A stream is one
/// responder on one flow: the difference between two routers, or two ways, is no jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter {
    /// The latest difference, without sign (mtr's `Jttr`).
    pub last: Duration,
    /// The mean difference, without sign (mtr's `Javg`).
    pub mean: Duration,
    /// The largest difference, without sign (mtr's `Jmax`).
    pub worst: Duration,
    /// The running estimate of RFC 3550, 6.4.1 and A.8: J += (|D| - J) / 16, from 0 (mtr's `Jint`,
    /// which leaves the division out and comes out 16 times too large).
    pub rfc3550: Duration,
}

impl Jitter {
    /// Of the differences in the order in which they arose; `None` of none.
    fn of(steps: &[Duration]) -> Option<Jitter> {
        let mut summary = Summary::default();
        let mut running = 0.0;
        for step in steps.iter().map(|step| step.as_nanos() as f64) {
            summary.push(step);
            running += (step - running) / 16.0;
        }
        Some(Jitter {
            last: *steps.last()?,
            mean: nanos(summary.mean()?),
            worst: *steps.iter().max()?,
            rfc3550: nanos(running),
        })
    }
}

/// Gathers round trips in the order of sending. `S` tells streams apart.
#[derive(Debug, Clone)]
pub(super) struct Gathered<S> {
    times: Vec<Duration>,
    /// The latest of each stream; there are few.
    latest: Vec<(S, Duration)>,
    steps: Vec<Duration>,
}

impl<S: PartialEq> Gathered<S> {
    pub(super) fn new() -> Gathered<S> {
        Gathered {
            times: Vec::new(),
            latest: Vec::new(),
            steps: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, stream: S, time: Duration) {
        self.times.push(time);
        match self.latest.iter_mut().find(|(own, _)| *own == stream) {
            Some((_, latest)) => {
                self.steps.push(latest.abs_diff(time));
                *latest = time;
            }
            None => self.latest.push((stream, time)),
        }
    }

    /// How many.
    pub(super) fn count(&self) -> u64 {
        self.times.len() as u64
    }

    /// Describes them; `None` of nothing.
    pub(super) fn described(&self) -> Option<Times> {
        let mut summary = Summary::default();
        let mut sorted: Vec<f64> = self.times.iter().map(|t| t.as_nanos() as f64).collect();
        sorted.iter().for_each(|nanos| {
            summary.push(*nanos);
        });
        sorted.sort_by(f64::total_cmp);
        let percentile = |p| quantile(&sorted, p).map(nanos);
        Some(Times {
            last: *self.times.last()?,
            best: *self.times.iter().min()?,
            mean: nanos(summary.mean()?),
            worst: *self.times.iter().max()?,
            deviation: summary.deviation().map(nanos),
            geometric_mean: summary.geometric_mean().map(nanos),
            p50: percentile(0.50)?,
            p90: percentile(0.90)?,
            p95: percentile(0.95)?,
            p99: percentile(0.99)?,
            jitter: Jitter::of(&self.steps),
        })
    }
}

/// Milliseconds with three significant digits or so: in a data centre one decimal shows 0.0.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms < 1.0 => format!("{ms:.3}"),
        ms if ms < 100.0 => format!("{ms:.2}"),
        ms => format!("{ms:.1}"),
    }
}

/// A duration of a number of nanoseconds, to the nearest.
fn nanos(nanos: f64) -> Duration {
    Duration::from_nanos(nanos.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(items: &[(u8, u64)]) -> Option<Times> {
        let mut gathered = Gathered::new();
        for (stream, nanos) in items {
            gathered.push(*stream, Duration::from_nanos(*nanos));
        }
        gathered.described()
    }

    #[test]
    fn jitter_is_not_polluted_by_the_first_sample_or_another_stream() {
        // Stream 1: 160, 192 (step 32); stream 2: 1600, 1616 (step 16); never 1440.
        let jitter = described(&[(1, 160), (2, 1600), (1, 192), (2, 1616)])
            .and_then(|times| times.jitter)
            .unwrap();
        // RFC 3550: 32 / 16 = 2, then 2 + (16 - 2) / 16 = 2.875.
        let expected = [16, 24, 32, 3].map(Duration::from_nanos);
        let told = [jitter.last, jitter.mean, jitter.worst, jitter.rfc3550];
        assert_eq!(told, expected);
        assert_eq!(described(&[(1, 10), (2, 90)]).unwrap().jitter, None);
        assert_eq!(described(&[]), None);
    }

    #[test]
    fn percentiles_of_evenly_spread_times_are_known() {
        // 0, 1000, …, 100 000: the quantile p lies at 100 000 p.
        let items: Vec<(u8, u64)> = (0..=100).map(|at| (1, at * 1000)).collect();
        let times = described(&items).unwrap();
        let told = [times.p50, times.p90, times.p95, times.p99, times.spread()];
        let expected = [50_000, 90_000, 95_000, 99_000, 45_000].map(Duration::from_nanos);
        assert_eq!(told, expected);
        assert_eq!(times.geometric_mean, None);
    }
}
