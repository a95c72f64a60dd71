//! Figures against a plain two-pass reference over the same facts.

use proptest::prelude::*;

use super::*;
use crate::probe::{Arrival, Probe, Sequence};
use crate::trace::worlds::{address, facts};

/// A fate, a responder, a flow and a round trip.
type Item = (u8, u8, u16, u64);

/// A trace of one hop.
fn trace(items: &[Item]) -> Trace {
    let ended = items
        .iter()
        .enumerate()
        .map(|(at, (code, from, flow, time))| {
            let response = Response {
                responder: address(*from),
                answer: Answer::Passed,
                round_trip: Duration::from_nanos(*time),
                stamp: Stamp::Kernel,
                detail: None,
            };
            Ended {
                probe: Probe {
                    flow: Flow(*flow),
                    ..Probe::plain(Sequence(at as u32), 1)
                },
                round: at as u32,
                sent: None,
                fate: match code {
                    0 => Fate::Lost,
                    1 => Fate::Late(response),
                    2 => Fate::Unsent(crate::lang::Text::same("no route")),
                    _ => Fate::Answered(response),
                },
                duplicates: u32::from(code % 2),
            }
        });
    facts(ended.collect(), None)
}

fn near(a: Duration, b: f64) -> bool {
    (a.as_nanos() as f64 - b).abs() <= 1.0 + b * 1e-9
}

/// Holds `stats` to what `items` say, by sums over all of them.
fn check(stats: &PathStats, items: &[Item]) -> Result<(), TestCaseError> {
    let count = |codes: std::ops::RangeInclusive<u8>| {
        items.iter().filter(|item| codes.contains(&item.0)).count() as u64
    };
    prop_assert_eq!(
        (stats.lost, stats.late, stats.unsent),
        (count(0..=0), count(1..=1), count(2..=2))
    );
    prop_assert_eq!(
        (stats.answered, stats.sent),
        (count(3..=9), items.len() as u64 - count(2..=2))
    );
    let odd = items.iter().filter(|item| item.0 % 2 == 1).count() as u64;
    prop_assert_eq!(stats.duplicates, odd);
    let all: Vec<Item> = items.iter().copied().filter(|item| item.0 > 2).collect();
    prop_assert_eq!(stats.times.is_some(), !all.is_empty());
    let Some(times) = stats.times else {
        return Ok(());
    };
    let n = all.len() as f64;
    let values: Vec<f64> = all.iter().map(|item| item.3 as f64).collect();
    let mean = values.iter().sum::<f64>() / n;
    prop_assert!(near(times.mean, mean));
    prop_assert_eq!(times.deviation.is_some(), all.len() > 1);
    if let Some(deviation) = times.deviation {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        prop_assert!(near(deviation, (squares / (n - 1.0)).sqrt()));
    }
    let logs: f64 = values.iter().map(|value| value.ln()).sum();
    prop_assert!(near(times.geometric_mean.unwrap(), (logs / n).exp()));
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    prop_assert!(near(times.best, sorted[0]) && near(times.worst, sorted[sorted.len() - 1]));
    prop_assert!(near(times.last, values[values.len() - 1]));
    // Type 7: the value at position (n - 1) p, linearly between its neighbours.
    for (told, p) in [
        (times.p50, 0.5),
        (times.p90, 0.9),
        (times.p95, 0.95),
        (times.p99, 0.99),
    ] {
        let at = (n - 1.0) * p;
        let (low, high) = (
            sorted[at as usize],
            sorted[(at as usize + 1).min(sorted.len() - 1)],
        );
        prop_assert!(near(told, low + (high - low) * (at - at.floor())));
    }
    // Each answered probe but the first of its stream has a difference to the one before it.
    let steps: Vec<f64> = all
        .iter()
        .enumerate()
        .filter_map(|(at, own)| {
            let before = all[..at]
                .iter()
                .rev()
                .find(|other| (other.1, other.2) == (own.1, own.2));
            before.map(|before| (own.3 as f64 - before.3 as f64).abs())
        })
        .collect();
    prop_assert_eq!(times.jitter.is_some(), !steps.is_empty());
    let Some(jitter) = times.jitter else {
        return Ok(());
    };
    prop_assert!(near(
        jitter.mean,
        steps.iter().sum::<f64>() / steps.len() as f64
    ));
    prop_assert!(near(jitter.last, steps[steps.len() - 1]));
    prop_assert!(near(
        jitter.worst,
        steps.iter().copied().fold(0.0, f64::max)
    ));
    // RFC 3550 in closed form: each step weighs 1/16, less by 15/16 for each that follows.
    let count = steps.len() as i32;
    let weighed = (0..)
        .zip(&steps)
        .map(|(at, step)| step / 16.0 * (15f64 / 16.0).powi(count - 1 - at));
    prop_assert!(near(jitter.rfc3550, weighed.sum()));
    Ok(())
}

proptest! {
    #[test]
    fn figures_agree_with_two_passes_over_the_facts(
        items in prop::collection::vec((0u8..8, 1u8..4, 0u16..3, 1u64..10_000_000_000), 1..80),
    ) {
        let hops = hops(&trace(&items));
        let [hop] = hops.as_slice() else {
            // One beyond the last that answers; only the first was asked.
            return Err(TestCaseError::fail("more than one hop"));
        };
        check(&hop.stats, &items)?;
        for own in &hop.flows {
            let items: Vec<Item> = items.iter().copied().filter(|item| item.2 == own.flow.0).collect();
            check(&own.stats, &items)?;
        }
        prop_assert_eq!(hop.flows.iter().map(|own| own.stats.sent).sum::<u64>(), hop.stats.sent);
        for own in &hop.responders {
            let items = items.iter().copied();
            let its: Vec<Item> = items.filter(|item| address(item.1) == own.address).collect();
            let answered: Vec<Item> = its.iter().copied().filter(|item| item.0 > 2).collect();
            prop_assert_eq!(own.answered, answered.len() as u64);
            prop_assert_eq!(own.late, its.iter().filter(|item| item.0 == 1).count() as u64);
            let stats = PathStats {
                sent: own.answered,
                answered: own.answered,
                duplicates: answered.iter().filter(|item| item.0 % 2 == 1).count() as u64,
                times: own.times,
                ..PathStats::default()
            };
            check(&stats, &answered)?;
        }
        let answered: u64 = hop.responders.iter().map(|own| own.answered + own.late).sum();
        prop_assert_eq!(answered, hop.stats.answered + hop.stats.late);
    }
}

#[test]
fn a_silent_path_shows_one_silent_hop() {
    let hops = hops(&trace(&[(0, 1, 0, 1), (0, 1, 0, 1)]));
    assert_eq!(hops.len(), 1);
    assert_eq!(hops[0].stats.loss(), Some(1.0));
    assert_eq!(hops[0].stats.times, None);
}

#[test]
fn the_service_belongs_to_no_hop() {
    let mut trace = trace(&[(9, 1, 0, 10), (9, 1, 0, 20), (0, 1, 0, 0), (9, 1, 0, 5)]);
    for ended in &mut trace.ended[1..] {
        ended.probe.service = true;
        ended.probe.distance = u8::MAX;
    }
    // The first is answered by the service, the last by a router on the way to it.
    if let Fate::Answered(response) = &mut trace.ended[1].fate {
        response.answer = Answer::Arrived(Arrival::Refused);
    }
    assert_eq!(hops(&trace)[0].stats.sent, 1);
    assert_eq!(hops(&trace).len(), 1);
    let service = service(&trace).unwrap();
    assert_eq!((service.stats.sent, service.stats.lost), (2, 1));
    assert_eq!((service.stats.answered, service.stopped), (1, 1));
}
