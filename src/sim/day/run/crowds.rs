//! Who comes and who goes.
//!
//! How many want to be online follows the hours of the day, by steps. Sessions begin as a Poisson
//! process that keeps their number in the mean (wanted over mean length) and last exponentially, so
//! that the number wanted is Poisson's at every moment, also after a step: those who are missing come
//! at once, or each goes with the chance that is too many. A gate that is full refuses, and whoever is
//! refused gives up: Erlang's model of loss. Users without sessions are as many as the hour says; of
//! a part of a user there is one in that part of the trials.

use super::calendar::Strike;
use super::users::Stage;
use super::{Day, HOUR};
use crate::sim::day::spec::{Crowd, Group, Session, Spec};
use crate::sim::random::{Family, Stream};

/// Turns of a person that are no acts: far from where those end.
const COMES: u64 = 1 << 40;
const GOES: u64 = 1 << 41;

/// The streams of the groups, and who comes next.
#[derive(Debug, Clone)]
pub(super) struct Crowds {
    /// By group: what its people do.
    pub(super) families: Vec<Family>,
    /// By group: when they come.
    arrivals: Vec<Stream>,
    /// By group: how many have come.
    came: Vec<u64>,
    /// By group: how many wanted to be online in the last hour.
    wanted: Vec<f64>,
    /// By group: arrivals a second in this hour, and the stamp of the one that is awaited.
    rates: Vec<(f64, u32)>,
    /// By group: what is added to parts of users before they are cut to whole ones; one number for
    /// a population.
    crumbs: Vec<f64>,
    /// By gate: sessions held.
    held: Vec<usize>,
}

impl Crowds {
    pub(super) fn new(spec: &Spec, seed: u64, replication: u64) -> Crowds {
        let names = || spec.groups.iter().map(|group| group.name.as_str());
        let arrivals = names()
            .map(|name| Stream::new(seed, replication, &format!("arrivals of {name}")))
            .collect();
        let crumb = |group: &Group| {
            let name = format!("whole users of {}", group.population);
            Stream::new(seed, replication, &name).uniform()
        };
        Crowds {
            families: names()
                .map(|name| Family::new(seed, replication, name))
                .collect(),
            arrivals,
            came: vec![0; spec.groups.len()],
            wanted: vec![0.0; spec.groups.len()],
            rates: vec![(0.0, 0); spec.groups.len()],
            crumbs: spec.groups.iter().map(crumb).collect(),
            held: vec![0; spec.gates.len()],
        }
    }

    /// Whole users of `group` where `before` users of its population are in groups before it and
    /// `wanted` in it: as many in the mean over the trials, and together as many as the population
    /// has. Rounding each would let one user on three journeys disappear.
    fn whole(&self, group: usize, before: f64, wanted: f64) -> usize {
        let until = |users: f64| (users + self.crumbs[group]).floor();
        (until(before + wanted) - until(before)) as usize
    }

    /// Sessions held at each gate.
    pub(super) fn held(&self) -> &[usize] {
        &self.held
    }
}

impl Day<'_> {
    /// `hour` begins: everybody's number is its.
    pub(super) fn on_the_hour(&mut self, hour: usize) {
        let spec = self.spec;
        self.network.hour(self.now, hour);
        for (at, group) in spec.groups.iter().enumerate() {
            match &group.crowd {
                Crowd::Arriving(rates) => self.expect(at, rates[hour]),
                Crowd::Online { users, session, .. } => {
                    let before = std::mem::replace(&mut self.crowds.wanted[at], users[hour]);
                    match session {
                        Some(session) => {
                            self.adjust(at, before, users[hour]);
                            self.expect(at, users[hour] / session.length);
                        }
                        None => {
                            let before = users_before(spec, at, hour);
                            let count = self.crowds.whole(at, before, users[hour]);
                            self.number(at, count);
                        }
                    }
                }
            }
        }
    }

    /// The number of sessions wanted goes from `before` to `after`, and stays Poisson's.
    fn adjust(&mut self, group: usize, before: f64, after: f64) {
        if after >= before {
            let more = self.crowds.arrivals[group].poisson(after - before);
            (0..more).for_each(|_| self.come(group));
            return;
        }
        let stays = after / before;
        for slot in self.users.of(group) {
            let number = self.users.get(slot).number;
            let hour = (self.now.nearest() / HOUR) as u64;
            let family = &mut self.crowds.families[group];
            if family.turn(number, GOES + hour).uniform() >= stays {
                self.send_away(slot);
            }
        }
    }

    /// A group without sessions has `count` people; those who came last go first.
    fn number(&mut self, group: usize, count: usize) {
        let online = self.users.online(group);
        (online..count).for_each(|_| self.come(group));
        if online > count {
            let mut slots = self.users.of(group);
            slots.sort_unstable_by_key(|&slot| std::cmp::Reverse(self.users.get(slot).number));
            for slot in slots.into_iter().take(online - count) {
                self.send_away(slot);
            }
        }
    }

    /// Ends a visit: at once if the user pauses, else with the act.
    fn send_away(&mut self, slot: u32) {
        let now = self.now.nearest();
        let user = self.users.get(slot);
        user.until = now;
        if user.stage == Stage::Thinking {
            self.leave(slot);
        }
    }

    /// Awaits the next who comes to `group`, at `rate` a second from now on.
    fn expect(&mut self, group: usize, rate: f64) {
        let (own, stamp) = &mut self.crowds.rates[group];
        *own = rate;
        *stamp += 1;
        if rate > 0.0 {
            let gap = self.crowds.arrivals[group].exponential() / rate;
            let strike = Strike::Arrival(group as u32, *stamp);
            self.calendar.set(self.now.nearest() + gap, strike);
        }
    }

    /// Somebody comes to `group`, and the next is awaited.
    pub(super) fn arrival(&mut self, group: usize, stamp: u32) {
        let (rate, awaited) = self.crowds.rates[group];
        if stamp == awaited {
            self.come(group);
            self.expect(group, rate);
        }
    }

    /// Somebody comes: through the gates, if there are any, and then pauses or acts.
    fn come(&mut self, group: usize) {
        let spec = self.spec;
        let number = self.crowds.came[group];
        self.crowds.came[group] += 1;
        let (think, session) = match &spec.groups[group].crowd {
            Crowd::Online { think, session, .. } => (Some(*think), session.as_ref()),
            Crowd::Arriving(_) => (None, None),
        };
        let stream = self.crowds.families[group].turn(number, COMES);
        let (length, pause) = (stream.exponential(), stream.exponential());
        let kept = stream.exponential();
        if session.is_some_and(|session| !self.admit(session)) {
            return;
        }
        let now = self.now.nearest();
        let until = session.map_or(f64::INFINITY, |session| now + session.length * length);
        let slot = self.users.enter(group, number, until);
        // Without such drops this is never.
        self.users.get(slot).dropped = session.map_or(f64::INFINITY, |session| {
            now + kept / session.singly_dropped()
        });
        match think {
            // A pause that is underway has as long to go as one that begins: it is exponential.
            Some(think) => self.pause(slot, now, Some(think * pause)),
            None => self.act(slot),
        }
    }

    /// Whether every gate lets a session in; a gate that does not counts a refusal.
    fn admit(&mut self, session: &Session) -> bool {
        for &gate in &session.gates {
            let full = self.crowds.held[gate] >= self.spec.gates[gate].limit;
            self.clerk.attempt(gate, self.now.nearest(), full);
            if full {
                return false;
            }
        }
        for &gate in &session.gates {
            self.crowds.held[gate] += 1;
        }
        true
    }

    /// Somebody goes.
    pub(super) fn leave(&mut self, slot: u32) {
        self.singly_dropped(slot);
        let group = self.users.get(slot).group as usize;
        if let Some(session) = self.spec.groups[group].session() {
            for &gate in &session.gates {
                self.crowds.held[gate] -= 1;
            }
        }
        self.users.exit(slot);
    }
}

/// Users in the groups before `group` that are of its population.
fn users_before(spec: &Spec, group: usize, hour: usize) -> f64 {
    let population = &spec.groups[group].population;
    let before = spec.groups[..group].iter();
    let users = before
        .filter(|own| own.population == *population)
        .map(|own| match &own.crowd {
            Crowd::Online { users, .. } => users[hour],
            Crowd::Arriving(_) => 0.0,
        });
    users.sum()
}
