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
                return None;
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
        let probe = Probe {
            sequence: Sequence(u32::try_from(self.entries.len()).ok()?),
            distance: u8::try_from(self.next).ok()?,
        };
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
            .sequence
            .and_then(|sequence| self.entries.get_mut(sequence.0 as usize));
        let Some((entry, sent)) = entry.and_then(|entry| entry.sent.map(|sent| (entry, sent)))
        else {
            self.unmatched += 1;
            return;
        };
        if entry.fate.is_some() {
            entry.duplicates += 1;
            return;
        }
        let round_trip = reply.received.since(sent);
        let response = Response {
            responder: reply.responder,
            answer: reply.answer,
            round_trip,
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::probe::fake::{FakeHop, FakeLink, FakeNetwork, stand_in};
    use crate::probe::{Arrival, Stamp};
    use crate::trace::{run, stats};
    use crate::units::{Fraction, Seconds};

    const MS: Duration = Duration::from_millis(1);

    fn settings(rounds: u32) -> Settings {
        Settings {
            first: 1,
            last: 30,
            rounds,
            interval: Duration::from_secs(1),
            patience: Duration::from_secs(3),
            expected: None,
            sparing_target: true,
        }
    }

    /// A hop `ms` further away, each way.
    fn hop(index: usize, ms: f64, loss: f64, silent: bool) -> FakeHop {
        let link = FakeLink {
            delay: Seconds(ms / 1e3),
            jitter: Seconds(0.0),
            loss: Fraction(loss),
        };
        FakeHop {
            responder: (!silent).then(|| stand_in(index)),
            out: link,
            back: link,
        }
    }

    fn traced(settings: Settings, hops: Vec<FakeHop>, seed: u64) -> Trace {
        let mut network = FakeNetwork::new(hops, Arrival::PortClosed, seed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let tracer = Tracer::new(settings);
        runtime.block_on(run(tracer, &mut network, |_| {})).unwrap()
    }

    #[test]
    fn all_hops_are_known_after_about_one_round_trip() {
        // Ten hops; the long way is in the middle: 20 ms to the target and back.
        let hops = |at| hop(at, if at == 4 { 9.1 } else { 0.1 }, 0.0, false);
        let trace = traced(settings(1), (0..10).map(hops).collect(), 1);
        assert_eq!(trace.reached, Some(10));
        let swept = trace.first_sweep.unwrap();
        assert!(swept >= 20 * MS && swept < 25 * MS, "{swept:?}");
        // The end is the last reply, not a fixed wait.
        assert!(trace.took < 25 * MS, "{:?}", trace.took);
    }

    /// Linux's `inet_peer_xrlim_allow`: answers earned over time, six at most; one is spent
    /// on each error sent. Says which of the probes arriving at `times` are answered.
    fn token_bucket(times: &[Duration]) -> Vec<bool> {
        let (mut tokens, mut seen) = (6.0, Duration::ZERO);
        let mut answered = Vec::new();
        for time in times {
            tokens = f64::min(6.0, tokens + (*time - seen).as_secs_f64());
            seen = *time;
            answered.push(tokens >= 1.0);
            tokens -= if tokens >= 1.0 { 1.0 } else { 0.0 };
        }
        answered
    }

    #[test]
    fn overshooting_costs_the_target_no_later_answer() {
        for length in 1..=25 {
            let hops = (0..length).map(|at| hop(at, 5.0, 0.0, false)).collect();
            let trace = traced(settings(10), hops, 1);
            let at_target = |ended: &&Ended| usize::from(ended.probe.distance) >= length;
            let reached: Vec<&Ended> = trace.ended.iter().filter(at_target).collect();
            let start = |ended: &&Ended| ended.sent.unwrap().since(Moment(0));
            // Every other round comes 10 ms early, as jitter may have it.
            let early = |ended: &&Ended| 10 * MS * (ended.round % 2);
            let times: Vec<_> = reached
                .iter()
                .map(|at| start(at) + 50 * MS - early(at))
                .collect();
            for (ended, answered) in reached.iter().zip(token_bucket(&times)) {
                let own = usize::from(ended.probe.distance) == length;
                assert!(answered || !own, "path of {length}: {ended:?} {times:?}");
            }
        }
    }

    #[test]
    fn a_plan_sends_the_whole_path_at_once() {
        let hops = (0..12).map(|at| hop(at, 1.0, 0.0, false)).collect();
        let expected = Some(12);
        let trace = traced(
            Settings {
                expected,
                ..settings(1)
            },
            hops,
            1,
        );
        // Sent in one train, answered 24 ms later.
        assert!(
            trace.first_sweep.unwrap() < 25 * MS,
            "{:?}",
            trace.first_sweep
        );
        assert_eq!(trace.ended.len(), 12);
    }

    #[test]
    fn silent_hops_do_not_stop_the_sweep() {
        let hops = |at| hop(at, 1.0, 0.0, (2..13).contains(&at));
        let trace = traced(settings(3), (0..14).map(hops).collect(), 1);
        assert_eq!(trace.reached, Some(14));
        let hops = stats::hops(&trace);
        assert_eq!(hops.len(), 14);
        assert!(hops[2].responders.is_empty() && hops[2].stats.lost == 3);
        assert_eq!(hops[13].stats.answered, 3);
    }

    #[test]
    fn a_target_that_never_answers_ends_the_run_all_the_same() {
        let hops = (0..40).map(|at| hop(at, 1.0, 0.0, at > 3)).collect();
        let trace = traced(settings(2), hops, 1);
        assert_eq!(trace.reached, None);
        assert_eq!(stats::hops(&trace).len(), 5);
        // 16 distances in two pauses, a second round, and a second for a target that might answer.
        assert!(trace.took < Duration::from_secs(4), "{:?}", trace.took);
    }

    #[test]
    fn a_late_reply_is_late_not_lost() {
        let hops = vec![hop(0, 1.0, 0.0, false), hop(1, 200.0, 0.0, false)];
        let patience = Duration::from_millis(300);
        let trace = traced(
            Settings {
                patience,
                ..settings(3)
            },
            hops,
            1,
        );
        let target = &stats::hops(&trace)[1].stats;
        assert_eq!((target.answered, target.late + target.lost), (0, 3));
        // The last one may still be under way when the run ends; the others were heard.
        assert!(target.late >= 2 && target.times.is_none());
    }

    #[test]
    fn duplicates_and_strangers_are_counted_and_change_nothing() {
        let mut tracer = Tracer::new(settings(1));
        let probe = tracer.poll_probe(Moment(0)).unwrap();
        tracer.handle_sent(probe.sequence, Ok(Moment(0)));
        let reply = |sequence, at| Reply {
            sequence,
            responder: stand_in(0),
            answer: Answer::Arrived(Arrival::PortClosed),
            received: Moment(at),
            stamp: Stamp::Model,
        };
        for (sequence, at) in [
            (Some(probe.sequence), 7),
            (Some(probe.sequence), 900),
            (None, 3),
        ] {
            tracer.handle_reply(&reply(sequence, at));
        }
        tracer.handle_reply(&reply(Some(Sequence(77)), 3));
        let trace = tracer.trace(Moment(1000), Troubles::default());
        assert_eq!(trace.unmatched, 2);
        assert_eq!(trace.ended[0].duplicates, 1);
        let Fate::Answered(response) = &trace.ended[0].fate else {
            panic!("{:?}", trace.ended[0].fate);
        };
        assert_eq!(response.round_trip, Duration::from_nanos(7));
    }

    #[test]
    fn what_never_left_is_not_lost() {
        let mut tracer = Tracer::new(settings(1));
        let probe = tracer.poll_probe(Moment(0)).unwrap();
        tracer.handle_sent(probe.sequence, Err(Text::same("no route")));
        let trace = tracer.trace(Moment(1), Troubles::default());
        assert_eq!(trace.ended[0].fate, Fate::Unsent(Text::same("no route")));
    }

    #[test]
    fn a_path_that_grows_is_followed() {
        let mut tracer = Tracer::new(settings(2));
        let reply = |probe: Probe, length: u8| Reply {
            sequence: Some(probe.sequence),
            responder: stand_in(0),
            answer: match probe.distance < length {
                true => Answer::Passed,
                false => Answer::Arrived(Arrival::PortClosed),
            },
            received: Moment(u64::MAX / 2),
            stamp: Stamp::Model,
        };
        let mut now = Moment(0);
        for (length, steps) in [(3, 100), (5, 400)] {
            for _ in 0..steps {
                now = now + 5 * MS;
                if let Some(probe) = tracer.poll_probe(now) {
                    tracer.handle_sent(probe.sequence, Ok(now));
                    tracer.handle_reply(&Reply {
                        received: now + MS,
                        ..reply(probe, length)
                    });
                }
            }
            assert_eq!(tracer.reached(), Some(length));
        }
    }

    proptest! {
        #[test]
        fn every_probe_has_one_fate_and_every_hop_up_to_the_target_the_same_count(
            length in 1usize..25, loss in 0.0..0.6f64, silent in any::<u32>(), rounds in 1u32..6,
            seed: u64, expected in prop::option::of(1u8..40), ms in 0.0..300.0f64,
        ) {
            let chain = (0..length)
                .map(|at| hop(at, ms / length as f64, loss, silent >> at & 1 == 1))
                .collect();
            let trace = traced(Settings { expected, ..settings(rounds) }, chain, seed);
            for hop in stats::hops(&trace) {
                let stats = &hop.stats;
                prop_assert_eq!(stats.sent, stats.answered + stats.late + stats.lost);
                prop_assert!(stats.sent <= u64::from(rounds));
                prop_assert!(stats.duplicates == 0);
            }
            for (at, ended) in trace.ended.iter().enumerate() {
                prop_assert_eq!(ended.probe.sequence, Sequence(at as u32));
                prop_assert!((1..=30).contains(&ended.probe.distance));
            }
            let first: u64 = stats::hops(&trace).first().map_or(0, |hop| hop.stats.sent);
            prop_assert_eq!(first, u64::from(rounds));
            if loss == 0.0 && silent >> (length - 1) & 1 == 0 {
                prop_assert_eq!(trace.reached, Some(length as u8));
            }
        }

        #[test]
        fn any_replies_at_any_time_are_survived(
            replies in prop::collection::vec((prop::option::of(0u32..40), any::<u64>(), 0u8..6), 0..60),
        ) {
            let mut tracer = Tracer::new(settings(3));
            let mut now = Moment(0);
            for (sequence, received, kind) in replies {
                while let Some(probe) = tracer.poll_probe(now) {
                    tracer.handle_sent(probe.sequence, Ok(now));
                }
                tracer.first_sweep(now);
                // Once nothing is to be sent, there is something to wait for: no driver spins.
                prop_assert!(tracer.poll_wake(now).is_none_or(|wake| wake > now));
                let answer = match kind {
                    0 => Answer::Passed,
                    1 => Answer::Barred,
                    2 => Answer::Unreachable { kind, code: kind },
                    _ => Answer::Arrived(Arrival::Refused),
                };
                let sequence = sequence.map(Sequence);
                let (responder, received) = (stand_in(1), Moment(received));
                let stamp = Stamp::User;
                tracer.handle_reply(&Reply { sequence, responder, answer, received, stamp });
                now = now + 50 * MS;
            }
        }
    }
}
