//! The named path in a world that is not quite as planned: networks, nodes known by their place, and a side loop
//! that packets to the target do not walk (`tests/worlds/side-loop.toml` and its plan beside it).

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::process::Output;

use serde_json::Value;

mod world;

use world::World;
use world::run::hopcast;

/// A trace over the world, compared with its plan.
fn traced(world: &World, more: &[&str]) -> Output {
    let file = world::file("side-loop-plan");
    let plan = file.to_str().unwrap();
    let mut args = vec!["trace", "--topology", plan, "--journey", "there"];
    args.extend(["-c", "3", "-i", "0.2"]);
    args.extend(more);
    let output = world.hopcast(&args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    output
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn built() -> Option<World> {
    let world = World::build("side-loop")?;
    world.server.answer_freely().unwrap();
    Some(world)
}

/// Id of each hop's node and how it is known.
fn nodes(report: &Value) -> Vec<(&str, &str)> {
    let hubs = report["report"]["hubs"].as_array().unwrap();
    let known = hubs.iter().map(|hub| {
        let id = hub["node"]["id"].as_str().unwrap_or("-");
        (id, hub["node_by"].as_str().unwrap_or("-"))
    });
    known.collect()
}

#[test]
fn hops_are_nodes_by_address_or_network_or_else_by_place() {
    let Some(world) = built() else { return };
    for family in ["-4", "-6"] {
        // Without a host the way goes to where the journey turns.
        let report = json(&traced(&world, &["--json", family]));
        assert_eq!(report["report"]["mtr"]["dst"], "app");
        // Router 1 has an address of no node's, in the longer of two networks; 2 does not answer;
        // 3 is in the shorter network, but its address is another's; nobody wrote 4.
        let known = [
            ("edge", "address"),
            ("dark", "place"),
            ("balancer", "address"),
            ("middle", "place"),
            ("core", "address"),
            ("app", "address"),
        ];
        assert_eq!(nodes(&report), known, "{report:#}");
        let plan = &report["plan"];
        assert_eq!(plan["unseen"], Value::Array(Vec::new()));
        assert_eq!(plan["unexpected"], Value::Array(Vec::new()));
        // A silent node ends no segment; one that answers does, and that it is a guess is marked.
        let segments = report["segments"].as_array().unwrap();
        let ends = segments
            .iter()
            .map(|own| (&own["to"]["node"]["id"], &own["to"]["node_by"]));
        let known = known.iter().filter(|(id, _)| *id != "dark");
        for ((id, by), known) in ends.zip(known) {
            assert_eq!((id.as_str(), by.as_str()), (Some(known.0), Some(known.1)));
        }
        assert_eq!(segments.len(), 5);
        // Two links of 1 ms from router 1 past the silent one, there and back.
        assert_eq!(segments[1]["planned_ms"], 4.0);
    }
}

#[test]
fn a_node_known_by_its_place_is_marked_in_every_format_that_has_nodes() {
    let Some(world) = built() else { return };
    for (lang, silent, stranger) in [
        ("zh", "暗网关（按位置）", "中段（按位置）"),
        ("en", "dark gateway (by place)", "middle (by place)"),
    ] {
        for format in ["table", "pretty", "markdown"] {
            let shown = text(&traced(&world, &["--format", format, "--lang", lang]));
            assert!(
                shown.contains(silent) && shown.contains(stranger),
                "{shown}"
            );
        }
        // The graph has no box for a hop that never answers.
        let dot = text(&traced(&world, &["--format", "dot", "--lang", lang]));
        assert!(dot.contains(stranger), "{dot}");
    }
    let csv = text(&traced(&world, &["--csv"]));
    let by: Vec<&str> = csv
        .lines()
        .filter_map(|line| line.rsplit(',').next())
        .collect();
    let known = ["address", "place", "address", "place", "address", "address"];
    assert_eq!(by[0], "Node_By");
    assert_eq!(by[1..], known);
}

#[test]
fn nodes_of_a_side_loop_are_asked_directly_or_it_is_said_from_where() {
    let Some(world) = built() else { return };
    let report = json(&traced(&world, &["--json", "--service", "8443"]));
    let own = &report["plan"]["side_loops"][0];
    assert_eq!(
        (&own["of"]["id"], &own["walked"]),
        (&"balancer".into(), &false.into())
    );
    let nodes = own["nodes"].as_array().unwrap();
    let of = |at: usize, key: &str| nodes[at][key]["id"].as_str().unwrap();
    let found: Vec<_> = (0..nodes.len())
        .map(|at| (of(at, "node"), of(at, "probe_from")))
        .collect();
    assert_eq!(
        found,
        [
            ("province", "balancer"),
            ("identity", "province"),
            ("check", "identity")
        ]
    );
    let asked = &nodes[0]["asked"];
    assert_eq!(
        (&asked["address"], &asked["Snt"], &asked["Rcv"]),
        (&"10.60.0.6".into(), &3.into(), &3.into())
    );
    // Six links of 1 ms, there and back; a busy machine only adds.
    let best = asked["Best"].as_f64().unwrap();
    assert!((12.0..60.0).contains(&best), "{best}");
    assert_eq!(asked["service"]["port"], 8443);
    assert_eq!(asked["service"]["Rcv"], 3);
    assert_eq!(asked["verdict"]["outcome"], "nothing-hurts");
    for node in &nodes[1..] {
        assert_eq!(node["asked"], Value::Null);
    }
    let why = |at: usize| nodes[at]["obstacle"]["en"].as_str().unwrap();
    assert!(
        why(1).contains("10.60.0.128/25") && why(2).contains("no address"),
        "{own:#}"
    );
    // Its probes are nobody's hops, also where things are told as they happen.
    assert_eq!(report["report"]["hubs"].as_array().unwrap().len(), 6);
    let raw = text(&traced(&world, &["--raw"]));
    let mut sent = raw.lines().filter_map(|line| line.strip_prefix("x "));
    assert!(sent.all(|rest| rest.split(' ').next().unwrap().parse::<u8>().unwrap() < 30));
    for (lang, asked, from) in [
        (
            "zh",
            "负载均衡的支路环：省网关（远端），从本机直接探测 10.60.0.6：没有问题",
            "“省网关”探测",
        ),
        (
            "en",
            "Side loop of balancer: province (far end), probed from here directly at 10.60.0.6: Nothing hurts",
            "probe it from province, the node before it on the journey",
        ),
    ] {
        let shown = text(&traced(&world, &["-r", "--lang", lang]));
        assert!(shown.contains(asked) && shown.contains(from), "{shown}");
    }
}

#[test]
fn nobody_beside_the_way_is_asked_when_the_user_says_so_or_the_target_is_before_the_loop() {
    let Some(world) = built() else { return };
    let report = json(&traced(&world, &["--json", "--no-side-loops"]));
    let nodes = &report["plan"]["side_loops"][0]["nodes"];
    assert_eq!(nodes[0]["asked"], Value::Null);
    assert_eq!(nodes[0]["obstacle"], Value::Null);
    // The loop is behind it; so is all that is not seen.
    let report = json(&traced(&world, &["--json", "balancer"]));
    assert_eq!(report["plan"]["side_loops"], Value::Array(Vec::new()));
    assert_eq!(report["plan"]["unseen"], Value::Array(Vec::new()));
}

#[test]
fn a_node_without_a_single_address_is_no_target() {
    let file = world::file("side-loop-plan");
    for (lang, said) in [
        ("zh", ["节点 identity（身份）不能作目标", "10.60.0.128/25"]),
        (
            "en",
            [
                "node identity (identity) cannot be a target",
                "10.60.0.128/25",
            ],
        ),
    ] {
        let plan = file.to_str().unwrap();
        let args = [
            "trace",
            "7",
            "--topology",
            plan,
            "--journey",
            "there",
            "--lang",
            lang,
        ];
        let output = hopcast(&args);
        assert_eq!(output.status.code(), Some(2));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(said.iter().all(|said| errors.contains(said)), "{errors}");
    }
}
