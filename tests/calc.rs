//! `hopcast calc` through the built binary, against values computed to 17 digits elsewhere.

#![cfg(feature = "plan")]

use std::process::{Command, Output};

use serde_json::Value;

fn calc(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command.env("HOPCAST_LANG", "en").arg("calc").args(args);
    command.output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = calc(&[args, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn value(answer: &Value, key: &str) -> f64 {
    let results = answer["results"].as_array().unwrap();
    let row = results.iter().find(|row| row["key"] == key);
    row.unwrap_or_else(|| panic!("no {key} in {answer:#}"))["value"]
        .as_f64()
        .unwrap()
}

/// The command that answers a row of the oracle, and the key of its answer. `of("rho")` reads a
/// parameter; what a row states in words (service 1, the growth case) is written out here.
fn question(quantity: &str, parameters: &str) -> (String, &'static str) {
    let of = |name: &str| {
        let start = format!("{name}=");
        let found = parameters
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&start));
        found
            .unwrap_or_else(|| panic!("no {name} in {parameters}"))
            .to_string()
    };
    let percent = |name: &str| format!("{}%", of(name).parse::<f64>().unwrap() * 100.0);
    let one = |form: &str| format!("{form} --service 1s --load {}", percent("rho"));
    let pool = |form: &str| format!("{} --servers {}", one(form), of("c"));
    let path = |form: &str| {
        format!(
            "{form} --mss {}B --rtt {}s --loss {}",
            of("MSS"),
            of("RTT"),
            percent("p")
        )
    };
    let engset = || {
        format!(
            "engset --users {} --servers {} --idle-erlangs {}",
            of("S"),
            of("N"),
            of("a")
        )
    };
    match quantity {
        q if q.starts_with("Erlang B") => (
            format!("erlang-b --erlangs {} --servers {}", of("A"), of("N")),
            "blocking",
        ),
        q if q.starts_with("smallest N") => (
            format!(
                "erlang-b --erlangs {} --target {}",
                of("A"),
                percent("target")
            ),
            "servers",
        ),
        "Erlang C wait probability" => (
            format!("erlang-c --erlangs {} --servers {}", of("A"), of("N")),
            "waiting",
        ),
        "Engset time congestion" => (engset(), "time_congestion"),
        "Engset call congestion" => (engset(), "call_congestion"),
        q if q.starts_with("Kaufman-Roberts") => {
            assert_eq!(parameters, "C=20 classes=(5erl,1u),(2erl,4u)");
            let key = if q.contains("1-unit") {
                "blocking_1"
            } else {
                "blocking_2"
            };
            (
                "kaufman-roberts --units 20 --class 5x1 --class 2x4".to_string(),
                key,
            )
        }
        "M/M/1 mean sojourn (service 1)" => (one("mm1"), "mean_sojourn"),
        "M/M/1 FCFS p95 sojourn" => (one("mm1"), "sojourn_p95"),
        "M/M/1 FCFS p99 sojourn" => (one("mm1"), "sojourn_p99"),
        "M/D/1 mean wait (service 1)" => (one("md1"), "mean_wait"),
        "M/D/1 p95 wait" => (one("md1"), "wait_p95"),
        "M/G/1 FCFS mean wait, lognormal sigma=1.5 mean 1" => {
            (format!("{} --lognormal-sigma 1.5", one("mg1")), "mean_wait")
        }
        "M/G/1-PS mean slowdown" => (one("ps"), "slowdown"),
        "M/M/1-PS sojourn variance (service 1)" => (one("ps"), "variance"),
        "M/M/1-PS Var[T | size=2]" => (
            format!("{} --alone {}s", one("ps"), of("x")),
            "variance_given",
        ),
        "M/M/c mean wait (service 1)" => (pool("mmc"), "mean_wait"),
        "M/M/c p95 wait" => (pool("mmc"), "wait_p95"),
        "Allen-Cunneen mean wait Ca2=1 Cs2=4" => (
            format!("{} --arrival-scv 1 --service-scv 4", pool("allen-cunneen")),
            "mean_wait",
        ),
        "Kingman G/G/1 mean wait Ca2=2 Cs2=4 (service 1)" => (
            format!("{} --arrival-scv 2 --service-scv 4", one("allen-cunneen")),
            "mean_wait",
        ),
        "M/G/R-PS delay factor f_R" => (
            format!(
                "mgr-ps --capacity {}Mbit/s --cap {}Mbit/s --load {}",
                of("link"),
                of("cap"),
                percent("rho")
            ),
            "slowdown",
        ),
        "Mathis throughput bit/s" => (path("mathis"), "throughput"),
        "PFTK throughput bit/s" => {
            let rest = format!("--acked {} --timeout {}s", of("b"), of("T0"));
            (format!("{} {rest}", path("pftk")), "throughput")
        }
        q if q.starts_with("CUBIC mean window") => (
            format!("cubic --rtt {}s --loss {}", of("RTT"), percent("p")),
            "cubic_window",
        ),
        "window-limited throughput bit/s" => (
            format!("window --window {}B --rtt {}s", of("rwnd"), of("RTT")),
            "throughput",
        ),
        "Gaussian link need Mbit/s" => {
            assert_eq!(
                parameters,
                "mean=286 sd(1s)=30 eps=0.01: m+sd*sqrt(-2 ln eps)"
            );
            let command = "gaussian-link --mean 286bit/s --deviation 30bit/s --overflow 1%";
            // Asked in bit/s, answered in bit/s: the number is the oracle's.
            (command.to_string(), "capacity")
        }
        "Bass cumulative adoption F(5)" | "Bass time of peak adoption" => {
            let bass = format!(
                "bass --innovation {} --imitation {} --at 5",
                of("p"),
                of("q")
            );
            (
                bass,
                if quantity.contains("peak") {
                    "peak_time"
                } else {
                    "value"
                },
            )
        }
        "logistic accounts after 2 years" => {
            assert_eq!(parameters, "K=80000 N0=63000 r=0.35/yr");
            let command = "logistic --saturation 80000 --now 63000 --rate 0.35 --at 2";
            (command.to_string(), "value")
        }
        "exponential years until 500 Mbit/s at 80% busy-hour use" => {
            assert_eq!(parameters, "now=286 growth=25%/yr");
            (
                "exponential --now 286 --rate 25% --level 400".to_string(),
                "time",
            )
        }
        "Student t 0.975 quantile, 19 dof (20 batches)" => (
            "student-t --probability 97.5% --degrees 19".to_string(),
            "quantile",
        ),
        other => panic!("no command for {other}"),
    }
}

#[test]
fn every_row_of_the_oracle_is_answered() {
    let mut rows = csv::Reader::from_path("tests/oracles/closed_forms.csv").unwrap();
    let mut count = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let (id, quantity, parameters, wanted) = (&row[0], &row[1], &row[2], &row[3]);
        let wanted: f64 = wanted.parse().unwrap();
        let (command, key) = question(quantity, parameters);
        let answer = json(&command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(answer["schema"], "hopcast.calc/1");
        let found = value(&answer, key);
        let error = (found / wanted - 1.0).abs();
        assert!(error < 1e-9, "{id} {command}: {found} is not {wanted}");
        count += 1;
    }
    assert_eq!(count, 52);
}

#[test]
fn keep_alives_are_lost_in_bursts_and_hardly_ever_singly() {
    let ask = "keep-alive --every 10s --lost 3 --loss 1% --burst 12s";
    let answer = json(&ask.split_whitespace().collect::<Vec<_>>());
    // Everything is lost for 1 % of the time, 12 s at once; a bad line is bad 10 s later with chance b.
    let e = (-10.0f64 / (12.0 * 0.99)).exp();
    let b = 0.01 + 0.99 * e;
    let time = 10.0 * 100.0 * (e / (1.0 - e) + (1.0 + b + b * b) / (b * b));
    // Singly 1 - 0.99² of the keep-alives are lost.
    let lost = 1.0 - 0.99f64.powi(2);
    let single = 10.0 * (1.0 / lost + 1.0 / lost.powi(2) + 1.0 / lost.powi(3));
    for (key, wanted) in [
        ("time", time),
        ("drops", 3600.0 / time),
        ("time_single", single),
        ("drops_single", 3600.0 / single),
        ("bad", 0.01),
        ("stretches", 3.0),
    ] {
        let found = value(&answer, key);
        assert!(
            (found / wanted - 1.0).abs() < 1e-9,
            "{key} {found} {wanted}"
        );
    }
    let none = json(&[
        "keep-alive",
        "--every",
        "10s",
        "--lost",
        "3",
        "--loss",
        "0%",
    ]);
    assert_eq!(value(&none, "drops_single"), 0.0);
    let results = none["results"].as_array().unwrap();
    let never = results.iter().find(|row| row["key"] == "time_single");
    assert_eq!(never.unwrap()["never"], true);
}

#[test]
fn a_table_has_source_and_range_in_both_languages_and_marks_approximations() {
    let say = |lang: &str, args: &[&str]| {
        let output = calc(&[args, &["--lang", lang]].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let args = [
        "allen-cunneen",
        "--load",
        "80%",
        "--service",
        "1s",
        "--arrival-scv",
        "1",
    ];
    let args = [&args[..], &["--service-scv", "4", "--servers", "2"]].concat();
    let english = say("en", &args);
    assert!(
        english.contains("(approximation)") && english.contains("4.4444444"),
        "{english}"
    );
    assert!(english.contains("source: Allen 1990") && english.contains("holds for: "));
    let chinese = say("zh", &args);
    assert!(
        chinese.contains("（近似）") && chinese.contains("来源：Allen 1990"),
        "{chinese}"
    );
    assert!(chinese.contains("成立条件："));
    let exact = say("en", &["erlang-b", "--erlangs", "10", "--servers", "10"]);
    assert!(!exact.contains("approximation"), "{exact}");
    // Values end in the same column whatever the width of the names.
    let ends = |text: &str| -> Vec<usize> {
        text.lines()
            .filter(|line| line.ends_with(" s"))
            .map(hopcast::lang::width)
            .collect()
    };
    let columns = ends(&say("zh", &["mm1", "--load", "70%", "--service", "1s"]));
    assert!(
        columns.len() > 4 && columns.iter().all(|end| *end == columns[0]),
        "{columns:?}"
    );
}

#[test]
fn what_cannot_be_answered_exits_2_and_says_what_is_allowed() {
    let refused = |args: &[&str], words: &str| {
        let output = calc(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
        assert!(output.stdout.is_empty());
    };
    refused(
        &["mm1", "--load", "120%", "--service", "1s"],
        "the load is 1.2 of capacity",
    );
    refused(
        &["mm1", "--lang", "zh", "--load", "120%", "--service", "1s"],
        "负载为容量的 1.2 倍",
    );
    refused(
        &["erlang-c", "--erlangs", "9", "--servers", "8"],
        "must be below 1",
    );
    refused(
        &["erlang-b", "--erlangs", "nan", "--servers", "8"],
        "must be a finite number",
    );
    refused(&["erlang-b", "--erlangs", "5"], "--servers");
    refused(
        &["mathis", "--rtt", "40ms", "--loss", "0%"],
        "the loss rate is 0",
    );
    refused(&["window", "--window", "64", "--rtt", "40ms"], "no unit");
    refused(&["kaufman-roberts", "--units", "20", "--class", "5"], "5x1");
    refused(
        &["kaufman-roberts", "--units", "3", "--class", "5x4"],
        "from 1 to 3",
    );
    refused(&["linear", "--now", "1", "--slope", "1"], "--at");
    let watch = ["keep-alive", "--every", "10s", "--loss", "5%"];
    let watch = |more: &[&'static str]| [&watch[..], more].concat();
    refused(&watch(&["--lost", "0"]), "from 1 to 100");
    refused(
        &watch(&["--lost", "3", "--burst", "2s", "--burst-loss", "5%"]),
        "between 0 and 1",
    );
    refused(&watch(&["--lost", "3", "--burst-loss", "50%"]), "--burst");
}

#[test]
fn never_is_an_answer() {
    let args = [
        "logistic",
        "--now",
        "63",
        "--saturation",
        "80",
        "--rate",
        "0.3",
        "--level",
        "90",
    ];
    let answer = json(&args);
    assert_eq!(answer["results"][0]["never"], true);
    assert!(answer["results"][0]["value"].is_null());
    let text = String::from_utf8(calc(&args).stdout).unwrap();
    assert!(text.contains("never"), "{text}");
    let there = json(&["linear", "--now", "5", "--slope", "-1", "--level", "4"]);
    assert_eq!(value(&there, "time"), 0.0);
}

#[test]
fn a_link_can_be_sized_from_its_transfers() {
    // 100 transfers a second of 100 kbit at 1 Mbit/s: at an instant Poisson(10), sd √10 Mbit/s.
    let args = [
        "gaussian-link",
        "--mean",
        "10Mbit/s",
        "--overflow",
        "1%",
        "--size",
        "12.5kB",
    ];
    let args = [
        &args[..],
        &["--each", "1Mbit/s", "--window", "0s", "--size-cv", "0"],
    ]
    .concat();
    let answer = json(&args);
    let sd = value(&answer, "deviation");
    assert!((sd / 1e6 / 10f64.sqrt() - 1.0).abs() < 1e-12, "{sd}");
    let need = 1e7 + sd * (-2.0 * 0.01f64.ln()).sqrt();
    assert!((value(&answer, "capacity") / need - 1.0).abs() < 1e-12);
}

#[test]
fn a_million_erlangs_are_answered_at_once() {
    let started = std::time::Instant::now();
    let answer = json(&[
        "erlang-b",
        "--erlangs",
        "1e6",
        "--servers",
        "1e6",
        "--target",
        "0.1%",
    ]);
    assert!(value(&answer, "blocking_at_servers") <= 1e-3);
    assert!(value(&answer, "blocking") > 1e-3 || value(&answer, "servers") <= 1e6);
    assert!(started.elapsed().as_secs_f64() < 10.0);
}

#[test]
fn help_and_refusals_speak_the_language_of_the_locale() {
    let hopcast = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
        for name in ["HOPCAST_LANG", "LC_ALL", "LC_MESSAGES"] {
            command.env_remove(name);
        }
        command
            .env("LANG", "zh_CN.UTF-8")
            .args(args)
            .output()
            .unwrap()
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();

    let help = hopcast(&["calc", "mm1", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(text(&help.stdout).contains("平均服务时间，例如 \"20 ms\""));
    assert!(help.stderr.is_empty());

    let refused = hopcast(&["calc", "mm1", "--load", "70 %"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("缺少必需的参数：\n  --service <SERVICE>\n"));
    assert!(refused.stdout.is_empty());

    let help = hopcast(&["--lang", "en", "calc", "mm1", "--help"]);
    assert!(text(&help.stdout).contains("Mean service time, e.g. \"20 ms\""));
    let refused = hopcast(&["calc", "mm1", "--load", "70 %", "--lang=en"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("required arguments were not provided"));
}
