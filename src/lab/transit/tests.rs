//! Worlds at work in virtual time: who answers what, and exactly when.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::lab::packet::samples::{echo, is_sound, tcp, udp};
use crate::lab::packet::{edit, head};
use crate::packet::ip;

/// A client, three routers and a server, every line 1 ms; `tables` and `path` as written.
fn world(path: &str, tables: &str) -> Transit {
    let router =
        |at: usize| format!("[router.r{at}]\naddress = [\"10.0.{at}.1\", \"fd00:{at}::1\"]\n");
    let text = format!(
        "world = 1\nname = {{ zh = \"甲\", en = \"a\" }}\npath = \"{path}\"\n\
         [client]\naddress = [\"10.0.0.1\", \"fd00::1\"]\n\
         [server]\naddress = [\"10.0.9.1\", \"fd00:9::1\"]\n\
         [links]\ndelay = \"1 ms\"\n{}{}{}",
        router(1),
        router(2),
        router(3),
    );
    // A router's own keys are put behind its address by the mark "r2:".
    let text = tables
        .split('\n')
        .fold(text, |text, line| match line.split_once(": ") {
            Some((router, key)) if router.starts_with('r') && router.len() == 2 => {
                let header = format!("[router.{router}]\n");
                text.replace(&header, &format!("{header}{key}\n"))
            }
            _ => format!("{text}{line}\n"),
        });
    let world = World::parse(Path::new("w.toml"), text);
    let world =
        world.unwrap_or_else(|error| panic!("{}", error.draw(crate::lang::Lang::En, false)));
    Transit::new(Arc::new(world))
}

const CHAIN: &str = "client -> r1 -> r2 -> r3 -> server";

fn ends(ipv6: bool) -> [IpAddr; 2] {
    let written = if ipv6 {
        ["fd00::1", "fd00:9::1"]
    } else {
        ["10.0.0.1", "10.0.9.1"]
    };
    written.map(|address| address.parse().unwrap())
}

fn router(at: usize, ipv6: bool) -> IpAddr {
    let written = if ipv6 {
        format!("fd00:{at}::1")
    } else {
        format!("10.0.{at}.1")
    };
    written.parse().unwrap()
}

fn with_hops(mut packet: Vec<u8>, hops: u8) -> Vec<u8> {
    ip::set_hops(&mut packet, hops);
    packet
}

fn probe(ipv6: bool, port: u16, hops: u8) -> Vec<u8> {
    with_hops(udp(ends(ipv6), (port, 33434), b"sixteen bytes..."), hops)
}

const MS: u64 = 1_000_000;

/// Whatever comes to an end, with its time in ms; at one time the server's first.
fn all(transit: &mut Transit) -> Vec<(f64, End, Vec<u8>)> {
    let mut came = Vec::new();
    while let Some((moment, end, packet)) = transit.arrival(Moment(u64::MAX)) {
        came.push((moment.0 as f64 / MS as f64, end, packet));
    }
    came.sort_by(|a, b| {
        (a.0, a.1 == End::Client)
            .partial_cmp(&(b.0, b.1 == End::Client))
            .unwrap()
    });
    came
}

/// What the client gets: time, from whom, ICMP type and code.
fn told(transit: &mut Transit) -> Vec<(f64, IpAddr, u8, u8)> {
    let to_client = all(transit)
        .into_iter()
        .filter(|(_, end, _)| *end == End::Client);
    to_client
        .map(|(at, _, packet)| {
            let head = head(&packet).unwrap();
            (at, head.from, packet[head.body], packet[head.body + 1])
        })
        .collect()
}

fn send(transit: &mut Transit, at_ms: u64, packet: Vec<u8>) {
    transit.enter(Moment(at_ms * MS), End::Client, packet);
}

mod boxes;

#[test]
fn a_packet_ends_where_its_hops_do_and_the_answer_takes_as_long() {
    for ipv6 in [false, true] {
        let mut path = world(CHAIN, "");
        for hops in 1..=4 {
            send(&mut path, 0, probe(ipv6, 4000, hops));
        }
        let expired = if ipv6 { 3 } else { 11 };
        let came = all(&mut path);
        // 1 ms out and 1 ms back for each hop; the fourth probe comes to the server after 4 ms.
        let times: Vec<(f64, End)> = came.iter().map(|own| (own.0, own.1)).collect();
        assert_eq!(
            times,
            [
                (2.0, End::Client),
                (4.0, End::Server),
                (4.0, End::Client),
                (6.0, End::Client)
            ]
        );
        for (at, own) in [(1, &came[0]), (2, &came[2]), (3, &came[3])] {
            let head = head(&own.2).unwrap();
            assert_eq!((head.from, head.to), (router(at, ipv6), ends(ipv6)[0]));
            assert_eq!(own.2[head.body], expired);
            // Each router on the way back counts too.
            assert_eq!(usize::from(head.hops), 64 - (at - 1));
            assert!(is_sound(&own.2));
        }
        let arrived = &came[1].2;
        assert_eq!(head(arrived).unwrap().hops, 1);
    }
}

#[test]
fn a_loss_on_the_way_back_loses_answers_only() {
    let mut path = world(CHAIN, "[return.r1-r2]\nloss = \"20 %\"");
    let n = 2000;
    for port in 0..n {
        send(&mut path, 0, probe(false, port, 3));
    }
    let came = told(&mut path).len() as f64;
    let deeds = path.ledger().nodes[path.world.node("r3").unwrap()];
    assert_eq!((deeds.expired, deeds.answered), (n.into(), n.into()));
    let back = path.ledger().lines[path.world.line("r2", "r1").unwrap()];
    let out = path.ledger().lines[path.world.line("r1", "r2").unwrap()];
    assert_eq!((out.entered, out.lost), (n.into(), 0));
    assert_eq!(
        (back.entered, f64::from(n) - back.lost as f64),
        (n.into(), came)
    );
    // Five standard errors of a binomial.
    let error = 5.0 * (0.2 * 0.8 / f64::from(n)).sqrt();
    assert!(
        (back.lost as f64 / f64::from(n) - 0.2).abs() < error,
        "{back:?}"
    );
}

#[test]
fn a_limit_holds_for_each_address_and_only_for_errors() {
    let limit = "r2: limit = [{ burst = 6, every = \"1 s\" }]";
    let mut path = world(CHAIN, limit);
    for at in 0..40 {
        send(&mut path, at * 250, probe(false, 4000, 2));
        let [client, _] = ends(false);
        send(
            &mut path,
            at * 250,
            echo([client, router(2, false)], 7, at as u16, b""),
        );
        told(&mut path);
    }
    let deeds = path.ledger().nodes[path.world.node("r2").unwrap()];
    // Of 40 in 9.75 s: six and the nine whose seconds are full; echo replies are no errors.
    assert_eq!(
        (deeds.expired, deeds.answered, deeds.limited),
        (40, 15 + 40, 25)
    );
}

#[test]
fn a_flow_keeps_to_one_branch_and_a_lot_does_not() {
    let fork = "client -> r1 -> (r2 | r3) -> server";
    let seen = |balance: &str, packets: &mut dyn Iterator<Item = Vec<u8>>| {
        let mut path = world(fork, &format!("r1: balance = \"{balance}\""));
        for packet in packets {
            send(&mut path, 0, with_hops(packet, 2));
        }
        let from = told(&mut path).into_iter().map(|own| own.1);
        from.collect::<BTreeSet<_>>().len()
    };
    for ipv6 in [false, true] {
        let one = || (0..64).map(move |at| udp(ends(ipv6), (4000, 53), &[at]));
        let many = || (0..64).map(move |at| udp(ends(ipv6), (4000 + at, 53), b""));
        let echoes = || (0..64).map(move |at| echo(ends(ipv6), 7, at, b""));
        // That 64 lots fall on one branch has a chance of 2^-63.
        for (balance, expected) in [
            ("flow", [1, 2, 1]),
            ("first-bytes", [1, 2, 2]),
            ("destination", [1, 1, 1]),
            ("packet", [2, 2, 2]),
        ] {
            let got = [
                seen(balance, &mut one()),
                seen(balance, &mut many()),
                seen(balance, &mut echoes()),
            ];
            assert_eq!(got, expected, "{balance}");
        }
    }
}

#[test]
fn branches_rejoin_and_what_comes_back_takes_the_same_one() {
    let mut path = world(
        "client -> r1 -> (r2 | r3) -> server",
        "[link.r3-server]\ndelay = \"5 ms\"",
    );
    for port in 4000..4020 {
        send(&mut path, 0, probe(false, port, 64));
    }
    for (at, end, packet) in all(&mut path) {
        assert_eq!(end, End::Server);
        let [client, server] = ends(false);
        let ports = head(&packet).unwrap().ports(&packet).unwrap();
        path.enter(
            Moment(0),
            End::Server,
            udp([server, client], (ports.1, ports.0), b""),
        );
        let back = all(&mut path);
        assert_eq!(back[0].0, at);
    }
}

#[test]
fn the_path_changes_at_its_moment_after_the_first_packet() {
    let change = "[[change]]\nat = \"2 s\"\npath = \"client -> r3 -> server\"";
    let mut path = world("client -> r1 -> r2 -> server", change);
    let mut from = Vec::new();
    for at in [5000, 6999, 7000, 9000] {
        send(&mut path, at, probe(false, 4000, 1));
        from.extend(told(&mut path).into_iter().map(|own| own.1));
    }
    let [one, three] = [1, 3].map(|at| router(at, false));
    assert_eq!(from, [one, one, three, three]);
    // What is under way keeps its way.
    let mut path = world("client -> r1 -> r2 -> server", change);
    send(&mut path, 0, probe(false, 4000, 2));
    assert_eq!(told(&mut path)[0].1, router(2, false));
}

#[test]
fn what_is_too_long_is_told_cut_or_swallowed() {
    let long = |ipv6| udp(ends(ipv6), (4000, 53), &[7; 1350]);
    let narrow = "[link.r1-r2]\nmtu = 1300";
    for (ipv6, told_by) in [(false, (3, 4)), (true, (2, 0))] {
        let mut path = world(CHAIN, narrow);
        send(&mut path, 0, long(ipv6));
        let came = all(&mut path);
        let head = head(&came[0].2).unwrap();
        assert_eq!(head.from, router(1, ipv6));
        let icmp = &came[0].2[head.body..];
        assert_eq!((icmp[0], icmp[1]), told_by);
        assert_eq!(u32::from_be_bytes(*icmp[4..].first_chunk().unwrap()), 1300);
        let mut path = world(CHAIN, &format!("{narrow}\nblack-hole = true"));
        send(&mut path, 0, long(ipv6));
        assert_eq!(all(&mut path), []);
        assert_eq!(
            path.ledger().lines[path.world.line("r1", "r2").unwrap()].too_long,
            1
        );
    }
    let mut path = world(CHAIN, narrow);
    let mut may_be_cut = long(false);
    may_be_cut[6] = 0;
    send(&mut path, 0, may_be_cut);
    let pieces = all(&mut path);
    assert_eq!(pieces.len(), 2);
    assert!(
        pieces
            .iter()
            .all(|own| own.1 == End::Server && own.2.len() <= 1300)
    );
}

#[test]
fn an_answer_may_be_slow_and_come_more_than_once() {
    let mut path = world(CHAIN, "r2: answer-delay = \"40 ms\"\nr2: copies = 3");
    send(&mut path, 0, probe(false, 4000, 2));
    send(&mut path, 0, probe(false, 4000, 3));
    let times: Vec<f64> = told(&mut path).into_iter().map(|own| own.0).collect();
    assert_eq!(times, [6.0, 44.0, 44.0, 44.0]);
}

#[test]
fn nobody_carries_what_is_for_nobody() {
    let mut path = world(CHAIN, "");
    let [client, _] = ends(false);
    send(
        &mut path,
        0,
        udp([client, "10.99.0.1".parse().unwrap()], (1, 2), b""),
    );
    path.enter(Moment(0), End::Client, vec![0x45; 10]);
    path.enter(Moment(0), End::Server, Vec::new());
    assert_eq!(all(&mut path), []);
    assert_eq!(path.ledger(), &Ledger::new(&path.world));
}
