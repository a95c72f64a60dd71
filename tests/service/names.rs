//! Names to addresses and addresses to names, of a server that the test runs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use hopcast::probe::names::{Family, Names, Server, address, addresses, names};

use crate::dns_server::{at_localhost, code, named, over_udp};
use crate::{LOCALHOST, block_on, ms};

/// An address of TEST-NET-1 (RFC 5737).
fn test_net(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

fn name_of(question: &Message) -> String {
    question.queries[0].name().to_string()
}

#[test]
fn each_target_is_found_or_not_for_itself() {
    let (at, asked) = over_udp(LOCALHOST, |question| {
        match name_of(question).starts_with("good") {
            true => at_localhost(question),
            false => vec![code(question, ResponseCode::NXDomain).to_vec().unwrap()],
        }
    });
    let mut hosts: Vec<String> = (0..100)
        .map(|number| format!("good{number}.example"))
        .collect();
    hosts.extend([
        "bad.example".to_string(),
        "192.0.2.7".to_string(),
        "localhost".to_string(),
    ]);
    hosts.push("good.example".to_string());
    let server = Server::At(at);
    let found = block_on(addresses(&hosts, Family::Any, server));
    assert_eq!(found.len(), hosts.len());
    for (host, found) in hosts.iter().zip(found) {
        match host.as_str() {
            "bad.example" => assert!(found.unwrap_err().to_string().contains(host)),
            "192.0.2.7" => assert_eq!(found.unwrap(), [test_net(7)]),
            _ => assert_eq!(found.unwrap().first(), Some(&LOCALHOST), "{host}"),
        }
    }
    let asked = asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .all(|question| !question.starts_with("192") && !question.starts_with("local"))
    );
    let of_the_good = |question: &&String| question.starts_with("good");
    assert_eq!(asked.iter().filter(of_the_good).count(), 101);
}

#[test]
fn a_name_without_an_address_of_the_family_is_said_so() {
    let (at, asked) = over_udp(LOCALHOST, at_localhost);
    let found = block_on(address("a.example", Family::V6, Server::At(at)));
    assert!(found.unwrap_err().to_string().contains("a.example"));
    assert_eq!(*asked.lock().unwrap(), ["a.example. AAAA"]);
}

#[test]
fn names_are_those_of_the_chosen_server_within_the_time() {
    let (at, _) = over_udp(LOCALHOST, |question| {
        match name_of(question).as_str() {
            "1.2.0.192.in-addr.arpa." => named(question, &[b"one", b"example"], 60),
            "2.2.0.192.in-addr.arpa." => Vec::new(),
            // Whoever writes this into a terminal unescaped changes its title.
            "3.2.0.192.in-addr.arpa." => named(question, &[b"\x1b]0;x\x07"], 60),
            _ => vec![code(question, ResponseCode::NXDomain).to_vec().unwrap()],
        }
    });
    let started = Instant::now();
    let wanted = [1, 2, 3, 4].map(test_net).to_vec();
    let found = block_on(names(wanted, ms(700), Server::At(at)));
    assert!(started.elapsed() >= ms(700), "the second is waited for");
    assert_eq!(found[0], (test_net(1), "one.example".to_string()));
    assert_eq!((found.len(), found[1].0), (2, test_net(3)));
    assert!(
        found[1].1.chars().all(|c| !c.is_control()),
        "{:?}",
        found[1].1
    );
}

/// Waits a little for what is under way.
async fn poll(names: &mut Names, now: Instant) -> bool {
    let mut changed = names.poll(now);
    for _ in 0..200 {
        tokio::time::sleep(ms(1)).await;
        changed |= names.poll(now);
        if changed {
            break;
        }
    }
    changed
}

#[test]
fn a_name_is_asked_for_once_and_again_when_it_has_run_out() {
    let round = Arc::new(AtomicU32::new(0));
    let told = round.clone();
    let (at, asked) = over_udp(LOCALHOST, move |question| {
        match told.load(Ordering::Relaxed) {
            0 => named(question, &[b"old", b"example"], 300),
            1 => Vec::new(),
            _ => named(question, &[b"new", b"example"], 300),
        }
    });
    block_on(async {
        let mut names = Names::new(Server::At(at)).unwrap();
        let start = Instant::now();
        let it = test_net(1);
        assert_eq!(names.get(it, start), None);
        assert_eq!(names.get(it, start), None);
        assert!(asked.lock().unwrap().is_empty(), "asked only when polled");
        assert!(poll(&mut names, start).await);
        assert_eq!(names.get(it, start), Some("old.example"));
        // Within its time to live nobody is asked.
        let before = start + Duration::from_secs(299);
        assert_eq!(names.get(it, before), Some("old.example"));
        assert!(!names.poll(before));
        assert_eq!(asked.lock().unwrap().len(), 1);
        // Afterwards the old name stays while the new one is asked for.
        round.store(2, Ordering::Relaxed);
        let after = start + Duration::from_secs(301);
        assert_eq!(names.get(it, after), Some("old.example"));
        assert!(poll(&mut names, after).await);
        assert_eq!(names.get(it, after), Some("new.example"));
        assert_eq!(asked.lock().unwrap().len(), 2);
    });
}

#[test]
fn few_questions_are_under_way_at_a_time() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    // It never answers: what it hears is what is under way.
    let (at, _) = over_udp(LOCALHOST, move |question| {
        told.lock().unwrap().push(name_of(question));
        Vec::new()
    });
    block_on(async {
        let mut names = Names::new(Server::At(at)).unwrap();
        let now = Instant::now();
        for last in 0..=255 {
            names.get(test_net(last), now);
        }
        for _ in 0..100 {
            names.poll(now);
            tokio::time::sleep(ms(1)).await;
        }
    });
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 16);
}
