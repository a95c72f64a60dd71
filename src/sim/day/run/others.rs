//! Traffic of others: a mean by the hour or by a stretch of the day, and a level that is drawn anew
//! for each window of the monitor that it is known by.

use super::Day;
use super::acts::lognormal;
use super::calendar::Strike;
use crate::sim::day::spec::{SourceSpec, Spec, lane_count};
use crate::sim::random::Family;

/// What others send now.
#[derive(Debug, Clone)]
pub(super) struct Others {
    /// By source: its levels, a member for each window.
    levels: Vec<Family>,
    /// By source: bit/s.
    sending: Vec<f64>,
    /// By lane: the sources on it.
    on: Vec<Vec<usize>>,
}

impl Others {
    pub(super) fn new(spec: &Spec, seed: u64, replication: u64) -> Others {
        let mut on = vec![Vec::new(); lane_count(&spec.lines)];
        for (source, other) in spec.sources.iter().enumerate() {
            on[other.lane].push(source);
        }
        let level = |source: &SourceSpec| {
            Family::new(seed, replication, &format!("levels of {}", source.name))
        };
        Others {
            levels: spec.sources.iter().map(level).collect(),
            sending: vec![0.0; spec.sources.len()],
            on,
        }
    }
}

impl Day<'_> {
    /// A window of a source begins `at` seconds of the trial, or its mean changes.
    pub(super) fn window(&mut self, source: usize, at: f64) {
        let spec = self.spec;
        let other = &spec.sources[source];
        // Before recording begins, what holds in its first second.
        let clock = self.clock(at.max(spec.warm_up));
        let mean = other.rates.iter().rev().find(|(from, _)| *from <= clock);
        let mean = mean.map_or(0.0, |(_, rate)| *rate);
        let window = window_of(at, other.window);
        let stream = self.others.levels[source].turn(window as u64, 0);
        let level = lognormal(other.spread, stream.normal());
        self.others.sending[source] = mean * level;
        let on = self.others.on[other.lane].iter();
        let together = on.map(|&source| self.others.sending[source]).sum();
        self.network.send(self.now, other.lane, together);
        let next_window = (window + 1.0) * other.window;
        let next_mean = other.rates.iter().find(|(from, _)| *from > clock);
        let next_mean = next_mean.map_or(f64::INFINITY, |(from, _)| self.moment(*from));
        let next = next_window.min(next_mean);
        self.calendar.set(next, Strike::Window(source as u32));
    }
}

/// The number of the window of `length` seconds that holds moment `at`.
fn window_of(at: f64, length: f64) -> f64 {
    let number = (at / length).floor();
    // The quotient of a window's own beginning may round to just below its number; the window would
    // then begin again and again.
    match (number + 1.0) * length <= at {
        true => number + 1.0,
        false => number,
    }
}

#[cfg(test)]
mod tests {
    use super::window_of;

    #[test]
    fn a_window_holds_its_own_beginning_whatever_its_length() {
        // 3 * 1.4 / 1.4 rounds to below 3.
        for length in [0.1, 0.3, 1.1, 1.4, 1.7, 4.7, 5.0, 33.3] {
            for number in 0..100_000 {
                let number = f64::from(number);
                assert_eq!(window_of(number * length, length), number, "{length}");
                let middle = (number + 0.5) * length;
                assert_eq!(window_of(middle, length), number, "{length}");
            }
        }
    }
}
