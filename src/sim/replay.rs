//! Replay: transfers whose beginnings are known, through one link, to the end of each.

use super::double_double::DoubleDouble;
use super::link::{Link, Refused};
use super::pool::Limit;

/// A transfer to replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// When it begins, seconds; zero or more.
    pub arrival: f64,
    /// What it carries, bits; zero or more.
    pub bits: f64,
    /// Its class, a leaf of the link.
    pub class: u32,
    /// What holds it back beside its share.
    pub limit: Limit,
}

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// When, seconds; infinite if its class is never granted anything.
    pub at: f64,
    /// Seconds after its arrival, to the precision of a double, which the difference of the two
    /// moments does not have.
    pub after: f64,
}

impl End {
    const NEVER: End = End {
        at: f64::INFINITY,
        after: f64::INFINITY,
    };
}

/// Runs `flows` through `link`, which is idle; the ends come in the order of the flows. The flows
/// may stand in any order: those of one moment begin in the order in which they stand.
///
/// # Errors
/// The first flow that cannot be, by its index.
pub fn replay(link: &mut Link, flows: &[Flow]) -> Result<Vec<End>, (usize, Refused)> {
    if u32::try_from(flows.len()).is_err() {
        return Err((flows.len(), Refused::TooMany));
    }
    let mut ends = vec![End::NEVER; flows.len()];
    let order = arrival_order(flows);
    let place = |number: usize| {
        order
            .as_ref()
            .map_or(number, |order| order[number] as usize)
    };
    let mut take = |link: &mut Link, until: DoubleDouble| {
        while let Some(ended) = link.next_end(until) {
            let index = place(ended.transfer as usize);
            ends[index] = End {
                at: ended.at.nearest(),
                after: ended.at - DoubleDouble::from(flows[index].arrival),
            };
        }
    };
    for number in 0..flows.len() {
        let index = place(number);
        let flow = &flows[index];
        let at = DoubleDouble::from(flow.arrival);
        take(link, at);
        let class = flow.class as usize;
        link.arrive(at, number as u32, class, flow.bits, flow.limit)
            .map_err(|refused| (index, refused))?;
    }
    take(link, DoubleDouble::NEVER);
    debug_assert_eq!(imbalance(link, flows, &ends), None);
    Ok(ends)
}

/// Indices in the order of arrival, unless the flows stand in it already.
pub(super) fn arrival_order(flows: &[Flow]) -> Option<Vec<u32>> {
    if flows.is_sorted_by(|a, b| a.arrival <= b.arrival) {
        return None;
    }
    let mut order: Vec<u32> = (0..flows.len() as u32).collect();
    order.sort_by(|a, b| {
        let arrival = |index: &u32| flows[*index as usize].arrival;
        arrival(a).total_cmp(&arrival(b))
    });
    Some(order)
}

/// What does not add up, once all flows have ended: the bits that the classes carried are the bits
/// of the flows, and the integral of their number over time is the sum of their durations (J. D. C.
/// Little, Operations Research 9 (1961) 383).
fn imbalance(link: &Link, flows: &[Flow], ends: &[End]) -> Option<String> {
    if ends.iter().any(|end| end.at.is_infinite()) {
        return None;
    }
    let mut sums = vec![(0.0, 0.0); link.class_count()];
    for (flow, end) in flows.iter().zip(ends) {
        let sum = &mut sums[flow.class as usize];
        *sum = (sum.0 + flow.bits, sum.1 + end.after);
    }
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let found = sums.iter().enumerate().find(|(class, sum)| {
        let tally = link.tally(*class);
        !(near(tally.work, sum.0) && near(tally.job_seconds, sum.1))
    });
    found.map(|(class, sum)| format!("class {class}: {sum:?} but {:?}", link.tally(class)))
}
