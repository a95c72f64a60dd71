//! `hopcast simulate` as a user runs it.

#![cfg(feature = "plan")]

use std::path::Path;
use std::process::{Command, Output};

fn simulate(lang: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hopcast"))
        .args(["--lang", lang, "simulate"])
        .args(args)
        .env_remove("COLUMNS")
        .output()
        .unwrap()
}

/// A folder of its own with these files in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            std::fs::write(folder.path(name), text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The last cell of each row: `duration_s`.
fn durations(csv: &str) -> Vec<f64> {
    let rows = csv.lines().skip(1);
    rows.map(|row| row.rsplit(',').next().unwrap().parse().unwrap())
        .collect()
}

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 1e-12 * expected,
            "{found} is not {expected}"
        );
    }
}

#[test]
fn transfers_in_any_order_get_their_end_and_keep_their_cells() {
    // 80 Mbit/s is 10 MB/s. 10 MB from 0 and from 0.5: 1.5 s each, as shared from 0.5 to 1.5.
    let flows = "note,bytes,arrival_s\r\n\"b, late\",10000000, 0.5 \r\n\r\na,1e7,0\r\n";
    let folder = Folder::new(&[("flows.csv", flows)]);
    let out = folder.path("deep/out.csv");
    let said = simulate(
        "en",
        &[
            "--flows",
            &folder.path("flows.csv"),
            "--link",
            "80M",
            "--out",
            &out,
        ],
    );
    assert!(said.status.success(), "{}", stderr(&said));
    let written = folder.read("deep/out.csv");
    let rows: Vec<&str> = written.lines().collect();
    assert_eq!(rows[0], "note,bytes,arrival_s,finish_s,duration_s");
    assert!(
        rows[1].starts_with("\"b, late\",10000000, 0.5 ,2"),
        "{written}"
    );
    assert!(rows[2].starts_with("a,1e7,0,1.5"), "{written}");
    assert_close(&durations(&written), &[1.5, 1.5]);
    // An answer asked again is replaced, not doubled.
    let again = simulate(
        "en",
        &[
            "--flows",
            &out,
            "--link",
            "80M",
            "--out",
            &folder.path("again.csv"),
        ],
    );
    assert!(again.status.success());
    assert_eq!(folder.read("again.csv"), written);
    let twice = simulate("en", &["--flows", &out, "--link", "120M", "--out", &out]);
    assert!(twice.status.success());
    // At 15 MB/s the first has 2.5 MB left at 0.5 s, shared in a third of a second; the second then
    // has 7.5 MB left, alone in half a second.
    let faster = folder.read("deep/out.csv");
    assert_eq!(faster.lines().next(), written.lines().next());
    assert_close(&durations(&faster), &[5.0 / 6.0, 5.0 / 6.0]);
}

/// Office 60 of 100 before the rest; a user of the rest has at most 20.
const POLICY: &str = r#"
link = "100 Mbit/s"

[class.office]
guarantee = "60 Mbit/s"
ceiling = "80 Mbit/s"

[class.rest]
guarantee = "40 Mbit/s"
users = 1
per_user = "20 Mbit/s"
"#;

#[test]
fn a_policy_divides_the_link_and_limits_its_users() {
    // Megabytes in a second at rate r Mbit/s: r / 8. Two of user u share 20: 1.25 MB in 1 s each;
    // user v has 20 of its own: 2.5 MB in 1 s. Office would have 80, but rest takes only 40, and
    // 60 are left: 7.5 MB in 1 s; then 80 is its ceiling: 10 MB more in another second.
    let flows = "arrival_s,bytes,class,user\n\
                 5,1.25e6,rest,u\n5,1.25e6,rest,u\n5,2.5e6,rest,v\n5,17.5e6,office,u\n";
    let folder = Folder::new(&[("flows.csv", flows), ("policy.toml", POLICY)]);
    let (out, policy) = (folder.path("out.csv"), folder.path("policy.toml"));
    let args = [
        "--flows",
        &folder.path("flows.csv"),
        "--policy",
        &policy,
        "--out",
        &out,
        "--json",
    ];
    let said = simulate("en", &args);
    assert!(said.status.success(), "{}", stderr(&said));
    assert_close(&durations(&folder.read("out.csv")), &[1.0, 1.0, 1.0, 2.0]);
    let data: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(data["schema"], "hopcast.simulate/1");
    assert_eq!(data["preset"], "linux-htb");
    assert_eq!(data["link_mbit"], 100.0);
    // 22.5 MB in 2 s are 90 Mbit/s.
    assert_eq!(data["carried_mbit"], 90.0);
    let groups = data["groups"].as_array().unwrap();
    let classes: Vec<_> = groups.iter().map(|group| group["class"].as_str()).collect();
    assert_eq!(classes, [None, Some("office"), Some("rest")]);
    assert_eq!(groups[0]["duration_s"]["mean"]["value"], 1.25);
    // Four transfers give no interval, and no quantile without one.
    assert!(groups[0]["duration_s"]["mean"]["low"].is_null());
    assert!(groups[0]["duration_s"]["quantiles"]["p95"].is_null());
    // The same as CSV, and --link instead of what the file says.
    let policy_csv = "class,guarantee,ceil,users,per_user_mbit\noffice,60,80,,\nrest,40,,1,20\n";
    let folder = Folder::new(&[("flows.csv", flows), ("policy.csv", policy_csv)]);
    let (out, policy) = (folder.path("out.csv"), folder.path("policy.csv"));
    let args = [
        "--flows",
        &folder.path("flows.csv"),
        "--policy",
        &policy,
        "--out",
        &out,
    ];
    assert!(!simulate("en", &args).status.success());
    assert!(
        simulate("en", &[&args[..], &["--link", "100M"]].concat())
            .status
            .success()
    );
    assert_close(&durations(&folder.read("out.csv")), &[1.0, 1.0, 1.0, 2.0]);
}

#[test]
fn without_a_policy_classes_only_sort_the_figures() {
    let rows =
        (0..200).map(|at| format!("{at},1e6,{}\n", if at % 4 == 0 { "bulk" } else { "web" }));
    let flows = format!("arrival_s,bytes,class\n{}", rows.collect::<String>());
    let folder = Folder::new(&[("flows.csv", &flows)]);
    let args = ["--flows", &folder.path("flows.csv"), "--link", "80M"];
    let said = simulate("en", &[&args[..], &["--json"]].concat());
    let data: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    // Alone on the link each takes a tenth of a second: no spread, so intervals of no width.
    for (group, count) in [(0, 200), (1, 50), (2, 150)] {
        let group = &data["groups"][group];
        assert_eq!(group["transfers"], count);
        let mean = &group["duration_s"]["mean"];
        let p50 = &group["duration_s"]["quantiles"]["p50"];
        for found in [
            &mean["value"],
            &mean["low"],
            &p50["value"],
            &p50["low"],
            &p50["high"],
        ] {
            assert!((found.as_f64().unwrap() - 0.1).abs() < 1e-12, "{group}");
        }
        assert!((group["slowdown"]["value"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    }
    assert!(data["preset"].is_null());
    let en = stdout(&simulate("en", &args));
    let zh = stdout(&simulate("zh", &args));
    for said in [
        "bulk",
        "100 ms..100 ms",
        "link 80 Mbit/s",
        "without round trips",
    ] {
        assert!(en.contains(said), "no {said} in\n{en}");
    }
    for said in [
        "bulk",
        "100 ms..100 ms",
        "链路 80 Mbit/s",
        "不含往返",
        "减速比",
    ] {
        assert!(zh.contains(said), "no {said} in\n{zh}");
    }
}

#[test]
fn a_class_that_is_granted_nothing_never_ends_and_is_counted() {
    let flows = "arrival_s,bytes,class\n0,1e6,a\n0,1e6,b\n";
    let policy = "class,ceil\na,0\nb,8\n";
    let folder = Folder::new(&[("flows.csv", flows), ("policy.csv", policy)]);
    let (out, policy) = (folder.path("out.csv"), folder.path("policy.csv"));
    let flows = folder.path("flows.csv");
    let args = [
        "--flows", &flows, "--policy", &policy, "--link", "8M", "--out", &out, "--json",
    ];
    let said = simulate("en", &args);
    assert_eq!(folder.read("out.csv").lines().nth(1), Some("0,1e6,a,,"));
    let data: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(data["groups"][0]["never_ends"], 1);
    assert!(data["groups"][1]["duration_s"]["mean"]["value"].is_null());
    assert_eq!(data["groups"][2]["duration_s"]["mean"]["value"], 1.0);
}

#[test]
fn everything_wrong_in_the_rows_is_said_with_its_place_and_what_is_allowed() {
    let flows = "arrival_s,bytes,class\n\
                 0,1e6,web\n\
                 soon,1e6,web\n\
                 -1,1e6,web\n\
                 0,,web\n\
                 0,inf,wbe\n\
                 0,1e6\n\
                 0,1e6,wbe\n\
                 0,1e6,\n";
    let policy = "class,guarantee\nweb,1\nbulk,1\n";
    let folder = Folder::new(&[("flows.csv", flows), ("policy.csv", policy)]);
    let out = folder.path("out.csv");
    let args = [
        "--flows",
        &folder.path("flows.csv"),
        "--policy",
        &folder.path("policy.csv"),
        "--link",
        "10M",
        "--out",
        &out,
    ];
    let said = simulate("en", &args);
    assert_eq!(said.status.code(), Some(1));
    assert!(!Path::new(&out).exists());
    let en = stderr(&said);
    for expected in [
        "flows.csv:3:1",
        "arrival_s cannot be \"soon\"",
        "zero or a positive number",
        "flows.csv:4:1",
        "flows.csv:5:3",
        "bytes cannot be \"\"",
        "flows.csv:6:3",
        "flows.csv:7:1",
        "this row has 2 cells",
        "flows.csv:8:7",
        "class cannot be \"wbe\"",
        "did you mean \"web\"?",
        "flows.csv:9:7",
    ] {
        assert!(en.contains(expected), "no {expected} in\n{en}");
    }
    let zh = stderr(&simulate("zh", &args));
    for expected in [
        "arrival_s 不能是 \"soon\"",
        "零或正数",
        "这一行有 2 个单元格",
        "是不是 \"web\"？",
    ] {
        assert!(zh.contains(expected), "no {expected} in\n{zh}");
    }
}

#[test]
fn a_file_that_is_none_is_refused_once() {
    let wrong = format!("arrival_s,bytes\n{}", "x,y\n".repeat(1000));
    for (flows, expected, times) in [
        ("arival_s,bytes\n0,1\n", "there is no column arrival_s", 1),
        ("arrival_s,bytes,bytes\n0,1,1\n", "stands twice", 1),
        ("arrival_s,bytes\n", "there is no transfer", 1),
        ("", "there is no transfer", 1),
        // Nobody reads a thousand times the same.
        (&wrong, "arrival_s cannot be", 20),
    ] {
        let folder = Folder::new(&[("flows.csv", flows)]);
        let said = simulate(
            "en",
            &["--flows", &folder.path("flows.csv"), "--link", "1M"],
        );
        assert_eq!(said.status.code(), Some(1), "{flows}");
        let said = stderr(&said);
        assert_eq!(said.matches(expected).count(), times, "{said}");
    }
    let said = simulate("en", &["--flows", "nowhere.csv", "--link", "1M"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(stderr(&said).contains("nowhere.csv"));
    let folder = Folder::new(&[("flows.csv", "arrival_s,bytes\n0,1\n")]);
    let said = simulate(
        "en",
        &["--flows", &folder.path("flows.csv"), "--link", "0M"],
    );
    assert_eq!(said.status.code(), Some(2));
    assert!(stderr(&said).contains("0 bit/s"), "{}", stderr(&said));
    let said = simulate("en", &["--flows", &folder.path("flows.csv")]);
    assert_eq!(said.status.code(), Some(2));
}

#[test]
fn a_policy_must_be_one_link_that_decides_by_itself() {
    for (policy, expected) in [
        ("mix,class\na,x\nb,y\n", "several links"),
        ("class,tbf_mbit\nx,5\n", "a line of 5 Mbit/s"),
        ("class,guarantee,ceil\nx,5,3\n", "5 Mbit/s or more"),
        ("clas\nx\n", "no column class"),
    ] {
        let folder = Folder::new(&[("f.csv", "arrival_s,bytes\n0,1\n"), ("p.csv", policy)]);
        let (flows, policy) = (folder.path("f.csv"), folder.path("p.csv"));
        let said = simulate(
            "en",
            &["--flows", &flows, "--policy", &policy, "--link", "10M"],
        );
        assert_eq!(said.status.code(), Some(1), "{}", stderr(&said));
        assert!(stderr(&said).contains(expected), "{}", stderr(&said));
    }
    // Guarantees that leak are used as written, and flagged.
    let policy = "class,guarantee\nx,8\ny,8\n";
    let flows = "arrival_s,bytes,class\n0,1e6,x\n0,1e6,y\n";
    let folder = Folder::new(&[("f.csv", flows), ("p.csv", policy)]);
    let (flows, policy, out) = (
        folder.path("f.csv"),
        folder.path("p.csv"),
        folder.path("o.csv"),
    );
    let args = [
        "--flows", &flows, "--policy", &policy, "--link", "10M", "--out", &out,
    ];
    let said = simulate("en", &args);
    assert!(
        stderr(&said).contains("oversubscribed"),
        "{}",
        stderr(&said)
    );
    assert_close(&durations(&folder.read("o.csv")), &[1.0, 1.0]);
}
