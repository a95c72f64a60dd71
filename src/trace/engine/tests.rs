//! The engine against modelled networks, in virtual time.

use proptest::prelude::*;

use super::*;
use crate::probe::fake::{FakeHop, FakeLink, FakeNetwork, stand_in};
use crate::probe::{Arrival, Network, Stamp, Target};
use crate::trace::fleet::Fleet;
use crate::trace::{run, stats};
use crate::units::{Fraction, Seconds};

mod edges;

const MS: Duration = Duration::from_millis(1);

fn settings(rounds: u32) -> Settings {
    Settings {
        rounds,
        ..Settings::default()
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
    let mut fleet = Fleet::new([settings], settings.interval);
    let ran = run(&mut fleet, &mut network, |_| {});
    runtime.block_on(ran).unwrap();
    let mut traces = fleet.traces(network.now(), Troubles::default());
    traces.remove(0)
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
    let mut tracer = Tracer::new(Target(0), settings(1));
    let probe = tracer.poll_probe(Moment(0), &mut |_, _, _| true).unwrap();
    tracer.handle_sent(probe.sequence, Ok(Moment(0)));
    let reply = |sequence: Option<Sequence>, at| {
        let probe = sequence.map(|sequence| (Target(0), sequence));
        let answer = Answer::Arrived(Arrival::PortClosed);
        Reply::plain(probe, stand_in(0), answer, (Moment(at), Stamp::Model))
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
    let mut tracer = Tracer::new(Target(0), settings(1));
    let probe = tracer.poll_probe(Moment(0), &mut |_, _, _| true).unwrap();
    tracer.handle_sent(probe.sequence, Err(Text::same("no route")));
    let trace = tracer.trace(Moment(1), Troubles::default());
    assert_eq!(trace.ended[0].fate, Fate::Unsent(Text::same("no route")));
}

#[test]
fn a_path_that_grows_or_shrinks_is_followed() {
    let mut tracer = Tracer::new(Target(0), settings(5));
    let reply = |probe: Probe, length: u8, at| {
        let answer = match probe.distance < length {
            true => Answer::Passed,
            false => Answer::Arrived(Arrival::PortClosed),
        };
        Reply::plain(Some(probe.id()), stand_in(0), answer, (at, Stamp::Model))
    };
    let mut now = Moment(0);
    for (length, steps) in [(3, 100), (5, 400), (2, 200), (4, 200)] {
        for _ in 0..steps {
            now = now + 5 * MS;
            if let Some(probe) = tracer.poll_probe(now, &mut |_, _, _| true) {
                tracer.handle_sent(probe.sequence, Ok(now));
                tracer.handle_reply(&reply(probe, length, now + MS));
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
        let mut tracer = Tracer::new(Target(0), settings(3));
        let mut now = Moment(0);
        for (sequence, received, kind) in replies {
            while let Some(probe) = tracer.poll_probe(now, &mut |_, _, _| true) {
                tracer.handle_sent(probe.sequence, Ok(now));
            }
            tracer.first_sweep(now);
            // Once nothing is to be sent, there is something to wait for: no driver spins.
            prop_assert!(tracer.poll_wake(now).is_none_or(|wake| wake > now));
            let answer = match kind {
                0 => Answer::Passed,
                1 => Answer::Barred { kind: 3, code: 13 },
                2 => Answer::Unreachable { kind, code: kind },
                _ => Answer::Arrived(Arrival::Refused),
            };
            let probe = sequence.map(|sequence| (Target(0), Sequence(sequence)));
            let when = (Moment(received), Stamp::User);
            tracer.handle_reply(&Reply::plain(probe, stand_in(1), answer, when));
            now = now + 50 * MS;
        }
    }
}

#[test]
fn who_always_answers_late_is_late_in_the_last_round_too() {
    // 240 ms there and back; 100 are waited for.
    let settings = Settings {
        patience: 100 * MS,
        ..settings(5)
    };
    let hops = vec![hop(0, 1.0, 0.0, false), hop(1, 119.0, 0.0, false)];
    let trace = traced(settings, hops, 1);
    let at_target = |ended: &&Ended| ended.probe.distance == 2;
    let late = trace.ended.iter().filter(at_target);
    assert_eq!(late.clone().count(), 5);
    assert!(
        late.clone()
            .all(|ended| matches!(ended.fate, Fate::Late(_)))
    );
}

#[test]
fn what_is_still_awaited_is_neither_answered_nor_lost() {
    let mut tracer = Tracer::new(Target::default(), settings(1));
    let mut may = |_: Key, _: u8, _: Moment| true;
    let start = Moment(0);
    let probe = tracer.poll_probe(start, &mut may).unwrap();
    tracer.handle_sent(probe.sequence, Ok(start));
    let facts = |at: Duration| tracer.trace(start + at, Troubles::default()).ended;
    // While nothing is known of the way, an answer may take a second.
    assert!(facts(999 * MS).is_empty());
    assert_eq!(facts(1000 * MS)[0].fate, Fate::Lost);
}
