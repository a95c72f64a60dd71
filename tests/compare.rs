//! `hopcast compare` as a user runs it: it lands on what was observed, moves when a number moves, and
//! writes the same bytes every time.

#![cfg(feature = "plan")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hopcast::lang::width;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn hopcast(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command.current_dir(root()).args(args);
    command.env_remove("COLUMNS").env_remove("HOPCAST_LANG");
    command
}

fn run(args: &[&str]) -> Output {
    hopcast(&[&["compare"], args].concat()).output().unwrap()
}

fn json(files: &[&str]) -> Value {
    let output = run(&[files, &["--json"]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{files:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is under `key` where `id` is as asked, in a list of the document.
fn by_id<'v>(list: &'v Value, id: &str) -> &'v Value {
    let found = list.as_array().unwrap().iter().find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {list}"))
}

fn metric(list: &Value, key: &str) -> f64 {
    let found = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["key"] == key);
    found.unwrap_or_else(|| panic!("no {key}"))["value"]
        .as_f64()
        .unwrap()
}

#[test]
fn today_lands_on_what_was_seen() {
    let answer = json(&["scenarios/qos-250.toml"]);
    assert_eq!(answer["schema"], "hopcast.compare/1");
    let today = &answer["scenarios"][0];
    assert_eq!(today["id"], "qos-250");
    // 28 December 2021: 5,732 online, 2,343 of them through the VPN; 223 Mbit/s in the busiest
    // stretch and peaks of 286.
    let model = |id: &str| by_id(&today["observations"], id)["model"].as_f64().unwrap();
    assert!(
        (model("online") - 5732.0).abs() < 0.5,
        "{}",
        model("online")
    );
    assert!(
        (model("sessions") - 2343.0).abs() < 0.5,
        "{}",
        model("sessions")
    );
    for (id, seen) in [("busy", 223e6), ("peak", 286e6)] {
        assert!((model(id) / seen - 1.0).abs() < 0.05, "{id}: {}", model(id));
        assert_eq!(by_id(&today["observations"], id)["within"], true);
    }
    // 37 days, December 2021 to December 2024, of the plan's 63,212 accounts to its 80,000.
    let days = today["days"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[0]["date"], &days[36]["date"]),
        (37, &"2021-12".into(), &"2024-12".into())
    );
    assert_eq!(days[0]["accounts"], 63212.0);
    assert!((days[12]["accounts"].as_f64().unwrap() - 80000.0).abs() < 1e-6);
}

/// A copy of the office's topology and of today's scenario, with texts replaced in both.
struct Moved(tempfile::TempDir);

impl Moved {
    fn new(changes: &[(&str, &str)]) -> Moved {
        let folder = tempfile::tempdir().unwrap();
        let mut used = vec![0; changes.len()];
        for name in ["topology/zhaozhengyi.toml", "scenarios/qos-250.toml"] {
            let mut text = std::fs::read_to_string(root().join(name)).unwrap();
            for (used, (old, new)) in used.iter_mut().zip(changes) {
                *used += text.matches(old).count();
                text = text.replace(old, new);
            }
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        assert!(used.iter().all(|used| *used > 0), "{changes:?}: {used:?}");
        Moved(folder)
    }

    fn path(&self) -> String {
        let path = self.0.path().join("scenarios/qos-250.toml");
        path.to_str().unwrap().to_string()
    }

    fn answer(changes: &[(&str, &str)]) -> Value {
        let mut all = json(&[&Moved::new(changes).path()]);
        all["scenarios"][0].take()
    }
}

#[test]
fn a_moved_number_moves_the_answer() {
    let today = Moved::answer(&[]);
    let broken =
        |answer: &Value, id: &str| by_id(&answer["objectives"], id)["first_broken_month"].as_u64();
    let busy = |answer: &Value| {
        by_id(&answer["observations"], "busy")["model"]
            .as_f64()
            .unwrap()
    };
    let open = |answer: &Value| metric(&answer["start"], "time.vpn-pc.open.p95");

    let lower = Moved::answer(&[("ceiling = \"300 Mbit/s\"", "ceiling = \"260 Mbit/s\"")]);
    for id in ["headroom", "congestion", "login"] {
        let (now, then) = (broken(&today, id).unwrap(), broken(&lower, id).unwrap());
        assert!(then < now, "{id}: month {now}, with 260 {then}");
    }
    let higher = Moved::answer(&[("ceiling = \"300 Mbit/s\"", "ceiling = \"340 Mbit/s\"")]);
    assert!(broken(&higher, "congestion") > broken(&today, "congestion"));

    // Half the pause is more than a half more transactions, for 52 s and 66 s outlast every response.
    let brisk = Moved::answer(&[
        ("think = \"52 s\"", "think = \"26 s\""),
        ("think = \"66 s\"", "think = \"33 s\""),
    ]);
    let offered = |answer: &Value| metric(&answer["start"], "lane.vpn-line.down.oa.offered");
    let more = offered(&brisk) / offered(&today);
    assert!((1.7..2.0).contains(&more), "{more}");
    assert!(busy(&brisk) > busy(&today) * 1.2);

    let clean = Moved::answer(&[("loss = \"0.4 %\"", "loss = \"0 %\"")]);
    assert!(
        open(&clean) < 0.8 * open(&today),
        "{} {}",
        open(&clean),
        open(&today)
    );

    let fewer = Moved::answer(&[("online = 1729", "online = 1000")]);
    let sessions = by_id(&fewer["observations"], "sessions")["model"]
        .as_f64()
        .unwrap();
    assert!((sessions - (1000.0 + 614.0)).abs() < 0.5, "{sessions}");

    // The growth of devices alone is stopped: month 12 has all accounts and no more devices.
    let slower = Moved::answer(&[("add-per-year = 0.25", "add-per-year = 0.0001")]);
    let online = slower["days"][12]["online"].as_f64().unwrap();
    assert!(
        (online - 5732.0 * 80000.0 / 63212.0).abs() < 1.0,
        "{online}"
    );
}

/// Lines of tables by table; each must be as wide as its head.
fn assert_aligned(text: &str, at: &str) {
    let mut tables = 0;
    let mut wide = 0;
    for line in text.lines() {
        match line.chars().next() {
            Some('┌') => {
                wide = width(line);
                tables += 1;
            }
            Some('│' | '├' | '└') => assert_eq!(width(line), wide, "{at}: {line}"),
            _ => {}
        }
    }
    assert!(tables > 0, "{at}");
}

fn toml_files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    found.sort();
    found
}

#[test]
fn every_shipped_file_has_an_answer_in_both_languages() {
    let files: Vec<PathBuf> = ["topology", "scenarios"]
        .into_iter()
        .flat_map(toml_files)
        .collect();
    assert!(files.len() > 30);
    let answers = |path: &PathBuf| {
        for lang in ["zh", "en"] {
            let path = path.to_str().unwrap();
            let output = run(&[path, "--all", "--lang", lang]);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && stderr.is_empty(),
                "{path}: {stderr}"
            );
            let text = String::from_utf8(output.stdout).unwrap();
            assert_aligned(&text, path);
            for word in ["NaN", "inf ", "inf│"] {
                assert!(!text.contains(word), "{path}: {word}");
            }
            let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert_eq!(chinese, lang == "zh", "{path}");
        }
    };
    let half = files.len() / 2;
    std::thread::scope(|scope| {
        scope.spawn(|| files[..half].iter().for_each(answers));
        files[half..].iter().for_each(answers);
    });
}

/// Two scenarios: one that runs out, one that holds.
const PAIR: [&str; 2] = ["scenarios/qos-250.toml", "scenarios/qos-750.toml"];

/// Everything that `--out` leaves behind, by name.
fn written(command: &mut Command, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    // No fonts, no font configuration, no home: what is drawn comes from the binary alone.
    let nowhere = folder.join("nowhere");
    command
        .env("FONTCONFIG_FILE", &nowhere)
        .env("FONTCONFIG_PATH", &nowhere);
    command
        .env("HOME", &nowhere)
        .env("XDG_DATA_HOME", &nowhere)
        .env("XDG_CONFIG_HOME", &nowhere);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let entries = std::fs::read_dir(folder.join("out")).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

fn title(svg: &[u8]) -> &str {
    let text = std::str::from_utf8(svg).unwrap();
    let (_, rest) = text.split_once("<title>").unwrap();
    rest.split_once("</title>").unwrap().0
}

#[test]
fn out_writes_what_it_says_and_the_same_bytes_each_time() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let out = |folder: &tempfile::TempDir| folder.path().join("out").to_str().unwrap().to_string();
    let args = |out: &str| -> Vec<String> {
        let args = ["--lang", "en", "compare", PAIR[0], PAIR[1], "--out", out];
        args.map(String::from).to_vec()
    };
    let [first, second] = &folders;
    let mut one = hopcast(
        &args(&out(first))
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    // The second on one processor where that can be asked for: threads must not show.
    let mut two = Command::new("taskset");
    two.args(["-c", "0", env!("CARGO_BIN_EXE_hopcast")])
        .args(args(&out(second)));
    if Command::new("taskset").arg("--version").output().is_err() {
        two = Command::new(env!("CARGO_BIN_EXE_hopcast"));
        two.args(args(&out(second)));
    }
    two.current_dir(root())
        .env_remove("COLUMNS")
        .env_remove("HOPCAST_LANG");
    let (one, two) = std::thread::scope(|scope| {
        let two = scope.spawn(|| written(&mut two, second.path()));
        (written(&mut one, first.path()), two.join().unwrap())
    });
    let charts = [
        "day",
        "load-qos-250",
        "load-qos-750",
        "shares",
        "times-end",
        "times-start",
        "users",
        "utilisation",
    ];
    let tables = [
        "hours-classes.csv",
        "hours-nodes.csv",
        "hours-times.csv",
        "metrics.csv",
        "units.csv",
    ];
    let mut wanted: Vec<String> = ["compare.json"]
        .iter()
        .chain(&tables)
        .map(ToString::to_string)
        .collect();
    wanted.extend(
        charts
            .iter()
            .flat_map(|chart| [format!("{chart}.png"), format!("{chart}.svg")]),
    );
    wanted.sort();
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        wanted.iter().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(
            two.get(name) == Some(bytes),
            "{name} differs between two runs"
        );
    }

    let document: Value = serde_json::from_slice(&one["compare.json"]).unwrap();
    assert_eq!(document, json(&PAIR));
    for name in tables {
        let mut reader = csv::Reader::from_reader(&one[name][..]);
        let head = reader.headers().unwrap().clone();
        assert_eq!(&head[0], "scenario", "{name}");
        let rows = reader.records().map(Result::unwrap).collect::<Vec<_>>();
        // Two scenarios of 52 units are the shortest table.
        assert!(rows.len() >= 104, "{name}: {}", rows.len());
        for row in &rows {
            assert!(
                PAIR.iter().any(|path| path.contains(&row[0])),
                "{name}: {row:?}"
            );
            assert!(
                row.iter().all(|cell| cell != "NaN" && cell != "inf"),
                "{name}: {row:?}"
            );
        }
    }
    for chart in charts {
        let png = &one[&format!("{chart}.png")];
        assert!(
            png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xaeB`\x82"),
            "{chart}"
        );
    }
    titles(&document, &one);
}

/// Titles say numbers of the document, not of their own.
fn titles(document: &Value, files: &BTreeMap<String, Vec<u8>>) {
    let [today, larger] = [0, 1].map(|at| &document["scenarios"][at]);
    let says = |chart: &str, words: &[String]| {
        let title = title(&files[&format!("{chart}.svg")]);
        for word in words {
            assert!(title.contains(word), "{chart}: {title} lacks {word}");
        }
    };
    // Whoever gains most is in the title: those on PCs or those on phones.
    let p95 = |whose: &str| {
        let of = |scenario: &Value| metric(&scenario["end"], &format!("time.{whose}.open.p95"));
        [of(today), of(larger)]
    };
    let gain = |[before, after]: &[f64; 2]| before - after;
    let both = [p95("vpn-pc"), p95("vpn-phone")];
    let most = both.iter().max_by(|a, b| gain(a).total_cmp(&gain(b)));
    // A title ends no number in a zero.
    let written = |time: f64| format!("{time:.1}").trim_end_matches(".0").to_string();
    says("times-end", &most.unwrap().map(written));
    let binds = &today["bottlenecks"][0]["first"];
    says(
        "day",
        &[
            binds["name"]["en"].as_str().unwrap().to_string(),
            format!("{:.0} %", binds["utilisation"].as_f64().unwrap() * 100.0),
            format!("{}:00", binds["hour"]),
        ],
    );
    let online = |scenario: &Value, at: usize| {
        format!("{:.0}", scenario["days"][at]["online"].as_f64().unwrap())
    };
    says(
        "users",
        &[
            "63212".into(),
            "80000".into(),
            online(today, 0),
            online(today, 36),
        ],
    );
    let lane = |key: &str| {
        let value = metric(&larger["end"], &format!("lane.vpn-line.down.oa.{key}"));
        format!("{value:.0}")
    };
    says(
        "load-qos-750",
        &[lane("offered"), format!("{} Mbit/s", lane("capacity"))],
    );
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let broken = Moved::new(&[("months = 36", "months = \"many\"")]);
    let path = broken.path();
    for (lang, word) in [("zh", "months"), ("en", "months")] {
        let output = run(&["--lang", lang, &path]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(output.stdout.is_empty());
        // The line of the file: the thirteenth as shipped.
        let line = std::fs::read_to_string(&path).unwrap();
        let line = line
            .lines()
            .position(|line| line.starts_with("months"))
            .unwrap()
            + 1;
        assert!(
            stderr.contains(&format!("qos-250.toml:{line}:")) && stderr.contains(word),
            "{stderr}"
        );
    }
    let missing = run(&["scenarios/no-such.toml"]);
    let stderr = String::from_utf8_lossy(&missing.stderr);
    assert_eq!(missing.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no-such.toml"), "{stderr}");
    assert_eq!(run(&[]).status.code(), Some(2));
}
