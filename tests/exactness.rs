//! The times that hopcast tells against the times that a capture of the same packets shows.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::collections::HashMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::libc;
use serde_json::Value;

mod world;

use world::capture::{Capture, Captured};
use world::{World, run};

/// Where the payload of a probe holds its sequence (the layout is drawn in `probe::tag`).
const SEQUENCE: std::ops::Range<usize> = 12..16;

/// Connection attempt n leaves from n ports above this one.
const FIRST_PORT: u16 = 20_000;

/// One world at a time: two at once would keep the capture from its copying.
static ALONE: Mutex<()> = Mutex::new(());

/// A probe, or what answers it, as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Probe(u32),
    Answer(u32),
}

/// What the captured packet is that begins, with its IPv4 header, at `packet`.
fn seen(packet: &[u8]) -> Option<Seen> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let upper = packet.get(header..)?;
    let word = |at: usize| Some(u16::from_be_bytes(upper.get(at..at + 2)?.try_into().ok()?));
    match (packet.get(9)?, upper.get(13)) {
        (1, _) => match seen(upper.get(8..)?)? {
            Seen::Probe(sequence) => Some(Seen::Answer(sequence)),
            Seen::Answer(_) => None,
        },
        (17, _) => {
            let sequence = upper.get(8..)?.get(SEQUENCE)?.try_into().ok()?;
            Some(Seen::Probe(u32::from_be_bytes(sequence)))
        }
        // SYN, SYN-ACK, RST-ACK; some routers quote no control bits.
        (6, Some(0x02) | None) => Some(Seen::Probe(word(0)?.checked_sub(FIRST_PORT)?.into())),
        (6, Some(0x12 | 0x14)) => Some(Seen::Answer(word(2)?.checked_sub(FIRST_PORT)?.into())),
        _ => None,
    }
}

/// From the sending of each probe to its first answer, on the wire.
fn on_the_wire(captured: &[Captured]) -> HashMap<u32, Duration> {
    let mut sent: HashMap<u32, Duration> = HashMap::new();
    let mut took = HashMap::new();
    for captured in captured {
        match seen(&captured.packet) {
            Some(Seen::Probe(own)) => {
                sent.entry(own).or_insert(captured.at);
            }
            Some(Seen::Answer(own)) => {
                if let Some(at) = sent.get(&own) {
                    took.entry(own).or_insert(captured.at.saturating_sub(*at));
                }
            }
            None => {}
        }
    }
    took
}

/// Told less real, in ns, for every probe that was answered so, sorted.
fn errors(told: &str, wire: &HashMap<u32, Duration>, answer: &str) -> Vec<i64> {
    let lines = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut errors: Vec<i64> = lines
        .filter(|probe| probe["answer"] == answer)
        .filter_map(|probe| {
            let real = wire.get(&u32::try_from(probe["sequence"].as_u64()?).ok()?)?;
            assert_eq!(probe["stamp"], "kernel", "{probe}");
            Some(probe["rtt_ns"].as_i64()? - real.as_nanos() as i64)
        })
        .collect();
    errors.sort_unstable();
    errors
}

/// What a run told, probe by probe, and what was captured of it.
struct Measured {
    told: String,
    wire: HashMap<u32, Duration>,
}

/// A run over the world's path; `disturb` runs beside it with hopcast's process id.
fn measured(
    world: &World,
    method: &[&str],
    disturb: impl FnOnce(i32, &AtomicBool) + Send,
) -> Measured {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    world.server.answer_freely().unwrap();
    let target = world.target(false).to_string();
    let capture = Capture::start(&world.client);
    let args = [
        "trace", &target, "-c", "60", "-i", "0.03", "--format", "probes",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command
        .args(args)
        .args(method)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let child = run::inside(&world.client, || command.spawn()).expect("hopcast starts");
    let (id, over) = (child.id() as i32, AtomicBool::new(false));
    let output = thread::scope(|scope| {
        scope.spawn(|| disturb(id, &over));
        let output = child.wait_with_output();
        over.store(true, Ordering::Relaxed);
        output.expect("its output is there")
    });
    assert_eq!(output.status.code(), Some(0));
    Measured {
        told: String::from_utf8(output.stdout).unwrap(),
        wire: on_the_wire(&capture.stop()),
    }
}

impl Measured {
    /// Half of the told times of such answers are within 3 µs, of `least` matched ones or more. They
    /// may be the shorter ones: the capture's own copying stands between its stamp of a probe and
    /// the device, from which hopcast counts.
    fn check(&self, answer: &str, least: usize) {
        let sorted = errors(&self.told, &self.wire, answer);
        assert!(
            sorted.len() >= least,
            "only {} {answer} were matched",
            sorted.len()
        );
        eprintln!(
            "{answer} {} {:?}",
            sorted.len(),
            sorted.get(sorted.len() / 2)
        );
        let median = sorted[sorted.len() / 2];
        assert!(median.abs() <= 3_000, "median {median} ns of {sorted:?}");
    }
}

#[test]
fn told_times_are_the_times_of_the_wire() {
    let Some(world) = World::build("chain") else {
        return;
    };
    // 60 rounds of four routers, of which one lies behind a link that loses, and the target.
    let measured = measured(&world, &[], |_, _| {});
    measured.check("time-exceeded", 200);
    measured.check("port-unreachable", 50);
}

/// Lets hopcast run for 5 ms and stops it for 5 ms by turns: half of all answers are read late.
fn hold_up(id: i32, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        for signal in [libc::SIGSTOP, libc::SIGCONT] {
            // SAFETY: a plain call; the child is ours and has not been waited for.
            unsafe { libc::kill(id, signal) };
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_reader_that_is_kept_from_reading_tells_the_same_times() {
    let first = FIRST_PORT.to_string();
    let methods = [
        (&[][..], "port-unreachable"),
        (&["-T", "-P", "444", "-L", &first], "refused"),
    ];
    for (method, answer) in methods {
        let Some(world) = World::build("chain") else {
            return;
        };
        let measured = measured(&world, method, hold_up);
        measured.check("time-exceeded", 200);
        measured.check(answer, 50);
    }
}

#[test]
fn times_of_connections_are_those_of_the_wire_whether_accepted_or_refused() {
    for (port, answer) in [(443, "connected"), (444, "refused")] {
        let Some(world) = World::build("chain") else {
            return;
        };
        let open = run::inside(&world.server, || TcpListener::bind(("0.0.0.0", 443)));
        let (port, first) = (port.to_string(), FIRST_PORT.to_string());
        let method = ["-T", "-P", &port, "-L", &first];
        let measured = measured(&world, &method, |_, _| {});
        measured.check("time-exceeded", 200);
        measured.check(answer, 50);
        drop(open.unwrap());
    }
}
