//! `hopcast show` through the built binary. Expected figures are worked out by hand from
//! `topology/zhaozhengyi.toml`, or counted in its text.

#![cfg(feature = "plan")]

use std::process::{Command, Output};

use hopcast::lang::width;
use serde_json::Value;

mod files;

const OFFICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/topology/zhaozhengyi.toml");

fn hopcast(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command.args(args).env_remove("COLUMNS");
    command
}

fn run(args: &[&str]) -> Output {
    hopcast(args).output().unwrap()
}

/// Standard output of a run that must succeed.
fn show(args: &[&str]) -> String {
    let output = run(&[&["show"], args].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&show(&[args, &["--format", "json"]].concat())).unwrap()
}

/// The cells of every table line that is not a rule.
fn cells(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with('│'));
    let cells = |line: &str| {
        let inner = line.trim_matches('│').split('│');
        inner.map(|cell| cell.trim().to_string()).collect()
    };
    lines.map(cells).collect()
}

/// Every line of every table, by table.
fn tables(text: &str) -> Vec<Vec<&str>> {
    let mut tables: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        match line.chars().next() {
            Some('┌') => tables.push(vec![line]),
            Some('│' | '├' | '└') => tables.last_mut().unwrap().push(line),
            _ => {}
        }
    }
    tables
}

/// The quoted walk: 1->2->3->4->5->6->7->8->9->6->5->10->11 and back.
const WALK: [u64; 25] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 6, 5, 10, 11, 10, 5, 6, 9, 8, 7, 6, 5, 4, 3, 2, 1,
];

/// Delay so far in units of 0.1 ms: users' access 60, VPN line 20, data centre 1 a link, line to
/// the province 60, inside the province 10 a link.
const SO_FAR: [u32; 25] = [
    0, 60, 80, 81, 82, 142, 152, 162, 172, 182, 242, 243, 244, 245, 246, 306, 316, 326, 336, 346,
    406, 407, 408, 428, 488,
];

#[test]
fn the_internet_journey_hop_by_hop() {
    let answer = json(&[OFFICE, "--journey", "internet"]);
    let steps = answer["journey"]["steps"].as_array().unwrap();
    let numbers: Vec<u64> = steps
        .iter()
        .map(|step| step["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, WALK);
    let passes: Vec<_> = steps
        .iter()
        .filter(|step| step["node"] == "province")
        .map(|step| {
            (
                step["step"].as_u64().unwrap(),
                step["visit"].as_u64().unwrap(),
            )
        })
        .collect();
    // Counted on the quoted walk: the 6th, 10th, 16th and 20th stop.
    assert_eq!(passes, [(6, 1), (10, 2), (16, 3), (20, 4)]);
    for (step, so_far) in steps.iter().zip(SO_FAR) {
        let delay = step["delay_so_far_s"].as_f64().unwrap();
        assert!((delay - f64::from(so_far) * 1e-4).abs() < 1e-9, "{step}");
    }
    // Lossy links on the way: 0.05 %, 0.02 %, then the line to the province four times 0.02 %.
    let kept = (0.9995f64 * 0.9998).powi(2) * 0.9998f64.powi(4);
    let lost = steps[24]["loss_so_far"].as_f64().unwrap();
    assert!((lost - (1.0 - kept)).abs() < 1e-12);
    let turn: Vec<_> = steps.iter().filter(|step| step["role"] == "turn").collect();
    assert_eq!((turn.len(), &turn[0]["step"]), (1, &13.into()));
    let summary = &answer["topology"]["journeys"][0];
    for (field, expected) in [
        ("outward_delay_s", 0.0244),
        ("back_delay_s", 0.0244),
        ("whole_delay_s", 0.0488),
        // 6 + 2 + 4 × 0.1 there, the same back... without the 16 ms of each side loop: 48.8 - 32.
        ("trunk_delay_s", 0.0168),
    ] {
        let found = summary[field].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9, "{field}: {found}");
    }
}

#[test]
fn the_journey_table_has_a_row_for_each_stop_in_both_languages() {
    for (lang, turning, begins) in [
        ("zh", "折返点", "支路环 1 起"),
        ("en", "turning point", "side loop 1 begins"),
    ] {
        let text = show(&["--lang", lang, OFFICE, "--journey", "internet"]);
        let rows = cells(&text);
        assert_eq!(rows.len(), 1 + 25, "{text}");
        for (at, row) in rows[1..].iter().enumerate() {
            assert_eq!(row[0], (at + 1).to_string());
            assert_eq!(row[1], WALK[at].to_string());
            let so_far = f64::from(SO_FAR[at]) / 10.0;
            let expected = if at == 0 {
                "0 s".into()
            } else {
                format!("{so_far} ms")
            };
            assert_eq!(row[8], expected);
        }
        assert_eq!(rows[13][10], turning);
        assert_eq!(rows[5][10], begins);
        assert_eq!(rows[6][3], "1/4");
        assert_eq!(rows[20][3], "4/4");
    }
}

#[test]
fn every_line_of_a_table_is_as_wide_as_the_others() {
    for lang in ["zh", "en"] {
        for more in [
            &[][..],
            &["--values"],
            &["--units"],
            &["--journey", "extranet"],
        ] {
            let text = show(&[&["--lang", lang, OFFICE], more].concat());
            let tables = tables(&text);
            assert!(!tables.is_empty());
            for table in tables {
                let first = width(table[0]);
                for line in &table {
                    assert_eq!(width(line), first, "{lang} {more:?}: {line}");
                }
            }
        }
    }
}

#[test]
fn tables_keep_within_the_columns_asked_for() {
    for lang in ["zh", "en"] {
        let output = hopcast(&["show", OFFICE, "--lang", lang])
            .env("COLUMNS", "140")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for line in tables(&text).concat() {
            assert!(width(line) <= 140, "{line}");
        }
    }
}

#[test]
fn every_value_has_an_origin_and_none_is_left_out() {
    let written = std::fs::read_to_string(OFFICE).unwrap();
    let answer = json(&[OFFICE]);
    let values = answer["values"].as_array().unwrap();
    for key in [
        "capacity",
        "delay",
        "jitter",
        "loss",
        "weight",
        "guarantee",
        "think",
        "hours",
    ] {
        let lines = written
            .lines()
            .filter(|line| line.starts_with(&format!("{key} = ")));
        let found = values
            .iter()
            .filter(|value| value["path"].as_array().unwrap().last().unwrap() == key);
        assert_eq!(found.count(), lines.count(), "{key}");
    }
    let origins = ["stated", "assumed", "measured"];
    for value in values {
        assert!(
            origins.contains(&value["origin"].as_str().unwrap()),
            "{value}"
        );
        assert!(!value["reason"].as_str().unwrap().is_empty(), "{value}");
        // The place is where the key stands.
        let line = value["line"].as_u64().unwrap() as usize;
        let key = value["path"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .as_str()
            .unwrap();
        let text = written.lines().nth(line - 1).unwrap();
        assert!(text.starts_with(&format!("{key} = ")), "{value}: {text}");
    }
    let text = show(&["--lang", "zh", OFFICE, "--values"]);
    let first = tables(&text)[0].join("\n");
    let rows = cells(&first);
    let rows = rows[1..].iter().filter(|row| !row[0].is_empty());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), values.len());
    for row in rows {
        assert!(
            ["文档给定", "假设*", "实测+"].contains(&row[2].as_str()),
            "{row:?}"
        );
    }
    // Links that say no jitter, counted in the file: 17 links, 5 of them with a jitter.
    let jitter = answer["defaults"].as_array().unwrap().iter();
    let jitter = jitter
        .clone()
        .find(|default| default["field"] == "link.jitter")
        .unwrap();
    assert_eq!(jitter["by"].as_array().unwrap().len(), 12);
    assert_eq!(jitter["value"]["zh"], "0 ms");
}

#[test]
fn assumed_values_are_marked_in_the_tables() {
    let text = show(&["--lang", "en", OFFICE]);
    let rows = cells(&text);
    let line = rows.iter().find(|row| row[0] == "vpn-line").unwrap();
    // Capacity is stated, delay assumed; a data-centre link takes the default jitter.
    assert_eq!(
        (line[3].as_str(), line[5].as_str()),
        ("500 Mbit/s", "2 ms*")
    );
    let line = rows.iter().find(|row| row[0] == "vpn-gateway").unwrap();
    assert_eq!(line[6], "0 s^");
    assert!(text.contains("* assumed"));
}

#[test]
fn bursts_and_keep_alives_are_shown_and_the_long_run_loss_stays_the_link_s() {
    let answer = json(&[OFFICE]);
    let links = answer["topology"]["links"].as_array().unwrap();
    let mut bursts = 0;
    for link in links.iter().filter(|link| !link["burst"].is_null()) {
        let number = |value: &Value| value.as_f64().unwrap();
        let burst = &link["burst"];
        let (bad, good) = (number(&burst["length_s"]), number(&burst["good_s"]));
        let loss = bad / (bad + good) * number(&burst["loss"]);
        let wanted = number(&link["loss"]);
        assert!((loss - wanted).abs() < 1e-12, "{link}");
        bursts += 1;
    }
    assert_eq!(bursts, 3);
    let nodes = answer["topology"]["nodes"].as_array().unwrap();
    let vpn = nodes.iter().find(|node| node["id"] == "vpn").unwrap();
    let (every, lost) = (&vpn["keep_alive"]["every_s"], &vpn["keep_alive"]["lost"]);
    assert_eq!((every.as_f64(), lost.as_u64()), (Some(10.0), Some(3)));
    assert!(vpn["order"].is_null());
    let app = nodes.iter().find(|node| node["id"] == "app").unwrap();
    assert_eq!(app["order"], "first-come");
    let of = |lang: &str, id: &str| {
        let text = show(&["--lang", lang, OFFICE]);
        let rows = cells(&text);
        let own = rows.iter().find(|row| row.iter().any(|cell| cell == id));
        own.unwrap().join(" ")
    };
    assert!(of("zh", "vpn").contains("每 10 s，连丢 3 次断*"));
    assert!(of("en", "interconnect-carrier").contains("5 s in the mean, losing 100 %*"));
}

#[test]
fn the_drawing_shows_the_side_loop_beside_the_trunk() {
    let text = show(&["--lang", "zh", OFFICE]);
    let drawing: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with('┌'))
        .collect();
    let at = |start: &str| {
        let found = drawing.iter().position(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("{start}\n{text}"))
    };
    // Both passes of node 6, in order, between the two passes of node 5.
    let order = [
        at(" 5  ●─╮"),
        at(" 6  │ ●   省网关  "),
        at(" 7  │ ●"),
        at(" 9  │ ●"),
        at(" 6  │ ●   省网关 (2)"),
        at(" 5  ●─╯"),
        at("10  ●"),
        at("11  ◉"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    // The other journey is drawn until it joins; what no journey passes is still there.
    assert!(
        drawing
            .iter()
            .any(|line| line.contains("○") && line.contains("以下同 internet"))
    );
    assert!(drawing.iter().any(|line| line.contains("文件存储")));
    assert!(drawing[order[1]].contains("省政数局"));
}

#[test]
fn the_policy_page_has_every_column() {
    let text = show(&["--lang", "en", OFFICE]);
    let rows = cells(&text);
    for (head, oa) in [
        ("applies to", "oa"),
        ("application", "all applications"),
        ("target", "all networks"),
        ("line", "line 1"),
        ("effective time", "00:00-24:00"),
        ("guarantee up", "250 Mbit/s"),
        ("guarantee down", "250 Mbit/s"),
        ("ceiling up", "300 Mbit/s"),
        ("ceiling down", "300 Mbit/s"),
        ("per-user limit up", "none^"),
        ("per-user limit down", "none^"),
        ("priority", "0 (first)"),
        ("state", "on"),
    ] {
        assert!(
            rows.iter().any(|row| row[0] == head && row[1] == oa),
            "{head}\n{text}"
        );
    }
    assert!(text.contains("in proportion to the guarantees"), "{text}");
}

#[test]
fn units_are_summed_or_listed() {
    // 909,872 documents in all, as the plan says.
    let text = show(&["--lang", "en", OFFICE]);
    let all = cells(&text)
        .into_iter()
        .find(|row| row[0] == "all")
        .unwrap();
    assert_eq!(all, ["all", "52", "909872", "100 %"]);
    assert!(!text.contains("端州区"));
    let text = show(&["--lang", "en", OFFICE, "--units"]);
    let rows = cells(&text);
    let own = rows.iter().find(|row| row[0] == "端州区").unwrap();
    // 135,893 of 909,872.
    assert_eq!((own[1].as_str(), own[2].as_str()), ("135893", "14.94 %"));
}

#[test]
fn empty_sections_are_left_out() {
    let text = show(&["--lang", "en", OFFICE]);
    for absent in [
        "service (",
        "stage (",
        "threshold (",
        "required connection (",
    ] {
        assert!(!text.contains(absent), "{absent}");
    }
    for present in [
        "node (16)",
        "link (17)",
        "journey (3)",
        "observation (4)",
        "backup (2)",
    ] {
        assert!(text.contains(present), "{present}");
    }
}
