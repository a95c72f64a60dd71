//! Figures of a path, derived from the facts once, at the end: per hop and per responder.
//!
//! Times are durations of whole nanoseconds. What was lost is counted, never put in as a time of
//! zero, and loss always comes with the interval that the number of probes allows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::{Answer, Fate, Response, Stamp, Trace};
use crate::stats::{Interval, Summary, quantile, wilson};

/// Figures of the probes of one hop.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStats {
    /// Probes that left: answered, late and lost together.
    pub sent: u64,
    /// Answered in time.
    pub answered: u64,
    /// Answered too late to count as answered; not lost.
    pub late: u64,
    /// Not answered.
    pub lost: u64,
    /// Probes that never left this host.
    pub unsent: u64,
    /// Further replies to a probe that had been answered.
    pub duplicates: u64,
    /// Round trips of the answered; `None` when there are none.
    pub times: Option<Times>,
}

impl PathStats {
    /// Lost of sent, 0 to 1; `None` when nothing was sent.
    pub fn loss(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.lost as f64 / self.sent as f64)
    }

    /// What the true loss may be, with 95 % confidence.
    pub fn loss_interval(&self) -> Option<Interval> {
        wilson(self.lost, self.sent)
    }
}

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
    /// The 95th percentile.
    pub p95: Duration,
    /// Mean difference, without sign, of consecutive answered probes of the same responder;
    /// `None` when no responder answered twice.
    pub jitter: Option<Duration>,
}

/// One distance of the path.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// The distance.
    pub distance: u8,
    /// Figures of all its probes.
    pub stats: PathStats,
    /// Who answered, most answers first.
    pub responders: Vec<Responder>,
}

/// An address that answered at a hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Responder {
    /// The address.
    pub address: IpAddr,
    /// How many probes it answered in time.
    pub answered: u64,
    /// Its round trips.
    pub times: Option<Times>,
    /// What it said last.
    pub answer: Answer,
    /// Replies whose time was taken when we read them, not when they came.
    pub user_stamped: u64,
}

/// What one address has answered so far.
struct Own {
    times: Vec<Duration>,
    answer: Answer,
    user_stamped: u64,
}

/// The hops of a trace: from its first distance to the target or, while that has not answered, to
/// one beyond the last that did. Probes that overshot the target belong to no hop.
pub fn hops(trace: &Trace) -> Vec<Hop> {
    let path = || trace.ended.iter().filter(|ended| !ended.probe.service);
    let probed = path().map(|ended| ended.probe.distance).max();
    let answering = path().filter(|ended| response(&ended.fate).is_some());
    let furthest = answering.map(|ended| ended.probe.distance).max();
    let silent = furthest.map_or(trace.first, |distance| distance.saturating_add(1));
    let last = trace.reached.or(probed.map(|probed| probed.min(silent)));
    let distances = last.map(|last| trace.first..=last);
    let distances = distances.into_iter().flatten();
    distances.map(|distance| hop(trace, distance)).collect()
}

fn response(fate: &Fate) -> Option<&Response> {
    match fate {
        Fate::Answered(response) | Fate::Late(response) => Some(response),
        Fate::Lost | Fate::Unsent(_) => None,
    }
}

fn hop(trace: &Trace, distance: u8) -> Hop {
    let ended: Vec<_> = trace
        .ended
        .iter()
        .filter(|ended| ended.probe.distance == distance && !ended.probe.service)
        .collect();
    let count = |is: fn(&Fate) -> bool| ended.iter().filter(|ended| is(&ended.fate)).count() as u64;
    let unsent = count(|fate| matches!(fate, Fate::Unsent(_)));
    let mut by_address: BTreeMap<IpAddr, Own> = BTreeMap::new();
    let mut all = Vec::new();
    for ended in &ended {
        let Some(response) = response(&ended.fate) else {
            continue;
        };
        let own = by_address.entry(response.responder).or_insert_with(|| Own {
            times: Vec::new(),
            answer: response.answer,
            user_stamped: 0,
        });
        own.answer = response.answer;
        own.user_stamped += u64::from(response.stamp == Stamp::User);
        if matches!(ended.fate, Fate::Answered(_)) {
            own.times.push(response.round_trip);
            all.push(response.round_trip);
        }
    }
    let groups: Vec<&[Duration]> = by_address
        .values()
        .map(|own| own.times.as_slice())
        .collect();
    let times = times(&all, &groups);
    let mut responders: Vec<Responder> = by_address
        .iter()
        .map(|(address, own)| Responder {
            address: *address,
            answered: own.times.len() as u64,
            times: self::times(&own.times, &[&own.times]),
            answer: own.answer,
            user_stamped: own.user_stamped,
        })
        .collect();
    responders.sort_by_key(|responder| std::cmp::Reverse(responder.answered));
    Hop {
        distance,
        stats: PathStats {
            sent: ended.len() as u64 - unsent,
            answered: count(|fate| matches!(fate, Fate::Answered(_))),
            late: count(|fate| matches!(fate, Fate::Late(_))),
            lost: count(|fate| matches!(fate, Fate::Lost)),
            unsent,
            duplicates: ended.iter().map(|ended| u64::from(ended.duplicates)).sum(),
            times,
        },
        responders,
    }
}

/// Describes round trips in the order of sending; `groups` are the same, one slice per responder,
/// for the jitter. `None` of nothing.
fn times(all: &[Duration], groups: &[&[Duration]]) -> Option<Times> {
    let mut summary = Summary::default();
    let mut sorted: Vec<f64> = all.iter().map(|time| time.as_nanos() as f64).collect();
    sorted.iter().for_each(|nanos| {
        summary.push(*nanos);
    });
    sorted.sort_by(f64::total_cmp);
    let steps = groups
        .iter()
        .flat_map(|group| group.windows(2))
        .filter_map(|pair| Some(pair.first()?.abs_diff(*pair.last()?)));
    let mut jitter = Summary::default();
    steps.for_each(|step| {
        jitter.push(step.as_nanos() as f64);
    });
    Some(Times {
        last: *all.last()?,
        best: *all.iter().min()?,
        mean: nanos(summary.mean()?),
        worst: *all.iter().max()?,
        deviation: summary.deviation().map(nanos),
        geometric_mean: summary.geometric_mean().map(nanos),
        p50: nanos(quantile(&sorted, 0.50)?),
        p95: nanos(quantile(&sorted, 0.95)?),
        jitter: jitter.mean().map(nanos),
    })
}

/// A duration of a number of nanoseconds, to the nearest.
fn nanos(nanos: f64) -> Duration {
    Duration::from_nanos(nanos.round() as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::probe::{Probe, Sequence, Troubles};
    use crate::trace::Ended;

    /// A trace of one hop: each item is a fate code, a responder and a round trip.
    fn trace(items: &[(u8, u8, u64)]) -> Trace {
        let ended = items.iter().enumerate().map(|(at, (code, from, time))| {
            let response = Response {
                responder: IpAddr::from([192, 0, 2, *from]),
                answer: Answer::Passed,
                round_trip: Duration::from_nanos(*time),
                stamp: Stamp::Kernel,
                detail: None,
            };
            Ended {
                probe: Probe::plain(Sequence(at as u32), 1),
                round: at as u32,
                sent: None,
                fate: match code {
                    0 => Fate::Lost,
                    1 => Fate::Late(response),
                    2 => Fate::Unsent(crate::lang::Text::same("no route")),
                    _ => Fate::Answered(response),
                },
                duplicates: 0,
            }
        });
        Trace {
            ended: ended.collect(),
            forgotten: 0,
            first: 1,
            reached: None,
            first_sweep: None,
            took: Duration::ZERO,
            unmatched: 0,
            troubles: Troubles::default(),
        }
    }

    fn near(a: Duration, b: f64) -> bool {
        (a.as_nanos() as f64 - b).abs() <= 1.0 + b * 1e-9
    }

    proptest! {
        #[test]
        fn figures_agree_with_two_passes_over_the_facts(
            items in prop::collection::vec((0u8..8, 1u8..4, 1u64..10_000_000_000), 1..80),
        ) {
            let hop = hop(&trace(&items), 1);
            let stats = &hop.stats;
            prop_assert_eq!(stats.sent, stats.answered + stats.late + stats.lost);
            prop_assert_eq!(stats.sent + stats.unsent, items.len() as u64);
            let all: Vec<(u8, f64)> = items.iter().filter(|item| item.0 > 2)
                .map(|item| (item.1, item.2 as f64)).collect();
            prop_assert_eq!(stats.answered, all.len() as u64);
            prop_assert_eq!(stats.times.is_some(), !all.is_empty());
            let Some(times) = stats.times else { return Ok(()) };
            let n = all.len() as f64;
            let mean = all.iter().map(|item| item.1).sum::<f64>() / n;
            prop_assert!(near(times.mean, mean));
            if let Some(deviation) = times.deviation {
                let squares: f64 = all.iter().map(|item| (item.1 - mean).powi(2)).sum();
                prop_assert!(near(deviation, (squares / (n - 1.0)).sqrt()));
            }
            let mut steps = Vec::new();
            for from in 1..4 {
                let own: Vec<f64> = all.iter().filter(|i| i.0 == from).map(|i| i.1).collect();
                steps.extend((1..own.len()).map(|at| (own[at] - own[at - 1]).abs()));
            }
            prop_assert_eq!(times.jitter.is_some(), !steps.is_empty());
            if let Some(jitter) = times.jitter {
                prop_assert!(near(jitter, steps.iter().sum::<f64>() / steps.len() as f64));
            }
            prop_assert!(times.best <= times.p50 && times.p50 <= times.p95);
            prop_assert!(times.p95 <= times.worst);
            let answered: u64 = hop.responders.iter().map(|responder| responder.answered).sum();
            prop_assert_eq!(answered, stats.answered);
        }
    }

    #[test]
    fn jitter_is_not_polluted_by_the_first_sample_or_another_responder() {
        // Responder 1: 10, 14 (step 4); responder 2: 100, 106 (step 6); never 90.
        let stats = hop(
            &trace(&[(9, 1, 10), (9, 2, 100), (9, 1, 14), (9, 2, 106)]),
            1,
        )
        .stats;
        assert_eq!(stats.times.unwrap().jitter, Some(Duration::from_nanos(5)));
        let once = hop(&trace(&[(9, 1, 10)]), 1).stats;
        assert_eq!(once.times.unwrap().jitter, None);
    }

    #[test]
    fn a_silent_path_shows_one_silent_hop() {
        let hops = hops(&trace(&[(0, 1, 1), (0, 1, 1)]));
        assert_eq!(hops.len(), 1);
        assert_eq!(hops[0].stats.loss(), Some(1.0));
        assert_eq!(hops[0].stats.times, None);
    }
}
