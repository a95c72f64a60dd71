//! What is in flight to one target: probes that have been sent and may still be answered.
//!
//! A reply that quotes little tells a probe by few bits: 16 of ICMP echo, fewer of a port that
//! counts up. No two probes in flight have the same, so such a reply means one probe or none.

use std::collections::VecDeque;
use std::time::Duration;

use super::Sequence;
use crate::lang::Text;
use crate::text;
use crate::units::Moment;

#[derive(Debug, Clone, Copy)]
struct Flying {
    sequence: Sequence,
    sent: Moment,
    /// When it left, as the kernel says.
    left: Option<Moment>,
    answered: bool,
}

/// The probes in flight to one target, in the order of their sequences.
#[derive(Debug, Clone)]
pub(super) struct Flights {
    /// Sequences are told apart modulo this, at least 1.
    modulus: u32,
    /// How long a probe is in flight without an answer.
    patience: Duration,
    last: Option<Sequence>,
    flying: VecDeque<Flying>,
}

impl Flights {
    /// Nothing in flight.
    pub(super) fn new(modulus: u32, patience: Duration) -> Flights {
        Flights {
            modulus: modulus.max(1),
            patience,
            last: None,
            flying: VecDeque::new(),
        }
    }

    /// Whether probe `sequence` may be sent at `now`; if not, why. Sequences count up.
    pub(super) fn admit(&mut self, sequence: Sequence, now: Moment) -> Result<(), Text> {
        let Sequence(number) = sequence;
        if self.last.is_some_and(|last| last >= sequence) {
            return Err(text!(
                "序号 {number} 已经用过",
                "sequence {number} has been used before"
            ));
        }
        while let Some(oldest) = self.flying.front() {
            let over = now.since(oldest.sent) > self.patience;
            let same_bits = number - oldest.sequence.0 >= self.modulus;
            if same_bits && !over && !oldest.answered {
                let modulus = self.modulus;
                return Err(text!(
                    "在途探测过多：同一目标同时最多 {modulus} 个",
                    "too many probes in flight: one target can have {modulus} at a time"
                ));
            }
            if !same_bits && !over {
                break;
            }
            self.flying.pop_front();
        }
        Ok(())
    }

    /// Takes note that probe `sequence`, which was admitted, has been sent.
    pub(super) fn add(&mut self, sequence: Sequence, sent: Moment) {
        self.last = Some(sequence);
        self.flying.push_back(Flying {
            sequence,
            sent,
            left: None,
            answered: false,
        });
    }

    /// Takes note of when the kernel says that a probe left. It cannot have left before it was sent;
    /// such a stamp is not used.
    pub(super) fn left(&mut self, sequence: Sequence, at: Moment) {
        if let Some(flying) = self.get_mut(sequence).filter(|flying| at >= flying.sent) {
            flying.left = Some(at);
        }
    }

    /// Takes note of an answer; says when the probe left, if the kernel told.
    pub(super) fn answered(&mut self, sequence: Sequence) -> Option<Moment> {
        let flying = self.get_mut(sequence)?;
        flying.answered = true;
        flying.left
    }

    /// The one probe in flight whose sequence has this remainder modulo the modulus.
    pub(super) fn find(&self, remainder: u32) -> Option<Sequence> {
        let first = self.flying.front()?.sequence.0;
        let ahead = (remainder % self.modulus + self.modulus - first % self.modulus) % self.modulus;
        let sequence = Sequence(first.checked_add(ahead)?);
        self.position(sequence).map(|_| sequence)
    }

    /// Where a probe is. Usually the sequences of one target count up by one; where they do not, it
    /// is searched for.
    fn position(&self, sequence: Sequence) -> Option<usize> {
        let first = self.flying.front()?.sequence;
        let ahead = sequence.0.checked_sub(first.0)? as usize;
        match self.flying.get(ahead) {
            Some(flying) if flying.sequence == sequence => Some(ahead),
            _ => self
                .flying
                .binary_search_by_key(&sequence, |flying| flying.sequence)
                .ok(),
        }
    }

    fn get_mut(&mut self, sequence: Sequence) -> Option<&mut Flying> {
        let at = self.position(sequence)?;
        self.flying.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    fn at(ms: u64) -> Moment {
        Moment(ms * 1_000_000)
    }

    fn send(flights: &mut Flights, sequence: u32, ms: u64) -> bool {
        let admitted = flights.admit(Sequence(sequence), at(ms)).is_ok();
        if admitted {
            flights.add(Sequence(sequence), at(ms));
        }
        admitted
    }

    #[test]
    fn a_number_in_flight_is_not_given_out_again() {
        let mut flights = Flights::new(4, PATIENCE);
        assert!((0..4).all(|sequence| send(&mut flights, sequence, 0)));
        assert!(!send(&mut flights, 4, 3000));
        // Answered or given up, it is free.
        flights.answered(Sequence(0));
        assert!(send(&mut flights, 4, 3000));
        assert!(!send(&mut flights, 5, 3000));
        assert!(send(&mut flights, 5, 3001));
        // Nor is a whole sequence ever given out again.
        assert!(!send(&mut flights, 5, 9999));
    }

    #[test]
    fn a_remainder_names_the_probe_in_flight_and_no_other() {
        let mut flights = Flights::new(0x1_0000, PATIENCE);
        for sequence in [0xfffe, 0xffff, 0x1_0000, 0x1_0002] {
            assert!(send(&mut flights, sequence, 0));
        }
        assert_eq!(flights.find(0xfffe), Some(Sequence(0xfffe)));
        assert_eq!(flights.find(0), Some(Sequence(0x1_0000)));
        assert_eq!(flights.find(2), Some(Sequence(0x1_0002)));
        assert_eq!(flights.find(1), None);
        assert_eq!(flights.find(0xfffd), None);
    }

    #[test]
    fn a_departure_before_the_sending_is_not_believed() {
        let mut flights = Flights::new(4, PATIENCE);
        send(&mut flights, 0, 5);
        flights.left(Sequence(0), at(4));
        assert_eq!(flights.answered(Sequence(0)), None);
        flights.left(Sequence(0), at(6));
        assert_eq!(flights.answered(Sequence(0)), Some(at(6)));
        flights.left(Sequence(1), at(6));
        assert_eq!(flights.answered(Sequence(1)), None);
    }

    proptest! {
        /// Against a list that is searched through.
        #[test]
        fn what_is_found_is_the_only_one(
            modulus in 1u32..20,
            steps in prop::collection::vec((1u32..5, 0u64..2000, any::<bool>(), any::<u32>()), 1..60),
        ) {
            let mut flights = Flights::new(modulus, PATIENCE);
            let mut sent: Vec<(u32, u64)> = Vec::new();
            let (mut sequence, mut now) = (0, 0);
            for (ahead, later, answer, remainder) in steps {
                (sequence, now) = (sequence + ahead, now + later);
                if send(&mut flights, sequence, now) {
                    sent.push((sequence, now));
                    if answer {
                        flights.answered(Sequence(sequence));
                    }
                }
                if let Some(found) = flights.find(remainder) {
                    // Of all probes with this remainder, only the latest can be in flight.
                    let same = sent.iter().filter(|(n, _)| n % modulus == remainder % modulus);
                    prop_assert_eq!(same.map(|(n, _)| *n).max(), Some(found.0));
                }
            }
        }
    }
}
