//! Round trips of one target: all of them where a run has an end, bins where it has none.

use std::num::NonZeroU64;
use std::time::Duration;

use super::histogram::Histogram;
use crate::probe::Sequence;
use crate::stats::{Summary, quantile};

/// The round trips of one target, in whatever detail they are kept.
#[derive(Debug, Clone)]
pub struct RoundTrips {
    last: Option<Duration>,
    steps: Summary,
    smoothed: f64,
    kept: Kept,
}

/// A round trip takes a nanosecond at least, so that a place takes no more room than its number.
type Place = Option<NonZeroU64>;

#[derive(Debug, Clone)]
enum Kept {
    /// One place for each probe.
    Each(Vec<Place>),
    /// `None` until there is anything to count.
    Binned(Option<Histogram>),
}

/// Round trips, described. All in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// The latest to come.
    pub last: f64,
    /// The least.
    pub best: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// The most.
    pub worst: f64,
    /// Sample standard deviation; `None` below two.
    pub deviation: Option<f64>,
    /// Geometric mean; `None` when a round trip was zero.
    pub geometric_mean: Option<f64>,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Mean difference, without sign, of replies that came one after the other; `None` below two.
    pub jitter: Option<f64>,
    /// The same smoothed as RFC 3550, 6.4.1 has it: each difference moves it by a sixteenth.
    pub jitter_rfc3550: Option<f64>,
}

impl Times {
    /// How far the slow replies lie above the middle: P95 − P50.
    pub fn jitter_p95_p50(&self) -> f64 {
        self.p95 - self.p50
    }
}

impl RoundTrips {
    /// Keeps every round trip of a run.
    pub(super) fn each() -> RoundTrips {
        RoundTrips::keeping(Kept::Each(Vec::new()))
    }

    /// Keeps bins, for a run of any length.
    pub(super) fn binned() -> RoundTrips {
        RoundTrips::keeping(Kept::Binned(None))
    }

    fn keeping(kept: Kept) -> RoundTrips {
        RoundTrips {
            last: None,
            steps: Summary::default(),
            smoothed: 0.0,
            kept,
        }
    }

    /// Takes note that probe `sequence` is given out.
    pub(super) fn expect(&mut self, sequence: Sequence) {
        if let Kept::Each(places) = &mut self.kept {
            places.resize(sequence.0 as usize + 1, None);
        }
    }

    /// Takes a reply in.
    pub(super) fn push(&mut self, sequence: Sequence, round_trip: Duration) {
        if let Some(last) = self.last.replace(round_trip) {
            let step = round_trip.abs_diff(last).as_nanos() as f64;
            self.steps.push(step);
            self.smoothed += (step - self.smoothed) / 16.0;
        }
        match &mut self.kept {
            Kept::Each(places) => {
                if let Some(place) = places.get_mut(sequence.0 as usize) {
                    let nanos = u64::try_from(round_trip.as_nanos()).unwrap_or(u64::MAX);
                    *place = NonZeroU64::new(nanos.max(1));
                }
            }
            Kept::Binned(bins) => bins.get_or_insert_default().push(round_trip),
        }
    }

    /// The round trip of each probe in the order of sending, `None` for one without a reply; `None`
    /// when they are not kept one by one.
    pub fn list(&self) -> Option<impl Iterator<Item = Option<Duration>>> {
        let Kept::Each(places) = &self.kept else {
            return None;
        };
        let of = |place: &Place| Some(Duration::from_nanos((*place)?.get()));
        Some(places.iter().map(of))
    }

    /// Describes them; `summary` is of the same round trips. `None` of nothing.
    pub fn describe(&self, summary: &Summary) -> Option<Times> {
        let sorted = self.list().map(|list| {
            let mut sorted: Vec<f64> = list.flatten().map(|time| time.as_nanos() as f64).collect();
            sorted.sort_by(f64::total_cmp);
            sorted
        });
        let quantile = |p: f64| match (&sorted, &self.kept) {
            (Some(sorted), _) => quantile(sorted, p),
            (None, Kept::Binned(Some(bins))) => {
                // A bin is wider than what fell into it.
                Some(bins.quantile(p)?.clamp(summary.min()?, summary.max()?))
            }
            _ => None,
        };
        let steps = self.steps.mean();
        Some(Times {
            last: self.last?.as_nanos() as f64,
            best: summary.min()?,
            mean: summary.mean()?,
            worst: summary.max()?,
            deviation: summary.deviation(),
            geometric_mean: summary.geometric_mean(),
            p50: quantile(0.50)?,
            p90: quantile(0.90)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            jitter: steps,
            jitter_rfc3550: steps.map(|_| self.smoothed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Round trips in ns, `None` where nothing came back.
    fn described(mut trips: RoundTrips, nanos: &[Option<u64>]) -> Option<Times> {
        let mut summary = Summary::default();
        for (at, nanos) in nanos.iter().enumerate() {
            let sequence = Sequence(at as u32);
            trips.expect(sequence);
            if let Some(nanos) = nanos {
                trips.push(sequence, Duration::from_nanos(*nanos));
                summary.push(*nanos as f64);
            }
        }
        trips.describe(&summary)
    }

    #[test]
    fn jitters_follow_their_definitions() {
        // Differences 200, 100 and 400: mean 700 / 3. Smoothed by sixteenths from zero.
        let nanos = [Some(1000), Some(1200), None, Some(1100), Some(1500)];
        let times = described(RoundTrips::each(), &nanos).unwrap();
        let smoothed = [200.0, 100.0, 400.0]
            .iter()
            .fold(0.0, |before: f64, step| before * 15.0 / 16.0 + step / 16.0);
        assert!((times.jitter.unwrap() - 700.0 / 3.0).abs() < 1e-9);
        assert!((times.jitter_rfc3550.unwrap() - smoothed).abs() < 1e-9);
        // Sorted 1000, 1100, 1200, 1500: P50 in the middle of the inner two, P95 at position 2.85.
        assert_eq!(times.p50, 1150.0);
        assert!((times.jitter_p95_p50() - (1200.0 + 0.85 * 300.0 - 1150.0)).abs() < 1e-9);
        assert_eq!(
            (times.last, times.best, times.worst),
            (1500.0, 1000.0, 1500.0)
        );
    }

    #[test]
    fn one_reply_has_no_jitter_and_none_has_no_times() {
        for trips in [RoundTrips::each, RoundTrips::binned] {
            let times = described(trips(), &[None, Some(70)]).unwrap();
            assert_eq!((times.p50, times.p99, times.mean), (70.0, 70.0, 70.0));
            assert_eq!((times.jitter, times.jitter_rfc3550), (None, None));
            assert_eq!(described(trips(), &[None, None]), None);
        }
    }

    #[test]
    fn bins_tell_about_the_same_as_each() {
        let nanos: Vec<_> = (0..2000u64).map(|at| Some(1_000 + at * at)).collect();
        let each = described(RoundTrips::each(), &nanos).unwrap();
        let binned = described(RoundTrips::binned(), &nanos).unwrap();
        for (exact, near) in [
            (each.p50, binned.p50),
            (each.p90, binned.p90),
            (each.p99, binned.p99),
        ] {
            assert!((exact - near).abs() < exact / 32.0, "{exact} {near}");
        }
        assert_eq!(each.jitter, binned.jitter);
    }

    #[test]
    fn the_list_keeps_the_places_of_the_lost() {
        let mut trips = RoundTrips::each();
        for at in 0..3 {
            trips.expect(Sequence(at));
        }
        trips.push(Sequence(1), Duration::from_nanos(5));
        let list: Vec<_> = trips.list().unwrap().collect();
        assert_eq!(list, [None, Some(Duration::from_nanos(5)), None]);
        assert!(RoundTrips::binned().list().is_none());
    }
}
