//! `hopcast simulate SCENARIO` and `compare --simulate` as a user runs them, on a day of ten users.

#![cfg(feature = "plan")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SMALL: &str = "tests/day/small.toml";

fn hopcast(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--lang", "en"])
        .args(args)
        .env_remove("COLUMNS");
    command
}

fn run(args: &[&str]) -> Output {
    hopcast(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&run(args))).unwrap()
}

/// Every file of a folder with its bytes, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let on = |threads: &str| {
        let out = folder.path().join(threads);
        let out_arg = out.to_str().unwrap().to_string();
        let args = ["simulate", SMALL, "--hours", "10-11", "--precision", "2 %"];
        let mut command = hopcast(&args);
        command.args(["--json", "--out", &out_arg]);
        let said = stdout(&command.env("RAYON_NUM_THREADS", threads).output().unwrap());
        (said, files(&out))
    };
    let (alone, shared) = (on("1"), on("4"));
    assert!(alone == shared);
    let names: Vec<&str> = alone.1.iter().map(|(name, _)| name.as_str()).collect();
    for expected in [
        "simulate.json",
        "times.csv",
        "budgets.csv",
        "loads.csv",
        "pain.csv",
        "analytic.csv",
        "minutes.csv",
        "budget-near.svg",
        "budget-near.png",
        "load-line-down-oa.png",
    ] {
        assert!(names.contains(&expected), "{names:?}");
    }
    // A rename leaves nothing half written beside.
    assert!(!names.iter().any(|name| name.ends_with(".tmp")));
    let json = alone.1.iter().find(|(name, _)| name == "simulate.json");
    assert_eq!(json.unwrap().1, alone.0.as_bytes());
}

#[test]
fn a_day_is_what_was_asked_for() {
    let args = [
        "simulate", SMALL, "--hours", "10-11", "--trials", "4", "--seed", "7", "--json",
    ];
    let day = json(&args);
    assert_eq!(day["schema"], "hopcast.simulate-day/1");
    assert_eq!(day["hours"], serde_json::json!([10, 11]));
    assert_eq!(
        (&day["seed"], &day["trials"]["run"]),
        (&7.into(), &4.into())
    );
    assert_eq!(
        (&day["partial"], &day["date"]),
        (&false.into(), &Value::Null)
    );
    assert_eq!(day["online"]["by_minute"].as_array().unwrap().len(), 60);
    for transaction in day["transactions"].as_array().unwrap() {
        let count = transaction["count"]["value"].as_f64().unwrap();
        let mean = &transaction["mean_s"];
        let value = mean["value"].as_f64().unwrap();
        // Nobody is faster than alone but by chance, and every quantile has its interval.
        assert!(count > 0.0 && value > 0.9 * transaction["alone_s"].as_f64().unwrap());
        assert!(mean["low"].as_f64().unwrap() < value && value < mean["high"].as_f64().unwrap());
        // The parts are of all acts, the mean is of the trials' means: alike within its interval.
        let budget = transaction["budget_s"]["mean"].as_object().unwrap();
        let parts: f64 = budget.values().map(|part| part.as_f64().unwrap()).sum();
        let within = mean["low"].as_f64().unwrap()..mean["high"].as_f64().unwrap();
        assert!(within.contains(&parts), "{transaction}");
    }
    // Every act brings 200 kB down the line and takes 0.1 s of one of two workers, so what ended is what
    // was carried and worked, but for the few that were under way at either end.
    let acts = day["transactions"].as_array().unwrap().iter();
    let acts: f64 = acts
        .map(|act| act["count"]["value"].as_f64().unwrap())
        .sum();
    let lanes = day["lanes"].as_array().unwrap().iter();
    let mut line = lanes.filter(|lane| lane["link"] == "line" && lane["way"] == "down");
    let carried = line.next().unwrap()["carried_mbit"]["value"]
        .as_f64()
        .unwrap();
    assert!(
        (carried / (acts * 1.6 / 3600.0) - 1.0).abs() < 0.01,
        "{carried} {acts}"
    );
    let used = day["servers"][0]["used"]["value"].as_f64().unwrap();
    // 10,000 exponential services have a mean within 4 % in all but one of 30,000 runs.
    assert!(
        (used / (acts * 0.1 / 7200.0) - 1.0).abs() < 0.05,
        "{used} {acts}"
    );
    let other = json(&[
        "simulate", SMALL, "--hours", "10-11", "--trials", "4", "--seed", "8", "--json",
    ]);
    assert_ne!(other["transactions"], day["transactions"]);
}

#[test]
fn one_trial_gives_no_quantile() {
    let args = ["simulate", SMALL, "--hours", "10-11", "--trials", "1"];
    let day = json(&[&args[..], &["--json"]].concat());
    for transaction in day["transactions"].as_array().unwrap() {
        assert_eq!(transaction["quantiles_s"]["p95"], Value::Null);
        assert_eq!(transaction["mean_s"]["low"], Value::Null);
    }
    let said = stdout(&run(&args));
    assert!(said.contains("one trial has no intervals"), "{said}");
}

#[test]
fn arguments_that_do_not_go_together_are_refused_with_the_reason() {
    let refused = |args: &[&str], reason: &str| {
        let output = run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(reason), "{args:?}: {said}");
    };
    refused(&["simulate"], "--flows with --link or --policy");
    refused(&["simulate", SMALL, "--flows", "x.csv"], "--flows");
    refused(&["simulate", SMALL, "--link", "5M"], "--link");
    refused(&["simulate", "--flows", "x.csv"], "also needs --link");
    refused(
        &[
            "simulate", "--flows", "x.csv", "--link", "5M", "--seed", "2",
        ],
        "--seed",
    );
    refused(
        &["simulate", SMALL, "--trials", "3", "--precision", "5%"],
        "--precision",
    );
    refused(&["simulate", SMALL, "--trials", "0"], "--trials");
    refused(
        &["simulate", SMALL, "--hours", "18-14"],
        "for example 14-18",
    );
    refused(&["simulate", SMALL, "--date", "2022-06"], "growth.from");
    let late = ["simulate", "scenarios/qos-250.toml", "--date", "2030-01"];
    refused(&late, "2021-12 to 2024-12");
    refused(
        &["compare", SMALL, "--hours", "10-11"],
        "go with --simulate",
    );
}

#[test]
fn compared_with_itself_nothing_differs() {
    let args = [
        "compare",
        SMALL,
        SMALL,
        "--simulate",
        "--hours",
        "10-11",
        "--precision",
        "10%",
    ];
    let document = json(&[&args[..], &["--json"]].concat());
    assert_eq!(document["simulated"], true);
    let rows = document["simulation"]["rows"].as_array().unwrap();
    // Two transactions with mean and p95, and minutes of pain.
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert_eq!(row["cells"][0]["difference"], Value::Null);
        let difference = &row["cells"][1]["difference"];
        for end in ["value", "low", "high"] {
            assert_eq!(difference[end], 0.0, "{row}");
        }
        assert_eq!(row["cells"][0]["simulated"], row["cells"][1]["simulated"]);
    }
    let said = stdout(&run(&args));
    assert!(
        said.contains("paired differences") && said.contains("minutes of pain"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_what_is_known_and_says_so() {
    use std::process::Stdio;
    use std::time::Duration;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let args = [
        "simulate", SMALL, "--hours", "0-24", "--trials", "200", "--json", "--out",
    ];
    let child = hopcast(&args)
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    std::thread::sleep(Duration::from_millis(1500));
    kill(pid, Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{errors}");
    let day: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(day["partial"], true);
    assert!(day["partial_until_s"].as_f64().unwrap() <= 86_400.0);
    assert!(day["trials"]["run"].as_u64().unwrap() < 200);
    assert_eq!(
        std::fs::read(out.join("simulate.json")).unwrap(),
        output.stdout
    );
}

#[test]
fn a_day_on_which_nobody_gets_through_is_not_painless() {
    for (lang, said) in [("zh", "断网："), ("en", "CUT OFF: 100 % of the ")] {
        let scenario = "scenarios/ticketing-no-4g.toml";
        let output = hopcast(&[
            "simulate", scenario, "--hours", "10-11", "--trials", "2", "--lang", lang,
        ])
        .output()
        .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(said), "{text}");
        assert!(text.contains("60 ±0"), "{text}");
    }
}

#[test]
fn a_folder_that_cannot_be_is_said_before_the_day_is_simulated() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let begun = std::time::Instant::now();
    let output = hopcast(&["simulate", SMALL, "--trials", "200", "--out"])
        .arg(file.path().join("out"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    // Two hundred days take far longer.
    assert!(begun.elapsed().as_secs() < 10);
}
