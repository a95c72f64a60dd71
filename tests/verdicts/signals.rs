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
    let more = |world: &mut hopcast::lab::world::World| {
        let r2 = world.node("r2").expect("a router of the world");
        world.nodes[r2].manners.copies = 10_000;
    };
    let Some(world) = World::with("flood", more).and_then(free) else {
        return;
    };
    let child = started(&world, &["-c", "12", "-i", "0.3", "-m", "4"]);
    thread::sleep(Duration::from_millis(300));
    // It wakes up, sends a sweep, and stands still while ten thousand answers to one probe come in.
    for _ in 0..6 {
        send(&child, Signal::SIGSTOP);
        thread::sleep(Duration::from_millis(500));
        send(&child, Signal::SIGCONT);
        thread::sleep(Duration::from_millis(10));
    }
    let told = Told::one(&run::finish(child));
    assert_eq!(told.code, 0, "{told}");
    assert!(told.count("own_overflow") > 0, "{told}");
    assert_eq!(told.report["clock_steps"], 0, "{told}");
    let lost: u64 = told.hubs().iter().map(|hub| hub.lost()).sum();
    assert!(lost > 0, "nothing was dropped: {told}");
    for (hub, id) in told.hubs().iter().zip(["r1", "r2", "r3", "server"]) {
        assert_eq!(hub.host(), world.address(id, false).to_string());
        // The flood takes time to come, which may be found slow; but it is no loss and no limit.
        for kind in ["lossy", "rate-limited"] {
            assert!(hub.finding(kind).is_none(), "{told}");
        }
        assert_eq!(hub.finding("unsure").is_some(), hub.lost() > 0, "{told}");
        let said = hub.fact("own-overflow").is_some();
        assert_eq!(said, hub.lost() > 0, "{told}");
    }
    // All that were not dropped are duplicates of a probe's first answer.
    let deeds = world.deeds("r2");
    assert_eq!((deeds.expired, deeds.answered), (12, 12), "{told}");
    let duplicates = told.hub(2).fates("duplicates");
    assert!(duplicates > 0 && duplicates < 12 * 10_000, "{told}");
    assert_ne!(told.report["verdict"]["kind"], "lossy", "{told}");
}
