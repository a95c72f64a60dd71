//! What errors tell of our packets, by every method: labels, and where `CAP_NET_RAW` is permitted
//! another class and other addresses.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

mod world;

use world::{World, run};

fn json(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).expect("a report")
}

/// The report of a trace, with every right or with none.
fn trace(world: &World, ipv6: bool, rights: bool, more: &[&str]) -> Value {
    let target = world.target(ipv6).to_string();
    let args = ["trace", &target, "-c", "3", "-i", "0.2", "--json"];
    let args = [&args[..], more].concat();
    json(&match rights {
        true => world.hopcast_as_root(&args),
        false => world.hopcast(&args),
    })
}

fn hubs(report: &Value) -> &[Value] {
    let hubs = report["report"]["hubs"].as_array();
    hubs.expect("hubs are a list")
}

/// Each hop's facts of one kind of finding.
fn found(report: &Value, kind: &str) -> Vec<Value> {
    let findings = |hub: &Value| {
        let verdict = &hub["verdict"];
        let also = verdict["also"].as_array().cloned().unwrap_or_default();
        let all = [vec![verdict.clone()], also].concat();
        let own = all.into_iter().find(|finding| finding["kind"] == kind);
        own.map_or(Value::Null, |own| own["evidence"].clone())
    };
    hubs(report).iter().map(findings).collect()
}

/// Each probe has one reply, and no error is heard twice.
fn check_once(report: &Value) {
    for hub in hubs(report) {
        let fates = json!({
            "answered": 3, "late": 0, "lost": 0, "unsent": 0, "duplicates": 0,
        });
        assert_eq!(hub["fates"], fates, "{hub:#}");
    }
    assert_eq!(
        (&report["unmatched"], &report["spoofed"]),
        (&0.into(), &0.into())
    );
}

/// The ways that see quotes in full, and whether the target answers by one.
const METHODS: [(&[&str], bool); 3] = [
    (&[], true),
    (&["-T", "-P", "443"], false),
    (&["--method", "icmp"], false),
];

/// Lets everybody in the client's namespace open ping sockets.
fn allow_ping_sockets(world: &World) {
    let switch = "/proc/sys/net/ipv4/ping_group_range";
    run::inside(&world.client, || fs::write(switch, "0 2147483647")).unwrap();
}

/// What each hop tells of itself, of its only responder.
fn responders(report: &Value, field: &str) -> Vec<Value> {
    let told = |hub: &Value| hub["responders"][0]["quoted"][field].clone();
    hubs(report).iter().map(told).collect()
}

/// The labels of each hop in the world that has some.
fn check_labels(report: &Value) {
    let labels = |hub: &Value| -> Vec<Value> {
        let labels = hub["mpls"].as_array().expect("a list").iter();
        labels.map(|label| label["label"].clone()).collect()
    };
    let labels: Vec<Vec<Value>> = hubs(report).iter().map(labels).collect();
    let two = vec![Value::from(24002), 17.into()];
    assert_eq!(
        labels,
        [vec![], vec![Value::from(24001)], two, vec![], vec![]],
        "{}",
        report["method"]
    );
}

#[test]
fn labels_are_told_at_their_hops_with_every_method() {
    let Some(world) = World::build("labels") else {
        return;
    };
    world.server.answer_freely().unwrap();
    for (method, target_quotes) in METHODS {
        for ipv6 in [false, true] {
            let report = trace(&world, ipv6, true, method);
            check_once(&report);
            assert_eq!(report["method"]["full_quotes"], true);
            check_labels(&report);
            for (distance, hub) in (1..).zip(hubs(&report)) {
                // The world decrements as routers do: a probe comes to its hop with one left.
                let quoted = json!({
                    "tos": 0, "ttl": 1, "source": null, "destination": null, "rewritten": false,
                });
                let quotes = distance < 5 || target_quotes;
                let own = &hub["responders"][0]["quoted"];
                let expected = if quotes { quoted } else { Value::Null };
                assert_eq!(*own, expected, "{method:?} {distance}");
            }
        }
    }
}

#[test]
fn labels_are_told_without_any_right_and_what_grants_the_rest() {
    let Some(world) = World::build("labels") else {
        return;
    };
    world.server.answer_freely().unwrap();
    allow_ping_sockets(&world);
    for (method, _) in METHODS {
        for ipv6 in [false, true] {
            let report = trace(&world, ipv6, false, method);
            check_once(&report);
            check_labels(&report);
            if run::may_become_nobody() {
                assert_eq!(report["method"]["full_quotes"], false);
                let why = report["method"]["not_used"][0]["why"]["en"].as_str();
                assert!(why.unwrap().contains("setcap cap_net_raw"), "{why:?}");
                let nothing = vec![Value::Null; 5];
                assert_eq!(responders(&report, "tos"), nothing);
            }
        }
    }
}

#[test]
fn interfaces_are_told_at_their_hops_with_every_method_and_any_rights() {
    let Some(world) = World::build("interfaces") else {
        return;
    };
    world.server.answer_freely().unwrap();
    allow_ping_sockets(&world);
    let told = |role, index, address, name, mtu| json!({ "role": role, "index": index, "address": address, "name": name, "mtu": mtu });
    let none = Value::Null;
    let first = json!([
        told(
            "incoming",
            3.into(),
            "10.0.1.1".into(),
            "ge-0/0/1".into(),
            1500.into()
        ),
        told(
            "outgoing",
            none.clone(),
            none.clone(),
            "接口2".into(),
            none.clone()
        ),
    ]);
    let address = "fd00:3::1".into();
    let second = json!([told("next-hop", none.clone(), address, none.clone(), none)]);
    let expected = [first, second, json!([]), json!([])];
    for ((method, _), rights) in METHODS.iter().flat_map(|own| [(own, true), (own, false)]) {
        for ipv6 in [false, true] {
            let report = trace(&world, ipv6, rights, method);
            check_once(&report);
            for (hub, expected) in hubs(&report).iter().zip(&expected) {
                assert_eq!(hub["interfaces"], *expected, "{method:?} {hub:#}");
                assert_eq!(hub["responders"][0]["interfaces"], *expected);
            }
            assert_eq!(hubs(&report).len(), expected.len());
            assert_eq!(hubs(&report)[1]["mpls"][0]["label"], 24001);
        }
    }
}

#[test]
fn a_class_that_is_rewritten_is_said_behind_the_router_that_does_it_and_once() {
    let Some(world) = World::build("class-rewritten") else {
        return;
    };
    world.server.answer_freely().unwrap();
    let all = METHODS.iter();
    let all = all.flat_map(|method| [false, true].map(|ipv6| (method, ipv6)));
    for ((method, target_quotes), ipv6) in all {
        let report = trace(
            &world,
            ipv6,
            true,
            &[method, &["--tos", "184"][..]].concat(),
        );
        check_once(&report);
        // 184 is DSCP 46, expedited forwarding.
        let expected = [184, 184, 0, 0, 0].map(Value::from);
        let quoted = if *target_quotes { 5 } else { 4 };
        assert_eq!(responders(&report, "tos")[..quoted], expected[..quoted]);
        let fact = json!([{ "fact": "class-rewritten", "before": 46, "now": 0 }]);
        let found = found(&report, "remarked");
        let none = Value::Null;
        for (found, expected) in found.iter().zip([&none, &none, &fact, &none, &none]) {
            let facts = found.as_array().map(|facts| {
                let plain = facts.iter().cloned().map(|mut fact| {
                    fact.as_object_mut().map(|fact| fact.remove("text"));
                    fact
                });
                plain.collect::<Value>()
            });
            assert_eq!(facts.unwrap_or_default(), *expected);
        }
    }
}

#[test]
fn a_translation_that_shows_is_said_behind_the_router_that_does_it_and_once() {
    let Some(world) = World::build("nat-shows") else {
        return;
    };
    world.server.answer_freely().unwrap();
    for (method, target_quotes) in METHODS {
        for ipv6 in [false, true] {
            let ours = world.address("client", ipv6).to_string();
            // Leaving from an address by name, the kernel knows no socket for an error that quotes
            // another.
            for more in [&[][..], &["-a", ours.as_str()]] {
                let report = trace(&world, ipv6, true, &[method, more].concat());
                check_once(&report);
                let now = if ipv6 { "2001:db8:2::2" } else { "203.0.113.2" };
                let now = Value::from(now);
                let last = if target_quotes { &now } else { &Value::Null };
                let expected = [&Value::Null, &Value::Null, &now, &now, last].map(Value::clone);
                assert_eq!(responders(&report, "source"), expected, "{method:?}");
                let said = found(&report, "translated");
                let said: Vec<bool> = said.iter().map(Value::is_array).collect();
                assert_eq!(said, [false, false, true, false, false]);
            }
        }
    }
}
