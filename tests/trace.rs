//! `hopcast trace` as its users run it: without rights, over real packets, against the model.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::net::TcpListener;
use std::process::Output;

use serde_json::Value;

mod world;

use world::World;
use world::run::hopcast;

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {}", errors(output)))
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn hubs(report: &Value) -> &Vec<Value> {
    report["report"]["hubs"]
        .as_array()
        .expect("hubs are a list")
}

/// Every hop with its address, in order, with times that are right; the silent one as `???`.
fn check_chain(world: &World, report: &Value, ipv6: bool) {
    let hubs = hubs(report);
    let hops: Vec<_> = world.world.hops().collect();
    assert_eq!(hubs.len(), hops.len(), "{report:#}");
    for (at, (hub, round_trip)) in hubs.iter().zip(world.world.round_trips()).enumerate() {
        let expected = hops[at];
        assert_eq!(hub["count"], at + 1);
        if expected.manners.silent {
            assert_eq!(
                (&hub["host"], &hub["Loss%"]),
                (&"???".into(), &100.0.into())
            );
            assert_eq!(
                (&hub["Best"], &hub["verdict"]["kind"]),
                (&Value::Null, &"silent".into())
            );
            continue;
        }
        let address = expected
            .addresses
            .iter()
            .find(|own| own.is_ipv6() == ipv6)
            .unwrap();
        assert_eq!(hub["host"], address.to_string());
        assert_eq!(hub["Loss%"], 0.0, "{hub:#}");
        // Nothing is faster than the links; the best of several is not much slower, however busy the machine.
        let best = hub["Best"].as_f64().unwrap();
        let links = round_trip.as_ms();
        assert!(best >= links, "{best} ms over {links} ms");
        assert!(best <= links + 40.0, "{best} ms over {links} ms");
    }
    assert_eq!(report["reached"], hubs.len());
}

#[test]
fn udp_finds_every_hop_of_a_chain_in_both_families() {
    let Some(world) = World::build("chain") else {
        return;
    };
    world.server.answer_freely().unwrap();
    for ipv6 in [false, true] {
        let target = world.target(ipv6).to_string();
        let output = world.hopcast(&["trace", &target, "-c", "5", "-i", "0.1", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let report = json(&output);
        check_chain(&world, &report, ipv6);
        assert_eq!(report["schema"], "hopcast.trace/2");
        assert_eq!(report["simulated"], false);
        assert_eq!(report["method"]["name"], "udp");
        assert_eq!(
            hubs(&report)[5]["responders"][0]["answer"],
            "port-unreachable"
        );
        assert_eq!(
            (&report["unmatched"], &report["own_overflow"]),
            (&0.into(), &0.into())
        );
    }
}

#[test]
fn at_one_probe_a_second_an_ordinary_linux_host_shows_no_false_loss() {
    let Some(world) = World::build("chain") else {
        return;
    };
    // Its limit of ICMP errors, six at once and one a second, is left as it is.
    let target = world.target(false).to_string();
    let output = world.hopcast(&["trace", &target, "-c", "4", "--json"]);
    let report = json(&output);
    check_chain(&world, &report, false);
    assert_eq!(hubs(&report)[5]["fates"]["answered"], 4);
}

#[test]
fn tcp_finds_every_hop_and_an_open_and_a_refused_port() {
    let Some(world) = World::build("chain") else {
        return;
    };
    let listener = world
        .server
        .run(|| TcpListener::bind("[::]:8080").unwrap())
        .unwrap();
    for (ipv6, port, answer) in [
        (false, "8080", "connected"),
        (true, "8080", "connected"),
        (false, "81", "refused"),
        (true, "81", "refused"),
    ] {
        let target = world.target(ipv6).to_string();
        let args = [
            "trace", &target, "-T", "-P", port, "-c", "3", "-i", "0.1", "--json",
        ];
        let output = world.hopcast(&args);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let report = json(&output);
        check_chain(&world, &report, ipv6);
        assert_eq!(hubs(&report)[5]["responders"][0]["answer"], answer);
    }
    drop(listener);
}

#[test]
fn routers_that_quote_eight_bytes_are_told_apart_all_the_same() {
    let Some(world) = World::build("short-quotes") else {
        return;
    };
    world.server.answer_freely().unwrap();
    let target = world.target(false).to_string();
    let output = world.hopcast(&["trace", &target, "-c", "4", "-i", "0.1", "--json"]);
    let report = json(&output);
    let hubs = hubs(&report);
    let hops = world.world.hops().map(|hop| hop.addresses[0].to_string());
    for (hub, address) in hubs.iter().zip(hops).filter(|(hub, _)| hub["count"] != 3) {
        assert_eq!(hub["host"], address, "{report:#}");
    }
    assert_eq!(hubs.len(), 6);
    // The four routers' first answers cannot be told apart, and are said to be so, not guessed.
    assert_eq!(
        (&report["short_quotes"], &report["unmatched"]),
        (&4.into(), &4.into())
    );
    assert_eq!(hubs[0]["fates"]["answered"], 3);
}

#[test]
fn an_answer_that_comes_twice_is_a_duplicate() {
    let Some(world) = World::build("answers-twice") else {
        return;
    };
    world.server.answer_freely().unwrap();
    let target = world.target(true).to_string();
    let report = json(&world.hopcast(&["trace", &target, "-c", "3", "-i", "0.1", "--json"]));
    check_chain(&world, &report, true);
    assert_eq!(hubs(&report)[0]["fates"]["duplicates"], 3);
    assert_eq!(hubs(&report)[5]["fates"]["duplicates"], 0);
}

/// The chance that a binomial (n, p) comes to k or fewer.
fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    let mut term = (1.0 - p).powi(n as i32);
    let mut sum = term;
    for i in 0..k {
        term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    sum
}

#[test]
fn a_lossy_link_shows_its_loss_from_there_on() {
    let Some(world) = World::build("lossy") else {
        return;
    };
    world.server.answer_freely().unwrap();
    let target = world.target(false).to_string();
    let report = json(&world.hopcast(&["trace", &target, "-c", "150", "-i", "0.02", "--json"]));
    let hubs = hubs(&report);
    assert_eq!(hubs.len(), 3, "{report:#}");
    assert_eq!(hubs[0]["fates"]["lost"], 0);
    for hub in &hubs[1..] {
        let (lost, sent) = (
            hub["fates"]["lost"].as_u64().unwrap(),
            hub["Snt"].as_u64().unwrap(),
        );
        assert_eq!(hub["fates"]["answered"].as_u64().unwrap() + lost, sent);
        // Each way loses 20 %: 36 % of round trips. Outside these bounds is one in a million.
        let below = binomial_cdf(lost, sent, 0.36);
        assert!((1e-6..1.0 - 1e-6).contains(&below), "{lost} of {sent}");
    }
}

#[test]
fn loopback_is_traced_by_anybody() {
    for host in ["127.0.0.1", "::1", "localhost"] {
        let output = hopcast(&["trace", host, "-c", "2", "-i", "0.05", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{host}: {}", errors(&output));
        let report = json(&output);
        assert_eq!(hubs(&report).len(), 1);
        assert_eq!(hubs(&report)[0]["fates"]["answered"], 2);
    }
}

#[test]
fn the_lab_answers_from_the_file_and_says_so() {
    let file = world::file("chain");
    let lab = |more: &[&str]| {
        let mut args = vec!["trace", "--journey", "there", "--lab", "--topology"];
        args.push(file.to_str().unwrap());
        args.extend(more);
        hopcast(&args)
    };
    let report = json(&lab(&["--json", "-c", "3"]));
    assert_eq!(report["simulated"], true);
    // 1, 3, 4, 8, 9 and 10 ms one way, exactly, as nothing varies.
    let best: Vec<_> = hubs(&report)
        .iter()
        .map(|hub| hub["Best"].as_f64())
        .collect();
    let expected = [2.0, 6.0, -1.0, 16.0, 18.0, 20.0];
    assert_eq!(best, expected.map(|ms| (ms > 0.0).then_some(ms)));
    assert_eq!(hubs(&report)[3]["node"]["id"], "r4");
    assert_eq!(hubs(&report)[3]["owner"]["zh"], "远端");
    // The silent node is known by its place in the model.
    assert_eq!(hubs(&report)[2]["node"]["id"], "r3");
    assert_eq!(lab(&["--json"]).stdout.len(), lab(&["--json"]).stdout.len());
    let text = |more: &[&str]| String::from_utf8(lab(more).stdout).unwrap();
    assert!(text(&[]).starts_with("Simulated"));
    assert!(text(&["--lang", "zh"]).starts_with("仿真"));
    assert!(
        text(&["r2"])
            .lines()
            .any(|line| line.starts_with("  2.|-- 10.77.2.1"))
    );
    assert!(!text(&["r2"]).contains("10.77.4.1"));
}

#[test]
fn a_real_trace_is_compared_with_the_plan_by_address_and_place() {
    let Some(world) = World::build("chain") else {
        return;
    };
    world.server.answer_freely().unwrap();
    let (target, file) = (world.target(false).to_string(), world::file("chain"));
    let file = file.to_str().unwrap();
    let plan = ["--topology", file, "--journey", "there"];
    let mut args = vec!["trace", &target, "-c", "2", "-i", "0.1", "--json"];
    args.extend(plan);
    let output = world.hopcast(&args);
    let report = json(&output);
    assert_eq!(hubs(&report)[4]["node"]["number"], 5);
    assert_eq!(hubs(&report)[4]["node_by"], "address");
    // The silent one can be no other than the one between its neighbours.
    assert_eq!(hubs(&report)[2]["node"]["id"], "r3");
    assert_eq!(hubs(&report)[2]["node_by"], "place");
    assert_eq!(report["plan"]["unseen"], Value::Array(Vec::new()));
}

#[test]
fn what_cannot_be_asked_is_said_in_both_languages() {
    let told = |args: &[&str], lang: &str| {
        let mut all = args.to_vec();
        all.extend(["--lang", lang]);
        let output = hopcast(&all);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        errors(&output)
    };
    let tcp = ["trace", "127.0.0.1", "-T"];
    assert!(told(&tcp, "en").contains("-P 443") && told(&tcp, "zh").contains("需要用 -P"));
    let family = ["trace", "127.0.0.1", "-6"];
    assert!(told(&family, "en").contains("no IPv6 address"));
    assert!(told(&family, "zh").contains("没有 IPv6 地址"));
    let range = ["trace", "127.0.0.1", "-f", "9", "-m", "3"];
    assert!(told(&range, "en").contains("-f must not exceed -m"));
    assert!(told(&["trace", "127.0.0.1", "-i", "nan"], "en").contains("--interval"));
}

#[test]
fn nothing_that_answers_is_exit_1() {
    let Some(world) = World::build("chain") else {
        return;
    };
    // Nobody has this address, and the world carries packets to its server only.
    let output = world.hopcast(&["trace", "10.99.0.1", "-c", "1", "-m", "5", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let report = json(&output);
    assert_eq!(report["reached"], Value::Null);
    assert_eq!(hubs(&report)[0]["verdict"]["kind"], "no-answer");
}
