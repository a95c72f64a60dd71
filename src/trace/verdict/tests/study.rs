//! How often verdicts are wrong, over many seeded runs: no more than their confidence allows.

use crate::trace::verdict::{Kind, SURE};
use crate::trace::worlds::{World, path};

/// Of all worlds of `seeds`, the part of hops with a finding of `kind` among those before and among
/// those from `from` on.
fn shares(seeds: u64, world: impl Fn(u64) -> World, kind: Kind, from: u8) -> (f64, f64) {
    let (mut before, mut behind) = ((0, 0), (0, 0));
    for seed in 0..seeds {
        let report = World {
            seed,
            ..world(seed)
        }
        .report();
        for row in &report.rows {
            let side = if row.hop.distance < from {
                &mut before
            } else {
                &mut behind
            };
            side.0 += u32::from(row.verdict.finding(kind).is_some());
            side.1 += 1;
        }
    }
    let part = |(of, all): (u32, u32)| f64::from(of) / f64::from(all.max(1));
    (part(before), part(behind))
}

/// What 95 % promise of each verdict.
const WRONG: f64 = 1.0 - SURE;

#[test]
fn random_loss_is_seldom_called_a_limit() {
    for (loss, rounds) in [(0.02, 100), (0.1, 30), (0.3, 50), (0.5, 20)] {
        for target_limited in [false, true] {
            let world = |_| {
                let mut world = path(6, rounds, 500);
                (world.service, world.target_limited) = (true, target_limited);
                world.at(2).out = loss;
                world
            };
            let (_, wrong) = shares(125, world, Kind::RateLimited, 2);
            assert!(wrong <= WRONG, "{loss} {rounds} {target_limited}: {wrong}");
        }
    }
}

#[test]
fn limits_are_never_called_loss() {
    for (interval, rounds) in [(500, 40), (200, 40), (100, 60), (50, 30)] {
        let world = |seed| {
            let mut world = path(6, rounds, interval).linux_limits();
            (world.service, world.target_limited) = (seed % 2 == 0, true);
            // Limits of other kinds among them.
            world.at(2).limit = Some((250 + seed % 7 * 90, 1 + seed % 9));
            world
        };
        let (_, wrong) = shares(250, world, Kind::Lossy, 0);
        assert_eq!(wrong, 0.0, "{interval} {rounds}");
    }
}

#[test]
fn loss_is_seldom_said_to_begin_too_early() {
    // Four hops before the lossy link, in half of the cases with limits: they are not lossy.
    for (loss, rounds, interval) in [
        (0.05, 60, 1000),
        (0.2, 40, 500),
        (0.3, 20, 200),
        (0.2, 100, 500),
    ] {
        for limits in [false, true] {
            let world = |_| {
                let mut world = path(7, rounds, interval);
                if limits {
                    world = world.linux_limits();
                }
                (world.service, world.target_limited) = (true, true);
                world.at(5).out = loss;
                world
            };
            let (wrong, told) = shares(125, world, Kind::Lossy, 5);
            assert!(
                wrong <= WRONG,
                "{loss} {rounds} {interval} {limits}: {wrong}"
            );
            assert!(
                told > 0.2,
                "{loss} {rounds} {interval} {limits}: only {told} told"
            );
        }
    }
}

#[test]
fn chance_makes_few_changes_and_rises() {
    // Per-packet balance and plain jitter: nothing changes and nothing is slow.
    let world = |_| {
        let mut world = path(3, 25, 1000);
        world.at(2).who = |_, _, draw| if draw % 3 == 0 { 2 } else { 103 };
        world.at(1).jitter = std::time::Duration::from_millis(30);
        world
    };
    let (_, changed) = shares(250, world, Kind::Changed, 2);
    assert!(changed <= WRONG / 2.0, "{changed}");
    // One of the two hops behind is balanced.
    let (_, told) = shares(250, world, Kind::LoadBalanced, 2);
    assert!(told > 0.45, "{told}");
    let (_, slow) = shares(250, world, Kind::Slow, 2);
    assert!(slow <= WRONG, "{slow}");
}
