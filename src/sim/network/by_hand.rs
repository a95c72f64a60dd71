//! Networks small enough to be worked out by hand, in Mbit and seconds.

use super::tests::{MBIT, class, line, path, rates};
use super::*;
use crate::qos::Preset;

const FREE: f64 = f64::INFINITY;

fn at(seconds: f64) -> DoubleDouble {
    DoubleDouble::from(seconds)
}

/// So many endless transfers on each path.
fn with(lines: &[Line], paths: &[Path], counts: &[usize]) -> Network {
    let mut network = Network::new(lines, paths);
    for (path, &count) in counts.iter().enumerate() {
        for job in 0..count {
            network.arrive(DoubleDouble::ZERO, path, job as u32, 0, 1e15);
        }
    }
    network
}

fn assert_rates(network: &Network, expected: &[f64]) {
    let found = rates(network);
    let near = |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-9 * expected;
    assert!(
        found.iter().zip(expected).all(near),
        "{found:?} is not {expected:?}"
    );
}

fn plain(mbit: f64, lane: usize) -> Line {
    line(mbit, lane, &[], Preset::LinuxHtb)
}

/// The next real ending: path, job and moment.
fn next(network: &mut Network, is_void: impl Fn(u32, u32) -> bool) -> Option<(usize, u32, f64)> {
    while network.due().is_finite() {
        let due = network.due().nearest();
        if let Some((path, job)) = network.end(&is_void) {
            return Some((path, job, due));
        }
    }
    None
}

#[test]
fn on_a_parking_lot_the_long_way_gets_what_its_narrowest_line_gives_each() {
    let paths = [path(&[0, 1], FREE), path(&[0], FREE), path(&[1], FREE)];
    let network = with(&[plain(10.0, 0), plain(10.0, 1)], &paths, &[1, 1, 1]);
    assert_rates(&network, &[5.0, 5.0, 5.0]);
    // Four on the second line: 1 each of 4 Mbit/s, and the rest of the first line is for the short.
    let network = with(&[plain(10.0, 0), plain(4.0, 1)], &paths, &[1, 1, 3]);
    assert_rates(&network, &[1.0, 9.0, 1.0]);
    // Only the second is what holds the long way, and only the first what holds the short.
    assert!(network.is_held(0) && network.is_held(1));
    let network = with(&[plain(10.0, 0), plain(4.0, 1)], &paths, &[1, 0, 3]);
    assert!(!network.is_held(0) && network.is_held(1));
    assert_eq!((network.transfers(0), network.transfers(1)), (1, 4));
}

#[test]
fn round_a_triangle_everybody_gets_half_a_line() {
    let lines = [plain(10.0, 0), plain(10.0, 1), plain(20.0, 2)];
    let paths = [
        path(&[0, 1], FREE),
        path(&[1, 2], FREE),
        path(&[2, 0], FREE),
    ];
    // Lines 0 and 1 stop all three at 5; the third has room left.
    assert_rates(&with(&lines, &paths, &[1, 1, 1]), &[5.0, 5.0, 5.0]);
    // Two on the last way: line 0 gives 10/3 to each; the second has what is left of line 1.
    let third = 10.0 / 3.0;
    assert_rates(
        &with(&lines, &paths, &[1, 1, 2]),
        &[third, 10.0 - third, third],
    );
    // The first capped at 1: 9 for the second on line 1, 9 for the third on line 0.
    let capped = [path(&[0, 1], 1.0), paths[1].clone(), paths[2].clone()];
    assert_rates(&with(&lines, &capped, &[1, 1, 1]), &[1.0, 9.0, 9.0]);
}

#[test]
fn a_class_held_on_another_line_leaves_its_guarantee_to_others() {
    let first = line(
        100.0,
        0,
        &[class(0, 60.0, 100.0), class(1, 40.0, 100.0)],
        Preset::LinuxHtb,
    );
    let second = line(
        100.0,
        2,
        &[class(0, 10.0, 100.0), class(1, 90.0, 100.0)],
        Preset::LinuxHtb,
    );
    let paths = [path(&[0, 2], FREE), path(&[1], FREE), path(&[3], FREE)];
    let mut network = with(&[first, second], &paths, &[1, 1, 1]);
    // The second line gives the first path its guarantee of 10, the first line has 90 for the other.
    assert_rates(&network, &[10.0, 90.0, 90.0]);
    let held = |network: &Network| (0..4).map(|lane| network.is_held(lane)).collect::<Vec<_>>();
    assert_eq!(held(&network), [false, true, true, true]);
    // Alone on the second line it is held on the first, by its guarantee of 60.
    network.break_off(at(1.0), 2);
    assert_rates(&network, &[60.0, 40.0, MOST_RATE / MBIT]);
    assert_eq!(held(&network), [true, true, false, false]);
}

#[test]
fn guarantees_that_leak_lose_in_proportion() {
    // 80 + 80 of 100: both pass 100/160 of 80.
    let shaped = line(
        100.0,
        0,
        &[class(0, 80.0, 80.0), class(1, 80.0, 80.0)],
        Preset::LinuxHtb,
    );
    let paths = [path(&[0], FREE), path(&[1], FREE), path(&[1, 2], FREE)];
    let lines = [shaped, plain(30.0, 2)];
    assert_rates(&with(&lines, &paths[..2], &[1, 2]), &[50.0, 25.0]);
    // The second held to 30 elsewhere must send x for x 100 / (80 + x) = 30 to pass: the first has
    // 80 x 100 / (80 + 240/7) = 70.
    assert_rates(
        &with(&lines, &paths, &[1, 0, 1]),
        &[70.0, MOST_RATE / MBIT, 30.0],
    );
}

#[test]
fn lanes_that_nothing_shapes_share_the_line() {
    let mut unshaped = line(
        10.0,
        0,
        &[class(0, 1.0, 2.0), class(1, 1.0, 2.0)],
        Preset::LinuxHtb,
    );
    unshaped.trees[0] = None;
    let mut network = with(&[unshaped], &[path(&[0], FREE), path(&[1], 1.0)], &[2, 2]);
    assert_rates(&network, &[4.0, 1.0]);
    assert!(network.is_held(0) && !network.is_held(1));
    // Others send 8 and 12 of 10: half of each passes, and nothing is left for users.
    network.send(at(1.0), 0, 8.0 * MBIT);
    network.send(at(1.0), 1, 12.0 * MBIT);
    assert_rates(&network, &[0.0, 0.0]);
    let (first, second) = (network.meter(at(2.0), 0), network.meter(at(2.0), 1));
    assert_eq!(
        (first.carried, first.lost, first.held),
        (12.0 * MBIT, 4.0 * MBIT, 2.0)
    );
    assert_eq!(
        (second.carried, second.lost, second.held),
        (8.0 * MBIT, 6.0 * MBIT, 1.0)
    );
}

#[test]
fn others_go_first_and_what_is_not_granted_is_lost() {
    let shaped = line(
        10.0,
        0,
        &[class(0, 6.0, 6.0), class(1, 4.0, 10.0)],
        Preset::LinuxHtb,
    );
    let mut network = with(&[shaped], &[path(&[0], FREE), path(&[1], FREE)], &[2, 1]);
    assert_rates(&network, &[3.0, 4.0]);
    network.send(at(1.0), 0, 8.0 * MBIT);
    assert_rates(&network, &[0.0, 4.0]);
    assert_eq!(
        network.meter(at(3.0), 0),
        Meter {
            carried: 18.0 * MBIT,
            held: 3.0,
            lost: 4.0 * MBIT
        }
    );
    network.send(at(3.0), 0, 4.0 * MBIT);
    assert_rates(&network, &[1.0, 4.0]);
    // A silent class leaves 6 to the other.
    network.send(at(4.0), 0, 0.0);
    network.break_off(at(4.0), 0);
    network.break_off(at(4.0), 0);
    assert_rates(&network, &[MOST_RATE / MBIT, 10.0]);
    assert_eq!(
        network.meter(at(5.0), 0),
        Meter {
            carried: 24.0 * MBIT,
            held: 4.0,
            lost: 4.0 * MBIT
        }
    );
    // Without any transfer others lose as well.
    network.send(at(5.0), 0, 8.0 * MBIT);
    assert_eq!(
        network.meter(at(6.0), 0),
        Meter {
            carried: 30.0 * MBIT,
            held: 4.0,
            lost: 6.0 * MBIT
        }
    );
}

#[test]
fn other_classes_come_into_force_with_the_hour() {
    let mut shaped = line(100.0, 0, &[class(0, 10.0, 10.0)], Preset::LinuxHtb);
    let wider = line(100.0, 0, &[class(0, 20.0, 20.0)], Preset::LinuxHtb);
    shaped.trees.extend([wider.trees[0].clone(), None]);
    (shaped.by_hour[1], shaped.by_hour[2]) = (1, 2);
    let mut network = Network::new(&[shaped], &[path(&[0], 50.0)]);
    network.arrive(at(0.0), 0, 7, 0, 80.0 * MBIT);
    // 10 in the first second, 20 in the second, and 50 more at its cap.
    network.hour(at(1.0), 1);
    network.hour(at(2.0), 2);
    assert!(!network.is_held(0));
    assert_eq!(next(&mut network, |_, _| false), Some((0, 7, 3.0)));
    assert_eq!(
        network.meter(at(4.0), 0),
        Meter {
            carried: 80.0 * MBIT,
            held: 2.0,
            lost: 0.0
        }
    );
}

#[test]
fn what_is_broken_off_leaves_its_share_to_the_others_and_never_ends() {
    let mut network = Network::new(&[plain(10.0, 0)], &[path(&[0], FREE)]);
    for job in 0..2 {
        network.arrive(at(0.0), 0, job, 5, 10.0 * MBIT);
    }
    // Half is done of each; the other has the whole line for its 5 Mbit.
    network.break_off(at(1.0), 0);
    let is_void = |job, stamp| (job, stamp) == (0, 5);
    // The void one stands first and is thrown away.
    assert_eq!(network.due(), at(1.5));
    assert_eq!(network.end(is_void), None);
    assert_eq!(next(&mut network, is_void), Some((0, 1, 1.5)));
    assert_eq!(network.meter(at(2.0), 0).carried, 15.0 * MBIT);
    // The last one broken off: nothing is due. The same job may come again under another stamp.
    network.arrive(at(2.0), 0, 0, 6, 10.0 * MBIT);
    network.break_off(at(2.5), 0);
    assert_eq!(network.due(), DoubleDouble::NEVER);
    network.arrive(at(3.0), 0, 0, 7, 10.0 * MBIT);
    let is_void = |job, stamp| job == 0 && stamp < 7;
    assert_eq!(next(&mut network, is_void), Some((0, 0, 4.0)));
    assert_eq!(network.meter(at(4.0), 0).carried, 30.0 * MBIT);
}
