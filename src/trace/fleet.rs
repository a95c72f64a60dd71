//! Several targets over one network: who sends next, at what pace, and whose reply it is.
//!
//! Each target has a [`Tracer`]; the fleet hands out their probes in trains, so that no queue on
//! the way or in this host is overrun, and lets all of them share one budget per router. Drive it
//! like a tracer: [`Fleet::send`], then wait for a reply until [`Fleet::poll_wake`] and give it to
//! [`Fleet::handle_reply`]; [`run`](super::run) does just that.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::budget::Budget;
use super::engine::{Settings, Tracer};
use super::{Ended, Trace};
use crate::probe::{Network, Probe, Reply, Target, Troubles};
use crate::units::Moment;

/// Probes that leave back to back; timers are too coarse (1 ms) to space single probes.
const TRAIN: u32 = 16;

/// Space after a train of probes.
pub const PACE: Duration = Duration::from_millis(1);

/// What happened, for whoever looks on while a run goes on.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A probe was sent, or could not be.
    Sent(Probe),
    /// A probe that did not overshoot the target got its answer, or is given up.
    Ended(&'a Ended),
    /// The first sweep of this one has told all that it will tell, at this moment.
    Swept(&'a Tracer, Moment),
}

/// A tracer and when it is to be asked again.
#[derive(Debug, Clone)]
struct Ship {
    tracer: Tracer,
    /// `None` when its run is over.
    wake: Option<Moment>,
    swept: bool,
}

/// The tracers of one run.
#[derive(Debug, Clone)]
pub struct Fleet {
    ships: Vec<Ship>,
    budget: Budget,
    /// Probes of the present train.
    train: u32,
    /// The next probe does not leave earlier.
    not_before: Moment,
    /// Replies that name no target of ours.
    unmatched: u32,
    /// Replies that do not say which probe they answer, by who sent them.
    untold: BTreeMap<IpAddr, u32>,
}

impl Fleet {
    /// A run to targets 0, 1, … with their settings; each router is asked at most once per `gap`,
    /// by all of them together.
    pub fn new(settings: impl IntoIterator<Item = Settings>, gap: Duration) -> Fleet {
        let settings: Vec<Settings> = settings.into_iter().collect();
        let interval = settings.iter().map(|settings| settings.interval).max();
        let budget = Budget::new(gap, interval.unwrap_or_default());
        let ships = settings.into_iter().zip(0..).map(|(settings, at)| Ship {
            tracer: Tracer::new(Target(at), settings),
            wake: Some(Moment::default()),
            swept: false,
        });
        Fleet {
            ships: ships.collect(),
            budget,
            train: 0,
            not_before: Moment::default(),
            unmatched: 0,
            untold: BTreeMap::new(),
        }
    }

    /// The tracer of a target.
    pub fn tracer(&self, target: Target) -> Option<&Tracer> {
        self.ships.get(target.0 as usize).map(|ship| &ship.tracer)
    }

    /// Sends all that is due and may leave now.
    pub fn send<N: Network>(&mut self, network: &mut N, seen: &mut impl FnMut(Seen)) {
        let now = network.now();
        if now >= self.not_before {
            self.train = 0;
        }
        let awake = |ship: &&mut Ship| ship.wake.is_some_and(|wake| wake <= now);
        for ship in self.ships.iter_mut().filter(awake) {
            let (budget, target) = (&mut self.budget, ship.tracer.target());
            let mut may = |key, distance, now| budget.may_ask(key, (target, distance), now);
            loop {
                if self.train == TRAIN {
                    self.not_before = network.now() + PACE;
                    return;
                }
                let Some(probe) = ship.tracer.poll_probe(now, &mut may) else {
                    break;
                };
                let sent = network.send(probe);
                ship.tracer.handle_sent(probe.sequence, sent);
                seen(Seen::Sent(probe));
                self.train += 1;
            }
            ship.settle(now, seen);
        }
    }

    /// Takes note of a reply.
    pub fn handle_reply(&mut self, reply: &Reply, seen: &mut impl FnMut(Seen)) {
        let target = reply.probe.map(|(target, _)| target.0 as usize);
        let Some(ship) = target.and_then(|target| self.ships.get_mut(target)) else {
            self.unmatched += 1;
            if reply.probe.is_none() {
                *self.untold.entry(reply.responder).or_default() += 1;
            }
            return;
        };
        if let Some(ended) = ship.tracer.handle_reply(reply)
            && ship.tracer.is_on_path(&ended.probe)
        {
            seen(Seen::Ended(&ended));
        }
        // It may have something to send now, or to say.
        if let Some(wake) = &mut ship.wake {
            *wake = (*wake).min(reply.received);
        }
    }

    /// From `now` on, the sweeps of every target start `interval` apart; what was due before, while
    /// nobody sent, is not caught up. The gap between two questions to a router stays as it is.
    pub fn reschedule(&mut self, interval: Duration, now: Moment) {
        self.budget.set_interval(interval);
        for ship in self.ships.iter_mut().filter(|ship| ship.wake.is_some()) {
            ship.tracer.reschedule(interval, now);
            ship.wake = ship.tracer.poll_wake(now);
        }
    }

    /// When to send again if no reply comes before; `None` when the run is over.
    pub fn poll_wake(&self) -> Option<Moment> {
        let soonest = self.ships.iter().filter_map(|ship| ship.wake).min()?;
        Some(match self.train < TRAIN {
            true => soonest,
            false => soonest.max(self.not_before),
        })
    }

    /// The facts of every target so far. What happened to the network as a whole stands in each.
    pub fn traces(&self, now: Moment, troubles: Troubles) -> Vec<Trace> {
        let trace = |ship: &Ship| {
            let mut trace = ship.tracer.trace(now, troubles);
            trace.unmatched += self.unmatched;
            trace.untold = self
                .untold
                .iter()
                .map(|(by, count)| (*by, *count))
                .collect();
            trace
        };
        self.ships.iter().map(trace).collect()
    }
}

impl Ship {
    /// Once nothing is to be sent: whether the first sweep is over, and when to wake.
    fn settle(&mut self, now: Moment, seen: &mut impl FnMut(Seen)) {
        if !self.swept && self.tracer.first_sweep(now).is_some() {
            self.swept = true;
            seen(Seen::Swept(&self.tracer, now));
        }
        for lost in self.tracer.give_up(now) {
            if self.tracer.is_on_path(&lost.probe) {
                seen(Seen::Ended(&lost));
            }
        }
        self.wake = self.tracer.poll_wake(now);
    }
}

#[cfg(test)]
mod tests;
