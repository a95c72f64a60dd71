//! A chain of kernels with the limits that Linux has when nobody sets them: six ICMP errors at once to
//! one address, then one a second. Nothing is lost.

use std::fs;
use std::thread;
use std::time::Duration;

use hopcast::lab::namespace::Namespace;

use super::told::{Told, with};
use super::world::kernel::KernelChain;
use super::world::run;

const ROUTERS: usize = 9;

/// How many ICMP errors a node's kernel kept back; `None` where it does not count them (before 6.1).
fn withheld(node: &Namespace) -> Option<u64> {
    let read = || fs::read_to_string("/proc/thread-self/net/snmp").unwrap();
    let text = run::inside(node, read);
    let mut lines = text.lines().filter(|line| line.starts_with("Icmp:"));
    let names = lines.next()?.split_whitespace();
    let mut named = names.zip(lines.next()?.split_whitespace());
    let (_, count) = named.find(|(name, _)| *name == "OutRateLimitHost")?;
    count.parse().ok()
}

/// That every hop is found.
fn finds_all(chain: &KernelChain, told: &Told, ipv6: bool) {
    let routers = (1..=ROUTERS).map(|at| chain.address(at, ipv6));
    let all = routers.chain([chain.target(ipv6)]);
    let expected: Vec<String> = all.map(|address| address.to_string()).collect();
    assert_eq!(told.hosts(), expected, "{told}");
    assert_eq!(told.report["reached"], ROUTERS + 1);
}

/// That no hop is lossy, and whatever is left unanswered is laid to a limit: surely where `surely` are
/// missing, or more.
fn blames_limits(told: &Told, surely: u64) {
    assert_eq!(told.hubs().len(), ROUTERS + 1, "{told}");
    for hub in told.hubs() {
        assert!(hub.finding("lossy").is_none(), "{told}");
        let right = match hub.kind() {
            "rate-limited" => hub.lost() > 0,
            "unsure" => (1..surely).contains(&hub.lost()),
            "ok" => hub.lost() == 0,
            // One that is starved from the first on.
            "silent" => hub.fates("answered") == 0,
            _ => false,
        };
        assert!(right, "{told}");
    }
    let outcome = &told.report["verdict"]["outcome"];
    assert_eq!((told.code, outcome), (0, &"nothing-hurts".into()), "{told}");
}

/// A chain of its own for one run, as nobody unless that has to be `root`.
fn run_in_a_chain(args: &[&str], root: bool) {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let target = chain.target(false).to_string();
    let args = with(&target, args);
    let output = match root {
        true => chain.hopcast_as_root(&args),
        false => chain.hopcast(&args),
    };
    let told = Told::one(&output);
    finds_all(&chain, &told, false);
    blames_limits(&told, 1);
    for (router, at) in chain.routers.iter().zip(1..) {
        // To the last probe.
        if let Some(count) = withheld(router) {
            assert_eq!(told.hub(at).lost(), count, "{told}");
        }
    }
}

/// By IPv6, where Linux gives four to sixteen answers a second, by its version and the width of the route
/// back (net/ipv6/icmp.c).
fn by_ipv6() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let target = chain.target(true).to_string();
    let run = |args: &[&str]| Told::one(&chain.hopcast(&with(&target, args)));
    // The first packets wait until neighbours have found each other.
    let found = |told: &Told| told.hosts().iter().all(|host| *host != "???");
    while !found(&run(&["-c", "2", "-i", "0.5"])) {}
    thread::sleep(Duration::from_secs(1));
    let told = run(&["-i", "0.02", "-c", "100"]);
    finds_all(&chain, &told, true);
    blames_limits(&told, 6);
    // Fifty asked a second for two seconds; six saved up, and sixteen answered a second at the most.
    assert!(told.hub(5).lost() >= 100 - 6 - 32 - 10, "{told}");
}

/// Two runs at once in one chain, at leisure: they spend each other's answers.
fn two_in_a_chain() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let target = chain.target(false).to_string();
    let run = || Told::one(&chain.hopcast(&with(&target, &["-i", "1", "-c", "13"])));
    thread::scope(|scope| {
        let first = scope.spawn(run);
        // In the middle between the sweeps of the first.
        thread::sleep(Duration::from_millis(500));
        let second = scope.spawn(run);
        let told = [first, second].map(|one| one.join().unwrap());
        // Of 13, six and more unanswered where the service answered all: Fisher's chance is 0.007.
        told.iter().for_each(|own| blames_limits(own, 6));
        // Twice thirteen were asked of what gives six and one a second.
        let lost: u64 = told.iter().map(|own| own.hub(5).lost()).sum();
        assert!(lost >= 5, "{} {}", told[0], told[1]);
    });
}

#[test]
fn limits_are_known_for_what_they_are_at_any_pace_and_by_any_method() {
    thread::scope(|scope| {
        for args in [
            &["-i", "1", "-c", "14"][..],
            &["-i", "0.5", "-c", "30"],
            &["-i", "0.2", "-c", "50"],
            &["-i", "0.2", "-c", "30", "-T", "-P", "443"],
        ] {
            scope.spawn(|| run_in_a_chain(args, false));
        }
        scope.spawn(two_in_a_chain);
        scope.spawn(by_ipv6);
        let echo = ["-i", "0.2", "-c", "50", "--method", "icmp"];
        scope.spawn(move || run_in_a_chain(&echo, true));
    });
}

#[test]
fn nobody_finds_every_hop_with_ping_sockets_off() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let read = || fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap();
    // From 1 to 0: no group at all.
    let range = run::inside(&chain.client, read);
    assert_eq!(range.split_whitespace().collect::<Vec<_>>(), ["1", "0"]);
    let target = chain.target(false).to_string();
    for method in [&["-u"][..], &["-T", "-P", "443"], &["-T", "-P", "80"]] {
        let told = Told::one(&chain.hopcast(&with(&target, &[method, &["-c", "1"]].concat())));
        finds_all(&chain, &told, false);
        blames_limits(&told, 1);
        assert!(told.hubs().iter().all(|hub| hub.lost() == 0), "{told}");
    }
    // Echo is refused, with what would grant it.
    let refused = chain.hopcast(&with(&target, &["--method", "icmp"]));
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("ping_group_range") && said.contains("setcap"),
        "{said}"
    );
}
