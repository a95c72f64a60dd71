//! Several ways side by side, ways that circle, and ways that end.

use std::collections::BTreeSet;

use super::bounds::{so, some_try};
use super::*;

/// The addresses of nodes.
fn addresses(world: &World, ids: &[&str]) -> BTreeSet<String> {
    ids.iter()
        .map(|id| world.address(id, false).to_string())
        .collect()
}

fn seen(told: &Told, distance: u8) -> BTreeSet<String> {
    told.hub(distance)
        .addresses()
        .into_iter()
        .map(String::from)
        .collect()
}

#[test]
fn one_flow_sees_one_branch_and_nothing_of_the_balance() {
    let Some(world) = built("balanced") else {
        return;
    };
    let told = trace(&world, &["-c", "10", "-i", "0.05"]);
    assert!(told.kinds().iter().all(|kind| *kind == "ok"), "{told}");
    let branches = [["r3", "r6"], ["r4", "r7"], ["r5", "r8"]];
    let mut branches = branches
        .iter()
        .map(|ids| ids.map(|id| world.address(id, false).to_string()));
    assert!(branches.any(|own| told.hosts()[2..4] == own), "{told}");
    assert_eq!(told.hubs().len(), 6);
}

#[test]
fn every_branch_is_found_with_95_percent() {
    let Some(world) = built("balanced") else {
        return;
    };
    // Two branches more, of equal likelihood, are each missed with 5 % at the most.
    some_try(0.9, |_| {
        let told = trace(&world, &["--ecmp", "-i", "0.05"]);
        // Veitch et al., table 1: so many flows for so many branches.
        let enough = [0, 6, 11, 16];
        for hub in &told.hubs()[..5] {
            assert!(hub.sent() >= enough[hub.addresses().len()], "{told}");
            assert!(
                matches!(hub.kind(), "ok" | "load-balanced" | "unsure" | "changed"),
                "{told}"
            );
        }
        for single in [1, 2, 5] {
            assert_eq!(told.hub(single).kind(), "ok", "{told}");
        }
        let all = seen(&told, 3) == addresses(&world, &["r3", "r4", "r5"])
            && seen(&told, 4) == addresses(&world, &["r6", "r7", "r8"]);
        // Flows asked again tell how they are chosen.
        let by_flow = |at: u8| told.hub(at).fact("per-flow").is_some();
        let balanced = told.kinds()[2..4] == ["load-balanced"; 2];
        so(all && balanced && by_flow(3) && by_flow(4), &told)
    });
}

#[test]
fn flows_asked_again_show_a_balance_by_packet() {
    let Some(world) = built("balanced-by-packet") else {
        return;
    };
    some_try(0.9, |_| {
        let told = trace(&world, &["--ecmp", "-i", "0.05"]);
        let hub = told.hub(2);
        assert!(hub.fact("per-flow").is_none(), "{told}");
        let all = seen(&told, 2) == addresses(&world, &["r2", "r3"]);
        so(all && hub.fact("per-packet").is_some(), &told)
    });
}

#[test]
fn branches_of_two_lengths_are_both_walked_to_their_ends() {
    let Some(world) = built("balanced-unequal") else {
        return;
    };
    some_try(0.9, |_| {
        let told = trace(&world, &["--ecmp", "-i", "0.05"]);
        // Behind two branches the server's distance is asked as often as any other, whether or not the
        // first flow came to it there.
        if seen(&told, 3).len() == 2 {
            assert!(told.hub(4).sent() >= 6, "{told}");
        }
        let right = seen(&told, 2) == addresses(&world, &["r2", "r3"])
            && seen(&told, 3) == addresses(&world, &["r4", "r5"])
            && seen(&told, 4) == addresses(&world, &["r5", "server"]);
        so(right, &told)
    });
    some_try(0.9, |_| {
        let told = trace(&world, &["--flows", "8", "-c", "24", "-i", "0.05"]);
        assert!(told.hubs().iter().all(|hub| hub.lost() == 0), "{told}");
        let kinds = told.kinds();
        assert!(
            !kinds.contains(&"lossy") && !kinds.contains(&"slow"),
            "{told}"
        );
        so(
            kinds[1..4] == ["load-balanced"; 3] && kinds[0] == "ok",
            &told,
        )
    });
}

#[test]
fn flows_that_keep_their_branch_are_balanced_by_flow() {
    let Some(world) = built("balanced") else {
        return;
    };
    // That 8 flows leave one of three branches out: 3 (2/3)^8 = 0.12.
    some_try(0.8, |_| {
        let told = trace(&world, &["--flows", "8", "-c", "24", "-i", "0.05"]);
        for at in [3, 4] {
            assert!(told.hub(at).fact("per-packet").is_none(), "{told}");
        }
        let per_flow = |at: u8| {
            told.hub(at).kind() == "load-balanced" && told.hub(at).fact("per-flow").is_some()
        };
        so(
            seen(&told, 3).len() == 3 && per_flow(3) && per_flow(4),
            &told,
        )
    });
}

#[test]
fn ports_that_count_up_show_branches_and_not_by_what_they_are_chosen() {
    let check = |name: &str| {
        let Some(world) = built(name) else { return };
        let at = if name == "balanced" { 3 } else { 2 };
        some_try(0.9, |_| {
            let told = trace(&world, &["--ports", "classic", "-c", "24", "-i", "0.05"]);
            // Every probe is a flow of its own: what is by flow looks like what is by packet.
            for hub in told.hubs() {
                assert!(
                    hub.fact("per-packet").is_none() && hub.fact("per-flow").is_none(),
                    "{told}"
                );
            }
            let balanced = told.hub(at).kind() == "load-balanced"
                && told.hub(at).fact("side-by-side").is_some();
            let changes = told.report["changes"].as_array().unwrap().len();
            so(balanced && changes == 0, &told)
        });
    };
    std::thread::scope(|scope| {
        for name in ["balanced", "balanced-by-packet", "balanced-unequal"] {
            scope.spawn(move || check(name));
        }
    });
}

#[test]
fn one_flow_that_is_spread_is_balanced_by_packet() {
    let Some(world) = built("balanced-by-packet") else {
        return;
    };
    some_try(0.95, |_| {
        let told = trace(&world, &["-c", "40", "-i", "0.03"]);
        assert_eq!(told.hubs().len(), 4);
        let hub = told.hub(2);
        let per_packet = hub.kind() == "load-balanced" && hub.fact("per-packet").is_some();
        let rest = [1, 3, 4].iter().all(|at| told.hub(*at).kind() == "ok");
        let changes = told.report["changes"].as_array().unwrap().len();
        so(
            per_packet
                && rest
                && changes == 0
                && seen(&told, 2) == addresses(&world, &["r2", "r3"]),
            &told,
        )
    });
}

#[test]
fn echoes_show_branches_only_where_their_checksum_decides() {
    let check = |name: &str, at: u8, branches: usize| {
        let Some(world) = built(name) else { return };
        let target = world.target(false).to_string();
        let run = |more: &[&str]| {
            let args = [&["--method", "icmp", "-c", "24", "-i", "0.03"], more].concat();
            Told::one(&world.hopcast_as_root(&with(&target, &args)))
        };
        let one = run(&[]);
        assert!(one.kinds().iter().all(|kind| *kind == "ok"), "{one}");
        some_try(0.95, |_| {
            let told = run(&["--flows", "8"]);
            so(told.hub(at).addresses().len() == branches, &told)
        });
    };
    std::thread::scope(|scope| {
        scope.spawn(|| check("balanced-first-bytes", 2, 2));
        check("balanced", 3, 1);
    });
}

#[test]
fn a_loop_is_shown_to_the_last_distance_and_called_no_arrival() {
    let Some(world) = World::build("loop") else {
        return;
    };
    let told = trace(&world, &["-c", "3", "-i", "0.05", "-m", "30"]);
    assert_eq!(told.hubs().len(), 30);
    let address = |id: &str| world.address(id, false).to_string();
    let turns = [address("r2"), address("r3")];
    for (hub, at) in told.hubs().iter().skip(1).zip(0..) {
        assert_eq!(hub.host(), turns[at % 2], "{told}");
        assert_eq!(hub.kind(), "ok", "{told}");
    }
    assert!(told.report["reached"].is_null());
    assert_eq!(told.report["verdict"]["outcome"], "hurts", "{told}");
    assert!(told.sentence().contains("circle"), "{told}");
}

#[test]
fn a_router_without_a_way_on_ends_the_path() {
    let Some(world) = built("no-route") else {
        return;
    };
    let methods: [&[&str]; 4] = [
        &["-u"],
        &["-T", "-P", "81"],
        &["--method", "icmp"],
        &["--method", "syn", "-P", "81"],
    ];
    in_both_families(|ipv6| {
        let kind = if ipv6 { 1 } else { 3 };
        let target = world.target(ipv6).to_string();
        for method in methods {
            let args = [&["-c", "4", "-i", "0.05", "--service", "80"], method].concat();
            let args = with(&target, &args);
            let told = Told::one(&match method[0] {
                "--method" => world.hopcast_as_root(&args),
                _ => world.hopcast(&args),
            });
            assert_eq!(told.kinds(), ["ok", "ok", "ok", "filtered"], "{told}");
            let fact = told.hub(4).fact("icmp").unwrap();
            assert_eq!((&fact["type"], &fact["code"]), (&kind.into(), &0.into()));
            assert_eq!(fact["from"], world.address("r3", ipv6).to_string());
            // The service was asked, too, and got no further.
            assert_eq!(told.report["service"]["fates"]["answered"], 0, "{told}");
            assert!(told.report["reached"].is_null());
            let pain = &told.report["verdict"];
            assert_eq!(
                (&pain["outcome"], &pain["kind"]),
                (&"hurts".into(), &"filtered".into()),
                "{told}"
            );
        }
    });
}
