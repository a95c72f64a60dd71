//! Whose turn it is at an open port.
//!
//! From a SYN until our kernel's reset, a target holds a connection half open. It takes another SYN of
//! that flow for a stray one and answers neither SYN-ACK nor reset, but by an acknowledgement of the
//! first (RFC 9293 3.10.7.4), which Linux sends twice a second at most. So where a port is known to be
//! open, one SYN of a flow is sent at a time: the next waits for the answer or until none can be
//! expected. If the SYN-ACK was lost on its way back, the next SYN meets the half-open connection,
//! and the acknowledgement is the answer to it, as there is no other.

use std::collections::HashMap;
use std::time::Duration;

use super::super::Target;
use super::numbers::Sent;
use crate::units::Moment;

/// A target that hears nothing sends its SYN-ACK again after one second (RFC 6298 2.1), so one that
/// comes later tells no time, and that the first was lost.
pub(super) const PATIENCE: Duration = Duration::from_millis(950);

/// The least that an answer is waited for before the next SYN.
const LEAST: Duration = Duration::from_millis(20);

/// One flow to one open port.
#[derive(Debug)]
struct Turn {
    /// The least distance from which the port has answered.
    distance: u8,
    /// The longest that it has taken.
    worst: Duration,
    /// The latest SYN that may reach it and has not been answered.
    waiting: Option<Sent>,
}

/// The open ports that have been found.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// By target and our own port.
    open: HashMap<(Target, u16), Turn>,
}

impl Turns {
    /// Whether a SYN of `distance` may be sent at `now`.
    pub(super) fn admit(&self, target: Target, port: u16, distance: u8, now: Moment) -> bool {
        let turn = self.open.get(&(target, port));
        let turn = turn.filter(|turn| distance >= turn.distance);
        turn.is_none_or(|turn| {
            let hold = (2 * turn.worst).clamp(LEAST, PATIENCE);
            turn.waiting
                .is_none_or(|waiting| now.since(waiting.sent) > hold)
        })
    }

    /// Takes note that a SYN was sent.
    pub(super) fn sent(&mut self, sent: Sent) {
        let turn = self.open.get_mut(&(sent.probe.0, sent.port));
        if let Some(turn) = turn.filter(|turn| sent.distance >= turn.distance) {
            turn.waiting = Some(sent);
        }
    }

    /// Takes note that a SYN was answered, by whomever.
    pub(super) fn answered(&mut self, sent: &Sent) {
        if let Some(turn) = self.open.get_mut(&(sent.probe.0, sent.port)) {
            turn.waiting.take_if(|waiting| waiting.probe == sent.probe);
        }
    }

    /// Takes note that a SYN found the port open, after so long.
    pub(super) fn connected(&mut self, sent: &Sent, took: Duration) {
        self.answered(sent);
        let turn = self.open.entry((sent.probe.0, sent.port)).or_insert(Turn {
            distance: sent.distance,
            worst: took,
            waiting: None,
        });
        turn.distance = turn.distance.min(sent.distance);
        turn.worst = turn.worst.max(took);
    }

    /// The SYN that waits where this one left the port half open.
    pub(super) fn waiting_after(&self, earlier: &Sent) -> Option<Sent> {
        let turn = self.open.get(&(earlier.probe.0, earlier.port))?;
        turn.waiting
            .filter(|waiting| waiting.probe != earlier.probe)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Sequence;
    use super::*;

    const TARGET: Target = Target(3);

    fn syn(sequence: u32, distance: u8, ms: u64) -> Sent {
        Sent {
            number: sequence,
            probe: (TARGET, Sequence(sequence)),
            distance,
            port: 7,
            length: 0,
            checksum: 0,
            sent: at(ms),
            left: None,
        }
    }

    fn at(ms: u64) -> Moment {
        Moment(ms * 1_000_000)
    }

    const TOOK: Duration = Duration::from_millis(30);

    #[test]
    fn an_open_port_is_asked_one_at_a_time() {
        let mut turns = Turns::default();
        let may = |turns: &Turns, distance, ms| turns.admit(TARGET, 7, distance, at(ms));
        // As long as nobody knows that it is open, everything goes.
        turns.sent(syn(1, 5, 0));
        turns.sent(syn(2, 6, 0));
        assert!(may(&turns, 5, 0));
        turns.connected(&syn(1, 5, 0), TOOK);
        assert!(may(&turns, 5, 30));
        turns.sent(syn(3, 5, 30));
        // Twice the 30 ms that it has taken; nearer distances do not come so far.
        assert!(!may(&turns, 5, 90) && !may(&turns, 6, 90) && may(&turns, 4, 90));
        assert!(may(&turns, 5, 91));
        assert!(turns.admit(TARGET, 8, 5, at(90)) && turns.admit(Target(4), 7, 5, at(90)));
        // A router's answer frees it as well as the port's own; another probe's does not.
        turns.answered(&syn(2, 6, 0));
        assert!(!may(&turns, 5, 90));
        turns.answered(&syn(3, 5, 30));
        assert!(may(&turns, 5, 90));
    }

    #[test]
    fn the_hold_has_bounds() {
        for (took, hold) in [(1, 20), (10, 20), (11, 22), (475, 950), (2000, 950)] {
            let mut turns = Turns::default();
            turns.connected(&syn(1, 5, 0), Duration::from_millis(took));
            turns.sent(syn(2, 5, 100));
            assert!(!turns.admit(TARGET, 7, 5, at(100 + hold)));
            assert!(turns.admit(TARGET, 7, 5, at(101 + hold)));
        }
    }

    #[test]
    fn an_acknowledgement_of_an_earlier_one_answers_the_one_that_waits() {
        let mut turns = Turns::default();
        let (first, second) = (syn(1, 5, 0), syn(2, 5, 1000));
        assert_eq!(turns.waiting_after(&first), None);
        turns.connected(&first, TOOK);
        assert_eq!(turns.waiting_after(&first), None);
        turns.sent(second);
        assert_eq!(turns.waiting_after(&first), Some(second));
        assert_eq!(turns.waiting_after(&second), None);
    }
}
