//! `hopcast ping` as its users and their scripts run it: the lines and exit codes of fping, which is
//! run beside it where it is installed, and replies that come late, twice or not at all.
//!
//! All packets stay on loopback. Echo needs a raw socket: where that is not allowed the tests say
//! what they did not run; with `CI` set, that is a failure.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::io::Write;
use std::net::IpAddr;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

mod faults;
mod fping;
mod replies;
mod services;

/// What a run said and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            out: text(&output.stdout),
            err: text(&output.stderr),
            code: output.status.code(),
        }
    }

    /// The same with every time as T and every time of day as CLOCK. Counts, percentages and
    /// addresses stay.
    fn masked(&self) -> Said {
        Said {
            out: masked(&self.out),
            err: masked(&self.err),
            code: self.code,
        }
    }
}

fn masked(text: &str) -> String {
    let word = |word: &str| {
        let is_clock = word.starts_with('[') && word.matches(':').count() == 2;
        match word.parse::<IpAddr>() {
            Ok(_) => word.to_string(),
            Err(_) if is_clock => "[CLOCK]".to_string(),
            Err(_) => times_masked(word),
        }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Every number with a decimal point as T.
fn times_masked(word: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut masked = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(is_number) {
        let end = rest[start..].find(|c| !is_number(c));
        let end = end.map_or(rest.len(), |length| start + length);
        let number = &rest[start..end];
        masked.push_str(&rest[..start]);
        masked.push_str(if number.contains('.') { "T" } else { number });
        rest = &rest[end..];
    }
    masked + rest
}

fn hopcast(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command
        .arg("ping")
        .args(args)
        .env_clear()
        .env("LC_ALL", "C");
    command.stdin(Stdio::null());
    command
}

fn said(args: &[&str]) -> Said {
    Said::of(&hopcast(args).output().expect("hopcast starts"))
}

fn json(args: &[&str]) -> Value {
    let said = said(args);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// Whether echo can be sent here; says so if not.
fn may_echo() -> bool {
    let said = said(&["-c1", "-q", "127.0.0.1"]);
    or_say_so(said.code != Some(4), &said.err)
}

fn or_say_so(can: bool, why: &str) -> bool {
    assert!(
        can || std::env::var_os("CI").is_none(),
        "not allowed in CI: {why}"
    );
    if !can {
        let test = thread::current().name().unwrap_or("a test").to_string();
        // Written past the harness, which hides what a passing test says by `eprintln!`.
        let said = format!("{test} NOT RUN: {why}; run as root\n");
        let _ = std::io::stderr().write_all(said.as_bytes());
    }
    can
}

/// A namespace of its own in which the kernel answers no echo.
const SILENCE: &str = "ip link set lo up && ip route add unreachable 192.0.2.0/24 && \
                       echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all && exec \"$@\"";

fn in_silence(program: &str, args: &[&str]) -> Said {
    let mut command = Command::new("unshare");
    command
        .args(["-n", "sh", "-c", SILENCE, "sh", program])
        .args(args);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    Said::of(&command.output().expect("unshare starts"))
}

fn words(args: &str) -> Vec<&str> {
    args.split(' ').collect()
}
