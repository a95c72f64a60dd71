//! Whose turn it is to be asked, and when.

use super::*;

#[test]
fn probes_leave_a_gap_apart_and_to_each_target_once_a_period() {
    let mut network = network(|_, _| after(ms(3)));
    let (pinger, events) = ran(counting(3), 2, &mut network);
    let expected = [(0, 0), (10, 1), (100, 0), (110, 1), (200, 0), (210, 1)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
    assert_eq!(counts(&pinger, 1), (3, 0, 0, 0));
    assert_eq!(pinger.took(network.now), ms(213));
    assert_eq!(events.len(), 6);
}

#[test]
fn more_targets_than_gaps_in_a_period_take_turns() {
    let mut network = network(|_, _| after(ms(3)));
    ran(counting(2), 20, &mut network);
    // A probe every 10 ms: each of the twenty gets its second after 200 ms, not 100.
    assert!(
        network
            .sent
            .windows(2)
            .all(|pair| pair[1].0.since(pair[0].0) == ms(10))
    );
    let of = |target| network.sent.iter().filter(move |sent| sent.1 == target);
    assert!((0..20).all(|target| of(target).count() == 2));
}

#[test]
fn who_replies_before_its_turn_comes_again_is_not_asked_again() {
    let mut network = network(|target, _| match target {
        0 => after(ms(550)),
        _ => after(ms(3)),
    });
    let settings = Settings {
        gap: ms(300),
        ..asking(3)
    };
    ran(settings, 3, &mut network);
    // Given up for the first time at 500, it has to wait for the gap to end at 600.
    let expected = [(0, 0), (300, 1), (600, 2)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
}

#[test]
fn turns_missed_altogether_are_not_made_up_for() {
    let mut network = network(|_, _| after(ms(1)));
    network.stall = ms(950);
    ran(counting(4), 1, &mut network);
    // Not sent while put aside: the turns of 100 to 900. The turn of 100 is taken late.
    let times: Vec<_> = network.sent.iter().map(|sent| sent.0).collect();
    assert_eq!(times, [at(0), at(950), at(1050), at(1150)]);
}

#[test]
fn a_turn_taken_a_little_late_does_not_delay_the_next() {
    let mut network = network(|_, _| after(ms(1)));
    network.stall = ms(130);
    ran(counting(3), 1, &mut network);
    let times: Vec<_> = network.sent.iter().map(|sent| sent.0).collect();
    assert_eq!(times, [at(0), at(130), at(200)]);
}
