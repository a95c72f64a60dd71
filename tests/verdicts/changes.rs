//! Paths that change in mid-run.

use super::*;

/// What the file of a world says of its change: after so many ms.
const AT: f64 = 2000.0;

struct Expected<'a> {
    world: &'a str,
    /// The routers at distances 2, 3 and 4 before and since.
    moved: [(&'a str, &'a str); 3],
    length: (u64, u64),
}

/// That one change is told, with its time and hops, that the figures of the routers are kept apart and
/// nothing is lost.
fn check(expected: &Expected, told: &Told, world: &World, interval: f64) {
    let changes = told.report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{told}");
    let change = &changes[0];
    // The first probe of the new path left in the first sweep after the change, however late that was
    // on a busy machine; the world counts from when it got the first packet.
    let (after, round) = (
        change["after_ms"].as_f64().unwrap(),
        change["round"].as_f64().unwrap(),
    );
    assert!(after > AT - 50.0, "{told}");
    assert!(
        after >= (round - 1.0) * interval && round >= (AT - 50.0) / interval,
        "{told}"
    );
    let start = told.report["start"].as_str().unwrap();
    let at = change["at"].as_str().unwrap();
    let zoned = |text: &str| jiff::Zoned::strptime("%Y-%m-%dT%H:%M:%S%z", text).unwrap();
    let passed = zoned(at).duration_since(&zoned(start)).as_secs_f64();
    // The start is told in whole seconds.
    assert!((passed - after / 1e3).abs() <= 1.0, "{start} {at} {after}");

    let address = |id: &str| world.address(id, false).to_string();
    let moved: Vec<_> = change["hops"].as_array().unwrap().iter().collect();
    assert_eq!(moved.len(), 3, "{told}");
    for ((moved, (before, since)), distance) in moved.iter().zip(expected.moved).zip(2..) {
        assert_eq!(moved["distance"], distance);
        let (old, new) = (address(before), address(since));
        assert_eq!(
            (&moved["before"], &moved["after"]),
            (&old.as_str().into(), &new.as_str().into())
        );
        let hub = told.hub(distance);
        assert_eq!(hub.kind(), "changed", "{told}");
        // Each router has its own figures: all of its answers lie on its side of the change.
        let of = |address: &str| {
            let mut all = hub.0["responders"].as_array().unwrap().iter();
            all.find(|own| own["address"] == address)
                .expect("both answered")
        };
        let rounds = |address: &str, end: usize| of(address)["rounds"][end].as_f64().unwrap();
        assert!(
            rounds(&old, 1) < round && rounds(&new, 0) == round,
            "{told}"
        );
        let answered = |address: &str| of(address)["answered"].as_u64().unwrap();
        assert_eq!(answered(&old) as f64, round - 1.0);
        assert_eq!(answered(&old) + answered(&new), hub.sent());
        for address in [old.as_str(), new.as_str()] {
            // Each link takes 1 ms each way.
            let best = of(address)["times"]["best"].as_f64().unwrap();
            assert!(best >= 2.0 * f64::from(distance), "{told}");
        }
    }
    let (before, since) = expected.length;
    assert_eq!(change["length"], serde_json::json!([before, since]));
    assert_eq!(told.report["reached"], since);
    // No ghost of a hop behind the server.
    assert_eq!(told.hubs().len() as u64, since);
    let hubs = told.hubs();
    assert!(
        hubs.iter()
            .all(|hub| hub.lost() == 0 && hub.finding("lossy").is_none()),
        "{told}"
    );
    let unchanged = hubs.iter().filter(|hub| hub.kind() != "changed");
    assert!(unchanged.clone().all(|hub| hub.kind() == "ok"), "{told}");
    assert_eq!(unchanged.count() as u64, since - 3);
    assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts");
}

fn run(expected: Expected) {
    let Some(world) = built(expected.world) else {
        return;
    };
    // The change falls between two sweeps, at 1920 and 2080 ms: one that is under way then sees both.
    let told = trace(&world, &["-c", "25", "-i", "0.16"]);
    check(&expected, &told, &world, 160.0);
}

#[test]
fn a_path_that_changes_is_one_dated_event_and_leaves_no_ghost() {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            run(Expected {
                world: "route-longer",
                moved: [("r2", "r4"), ("r3", "r5"), ("server", "r3")],
                length: (4, 5),
            });
        });
        run(Expected {
            world: "route-shorter",
            moved: [("r2", "r5"), ("r3", "r4"), ("r4", "server")],
            length: (5, 4),
        });
    });
}
