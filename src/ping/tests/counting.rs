//! What is counted as what.

use proptest::prelude::*;

use super::*;

#[test]
fn further_replies_are_duplicates_and_errors_are_no_replies() {
    let mut network = network(|target, _| match target {
        0 => Some(vec![(ms(1), ECHO), (ms(2), ECHO), (ms(3), ECHO)]),
        _ => Some(vec![(ms(1), HOST_UNREACHABLE)]),
    });
    let (pinger, events) = ran(counting(4), 2, &mut network);
    let [first, second] = [0, 1].map(|target: usize| &pinger.records()[target]);
    assert_eq!(counts(&pinger, 0), (4, 0, 0, 0));
    assert_eq!(
        (first.total.duplicates, first.total.times.max()),
        (8, Some(1e6))
    );
    assert_eq!(counts(&pinger, 1), (0, 0, 4, 0));
    assert_eq!(second.total.errors, 4);
    assert_eq!(second.error, Some((address(1), HOST_UNREACHABLE)));
    assert_eq!(pinger.traffic().replies, 12);
    let errors = events.iter().filter(|event| {
        matches!(
            event.what,
            What::Error {
                answer: HOST_UNREACHABLE,
                ..
            }
        )
    });
    assert_eq!(errors.count(), 4);
}

#[test]
fn what_never_left_is_not_lost_but_does_not_look_fine_either() {
    let script = |target, _| if target == 0 { None } else { after(ms(1)) };
    let (pinger, events) = ran(counting(3), 2, &mut network(script));
    let total = pinger.records()[0].total;
    assert_eq!((total.unsent, total.lost, total.loss()), (3, 0, None));
    let span = total.span();
    assert_eq!((span.attempted, span.received), (3, 0));
    assert_eq!(span.percent(span.missing()), 100);
    // The same reason is told once.
    let told = events
        .iter()
        .filter(|event| matches!(event.what, What::Unsent(_)));
    assert_eq!(told.count(), 1);
    // Asked whether it is alive, there is no use in trying again.
    let mut network = network(script);
    let (pinger, _) = ran(asking(3), 2, &mut network);
    assert_eq!(pinger.records()[0].standing, Standing::Unreachable);
    assert_eq!(network.now, at(11));
}

#[test]
fn replies_to_nothing_of_ours_are_counted() {
    let mut pinger = Pinger::new(counting(2), vec![0]);
    let mut told = |probe| {
        let when = (at(1), Stamp::Model);
        pinger.handle_reply(&Reply::plain(probe, address(0), ECHO, when))
    };
    assert_eq!(told(None), None);
    assert_eq!(told(Some((Target(0), Sequence(0)))), None);
    assert_eq!(told(Some((Target(7), Sequence(0)))), None);
    assert_eq!(pinger.traffic().unmatched, 3);
    assert_eq!(pinger.traffic().replies, 0);
}

#[test]
fn what_is_under_way_at_the_end_is_in_no_count() {
    let mut noted = Noted {
        enough: Some(3),
        ..Noted::default()
    };
    let settings = Settings {
        mode: Mode::Loop,
        ..counting(0)
    };
    let mut network = network(|_, _| after(ms(250)));
    let pinger = watched(settings, 1, &mut network, &mut noted);
    // The third came back at 450; the fourth and fifth had left at 300 and 400.
    assert_eq!(counts(&pinger, 0), (3, 0, 0, 0));
    assert_eq!(pinger.traffic().sent, 5);
}

#[test]
fn the_first_figures_are_known_as_soon_as_each_target_has_one() {
    // At 3 the first replies, at 10 the second cannot be reached, the third is late and missed at
    // 520: by then the first has replied to all of its six.
    let mut network = network(|target, _| match target {
        0 => after(ms(3)),
        1 => None,
        _ => after(ms(700)),
    });
    let mut noted = Noted::default();
    watched(counting(6), 3, &mut network, &mut noted);
    let third = |event: &Event| event.target == Target(2) && event.what == What::TimedOut;
    let first = noted.events.iter().position(third).unwrap();
    assert_eq!(noted.known, Some(first + 1));
}

#[test]
fn intervals_add_up_and_a_late_reply_counts_when_it_comes() {
    let settings = Settings {
        patience: ms(50),
        report_every: Some(ms(200)),
        ..counting(6)
    };
    // Probe 1 leaves at 100, is missed at 150, and is answered at 350.
    let mut network = network(|_, sequence| match sequence {
        1 => after(ms(250)),
        _ => after(ms(10)),
    });
    let mut noted = Noted::default();
    let pinger = watched(settings, 1, &mut network, &mut noted);
    // At 200: probe 0 answered, 1 missed. At 400: 2 and 3 answered, and the late one.
    assert_eq!(noted.intervals, [(2, 1), (2, 3)]);
    let (rest, all) = (
        pinger.records()[0].interval(),
        pinger.records()[0].total.span(),
    );
    assert_eq!((rest.attempted, rest.received), (2, 2));
    assert_eq!((all.attempted, all.received), (6, 6));
    assert_eq!(counts(&pinger, 0), (5, 1, 0, 0));
}

#[test]
fn a_long_loop_keeps_no_more_than_a_short_one() {
    let mut noted = Noted {
        enough: Some(100_000),
        ..Noted::default()
    };
    let settings = Settings {
        mode: Mode::Loop,
        keep: false,
        ..counting(0)
    };
    // Every seventh is lost.
    let mut network = network(|_, sequence| match sequence % 7 {
        0 => Some(Vec::new()),
        _ => after(ms(20)),
    });
    let pinger = watched(settings, 1, &mut network, &mut noted);
    let record = &pinger.records()[0];
    assert!(record.window.len() <= 200, "{}", record.window.len());
    assert!(record.trips.list().is_none());
    let (answered, _, lost, _) = counts(&pinger, 0);
    assert_eq!(answered + lost, 100_000);
    assert_eq!(lost, 100_000 / 7 + 1);
}

proptest! {
    /// Whatever comes back when: every probe has one fate, and the times are those that were.
    #[test]
    fn every_probe_has_one_fate(
        script in prop::collection::vec(
            prop::collection::vec(prop::option::of((1u64..900, 0u8..3)), 1..12), 1..5,
        ),
    ) {
        let most = script.iter().map(Vec::len).max().unwrap_or(0);
        let targets = script.len();
        let said = script.clone();
        let plan = move |target: u32, sequence: u32| {
            let probe = said[target as usize].get(sequence as usize).copied().flatten();
            Some(probe.map_or(Vec::new(), |(delay, more)| {
                (0..=u64::from(more)).map(|n| (ms(delay + n), ECHO)).collect()
            }))
        };
        let (pinger, _) = ran(counting(most as u32), targets, &mut network(plan));
        for (target, probes) in script.iter().enumerate() {
            let (answered, late, lost, unsent) = counts(&pinger, target);
            prop_assert_eq!(answered + late + lost, most as u64);
            prop_assert_eq!(unsent, 0);
            let told = probes.iter().flatten();
            let in_time = told.clone().filter(|(delay, _)| *delay <= 500).count();
            prop_assert_eq!(answered, in_time as u64);
            prop_assert!(late <= told.count() as u64 - answered);
            let list: Vec<_> = pinger.records()[target].trips.list().unwrap().collect();
            prop_assert_eq!(list.len(), most);
            for (kept, probe) in list.iter().zip(probes) {
                if let Some((delay, _)) = probe && *delay <= 500 {
                    prop_assert_eq!(*kept, Some(ms(*delay)));
                }
            }
        }
    }
}
