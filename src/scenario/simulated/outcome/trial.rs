//! One trial, reduced to what its outcome needs: the facts by second are many, and of twenty trials
//! nobody keeps them all.

use crate::scenario::simulated::Laid;
use crate::sim::day::record::{ActRecord, GateRecord, LaneRecord, MINUTE, Record, StationRecord};
use crate::stats::quantile;
use crate::topology::Peak;

/// Seconds of the stretch that planners call the busiest: 20 minutes.
pub const STRETCH: usize = 1200;

const SECONDS: usize = 3600;

/// What one trial left.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Seconds since midnight at which it began to be recorded.
    pub from: f64,
    /// Seconds since midnight up to which it ran.
    pub until: f64,
    /// Whether it ran to the end of its hours.
    pub complete: bool,
    /// Events gone through.
    pub events: u64,
    /// By label.
    pub acts: Vec<ActRecord>,
    /// By lane.
    pub lanes: Vec<LaneTrial>,
    /// By station.
    pub stations: Vec<StationRecord>,
    /// By gate.
    pub gates: Vec<GateRecord>,
    /// By burst, and by minute: sessions that it dropped.
    pub drops: Vec<Vec<u32>>,
    /// Users online at the end of each minute, by group.
    pub online: Vec<Vec<u32>>,
}

/// One lane of one trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaneTrial {
    /// By minute: bits carried.
    pub carried: Vec<f64>,
    /// By minute: rate of its busiest second, bit/s.
    pub seconds: Vec<f64>,
    /// By minute: seconds in which it was full.
    pub full: Vec<f32>,
    /// Bits of others that were lost.
    pub lost: f64,
    /// Mean rate of the busiest stretch in bit/s, and when it began in seconds since midnight.
    pub busiest: (f64, f64),
    /// Rate of the busiest second in bit/s, and when it was.
    pub second: (f64, f64),
    /// Highest mean rate of a window of the topology's peak, bit/s: what its monitor would show.
    pub window: f64,
    /// The peak as the topology defines it: in the hour where it is highest, the rate that windows
    /// exceed in the stated part of cases, bit/s.
    pub peak: f64,
}

impl Trial {
    /// What `record` of a day `laid` out comes to.
    pub fn new(laid: &Laid, peak: &Peak, record: Record) -> Trial {
        let end = laid.spec.hours.end as f64 * SECONDS as f64;
        let lanes = record.lanes.into_iter();
        Trial {
            lanes: lanes.map(|lane| reduce(lane, record.from, peak)).collect(),
            from: record.from,
            until: record.until,
            complete: record.until >= end,
            events: record.events,
            acts: record.acts,
            stations: record.stations,
            gates: record.gates,
            drops: record.drops,
            online: record.online,
        }
    }

    /// Seconds that it ran.
    pub fn seconds(&self) -> f64 {
        self.until - self.from
    }

    /// Minutes that it ran, the last of them perhaps not to its end.
    pub fn minutes(&self) -> usize {
        (self.seconds() / MINUTE).ceil().max(0.0) as usize
    }
}

fn reduce(lane: LaneRecord, from: f64, peak: &Peak) -> LaneTrial {
    let seconds = &lane.seconds;
    let minutes = || seconds.chunks(MINUTE as usize);
    let busiest = highest(seconds, STRETCH);
    let second = highest(seconds, 1);
    let at = |(rate, second): (f64, usize)| (rate, from + second as f64);
    LaneTrial {
        carried: minutes().map(sum).collect(),
        seconds: minutes().map(|own| highest(own, 1).0).collect(),
        window: highest(seconds, window(peak)).0,
        busiest: at(busiest),
        second: at(second),
        peak: exceeded(seconds, peak),
        full: lane.full,
        lost: lane.lost,
    }
}

fn sum(bits: &[f32]) -> f64 {
    bits.iter().map(|bits| f64::from(*bits)).sum()
}

/// The highest mean rate of `length` seconds in a row (of all, where there are fewer) and the second
/// at which they begin; the first of equals.
fn highest(seconds: &[f32], length: usize) -> (f64, usize) {
    let length = length.min(seconds.len());
    if length == 0 {
        return (0.0, 0);
    }
    let mut running = sum(&seconds[..length]);
    let mut best = (running, 0);
    for (at, (gone, come)) in seconds.iter().zip(&seconds[length..]).enumerate() {
        running += f64::from(*come) - f64::from(*gone);
        if running > best.0 {
            best = (running, at + 1);
        }
    }
    // What was added and taken off many times is summed once more, exactly.
    let (_, at) = best;
    (sum(&seconds[at..at + length]) / length as f64, at)
}

/// Whole seconds of a window of the peak.
fn window(peak: &Peak) -> usize {
    (peak.window.0.round() as usize).clamp(1, SECONDS)
}

fn exceeded(seconds: &[f32], peak: &Peak) -> f64 {
    let window = window(peak);
    let hours = seconds.chunks(SECONDS).map(|hour| {
        let windows = hour.chunks_exact(window);
        let mut rates: Vec<f64> = windows.map(|own| sum(own) / window as f64).collect();
        rates.sort_unstable_by(f64::total_cmp);
        quantile(&rates, 1.0 - peak.exceeded.0).unwrap_or(0.0)
    });
    hours.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Fraction, Seconds};

    fn peak(window: f64, exceeded: f64) -> Peak {
        Peak {
            window: Seconds(window),
            exceeded: Fraction(exceeded),
            background_spread: 0.0,
        }
    }

    #[test]
    fn busiest_stretch_second_and_peak_by_hand() {
        // Two hours of 1 bit a second; from 4000 on 20 minutes of 3; at 100 one second of 50.
        let mut seconds = vec![1.0f32; 7200];
        seconds[4000..5200].fill(3.0);
        seconds[100] = 50.0;
        let record = LaneRecord {
            seconds,
            full: vec![0.0; 120],
            lost: 7.0,
        };
        let lane = reduce(record, 3600.0, &peak(10.0, 0.5));
        assert_eq!(lane.busiest, (3.0, 3600.0 + 4000.0));
        assert_eq!(lane.second, (50.0, 3700.0));
        assert_eq!((lane.carried.len(), lane.lost), (120, 7.0));
        // Minute 1 holds second 100: 59 + 50.
        assert_eq!(lane.carried[..3], [60.0, 109.0, 60.0]);
        assert_eq!(lane.seconds[..3], [1.0, 50.0, 1.0]);
        // The second of 50 with nine of 1 around it.
        assert!((lane.window - 5.9).abs() < 1e-12);
        // In the second hour (3600 to 7199) 120 of its 360 windows carry 3: the median is 1, and the
        // rate that a quarter of them exceeds is 3.
        assert_eq!(lane.peak, 1.0);
        let mut seconds = vec![1.0f32; 7200];
        seconds[4000..5200].fill(3.0);
        assert_eq!(exceeded(&seconds, &peak(10.0, 0.25)), 3.0);
        // Half a window of 50 in ten seconds: (9 + 50) / 10, exceeded by none.
        seconds[100] = 50.0;
        assert!((exceeded(&seconds, &peak(10.0, 0.0)) - 5.9).abs() < 1e-12);
    }

    #[test]
    fn a_trial_shorter_than_the_stretch_is_one_stretch() {
        assert_eq!(highest(&[2.0, 4.0], STRETCH), (3.0, 0));
        assert_eq!(highest(&[], STRETCH), (0.0, 0));
        assert_eq!(highest(&[2.0, 4.0], 1), (4.0, 1));
    }
}
