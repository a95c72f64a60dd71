//! Every way of printing, from real traces over a planned path of six hops whose third is silent.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, UdpSocket};
use std::thread;

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::PTR;
use hickory_proto::rr::{Name, RData, Record};
use serde_json::Value;

use super::told::said;
use super::*;
use crate::world::{file, run};

const HOPS: usize = 6;

/// What is printed of three sweeps, with further arguments.
fn printed(world: &World, more: &[&str]) -> String {
    let target = world.target(false).to_string();
    let args = [&["trace", &target, "-i", "0.1", "-c", "3"], more].concat();
    let output = world.hopcast(&args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(output.stderr.is_empty(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What stands at each hop: its address, `???` for the silent one.
fn hosts(world: &World) -> Vec<String> {
    let host = |node: &hopcast::lab::world::Node| match node.manners.silent {
        true => "???".to_string(),
        false => node.addresses[0].to_string(),
    };
    world.world.hops().map(host).collect()
}

/// The rows of mtr's layout: "  1.|-- host  figures ...".
fn rows(text: &str) -> Vec<Vec<&str>> {
    let is_row = |line: &&str| line.contains(".|-- ");
    text.lines()
        .filter(is_row)
        .map(|line| line.split_whitespace().collect())
        .collect()
}

/// That a row's figures are those of a hop, in mtr's default order: Loss% Snt Last Avg Best Wrst StDev.
fn check_row(world: &World, at: usize, row: &[&str]) {
    let silent = hosts(world)[at] == "???";
    assert_eq!(row[0], format!("{}.|--", at + 1));
    assert_eq!(
        (row[2], row[3]),
        (if silent { "100.0%" } else { "0.0%" }, "3")
    );
    if silent {
        assert_eq!(row[4..9], ["-"; 5]);
        return;
    }
    let [last, average, best, worst, deviation] =
        [4, 5, 6, 7, 8].map(|at| row[at].parse::<f64>().unwrap());
    assert!(
        best <= last && best <= average && last <= worst && average <= worst && deviation >= 0.0
    );
    // Shown with three digits.
    assert!(
        best >= world.world.round_trips()[at].as_ms() * 0.995,
        "{row:?}"
    );
}

#[test]
fn a_table_has_mtrs_layout_by_mtrs_letters() {
    let Some(world) = built("chain") else { return };
    let plain = printed(&world, &["-r", "-n"]);
    let lines: Vec<&str> = plain.lines().collect();
    assert!(
        lines[1].starts_with("Start: 20") && lines[2].starts_with("HOST: "),
        "{plain}"
    );
    let titles: Vec<&str> = lines[2].split_whitespace().skip(2).collect();
    assert_eq!(
        titles,
        ["Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev"]
    );
    let shown = rows(&plain);
    assert_eq!(shown.len(), HOPS);
    for (at, (row, host)) in shown.iter().zip(hosts(&world)).enumerate() {
        assert_eq!((row.len(), row[1]), (9, host.as_str()), "{plain}");
        check_row(&world, at, row);
    }
    assert!(plain.contains("Hop 3: silent"), "{plain}");
    assert!(plain.lines().any(|line| line.starts_with("Method: UDP")));

    // As hands type it: the letters together, the number behind them.
    let target = world.target(false).to_string();
    let output = world.hopcast(&["trace", "-i", "0.1", "-rwnc", "3", &target]);
    let wide = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let head: Vec<&str> = wide
        .lines()
        .nth(2)
        .unwrap()
        .split_whitespace()
        .skip(9)
        .collect();
    assert_eq!(head, ["P50", "P95", "Javg", "Loss95%", "Verdict"], "{wide}");
    for (at, row) in rows(&wide).iter().enumerate() {
        check_row(&world, at, row);
        // Wilson's interval of 0, or 3, of 3: 0 to z² / (3 + z²) = 56.2 %.
        let silent = hosts(&world)[at] == "???";
        let interval = if silent { "44-100" } else { "0-56" };
        assert_eq!(row[12..], [interval, kind(row[13], silent)], "{wide}");
    }

    let letters = printed(&world, &["-r", "-o", "LDRSNBAWVGJMXI"]);
    let titles: Vec<&str> = letters
        .lines()
        .nth(2)
        .unwrap()
        .split_whitespace()
        .skip(2)
        .collect();
    let expected = "Loss% Drop Rcv Snt Last Best Avg Wrst StDev Gmean Jttr Javg Jmax Jint";
    assert_eq!(titles.join(" "), expected);
    for row in rows(&letters) {
        assert_eq!(row.len(), 2 + titles.len(), "{letters}");
        let counts: Vec<u64> = row[3..6].iter().map(|cell| cell.parse().unwrap()).collect();
        assert_eq!((counts[0] + counts[1], counts[2]), (3, 3), "{letters}");
        if row[1] != "???" {
            let figures: Vec<f64> = row[6..].iter().map(|cell| cell.parse().unwrap()).collect();
            let [_, best, mean, worst, _, geometric, _, jitter, most, _] = figures[..] else {
                panic!("ten times: {letters}");
            };
            assert!(
                best <= geometric && geometric <= mean * 1.01 && mean <= worst && jitter <= most
            );
        }
    }
}

/// A name server in the server's namespace that knows the name of every address: "h" and its last
/// number, in "example".
fn name_server(world: &World) -> String {
    let address = world.target(false);
    let socket = run::inside(&world.server, || UdpSocket::bind((address, 0)).unwrap());
    let at = socket.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut room = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut room) {
            let question = Message::from_vec(&room[..length]).unwrap();
            let asked = question.queries[0].name().clone();
            // "1.4.77.10.in-addr.arpa." is 10.77.4.1.
            let labels: Vec<String> = asked
                .iter()
                .map(|label| String::from_utf8_lossy(label).into_owned())
                .collect();
            let name = Name::from_ascii(format!("h{}.example.", labels[1])).unwrap();
            let mut answer = question.into_response();
            answer.add_answer(Record::from_rdata(asked, 60, RData::PTR(PTR(name))));
            socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
        }
    });
    at
}

#[test]
fn names_are_shown_where_they_are_asked_for_and_nowhere_else() {
    let Some(world) = built("chain") else { return };
    let server = name_server(&world);
    let with_names = printed(&world, &["-rwzb", "--dns-server", &server]);
    let shown = rows(&with_names);
    for (row, host) in shown.iter().zip(hosts(&world)) {
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => {
                let name = format!("h{}.example", address.octets()[2]);
                // No file says whose networks these are: mtr's mark for that.
                assert_eq!(
                    row[1..4],
                    ["AS???", name.as_str(), format!("({host})").as_str()],
                    "{with_names}"
                );
            }
            _ => assert_eq!(row[1], "???", "{with_names}"),
        }
    }
    // Nobody is asked unless that is wanted.
    let without = printed(&world, &["-r", "--dns-server", &server]);
    assert!(!without.contains("example"), "{without}");
}

/// The arguments that compare with the plan of the path's own file.
fn plan() -> [String; 4] {
    let path = file("chain").to_str().unwrap().to_string();
    [
        "--topology".into(),
        path,
        "--journey".into(),
        "there".into(),
    ]
}

#[test]
fn every_hub_is_whole_and_its_numbers_are_numbers() {
    let Some(world) = built("chain") else { return };
    let plan = plan();
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    let told = trace(&world, &[&["-c", "8", "-i", "0.05"], &plan[..]].concat());
    assert_eq!(told.report["schema"], "hopcast.trace/2");
    assert_eq!(told.report["method"]["name"], "udp");
    let mtr = &told.report["report"]["mtr"];
    assert_eq!(
        (&mtr["dst"], &mtr["tests"], &mtr["psize"]),
        (
            &world.target(false).to_string().into(),
            &8.into(),
            &64.into()
        )
    );
    for (hub, node) in told.hubs().iter().zip(world.world.hops()) {
        let hub = hub.0;
        let silent = node.manners.silent;
        assert!(hub["host"].is_string() && hub["Loss%"].is_number() && hub["Snt"].is_u64());
        let verdict = &hub["verdict"];
        assert_eq!(
            verdict["kind"],
            kind(verdict["kind"].as_str().unwrap(), silent)
        );
        let evidence = verdict["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty());
        for fact in evidence {
            let text = &fact["text"];
            assert!(fact["fact"].is_string() && text["zh"].is_string() && text["en"].is_string());
        }
        let confidence = verdict
            .get("confidence")
            .expect("the field is there, whatever it holds");
        assert!(confidence.is_null() || (0.0..=1.0).contains(&confidence.as_f64().unwrap()));
        // The silent one is the only one that can stand between its neighbours.
        assert_eq!(hub["node"]["id"], node.id);
        assert_eq!(hub["node_by"], if silent { "place" } else { "address" });
        assert!(hub["owner"]["zh"].is_string() && hub["owner"]["en"].is_string());
        let ordered = ["Best", "P50", "P90", "P95", "P99", "Wrst"];
        let times: Vec<Option<f64>> = ordered.iter().map(|name| hub[*name].as_f64()).collect();
        assert!(times.iter().all(|time| time.is_some() != silent), "{hub:#}");
        assert!(times.is_sorted(), "{hub:#}");
        let ends: Vec<f64> = hub["loss_interval_95"]
            .as_array()
            .unwrap()
            .iter()
            .map(|end| end.as_f64().unwrap())
            .collect();
        assert!(
            ends[0] <= hub["Loss%"].as_f64().unwrap() && hub["Loss%"].as_f64().unwrap() <= ends[1]
        );
        let fates = ["answered", "late", "lost"].map(|fate| hub["fates"][fate].as_u64().unwrap());
        assert_eq!(fates.iter().sum::<u64>(), hub["Snt"].as_u64().unwrap());
    }
    assert_eq!(told.report["plan"]["unseen"], Value::Array(Vec::new()));
}

/// The cells of a line between separators.
fn cells<'a>(line: &'a str, separator: &str) -> Vec<&'a str> {
    line.split(separator).map(str::trim).collect()
}

/// The verdict of a hop without loss: on a machine that is held up, one may be slower than the plan
/// says, and a test of formats does not mind.
fn kind(told: &str, silent: bool) -> &'static str {
    match silent {
        true => "silent",
        false if told == "slow" => "slow",
        false => "ok",
    }
}

#[test]
fn tables_for_programs_have_as_many_cells_in_every_row() {
    let Some(world) = built("chain") else { return };
    let plan = plan();
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    for csv in [&["--format", "csv"][..], &["-C"]] {
        let csv = printed(&world, &[csv, &plan[..]].concat());
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| cells(line, ",")).collect();
        let head = &lines[0];
        assert_eq!(
            head[..6],
            ["Mtr_Version", "Start_Time", "Status", "Host", "Hop", "Ip"]
        );
        assert_eq!(lines.len(), 1 + HOPS, "{csv}");
        let at = |title: &str| head.iter().position(|own| *own == title).unwrap();
        for ((row, host), node) in lines[1..].iter().zip(hosts(&world)).zip(world.world.hops()) {
            assert_eq!(row.len(), head.len(), "{csv}");
            assert_eq!(row[at("Ip")], host);
            assert!(row[at("Start_Time")].parse::<u64>().is_ok());
            let silent = host == "???";
            assert_eq!(row[at("Loss%")], if silent { "100.00" } else { "0.00" });
            assert_eq!(row[at("Best")].is_empty(), silent);
            let told = row[at("Verdict")];
            assert_eq!(told, kind(told, silent));
            assert_eq!(row[at("Node")], node.id, "{csv}");
            let by = if silent { "place" } else { "address" };
            assert_eq!(row[at("Node_By")], by, "{csv}");
        }
    }
    let markdown = printed(&world, &["--format", "markdown"]);
    let table: Vec<Vec<&str>> = markdown
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| cells(line, "|"))
        .collect();
    assert_eq!(table.len(), 2 + HOPS, "{markdown}");
    assert!(
        table[1]
            .iter()
            .all(|cell| cell.chars().all(|c| "-:".contains(c)))
    );
    for (row, host) in table[2..].iter().zip(hosts(&world)) {
        assert_eq!(
            (row.len(), row[2]),
            (table[0].len(), host.as_str()),
            "{markdown}"
        );
    }
    let pretty = printed(&world, &["--format", "pretty"]);
    let framed = pretty.lines().filter(|line| line.starts_with('│'));
    let framed: Vec<Vec<&str>> = framed.map(|line| cells(line, "│")).collect();
    let numbered: Vec<&Vec<&str>> = framed
        .iter()
        .filter(|row| row[1].parse::<u8>().is_ok())
        .collect();
    assert_eq!(numbered.len(), HOPS, "{pretty}");
    for (row, host) in numbered.iter().zip(hosts(&world)) {
        assert_eq!(
            (row.len(), row[2]),
            (framed[0].len(), host.as_str()),
            "{pretty}"
        );
    }
}

#[test]
fn graphs_and_flows_follow_the_path() {
    let Some(world) = built("chain") else { return };
    let dot = printed(&world, &["--format", "dot"]);
    assert!(dot.starts_with("digraph ") && dot.ends_with("}\n"));
    let arrows = dot.lines().filter(|line| line.contains(" -> "));
    // `  "1 10.77.1.1" -> "2 10.77.2.1" [];`
    let arrows: BTreeSet<(&str, &str)> = arrows
        .map(|line| {
            let mut ends = line.split('"').skip(1).step_by(2);
            (ends.next().unwrap(), ends.next().unwrap())
        })
        .collect();
    let mut nodes = vec!["0".to_string()];
    for (at, host) in hosts(&world)
        .iter()
        .enumerate()
        .filter(|(_, host)| *host != "???")
    {
        nodes.push(format!("{} {host}", at + 1));
    }
    let expected: BTreeSet<(&str, &str)> = nodes
        .windows(2)
        .map(|pair| (pair[0].as_str(), pair[1].as_str()))
        .collect();
    assert_eq!(arrows, expected, "{dot}");
    let flows = printed(&world, &["--format", "flows", "--flows", "3"]);
    let mut expected = String::new();
    for flow in 0..3 {
        let _ = writeln!(expected, "Flow {flow}: {}", hosts(&world).join(" > "));
    }
    assert_eq!(flows, expected);
}

/// The lines that a run prints while it goes on, and all of them.
fn while_running(world: &World, format: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let target = world.target(false).to_string();
    let args = ["trace", &target, "-c", "6", "-i", "0.3", "--format", format];
    let mut child = run::inside(&world.client, || run::start_hopcast(&args));
    let mut lines = Vec::new();
    let mut seen = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if wanted(&line) && !seen {
            // Of six sweeps in a second and a half, the first was told before the last was sent.
            assert!(
                child.try_wait().unwrap().is_none(),
                "{line} came at the end"
            );
            seen = true;
        }
        lines.push(line);
    }
    assert!(child.wait().unwrap().success() && seen, "{lines:?}");
    lines
}

#[test]
fn raw_lines_come_as_things_happen_and_in_their_order() {
    let Some(world) = built("chain") else { return };
    let lines = while_running(&world, "raw", |line| line.starts_with("p "));
    let (mut sent, mut known) = (BTreeSet::new(), BTreeSet::new());
    let mut answers = [0u32; 40];
    for line in &lines {
        let words: Vec<&str> = line.split(' ').collect();
        let position: usize = words[1].parse().unwrap();
        match words[..] {
            ["x", _, sequence] => assert!(sent.insert((position, sequence.to_string())), "{line}"),
            ["h", _, host] => assert_eq!(known.replace(position).map(|_| host), None, "{line}"),
            ["p", _, micros, sequence] => {
                assert!(
                    sent.contains(&(position, sequence.to_string())),
                    "{line} was not sent"
                );
                assert!(known.contains(&position), "{line} is nobody's");
                if position < HOPS {
                    let least = world.world.round_trips()[position].as_ms() * 1e3;
                    assert!(micros.parse::<f64>().unwrap() >= least.floor(), "{line}");
                }
                answers[position] += 1;
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!(answers[..HOPS], [6, 6, 0, 6, 6, 6], "{lines:?}");
}

#[test]
fn a_stream_tells_each_probe_when_it_has_ended() {
    let Some(world) = built("chain") else { return };
    let lines = while_running(&world, "stream", |line| line.contains(" ms"));
    let hosts = hosts(&world);
    let mut count = 0;
    for line in &lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(
            (1..=6).contains(&words[0].parse::<u32>().unwrap()),
            "{line}"
        );
        if words[1] == "-" {
            assert_eq!(words[2], hosts[HOPS - 1], "the service: {line}");
            continue;
        }
        let host = &hosts[words[1].parse::<usize>().unwrap() - 1];
        assert_eq!(words[2], host, "{line}");
        assert_eq!(words[3] == "unanswered", host == "???", "{line}");
        count += 1;
    }
    assert_eq!(count, 6 * HOPS, "{lines:?}");
}

#[test]
fn each_probe_is_a_line_of_json() {
    let Some(world) = built("chain") else { return };
    let text = printed(&world, &["--format", "probes", "-m", "6"]);
    let probes: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Six hops and the service, three times.
    assert_eq!(probes.len(), 3 * (HOPS + 1), "{text}");
    let hosts = hosts(&world);
    let mut before = 0;
    for (probe, sequence) in probes.iter().zip(0..) {
        assert_eq!(
            (&probe["schema"], &probe["sequence"]),
            (&"hopcast.probe/1".into(), &sequence.into())
        );
        let sent = probe["sent_ns"].as_u64().unwrap();
        assert!(sent >= before);
        before = sent;
        let Some(hop) = probe["hop"].as_u64() else {
            assert_eq!(
                (&probe["service"], &probe["answer"]),
                (&true.into(), &"refused".into())
            );
            continue;
        };
        let host = &hosts[hop as usize - 1];
        let fate = if host == "???" { "lost" } else { "answered" };
        assert_eq!(probe["fate"], fate, "{probe}");
        assert_eq!(probe["responder"].as_str().unwrap_or("???"), host);
        if fate == "answered" {
            let links = world.world.round_trips()[hop as usize - 1].as_ms() * 1e6;
            assert!(probe["rtt_ns"].as_f64().unwrap() >= links, "{probe}");
        }
    }
}
