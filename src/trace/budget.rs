//! How often each router may be asked, by all targets together.
//!
//! Routers answer sparingly: Linux sends one ICMP error a second to one source, after a burst of six
//! (`icmp_ratelimit`), and RFC 1812 4.3.2.8 and RFC 4443 2.4(f) ask every router to limit itself. The
//! limit is per source, so twenty targets behind one gateway starve each other: what is not asked for
//! cannot be refused and taken for loss.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use crate::probe::Target;
use crate::units::Moment;

/// What a router is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The address that it answered from.
    Responder(IpAddr),
    /// The distance of one that has not answered: different ones at one distance share a budget.
    Silent(u8),
}

/// Who asks: a run, and the distance at which it meets the router. One that stands twice on a path is
/// asked at each of its distances in turn.
pub type Asker = (Target, u8);

/// One probe per gap and router, and a line of askers before each router.
#[derive(Debug, Clone)]
pub struct Budget {
    gap: Duration,
    /// Who has not asked for this long has left the line.
    left: Duration,
    lines: HashMap<Key, Line>,
}

/// Those that wait to ask one router.
#[derive(Debug, Clone)]
struct Line {
    /// The earliest moment at which the schedule has room for a probe.
    free: Moment,
    /// Who waits, the longest first, and when each last asked.
    waiting: VecDeque<(Asker, Moment)>,
}

impl Budget {
    /// At most one probe per `gap` to each router, in the long run; targets ask once in `interval`.
    pub fn new(gap: Duration, interval: Duration) -> Budget {
        Budget {
            gap,
            left: gap.max(interval) * 2,
            lines: HashMap::new(),
        }
    }

    /// From now on, targets ask once in `interval`.
    pub fn set_interval(&mut self, interval: Duration) {
        self.left = self.gap.max(interval) * 2;
    }

    /// Whether `asker` may ask `key` now; if so, it counts as asked. Whoever has waited longest is
    /// next. A probe may come up to half a gap early on its schedule, so that the jitter of wake-ups
    /// makes no round miss its turn; the schedule itself advances by whole gaps, so the rate stays.
    pub fn may_ask(&mut self, key: Key, asker: Asker, now: Moment) -> bool {
        let line = self.lines.entry(key).or_insert_with(|| Line {
            free: now,
            waiting: VecDeque::new(),
        });
        match line.waiting.iter_mut().find(|(own, _)| *own == asker) {
            Some((_, asked)) => *asked = now,
            None => line.waiting.push_back((asker, now)),
        }
        if now + self.gap / 2 < line.free {
            return false;
        }
        while let Some((next, asked)) = line.waiting.front() {
            if *next == asker {
                line.waiting.pop_front();
                line.free = line.free.max(now) + self.gap;
                return true;
            }
            if now < *asked + self.left {
                return false;
            }
            line.waiting.pop_front();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAP: Duration = Duration::from_secs(1);
    const ONE: Asker = (Target(1), 1);

    fn key(last: u8) -> Key {
        Key::Responder([192, 0, 2, last].into())
    }

    #[test]
    fn rounds_at_the_rate_pass_whatever_their_jitter() {
        let mut budget = Budget::new(GAP, GAP);
        for round in 0u64..1000 {
            let jitter = 40_000_000 * (round % 7);
            let now = Moment(round * 1_000_000_000 + jitter);
            assert!(budget.may_ask(key(1), ONE, now), "round {round}");
        }
    }

    #[test]
    fn routers_do_not_share() {
        let mut budget = Budget::new(GAP, GAP);
        assert!(budget.may_ask(key(1), ONE, Moment(5)) && budget.may_ask(key(2), ONE, Moment(5)));
        assert!(budget.may_ask(Key::Silent(1), ONE, Moment(5)));
        assert!(!budget.may_ask(Key::Silent(1), ONE, Moment(6)));
        assert!(!budget.may_ask(key(1), ONE, Moment(6)));
    }

    #[test]
    fn whoever_waited_longest_is_next_and_whoever_left_holds_up_nobody() {
        let mut budget = Budget::new(GAP, GAP);
        let ask = |budget: &mut Budget, second: u64, targets: &[u32]| -> Vec<u32> {
            let now = Moment(second * 1_000_000_000);
            let asked = targets
                .iter()
                .filter(|at| budget.may_ask(key(1), (Target(**at), 1), now));
            asked.copied().collect()
        };
        let turns: Vec<_> = (0..6).map(|at| ask(&mut budget, at, &[0, 1, 2])).collect();
        assert_eq!(turns, [[0], [1], [2], [0], [1], [2]]);
        // Target 0 is next and does not come: 1 and 2 go on as soon as it has left the line.
        let turns: Vec<_> = (6..10)
            .flat_map(|at| ask(&mut budget, at, &[1, 2]))
            .collect();
        assert_eq!(turns, [1, 2, 1]);
    }

    #[test]
    fn a_router_that_stands_twice_on_a_path_is_asked_at_both_distances_in_turn() {
        let mut budget = Budget::new(GAP, GAP);
        let mut asked = Vec::new();
        for round in 0..6 {
            let now = Moment(round * 1_000_000_000);
            // Nearest first, as a sweep goes.
            let turn = |distance: &u8| budget.may_ask(key(1), (Target(0), *distance), now);
            asked.extend([2, 5].into_iter().filter(turn));
        }
        assert_eq!(asked, [2, 5, 2, 5, 2, 5]);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_its_share(
            steps in prop::collection::vec(0u64..700_000_000, 1..300), window in 1u64..20,
        ) {
            let mut budget = Budget::new(GAP, GAP);
            let mut now = Moment(0);
            let mut asked = Vec::new();
            for step in steps {
                now = now + Duration::from_nanos(step);
                if budget.may_ask(key(1), ONE, now) {
                    asked.push(now);
                }
            }
            // A schedule of one a gap, each at most half a gap early: window + 1.5 at the most.
            for (at, first) in asked.iter().enumerate() {
                let end = *first + GAP * window as u32;
                let within = asked[at..].iter().filter(|moment| **moment < end).count();
                prop_assert!(within as u64 <= window + 2);
            }
        }
    }
}
