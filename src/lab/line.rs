//! One line at work: when a packet that enters it comes out, if it does.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::world::Traits;
use crate::units::{Moment, Seconds};

/// A line and what it remembers.
#[derive(Debug)]
pub(super) struct AtWork {
    traits: Traits,
    /// When its sender has sent all that waits.
    free: Moment,
    random: ChaCha8Rng,
}

/// What became of a packet on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    /// It comes out then, and once more then.
    Comes(Moment, Option<Moment>),
    /// It was lost on the way.
    Lost,
    /// The queue before the line was full.
    Refused,
}

impl AtWork {
    /// A free line. Each line of a world draws numbers of its own, so that what happens on one
    /// does not move the fates on another.
    pub(super) fn new(traits: Traits, seed: u64, number: usize) -> AtWork {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(number as u64);
        AtWork {
            traits,
            free: Moment::default(),
            random,
        }
    }

    /// Sends a packet of so many bytes over the line.
    pub(super) fn cross(&mut self, now: Moment, bytes: usize) -> Crossing {
        let traits = self.traits;
        // Every packet draws the same count of numbers, whatever becomes of it.
        let [fate, wait, again, held] = [(); 4].map(|()| self.unit());
        let mut sent = now;
        if let Some(rate) = traits.rate {
            let begin = self.free.max(now);
            if begin - now > Duration::from(traits.queue) {
                return Crossing::Refused;
            }
            // On a line of rate 0 it never ends; that is a line that loses everything.
            let took = Duration::from(Seconds(bytes as f64 * 8.0 / rate.0));
            sent = begin + took;
            self.free = sent;
        }
        if fate < traits.loss.0 {
            return Crossing::Lost;
        }
        let mut took = traits.delay + traits.jitter * wait;
        if held < traits.held.0 {
            took += traits.held_for;
        }
        let comes = sent + took.into();
        let again = (again < traits.duplicate.0).then_some(comes);
        Crossing::Comes(comes, again)
    }

    /// An even number from 0 to below 1, of 53 bits.
    fn unit(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{BitRate, Fraction};

    const MS: u64 = 1_000_000;

    fn line(traits: Traits) -> AtWork {
        AtWork::new(traits, 1, 0)
    }

    #[test]
    fn a_full_line_sends_in_turn_and_drops_what_would_wait_too_long() {
        let mut line = line(Traits {
            delay: Seconds(0.005),
            rate: Some(BitRate::mbit(8.0)),
            queue: Seconds(0.002),
            ..Traits::default()
        });
        // 1000 bytes take 1 ms at 8 Mbit/s; the fourth would wait 3 ms.
        let comes = |ms: u64| Crossing::Comes(Moment(ms * MS), None);
        let all = [(); 5].map(|()| line.cross(Moment(0), 1000));
        assert_eq!(
            all,
            [
                comes(6),
                comes(7),
                comes(8),
                Crossing::Refused,
                Crossing::Refused
            ]
        );
        // 1 ms later one has left, and one more may wait.
        assert_eq!(line.cross(Moment(MS), 1000), comes(9));
        assert_eq!(line.cross(Moment(20 * MS), 1000), comes(26));
    }

    #[test]
    fn loss_duplicates_and_hold_ups_have_their_parts() {
        let mut line = line(Traits {
            loss: Fraction(0.2),
            duplicate: Fraction(0.1),
            held: Fraction(0.3),
            held_for: Seconds(0.007),
            ..Traits::default()
        });
        let n = 20_000;
        let all: Vec<Crossing> = (0..n).map(|_| line.cross(Moment(0), 64)).collect();
        let count =
            |test: &dyn Fn(&Crossing) -> bool| all.iter().filter(|own| test(own)).count() as f64;
        let near = |seen: f64, part: f64, of: f64| {
            // Five standard errors.
            let error = 5.0 * (part * (1.0 - part) / of).sqrt();
            assert!(
                (seen / of - part).abs() < error,
                "{seen} of {of}, not {part}"
            );
        };
        let lost = count(&|own| *own == Crossing::Lost);
        near(lost, 0.2, n.into());
        let came = f64::from(n) - lost;
        near(
            count(&|own| matches!(own, Crossing::Comes(_, Some(_)))),
            0.1,
            came,
        );
        near(
            count(&|own| matches!(own, Crossing::Comes(Moment(7_000_000), _))),
            0.3,
            came,
        );
    }

    #[test]
    fn jitter_is_spread_evenly_over_its_width() {
        let mut line = line(Traits {
            delay: Seconds(0.001),
            jitter: Seconds(0.004),
            ..Traits::default()
        });
        let n = 4000;
        let took: Vec<f64> = (0..n)
            .map(|_| match line.cross(Moment(0), 64) {
                Crossing::Comes(moment, None) => moment.0 as f64 / MS as f64,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(took.iter().all(|ms| (1.0..5.0).contains(ms)));
        // Even over 4 ms: mean 1 + 2, deviation 4 / sqrt(12); five standard errors.
        let mean = took.iter().sum::<f64>() / f64::from(n);
        assert!(
            (mean - 3.0).abs() < 5.0 * 4.0 / 12f64.sqrt() / f64::from(n).sqrt(),
            "{mean}"
        );
    }

    #[test]
    fn one_seed_is_one_fate_and_lines_differ() {
        let traits = Traits {
            loss: Fraction(0.5),
            ..Traits::default()
        };
        let fates = |seed, number| {
            let mut line = AtWork::new(traits, seed, number);
            [(); 64].map(|()| line.cross(Moment(0), 64))
        };
        assert_eq!(fates(3, 0), fates(3, 0));
        assert_ne!(fates(3, 0), fates(4, 0));
        assert_ne!(fates(3, 0), fates(3, 1));
    }
}
