//! How long the city's day takes: `cargo bench --bench day`. One thread.
//!
//! First the eight hours of a working day of everybody in `scenarios/qos-250.toml`, act by act. Then
//! ten minutes of its busiest hour with 1, 10 and 100 times the users, on lines, servers and licences
//! as many times as large, so that the work grows and the load does not: what an event costs grows as
//! its heaps do, log n.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hopcast::scenario::load::{LoadedScenario, load};
use hopcast::scenario::simulated::lay_out;
use hopcast::sim::day::run::{Watch, length, run};
use hopcast::topology::{Crowd, Topology, TrafficRate};

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/qos-250.toml");
    let scenario = load(&path).expect("a shipped scenario");
    println!(
        "             users       acts      events    CPU s  ns/event   / log2 n   memory MiB"
    );
    case("8 h", &scenario, 1.0, 8..16, None);
    for times in [1.0, 10.0, 100.0] {
        let seconds = Duration::from_secs(600);
        case(
            &format!("10 min x{times}"),
            &scenario,
            times,
            16..17,
            Some(seconds),
        );
    }
}

/// Runs one trial, or its first `at_most` after the warm-up, and says what it took.
fn case(
    name: &str,
    scenario: &LoadedScenario,
    times: f64,
    hours: Range<usize>,
    at_most: Option<Duration>,
) {
    let topology = enlarged(&scenario.loaded.topology, times);
    let mut laid = lay_out(&topology, &scenario.scenario, 0, hours).expect("a day");
    if at_most.is_some() {
        laid.spec.warm_up = 120.0;
    }
    let seconds = at_most.map_or(length(&laid.spec), |at_most| at_most.as_secs() + 120);
    forget_the_peak();
    let (begun, used) = (Instant::now(), cpu());
    let watch = Watch::default();
    let record = std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.simulated.load(Ordering::Relaxed) < seconds {
                std::thread::sleep(Duration::from_millis(1));
            }
            watch.stop.store(true, Ordering::Relaxed);
        });
        run(&laid.spec, 1, 0, &watch)
    });
    let took = match (used, cpu()) {
        (Some(before), Some(after)) => (after - before).as_secs_f64(),
        _ => begun.elapsed().as_secs_f64(),
    };
    let acts: u64 = record.acts.iter().map(|act| act.times.count()).sum();
    let online = record.online.iter().filter_map(|group| group.last());
    let users: u32 = online.sum();
    let each = took * 1e9 / record.events as f64;
    let memory = peak().map_or("?".to_string(), |mib| format!("{mib:.0}"));
    println!(
        "{name:>12} {users:>7} {acts:>10} {:>11} {took:>8.2} {each:>9.0} {:>10.1} {memory:>12}",
        record.events,
        each / f64::from(users).log2(),
    );
}

/// Everybody and everything so many times.
fn enlarged(topology: &Topology, times: f64) -> Topology {
    let mut all = topology.clone();
    let whole = times as u32;
    for population in &mut all.populations {
        match &mut population.crowd {
            Crowd::Online { users, .. } => *users *= times,
            Crowd::Arriving { rate } => rate.0 *= times,
        }
    }
    for link in &mut all.links {
        link.capacity.iter_mut().for_each(|rate| rate.0 *= times);
    }
    for policy in &mut all.policies {
        policy.root.iter_mut().for_each(|rate| rate.0 *= times);
        for class in &mut policy.classes {
            class.guarantee.iter_mut().for_each(|rate| rate.0 *= times);
            let ceilings = class.ceiling.iter_mut().flatten();
            ceilings.for_each(|rate| rate.0 *= times);
        }
    }
    for node in &mut all.nodes {
        node.workers
            .iter_mut()
            .for_each(|workers| *workers *= whole);
        node.sessions
            .iter_mut()
            .for_each(|sessions| *sessions *= whole);
    }
    for traffic in &mut all.traffic {
        match &mut traffic.rate {
            TrafficRate::Shaped { peak, .. } => peak.iter_mut().for_each(|rate| rate.0 *= times),
            TrafficRate::Volume { volume, .. } => volume.0 *= times,
        }
    }
    all
}

/// Time that this thread has been running, where Linux says so.
fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The most memory that has been in use since [`forget_the_peak`], in MiB.
fn peak() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Where the machine does not let it be forgotten, the peak is that of all cases so far.
fn forget_the_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
