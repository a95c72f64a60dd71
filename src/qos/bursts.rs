//! On-off sources: the mean share over the joint states of all of them.
//!
//! A source that is on for half of the time gets more than half of its share. While it is on and
//! held below its demand, the queue of its class fills; the queue drains after the burst, at the
//! share the class had, and those bytes count. For a share of 25 Mbit/s, a queue of 247 frames and a
//! burst every 4 s that is 13.25 instead of 12.5 Mbit/s; a kernel gave 13.20.

use crate::units::{BitRate, Bytes, Fraction, Seconds};

use super::answer::{Answer, Range, answer};
use super::fill::{Demand, DemandError};
use super::tree::Tree;

/// Sources whose joint states are gone through: 2^10 divisions.
pub const MAX_BURSTS: usize = 10;

/// A class whose source is on and off in turn; while on it offers what its [`Demand`] says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// The class, a leaf.
    pub class: usize,
    /// The part of the time that it is on.
    pub on: Fraction,
    /// From one burst to the next.
    pub period: Seconds,
    /// What the queue of the class holds.
    pub queue: Bytes,
}

impl Burst {
    /// On for half of the time, as the kernel was measured: a period of 4 s and a queue of 247
    /// frames of 1514 bytes (100 ms at 30 Mbit/s).
    pub fn half(class: usize) -> Burst {
        Burst {
            class,
            on: Fraction(0.5),
            period: Seconds(4.0),
            queue: Bytes(247.0 * 1514.0),
        }
    }

    /// The part of the time that the class sends: bursts, and the draining of its queue after each.
    /// `rate` is its share while on, bit/s.
    fn sending(&self, demand: Demand, rate: f64) -> f64 {
        let filled = (demand.most() - rate) * self.on.0 * self.period.0;
        let backlog = filled.min(self.queue.bits());
        if rate <= 0.0 || backlog <= 0.0 || self.period.0 <= 0.0 {
            return self.on.0;
        }
        (self.on.0 + backlog / rate / self.period.0).min(1.0)
    }
}

/// As [`answer`], as a mean over time when some classes are on-off sources that know nothing of
/// each other. `shares` and their reasons are those of the state with all of them on.
///
/// # Errors
/// As [`answer`]; more than [`MAX_BURSTS`] sources, or one that cannot be.
pub fn over_bursts(
    tree: &Tree,
    demands: &[Demand],
    bursts: &[Burst],
    line: Option<BitRate>,
) -> Result<Answer, DemandError> {
    if bursts.len() > MAX_BURSTS {
        return Err(DemandError::TooManyBursts {
            given: bursts.len(),
            most: MAX_BURSTS,
        });
    }
    for burst in bursts {
        let leaf = tree.leaf_classes().any(|class| class == burst.class);
        let numbers = [burst.period.0, burst.queue.0];
        let possible = numbers.iter().all(|n| n.is_finite() && *n >= 0.0);
        if !(leaf && possible && (0.0..=1.0).contains(&burst.on.0)) {
            return Err(DemandError::Burst { class: burst.class });
        }
    }
    if demands.len() != tree.class_count() {
        return Err(DemandError::Count {
            given: demands.len(),
            classes: tree.class_count(),
        });
    }
    // State bits say who is off, so state 0 is everybody on.
    let mut states = Vec::with_capacity(1 << bursts.len());
    for state in 0..1usize << bursts.len() {
        let mut offered = demands.to_vec();
        for (bit, burst) in bursts.iter().enumerate() {
            if state >> bit & 1 == 1 {
                offered[burst.class] = Demand::Rate(BitRate::ZERO);
            }
        }
        states.push(answer(tree, &offered, line)?);
    }
    let likely = |state: usize, on: &[f64]| -> f64 {
        let bits = on.iter().enumerate();
        bits.map(|(bit, on)| match state >> bit & 1 {
            0 => *on,
            _ => 1.0 - on,
        })
        .product()
    };
    let stated: Vec<f64> = bursts.iter().map(|burst| burst.on.0).collect();
    let sending: Vec<f64> = bursts
        .iter()
        .enumerate()
        .map(|(bit, burst)| {
            let mut while_on = stated.clone();
            while_on[bit] = 1.0;
            let rates = states.iter().enumerate().map(|(state, answer)| {
                let range = answer.ranges[burst.class];
                likely(state, &while_on) * (range.low + range.high).0 / 2.0
            });
            burst.sending(demands[burst.class], rates.sum())
        })
        .collect();
    let mut ranges = vec![
        Range {
            low: BitRate::ZERO,
            high: BitRate::ZERO
        };
        tree.class_count()
    ];
    for (state, answer) in states.iter().enumerate() {
        let part = likely(state, &sending);
        for (mean, range) in ranges.iter_mut().zip(&answer.ranges) {
            mean.low += range.low * part;
            mean.high += range.high * part;
        }
    }
    let undetermined = states.iter().find_map(|answer| answer.undetermined);
    let all_on = states.swap_remove(0);
    Ok(Answer {
        shares: all_on.shares,
        ranges,
        undetermined,
    })
}
