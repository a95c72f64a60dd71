//! Where the way gets long.
//!
//! A router may be slow to answer and quick to pass packets on, so a round trip counts only as far as
//! the hops behind carry it: what the way takes up to a hop is the least median of it and all later
//! hops. A hop's rise is what the way takes more than up to the answering hop before it; the rises of
//! a path add up to the target's median. A rise counts when it is at least [`LEAST_RISE`] and
//! [`LEAST_PART`] of the whole; where there is a plan, when it is above what the plan allows there and
//! back, by [`LEAST_ABOVE_PLAN`] at least. The constants are assumptions.
//!
//! **Confidence**: the median test. Round trips of the hop, less the rise that would just count, and
//! those of the hop before are sorted into above and below their common median; Fisher's exact test
//! gives the chance of so many above among the first (A. M. Mood, Introduction to the Theory of
//! Statistics, 1950, 16.5).

use std::time::Duration;

use super::{Evidence, Finding, Kind, SURE};
use crate::stats::chance::{at_least, fisher};
use crate::stats::{Interval, median_interval};
use crate::trace::Trace;
use crate::trace::stats::{Hop, round_trips};

/// The least rise that matters to people, there and back.
pub const LEAST_RISE: Duration = Duration::from_millis(10);

/// The least part of the whole way that a rise must be.
pub const LEAST_PART: f64 = 0.5;

/// What a rise may exceed its plan by and still be left unsaid.
pub const LEAST_ABOVE_PLAN: Duration = Duration::from_millis(1);

/// What the way takes more at a hop that answers than before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rise {
    /// The distance of the hop.
    pub distance: u8,
    /// What the way takes up to it, as later hops carry it.
    pub carried: Duration,
    /// What that may truly be, in ns, with 97.5 % confidence, so that the difference of two holds with
    /// 95 %; `None` of fewer than seven round trips.
    pub interval: Option<Interval>,
    /// The part of that since the answering hop before; the first hop's is all of it.
    pub rise: Duration,
    /// What the whole way takes.
    pub whole: Duration,
    /// Confidence that the rise is one that counts.
    confidence: f64,
    /// What the plan allows, where the way since the planned hop before takes more, with the excess
    /// over that hop and the confidence of it.
    above_plan: Option<(Duration, Duration, f64)>,
}

impl Rise {
    /// What is found, if it counts.
    pub(super) fn finding(&self) -> Option<Finding> {
        let counts = self.rise >= LEAST_RISE && self.rise >= self.whole.mul_f64(LEAST_PART);
        let large = (counts && self.confidence >= SURE).then_some((self.rise, self.confidence));
        let planned = self
            .above_plan
            .filter(|(.., confidence)| *confidence >= SURE);
        let (rise, confidence) =
            large.or(planned.map(|(_, rise, confidence)| (rise, confidence)))?;
        let mut evidence = vec![Evidence::Rise {
            rise,
            of: self.whole,
            chance: 1.0 - confidence,
        }];
        evidence.extend(planned.map(|(planned, ..)| Evidence::AbovePlan { planned }));
        Some(Finding {
            kind: Kind::Slow,
            confidence: Some(confidence),
            evidence,
        })
    }
}

/// The round trips of a hop that answers.
struct Timed {
    distance: u8,
    p50: Duration,
    all: Vec<Duration>,
}

impl Timed {
    fn interval(&self) -> Option<Interval> {
        let mut sorted: Vec<f64> = self.all.iter().map(|time| time.as_nanos() as f64).collect();
        sorted.sort_by(f64::total_cmp);
        median_interval(&sorted, 0.975)
    }
}

/// The rise at each hop that answers. `planned` says for each of `hops` since which distance the plan
/// allows how much.
pub(super) fn rises(trace: &Trace, hops: &[Hop], planned: &[Option<(u8, Duration)>]) -> Vec<Rise> {
    let timed = hops.iter().filter_map(|hop| {
        Some(Timed {
            distance: hop.distance,
            p50: hop.stats.times?.p50,
            all: round_trips(trace, hop.distance),
        })
    });
    let timed: Vec<Timed> = timed.collect();
    let carriers = carriers(&timed);
    let whole = carriers.last().map_or(Duration::ZERO, |last| last.p50);
    let at = |distance: u8| {
        let own = timed
            .iter()
            .zip(&carriers)
            .find(|(hop, _)| hop.distance == distance);
        own.map(|(_, carrier)| *carrier)
    };
    let least = LEAST_RISE.max(whole.mul_f64(LEAST_PART));
    let rises = timed
        .iter()
        .zip(&carriers)
        .enumerate()
        .map(|(index, (hop, own))| {
            let before = index
                .checked_sub(1)
                .and_then(|index| carriers.get(index))
                .copied();
            let plan = hops.iter().position(|other| other.distance == hop.distance);
            let plan = plan.and_then(|at| planned.get(at).copied().flatten());
            Rise {
                distance: hop.distance,
                carried: own.p50,
                interval: own.interval(),
                rise: own
                    .p50
                    .saturating_sub(before.map_or(Duration::ZERO, |before| before.p50)),
                whole,
                confidence: super::confidence(chance(own, before, least)),
                above_plan: plan.and_then(|(since, allowed)| {
                    let before = at(since);
                    let rise = own
                        .p50
                        .saturating_sub(before.map_or(Duration::ZERO, |b| b.p50));
                    let most = allowed + LEAST_ABOVE_PLAN;
                    let confidence = super::confidence(chance(own, before, most));
                    (rise > most).then_some((allowed, rise, confidence))
                }),
            }
        });
    rises.collect()
}

/// For each hop the one, itself or behind it, with the least median: what it takes is what the way
/// takes.
fn carriers(timed: &[Timed]) -> Vec<&Timed> {
    let mut least: Option<&Timed> = None;
    let carriers = timed.iter().rev().map(|hop| {
        let carrier = least.filter(|least| least.p50 <= hop.p50).unwrap_or(hop);
        least = Some(carrier);
        carrier
    });
    let mut carriers: Vec<&Timed> = carriers.collect();
    carriers.reverse();
    carriers
}

/// The chance of such round trips if the medians differed by `rise` or less. Before the first hop
/// stands this host, at no time at all: then each round trip is above `rise` or not, like a coin.
fn chance(hop: &Timed, before: Option<&Timed>, rise: Duration) -> f64 {
    match before {
        Some(before) => median_test(&hop.all, &before.all, rise),
        None => {
            let above = hop.all.iter().filter(|time| **time > rise).count();
            at_least(above as u64, hop.all.len() as u64, 0.5)
        }
    }
}

/// Mood's median test of `hop`, less `rise`, against `before`.
fn median_test(hop: &[Duration], before: &[Duration], rise: Duration) -> f64 {
    let shifted = |time: &Duration| time.saturating_sub(rise);
    let mut all: Vec<Duration> = hop
        .iter()
        .map(shifted)
        .chain(before.iter().copied())
        .collect();
    all.sort_unstable();
    // The lower of the two middle ones of an even number: half lie above it.
    let middle = all.len().checked_sub(1).and_then(|last| all.get(last / 2));
    let Some(middle) = middle.copied() else {
        return 1.0;
    };
    let above = hop.iter().filter(|time| shifted(time) > middle).count() as u64;
    let before_above = before.iter().filter(|time| **time > middle).count() as u64;
    fisher(above, hop.len() as u64, before_above, before.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn timed(distance: u8, p50: u64) -> Timed {
        Timed {
            distance,
            p50: ms(p50),
            all: vec![ms(p50)],
        }
    }

    #[test]
    fn a_slow_answer_is_not_carried_on() {
        let path = [(1, 1), (2, 90), (4, 3), (5, 45), (6, 44)].map(|(at, p50)| timed(at, p50));
        let carried: Vec<Duration> = carriers(&path).iter().map(|hop| hop.p50).collect();
        assert_eq!(carried, [1, 3, 3, 44, 44].map(ms));
    }

    #[test]
    fn separate_times_are_one_choice_of_all() {
        // Three of 20 ms against three of 5 ms, 10 ms apart at least: one of C(6, 3) = 20.
        let (far, near) = ([20, 21, 22].map(ms), [4, 5, 6].map(ms));
        assert!((median_test(&far, &near, ms(10)) - 0.05).abs() < 1e-12);
        // At 16 ms less they lie at or below the others.
        assert!(median_test(&far, &near, ms(16)) > 0.5);
        assert_eq!(median_test(&[], &[], ms(1)), 1.0);
        assert_eq!(median_test(&far, &[], ms(1)), 1.0);
    }
}
