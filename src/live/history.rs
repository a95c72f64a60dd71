//! How the probes of each hop fared, one after another and by stretches of time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::stats::quantile;
use crate::trace::{Fate, Trace};
use crate::units::Moment;

/// How one probe fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Answered after this long.
    Answered(Duration),
    /// Answered too late to count.
    Late,
    /// Not answered.
    Lost,
    /// It never left this host.
    Unsent,
}

/// The probes of every distance that left, with when they did, in that order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    hops: BTreeMap<u8, Vec<(Moment, Sample)>>,
}

/// The probes of one stretch of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bucket {
    /// Answered, late and lost.
    pub sent: usize,
    /// Lost.
    pub lost: usize,
    /// Round trips of the answered.
    pub spread: Option<Spread>,
}

/// Round trips of a stretch of time, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The shortest.
    pub least: f64,
    /// A quarter are below.
    pub p25: f64,
    /// Half are below.
    pub p50: f64,
    /// Three quarters are below.
    pub p75: f64,
    /// The longest.
    pub most: f64,
}

impl History {
    /// The history of the path in `trace`; probes of the service are no part of it.
    pub fn new(trace: &Trace) -> History {
        let mut hops: BTreeMap<u8, Vec<(Moment, Sample)>> = BTreeMap::new();
        let mut latest = Moment::default();
        for ended in trace.ended.iter().filter(|ended| !ended.probe.service) {
            latest = ended.sent.unwrap_or(latest);
            let sample = match &ended.fate {
                Fate::Answered(response) => Sample::Answered(response.round_trip),
                Fate::Late(_) => Sample::Late,
                Fate::Lost => Sample::Lost,
                Fate::Unsent(_) => Sample::Unsent,
            };
            let hop = hops.entry(ended.probe.distance).or_default();
            hop.push((latest, sample));
        }
        History { hops }
    }

    /// The probes to a distance.
    pub fn of(&self, distance: u8) -> &[(Moment, Sample)] {
        self.hops.get(&distance).map_or(&[], Vec::as_slice)
    }

    /// The latest `count` probes to a distance.
    pub fn recent(&self, distance: u8, count: usize) -> &[(Moment, Sample)] {
        let all = self.of(distance);
        all.get(all.len().saturating_sub(count)..)
            .unwrap_or_default()
    }

    /// The shortest and the longest round trip of the latest `count` probes to each of `distances`.
    pub fn range(
        &self,
        distances: impl Iterator<Item = u8>,
        count: usize,
    ) -> Option<(Duration, Duration)> {
        let recent = distances.flat_map(|distance| self.recent(distance, count));
        let answered = recent.filter_map(|(_, sample)| match sample {
            Sample::Answered(time) => Some(*time),
            _ => None,
        });
        answered.fold(None, |range, time| {
            let (low, high) = range.unwrap_or((time, time));
            Some((low.min(time), high.max(time)))
        })
    }
}

/// Lengths of a stretch of time that people read easily.
const STEPS: [u64; 15] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400,
];

/// How long each of `count` stretches must be so that they hold all of `samples` and each some
/// probes of an `interval`.
pub fn step(samples: &[(Moment, Sample)], count: usize, interval: Duration) -> Duration {
    let ends = samples.first().zip(samples.last());
    let span = ends.map_or(Duration::ZERO, |((first, _), (last, _))| last.since(*first));
    // The first and the last stretch are not whole.
    let fits = |step: &Duration| {
        let whole = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
        *step >= interval && step.saturating_mul(whole) >= span
    };
    let mut steps = STEPS.iter().map(|seconds| Duration::from_secs(*seconds));
    let longest = Duration::from_secs(86_400);
    steps.find(fits).unwrap_or(longest)
}

/// The stretches of length `step` from the first probe to the last, but the last `count` of them
/// only. They begin at whole multiples of it, so that a probe never moves from one to another.
pub fn buckets(samples: &[(Moment, Sample)], count: usize, step: Duration) -> Vec<Bucket> {
    let Some((first, last)) = stretches(samples, count, step) else {
        return Vec::new();
    };
    let length = usize::try_from(last - first + 1)
        .unwrap_or(count)
        .min(count);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); length];
    let mut buckets = vec![Bucket::default(); length];
    for (moment, sample) in samples {
        let at = index(*moment, step).checked_sub(first);
        let at = at.and_then(|at| usize::try_from(at).ok());
        let slot = at.and_then(|at| buckets.get_mut(at).zip(times.get_mut(at)));
        let Some((bucket, times)) = slot else {
            continue;
        };
        bucket.sent += usize::from(*sample != Sample::Unsent);
        bucket.lost += usize::from(*sample == Sample::Lost);
        if let Sample::Answered(time) = sample {
            times.push(time.as_nanos() as f64);
        }
    }
    for (bucket, times) in buckets.iter_mut().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        bucket.spread = spread(times);
    }
    buckets
}

/// When the first of the stretches that [`buckets`] gives begins, and when the last one ends.
pub fn ends(
    samples: &[(Moment, Sample)],
    count: usize,
    step: Duration,
) -> Option<(Moment, Moment)> {
    let (first, last) = stretches(samples, count, step)?;
    let at = |index: u64| Moment(index.saturating_mul(nanos(step)));
    Some((at(first), at(last.saturating_add(1))))
}

/// The first and the last of at most `count` stretches that hold `samples`.
fn stretches(samples: &[(Moment, Sample)], count: usize, step: Duration) -> Option<(u64, u64)> {
    let ((first, _), (last, _)) = samples.first().zip(samples.last())?;
    let last = index(*last, step);
    let before = u64::try_from(count.checked_sub(1)?).unwrap_or(u64::MAX);
    let first = index(*first, step).max(last.saturating_sub(before));
    Some((first.min(last), last))
}

fn index(moment: Moment, step: Duration) -> u64 {
    moment.0 / nanos(step)
}

fn nanos(step: Duration) -> u64 {
    u64::try_from(step.as_nanos()).unwrap_or(u64::MAX).max(1)
}

/// Describes round trips in ascending order.
fn spread(sorted: &[f64]) -> Option<Spread> {
    Some(Spread {
        least: *sorted.first()?,
        p25: quantile(sorted, 0.25)?,
        p50: quantile(sorted, 0.50)?,
        p75: quantile(sorted, 0.75)?,
        most: *sorted.last()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn answered(second: u64, nanos: u64) -> (Moment, Sample) {
        (
            Moment(second * SECOND),
            Sample::Answered(Duration::from_nanos(nanos)),
        )
    }

    #[test]
    fn a_stretch_is_long_enough_for_all_and_for_one_probe() {
        let over = |seconds: u64| [answered(100, 1), answered(100 + seconds, 1)];
        let step = |seconds, count, interval| {
            super::step(&over(seconds), count, Duration::from_millis(interval)).as_secs()
        };
        assert_eq!(step(0, 60, 1000), 1);
        assert_eq!(step(59, 60, 1000), 1);
        assert_eq!(step(60, 60, 1000), 2);
        assert_eq!(step(10, 60, 7000), 10);
        assert_eq!(step(3600, 60, 1000), 120);
        assert_eq!(step(u64::from(u32::MAX), 2, 1000), 86_400);
        assert_eq!(super::step(&[], 0, Duration::ZERO).as_secs(), 1);
    }

    #[test]
    fn stretches_hold_what_was_sent_in_them() {
        let mut samples: Vec<_> = (0..5).map(|at| answered(20 + at, 10 * (at + 1))).collect();
        samples.push((Moment(25 * SECOND), Sample::Lost));
        samples.push((Moment(26 * SECOND), Sample::Late));
        samples.push((Moment(27 * SECOND), Sample::Unsent));
        let step = Duration::from_secs(5);
        let buckets = buckets(&samples, 4, step);
        // 20..25 and 25..30 s.
        assert_eq!(buckets.len(), 2);
        let ends = ends(&samples, 4, step).map(|(from, to)| (from.0 / SECOND, to.0 / SECOND));
        assert_eq!(ends, Some((20, 30)));
        let spread = buckets[0].spread.unwrap();
        let told = [
            spread.least,
            spread.p25,
            spread.p50,
            spread.p75,
            spread.most,
        ];
        assert_eq!(told, [10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!((buckets[0].sent, buckets[0].lost), (5, 0));
        // Lost and late are no times; what never left was not sent.
        assert_eq!(
            (buckets[1].sent, buckets[1].lost, buckets[1].spread),
            (2, 1, None)
        );
    }

    #[test]
    fn what_is_older_than_the_first_stretch_is_left_out() {
        let samples: Vec<_> = (0..100).map(|at| answered(at, at)).collect();
        let buckets = buckets(&samples, 3, Duration::from_secs(10));
        let sent: Vec<_> = buckets.iter().map(|bucket| bucket.sent).collect();
        assert_eq!(sent, [10, 10, 10]);
        assert_eq!(buckets[0].spread.unwrap().least, 70.0);
        assert_eq!(super::buckets(&samples, 0, Duration::from_secs(1)), []);
    }
}
