//! Routers that answer sparingly, and many targets behind one of them.

use std::thread;

use super::*;

/// Hops of which something is unanswered, each with as many as its router withheld.
fn withheld(world: &World, told: &Told, routers: usize) {
    for at in 1..=routers {
        let limited = world.deeds(&format!("r{at}")).limited;
        let hub = told.hub(at as u8);
        // By the ledger, to the last probe.
        assert_eq!(hub.lost(), limited, "{told}");
        let expected = if limited > 0 { "rate-limited" } else { "ok" };
        assert_eq!(hub.kind(), expected, "{told}");
        assert!(hub.finding("lossy").is_none(), "{told}");
    }
}

#[test]
fn linux_limits_in_a_model_are_known_at_any_pace() {
    let paces = [("0.3", "26"), ("0.2", "40"), ("0.1", "40"), ("0.05", "60")];
    thread::scope(|scope| {
        for (interval, cycles) in paces {
            scope.spawn(move || {
                let Some(world) = World::build("rate-limited") else {
                    return;
                };
                let told = trace(&world, &["-i", interval, "-c", cycles, "-m", "10"]);
                withheld(&world, &told, 9);
                assert_eq!(told.hub(10).kind(), "rate-limited", "{told}");
                assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
            });
        }
    });
}

#[test]
fn two_programs_that_starve_each_other_find_one_limited_hop() {
    let Some(world) = built("limited-together") else {
        return;
    };
    let told: Vec<Told> = thread::scope(|scope| {
        let run = || trace(&world, &["-i", "0.1", "-c", "40", "-m", "4"]);
        let both = [scope.spawn(run), scope.spawn(run)];
        both.map(|one| one.join().unwrap()).into()
    });
    let lost: u64 = told.iter().map(|own| own.hub(2).lost()).sum();
    // Eighty asked in four seconds, of which two and ten a second are answered.
    assert_eq!(lost, world.deeds("r2").limited);
    assert!(lost >= 30, "{} {}", told[0], told[1]);
    for own in &told {
        for at in [1, 3, 4] {
            assert_eq!((own.hub(at).kind(), own.hub(at).lost()), ("ok", 0), "{own}");
        }
        assert!(own.hub(2).finding("lossy").is_none(), "{own}");
        // Six of forty where behind it all are answered: Fisher's chance is 0.013, and twice that, for
        // the choice of witnesses, is still below a twentieth; for five of forty it is not.
        let surely = own.hub(2).lost() >= 6;
        let kind = own.hub(2).kind();
        let right = match surely {
            true => kind == "rate-limited",
            false => matches!(kind, "ok" | "unsure" | "rate-limited"),
        };
        assert!(right, "{own}");
    }
}

#[test]
fn many_targets_share_what_a_router_will_answer() {
    let Some(world) = built("many-targets") else {
        return;
    };
    let targets: Vec<String> = world
        .targets(254, false)
        .iter()
        .map(|own| own.to_string())
        .collect();
    let mut args = vec!["trace", "--json", "-c", "4"];
    args.extend(targets.iter().map(String::as_str));
    let output = world.hopcast(&args);
    let told = Told::all(&output);
    assert_eq!(told.len(), 254, "{}", told::said(&output));
    let took = told
        .iter()
        .map(|own| own.report["took_ms"].as_f64().unwrap())
        .fold(0.0, f64::max);
    for (own, target) in told.iter().zip(&targets) {
        assert_eq!(own.report["address"], *target);
        assert_eq!((own.code, &own.report["reached"]), (0, &4.into()), "{own}");
        assert_eq!(own.hub(4).lost(), 0, "{own}");
        assert!(
            own.hubs().iter().all(|hub| hub.finding("lossy").is_none()),
            "{own}"
        );
    }
    for (router, at) in [("r1", 1), ("r2", 2), ("r3", 3)] {
        let deeds = world.deeds(router);
        let asked: u64 = told.iter().map(|own| own.hub(at).sent()).sum();
        let lost: u64 = told.iter().map(|own| own.hub(at).lost()).sum();
        assert_eq!((asked, lost), (deeds.expired, deeds.limited));
        // The first sweep asks once for each target; thereafter all targets together ask once a
        // second, half a gap early at most.
        let rounds = (took / 1e3).ceil() as u64 + 1;
        assert!(
            deeds.expired <= 254 + rounds,
            "{router} {deeds:?} in {took} ms"
        );
        eprintln!("{router} {deeds:?} in {took}");
    }
}
