//! `hopcast trace` beside mtr and trippy over a chain of nine kernel routers and a server, in turn:
//! `cargo bench --bench trace`.
//!
//! It prints for each program how long a ten-cycle report takes, the CPU time of that, and the ratio to
//! ours; then how soon hopcast knew all hops. Programs that are not installed are left out. The chain is
//! made in namespaces of its own, which takes root.

use std::io;

mod process;
#[path = "../tests/world/mod.rs"]
mod world;

use process::{Ended, median};
use world::{kernel::KernelChain, run};

/// Runs of each program.
const RUNS: usize = 3;

fn main() {
    let Some(chain) = KernelChain::build(9) else {
        return;
    };
    let target = chain.target(false).to_string();
    let hopcast = env!("CARGO_BIN_EXE_hopcast");
    let programs: [(&str, Vec<&str>); 4] = [
        ("hopcast", vec![hopcast, "trace", &target, "--report"]),
        (
            "hopcast icmp",
            vec![hopcast, "trace", &target, "--report", "--method", "icmp"],
        ),
        ("mtr", vec!["mtr", "-rn", "-c10", &target]),
        ("trippy", vec!["trip", "-m", "csv", "-C10", &target]),
    ];
    println!("a ten-cycle report over ten hops, {RUNS} runs in turn, medians");
    println!(
        "{:14} {:>9} {:>9} {:>9} {:>12}",
        "", "wall s", "CPU ms", "MiB", "CPU / ours"
    );
    let mut ours = None;
    for (name, command) in &programs {
        let runs: io::Result<Vec<Ended>> = (0..RUNS)
            .map(|_| run::inside(&chain.client, || once(command)))
            .collect();
        let runs = match runs {
            Ok(runs) => runs,
            Err(error) => {
                println!("{name:14} not measured: {error}");
                continue;
            }
        };
        let median = |of: fn(&Ended) -> f64| median(&runs, of).unwrap_or(f64::NAN);
        let wall = median(|run| run.wall.as_secs_f64());
        let cpu = median(|run| run.cpu.as_secs_f64() * 1e3);
        let memory = median(|run| run.memory / 1024.0);
        let own = *ours.get_or_insert(cpu);
        println!(
            "{name:14} {wall:>9.2} {cpu:>9.1} {memory:>9.1} {:>12.1}",
            cpu / own
        );
    }
    let json = chain
        .hopcast(&["trace", &target, "-c", "1", "--json"])
        .stdout;
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap_or_default();
    println!("all hops known after {} ms", report["first_sweep_ms"]);
}

/// Runs a program to its good end.
fn once(command: &[&str]) -> io::Result<Ended> {
    let ended = process::run(command, None)?;
    match ended {
        Ended { status: 0, .. } => Ok(ended),
        Ended { status, said, .. } => Err(io::Error::other(format!(
            "it ended with status {status}: {said}"
        ))),
    }
}
