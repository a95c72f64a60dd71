//! The slow second formula of the tests: every transfer's rest is counted down at every event.
//!
//! O(n²), no heap, no virtual time, no double-doubles. Time is kept as the seconds since the last
//! arrival, so that short durations keep their digits late in a run.

use super::pool::Limit;
use super::replay::Flow;
use crate::qos::{Demand, Tree, share};
use crate::units::BitRate;

struct Active {
    index: usize,
    rest: f64,
    elapsed: f64,
}

/// Durations of `flows`, which are in the order of arrival; infinite for one that never ends.
/// `user_limit` holds in every class.
pub(super) fn durations(tree: &Tree, user_limit: f64, flows: &[Flow]) -> Vec<f64> {
    let mut durations = vec![f64::INFINITY; flows.len()];
    let mut active: Vec<Active> = Vec::new();
    let (mut next, mut since) = (0, 0.0);
    loop {
        let rates = rates(tree, user_limit, flows, &active);
        // The first of those that end together: ties go by the order of arrival.
        let mut end = (f64::INFINITY, 0);
        for (at, job) in active.iter().enumerate() {
            let left = if job.rest <= 0.0 {
                0.0
            } else {
                job.rest / rates[at]
            };
            if left < end.0 {
                end = (left, at);
            }
        }
        let gap = match (next, flows.get(next)) {
            (_, None) => f64::INFINITY,
            (0, Some(_)) => 0.0,
            (_, Some(flow)) => flow.arrival - flows[next - 1].arrival - since,
        };
        let step = end.0.min(gap);
        if step.is_infinite() {
            return durations;
        }
        for (job, rate) in active.iter_mut().zip(&rates) {
            job.rest -= rate * step;
            job.elapsed += step;
        }
        if end.0 <= gap {
            since += step;
            let job = active.remove(end.1);
            durations[job.index] = job.elapsed;
        } else {
            since = 0.0;
            active.push(Active {
                index: next,
                rest: flows[next].bits,
                elapsed: 0.0,
            });
            next += 1;
        }
    }
}

/// The rate of every active transfer.
fn rates(tree: &Tree, user_limit: f64, flows: &[Flow], active: &[Active]) -> Vec<f64> {
    // A user's limit, and everybody else's own, as groups of transfers under one cap.
    let mut groups: Vec<(u32, Limit, f64, Vec<usize>)> = Vec::new();
    for (at, job) in active.iter().enumerate() {
        let flow = &flows[job.index];
        let cap = match flow.limit {
            Limit::None => f64::INFINITY,
            Limit::Rate(cap) => cap,
            Limit::User(_) => user_limit,
        };
        let same = |group: &&mut (u32, Limit, f64, Vec<usize>)| {
            matches!(flow.limit, Limit::User(_)) && (group.0, group.1) == (flow.class, flow.limit)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.3.push(at),
            None => groups.push((flow.class, flow.limit, cap, vec![at])),
        }
    }
    let mut demands = vec![0.0; tree.class_count()];
    for (class, _, cap, _) in &groups {
        demands[*class as usize] += cap;
    }
    let asked: Vec<Demand> = demands
        .iter()
        .map(|rate| match rate.is_finite() {
            true => Demand::Rate(BitRate(*rate)),
            false => Demand::Greedy,
        })
        .collect();
    let shares = share(tree, &asked).unwrap();
    let mut rates = vec![0.0; active.len()];
    for class in 0..tree.class_count() {
        let mut open: Vec<_> = groups.iter().filter(|g| g.0 as usize == class).collect();
        let mut left = shares.rate(class).0;
        // Whoever cannot use an equal part gets all it can; the rest is shared again.
        loop {
            let count: usize = open.iter().map(|group| group.3.len()).sum();
            let fair = left / count as f64;
            let narrow =
                |group: &&(u32, Limit, f64, Vec<usize>)| group.2 <= fair * group.3.len() as f64;
            let Some(found) = open.iter().position(narrow) else {
                for group in open {
                    group.3.iter().for_each(|&at| rates[at] = fair);
                }
                break;
            };
            let group = open.remove(found);
            left -= group.2;
            let each = group.2 / group.3.len() as f64;
            group.3.iter().for_each(|&at| rates[at] = each);
        }
    }
    rates
}
