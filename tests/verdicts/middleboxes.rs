//! Translators, firewalls and what they leave of the truth.

use std::net::{IpAddr, TcpListener};

use serde_json::Value;

use super::*;
use crate::world::run;

const QUICK: [&str; 4] = ["-c", "5", "-i", "0.05"];

fn listening(world: &World, port: u16) -> TcpListener {
    run::inside(&world.server, || TcpListener::bind(("::", port)).unwrap())
}

/// A run in a family, with further arguments.
fn traced(world: &World, ipv6: bool, more: &[&str]) -> Told {
    let target = world.target(ipv6).to_string();
    Told::one(&world.hopcast(&with(&target, &[&QUICK, more].concat())))
}

/// The addresses of nodes in order.
fn addresses(world: &World, ids: &[&str], ipv6: bool) -> Vec<String> {
    let address = |id: &&str| world.address(id, ipv6).to_string();
    ids.iter().map(address).collect()
}

const ROUTERS: [&str; 4] = ["r1", "r2", "r3", "r4"];

#[test]
fn a_translation_that_does_not_show_is_not_claimed() {
    let Some(world) = built("nat") else { return };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6, &[]);
        let expected = [
            addresses(&world, &ROUTERS, ipv6),
            vec![world.target(ipv6).to_string()],
        ];
        assert_eq!(told.hosts(), expected.concat(), "{told}");
        assert_eq!(told.kinds(), ["ok"; 5], "{told}");
    });
}

#[test]
fn a_gateway_that_speaks_as_the_target_is_not_the_target() {
    let Some(world) = built("gateway") else {
        return;
    };
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6, &[]);
        let target = world.target(ipv6).to_string();
        let mut expected = addresses(&world, &["r1"], ipv6);
        expected.extend([(); 4].map(|()| target.clone()));
        assert_eq!(told.hosts(), expected, "{told}");
        assert_eq!(told.report["reached"], 5);
        assert_eq!(
            told.kinds(),
            ["ok", "translated", "translated", "translated", "ok"],
            "{told}"
        );
        assert_eq!(
            told.hub(2).fact("target-in-the-way").unwrap()["address"],
            target
        );
        let answers = |at: u8| &told.hub(at).0["responders"][0]["answer"];
        assert_eq!(
            (answers(4), answers(5)),
            (&"time-exceeded".into(), &"port-unreachable".into())
        );
    });
}

#[test]
fn who_answers_from_another_address_is_shown_and_believed() {
    let Some(world) = built("other-address") else {
        return;
    };
    for (ipv6, router, server) in [
        (false, "198.51.100.2", "198.51.100.99"),
        (true, "2001:db8:100::2", "2001:db8:100::99"),
    ] {
        let told = traced(&world, ipv6, &[]);
        let r1 = addresses(&world, &["r1", "r3"], ipv6);
        assert_eq!(told.hosts(), [&r1[0], router, &r1[1], server], "{told}");
        assert_eq!(told.report["reached"], 4);
        assert_eq!(told.kinds(), ["ok", "ok", "ok", "translated"], "{told}");
        let fact = told.hub(4).fact("answered-from").unwrap();
        assert_eq!(fact["asked"], world.target(ipv6).to_string());
        assert_eq!(fact["answered"], server);
    }
}

#[test]
fn what_a_firewall_drops_is_silent_and_not_lossy() {
    let Some(world) = built("firewall-drops") else {
        return;
    };
    in_both_families(|ipv6| {
        // The service lets itself be heard: packets pass, if not these.
        let told = traced(&world, ipv6, &[]);
        assert_eq!(told.kinds(), ["ok", "ok", "ok", "silent"], "{told}");
        assert!(told.report["reached"].is_null());
        assert_eq!(told.report["service"]["fates"]["answered"], 5, "{told}");
        assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
        // Through the open port every hop is seen.
        let told = traced(&world, ipv6, &["-T", "-P", "443"]);
        let expected = [
            addresses(&world, &ROUTERS, ipv6),
            vec![world.target(ipv6).to_string()],
        ];
        assert_eq!(told.hosts(), expected.concat(), "{told}");
        assert_eq!(told.kinds(), ["ok"; 5], "{told}");
    });
    // Through another nothing is, and nobody knows whether it is the way that ends there.
    let told = traced(&world, false, &["-T", "-P", "80"]);
    assert_eq!(told.kinds(), ["ok", "ok", "ok", "no-answer"], "{told}");
    assert_eq!(told.report["verdict"]["outcome"], "cannot-tell", "{told}");
    assert!(told.report["reached"].is_null());
}

#[test]
fn a_firewalls_refusal_is_told_by_its_code_and_is_no_arrival() {
    let Some(world) = built("firewall-prohibits") else {
        return;
    };
    for (ipv6, more, code) in [
        (false, &["--no-service"][..], (3, 13)),
        (true, &["--no-service"], (1, 1)),
        (false, &["-T", "-P", "80"], (3, 10)),
        (true, &["-T", "-P", "80"], (1, 1)),
    ] {
        let told = traced(&world, ipv6, more);
        assert_eq!(
            told.kinds(),
            ["ok", "ok", "ok", "filtered"],
            "{more:?} {told}"
        );
        assert!(told.report["reached"].is_null());
        let fact = told.hub(4).fact("icmp").unwrap();
        assert_eq!(
            (fact["type"].as_u64(), fact["code"].as_u64()),
            (Some(code.0), Some(code.1))
        );
        assert_eq!(fact["from"], world.address("r3", ipv6).to_string());
        let pain = &told.report["verdict"];
        assert_eq!(
            (&pain["outcome"], &pain["kind"]),
            (&"hurts".into(), &"filtered".into()),
            "{told}"
        );
    }
    // Its service is let through: the target is well, and the firewall is named all the same.
    let told = traced(&world, false, &[]);
    assert_eq!(told.kinds(), ["ok", "ok", "ok", "filtered"], "{told}");
    assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
    let told = traced(&world, false, &["-T", "-P", "443"]);
    assert_eq!(
        (&told.report["reached"], told.kinds()),
        (&5.into(), vec!["ok"; 5]),
        "{told}"
    );
}

#[test]
fn a_reset_is_a_port_refused_wherever_it_comes_from() {
    let Some(world) = built("firewall-resets") else {
        return;
    };
    let _listener = listening(&world, 443);
    in_both_families(|ipv6| {
        let target = world.target(ipv6).to_string();
        for (port, distance, answer) in [("80", 4, "refused"), ("443", 5, "connected")] {
            let told = traced(&world, ipv6, &["-T", "-P", port]);
            assert_eq!(told.report["reached"], distance, "{told}");
            let last = told.hub(distance);
            assert_eq!(
                (last.host(), last.kind()),
                (target.as_str(), "ok"),
                "{told}"
            );
            assert_eq!(last.0["responders"][0]["answer"], answer, "{told}");
            // Two ways over each link of 1 ms: the firewall's word comes from no further than hop 3.
            let least = 2.0 * f64::from(if port == "80" { 3 } else { 5 });
            assert!(last.ms("Best") >= least, "{told}");
        }
    });
}

#[test]
fn echo_that_is_dropped_is_made_up_for_by_the_service() {
    let Some(world) = built("echo-dropped") else {
        return;
    };
    in_both_families(|ipv6| {
        let target = world.target(ipv6).to_string();
        let args = [&QUICK[..], &["--method", "icmp", "--service", "443"]].concat();
        let told = Told::one(&world.hopcast_as_root(&with(&target, &args)));
        let near = addresses(&world, &ROUTERS[..3], ipv6);
        assert_eq!(told.hosts()[..3], near, "{told}");
        assert_eq!(told.kinds(), ["ok", "ok", "ok", "silent"], "{told}");
        assert!(told.report["reached"].is_null());
        assert_eq!(told.report["service"]["fates"]["answered"], 5);
        assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
        // UDP passes: the same path by it is whole.
        assert_eq!(traced(&world, ipv6, &[]).kinds(), ["ok"; 5]);
    });
}

#[test]
fn errors_that_do_not_come_back_leave_hops_silent() {
    let Some(world) = built("errors-dropped") else {
        return;
    };
    let _listener = listening(&world, 443);
    in_both_families(|ipv6| {
        let told = traced(&world, ipv6, &[]);
        assert_eq!(told.kinds(), ["ok", "ok", "silent"], "{told}");
        assert!(told.report["reached"].is_null());
        let told = traced(&world, ipv6, &["-T", "-P", "443"]);
        assert_eq!(
            told.kinds(),
            ["ok", "ok", "silent", "silent", "ok"],
            "{told}"
        );
        assert_eq!(told.report["reached"], 5);
        let host = |host: &str| host.parse::<IpAddr>().ok();
        let hosts: Vec<Option<IpAddr>> = told.hosts().into_iter().map(host).collect();
        let [r1, r2] = ["r1", "r2"].map(|id| Some(world.address(id, ipv6)));
        assert_eq!(hosts, [r1, r2, None, None, Some(world.target(ipv6))]);
        let passes = &told.hub(3).fact("passes-to").unwrap()["by"];
        assert_eq!(passes, &Value::from("target"), "{told}");
    });
}
