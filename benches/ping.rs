//! `hopcast ping` beside fping, in turn, on this machine's loopback: `cargo bench --bench ping`.
//!
//! Two cases: 254 targets as fast as they go, and 254 targets once a second. It prints the median of
//! several runs of each and the ratio of the two. Without fping, hopcast is measured alone; without
//! the right to open raw sockets, nothing is.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

mod process;

use process::{Ended, median};

/// Runs of each program for each case.
const RUNS: usize = 7;

/// How long a steady run lasts.
const STEADY: Duration = Duration::from_secs(10);

const TARGETS: [&str; 3] = ["-g", "127.0.1.1", "127.0.1.254"];

/// One run of a program.
#[derive(Debug)]
struct Run {
    ended: Ended,
    sent: f64,
    received: f64,
}

/// A figure of a run: what it is called, its unit, and how it is had.
type Figure = (&'static str, &'static str, fn(&Run) -> f64);

const FLOOD: [Figure; 4] = [
    ("rate", "probes/s", |run| {
        run.sent / run.ended.wall.as_secs_f64()
    }),
    ("CPU", "µs/probe", |run| {
        run.ended.cpu.as_secs_f64() * 1e6 / run.sent
    }),
    ("memory", "KiB", |run| run.ended.memory),
    ("lost", "probes", |run| run.sent - run.received),
];

const LOOP: [Figure; 4] = [
    ("rate", "probes/s", |run| {
        run.sent / run.ended.wall.as_secs_f64()
    }),
    ("CPU", "ms/s", |run| {
        run.ended.cpu.as_secs_f64() * 1e3 / run.ended.wall.as_secs_f64()
    }),
    ("memory", "KiB", |run| run.ended.memory),
    ("lost", "probes", |run| run.sent - run.received),
];

fn main() {
    if let Err(error) = compare() {
        eprintln!("{error}");
    }
}

fn compare() -> io::Result<()> {
    let hopcast = [env!("CARGO_BIN_EXE_hopcast"), "ping"];
    let flood = ["-i0", "-p1", "-c100", "-q"];
    let steady = ["-i1", "-p1000", "-l", "-q", "-Q3600"];
    let has_fping = Command::new("fping")
        .arg("-v")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    for (title, args, lasts, figures) in [
        ("254 targets as fast as they go", &flood[..], None, FLOOD),
        ("254 targets once a second", &steady[..], Some(STEADY), LOOP),
    ] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            ours.push(run(&hopcast, args, lasts)?);
            if has_fping {
                theirs.push(run(&["fping"], args, lasts)?);
            }
        }
        println!("{title}, {RUNS} runs in turn, medians");
        println!("{:8} {:>12} {:>12} {:>7}", "", "hopcast", "fping", "ratio");
        for (name, unit, figure) in figures {
            let (own, other) = (median(&ours, figure), median(&theirs, figure));
            let shown = |figure: Option<f64>, decimals: usize| match figure {
                Some(figure) => format!("{figure:.decimals$}"),
                None => "-".to_string(),
            };
            let ratio = own.zip(other).map(|(own, other)| own / other);
            let ratio = ratio.filter(|ratio| ratio.is_finite());
            let decimals = if unit.starts_with("µs") || unit.starts_with("ms") {
                2
            } else {
                0
            };
            let (own, other) = (shown(own, decimals), shown(other, decimals));
            println!(
                "{name:8} {own:>12} {other:>12} {:>7} {unit}",
                shown(ratio, 2)
            );
        }
        println!();
    }
    Ok(())
}

/// Runs a program to its end, or interrupts it after a while, and reads its closing counts.
fn run(program: &[&str], args: &[&str], lasts: Option<Duration>) -> io::Result<Run> {
    let ended = process::run(&[program, args, &TARGETS].concat(), lasts)?;
    let (mut sent, mut received) = (0.0, 0.0);
    for line in ended.said.lines() {
        let counts = line.split_once("%loss = ").map_or("", |(_, counts)| counts);
        let mut counts = counts
            .split('/')
            .map_while(|count| count.parse::<f64>().ok());
        if let (Some(xmt), Some(rcv)) = (counts.next(), counts.next()) {
            sent += xmt;
            received += rcv;
        }
    }
    if sent == 0.0 {
        let (name, Ended { status, said, .. }) = (program.join(" "), ended);
        let said = format!("{name} sent nothing and ended with status {status}: {said}");
        return Err(io::Error::other(said));
    }
    Ok(Run {
        ended,
        sent,
        received,
    })
}
