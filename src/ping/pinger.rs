//! The pinger's decisions: what to send now, when to wake, when it is over. No sockets, no clock.
//!
//! Ask [`Pinger::poll_probe`] until it gives nothing more, telling [`Pinger::handle_sent`] of each;
//! give every reply that is there to [`Pinger::handle_reply`]; only then ask
//! [`Pinger::poll_timeout`], so that a reply that was merely read late is not taken for missing.
//! Wait until [`Pinger::poll_wake`], and ask again; it gives `None` when the run is over.
//!
//! **Late is not lost.** A probe without a reply in time counts as lost until its reply comes after
//! all. A run with an end therefore listens, for a target whose replies are late, three times its
//! worst round trip after its last probe: the last late reply is not lost either.

use std::time::Duration;

use super::deadlines::{Deadlines, Waiting};
use super::event::{Event, What};
use super::record::{Record, Standing};
use super::schedule::Schedule;
use super::settings::{Mode, Settings};
use super::tally::{Overall, Traffic};
use super::times::RoundTrips;
use super::window::State;
use crate::lang::Text;
use crate::probe::{Answer, Flow, Probe, Reply, Sequence, Target};
use crate::units::Moment;

/// A run listens for late replies no longer than this after its last probe.
const LATEST: Duration = Duration::from_secs(10);

/// A run over several targets.
#[derive(Debug, Clone)]
pub struct Pinger {
    settings: Settings,
    sizes: Vec<u16>,
    records: Vec<Record>,
    schedule: Schedule,
    deadlines: Deadlines,
    began: Option<Moment>,
    next_report: Option<Moment>,
    stopped: bool,
    /// Targets of which nothing is known yet.
    unknown: usize,
    traffic: Traffic,
}

impl Pinger {
    /// A run that has not begun, with one target for each of `sizes`: the bytes of its probes, 0 to
    /// leave that to the network.
    pub fn new(settings: Settings, sizes: Vec<u16>) -> Pinger {
        let trips = match settings.keep {
            true => RoundTrips::each,
            false => RoundTrips::binned,
        };
        let (backoff, attempts) = match settings.mode {
            Mode::Alive { retries, backoff } => (backoff, retries.saturating_add(1)),
            Mode::Count(_) | Mode::Loop => (1.0, 1),
        };
        let targets = u32::try_from(sizes.len()).unwrap_or(u32::MAX);
        Pinger {
            settings,
            records: sizes.iter().map(|_| Record::new(trips())).collect(),
            unknown: sizes.len(),
            sizes,
            schedule: Schedule::new(targets, settings.gap, Moment::default()),
            deadlines: Deadlines::new(settings.patience, backoff, attempts),
            began: None,
            next_report: None,
            stopped: false,
            traffic: Traffic::default(),
        }
    }

    /// How the run goes.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is known of each target.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What is known of one target.
    pub fn record(&self, target: Target) -> Option<&Record> {
        self.records.get(target.0 as usize)
    }

    /// Counts over all targets.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Times over all targets.
    pub fn overall(&self) -> Overall {
        Overall::of(self.records.iter().map(|record| &record.total.times))
    }

    /// How long the run has taken.
    pub fn took(&self, now: Moment) -> Duration {
        self.began.map_or(Duration::ZERO, |began| now.since(began))
    }

    /// Targets that have replied.
    pub fn alive(&self) -> usize {
        let alive = |record: &&Record| record.standing == Standing::Alive;
        self.records.iter().filter(alive).count()
    }

    /// The next probe to send now, if any.
    pub fn poll_probe(&mut self, now: Moment) -> Option<Probe> {
        if self.began.is_none() {
            self.began = Some(now);
            self.next_report = self.settings.report_every.map(|every| now + every);
            self.schedule = Schedule::new(self.sizes.len() as u32, self.settings.gap, now);
        }
        loop {
            let (target, due) = self.schedule.take(now)?;
            let record = self.records.get_mut(target.0 as usize)?;
            let asked = matches!(self.settings.mode, Mode::Alive { .. });
            if asked && record.standing != Standing::Waiting {
                continue;
            }
            let sequence = record.give_out(now);
            self.schedule.sent(now);
            let goes_on = match self.settings.mode {
                Mode::Alive { .. } => false,
                Mode::Count(count) => sequence.0 + 1 < count,
                Mode::Loop => true,
            };
            if goes_on {
                // The schedule is kept; only a turn missed altogether is not made up for.
                let next = due + self.settings.period;
                let next = if next > now {
                    next
                } else {
                    now + self.settings.period
                };
                self.schedule.add(target, next);
            }
            return Some(Probe {
                target,
                sequence,
                distance: self.settings.distance,
                flow: Flow::default(),
                size: self.sizes.get(target.0 as usize).copied().unwrap_or(0),
                service: true,
            });
        }
    }

    /// Takes note of when a probe left, or why it did not.
    pub fn handle_sent(&mut self, probe: Probe, sent: Result<Moment, Text>) -> Option<Event> {
        let (target, sequence) = probe.id();
        let attempt = self.attempt(sequence);
        let record = self.records.get_mut(target.0 as usize)?;
        let slot = record.window.get_mut(sequence)?;
        let why = match sent {
            Ok(moment) => {
                slot.sent = moment;
                self.deadlines.add(attempt, moment, target, sequence);
                self.traffic.sent += 1;
                return None;
            }
            Err(why) => why,
        };
        slot.state = State::Unsent;
        let at = slot.sent;
        record.total.unsent += 1;
        self.unknown -= usize::from(!std::mem::replace(&mut record.known, true));
        if matches!(self.settings.mode, Mode::Alive { .. }) {
            record.standing = Standing::Unreachable;
        }
        let told = record.fault.replace(why.clone()).as_ref() == Some(&why);
        (!told).then_some(Event {
            target,
            sequence,
            at,
            what: What::Unsent(why),
        })
    }

    /// Which attempt at its target a probe is, as far as waiting goes.
    fn attempt(&self, sequence: Sequence) -> u32 {
        match self.settings.mode {
            Mode::Alive { .. } => sequence.0,
            Mode::Count(_) | Mode::Loop => 0,
        }
    }

    /// Takes note of a reply.
    pub fn handle_reply(&mut self, reply: &Reply) -> Option<Event> {
        let found = self.place(reply);
        if found.is_none() {
            self.traffic.unmatched += 1;
        }
        found
    }

    /// Finds the probe of a reply and notes what the reply says of it; `None` when there is none.
    fn place(&mut self, reply: &Reply) -> Option<Event> {
        let (target, sequence) = reply.probe?;
        let patience = self.deadlines.patience(self.attempt(sequence));
        let record = self.records.get_mut(target.0 as usize)?;
        let slot = record.window.get_mut(sequence)?;
        let (responder, answer) = (reply.responder, reply.answer);
        let round_trip = reply.received.since(reply.sent.unwrap_or(slot.sent));
        let what = if !matches!(answer, Answer::Arrived(_)) {
            record.total.errors += 1;
            record.error = Some((responder, answer));
            self.traffic.errors += 1;
            What::Error { responder, answer }
        } else {
            let before = std::mem::replace(&mut slot.state, State::Answered);
            self.traffic.replies += 1;
            match before {
                State::Unsent => return None,
                State::Answered => {
                    record.total.duplicates += 1;
                    What::Duplicate {
                        round_trip,
                        responder,
                    }
                }
                State::Open | State::TimedOut => {
                    let late = round_trip > patience;
                    record.reply(sequence, round_trip, late, before == State::TimedOut);
                    self.unknown -= usize::from(!std::mem::replace(&mut record.known, true));
                    if record.standing == Standing::Waiting {
                        record.standing = Standing::Alive;
                    }
                    let detail = reply.detail.as_deref();
                    What::Answered {
                        round_trip,
                        late,
                        responder,
                        answer,
                        phases: detail.and_then(|detail| detail.phases),
                        certificate: record.exchanges.take(answer, detail),
                    }
                }
            }
        };
        Some(Event {
            target,
            sequence,
            at: reply.received,
            what,
        })
    }

    /// The next of the probes, or targets, that were waited for long enough.
    pub fn poll_timeout(&mut self, now: Moment) -> Option<Event> {
        loop {
            let (until, target, sequence) = self.next_deadline().filter(|next| next.0 <= now)?;
            let record = self.records.get_mut(target.0 as usize)?;
            record.window.get_mut(sequence)?.state = State::TimedOut;
            record.total.lost += 1;
            self.traffic.timeouts += 1;
            self.unknown -= usize::from(!std::mem::replace(&mut record.known, true));
            let what = match self.settings.mode {
                Mode::Count(_) | Mode::Loop => What::TimedOut,
                Mode::Alive { retries, .. } if sequence.0 < retries => {
                    self.schedule.add(target, now);
                    continue;
                }
                Mode::Alive { .. } => {
                    record.standing = Standing::Unreachable;
                    What::GivenUp
                }
            };
            return Some(Event {
                target,
                sequence,
                at: until,
                what,
            });
        }
    }

    fn next_deadline(&mut self) -> Option<Waiting> {
        let asked = matches!(self.settings.mode, Mode::Alive { .. });
        let records = &self.records;
        self.deadlines.next(|target, sequence| {
            let record = records.get(target.0 as usize);
            record.is_some_and(|record| {
                record.window.is_open(sequence) && !(asked && record.standing != Standing::Waiting)
            })
        })
    }

    /// Whether of every target the first figures are known.
    pub fn is_known(&self) -> bool {
        self.unknown == 0
    }

    /// Whether the figures of an interval are to be reported now; asked once, it is said once.
    pub fn poll_report(&mut self, now: Moment) -> bool {
        let (Some(at), Some(every)) = (self.next_report, self.settings.report_every) else {
            return false;
        };
        if self.stopped || at > now {
            return false;
        }
        let next = at + every;
        self.next_report = Some(if next > now { next } else { now + every });
        true
    }

    /// Begins the next interval.
    pub fn begin_interval(&mut self) {
        self.records.iter_mut().for_each(Record::begin_interval);
    }

    /// Ends the run now. What is still under way is in no count.
    pub fn stop(&mut self) {
        self.stopped = true;
        self.schedule.clear();
    }

    /// When to ask again if no reply comes before; `None` when the run is over.
    pub fn poll_wake(&mut self, now: Moment) -> Option<Moment> {
        if self.stopped {
            return None;
        }
        let turn = self.schedule.wake();
        let deadline = self.next_deadline().map(|(until, ..)| until);
        let next = turn.into_iter().chain(deadline).min();
        let next = next.or_else(|| self.late_until().filter(|until| *until > now))?;
        Some(self.next_report.map_or(next, |report| report.min(next)))
    }

    /// Until when a late reply may still come from a target whose replies are late.
    fn late_until(&self) -> Option<Moment> {
        let Mode::Count(_) = self.settings.mode else {
            return None;
        };
        let until = |record: &Record| {
            let worst = Duration::from_nanos(record.total.times.max()? as u64);
            Some(record.window.last_timed_out()? + (worst * 3).min(LATEST))
        };
        let late = self.records.iter().filter(|record| record.total.late > 0);
        late.filter_map(until).max()
    }
}
