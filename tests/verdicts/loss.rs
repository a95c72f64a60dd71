//! Packets that are lost on the way, and where; and what is said of which way they were lost on.

use std::thread;

use super::bounds::{plausible, so, solves_wilson, some_try};
use super::*;

/// A run without a probe beyond the target, so that every packet on the lossy link is one of a hop
/// behind it or of the service.
const ARGS: [&str; 6] = ["-c", "120", "-i", "0.02", "-m", "5"];

/// How many probes of hops from `first` on, and of the service, are told unanswered and sent.
fn behind(told: &Told, first: u8) -> (u64, u64) {
    let hubs = told.hubs().into_iter().skip(usize::from(first) - 1);
    let service = &told.report["service"];
    let of = |name: &str| service[name].as_u64().unwrap_or(0);
    let lost = service["fates"]["lost"].as_u64().unwrap_or(0);
    hubs.fold((lost, of("Snt")), |(lost, sent), hub| {
        (lost + hub.lost(), sent + hub.sent())
    })
}

/// Asserts what must be true of every run over a path that loses `part` of round trips from hop `first`
/// on, `lost` in all by the ledger; and whether every verdict is right, which chance may prevent.
fn check(told: &Told, first: u8, part: f64, lost: u64) -> Result<(), String> {
    // Whatever was lost is told unanswered. As many of one as of the other: each hop is told its own.
    assert_eq!(behind(told, first).0, lost, "{told}");
    for hub in told.hubs() {
        let distance = hub.0["count"].as_u64().unwrap() as u8;
        assert_eq!(hub.fates("answered") + hub.lost(), hub.sent());
        if distance < first {
            assert_eq!((hub.lost(), hub.kind()), (0, "ok"), "{told}");
            continue;
        }
        plausible(hub.lost(), hub.sent(), part);
        let ends = hub.0["loss_interval_95"].as_array().unwrap();
        let ends: Vec<f64> = ends.iter().map(|end| end.as_f64().unwrap()).collect();
        let truth = 100.0 * hub.lost() as f64 / hub.sent() as f64;
        assert!(ends[0] < truth && truth < ends[1], "{told}");
        for end in ends {
            assert!(solves_wilson(end, hub.lost(), hub.sent()), "{end} {told}");
        }
        if let Some(lossy) = hub.finding("lossy") {
            assert!(lossy["confidence"].as_f64().unwrap() >= 0.95);
            assert!(hub.fact("direction-unknown").is_some(), "{told}");
        }
    }
    assert!(
        told.report["changes"].as_array().unwrap().is_empty(),
        "{told}"
    );
    let lossy = told.hubs().into_iter().skip(usize::from(first) - 1);
    let begins = |hub: &told::Hub| {
        let begins = hub.fact("loss-begins")?;
        Some((begins["after"].as_u64(), begins["by"].as_u64()))
    };
    let first = u64::from(first);
    let between = (first.checked_sub(1).filter(|after| *after > 0), Some(first));
    let mut right = lossy.map(|hub| hub.kind() == "lossy" && begins(&hub) == Some(between));
    so(right.all(|right| right), told)?;
    let pain = &told.report["verdict"];
    assert_eq!(
        (&pain["kind"], &pain["distance"]),
        (&"lossy".into(), &first.into())
    );
    assert!(told.sentence().contains("one probe point cannot tell"));
    Ok(())
}

/// Of a hundred modelled runs, one or two find the first lossy hop to be something else.
const RIGHT: f64 = 0.97;

fn lost_on_the_way_out() {
    some_try(RIGHT, |seed| {
        let world = seeded("forward-loss", seed + 1).unwrap();
        let told = trace(&world, &ARGS);
        let line = world.line("r2", "r3");
        // Every packet that crossed is one that was sent: none is made up, none forgotten.
        assert_eq!(line.entered, behind(&told, 3).1, "{told}");
        check(&told, 3, 0.2, line.lost)
    });
}

fn lost_on_the_way_back() {
    some_try(RIGHT, |seed| {
        let world = seeded("return-loss", seed).unwrap();
        let told = trace(&world, &ARGS);
        let line = world.line("r3", "r2");
        assert_eq!(line.entered, behind(&told, 3).1, "{told}");
        check(&told, 3, 0.2, line.lost)
    });
}

fn lost_both_ways() {
    some_try(RIGHT, |seed| {
        let world = seeded("lossy", seed).unwrap();
        let told = trace(&world, &["-c", "120", "-i", "0.02", "-m", "3"]);
        let lost = world.line("r1", "r2").lost + world.line("r2", "r1").lost;
        check(&told, 2, 1.0 - 0.8 * 0.8, lost)
    });
}

#[test]
fn loss_is_found_from_its_hop_on_whichever_way_it_is_and_said_to_be_undecidable() {
    let Some(_) = built("forward-loss") else {
        return;
    };
    thread::scope(|scope| {
        scope.spawn(lost_on_the_way_out);
        scope.spawn(lost_on_the_way_back);
        lost_both_ways();
    });
}

#[test]
fn loss_and_a_limit_are_told_apart_where_both_are() {
    // The server's kernel is left to its limit, as it is everywhere: its service vouches.
    let Some(_) = World::build("forward-loss") else {
        return;
    };
    some_try(RIGHT, |seed| {
        let world = World::with("forward-loss", |world| world.seed = seed + 1).unwrap();
        let told = trace(&world, &ARGS);
        let server = told.hub(5);
        assert!(server.lost() > 100, "{told}");
        for near in [1, 2] {
            assert_eq!(told.hub(near).kind(), "ok", "{told}");
        }
        let lossy = (3..=5).all(|at| told.hub(at).kind() == "lossy");
        so(lossy && server.finding("rate-limited").is_some(), &told)
    });
}

#[test]
fn a_line_too_narrow_for_what_is_sent_is_slow_from_there_and_its_loss_is_no_limit() {
    // Two probes of 1400 bytes in 20 ms are 1.12 Mbit/s: of 1 Mbit/s, one in ten finds no room; and as
    // the nearer hop is asked first, that is always the server's.
    let narrow = |world: &mut hopcast::lab::world::World| {
        let line = world.line("r2", "r3").expect("a line of the world");
        world.lines[line].traits.rate = Some(hopcast::units::BitRate::mbit(1.0));
    };
    let Some(world) = World::with("slow-line", narrow).and_then(free) else {
        return;
    };
    let long = ["-m", "4", "-s", "1400", "--no-service"];
    let told = trace(&world, &[&["-c", "120", "-i", "0.02"], &long[..]].concat());
    let line = world.line("r2", "r3");
    assert_eq!((behind(&told, 3).0, line.lost), (line.refused, 0), "{told}");
    assert!(line.refused > 5, "{line:?}");
    for near in [1, 2] {
        let hub = told.hub(near);
        assert_eq!((hub.kind(), hub.lost()), ("ok", 0), "{told}");
    }
    for hub in told.hubs() {
        assert!(hub.finding("rate-limited").is_none(), "{told}");
    }
    let slow = told.hub(3);
    assert!(slow.finding("slow").is_some(), "{told}");
    // 1400 bytes alone take 11.2 ms, and mostly wait for others.
    let rise = slow.fact("rise").unwrap()["rise_ms"].as_f64().unwrap();
    assert!(rise >= 11.2 - 1.0, "{told}");
    let small = trace(&world, &["-c", "20", "-i", "0.05", "-m", "4"]);
    // Small probes alone see nothing of it.
    assert_eq!(small.kinds(), ["ok"; 4], "{small}");
}
