//! Whose turn it is at an open port.
//!
//! From a SYN until our kernel's reset, a target holds a connection half open. It takes another SYN of
//! that flow for a stray one and answers neither SYN-ACK nor reset, but by an acknowledgement of the
//! first (RFC 9293 3.10.7.4), which Linux sends twice a second at most. So where a port is known to be
//! open, one SYN of a flow is sent at a time: the next waits for the answer or until none can be
//! expected. If the SYN-ACK was lost on its way back, the next SYN meets the half-open connection,
//! and the acknowledgement is the answer to it, as there is no other. As long as nobody knows that the
//! port is open, several may be on their way; then it answers the first that found it half open.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::super::Target;
use super::numbers::Sent;
use crate::units::Moment;

/// A target that hears nothing sends its SYN-ACK again after one second (RFC 6298 2.1), so one that
/// comes later tells no time, and that the first was lost.
pub(super) const PATIENCE: Duration = Duration::from_millis(950);

/// Linux acknowledges so once in 500 ms for a half-open connection (`tcp_invalid_ratelimit`), and this
/// is a tick of its clock and some jitter more. A SYN that comes sooner after another, of which the
/// acknowledgement was lost or our kernel's reset, has no answer, and that is no loss.
const SPARING: Duration = Duration::from_millis(550);

/// One flow to one port.
#[derive(Debug, Default)]
struct Turn {
    /// What is known of it, where it is open.
    open: Option<Open>,
    /// The SYNs that may reach it and have not been answered, in the order of sending.
    waiting: VecDeque<Sent>,
}

/// An open port.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// The least distance from which it has answered.
    distance: u8,
    /// The longest that it has taken.
    worst: Duration,
    /// When it answered last. What had been sent by then came there before our kernel's reset.
    heard: Moment,
    /// When it last acknowledged a SYN before the one that it answered.
    acknowledged: Option<Moment>,
}

/// What is known of ports, and what they are being asked.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// By target and our own port.
    ports: HashMap<(Target, u16), Turn>,
}

impl Turns {
    /// Whether a SYN of `distance` may be sent at `now`.
    pub(super) fn admit(&self, target: Target, port: u16, distance: u8, now: Moment) -> bool {
        let Some(turn) = self.ports.get(&(target, port)) else {
            return true;
        };
        let Some(open) = turn.open.filter(|open| distance >= open.distance) else {
            return true;
        };
        let hold = (2 * open.worst).clamp(SPARING, PATIENCE);
        let over = |waiting: &Sent| waiting.sent <= open.heard || now.since(waiting.sent) > hold;
        let spared = |at: Moment| now.since(at) > SPARING;
        turn.waiting.back().is_none_or(over) && open.acknowledged.is_none_or(spared)
    }

    /// Takes note that a SYN was sent.
    pub(super) fn sent(&mut self, sent: Sent) {
        let turn = self.ports.entry((sent.probe.0, sent.port)).or_default();
        let over = |waiting: &mut Sent| sent.sent.since(waiting.sent) > PATIENCE;
        while turn.waiting.pop_front_if(over).is_some() {}
        if let Some(open) = turn.open {
            if sent.distance < open.distance {
                return;
            }
            // The one before it has been waited for.
            turn.waiting
                .pop_back_if(|waiting| waiting.sent > open.heard);
        }
        turn.waiting.push_back(sent);
    }

    /// Takes note that a SYN was answered, by whomever.
    pub(super) fn answered(&mut self, sent: &Sent) {
        if let Some(turn) = self.ports.get_mut(&(sent.probe.0, sent.port)) {
            let mut waiting = turn.waiting.iter();
            if let Some(at) = waiting.position(|waiting| waiting.probe == sent.probe) {
                turn.waiting.remove(at);
            }
        }
    }

    /// Takes note that a SYN found the port open, after so long.
    pub(super) fn connected(&mut self, sent: &Sent, took: Duration) {
        self.answered(sent);
        let turn = self.ports.entry((sent.probe.0, sent.port)).or_default();
        let heard = sent.sent + took;
        let open = turn.open.get_or_insert(Open {
            distance: sent.distance,
            worst: took,
            heard,
            acknowledged: None,
        });
        open.distance = open.distance.min(sent.distance);
        open.worst = open.worst.max(took);
        open.heard = open.heard.max(heard);
        let distance = open.distance;
        turn.waiting.retain(|waiting| waiting.distance >= distance);
    }

    /// Takes note that a port has acknowledged a SYN before the one that it answered.
    pub(super) fn acknowledged(&mut self, earlier: &Sent, at: Moment) {
        let turn = self.ports.get_mut(&(earlier.probe.0, earlier.port));
        if let Some(open) = turn.and_then(|turn| turn.open.as_mut()) {
            open.acknowledged = Some(at);
        }
    }

    /// The first SYN that waits and was sent after this one, which left the port half open.
    pub(super) fn waiting_after(&self, earlier: &Sent) -> Option<Sent> {
        let turn = self.ports.get(&(earlier.probe.0, earlier.port))?;
        let mut waiting = turn.waiting.iter();
        let found = waiting.find(|waiting| {
            waiting.sent >= earlier.sent
                && waiting.probe != earlier.probe
                && waiting.distance >= earlier.distance
        });
        found.copied()
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

    const TOOK: Duration = Duration::from_millis(300);

    #[test]
    fn an_open_port_is_asked_one_at_a_time() {
        let mut turns = Turns::default();
        let may = |turns: &Turns, distance, ms| turns.admit(TARGET, 7, distance, at(ms));
        // As long as nobody knows that it is open, everything goes.
        turns.sent(syn(1, 5, 0));
        turns.sent(syn(2, 6, 0));
        assert!(may(&turns, 5, 0));
        turns.connected(&syn(1, 5, 0), TOOK);
        assert!(may(&turns, 5, 301));
        turns.sent(syn(3, 5, 301));
        // Twice the 300 ms that it has taken; nearer distances do not come so far.
        assert!(!may(&turns, 5, 901) && !may(&turns, 6, 901) && may(&turns, 4, 901));
        assert!(may(&turns, 5, 902));
        assert!(turns.admit(TARGET, 8, 5, at(901)) && turns.admit(Target(4), 7, 5, at(901)));
        // A router's answer frees it as well as the port's own; another probe's does not.
        turns.answered(&syn(2, 6, 0));
        assert!(!may(&turns, 5, 901));
        turns.answered(&syn(3, 5, 30));
        assert!(may(&turns, 5, 901));
    }

    #[test]
    fn the_hold_has_bounds() {
        for (took, hold) in [(1, 550), (275, 550), (276, 552), (475, 950), (2000, 950)] {
            let mut turns = Turns::default();
            turns.connected(&syn(1, 5, 0), Duration::from_millis(took));
            turns.sent(syn(2, 5, 3000));
            assert!(!turns.admit(TARGET, 7, 5, at(3000 + hold)));
            assert!(turns.admit(TARGET, 7, 5, at(3001 + hold)));
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

    #[test]
    fn before_a_port_is_known_to_be_open_its_acknowledgement_answers_the_first_behind() {
        let mut turns = Turns::default();
        // Distances 4 to 6 of a target at 5, and the next round before the first has been answered.
        let sweep = [syn(1, 4, 0), syn(2, 5, 0), syn(3, 6, 0), syn(4, 5, 40)];
        sweep.iter().for_each(|sent| turns.sent(*sent));
        turns.answered(&sweep[0]);
        // The first that came there opened it by half, after 44 ms.
        turns.connected(&sweep[1], Duration::from_millis(44));
        assert_eq!(turns.waiting_after(&sweep[1]), Some(sweep[2]));
        turns.connected(&sweep[2], Duration::from_millis(48));
        // None of those keeps the port half open: they came there before the reset that the answer
        // has met with. What is sent now is not who is answered late.
        let next = syn(5, 5, 80);
        assert!(turns.admit(TARGET, 7, 5, next.sent));
        turns.sent(next);
        assert_eq!(turns.waiting_after(&sweep[1]), Some(sweep[3]));
        assert!(!turns.admit(TARGET, 7, 5, at(630)) && turns.admit(TARGET, 7, 5, at(631)));
        // Once it has been waited for, the next takes its place.
        let last = syn(6, 5, 631);
        turns.sent(last);
        assert_eq!(turns.waiting_after(&sweep[3]), Some(last));
        // An acknowledgement is an answer, and there is no other for half a second.
        turns.acknowledged(&sweep[3], at(650));
        turns.connected(&last, Duration::from_millis(19));
        assert!(!turns.admit(TARGET, 7, 5, at(1200)) && turns.admit(TARGET, 7, 5, at(1201)));
    }

    #[test]
    fn what_a_silent_port_has_not_answered_is_forgotten_in_time() {
        let mut turns = Turns::default();
        (0..10).for_each(|at| turns.sent(syn(at, 5, u64::from(at) * 500)));
        // At 4500 ms, with 950 of patience, those of 4000 and 4500 are left.
        assert_eq!(
            turns.waiting_after(&syn(10, 5, 3000)),
            Some(syn(8, 5, 4000))
        );
        assert_eq!(turns.ports[&(TARGET, 7)].waiting.len(), 2);
    }
}
