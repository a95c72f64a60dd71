//! A chain of kernels with the limits that Linux has when nobody sets them: six ICMP errors at once to
//! one address, then one a second. Nothing is lost.

use std::fs;

use hopcast::lab::namespace::Namespace;

use super::told::{Told, trace_chain, with};
use super::world::kernel::KernelChain;
use super::world::run;

const ROUTERS: usize = 9;

/// A counter of a node's kernel (/proc/net/snmp).
fn counter(node: &Namespace, protocol: &str, name: &str) -> u64 {
    let text = run::inside(node, || {
        fs::read_to_string("/proc/thread-self/net/snmp").unwrap()
    });
    let mut lines = text.lines().filter(|line| line.starts_with(protocol));
    let mut words = || lines.next().expect("two lines each").split_whitespace();
    let (names, values): (Vec<&str>, Vec<&str>) = (words().collect(), words().collect());
    let at = names.iter().position(|own| *own == name);
    values[at.unwrap_or_else(|| panic!("no {name}"))]
        .parse()
        .unwrap()
}

/// That every hop is found, none is lossy, and whatever is left unanswered is laid to a limit;
/// `surely` where enough must have been left out to be sure.
fn check(chain: &KernelChain, told: &Told, surely: bool) {
    let mut expected: Vec<String> = (1..=ROUTERS)
        .map(|at| chain.address(at, false).to_string())
        .collect();
    expected.push(chain.target(false).to_string());
    assert_eq!(told.hosts(), expected, "{told}");
    assert_eq!(told.report["reached"], ROUTERS + 1);
    for hub in told.hubs() {
        assert!(hub.finding("lossy").is_none(), "{told}");
        let limited = hub.lost() > 0;
        let right = match hub.kind() {
            "rate-limited" => limited,
            "unsure" => limited && !surely,
            "ok" => !limited,
            _ => false,
        };
        assert!(right, "{told}");
    }
    assert_eq!(told.report["verdict"]["outcome"], "nothing-hurts", "{told}");
    assert_eq!(told.code, 0);
}

#[test]
fn slow() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let told = trace_chain(&chain, &["-c", "15", "-i", "1"]);
    eprintln!("{told}");
    check(&chain, &told, false);
}

#[test]
fn half() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let told = trace_chain(&chain, &["-c", "40", "-i", "0.5"]);
    eprintln!("{told}");
    for router in &chain.routers {
        eprintln!("limited {}", counter(router, "Icmp:", "OutRateLimitHost"));
    }
    check(&chain, &told, true);
}

#[test]
fn fast() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let told = trace_chain(&chain, &["-c", "60", "-i", "0.2"]);
    eprintln!("{told}");
    for router in &chain.routers {
        eprintln!("limited {}", counter(router, "Icmp:", "OutRateLimitHost"));
    }
    check(&chain, &told, true);
}

#[test]
fn echo() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let target = chain.target(false).to_string();
    let told = Told::one(&chain.hopcast_as_root(&with(
        &target,
        &["--method", "icmp", "-c", "60", "-i", "0.2"],
    )));
    eprintln!("{told}");
    for router in &chain.routers {
        eprintln!("limited {}", counter(router, "Icmp:", "OutRateLimitHost"));
    }
    check(&chain, &told, true);
}

#[test]
fn two_at_once() {
    let Some(chain) = KernelChain::build(ROUTERS) else {
        return;
    };
    let told: Vec<Told> = std::thread::scope(|scope| {
        let first = scope.spawn(|| trace_chain(&chain, &["-c", "15", "-i", "1"]));
        let second = scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            trace_chain(&chain, &["-c", "15", "-i", "1"])
        });
        vec![first.join().unwrap(), second.join().unwrap()]
    });
    for told in told {
        eprintln!("{told}");
    }
}
