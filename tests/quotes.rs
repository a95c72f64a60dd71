//! What errors quote in full, where `CAP_NET_RAW` is permitted: labels, another class, other addresses.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::process::Output;

use serde_json::{Value, json};

mod world;

use world::World;

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

#[test]
fn labels_are_told_at_their_hops_and_who_may_not_see_them_is_told_what_grants_it() {
    let Some(world) = World::build("labels") else {
        return;
    };
    world.server.answer_freely().unwrap();
    for ipv6 in [false, true] {
        let report = trace(&world, ipv6, true, &[]);
        check_once(&report);
        assert_eq!(report["method"]["full_quotes"], true);
        let labels = |hub: &Value| -> Vec<Value> {
            let labels = hub["mpls"].as_array().expect("a list").iter();
            labels.map(|label| label["label"].clone()).collect()
        };
        let labels: Vec<Vec<Value>> = hubs(&report).iter().map(labels).collect();
        let two = vec![Value::from(24002), 17.into()];
        assert_eq!(
            labels,
            [vec![], vec![Value::from(24001)], two, vec![], vec![]]
        );
        for (distance, hub) in (1..).zip(hubs(&report)) {
            // The world decrements as routers do: a probe comes to its hop with one left.
            let quoted = json!({
                "tos": 0, "ttl": 1, "source": null, "destination": null, "rewritten": false,
            });
            let own = &hub["responders"][0]["quoted"];
            assert_eq!(*own, quoted, "{distance}");
        }
    }
    let report = trace(&world, false, false, &[]);
    check_once(&report);
    assert_eq!(report["method"]["full_quotes"], false);
    assert!(hubs(&report).iter().all(|hub| hub["mpls"] == json!([])));
    let why = report["method"]["not_used"][0]["why"]["en"].as_str();
    assert!(why.unwrap().contains("setcap cap_net_raw"), "{why:?}");
}

#[test]
fn a_class_that_is_rewritten_is_said_behind_the_router_that_does_it_and_once() {
    let Some(world) = World::build("class-rewritten") else {
        return;
    };
    world.server.answer_freely().unwrap();
    for ipv6 in [false, true] {
        let report = trace(&world, ipv6, true, &["--tos", "184"]);
        check_once(&report);
        let tos = |hub: &Value| hub["responders"][0]["quoted"]["tos"].clone();
        let tos: Vec<Value> = hubs(&report).iter().map(tos).collect();
        // 184 is DSCP 46, expedited forwarding.
        assert_eq!(tos, [184, 184, 0, 0, 0]);
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
    for ipv6 in [false, true] {
        let ours = world.address("client", ipv6).to_string();
        // Leaving from an address by name, the kernel knows no socket for an error that quotes another.
        for more in [&[][..], &["-a", ours.as_str()]] {
            let report = trace(&world, ipv6, true, more);
            check_once(&report);
            let now = if ipv6 { "2001:db8:2::2" } else { "203.0.113.2" };
            let source = |hub: &Value| hub["responders"][0]["quoted"]["source"].clone();
            let source: Vec<Value> = hubs(&report).iter().map(source).collect();
            let none = Value::Null;
            let now = Value::from(now);
            assert_eq!(source, [&none, &none, &now, &now, &now].map(Value::clone));
            let said = found(&report, "translated");
            let said: Vec<bool> = said.iter().map(Value::is_array).collect();
            assert_eq!(said, [false, false, true, false, false]);
        }
    }
}
