//! The worst hour of each transaction: where a planner looks for pain.

use super::figures::ActTime;
use super::horizon::Day;
use crate::topology::Topology;

/// Part of a population's peak that must be there for an hour to count: what one night worker sees
/// during a backup is not what the population feels.
const PRESENT: f64 = 0.1;

impl Day {
    /// Every transaction of every population in the hour in which its 95th percentile is largest, of
    /// the hours in which at least a tenth of the population's peak is there. A time without end is
    /// the largest.
    pub fn worst_times(&self, topology: &Topology) -> Vec<ActTime> {
        let present = |time: &ActTime, hour: usize| {
            topology[topology[time.population].profile].hours[hour] >= PRESENT
        };
        let p95 = |time: &ActTime| time.time.map_or(f64::INFINITY, |(_, p95)| p95.0);
        let Some(first) = self.hours.first() else {
            return Vec::new();
        };
        // Every hour lists the same transactions in the same order.
        let all = first.times.iter().enumerate();
        let worst = all.filter_map(|(position, _)| {
            let hours = self.hours.iter().enumerate();
            let times = hours.filter_map(|(hour, answer)| {
                let time = answer.times.get(position)?;
                present(time, hour).then_some(time)
            });
            times.max_by(|a, b| p95(a).total_cmp(&p95(b))).copied()
        });
        worst.collect()
    }
}
