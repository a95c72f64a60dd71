//! How runs begin and end: time-outs, streams that are closed, rights that are given up.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::world::{run, takes};

/// Every name of `--format`.
const FORMATS: [&str; 10] = [
    "table", "json", "csv", "raw", "pretty", "markdown", "dot", "flows", "stream", "probes",
];

#[test]
fn replies_are_waited_for_as_long_as_was_said() {
    let Some(world) = built("silent") else { return };
    let target = world.target(false).to_string();
    // Hop 2 is silent. What is waited for after the last probe is the grace, but never longer than
    // after which a reply is late.
    for (grace, wait, ms) in [("0.2", "3", 200), ("0.7", "3", 700), ("5", "0.4", 400)] {
        let args = [
            "-f",
            "2",
            "-m",
            "2",
            "-c",
            "1",
            "-G",
            grace,
            "-Z",
            wait,
            "--no-service",
        ];
        let args = with(&target, &args);
        takes(ms..ms + 150, || {
            let start = Instant::now();
            let output = world.hopcast(&args);
            let took = start.elapsed();
            let told = Told::one(&output);
            assert_eq!((told.code, told.hub(2).lost()), (1, 1), "{told}");
            took
        });
    }
}

/// Runs hopcast by a shell that closes or turns its streams first.
fn by_shell(streams: &str, args: &[&str]) -> std::process::Output {
    let mut command = Command::new("sh");
    let script = format!("exec \"$@\" {streams}");
    command
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_hopcast")])
        .args(args);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command.output().expect("a shell")
}

#[test]
fn closed_streams_and_readers_that_leave_end_a_run_quietly() {
    let quick = [
        "trace",
        "127.0.0.1",
        "-c",
        "2",
        "-i",
        "0.02",
        "--no-service",
        "--format",
    ];
    for format in FORMATS {
        let args = [&quick[..], &[format]].concat();
        // Without standard input there is nothing that it wants of it.
        let closed = by_shell("<&-", &args);
        assert_eq!(closed.status.code(), Some(0), "{format} {}", said(&closed));
        assert!(
            !closed.stdout.is_empty() && closed.stderr.is_empty(),
            "{}",
            said(&closed)
        );
        // Whoever lets nothing be printed gets no report; that must not be taken for one.
        let full = by_shell(">/dev/full", &args);
        assert_eq!(full.status.code(), Some(2), "{format} {}", said(&full));
        assert!(said(&full).contains("<stdout>"), "{format} {}", said(&full));
    }
    // Who has seen enough of what is told as it happens goes, and the run does too: the 2000 sweeps
    // would take 40 s.
    for format in ["raw", "stream"] {
        let args = [
            "trace",
            "127.0.0.1",
            "-c",
            "2000",
            "-i",
            "0.02",
            "--no-service",
            "--format",
            format,
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
        command.args(args).stdin(Stdio::null());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut first).unwrap();
        drop(reader);
        assert!(first.ends_with('\n'), "{format} {first:?}");
        let start = Instant::now();
        let output = run::finish(child);
        assert!(start.elapsed() < Duration::from_secs(5), "{format}");
        let silent = output.stderr.is_empty();
        assert_eq!(
            (output.status.code(), silent),
            (Some(0), true),
            "{}",
            said(&output)
        );
    }
    let empty = by_shell("</dev/null", &["trace", "-F", "-"]);
    assert_eq!(empty.status.code(), Some(2), "{}", said(&empty));
    assert!(said(&empty).contains("names no host"), "{}", said(&empty));
}

#[test]
fn a_bad_host_is_refused_in_every_format_and_nothing_half_printed() {
    // Who is asked for the name is on loopback, and not there.
    let unknown = ["--dns-server", "127.0.0.1:1", "host.invalid"];
    let another = ["-4", "::1"];
    for format in FORMATS {
        for hosts in [&unknown[..], &another] {
            let usual = ["trace", "-c", "1", "--format", format];
            let output = run::hopcast(&[&usual[..], hosts].concat());
            assert_eq!(output.status.code(), Some(2), "{format} {}", said(&output));
            assert!(output.stdout.is_empty(), "{format} {}", said(&output));
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(told.lines().count(), 1, "{told}");
            assert!(told.contains(hosts.last().unwrap()), "{told}");
        }
    }
}

/// The lines of a process's status that tell of rights.
fn rights(id: u32) -> Vec<String> {
    let status = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status"));
    let status = status.expect("it runs");
    let lines = status
        .lines()
        .filter(|line| line.starts_with("Cap") || line.starts_with("NoNew"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn the_program_gives_up_every_right_before_it_sends() {
    let Some(world) = built("chain") else { return };
    let target = world.target(false).to_string();
    for method in [
        &["-u"][..],
        &["--method", "icmp"],
        &["--method", "syn", "-P", "81"],
    ] {
        let args = [
            "trace",
            &target,
            "-c",
            "500",
            "-i",
            "0.05",
            "--no-service",
            "-l",
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
        command
            .args(args)
            .args(method)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = run::inside(&world.client, || command.spawn()).unwrap();
        // mtr's raw lines begin with the first probe.
        let mut line = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut line).unwrap();
        let rights = rights(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(line.starts_with("x "), "{line:?}");
        for name in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
            let none = format!("{name} 0000000000000000");
            assert!(rights.contains(&none), "{method:?} {rights:?}");
        }
        assert!(
            rights.contains(&"NoNewPrivs: 1".to_string()),
            "{method:?} {rights:?}"
        );
    }
}
