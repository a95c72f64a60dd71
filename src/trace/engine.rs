//! The decisions for one target: what to send now, when to wake, when it is over. No sockets, no
//! clock. A [`Fleet`](super::fleet::Fleet) drives one of these for each target.
//!
//! Ask [`Tracer::poll_probe`] until it gives nothing more, telling [`Tracer::handle_sent`] of each;
//! then wait for a reply until [`Tracer::poll_wake`], give it to [`Tracer::handle_reply`], and ask
//! again. `poll_wake` gives `None` when the run is over.
//!
//! **First sweep.** Distances are probed [`LOOKAHEAD`] beyond the furthest that has answered, so
//! near answers pull the sweep along and all hops are known after about one round trip. When
//! answers stop coming, the sweep goes on after a pause. With a plan of the path, exactly the
//! planned distances go out at once.
//!
//! **Overshoot.** Probes beyond the target all reach the target, and a Linux host sends six ICMP
//! errors to one address in a burst and one a second thereafter (`icmp_ratelimit`). Sending all 30
//! distances would leave it nothing to answer the next rounds with: false loss. After a sweep
//! that has spent the burst, the second round therefore begins [`RECOVERY`] later, once.
//!
//! **Rounds** follow at the interval, each up to the target, or a little beyond the last hop
//! that answers while the target does not. A hop whose router has been asked enough of late, by
//! this target or another, is passed over in this round; the target itself never is.
//!
//! **The service** of the target is asked once a round where the settings say so: hosts answer it
//! freely where they send ICMP errors sparingly, so it vouches for the way.
//!
//! **Memory.** A run without end keeps the facts of its latest rounds only
//! ([`Settings::keep`]) and says how many it has forgotten.
//!
//! **The end** is the last reply, or when no reply can be expected: three times the worst round trip
//! seen, at least 100 ms; one second while the target has not answered at all.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use super::budget::Key;
use super::ecmp::Discovery;
use super::{Ended, Fate, Response, Trace};
use crate::lang::Text;
use crate::probe::{Answer, Flow, Probe, Reply, Sequence, Target, Troubles};
use crate::units::Moment;

pub use settings::{Flows, Settings};

mod rounds;
mod settings;
mod waiting;

/// How many distances beyond the furthest answer are probed. More finds long paths sooner; each
/// that overshoots costs the target an answer.
pub const LOOKAHEAD: u8 = 10;

/// ICMP errors that a Linux host sends to one address in a burst (`XRLIM_BURST_FACTOR`).
const BURST: usize = 6;

/// What the second round waits more when the burst is spent: half of the second in which the
/// target earns one answer, so that neither jitter nor a coarse kernel tick makes it miss one.
pub const RECOVERY: Duration = Duration::from_millis(500);

/// The distance of a probe of the service: as far as a packet can go.
const ALL_THE_WAY: u8 = u8::MAX;

/// The least time that a reply is waited for after the last probe.
const LEAST_GRACE: Duration = Duration::from_millis(100);

/// The same while the target has not answered at all and its distance in time is unknown.
const BLIND_GRACE: Duration = Duration::from_secs(1);

/// A probe that has been given out.
#[derive(Debug, Clone)]
struct Entry {
    probe: Probe,
    round: u32,
    sent: Option<Moment>,
    fate: Option<Fate>,
    duplicates: u32,
}

impl Entry {
    /// Whether an answer may still come.
    fn is_open(&self) -> bool {
        self.fate.is_none()
    }

    /// The facts so far: without an answer it is lost as far as they go.
    fn ended(&self) -> Ended {
        Ended {
            probe: self.probe,
            round: self.round,
            sent: self.sent,
            fate: self.fate.clone().unwrap_or(Fate::Lost),
            duplicates: self.duplicates,
        }
    }
}

/// Where the run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Probes of this round are still to be sent.
    Sending,
    /// This round is sent; the next one begins at the moment given.
    Between(Moment),
    /// All rounds are sent.
    Listening,
}

/// One run over one path. The module says how to drive it.
#[derive(Debug, Clone)]
pub struct Tracer {
    target: Target,
    settings: Settings,
    phase: Phase,
    round: u32,
    /// When the first sweep began.
    began: Option<Moment>,
    /// When this round began.
    round_began: Moment,
    /// The next distance of this round.
    next: u16,
    /// Whether the service is still to be asked in this round.
    service_due: bool,
    /// The last distance that this round may probe because answers stopped coming.
    opened: u16,
    /// The last time that the sweep got ahead: by an answer or by opening more distances.
    progress: Moment,
    /// Probes of the rounds that are remembered, in the order of their sequences.
    entries: VecDeque<Entry>,
    /// The sequence of the first of them.
    base: u32,
    /// Rounds that are no longer remembered.
    forgotten: u32,
    /// Sequences of probes that may still be answered in time, oldest first, and some that have
    /// been answered since.
    open: VecDeque<u32>,
    /// What the flows have shown, when branches are looked for.
    discovery: Option<Discovery>,
    /// Per distance: who answered last, and whether that was an arrival.
    answered: [Option<(IpAddr, bool)>; 256],
    furthest: u8,
    worst: Duration,
    first_sweep: Option<Duration>,
    unmatched: u32,
}

impl Tracer {
    /// A run to `target` that has not begun. Settings out of range are brought into it: distances
    /// from 1, `last` not below `first`, one round, one flow and one round of memory at least.
    pub fn new(target: Target, settings: Settings) -> Tracer {
        let first = settings.first.max(1);
        let settings = Settings {
            first,
            last: settings.last.max(first),
            rounds: settings.rounds.max(1),
            keep: settings.keep.map(|keep| keep.max(1)),
            ..settings
        };
        Tracer {
            target,
            settings,
            phase: Phase::Sending,
            round: 0,
            began: None,
            round_began: Moment::default(),
            next: first.into(),
            service_due: settings.service,
            opened: 0,
            progress: Moment::default(),
            entries: VecDeque::new(),
            base: 0,
            forgotten: 0,
            open: VecDeque::new(),
            discovery: (settings.flows == Flows::Discover).then(Discovery::default),
            answered: [None; 256],
            furthest: first - 1,
            worst: Duration::ZERO,
            first_sweep: None,
            unmatched: 0,
        }
    }

    /// The target of this run.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The distance of the target: the nearest whose latest answer was an arrival.
    pub fn reached(&self) -> Option<u8> {
        let arrived = |answered: &Option<(IpAddr, bool)>| answered.is_some_and(|(_, there)| there);
        u8::try_from(self.answered.iter().position(arrived)?).ok()
    }

    /// Whether a probe asks a hop up to the target, or its service.
    pub fn is_on_path(&self, probe: &Probe) -> bool {
        probe.service
            || self
                .reached()
                .is_none_or(|reached| probe.distance <= reached)
    }

    /// The next probe to send now, if any. `may` says whether a router may be asked now, at this
    /// distance, and takes note that it is.
    pub fn poll_probe(
        &mut self,
        now: Moment,
        may: &mut impl FnMut(Key, u8, Moment) -> bool,
    ) -> Option<Probe> {
        if self.began.is_none() {
            self.began = Some(now);
            self.round_began = now;
            self.progress = now;
        }
        loop {
            if let Phase::Between(planned) = self.phase
                && now >= self.next_round(planned)
            {
                self.begin_round(planned);
            }
            if self.phase != Phase::Sending {
                return None;
            }
            if self.service_due {
                self.service_due = false;
                return self.give_out(ALL_THE_WAY, true);
            }
            if self.next > self.limit() {
                if !self.may_open_more() {
                    // A sweep that took longer than the interval is followed at once.
                    self.end_round(now);
                    continue;
                }
                if now < self.progress + self.pause() {
                    return None;
                }
                self.opened = self.next + u16::from(LOOKAHEAD) - 1;
                self.progress = now;
            }
            let distance = u8::try_from(self.next).ok()?;
            self.next += 1;
            let known = self
                .discovery
                .as_ref()
                .is_some_and(|seen| seen.is_done(distance));
            let exempt = self.round == 0 || self.reached() == Some(distance);
            if !known && (exempt || may(self.key(distance), distance, now)) {
                return self.give_out(distance, false);
            }
        }
    }

    /// What the budget knows a hop by.
    fn key(&self, distance: u8) -> Key {
        match self.answered[usize::from(distance)] {
            Some((responder, _)) => Key::Responder(responder),
            None => Key::Silent(distance),
        }
    }

    /// Notes a probe and hands it out.
    fn give_out(&mut self, distance: u8, service: bool) -> Option<Probe> {
        let sequence = self
            .base
            .checked_add(u32::try_from(self.entries.len()).ok()?)?;
        let round = u16::try_from(self.round).ok();
        let flow = match (self.settings.flows, &self.discovery) {
            (Flows::Turns(count), _) => {
                Flow(u16::try_from(self.round % u32::from(count.max(1))).ok()?)
            }
            (Flows::Discover, Some(seen)) if !service => seen.flow(distance, round?),
            (Flows::Discover, _) => Flow(round?),
        };
        if let Some(seen) = self.discovery.as_mut().filter(|_| !service) {
            seen.ask(distance);
        }
        let probe = Probe {
            target: self.target,
            sequence: Sequence(sequence),
            distance,
            flow,
            size: self.settings.size,
            service,
        };
        self.entries.push_back(Entry {
            probe,
            round: self.round,
            sent: None,
            fate: None,
            duplicates: 0,
        });
        self.open.push_back(sequence);
        Some(probe)
    }

    fn entry(&self, sequence: u32) -> Option<&Entry> {
        self.entries.get(sequence.checked_sub(self.base)? as usize)
    }

    fn entry_mut(&mut self, sequence: u32) -> Option<&mut Entry> {
        self.entries
            .get_mut(sequence.checked_sub(self.base)? as usize)
    }

    /// Takes note of when a probe left, or why it did not.
    pub fn handle_sent(&mut self, sequence: Sequence, sent: Result<Moment, Text>) {
        let Some(entry) = self.entry_mut(sequence.0) else {
            return;
        };
        match sent {
            Ok(moment) => entry.sent = Some(moment),
            Err(why) => entry.fate = Some(Fate::Unsent(why)),
        }
    }

    /// Takes note of a reply, and gives the probe that it ends, when it ends one.
    pub fn handle_reply(&mut self, reply: &Reply) -> Option<Ended> {
        let patience = self.settings.patience;
        let entry = reply
            .probe
            .and_then(|(_, sequence)| self.entry_mut(sequence.0));
        let Some((entry, sent)) = entry.and_then(|entry| entry.sent.map(|sent| (entry, sent)))
        else {
            self.unmatched += 1;
            return None;
        };
        if entry.fate.is_some() {
            entry.duplicates += 1;
            return None;
        }
        let round_trip = reply.received.since(reply.sent.unwrap_or(sent));
        let response = Response {
            responder: reply.responder,
            answer: reply.answer,
            round_trip,
            stamp: reply.stamp,
            detail: reply.detail.clone(),
        };
        entry.fate = Some(match round_trip <= patience {
            true => Fate::Answered(response),
            false => Fate::Late(response),
        });
        let ended = entry.ended();
        self.worst = self.worst.max(round_trip);
        if !ended.probe.service {
            let distance = ended.probe.distance;
            let arrived = matches!(reply.answer, Answer::Arrived(_));
            self.answered[usize::from(distance)] = Some((reply.responder, arrived));
            if let Some(seen) = &mut self.discovery {
                seen.answer(distance, ended.probe.flow, reply.responder, arrived);
            }
            if distance > self.furthest {
                self.furthest = distance;
                self.progress = reply.received;
            }
        }
        self.close_answered();
        Some(ended)
    }

    /// The facts so far. A probe whose answer may still come is none; without one it is lost as far as
    /// they go.
    pub fn trace(&self, now: Moment, troubles: Troubles) -> Trace {
        let grace = self.grace();
        let awaited = |entry: &Entry| {
            let may_come = entry.sent.is_some_and(|sent| now < sent + grace);
            entry.is_open() && may_come && self.is_on_path(&entry.probe)
        };
        let ended = self.entries.iter().filter(|entry| !awaited(entry));
        Trace {
            ended: ended.map(Entry::ended).collect(),
            forgotten: self.forgotten,
            first: self.settings.first,
            reached: self.reached(),
            first_sweep: self.first_sweep,
            took: self.began.map_or(Duration::ZERO, |began| now.since(began)),
            unmatched: self.unmatched,
            untold: Vec::new(),
            troubles,
        }
    }
}

#[cfg(test)]
mod tests;
