//! The slow second formula of the tests: rates from their definition, every transfer by itself.

use super::tests::MBIT;
use super::*;
use crate::qos::{Demand, share};
use crate::units::BitRate;

/// What several lanes have together.
struct Shared {
    lanes: Vec<usize>,
    room: f64,
}

/// Progressive filling: all that are not stopped rise together until a cap or a limit is reached.
fn filled(limits: &[Shared], transfers: &[(&[u32], f64)]) -> Vec<f64> {
    let mut rates = vec![0.0; transfers.len()];
    let mut rises = vec![true; transfers.len()];
    let crossings = |limit: &Shared, at: usize| {
        let crosses = |lane: &&u32| limit.lanes.contains(&(**lane as usize));
        transfers[at].0.iter().filter(crosses).count() as f64
    };
    while rises.contains(&true) {
        let room = |limit: &Shared| {
            let used = rates
                .iter()
                .enumerate()
                .map(|(at, rate)| rate * crossings(limit, at));
            limit.room - used.sum::<f64>()
        };
        let rising = |limit: &Shared| {
            let across = (0..rates.len())
                .filter(|&at| rises[at])
                .map(|at| crossings(limit, at));
            across.sum::<f64>()
        };
        let by_limit = limits.iter().map(|limit| match rising(limit) > 0.0 {
            true => room(limit).max(0.0) / rising(limit),
            false => f64::INFINITY,
        });
        let by_cap = (0..rates.len())
            .filter(|&at| rises[at])
            .map(|at| transfers[at].1 - rates[at]);
        let step = by_limit.chain(by_cap).fold(f64::INFINITY, f64::min);
        for at in 0..rates.len() {
            rates[at] += if rises[at] { step } else { 0.0 };
        }
        let full: Vec<bool> = limits
            .iter()
            .map(|limit| {
                let used = rates
                    .iter()
                    .enumerate()
                    .map(|(at, rate)| rate * crossings(limit, at));
                used.sum::<f64>() >= limit.room - 1e-9 * MBIT
            })
            .collect();
        for at in 0..rates.len() {
            let mut across = limits
                .iter()
                .zip(&full)
                .filter(|(limit, _)| crossings(limit, at) > 0.0);
            let capped = rates[at] >= transfers[at].1 * (1.0 - 1e-12);
            rises[at] &= !capped && !across.any(|(_, full)| *full);
        }
    }
    rates
}

/// What a lane carries for users.
fn used(network: &Network, lane: usize) -> f64 {
    let paths = network.lanes[lane].paths.iter();
    let flows = paths.map(|&path| &network.bundles[path as usize].flow);
    flows.map(|flow| flow.jobs as f64 * flow.speed).sum()
}

/// What a lane could be asked for.
fn asked(network: &Network, lane: usize) -> f64 {
    let paths = network.lanes[lane].paths.iter();
    let flows = paths.map(|&path| &network.bundles[path as usize].flow);
    network.lanes[lane].others + flows.map(|flow| flow.jobs as f64 * flow.cap).sum::<f64>()
}

/// What every lane has for users by the `qos` rule, if those that are held ask for all they could
/// use and the others for what they use. For rules whose guarantees do not leak.
fn limits(network: &Network, lines: &[Line], hour: usize) -> Vec<Shared> {
    let mut limits = Vec::new();
    for line in lines {
        let tree = line.trees.get(line.by_hour[hour]).and_then(Option::as_ref);
        let others = |lane: usize| network.lanes[lane].others;
        let Some(tree) = tree else {
            let lanes: Vec<usize> = line.lanes.clone().collect();
            let room = line.capacity - lanes.iter().map(|&lane| others(lane)).sum::<f64>();
            limits.push(Shared {
                lanes,
                room: room.max(0.0),
            });
            continue;
        };
        let demand = |lane: usize| match network.is_held(lane) {
            true => asked(network, lane),
            false => used(network, lane) + others(lane),
        };
        for lane in line.lanes.clone() {
            let asks = |at: usize| {
                if at == lane {
                    asked(network, lane)
                } else {
                    demand(at)
                }
            };
            let asks = line.lanes.clone().map(|at| Demand::Rate(BitRate(asks(at))));
            let shares = share(tree, &asks.collect::<Vec<_>>()).unwrap();
            let granted = shares.rate(lane - line.lanes.start).0;
            let room = (granted - others(lane)).max(0.0);
            limits.push(Shared {
                lanes: vec![lane],
                room,
            });
        }
    }
    limits
}

/// Says what is wrong with the rates of a network, if anything is.
pub(super) fn wrong(network: &Network, lines: &[Line], hour: usize) -> Option<String> {
    let limits = limits(network, lines, hour);
    let each = |bundle: &Bundle| vec![bundle.flow.speed; bundle.flow.jobs];
    let found: Vec<f64> = network.bundles.iter().flat_map(each).collect();
    let bundles = || network.bundles.iter();
    let transfers = bundles().flat_map(|b| vec![(&b.lanes[..], b.flow.cap); b.flow.jobs]);
    let plain = filled(&limits, &transfers.collect::<Vec<_>>());
    let differs = |(found, plain): (&f64, &f64)| (found - plain).abs() > 1e-7 * plain + 1.0;
    if found.iter().zip(&plain).any(differs) {
        return Some(format!("{found:?} is not {plain:?}"));
    }
    // The same by its other definition: at its cap, or among the fastest across a full limit.
    for bundle in bundles().filter(|bundle| bundle.flow.jobs > 0) {
        let stops = |limit: &Shared| {
            let across = |b: &Bundle| {
                let crosses = |lane: &&u32| limit.lanes.contains(&(**lane as usize));
                b.lanes.iter().filter(crosses).count() as f64
            };
            let carried: f64 = bundles()
                .map(|b| across(b) * b.flow.jobs as f64 * b.flow.speed)
                .sum();
            let fastest = bundles()
                .filter(|b| b.flow.jobs > 0 && across(b) > 0.0)
                .map(|b| b.flow.speed)
                .fold(0.0, f64::max);
            across(bundle) > 0.0
                && carried >= limit.room * (1.0 - 1e-7) - 1.0
                && bundle.flow.speed >= fastest * (1.0 - 1e-7)
        };
        if bundle.flow.speed < bundle.flow.cap && !limits.iter().any(stops) {
            return Some(format!("nothing stops {bundle:?}"));
        }
    }
    let over = |line: &&Line| {
        let carried: f64 = line
            .lanes
            .clone()
            .map(|at| used(network, at) + network.lanes[at].passing)
            .sum();
        carried > line.capacity * (1.0 + 1e-9)
    };
    lines
        .iter()
        .find(over)
        .map(|line| format!("too much on {line:?}"))
}
