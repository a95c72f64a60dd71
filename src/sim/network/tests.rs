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

    /// Several lines, one of them with classes: rates keep their definition through all events.
    #[test]
    fn rates_are_max_min_fair(drawn in drawn(1)) {
        drawn.run()?;
    }

    /// Classes on every line: each line's shares answer what the others leave to ask.
    #[test]
    fn lines_with_classes_agree(drawn in drawn(4)) {
        drawn.run()?;
    }
}

/// A network and what happens on it.
#[derive(Debug, Clone)]
struct Drawn {
    lines: Vec<Line>,
    paths: Vec<Path>,
    /// Kind, where, how much.
    events: Vec<(u32, usize, u32)>,
}

/// Up to 4 lines, of which `shaped` at most have classes.
fn drawn(shaped: usize) -> impl Strategy<Value = Drawn> {
    let lines = prop::collection::vec((1u32..10, classes(), any::<bool>()), 1..5);
    let paths = prop::collection::vec(prop::collection::vec(0usize..9, 4), 1..8);
    let caps = prop::collection::vec(1u32..12, 8);
    let events = prop::collection::vec((0u32..12, 0usize..20, 1u32..60), 1..40);
    (lines, paths, caps, events).prop_map(move |(drawn, ways, caps, events)| {
        let mut lines: Vec<Line> = Vec::new();
        for (at, (tens, classes, both)) in drawn.into_iter().enumerate() {
            let first = lines.last().map_or(0, |line| line.lanes.end);
            // Guarantees are of 100 Mbit/s.
            let mut new = match at < shaped {
                true => line(100.0, first, &classes, Preset::LinuxHtb),
                false => line(f64::from(tens) * 10.0, first, &[], Preset::LinuxHtb),
            };
            if at >= shaped && both {
                new.lanes.end += 1;
            }
            lines.push(new);
        }
        let path = |(way, cap): (Vec<usize>, &u32)| {
            // 0 to 2: the path does not pass the line; the first line that it could stands in.
            let mut lanes = Vec::new();
            for (line, choice) in lines.iter().zip(way) {
                if choice > 2 || lines.len() == 1 {
                    lanes.push(line.lanes.start + choice % line.lanes.len());
                }
            }
            let cap = if *cap > 9 {
                f64::INFINITY
            } else {
                f64::from(*cap * 7)
            };
            path(&lanes, if lanes.is_empty() { 5.0 } else { cap })
        };
        let paths = ways.into_iter().zip(&caps).map(path).collect();
        Drawn {
            paths,
            lines,
            events,
        }
    })
}

impl Drawn {
    /// Lets everything happen. Checked after every event: the rates; at the end: the bits of every
    /// lane against those of the transfers across it, and the time in it against their sojourns.
    fn run(&self) -> Result<(), TestCaseError> {
        let mut network = Network::new(&self.lines, &self.paths);
        let lanes = network.lanes.len();
        let (mut now, mut jobs) = (DoubleDouble::ZERO, Vec::<(usize, f64, f64)>::new());
        let mut present = vec![0.0; lanes];
        let mut sent = vec![0.0; lanes];
        let mut ended = Vec::new();
        let mut pass = |network: &Network, now: &mut DoubleDouble, until: DoubleDouble| {
            for (lane, present) in present.iter_mut().enumerate() {
                *present += network.transfers(lane) as f64 * (until - *now);
                sent[lane] += network.lanes[lane].others * (until - *now);
            }
            *now = until;
        };
        for (event, &(kind, place, much)) in self.events.iter().enumerate() {
            let until = now + f64::from(much) / 20.0;
            let at = until.min(network.due());
            pass(&network, &mut now, at);
            if network.due() <= now {
                let end = network.end(|_, _| false);
                ended.push((end.unwrap().1, now.nearest()));
            } else if kind < 9 {
                let path = place % self.paths.len();
                let bits = f64::from(much) * MBIT;
                network.arrive(now, path, jobs.len() as u32, 0, bits);
                jobs.push((path, now.nearest(), bits));
            } else {
                let rate = f64::from(much) * MBIT * if kind == 9 { 0.0 } else { 0.5 };
                network.send(now, place % lanes, rate);
            }
            let wrong = plain::wrong(&network, &self.lines, 0);
            prop_assert!(wrong.is_none(), "event {}: {}", event, wrong.unwrap());
        }
        for lane in 0..lanes {
            network.send(now, lane, 0.0);
        }
        while network.due().is_finite() {
            let due = network.due();
            pass(&network, &mut now, due);
            ended.push((network.end(|_, _| false).unwrap().1, now.nearest()));
        }
        for (lane, (present, sent)) in present.iter().zip(&sent).enumerate() {
            // What can never end (a class without a rate) has no sum to compare with.
            if network.transfers(lane) > 0 {
                continue;
            }
            let across = ended.iter().map(|(job, end)| (jobs[*job as usize], end));
            let across = across.filter(|((path, ..), _)| self.paths[*path].lanes.contains(&lane));
            let sums = across.fold((0.0, 0.0), |sum, ((_, begun, bits), end)| {
                (sum.0 + bits, sum.1 + (end - begun))
            });
            let meter = network.meter(now, lane);
            let carried = meter.carried + meter.lost - sent;
            prop_assert!(
                (carried - sums.0).abs() <= 1e-9 * sums.0 + 1e-3,
                "{} {}",
                carried,
                sums.0
            );
            prop_assert!(
                (present - sums.1).abs() <= 1e-6 * sums.1 + 1e-9,
                "{} {}",
                present,
                sums.1
            );
        }
        Ok(())
    }
}
