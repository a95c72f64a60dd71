//! `hopcast ping` beside fping, in turn, on this machine's loopback: `cargo bench --bench ping`.
//!
//! Two cases: 254 targets as fast as they go, and 254 targets once a second. It prints the median of
//! several runs of each and the ratio of the two. Without fping, hopcast is measured alone; without
//! the right to open raw sockets, nothing is.

use std::io;
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;

/// Runs of each program for each case.
const RUNS: usize = 7;

/// How long a steady run lasts.
const STEADY: Duration = Duration::from_secs(10);

const TARGETS: [&str; 3] = ["-g", "127.0.1.1", "127.0.1.254"];

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Run {
    wall: Duration,
    cpu: Duration,
    /// The most memory that was in use, in KiB.
    memory: f64,
    sent: f64,
    received: f64,
}

/// A figure of a run: what it is called, its unit, and how it is had.
type Figure = (&'static str, &'static str, fn(&Run) -> f64);

const FLOOD: [Figure; 4] = [
    ("rate", "probes/s", |run| run.sent / run.wall.as_secs_f64()),
    ("CPU", "µs/probe", |run| {
        run.cpu.as_secs_f64() * 1e6 / run.sent
    }),
    ("memory", "KiB", |run| run.memory),
    ("lost", "probes", |run| run.sent - run.received),
];

const LOOP: [Figure; 4] = [
    ("rate", "probes/s", |run| run.sent / run.wall.as_secs_f64()),
    ("CPU", "ms/s", |run| {
        run.cpu.as_secs_f64() * 1e3 / run.wall.as_secs_f64()
    }),
    ("memory", "KiB", |run| run.memory),
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

fn median(runs: &[Run], figure: fn(&Run) -> f64) -> Option<f64> {
    let mut figures: Vec<f64> = runs.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Runs a program to its end, or interrupts it after a while.
fn run(program: &[&str], args: &[&str], lasts: Option<Duration>) -> io::Result<Run> {
    let (name, more) = program.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(name);
    command
        .args(more)
        .args(args)
        .args(TARGETS)
        .env("LC_ALL", "C");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = command.spawn()?;
    let process = i32::try_from(child.id()).map_err(io::Error::other)?;
    if let Some(lasts) = lasts {
        thread::sleep(lasts);
        // SAFETY: a plain call; the child is ours and has not been waited for.
        unsafe { libc::kill(process, libc::SIGINT) };
    }
    let said = io::read_to_string(child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?)?;
    let usage = ended(process)?;
    let wall = began.elapsed();
    let (mut sent, mut received) = (0.0, 0.0);
    for line in said.lines() {
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
        return Err(io::Error::other(format!("{name} sent nothing: {said}")));
    }
    let length = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    Ok(Run {
        wall,
        cpu: length(usage.ru_utime) + length(usage.ru_stime),
        memory: usage.ru_maxrss as f64,
        sent,
        received,
    })
}

/// Waits for a child to end; gives what it used.
fn ended(process: i32) -> io::Result<libc::rusage> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to room of the right size that outlives the call, and a usage of
    // zeroes is a usage.
    let (done, usage) = unsafe {
        let done = libc::wait4(process, &raw mut status, 0, usage.as_mut_ptr());
        (done, usage.assume_init())
    };
    match done == process {
        true => Ok(usage),
        false => Err(io::Error::last_os_error()),
    }
}
