//! Links that turn bad for a while, and the sessions that do not outlive it.

use super::Day;
use super::calendar::Strike;
use super::users::Stage;
use crate::sim::burst::{Stretches, drop_chance};
use crate::sim::day::spec::{Burst, Crowd, Spec};
use crate::sim::random::Family;

/// Turns of a person that are no acts but drops by losses one by one.
const DROPS: u64 = 1 << 42;

/// The bad stretches of each link, and what the next of them is.
#[derive(Debug, Clone)]
pub(super) struct Bursts {
    stretches: Vec<Stretches>,
    /// By burst: how long the next stretch lasts, seconds.
    lengths: Vec<f64>,
    /// By burst: how many stretches there were.
    counts: Vec<u64>,
    /// By burst and group: who of the group lives through which stretch.
    lives: Vec<Vec<Family>>,
}

impl Bursts {
    pub(super) fn new(spec: &Spec, seed: u64, replication: u64) -> Bursts {
        let stretches = spec.bursts.iter();
        let lives = |burst: &Burst| {
            let groups = spec.groups.iter();
            let names = groups.map(|group| format!("{} through {}", group.name, burst.name));
            names
                .map(|name| Family::new(seed, replication, &name))
                .collect()
        };
        Bursts {
            stretches: stretches
                .map(|burst| Stretches::new(burst, seed, replication))
                .collect(),
            lengths: vec![0.0; spec.bursts.len()],
            counts: vec![0; spec.bursts.len()],
            lives: spec.bursts.iter().map(lives).collect(),
        }
    }
}

impl Day<'_> {
    /// Sets the clock for the next bad stretch of a link.
    pub(super) fn expect_burst(&mut self, burst: usize) {
        let stretch = self.bursts.stretches[burst].bad();
        self.bursts.lengths[burst] = stretch.length;
        self.calendar
            .set(stretch.start, Strike::Burst(burst as u32));
    }

    /// A link turns bad: every session over it lives through that, or is dropped and taken up again.
    pub(super) fn burst(&mut self, burst: usize) {
        let spec = self.spec;
        let length = self.bursts.lengths[burst];
        self.bursts.counts[burst] += 1;
        for (at, group) in spec.groups.iter().enumerate() {
            let Some(session) = group.session() else {
                continue;
            };
            for &(gate, _) in session.watched.iter().filter(|(_, own)| *own == burst) {
                let Some(keep_alive) = &spec.gates[gate].keep_alive else {
                    continue;
                };
                let chance = drop_chance(length, keep_alive, spec.bursts[burst].loss);
                if chance > 0.0 {
                    self.drop_sessions(burst, at, gate, chance);
                }
            }
        }
        self.expect_burst(burst);
    }

    /// Each session of `group` is dropped at `gate` by this stretch of `burst` with this chance.
    fn drop_sessions(&mut self, burst: usize, group: usize, gate: usize, chance: f64) {
        for slot in self.users.of(group) {
            let number = self.users.get(slot).number;
            let stretch = self.bursts.counts[burst];
            let family = &mut self.bursts.lives[burst][group];
            if family.turn(number, stretch).uniform() < chance {
                let now = self.now.nearest();
                self.clerk.dropped(gate, Some(burst), now);
                self.break_off(slot);
            }
        }
    }

    /// Counts the drops that a user's session has had since, for keep-alives lost one by one. They are
    /// too rare to be worth a clock each: the user connects again at once and begins what it was doing
    /// anew, so that only their number is of interest.
    pub(super) fn singly_dropped(&mut self, slot: u32) {
        let now = self.now.nearest();
        while self.users.get(slot).dropped <= now {
            let user = self.users.get(slot);
            let (group, at) = (user.group as usize, user.dropped);
            user.drops += 1;
            let turn = DROPS + u64::from(user.drops);
            let stream = self.crowds.families[group].turn(user.number, turn);
            let Some(session) = self.spec.groups[group].session() else {
                return;
            };
            let whole = session.singly_dropped();
            user.dropped += stream.exponential() / whole;
            let mut chosen = stream.uniform() * whole;
            let gate = session.singly.iter().find(|(_, rate)| {
                chosen -= rate;
                chosen < 0.0
            });
            if let Some((gate, _)) = gate {
                self.clerk.dropped(*gate, None, at);
            }
        }
    }

    /// A session is dropped: its user connects again at once, what it was doing is lost.
    fn break_off(&mut self, slot: u32) {
        let user = self.users.get(slot);
        match user.stage {
            Stage::Transfer(path) => {
                self.network.break_off(self.now, path as usize);
                self.think_again(slot);
            }
            // The station goes on working for nobody; its answer is thrown away.
            Stage::Work(_) => user.broken = true,
            Stage::Away | Stage::Thinking | Stage::Leaving => {}
        }
    }

    /// An act has come to nothing.
    pub(super) fn think_again(&mut self, slot: u32) {
        let (spec, now) = (self.spec, self.now.nearest());
        let user = self.users.get(slot);
        let group = &spec.groups[user.group as usize];
        let label = group.acts[user.act as usize].label;
        self.clerk.broken(label, now);
        let Crowd::Online { think, .. } = &group.crowd else {
            return self.leave(slot);
        };
        let pause = think * self.users.get(slot).think;
        self.pause(slot, now, Some(pause));
    }
}
