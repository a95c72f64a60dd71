//! Held to second formulas: one line to [`Link`], rates to their definition, bits to their sum.

use proptest::prelude::*;

use super::*;
use crate::qos::{Class, Preset, Tree};
use crate::sim::day::spec::HOURS;
use crate::sim::link::Link;
use crate::sim::pool::Limit;
use crate::units::BitRate;

pub(super) const MBIT: f64 = 1e6;

pub(super) fn class(name: usize, guarantee: f64, ceiling: f64) -> Class {
    Class {
        name: name.to_string(),
        guarantee: Some(BitRate::mbit(guarantee)),
        ceiling: Some(BitRate::mbit(ceiling)),
        ..Class::default()
    }
}

/// A line of `mbit` with these classes, or without any.
pub(super) fn line(mbit: f64, first: usize, classes: &[Class], preset: Preset) -> Line {
    let tree = || Tree::new(BitRate::mbit(mbit), classes, preset.rules()).unwrap();
    Line {
        capacity: mbit * MBIT,
        lanes: first..first + classes.len().max(1),
        trees: if classes.is_empty() {
            Vec::new()
        } else {
            vec![Some(tree())]
        },
        by_hour: [0; HOURS],
    }
}

pub(super) fn path(lanes: &[usize], mbit: f64) -> Path {
    Path {
        lanes: lanes.to_vec(),
        cap: mbit * MBIT,
    }
}

/// What a transfer of each path gets, in Mbit/s.
pub(super) fn rates(network: &Network) -> Vec<f64> {
    let rate = |bundle: &Bundle| bundle.flow.speed / MBIT;
    network.bundles.iter().map(rate).collect()
}

/// Classes of one level, guarantees of 100 Mbit/s at most together.
fn classes() -> impl Strategy<Value = Vec<Class>> {
    let leaf = (0u32..25, 0u32..60, 0u32..3);
    prop::collection::vec(leaf, 1..5).prop_map(|leaves| {
        let class = |(number, (guarantee, more, priority)): (usize, (u32, u32, u32))| Class {
            priority,
            ..class(number, f64::from(guarantee), f64::from(guarantee + more))
        };
        leaves.into_iter().enumerate().map(class).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the classes, caps and arrivals: one line is a [`Link`], ending for ending.
    #[test]
    fn one_line_is_a_link(
        classes in classes(),
        caps in prop::collection::vec((0usize..5, 1u32..12), 1..8),
        arrivals in prop::collection::vec((0u32..8, 1u32..400, 0usize..8), 1..80),
        preset in prop::sample::select(&[Preset::LinuxHtb, Preset::Sangfor][..]),
    ) {
        let capacity = 100.0;
        let mut link = Link::new(BitRate::mbit(capacity), &classes, preset.rules()).unwrap();
        // A twelfth of them is not capped at all.
        let cap = |tens: u32| if tens == 11 { f64::INFINITY } else { f64::from(tens) * 7.0 };
        let paths: Vec<Path> = caps
            .iter()
            .map(|&(class, tens)| path(&[class % classes.len()], cap(tens)))
            .collect();
        let mut network = Network::new(&[line(capacity, 0, &classes, preset)], &paths);
        let mut now = 0.0;
        let mut ends = (Vec::new(), Vec::new());
        for (number, &(gap, size, way)) in (0u32..).zip(&arrivals) {
            now += f64::from(gap) / 10.0;
            let (at, bits) = (DoubleDouble::from(now), f64::from(size) * 0.1 * MBIT);
            let way = way % paths.len();
            while let Some(end) = link.next_end(at) {
                ends.0.push((end.transfer, end.at));
            }
            while network.due() <= at {
                let due = network.due();
                ends.1.push((network.end(|_, _| false).unwrap().1, due));
            }
            let limit = match paths[way].cap.is_finite() {
                true => Limit::Rate(paths[way].cap),
                false => Limit::None,
            };
            link.arrive(at, number, paths[way].lanes[0], bits, limit).unwrap();
            network.arrive(at, way, number, 0, bits);
        }
        while let Some(end) = link.next_end(DoubleDouble::NEVER) {
            ends.0.push((end.transfer, end.at));
        }
        while network.due().is_finite() {
            let due = network.due();
            ends.1.push((network.end(|_, _| false).unwrap().1, due));
        }
        // Those that end at one moment may come in another order.
        ends.0.sort_by_key(|end| end.0);
        ends.1.sort_by_key(|end| end.0);
        prop_assert_eq!(ends.0.len(), ends.1.len());
        for (of_link, of_network) in ends.0.iter().zip(&ends.1) {
            prop_assert_eq!(of_link.0, of_network.0);
            let error = (of_link.1 - of_network.1).abs();
            prop_assert!(error <= 1e-9 * of_link.1.nearest().max(1.0), "{:?} {:?}", of_link, of_network);
        }
    }
}
