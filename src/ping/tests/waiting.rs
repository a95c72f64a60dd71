//! How long a reply is waited for.

use super::*;

#[test]
fn a_silent_target_is_asked_again_and_waited_for_longer() {
    let mut network = network(|target, _| match target {
        0 => after(ms(3)),
        _ => Some(Vec::new()),
    });
    let (pinger, events) = ran(asking(2), 2, &mut network);
    // 500, 750 and 1125 ms after the first at 10.
    let expected = [(0, 0), (10, 1), (510, 1), (1260, 1)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
    let given_up = events.last().unwrap();
    assert_eq!((given_up.at, &given_up.what), (at(2385), &What::GivenUp));
    assert_eq!(events.len(), 2);
    let standing = |target: usize| pinger.records()[target].standing;
    assert_eq!(standing(0), Standing::Alive);
    assert_eq!(standing(1), Standing::Unreachable);
    assert_eq!((pinger.traffic().timeouts, pinger.traffic().sent), (3, 4));
}

#[test]
fn a_reply_after_the_retry_shows_that_the_target_lives() {
    let mut network = network(|_, sequence| match sequence {
        0 => after(ms(700)),
        _ => Some(Vec::new()),
    });
    let (pinger, events) = ran(asking(3), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 1, 0, 0));
    assert!(matches!(
        events[..],
        [Event {
            what: What::Answered { late: true, round_trip, .. },
            ..
        }] if round_trip == ms(700)
    ));
    // The retry under way is not waited for.
    assert_eq!(network.now, at(700));
}

#[test]
fn the_last_late_reply_is_late_and_not_lost() {
    let mut network = network(|_, _| after(ms(650)));
    let settings = Settings {
        period: ms(300),
        ..counting(5)
    };
    let (pinger, events) = ran(settings, 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 5, 0, 0));
    assert_eq!(pinger.records()[0].total.times.max(), Some(650e6));
    let timed_out = events.iter().filter(|event| event.what == What::TimedOut);
    assert_eq!(timed_out.count(), 5);
    // The last left at 1200 and came back at 1850; nothing was waited for after it.
    assert_eq!(network.now, at(1850));
}

#[test]
fn a_target_that_falls_silent_is_waited_for_three_times_its_worst() {
    let mut network = network(|_, sequence| match sequence {
        0 => after(ms(650)),
        _ => Some(Vec::new()),
    });
    let settings = Settings {
        period: ms(300),
        ..counting(5)
    };
    let (pinger, _) = ran(settings, 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 1, 4, 0));
    assert_eq!(network.now, at(1200 + 3 * 650));
}

#[test]
fn nobody_waits_longer_than_asked_for_a_target_that_never_replied() {
    let mut network = network(|_, _| Some(Vec::new()));
    let (pinger, _) = ran(counting(2), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 0, 2, 0));
    assert_eq!(network.now, at(600));
}

#[test]
fn a_reply_read_late_is_in_time_if_it_came_in_time() {
    let mut network = network(|_, _| after(ms(20)));
    network.stall = ms(5000);
    let (pinger, events) = ran(counting(1), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (1, 0, 0, 0));
    assert_eq!(events.len(), 1);
}

#[test]
fn nothing_is_missing_while_replies_are_unread() {
    // More than are taken at once.
    let mut network = network(|_, _| after(ms(20)));
    (network.stall, network.stall_after) = (ms(5000), 5 * BATCH);
    let settings = Settings {
        gap: Duration::ZERO,
        ..counting(1)
    };
    let (pinger, events) = ran(settings, 5 * BATCH, &mut network);
    assert!((0..5 * BATCH).all(|target| counts(&pinger, target) == (1, 0, 0, 0)));
    assert_eq!(events.len(), 5 * BATCH);
}
