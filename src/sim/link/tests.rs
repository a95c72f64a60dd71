use proptest::prelude::*;

use super::*;
use crate::sim::random::{Law, Stream};
use crate::sim::reference;
use crate::sim::replay::{End, Flow, replay};

/// `count` Poisson arrivals of mean 500 kB that load 500 Mbit/s by `load`.
fn flows(load: f64, law: Law, count: usize) -> Vec<Flow> {
    let mut gaps = Stream::new(4, 0, "arrivals");
    let mut sizes = Stream::new(4, 0, "sizes");
    let mut now = 0.0;
    let flow = |_| {
        now += gaps.exponential() * 4e6 / (500e6 * load);
        Flow {
            arrival: now,
            bits: law.draw(&mut sizes).min(2000.0) * 4e6,
            class: 0,
            limit: Limit::None,
        }
    };
    (0..count).map(flow).collect()
}

/// The greatest relative error of the durations against the reference.
fn worst(ends: &[End], durations: &[f64]) -> f64 {
    assert_eq!(ends.len(), durations.len());
    let error = |(end, reference): (&End, &f64)| match end.after == *reference {
        true => 0.0,
        false => (end.after - reference).abs() / reference,
    };
    ends.iter().zip(durations).map(error).fold(0.0, f64::max)
}

fn plain_tree() -> Tree {
    Link::plain(BitRate::mbit(500.0)).unwrap().tree
}

#[test]
fn every_duration_is_exact_processor_sharing_to_1e_9() {
    for law in [Law::Lognormal { sigma: 1.5 }, Law::Pareto { alpha: 1.5 }] {
        // Overload too: there the number of transfers only grows.
        for load in [0.5, 0.7, 0.9, 1.2] {
            let flows = flows(load, law, 3000);
            let mut link = Link::plain(BitRate::mbit(500.0)).unwrap();
            let ends = replay(&mut link, &flows).unwrap();
            let durations = reference::durations(&plain_tree(), f64::INFINITY, &flows);
            let worst = worst(&ends, &durations);
            assert!(worst < 1e-9, "{law:?} {load}: {worst:e}");
        }
    }
}
