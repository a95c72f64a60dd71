//! What a replay comes to: how long transfers took, by group, with intervals.

use crate::stats::Interval;

use super::measure::{Estimate, mean, quantiles};
use super::replay::{End, Flow, arrival_order};

/// The quantiles that are given.
pub const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// The figures of one group of transfers; durations in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The class; `None` for all transfers.
    pub class: Option<String>,
    /// Transfers that began.
    pub flows: usize,
    /// Bytes that they carry.
    pub bytes: f64,
    /// Transfers that never end.
    pub endless: usize,
    /// Mean duration of those that end; `None` if none does.
    pub mean: Option<f64>,
    /// The interval of the mean, where there are transfers enough.
    pub mean_within: Option<Interval>,
    /// The durations at [`QUANTILES`], where there are transfers enough.
    pub quantiles: [Option<Estimate>; 3],
    /// Mean of duration over the time that the transfer would take alone on the link.
    pub slowdown: Option<Estimate>,
}

/// A replay in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The first arrival, seconds.
    pub begin: f64,
    /// The last end, seconds.
    pub end: f64,
    /// Bits per second carried from begin to end, by the transfers that ended.
    pub carried: f64,
    /// All transfers, then each class that has any.
    pub groups: Vec<Group>,
}

impl Outcome {
    /// The figures of `flows`, which ended as `ends` says on a link of `rate` bit/s. `classes` names
    /// the class of each by its index in `names`.
    pub fn new(flows: &[Flow], ends: &[End], classes: &[u32], names: &[String], rate: f64) -> Self {
        let begin = flows.iter().map(|flow| flow.arrival);
        let begin = begin.fold(f64::INFINITY, f64::min);
        let ended = || flows.iter().zip(ends).filter(|(_, end)| end.at.is_finite());
        let end = ended().map(|(_, end)| end.at).fold(begin, f64::max);
        let bits: f64 = ended().map(|(flow, _)| flow.bits).sum();
        let mut by_class = vec![Members::default(); names.len()];
        let mut all = Members::default();
        let order = arrival_order(flows);
        for number in 0..flows.len() {
            let index = order
                .as_ref()
                .map_or(number, |order| order[number] as usize);
            all.take(&flows[index], &ends[index], rate);
            if names.len() > 1 {
                by_class[classes[index] as usize].take(&flows[index], &ends[index], rate);
            }
        }
        let mut groups = vec![all.figures(None)];
        let by_class = by_class.into_iter().zip(names);
        groups.extend(
            by_class
                .filter(|(members, _)| members.flows > 0)
                .map(|(members, name)| members.figures(Some(name.clone()))),
        );
        Outcome {
            begin,
            end,
            carried: if end > begin {
                bits / (end - begin)
            } else {
                0.0
            },
            groups,
        }
    }
}

/// The transfers of a group, in the order of their arrival.
#[derive(Debug, Clone, Default)]
struct Members {
    flows: usize,
    bits: f64,
    durations: Vec<f64>,
    slowdowns: Vec<f64>,
}

impl Members {
    fn take(&mut self, flow: &Flow, end: &End, rate: f64) {
        self.flows += 1;
        self.bits += flow.bits;
        if end.at.is_finite() {
            self.durations.push(end.after);
            // What carries nothing takes no time alone.
            if flow.bits > 0.0 {
                self.slowdowns.push(end.after * rate / flow.bits);
            }
        }
    }

    fn figures(self, class: Option<String>) -> Group {
        let count = self.durations.len();
        let sum: f64 = self.durations.iter().sum();
        Group {
            class,
            flows: self.flows,
            bytes: self.bits / 8.0,
            endless: self.flows - count,
            mean: (count > 0).then(|| sum / count as f64),
            mean_within: mean(&self.durations).map(|mean| mean.interval),
            slowdown: mean(&self.slowdowns),
            quantiles: quantiles(&self.durations, QUANTILES),
        }
    }
}
