//! Answers that come twice, late, out of order, not at all, cut short or made up.

use std::net::IpAddr;

use super::*;

/// Distances and further probes are kept out of it: every answer is of a hop or of the target.
const WHOLE: [&str; 6] = ["-c", "30", "-i", "0.03", "--no-service", "-m"];

fn traced(world: &World, ipv6: bool, more: &[&str]) -> Told {
    let target = world.target(ipv6).to_string();
    Told::one(&world.hopcast(&with(&target, &[&WHOLE, more].concat())))
}

#[test]
fn duplicates_are_counted_and_change_no_other_figure() {
    let Some(world) = built("duplicated") else {
        return;
    };
    let told = traced(&world, false, &["4"]);
    let duplicates: u64 = told.hubs().iter().map(|hub| hub.fates("duplicates")).sum();
    assert_eq!(duplicates, world.line("r2", "r1").doubled, "{told}");
    assert!(duplicates > 0);
    for hub in told.hubs() {
        assert_eq!((hub.sent(), hub.fates("answered")), (30, 30), "{told}");
        assert_eq!((hub.kind(), &hub.0["Loss%"]), ("ok", &0.0.into()), "{told}");
    }
    assert_eq!(told.hub(1).fates("duplicates"), 0);
    assert_eq!(told.count("unmatched"), 0);
}

#[test]
fn a_probe_that_is_doubled_on_its_way_is_one_probe_with_two_answers() {
    let Some(world) = built("duplicated-out") else {
        return;
    };
    let run = |ipv6: bool, method: &str| {
        let target = world.target(ipv6).to_string();
        let often = ["-c", "60", "-i", "0.02", "-m", "4", "--no-service"];
        let args = [&often[..], &["--method", method]].concat();
        let args = with(&target, &args);
        let told = Told::one(&match method {
            "udp" => world.hopcast(&args),
            _ => world.hopcast_as_root(&args),
        });
        for hub in told.hubs() {
            let fates = (hub.sent(), hub.fates("answered"), hub.lost());
            assert_eq!(fates, (60, 60, 0), "{told}");
            assert_eq!((hub.kind(), &hub.0["Loss%"]), ("ok", &0.0.into()), "{told}");
            // Before the link there is nothing to double; behind it routers and target answer
            // twice. That none of 60 is doubled, each with one chance of four: 3e-8.
            let behind = hub.0["count"] != 1;
            assert_eq!(hub.fates("duplicates") > 0, behind, "{told}");
        }
        assert_eq!((told.count("unmatched"), told.count("spoofed")), (0, 0));
        assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
        told.hubs()
            .iter()
            .map(|hub| hub.fates("duplicates"))
            .sum::<u64>()
    };
    let runs = [(false, "udp"), (true, "udp"), (true, "icmp")];
    let told: u64 = std::thread::scope(|scope| {
        let runs = runs.map(|(ipv6, method)| scope.spawn(move || run(ipv6, method)));
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    // A run ends with its last answer, whose double it does not wait for.
    let doubled = world.line("r1", "r2").doubled;
    assert!(
        (doubled - 3..=doubled).contains(&told),
        "{told} of {doubled}"
    );
}

#[test]
fn a_router_that_says_everything_twice_is_heard_once() {
    let Some(world) = built("answers-twice") else {
        return;
    };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6, &["6"]);
        for (hub, router) in told.hubs().iter().zip(["r1", "r2", "r3", "r4", "r5", ""]) {
            let (answered, twice) = match router {
                "r3" => (0, 0),
                "" => (30, 0),
                _ => (30, 30),
            };
            assert_eq!(
                (hub.fates("answered"), hub.fates("duplicates")),
                (answered, twice),
                "{told}"
            );
        }
        assert_eq!(
            told.kinds(),
            ["ok", "ok", "silent", "ok", "ok", "ok"],
            "{told}"
        );
    });
}

#[test]
fn answers_that_overtake_each_other_each_go_to_their_own_probe() {
    let Some(world) = built("reordered") else {
        return;
    };
    let told = traced(&world, false, &["4"]);
    for (hub, id) in told.hubs().iter().zip(["r1", "r2", "r3", "server"]) {
        assert_eq!(hub.host(), world.address(id, false).to_string());
        assert_eq!(
            (hub.kind(), hub.fates("answered"), hub.fates("duplicates")),
            ("ok", 30, 0),
            "{told}"
        );
        let distance = hub.0["count"].as_f64().unwrap();
        // None is faster than its links; those that were held up took 30 ms more.
        assert!(hub.ms("Best") >= 2.0 * distance, "{told}");
    }
    // That none of 30 is held up, one in four: 2e-4; of 90: 6e-12.
    let worst = told.hubs()[1..]
        .iter()
        .map(|hub| hub.ms("Wrst"))
        .fold(0.0, f64::max);
    assert!(worst >= 34.0, "{told}");
}

#[test]
fn answers_that_come_late_are_late_and_not_lost() {
    let Some(world) = built("slow-answers") else {
        return;
    };
    let told = traced(&world, false, &["5", "-Z", "0.03"]);
    // Router 2 takes 44 ms; waiting for 30 the tracer may end, yet must hear what it knows to be late.
    let slow = told.hub(2);
    assert_eq!(
        (slow.fates("late"), slow.lost(), slow.fates("answered")),
        (30, 0, 0),
        "{told}"
    );
    assert_eq!(
        (slow.kind(), &slow.0["Loss%"], &slow.0["Best"]),
        ("ok", &0.0.into(), &serde_json::Value::Null),
        "{told}"
    );
    assert!(
        told.hubs().iter().all(|hub| hub.finding("lossy").is_none()),
        "{told}"
    );
}

#[test]
fn silent_routers_are_silent_and_not_lossy() {
    let Some(world) = built("silent") else { return };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6, &["5"]);
        assert_eq!(
            told.kinds(),
            ["ok", "silent", "silent", "ok", "ok"],
            "{told}"
        );
        assert_eq!(told.hosts()[1..3], ["???", "???"]);
        assert_eq!(told.report["reached"], 5);
        assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts");
    });
}

#[test]
fn what_quotes_too_little_is_said_to_and_is_not_taken_for_loss() {
    for (name, short) in [
        ("quotes", &["r1"][..]),
        ("short-quotes", &["r1", "r2", "r4", "r5"]),
    ] {
        let Some(world) = built(name) else { return };
        let hops: Vec<String> = world.world.hops().map(|node| node.id.clone()).collect();
        let last = hops.len().to_string();
        let told = traced(&world, false, &[&last]);
        assert_eq!(told.hubs().len(), hops.len(), "{told}");
        // The first answer of each such router does not tell to which probe it belongs, nor do those
        // to probes that left before it came.
        let mut untold = 0;
        for (hub, id) in told.hubs().iter().zip(&hops) {
            if id == "r3" && name == "short-quotes" {
                assert_eq!(hub.kind(), "silent");
                continue;
            }
            let is_short = short.contains(&id.as_str());
            assert_eq!(hub.host(), world.address(id, false).to_string(), "{told}");
            assert_eq!(hub.lost() > 0, is_short, "{told}");
            untold += hub.lost();
            assert_eq!(hub.kind(), "ok", "{told}");
            assert_eq!(hub.fact("quotes-too-little").is_some(), is_short, "{told}");
        }
        assert_eq!(told.count("short_quotes"), untold, "{told}");
        assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
    }
}

#[test]
fn lies_are_counted_and_none_is_believed() {
    let Some(world) = built("forged") else { return };
    for ipv6 in [false, true] {
        let before = world.deeds("r2").forged;
        let told = traced(&world, ipv6, &["5"]);
        let address = |id: &str| world.address(id, ipv6).to_string();
        let mut expected = ["r1", "r2", "r3", "r4"].map(address).to_vec();
        expected.push(world.target(ipv6).to_string());
        assert_eq!(told.hosts(), expected, "{told}");
        assert_eq!(told.kinds(), ["ok"; 5], "{told}");
        for hub in told.hubs() {
            assert_eq!(
                (hub.fates("answered"), hub.fates("duplicates")),
                (30, 0),
                "{told}"
            );
            assert_eq!(hub.addresses().len(), 1);
        }
        // Of its five lies about each probe, two have the right ports and come to our socket; the
        // kernel knows the others for what they are.
        let forged = world.deeds("r2").forged - before;
        assert_eq!(forged, 5 * 30 * 4);
        assert_eq!(told.count("spoofed"), forged / 5 * 2, "{told}");
    }
}

#[test]
fn what_nobody_has_is_not_reached() {
    let Some(world) = built("silent") else { return };
    let nobody: IpAddr = "10.99.0.1".parse().unwrap();
    let told = Told::one(&world.hopcast(&with(&nobody.to_string(), &["-c", "1", "-m", "4"])));
    assert_eq!((told.code, told.kinds()), (1, vec!["no-answer"]), "{told}");
    assert_eq!(told.report["verdict"]["outcome"], "cannot-tell");
}
