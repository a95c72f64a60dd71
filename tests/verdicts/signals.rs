//! Runs that are interrupted, held up, or possible in part only.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::told::said;
use super::*;
use crate::world::run;

/// Starts a trace of the server as nobody.
fn started(world: &World, args: &[&str]) -> Child {
    let target = world.target(false).to_string();
    run::inside(&world.client, || run::start_hopcast(&with(&target, args)))
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}

#[test]
fn an_interrupt_ends_a_run_with_its_report() {
    let Some(world) = built("silent") else { return };
    let start = Instant::now();
    let child = started(&world, &["-c", "1000", "-i", "0.2"]);
    thread::sleep(Duration::from_millis(1500));
    send(&child, Signal::SIGINT);
    let output = run::finish(child);
    assert!(start.elapsed() < Duration::from_secs(20), "it went on");
    let told = Told::one(&output);
    assert_eq!(told.code, 0, "{told}");
    assert_eq!(
        told.kinds(),
        ["ok", "silent", "silent", "ok", "ok"],
        "{told}"
    );
    for at in [1, 4, 5] {
        let hub = told.hub(at);
        // What had been sent was answered; what was still on its way is not lost.
        assert!(hub.sent() >= 1 && hub.lost() == 0, "{told}");
    }
    // Where nothing had answered, that is the exit code.
    let nobody = with("10.99.0.1", &["-c", "1000", "-i", "0.2"]);
    let child = run::inside(&world.client, || run::start_hopcast(&nobody));
    thread::sleep(Duration::from_millis(1500));
    send(&child, Signal::SIGINT);
    let told = Told::one(&run::finish(child));
    assert_eq!((told.code, told.kinds()), (1, vec!["no-answer"]), "{told}");
}

#[test]
fn a_bad_name_is_one_targets_state_and_the_others_are_traced() {
    let Some(world) = built("silent") else { return };
    let target = world.target(false).to_string();
    let other = world.address("r4", false).to_string();
    let args = [
        "trace", "--json", "-c", "2", "-i", "0.1", &target, "no..such", &other,
    ];
    let output = world.hopcast(&args);
    let told = Told::all(&output);
    assert_eq!(told.len(), 2, "{}", said(&output));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("no..such"),
        "{}",
        said(&output)
    );
    for (told, address) in told.iter().zip([&target, &other]) {
        assert_eq!(
            (told.code, &told.report["address"]),
            (1, &address.as_str().into()),
            "{told}"
        );
        assert!(!told.report["reached"].is_null(), "{told}");
    }
    // A host that does not answer is as good as one that is not found.
    let output = world.hopcast(&[
        "trace",
        "--json",
        "-c",
        "1",
        "-m",
        "3",
        "10.99.0.1",
        &target,
    ]);
    assert_eq!(
        Told::all(&output)
            .iter()
            .map(|own| own.code)
            .collect::<Vec<_>>(),
        [1, 1]
    );
    let output = world.hopcast(&["trace", "--json", "-c", "1", &target, &other]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn what_our_own_buffer_had_no_room_for_is_not_the_networks_loss() {
    let Some(world) = built("flood") else { return };
    let child = started(
        &world,
        &["-c", "8", "-i", "0.25", "-m", "4", "--no-service"],
    );
    // While it stands still, four thousand answers to one probe come in.
    thread::sleep(Duration::from_millis(600));
    for _ in 0..2 {
        send(&child, Signal::SIGSTOP);
        thread::sleep(Duration::from_millis(500));
        send(&child, Signal::SIGCONT);
        thread::sleep(Duration::from_millis(200));
    }
    let told = Told::one(&run::finish(child));
    eprintln!("{told}");
}
