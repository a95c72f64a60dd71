//! One user's act: drawn, done leg by leg, counted.

use super::Day;
use super::calendar::Strike;
use super::users::Stage;
use crate::queueing::response;
use crate::sim::day::record::{PARTS, Part};
use crate::sim::day::spec::{Act, Crowd, Leg};
use crate::sim::random::Law;

impl Day<'_> {
    /// The clock calls a user: the pause is over, or the visit.
    pub(super) fn called(&mut self, slot: u32, stamp: u32) {
        if self.users.is_void(slot, stamp) {
            return;
        }
        self.singly_dropped(slot);
        match self.users.get(slot).stage {
            Stage::Thinking => self.act(slot),
            _ => self.leave(slot),
        }
    }

    /// Draws what the user does now, and begins. Every number that the act needs is drawn here, in an
    /// order that depends on nothing else, so that the same person does the same in every scenario.
    pub(super) fn act(&mut self, slot: u32) {
        let spec = self.spec;
        let stamp = self.users.renew(slot);
        let user = self.users.get(slot);
        user.turn += 1;
        let group = &spec.groups[user.group as usize];
        let family = &mut self.crowds.families[user.group as usize];
        let stream = family.turn(user.number, u64::from(user.turn));
        let mut chosen = stream.uniform();
        let (size, jitter, think) = (stream.normal(), stream.normal(), stream.exponential());
        let at = group.acts.iter().position(|act| {
            chosen -= act.part;
            chosen < 0.0
        });
        // Rounding may leave a crumb behind the last.
        let at = at.unwrap_or(group.acts.len() - 1);
        let act = &group.acts[at];
        user.act = at as u32;
        user.leg = 0;
        user.broken = false;
        user.begun = self.now.nearest();
        user.size = lognormal(act.spread, size);
        (user.jitter, user.think) = (jitter, think);
        (user.transfer, user.service, user.wait) = (0.0, 0.0, 0.0);
        let works = self.users.works(slot);
        for (work, leg) in works.iter_mut().zip(&act.legs) {
            if let Leg::Work {
                seconds, spread, ..
            } = leg
            {
                *work = seconds * Law::service(*spread).draw(stream);
            }
        }
        let full = self.full(&act.trips.lanes);
        self.users.get(slot).full = full;
        self.next_leg(slot, stamp);
    }

    /// Chance that a packet over `lanes` finds one of their classes full now.
    fn full(&self, lanes: &[usize]) -> f64 {
        let passes = lanes.iter().map(|&lane| {
            1.0 - response::full(self.network.is_held(lane), self.network.transfers(lane))
        });
        1.0 - passes.product::<f64>()
    }

    /// Begins the leg that the user has come to, or ends the act.
    fn next_leg(&mut self, slot: u32, stamp: u32) {
        let spec = self.spec;
        let now = self.now;
        let user = self.users.get(slot);
        let act = &spec.groups[user.group as usize].acts[user.act as usize];
        user.leg_begun = now.nearest();
        match act.legs.get(user.leg as usize) {
            None => self.ended(slot, act),
            Some(&Leg::Transfer { path, bits }) => {
                user.stage = Stage::Transfer(path as u32);
                let bits = bits * user.size;
                self.network.arrive(now, path, slot, stamp, bits);
            }
            Some(&Leg::Work { station, .. }) => {
                user.stage = Stage::Work(station as u32);
                let leg = user.leg as usize;
                let work = self.users.works(slot)[leg];
                self.stations[station].arrive(now, slot, work);
                self.due.set(station, self.stations[station].due());
            }
        }
    }

    /// A transfer has ended.
    pub(super) fn transferred(&mut self, slot: u32) {
        let now = self.now.nearest();
        let user = self.users.get(slot);
        user.transfer += now - user.leg_begun;
        user.leg += 1;
        let stamp = self.users.stamp(slot);
        self.next_leg(slot, stamp);
    }

    /// A station has done its work.
    pub(super) fn worked(&mut self, slot: u32) {
        let now = self.now.nearest();
        let leg = self.users.get(slot).leg as usize;
        let work = self.users.works(slot)[leg];
        let stamp = self.users.stamp(slot);
        let user = self.users.get(slot);
        let took = now - user.leg_begun;
        if let Stage::Work(station) = user.stage {
            self.stayed[station as usize] += took;
        }
        user.service += work;
        user.wait += (took - work).max(0.0);
        user.leg += 1;
        if user.broken {
            return self.think_again(slot);
        }
        self.next_leg(slot, stamp);
    }

    /// All legs are done. What nobody is in the way of comes on top: the act ends that much later.
    fn ended(&mut self, slot: u32, act: &Act) {
        let now = self.now.nearest();
        let parts = self.parts(slot, act);
        let user = self.users.get(slot);
        let took: f64 = parts.iter().sum();
        let at = user.begun + took;
        self.clerk.act(act.label, at, took, &parts);
        let user = *user;
        let think = match &self.spec.groups[user.group as usize].crowd {
            Crowd::Online { think, .. } => Some(think * user.think),
            Crowd::Arriving(_) => None,
        };
        self.pause(slot, at.max(now), think);
    }

    /// The time of an act by its parts, seconds.
    fn parts(&mut self, slot: u32, act: &Act) -> [f64; PARTS] {
        let user = self.users.get(slot);
        let trips = &act.trips;
        let bytes = trips.bytes * user.size;
        let each = response::rounds(bytes, self.spec.initial_window);
        let rounds = trips.handshakes + trips.exchanges * each;
        let jitter = user.jitter * (rounds * trips.variance).sqrt();
        // Delays spread, but no round trip takes less than no time.
        let exchanged = (trips.exchanges * each * trips.rtt + jitter).max(0.0);
        let mut parts = [0.0; PARTS];
        let mut set = |part: Part, seconds: f64| parts[part as usize] = seconds;
        set(Part::Handshakes, trips.handshakes * trips.rtt);
        set(Part::Trips, exchanged);
        let queue = response::queue(user.full, self.spec.full_queue, trips.rtt);
        set(Part::Queue, rounds * queue);
        set(Part::Transfer, user.transfer);
        set(Part::Service, user.service);
        set(Part::Wait, user.wait);
        set(Part::Loops, act.loops);
        set(Part::Client, act.client);
        parts
    }

    /// The user pauses for `think` seconds from `at` on, unless the session ends before; without a
    /// pause the visit ends.
    pub(super) fn pause(&mut self, slot: u32, at: f64, think: Option<f64>) {
        let stamp = self.users.renew(slot);
        let user = self.users.get(slot);
        let next = think.map_or(at, |think| at + think);
        let stays = think.is_some() && next <= user.until;
        user.stage = match stays {
            true => Stage::Thinking,
            false => Stage::Leaving,
        };
        let call = if stays {
            next
        } else {
            user.until.min(next).max(at)
        };
        self.calendar.set(call, Strike::User(slot, stamp));
    }
}

/// A lognormal number of mean 1 whose deviation over its mean is `spread`, from a standard normal.
pub(super) fn lognormal(spread: f64, normal: f64) -> f64 {
    if spread == 0.0 {
        return 1.0;
    }
    let variance = libm::log1p(spread * spread);
    libm::exp(variance.sqrt() * normal - variance / 2.0)
}
