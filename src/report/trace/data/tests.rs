//! Real output against `SCHEMA.md`: every field that comes is listed with its type, every field that is
//! listed comes.

use std::time::Duration;

use super::found::evidence;
use super::*;
use crate::atlas::Origin;
use crate::lang::Text;
use crate::packet::interface::Role;
use crate::probe::{Detail, Quoted};
use crate::report::schema::{self, Seen, Shapes, check};
use crate::trace::mtu::{PathMtu, TooBig};
use crate::trace::plan::Plan;
use crate::trace::report::ServiceAsked;
use crate::trace::verdict::{Advice, Evidence, Witness};
use crate::trace::worlds::{self, about, address, path};

/// The tables of the schema, those filled in that take others in.
fn shapes() -> Shapes {
    let mut shapes = schema::shapes(include_str!("../SCHEMA.md"));
    // "The figures of a hub": its columns and what goes with them, not what only a hop has.
    let hop = [
        "count",
        "host",
        "verdict",
        "node",
        "node_by",
        "stranger",
        "owner",
        "ASN",
        "network",
        "unexpected",
        "flows",
        "mpls",
        "interfaces",
    ];
    let mut figures = shapes["hub"].clone();
    figures.retain(|field, _| !hop.contains(&field.as_str()));
    for shape in ["service", "asked", "asked_service"] {
        shapes.get_mut(shape).unwrap().extend(figures.clone());
    }
    shapes
}

/// Reports that hold among them everything there is to say.
fn reports() -> Vec<Report> {
    let mut plain = path(6, 20, 1000).planned();
    plain.about.method.others = vec![("tcp", Text::same("no port"))];
    plain.names = vec![(address(1), "one.test".to_string())];
    let origin = Origin {
        asn: Some(64500),
        name: "电信".into(),
        place: Some("北京".into()),
    };
    plain.networks = vec![(address(1), origin)];
    plain.path_mtu = Some(PathMtu {
        mtu: Some(1400),
        too_large: Some(1401),
        told: vec![TooBig {
            responder: address(2),
            size: 1500,
            passes: Some(1400),
        }],
        own_limit: Some(Text::new("太长", "too long")),
        black_hole: Some(Some((2, address(2)))),
        sent: 9,
    });

    let mut lossy = path(6, 60, 1000);
    lossy.service = true;
    lossy.at(4).out = 0.2;
    lossy.at(6).delay = Duration::from_millis(30);
    let mut lossy = lossy.planned();
    lossy.about.service = Some(ServiceAsked {
        port: 443,
        named: true,
    });

    let mut moved = path(6, 20, 1000);
    moved.length = |round| Some(if round < 9 { 6 } else { 5 });
    moved.at(2).detail = Some(Detail {
        ttl: Some(62),
        mtu: Some(1400),
        labels: vec![Label {
            label: 16,
            class: 0,
            bottom: true,
            ttl: 1,
        }],
        interfaces: vec![Interface {
            role: Role::Incoming,
            index: Some(3),
            address: Some(address(202)),
            name: Some("ge-0/0/1".to_string()),
            mtu: Some(1500),
        }],
        quoted: Some(Quoted {
            tos: Some(0),
            ttl: Some(1),
            source: Some(address(200)),
            destination: Some(address(201)),
            rewritten: true,
        }),
        ..Detail::default()
    });
    moved.at(3).silent = true;
    vec![
        plain,
        lossy,
        moved.planned(),
        aside(),
        path(3, 1, 1000).report(),
    ]
}

/// A path past a loop of which one node was asked and one has no address; where three nodes are
/// planned, two hops are, one of them a node off the path.
fn aside() -> Report {
    let mut world = path(4, 20, 1000);
    world.at(2).who = |_, _, _| 9;
    let mut plan = path(9, 1, 1).plan();
    let off = plan.hops.remove(8);
    // The way: 1, the loop 3, 4, 5, 4, and back at 1; then 6, 7, 8 and 4 of the world.
    let [one, four] = [0, 3].map(|at| plan.hops[at].clone());
    let mut order = vec![one.clone()];
    order.extend(plan.hops[4..6].iter().cloned());
    order.push(one);
    order.extend([
        plan.hops[1].clone(),
        plan.hops[2].clone(),
        plan.hops[6].clone(),
        four,
    ]);
    order[2].addresses.clear();
    let mut whole = order.clone();
    whole.push(off);
    let mut plan = Plan {
        hops: order,
        ..worlds::plan(Text::new("去", "there"), whole)
    };
    plan.loops.push(1..4);
    let about = about(address(4), 20);
    let mut report = Report::new(about, world.trace(), Some(plan));
    let mut own = path(1, 20, 1000);
    own.service = true;
    let mut own = own.report();
    own.about.service = Some(ServiceAsked {
        port: 443,
        named: true,
    });
    report.loops[0].nodes[0].asked = Some(Box::new(own));
    report
}

/// Every fact, so that none is missing from the schema.
fn facts() -> Vec<Evidence> {
    let (by, chance) = (Witness::Hop(3), 0.01);
    let (routers, switches, of) = (2, 5, 9);
    let time = Duration::from_millis(5);
    vec![
        Evidence::Unanswered {
            lost: 1,
            sent: 2,
            low: 0.1,
            high: 0.9,
        },
        Evidence::LostLess {
            by,
            lost: 1,
            sent: 2,
            chance,
        },
        Evidence::Bucket {
            every: time,
            burst: 6,
            accounted: 3,
            against: 0,
            times: 90.0,
        },
        Evidence::LossBegins {
            after: Some(1),
            by: 2,
        },
        Evidence::EndLoses {
            by: Witness::Service,
            lost: 1,
            sent: 2,
        },
        Evidence::DirectionUnknown,
        Evidence::Rise {
            rise: time,
            of: time,
            chance,
        },
        Evidence::AbovePlan { planned: time },
        Evidence::SlowToAnswer {
            p50: time,
            carried: time,
        },
        Evidence::Icmp {
            from: address(1),
            kind: 3,
            code: 13,
            count: 1,
        },
        Evidence::NextMtu { bytes: 1400 },
        Evidence::AnsweredFrom {
            asked: address(1),
            answered: address(2),
        },
        Evidence::TargetInTheWay {
            address: address(1),
        },
        Evidence::SourceRewritten { now: address(1) },
        Evidence::DestinationRewritten { now: address(1) },
        Evidence::PortsRewritten,
        Evidence::ClassRewritten { before: 46, now: 0 },
        Evidence::PerFlow {
            routers,
            flows: 2,
            chance,
        },
        Evidence::PerPacket {
            routers,
            switches,
            of,
            chance,
        },
        Evidence::SideBySide {
            routers,
            switches,
            of,
            chance,
        },
        Evidence::Moved {
            round: 3,
            before: address(1),
            after: address(2),
            chance,
        },
        Evidence::Several {
            routers,
            answers: 2,
        },
        Evidence::QuotesTooLittle { count: 1 },
        Evidence::OwnOverflow { packets: 1 },
        Evidence::PassesTo {
            by: Witness::Target,
        },
        Evidence::Between {
            limit: 0.5,
            loss: 0.4,
        },
        Evidence::MayBeTarget,
        Evidence::SharedLimit { chance },
        Evidence::WouldDecide {
            how: Advice::AskSlower,
        },
    ]
}

#[test]
fn output_and_schema_say_the_same() {
    let (shapes, mut seen) = (shapes(), Seen::new());
    for report in reports() {
        let data = data(&report);
        assert_eq!(data["schema"], SCHEMA);
        check(&shapes, &data, "trace", "trace", &mut seen);
    }
    for fact in facts() {
        check(&shapes, &evidence(&fact), "fact", "fact", &mut seen);
    }
    for (shape, fields) in &shapes {
        for field in fields.keys() {
            let known = seen.contains(&(shape.clone(), field.clone()));
            assert!(known, "no sample has {shape}.{field}");
        }
    }
    assert!(include_str!("../SCHEMA.md").starts_with(&format!("# `{SCHEMA}`")));
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let shapes = shapes();
    let wrong = |spoil: fn(&mut Value)| {
        let mut data = data(&reports()[0]);
        spoil(&mut data);
        let checked = std::panic::catch_unwind(|| {
            check(&shapes, &data, "trace", "trace", &mut Seen::new());
        });
        checked.is_err()
    };
    assert!(wrong(|data| data["reached"] = json!("6")));
    assert!(wrong(
        |data| data["report"]["hubs"][0]["verdict"]["kind"] = Value::Null
    ));
    assert!(wrong(|data| data["report"]["hubs"][0]["extra"] = json!(1)));
    assert!(!wrong(|_| ()));
}

#[test]
fn numbers_are_numbers_in_mtrs_units() {
    let data = data(&reports()[1]);
    let hub = &data["report"]["hubs"][3];
    let (lost, sent) = (hub["Drop"].as_f64().unwrap(), hub["Snt"].as_f64().unwrap());
    assert!((hub["Loss%"].as_f64().unwrap() - 100.0 * lost / sent).abs() < 1e-3);
    // Four links of 1 ms each way, up to 0.1 ms more on each.
    let best = hub["Best"].as_f64().unwrap();
    assert!((8.0..8.5).contains(&best), "{best}");
    let (low, high) = (&hub["loss_interval_95"][0], &hub["loss_interval_95"][1]);
    assert!(
        low.as_f64().unwrap() < 20.0 && 20.0 < high.as_f64().unwrap(),
        "{hub:#}"
    );
    assert_eq!(hub["verdict"]["kind"], "lossy");
    assert_eq!(
        (&hub["node"]["id"], &hub["owner"]["en"]),
        (&"n4".into(), &"owner b".into())
    );
}
