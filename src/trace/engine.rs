//! The tracer's decisions: what to send now, when to wake, when it is over. No sockets, no clock.
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
//! that answers while the target does not.
//!
//! **The end** is the last reply, or when no reply can be expected: three times the worst round trip
//! seen, at least 100 ms; one second while the target has not answered at all.

use std::time::Duration;

use super::{Ended, Fate, Response, Trace};
use crate::lang::Text;
use crate::probe::{Answer, Probe, Reply, Sequence, Troubles};
use crate::units::Moment;

/// How many distances beyond the furthest answer are probed. More finds long paths sooner; each
/// that overshoots costs the target an answer.
pub const LOOKAHEAD: u8 = 10;

/// ICMP errors that a Linux host sends to one address in a burst (`XRLIM_BURST_FACTOR`).
const BURST: usize = 6;

/// What the second round waits more when the burst is spent: half of the second in which the
/// target earns one answer, so that neither jitter nor a coarse kernel tick makes it miss one.
pub const RECOVERY: Duration = Duration::from_millis(500);

/// Probes that leave back to back; timers are too coarse (1 ms) to space single probes.
const TRAIN: u16 = 16;

/// Space after a train of probes, so that a long sweep overruns no queue on the way.
pub const PACE: Duration = Duration::from_millis(1);

/// The least time that a reply is waited for after the last probe.
const LEAST_GRACE: Duration = Duration::from_millis(100);

/// The same while the target has not answered at all and its distance in time is unknown.
const BLIND_GRACE: Duration = Duration::from_secs(1);

/// What to trace, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// First distance, from 1.
    pub first: u8,
    /// Last distance, at least `first`.
    pub last: u8,
    /// Number of sweeps, at least 1.
    pub rounds: u32,
    /// Time between the starts of two sweeps.
    pub interval: Duration,
    /// A reply after this long is late.
    pub patience: Duration,
    /// The distance at which the target is expected, when there is a plan of the path.
    pub expected: Option<u8>,
    /// Whether the target answers by ICMP errors, which hosts send sparingly.
    pub sparing_target: bool,
}

/// A probe that has been given out.
#[derive(Debug, Clone)]
struct Entry {
    probe: Probe,
    round: u32,
    sent: Option<Moment>,
    fate: Option<Fate>,
    duplicates: u32,
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
    settings: Settings,
    phase: Phase,
    round: u32,
    /// When the first sweep began.
    began: Option<Moment>,
    /// When this round began.
    round_began: Moment,
    /// The next distance of this round.
    next: u16,
    /// The next probe does not leave earlier.
    not_before: Moment,
    /// The last distance that this round may probe because answers stopped coming.
    opened: u16,
    /// The last time that the sweep got ahead: by an answer or by opening more distances.
    progress: Moment,
    entries: Vec<Entry>,
    /// Per distance: whether the latest answer was an arrival.
    arrived: [Option<bool>; 256],
    furthest: u8,
    worst: Duration,
    first_sweep: Option<Duration>,
    unmatched: u32,
}

impl Tracer {
    /// A run that has not begun. Settings out of range are brought into it: distances from 1,
    /// `last` not below `first`, one round at least.
    pub fn new(settings: Settings) -> Tracer {
        let first = settings.first.max(1);
        let settings = Settings {
            first,
            last: settings.last.max(first),
            rounds: settings.rounds.max(1),
            ..settings
        };
        Tracer {
            settings,
            phase: Phase::Sending,
            round: 0,
            began: None,
            round_began: Moment::default(),
            next: first.into(),
            not_before: Moment::default(),
            opened: 0,
            progress: Moment::default(),
            entries: Vec::new(),
            arrived: [None; 256],
            furthest: first - 1,
            worst: Duration::ZERO,
            first_sweep: None,
            unmatched: 0,
        }
    }

    /// The distance of the target: the nearest whose latest answer was an arrival.
    pub fn reached(&self) -> Option<u8> {
        let at = self
            .arrived
            .iter()
            .position(|arrived| *arrived == Some(true))?;
        u8::try_from(at).ok()
    }

    /// The last distance that this round probes, as far as is known now.
    fn limit(&self) -> u16 {
        let last = u16::from(self.settings.last);
        if let Some(reached) = self.reached() {
            return last.min(reached.into());
        }
        let ahead = match self.settings.expected {
            Some(planned) if self.furthest < planned => planned.into(),
            _ => u16::from(self.furthest) + u16::from(LOOKAHEAD),
        };
        last.min(ahead.max(self.opened))
    }

    /// How long replies are waited for when nothing else is to be done.
    fn grace(&self) -> Duration {
        let least = match self.reached() {
            Some(_) => LEAST_GRACE,
            None => BLIND_GRACE,
        };
        (self.worst * 3).max(least).min(self.settings.patience)
    }

    /// How long the first sweep waits for answers before it goes further into the dark.
    fn pause(&self) -> Duration {
        (self.worst * 3).max(LEAST_GRACE)
    }

    /// The next probe to send now, if any.
    pub fn poll_probe(&mut self, now: Moment) -> Option<Probe> {
        if self.began.is_none() {
            self.began = Some(now);
            self.round_began = now;
            self.progress = now;
        }
        if let Phase::Between(planned) = self.phase
            && now >= self.next_round(planned)
        {
            // The schedule is kept, not the delay of this wake-up handed on.
            self.round_began = self.next_round(planned);
            self.phase = Phase::Sending;
            self.round += 1;
            self.next = self.settings.first.into();
            self.opened = 0;
        }
        if self.phase != Phase::Sending {
            return None;
        }
        if self.next > self.limit() {
            if !self.may_open_more() {
                self.end_round(now);
                // A sweep that took longer than the interval is followed at once.
                return self.poll_probe(now);
            }
            if now < self.progress + self.pause() {
                return None;
            }
            self.opened = self.next + u16::from(LOOKAHEAD) - 1;
            self.progress = now;
        }
        if now < self.not_before {
            return None;
        }
        let sequence = Sequence(u32::try_from(self.entries.len()).ok()?);
        let probe = Probe::plain(sequence, u8::try_from(self.next).ok()?);
        self.next += 1;
        if (self.next - u16::from(self.settings.first)).is_multiple_of(TRAIN) {
            self.not_before = now + PACE;
        }
        self.entries.push(Entry {
            probe,
            round: self.round,
            sent: None,
            fate: None,
            duplicates: 0,
        });
        Some(probe)
    }

    /// Whether the first sweep still looks for the target beyond what it has probed.
    fn may_open_more(&self) -> bool {
        self.round == 0 && self.reached().is_none() && self.next <= u16::from(self.settings.last)
    }

    fn end_round(&mut self, now: Moment) {
        self.phase = if self.round + 1 >= self.settings.rounds {
            Phase::Listening
        } else {
            Phase::Between((self.round_began + self.settings.interval).max(now))
        };
    }

    /// When the next round begins, which was to begin at `planned`. Asked anew each time: the target
    /// may turn out to be near only after the first sweep has been sent.
    fn next_round(&self, planned: Moment) -> Moment {
        match self.round == 0 && self.burst_spent() {
            true => planned + RECOVERY,
            false => planned,
        }
    }

    /// Whether the first sweep has asked the target for more answers than it gives at once, and the
    /// interval is one that it can keep up with otherwise.
    fn burst_spent(&self) -> bool {
        let reached = self.reached().unwrap_or(u8::MAX);
        let at_target = |entry: &&Entry| entry.probe.distance >= reached;
        let keeps_up = self.settings.interval >= Duration::from_secs(1);
        self.settings.sparing_target
            && keeps_up
            && self.entries.iter().filter(at_target).count() >= BURST
    }

    /// Takes note of when a probe left, or why it did not.
    pub fn handle_sent(&mut self, sequence: Sequence, sent: Result<Moment, Text>) {
        let Some(entry) = self.entries.get_mut(sequence.0 as usize) else {
            return;
        };
        match sent {
            Ok(moment) => entry.sent = Some(moment),
            Err(why) => entry.fate = Some(Fate::Unsent(why)),
        }
    }

    /// Takes note of a reply.
    pub fn handle_reply(&mut self, reply: &Reply) {
        let entry = reply
            .probe
            .and_then(|(_, sequence)| self.entries.get_mut(sequence.0 as usize));
        let Some((entry, sent)) = entry.and_then(|entry| entry.sent.map(|sent| (entry, sent)))
        else {
            self.unmatched += 1;
            return;
        };
        if entry.fate.is_some() {
            entry.duplicates += 1;
            return;
        }
        let round_trip = reply.received.since(reply.sent.unwrap_or(sent));
        let response = Response {
            responder: reply.responder,
            answer: reply.answer,
            round_trip,
            stamp: reply.stamp,
            detail: reply.detail.clone(),
        };
        let in_time = round_trip <= self.settings.patience;
        entry.fate = Some(match in_time {
            true => Fate::Answered(response),
            false => Fate::Late(response),
        });
        let distance = entry.probe.distance;
        self.worst = self.worst.max(round_trip);
        self.arrived[usize::from(distance)] = Some(matches!(reply.answer, Answer::Arrived(_)));
        if distance > self.furthest {
            self.furthest = distance;
            self.progress = reply.received;
        }
    }

    /// Until when an answer to some probe of the first `reached` distances can still be expected.
    fn expecting(&self, rounds: std::ops::Range<u32>) -> Option<Moment> {
        let reached = self.reached().unwrap_or(u8::MAX);
        let grace = self.grace();
        let open = self.entries.iter().filter(|entry| {
            rounds.contains(&entry.round) && entry.fate.is_none() && entry.probe.distance <= reached
        });
        open.filter_map(|entry| entry.sent)
            .max()
            .map(|sent| sent + grace)
    }

    /// How long after the start the first sweep had told all that it will tell; `None` before.
    pub fn first_sweep(&mut self, now: Moment) -> Option<Duration> {
        let swept = self.round > 0 || self.phase != Phase::Sending;
        if self.first_sweep.is_none() && swept && self.expecting(0..1).is_none_or(|at| at <= now) {
            self.first_sweep = self.began.map(|began| now.since(began));
        }
        self.first_sweep
    }

    /// When to ask again if no reply comes before; `None` when the run is over.
    pub fn poll_wake(&self, now: Moment) -> Option<Moment> {
        match self.phase {
            Phase::Sending if self.next > self.limit() => Some(self.progress + self.pause()),
            Phase::Sending => Some(self.not_before),
            Phase::Between(planned) => {
                let start = self.next_round(planned);
                let sweep = self.expecting(0..1).filter(|_| self.first_sweep.is_none());
                Some(sweep.map_or(start, |sweep| sweep.min(start)))
            }
            Phase::Listening => self.expecting(0..u32::MAX).filter(|until| *until > now),
        }
    }

    /// The facts so far. A probe without an answer is lost as far as they go.
    pub fn trace(&self, now: Moment, troubles: Troubles) -> Trace {
        let ended = self.entries.iter().map(|entry| Ended {
            probe: entry.probe,
            round: entry.round,
            sent: entry.sent,
            fate: entry.fate.clone().unwrap_or(Fate::Lost),
            duplicates: entry.duplicates,
        });
        Trace {
            ended: ended.collect(),
            first: self.settings.first,
            reached: self.reached(),
            first_sweep: self.first_sweep,
            took: self.began.map_or(Duration::ZERO, |began| now.since(began)),
            unmatched: self.unmatched,
            troubles,
        }
    }
}

#[cfg(test)]
mod tests;
