//! One probe and one reply at the edges: just in time, from the past, of nobody, of another round.

use super::*;

/// A tracer whose first probes have left at `sent`, and those probes.
fn begun(settings: Settings, sent: Moment) -> (Tracer, Vec<Probe>) {
    let mut tracer = Tracer::new(Target(0), settings);
    let probes = send_all(&mut tracer, sent);
    (tracer, probes)
}

fn send_all(tracer: &mut Tracer, now: Moment) -> Vec<Probe> {
    let mut probes = Vec::new();
    while let Some(probe) = tracer.poll_probe(now, &mut |_, _, _| true) {
        tracer.handle_sent(probe.sequence, Ok(now));
        probes.push(probe);
    }
    probes
}

/// A reply to `probe` by the target, or by a router at its distance.
fn reply(probe: Probe, arrived: bool, received: Moment) -> Reply {
    let answer = match arrived {
        true => Answer::Arrived(Arrival::PortClosed),
        false => Answer::Passed,
    };
    let by = stand_in(probe.distance.into());
    Reply::plain(Some(probe.id()), by, answer, (received, Stamp::Model))
}

fn fate(tracer: &Tracer, probe: Probe) -> Fate {
    let trace = tracer.trace(Moment(u64::MAX / 2), Troubles::default());
    let mut ended = trace.ended.into_iter();
    ended.find(|ended| ended.probe == probe).unwrap().fate
}

#[test]
fn a_reply_at_the_very_end_of_the_wait_is_in_time_and_one_after_it_is_late() {
    let patience = 300 * MS;
    let settings = Settings {
        patience,
        ..settings(1)
    };
    let sent = Moment(1_000_000);
    for (after, in_time) in [
        (patience, true),
        (patience + Duration::from_nanos(1), false),
    ] {
        let (mut tracer, probes) = begun(settings, sent);
        tracer.handle_reply(&reply(probes[0], true, sent + after));
        match fate(&tracer, probes[0]) {
            Fate::Answered(own) => assert!(in_time && own.round_trip == after),
            Fate::Late(own) => assert!(!in_time && own.round_trip == after),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_reply_that_seems_older_than_its_probe_took_no_time_and_no_less() {
    let sent = Moment(5_000_000);
    let (mut tracer, probes) = begun(settings(1), sent);
    tracer.handle_reply(&reply(probes[0], true, Moment(4_000_000)));
    let Fate::Answered(own) = fate(&tracer, probes[0]) else {
        panic!("it was answered");
    };
    assert_eq!(own.round_trip, Duration::ZERO);
}

#[test]
fn an_answer_without_delay_is_an_answer_and_its_time_is_a_time() {
    let hops = (0..3).map(|at| hop(at, 0.0, 0.0, false)).collect();
    let trace = traced(settings(4), hops, 1);
    for hop in stats::hops(&trace) {
        assert_eq!((hop.stats.answered, hop.stats.lost), (4, 0));
        let times = hop.stats.times.as_ref().unwrap();
        assert_eq!((times.best, times.worst), (Duration::ZERO, Duration::ZERO));
    }
}

#[test]
fn a_reply_to_what_never_left_or_was_never_asked_is_of_nobody() {
    let mut tracer = Tracer::new(Target(0), settings(1));
    let unsent = tracer.poll_probe(Moment(0), &mut |_, _, _| true).unwrap();
    tracer.handle_sent(unsent.sequence, Err(Text::same("no route")));
    let unknown = Probe::plain(Sequence(u32::MAX), 1);
    for probe in [unsent, unknown] {
        assert_eq!(tracer.handle_reply(&reply(probe, true, Moment(9))), None);
    }
    let trace = tracer.trace(Moment(10), Troubles::default());
    assert_eq!((trace.unmatched, trace.reached), (2, None));
    assert_eq!(trace.ended[0].fate, Fate::Unsent(Text::same("no route")));
}

#[test]
fn a_reply_that_comes_in_a_later_round_is_of_its_own_round() {
    let (mut tracer, first) = begun(settings(3), Moment(0));
    let (router, target) = (first[0], first[1]);
    tracer.handle_reply(&reply(target, true, Moment(0) + 10 * MS));
    assert!(send_all(&mut tracer, Moment(0) + 11 * MS).is_empty());
    let second = send_all(&mut tracer, Moment(0) + 1600 * MS);
    assert_eq!(
        second
            .iter()
            .map(|probe| probe.distance)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    // The answer to the first round's probe comes while the second's is under way.
    tracer.handle_reply(&reply(router, false, Moment(0) + 1700 * MS));
    tracer.handle_reply(&reply(second[0], false, Moment(0) + 1701 * MS));
    let trip = |probe| match fate(&tracer, probe) {
        Fate::Answered(own) => own.round_trip,
        other => panic!("{other:?}"),
    };
    assert_eq!((trip(router), trip(second[0])), (1700 * MS, 101 * MS));
}

#[test]
fn settings_out_of_range_are_brought_into_it() {
    let wild = Settings {
        first: 0,
        last: 0,
        rounds: 0,
        keep: Some(0),
        flows: Flows::Turns(0),
        ..settings(1)
    };
    let (tracer, probes) = begun(wild, Moment(0));
    let asked: Vec<_> = probes
        .iter()
        .map(|probe| (probe.distance, probe.flow))
        .collect();
    assert_eq!(asked, [(1, Flow(0))]);
    assert_eq!(tracer.trace(Moment(0), Troubles::default()).first, 1);
    let backwards = Settings {
        first: 9,
        last: 3,
        ..settings(1)
    };
    let (_, probes) = begun(backwards, Moment(0));
    assert_eq!(
        probes
            .iter()
            .map(|probe| probe.distance)
            .collect::<Vec<_>>(),
        [9]
    );
    // As far as there are distances, and no further.
    let far = Settings {
        first: 250,
        last: 255,
        ..settings(1)
    };
    let (_, probes) = begun(far, Moment(0));
    assert_eq!(
        probes
            .iter()
            .map(|probe| probe.distance)
            .collect::<Vec<_>>(),
        [250, 251, 252, 253, 254, 255]
    );
}
