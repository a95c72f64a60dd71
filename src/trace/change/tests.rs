//! Chances of runs, counted by hand and by trying all orders.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::probe::{Probe, Sequence};
use crate::trace::worlds::facts;
use crate::trace::{Fate, Response, Stamp};

fn looks(faces: &[u8]) -> Vec<Look> {
    let look = |(round, face): (usize, &u8)| Look {
        round: round as u32,
        sent: Moment(0),
        face: Face::Length(*face),
    };
    faces.iter().enumerate().map(look).collect()
}

fn runs(faces: &[u8]) -> usize {
    faces.chunk_by(|a, b| a == b).count()
}

/// All different orders of some faces.
fn orders(faces: &[u8]) -> Vec<Vec<u8>> {
    if faces.is_empty() {
        return vec![Vec::new()];
    }
    let mut kinds = faces.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let mut all = Vec::new();
    for first in kinds {
        let mut rest = faces.to_vec();
        let at = rest.iter().position(|face| *face == first).unwrap();
        rest.remove(at);
        all.extend(
            orders(&rest)
                .into_iter()
                .map(|tail| [vec![first], tail].concat()),
        );
    }
    all
}

#[test]
fn the_chance_is_the_part_of_all_orders_with_so_few_runs() {
    for faces in [
        &[1, 1, 1, 1, 2, 2, 2][..],
        &[1, 1, 2, 2, 2, 1, 1, 1],
        &[1, 2, 1, 2, 1],
        &[1, 1, 1, 2, 2, 3, 3],
        &[1, 1, 1, 1, 1, 1, 2],
    ] {
        let orders = orders(faces);
        let few = orders
            .iter()
            .filter(|order| runs(order) <= runs(faces))
            .count();
        let part = few as f64 / orders.len() as f64;
        let told = chance(&looks(faces));
        assert!((told - part).abs() < 1e-9, "{faces:?}: {told} for {part}");
    }
    // Three routers that come back are judged as the most frequent and all others.
    let (faces, two) = ([1, 1, 2, 3, 1, 1, 1], [1, 1, 2, 2, 1, 1, 1]);
    assert!((chance(&looks(&faces)) - chance(&looks(&two))).abs() < 1e-12);
    assert_eq!(chance(&looks(&[1, 1, 1])), 1.0);
    assert_eq!(chance(&[]), 1.0);
}

#[test]
fn chances_together_are_the_volume_below_their_product() {
    assert!((together([0.03].into_iter()) - 0.03).abs() < 1e-12);
    // Three numbers from 0 to 1: the part of a fine grid whose product is at most 0.02.
    let (x, steps) = (0.02, 200);
    let at = |step: u32| (f64::from(step) + 0.5) / f64::from(steps);
    let mut below = 0u32;
    for a in 0..steps {
        for b in 0..steps {
            below += (0..steps).filter(|c| at(a) * at(b) * at(*c) <= x).count() as u32;
        }
    }
    let part = f64::from(below) / f64::from(steps).powi(3);
    let told = together([0.5, 0.1, 0.4].into_iter());
    assert!((told - part).abs() < 2e-3, "{told} for {part}");
}

/// Facts of rounds at `hops` distances where `who` answers.
fn seen(rounds: u32, hops: u8, mut who: impl FnMut(u32, u8) -> u8) -> Trace {
    let probes = (0..rounds).flat_map(|round| (1..=hops).map(move |distance| (round, distance)));
    let ended = probes.enumerate().map(|(at, (round, distance))| Ended {
        probe: Probe::plain(Sequence(at as u32), distance),
        round,
        sent: Some(Moment(u64::from(round) * 1_000_000_000)),
        fate: Fate::Answered(Response {
            responder: [192, 0, who(round, distance), distance].into(),
            answer: Answer::Passed,
            round_trip: Duration::from_millis(1),
            stamp: Stamp::Model,
            detail: None,
        }),
        duplicates: 0,
    });
    facts(ended.collect(), None)
}

#[test]
fn hops_that_are_balanced_by_packet_are_seldom_called_changed() {
    // Eight of them side by side are eight chances to see a change where there is none.
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut coin = move |_, _| (random.next_u32() % 2) as u8;
    let runs = 300;
    let told = (0..runs).filter(|_| !changes(&seen(20, 8, &mut coin)).is_empty());
    let told = told.count() as u64;
    // One in twenty by its own word; ten more for chance.
    assert!(told <= runs / 20 + 20, "{told} of {runs}");
}

#[test]
fn a_change_is_found_wherever_two_rounds_show_it() {
    for at in 2..=18 {
        let trace = seen(20, 4, |round, distance| {
            u8::from(distance > 1 && round >= at)
        });
        let changes = changes(&trace);
        assert_eq!((changes.len(), changes[0].round), (1, at));
        assert_eq!(changes[0].hops.len(), 3);
        assert!(changes[0].confidence >= SURE);
    }
}
