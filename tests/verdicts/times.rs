//! Where the way gets long, and where only an answer is slow.

use super::*;

const ARGS: [&str; 4] = ["-c", "25", "-i", "0.05"];

#[test]
fn a_router_slow_to_answer_does_not_make_the_way_slow() {
    let Some(world) = built("slow-answers") else {
        return;
    };
    let told = trace(&world, &ARGS);
    assert_eq!(told.kinds(), ["ok"; 5], "{told}");
    let fact = told.hub(2).fact("slow-to-answer").expect("said of it");
    let (own, carried) = (
        fact["p50_ms"].as_f64().unwrap(),
        fact["carried_ms"].as_f64().unwrap(),
    );
    assert!(
        own >= 44.0 && (4.0..own - 10.0).contains(&carried),
        "{told}"
    );
    for other in [1, 3, 4, 5] {
        assert!(told.hub(other).fact("slow-to-answer").is_none(), "{told}");
    }
    assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
}

#[test]
fn jitter_begins_where_it_is_and_later_hops_carry_it() {
    let Some(world) = built("jitter") else { return };
    let told = trace(&world, &ARGS);
    assert_eq!(told.kinds(), ["ok", "slow", "ok", "ok"], "{told}");
    let rise = told.hub(2).fact("rise").unwrap()["rise_ms"]
        .as_f64()
        .unwrap();
    // 11 ms each way and up to 4 ms more each: what is carried is the median of a hop or less.
    assert!((22.0 - 2.0..).contains(&rise), "{told}");
    for (at, links) in [(1, 2.0), (2, 24.0), (3, 26.0), (4, 28.0)] {
        let hub = told.hub(at);
        assert!(hub.ms("Best") >= links, "{told}");
        let jitter = hub.ms("Javg");
        // The sum of two even spreads of 4 ms has a mean difference of 28/15 ms (seven fifteenths of 4); of 24 pairs
        // no less than half of that by any chance that matters.
        if at > 1 {
            assert!(jitter >= 28.0 / 15.0 / 2.0, "{told}");
        }
    }
}

#[test]
fn a_long_link_is_slow_from_there_and_nowhere_else() {
    let long = |world: &mut hopcast::lab::world::World| {
        for (from, to) in [("r2", "r3"), ("r3", "r2")] {
            let line = world.line(from, to).expect("a line of the world");
            world.lines[line].traits.delay = hopcast::units::Seconds(0.015);
        }
    };
    let Some(world) = World::with("echo-dropped", long).and_then(free) else {
        return;
    };
    let told = trace(&world, &ARGS);
    assert_eq!(told.kinds(), ["ok", "ok", "slow", "ok", "ok"], "{told}");
    let fact = told.hub(3).fact("rise").unwrap();
    // 30 of 38 ms, there and back; a busy machine makes both ends of the link later alike.
    let rise = fact["rise_ms"].as_f64().unwrap();
    assert!(rise >= 28.0, "{told}");
    let pain = &told.report["verdict"];
    assert_eq!(
        (&pain["kind"], &pain["distance"]),
        (&"slow".into(), &3.into()),
        "{told}"
    );
}
