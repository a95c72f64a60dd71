//! The times that hopcast tells against the times that a capture of the same packets shows.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::libc;
use serde_json::Value;

mod world;

use world::capture::{Capture, Captured};
use world::{World, run};

/// Where the payload of a probe holds its sequence (the layout is drawn in `probe::tag`).
const SEQUENCE: std::ops::Range<usize> = 12..16;

/// The sequence in the UDP datagram that begins, with its IPv4 header, at `packet`.
fn sequence(packet: &[u8]) -> Option<u32> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let payload = packet.get(header + 8..)?;
    let udp = packet.get(9) == Some(&17);
    let sequence = payload.get(SEQUENCE)?.try_into().ok()?;
    udp.then(|| u32::from_be_bytes(sequence))
}

/// From the sending of each probe to the first ICMP message that quotes it, on the wire.
fn on_the_wire(seen: &[Captured]) -> HashMap<u32, Duration> {
    let mut sent: HashMap<u32, Duration> = HashMap::new();
    let mut took = HashMap::new();
    for captured in seen {
        let packet = &captured.packet;
        if let Some(own) = sequence(packet) {
            sent.entry(own).or_insert(captured.at);
        }
        let icmp = packet.get(9) == Some(&1);
        let quoted = packet.get(28..).filter(|_| icmp).and_then(sequence);
        if let Some((own, at)) = quoted.and_then(|own| Some((own, *sent.get(&own)?))) {
            took.entry(own).or_insert(captured.at.saturating_sub(at));
        }
    }
    took
}

/// Told less real, in ns, for every probe that was answered, sorted.
fn errors(told: &str, wire: &HashMap<u32, Duration>) -> Vec<i64> {
    let lines = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut errors: Vec<i64> = lines
        .filter_map(|probe| {
            let real = wire.get(&u32::try_from(probe["sequence"].as_u64()?).ok()?)?;
            assert_eq!(probe["stamp"], "kernel", "{probe}");
            Some(probe["rtt_ns"].as_i64()? - real.as_nanos() as i64)
        })
        .collect();
    errors.sort_unstable();
    errors
}

/// A run over the world's path; `disturb` runs beside it with hopcast's process id.
fn measured(world: &World, disturb: impl FnOnce(i32, &AtomicBool) + Send) -> Vec<i64> {
    world.server.answer_freely().unwrap();
    let target = world.target(false).to_string();
    let capture = Capture::start(&world.client);
    let args = [
        "trace", &target, "-c", "60", "-i", "0.03", "--format", "probes",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command
        .args(args)
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
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = errors(&told, &on_the_wire(&capture.stop()));
    assert!(
        errors.len() >= 250,
        "only {} of 300 were matched",
        errors.len()
    );
    errors
}

/// Half of the told times are within 3 µs. They may be the shorter ones: the capture's own copying
/// stands between its stamp of a probe and the device, from which hopcast counts.
fn check(sorted: &[i64]) {
    let median = sorted[sorted.len() / 2];
    assert!(median.abs() <= 3_000, "median {median} ns of {sorted:?}");
}

#[test]
fn told_times_are_the_times_of_the_wire() {
    let Some(world) = World::build("chain") else {
        return;
    };
    check(&measured(&world, |_, _| {}));
}

#[test]
fn a_reader_that_is_kept_from_reading_tells_the_same_times() {
    let Some(world) = World::build("chain") else {
        return;
    };
    let errors = measured(&world, |id, over| {
        // Stopped for 5 ms, running for 5 ms: half of all answers are read late.
        let pause = Duration::from_millis(5);
        while !over.load(Ordering::Relaxed) {
            for signal in [libc::SIGSTOP, libc::SIGCONT] {
                // SAFETY: a plain call; the child is ours and has not been waited for.
                unsafe { libc::kill(id, signal) };
                thread::sleep(pause);
            }
        }
    });
    check(&errors);
}
