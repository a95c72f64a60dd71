//! Every way to probe finds the same path, in both address families.

use std::net::TcpListener;
use std::thread;

use super::*;
use crate::world::run;

const OPEN: &str = "8080";
const CLOSED: &str = "81";

/// A way to probe, whether as root, and how the target shows that it was reached.
const WAYS: [(&[&str], bool, &str); 10] = [
    (&["-u"], false, "port-unreachable"),
    (&["-u"], true, "port-unreachable"),
    (&["--ports", "classic"], false, "port-unreachable"),
    (&["-L", "40000", "-P", "9000"], false, "port-unreachable"),
    (&["--method", "icmp"], true, "echo-reply"),
    (&["--method", "icmp"], false, "echo-reply"),
    (&["-T", "-P", OPEN], false, "connected"),
    (&["-T", "-P", CLOSED], false, "refused"),
    (&["--method", "syn", "-P", OPEN], true, "connected"),
    (&["--method", "syn", "-P", CLOSED], true, "refused"),
];

/// Runs hopcast as data, as root or nobody.
fn told(world: &World, ipv6: bool, root: bool, args: &[&str]) -> Told {
    let target = world.target(ipv6).to_string();
    let args = with(&target, args);
    Told::one(&match root {
        true => world.hopcast_as_root(&args),
        false => world.hopcast(&args),
    })
}

/// The addresses from a first distance on, `???` for the silent.
fn hosts(world: &World, ipv6: bool, first: usize) -> Vec<String> {
    let hops = world.world.hops().skip(first - 1);
    let host = |node: &hopcast::lab::world::Node| match node.manners.silent {
        true => "???".to_string(),
        false => world.address(&node.id, ipv6).to_string(),
    };
    hops.map(host).collect()
}

#[test]
fn every_method_finds_every_hop_and_the_gap_between_them_in_both_families() {
    let Some(world) = built("chain") else { return };
    let open = run::inside(&world.server, || TcpListener::bind("[::]:8080").unwrap());
    // One after the other for each family: two cores have no more to give.
    thread::scope(|scope| {
        for ipv6 in [false, true] {
            let world = &world;
            scope.spawn(move || {
                for (way, root, answer) in WAYS {
                    // A half-open port is asked again when the round trip of 20 ms is over; on a busy
                    // machine a turn may be missed.
                    let in_turn = root && answer == "connected";
                    let interval = if in_turn { "0.3" } else { "0.06" };
                    // From a later distance on, too.
                    for (first, rounds) in [("1", "3"), ("4", "1")] {
                        let often = ["-f", first, "-c", rounds, "-i", interval, "--no-service"];
                        let told = told(world, ipv6, root, &[way, &often].concat());
                        let first: usize = first.parse().unwrap();
                        assert_eq!(told.hosts(), hosts(world, ipv6, first), "{way:?} {told}");
                        assert_eq!(told.report["reached"], 6, "{way:?} {told}");
                        assert_eq!(
                            (told.code, told.count("unmatched")),
                            (0, 0),
                            "{way:?} {told}"
                        );
                        for hub in told.hubs() {
                            let (sent, silent) = (hub.sent(), hub.host() == "???");
                            let answered = if silent { 0 } else { sent };
                            let all = sent.to_string() == rounds;
                            assert!(all || in_turn && sent > 0, "{way:?} {told}");
                            assert_eq!(hub.fates("answered"), answered, "{way:?} {told}");
                            let last = hub.0["count"] == 6;
                            let shown = if last { answer } else { "time-exceeded" };
                            let responders = hub.0["responders"].as_array().unwrap();
                            assert!(
                                responders.iter().all(|own| own["answer"] == shown),
                                "{way:?} {told}"
                            );
                        }
                    }
                }
            });
        }
    });
    drop(open);
}

#[test]
fn answers_out_of_order_go_to_their_probes_by_every_method() {
    let Some(world) = built("reordered") else {
        return;
    };
    let open = run::inside(&world.server, || TcpListener::bind("[::]:8080").unwrap());
    thread::scope(|scope| {
        for (way, root, _) in [WAYS[4], WAYS[6], WAYS[8], WAYS[9]] {
            let world = &world;
            scope.spawn(move || {
                let often = ["-c", "20", "-i", "0.04", "-m", "4", "--no-service"];
                let told = told(world, true, root, &[way, &often].concat());
                assert_eq!(told.hosts(), hosts(world, true, 1), "{way:?} {told}");
                for hub in told.hubs() {
                    // A port that a SYN half opens answers the next when that is over; until then none
                    // is sent, and none is lost for it.
                    let unsent = match hub.0["responders"][0]["answer"] == "connected" && root {
                        true => hub.fates("unsent"),
                        false => 0,
                    };
                    let counts = (hub.fates("answered"), hub.fates("duplicates"), hub.lost());
                    assert_eq!(counts, (20 - unsent, 0, 0), "{way:?} {told}");
                    assert!(unsent < 20, "{way:?} {told}");
                    // A reply that was given to the probe before or after would take less or much
                    // more than its links and one hold-up of 30 ms.
                    let links =
                        world.world.round_trips()[hub.0["count"].as_u64().unwrap() as usize - 1];
                    assert!(hub.ms("Best") >= links.as_ms(), "{way:?} {told}");
                }
            });
        }
    });
    drop(open);
}
