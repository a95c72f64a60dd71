//! `hopcast trace` beside mtr and trippy over a chain of nine kernel routers and a server, in turn:
//! `cargo bench --bench trace`.
//!
//! It prints for each program how long a ten-cycle report takes, the CPU time of that, and the ratio to
//! ours; then how soon hopcast knew all hops. Programs that are not installed are left out. The chain is
//! made in namespaces of its own, which takes root.

use std::io;
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::libc;

#[path = "../tests/world/mod.rs"]
mod world;

use world::{kernel::KernelChain, run};

/// Runs of each program.
const RUNS: usize = 3;

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Run {
    wall: f64,
    /// In ms.
    cpu: f64,
    /// In MiB.
    memory: f64,
}

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
        let runs: io::Result<Vec<Run>> = (0..RUNS)
            .map(|_| run::inside(&chain.client, || once(command)))
            .collect();
        let runs = match runs {
            Ok(runs) => runs,
            Err(error) => {
                println!("{name:14} not measured: {error}");
                continue;
            }
        };
        let median = |of: fn(&Run) -> f64| {
            let mut figures: Vec<f64> = runs.iter().map(of).collect();
            figures.sort_by(f64::total_cmp);
            figures[RUNS / 2]
        };
        let (wall, cpu, memory) = (median(|r| r.wall), median(|r| r.cpu), median(|r| r.memory));
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

/// Runs a program to its end.
fn once(command: &[&str]) -> io::Result<Run> {
    let (program, args) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C").stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let child = command.spawn()?;
    let process = i32::try_from(child.id()).map_err(io::Error::other)?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to room of the right size that outlives the call, and a usage of
    // zeroes is a usage.
    let (done, usage) = unsafe {
        let done = libc::wait4(process, &raw mut status, 0, usage.as_mut_ptr());
        (done, usage.assume_init())
    };
    if done != process {
        return Err(io::Error::last_os_error());
    }
    if status != 0 {
        return Err(io::Error::other(format!("it ended with status {status}")));
    }
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    Ok(Run {
        wall: began.elapsed().as_secs_f64(),
        cpu: ms(usage.ru_utime) + ms(usage.ru_stime),
        memory: usage.ru_maxrss as f64 / 1024.0,
    })
}
