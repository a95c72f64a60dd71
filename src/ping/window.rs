//! The latest probes of one target: what a reply must be compared with.
//!
//! A reply is known by the 32-bit sequence in its payload, whatever a 16-bit field of its header says;
//! it is compared with the probes of the window and with no others, so a number that comes round again
//! is never taken for its first use.

use std::collections::VecDeque;
use std::time::Duration;

use crate::probe::Sequence;
use crate::units::Moment;

/// So many of the latest probes are remembered at least, to know duplicates by.
const LEAST: usize = 64;

/// So many are remembered at most, beside those that are still waited for: 64 KiB.
const MOST: usize = 4096;

/// An unanswered probe is remembered for so long, to know a late reply by.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Where a probe stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A reply is waited for.
    Open,
    /// None came in time.
    TimedOut,
    /// One has come.
    Answered,
    /// It did not leave.
    Unsent,
}

/// A probe of the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) sent: Moment,
    pub(super) state: State,
}

/// The latest probes, without a gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    first: u32,
    slots: VecDeque<Slot>,
}

impl Window {
    /// Enters the next probe, and forgets what need not be remembered any more.
    pub(super) fn push(&mut self, sent: Moment) -> Sequence {
        while self.slots.len() >= LEAST && self.may_forget(sent) {
            self.slots.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        let sequence = Sequence(self.first.wrapping_add(self.slots.len() as u32));
        self.slots.push_back(Slot {
            sent,
            state: State::Open,
        });
        sequence
    }

    fn may_forget(&self, now: Moment) -> bool {
        self.slots.front().is_some_and(|slot| match slot.state {
            State::Open => false,
            State::Answered | State::Unsent => true,
            State::TimedOut => now.since(slot.sent) > REMEMBERED || self.slots.len() > MOST,
        })
    }

    /// The probe of this number, if it is remembered.
    pub(super) fn get_mut(&mut self, sequence: Sequence) -> Option<&mut Slot> {
        let at = sequence.0.wrapping_sub(self.first);
        self.slots.get_mut(at as usize)
    }

    /// Whether the reply to this probe is still waited for.
    pub(super) fn is_open(&self, sequence: Sequence) -> bool {
        let at = sequence.0.wrapping_sub(self.first);
        let slot = self.slots.get(at as usize);
        slot.is_some_and(|slot| slot.state == State::Open)
    }

    /// When the latest probe left that got no reply in time.
    pub(super) fn last_timed_out(&self) -> Option<Moment> {
        let unanswered = |slot: &&Slot| slot.state == State::TimedOut;
        Some(self.slots.iter().rfind(unanswered)?.sent)
    }
}

#[cfg(test)]
impl Window {
    /// How many probes are remembered.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn what_is_waited_for_is_never_forgotten_and_the_rest_is_bounded() {
        let mut window = Window::default();
        for at in 0..10_000u64 {
            window.push(Moment(at * MS));
        }
        assert_eq!(window.slots.len(), 10_000);
        for slot in &mut window.slots {
            slot.state = State::TimedOut;
        }
        window.push(Moment(10_000 * MS));
        assert_eq!(window.slots.len(), MOST + 1);
        // The oldest of them left 4096 ms ago. Ten seconds later than the last, none is kept but
        // the least number.
        window.push(Moment(30_000 * MS));
        assert_eq!(window.slots.len(), LEAST);
    }

    #[test]
    fn numbers_go_on_past_the_end_of_32_bits() {
        let mut window = Window {
            first: u32::MAX - 1,
            ..Window::default()
        };
        let numbers: Vec<u32> = (0..4).map(|at| window.push(Moment(at)).0).collect();
        assert_eq!(numbers, [u32::MAX - 1, u32::MAX, 0, 1]);
        assert_eq!(window.get_mut(Sequence(0)).unwrap().sent, Moment(2));
        assert!(window.get_mut(Sequence(2)).is_none());
        assert!(window.get_mut(Sequence(u32::MAX - 2)).is_none());
    }

    #[test]
    fn an_old_number_is_nobody() {
        let mut window = Window::default();
        for at in 0..200u64 {
            let sequence = window.push(Moment(at * MS));
            window.get_mut(sequence).unwrap().state = State::Answered;
        }
        assert_eq!(window.slots.len(), LEAST);
        assert!(window.get_mut(Sequence(135)).is_none());
        assert_eq!(
            window.get_mut(Sequence(136)).unwrap().sent,
            Moment(136 * MS)
        );
    }
}
