//! Each world of `tests/worlds` does what its file says, by plain sockets and arithmetic: what the
//! tracer is held to is itself held to something.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use world::plain::{Heard, Plain, echo_server, echoed, port_unreachable, time_exceeded};
use world::{World, described, run};

mod world;

const QUIET: Duration = Duration::from_millis(300);

/// The world of a file with a server that answers as often as it is asked.
fn built(name: &str) -> Option<World> {
    let world = World::build(name)?;
    world.server.answer_freely().unwrap();
    Some(world)
}

/// One datagram to the target at each of some distances, and what is heard.
fn swept(world: &World, plain: &Plain, distances: std::ops::RangeInclusive<u32>) -> Vec<Heard> {
    for hops in distances {
        plain.send(world.target(plain.ipv6), hops, b"sixteen bytes...");
    }
    let mut heard = plain.heard(QUIET);
    heard.sort_by_key(|own| own.at);
    heard
}

fn from(heard: &[Heard]) -> Vec<IpAddr> {
    heard.iter().map(|own| own.from).collect()
}

/// Seen `k` of `n` is what a part of `p` may be, within five standard errors.
fn plausible(k: usize, n: usize, p: f64) {
    let error = 5.0 * (p * (1.0 - p) / n as f64).sqrt();
    assert!(
        (k as f64 / n as f64 - p).abs() < error,
        "{k} of {n}, not {p}"
    );
}

#[test]
fn every_file_is_right_and_tells_what_it_is_in_both_languages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{}", path.display());
        let world = described(path.file_stem().unwrap().to_str().unwrap());
        assert_ne!(world.name.zh, world.name.en);
        for ipv6 in [false, true] {
            assert!(world.target(ipv6).is_some(), "{}", path.display());
        }
    }
}

#[test]
fn a_chain_answers_hop_by_hop_in_the_time_of_its_links() {
    let Some(world) = built("silent") else { return };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        for (at, took) in [(1, 2), (4, 8), (5, 10)] {
            let sent = plain.send(world.target(ipv6), at, b"");
            let heard = plain.heard(QUIET);
            assert_eq!(heard.len(), 1);
            let (least, round_trip) = (Duration::from_millis(took), heard[0].at - sent);
            assert!(round_trip >= least, "{round_trip:?}");
            assert!(
                round_trip < least + Duration::from_millis(20),
                "{round_trip:?}"
            );
        }
        let heard = swept(&world, &plain, 1..=5);
        let expected = [
            world.address("r1", ipv6),
            world.address("r4", ipv6),
            world.target(ipv6),
        ];
        assert_eq!(from(&heard), expected);
        assert_eq!(heard[2].kind, port_unreachable(ipv6));
    }
    assert_eq!(
        (world.deeds("r2").expired, world.deeds("r2").answered),
        (2, 0)
    );
}

#[test]
fn loss_of_one_way_loses_only_what_goes_that_way() {
    for (name, forward) in [("forward-loss", true), ("return-loss", false)] {
        let Some(world) = built(name) else { return };
        let plain = Plain::open(&world, false);
        let n = 500;
        for _ in 0..n {
            plain.send(world.target(false), 4, b"");
        }
        let heard = plain.heard(QUIET).len();
        let (out, back) = (world.line("r2", "r3"), world.line("r3", "r2"));
        let answered = world.deeds("r4").answered as usize;
        if forward {
            assert_eq!((answered, back.lost), (n - out.lost as usize, 0));
            assert_eq!(heard, answered);
        } else {
            assert_eq!((answered, out.lost), (n, 0));
            assert_eq!(heard, n - back.lost as usize);
        }
        plausible(n - heard, n, 0.2);
        plain.send(world.target(false), 2, b"");
        assert_eq!(plain.heard(QUIET).len(), 1);
    }
}

#[test]
fn limits_of_answers_withhold_exactly_what_exceeds_them() {
    let Some(world) = built("rate-limited") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        for _ in 0..20 {
            plain.send(world.target(ipv6), 5, b"");
        }
        // Six at once; the next second has not passed.
        assert_eq!(plain.heard(QUIET).len(), 6);
        plain.send(world.target(ipv6), 6, b"");
        assert_eq!(plain.heard(QUIET).len(), 1);
    }
    assert_eq!(
        (world.deeds("r5").expired, world.deeds("r5").limited),
        (40, 28)
    );
    let Some(world) = built("limited-together") else {
        return;
    };
    let (four, six) = (Plain::open(&world, false), Plain::open(&world, true));
    for _ in 0..10 {
        four.send(world.target(false), 2, b"");
        six.send(world.target(true), 2, b"");
    }
    let heard = four.heard(QUIET).len() + six.heard(QUIET).len();
    assert_eq!(heard as u64, world.deeds("r2").answered);
    // Two, and one more for each 100 ms that sending may have taken on a busy machine.
    assert!((2..=4).contains(&heard), "{heard}");
}

#[test]
fn quotes_are_as_long_as_each_router_makes_them() {
    let Some(world) = built("quotes") else { return };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let sent = [7; 100];
        for hops in 1..=3 {
            plain.send(world.target(ipv6), hops, &sent);
        }
        let header = if ipv6 { 40 } else { 20 };
        let lengths: Vec<usize> = plain
            .heard(QUIET)
            .iter()
            .map(|own| own.quote.len())
            .collect();
        assert_eq!(lengths, [header + 8, header + 28, header + 8 + 100]);
    }
}

#[test]
fn a_flow_sees_one_branch_and_many_flows_see_all() {
    let Some(world) = built("balanced") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        for _ in 0..20 {
            plain.send(world.target(ipv6), 3, b"");
        }
        let one: BTreeSet<IpAddr> = from(&plain.heard(QUIET)).into_iter().collect();
        assert_eq!(one.len(), 1);
        for _ in 0..60 {
            plain.send_anew(&world, world.target(ipv6), 3);
        }
        let all: BTreeSet<IpAddr> = from(&plain.heard(QUIET)).into_iter().collect();
        // That 60 flows miss one of three branches: 3 x (2/3)^60, one in ten thousand million.
        let expected = ["r3", "r4", "r5"].map(|id| world.address(id, ipv6));
        assert_eq!(all, BTreeSet::from(expected));
        // The branches meet again.
        assert_eq!(
            from(&swept(&world, &plain, 5..=5)),
            [world.address("r9", ipv6)]
        );
    }
}

#[test]
fn packet_by_packet_one_flow_sees_both_branches() {
    let Some(world) = built("balanced-by-packet") else {
        return;
    };
    let plain = Plain::open(&world, true);
    let n = 200;
    for _ in 0..n {
        plain.send(world.target(true), 2, b"");
    }
    let heard = from(&plain.heard(QUIET));
    let over_r2 = heard
        .iter()
        .filter(|from| **from == world.address("r2", true))
        .count();
    assert_eq!(heard.len(), n);
    plausible(over_r2, n, 0.5);
}

#[test]
fn echoes_are_spread_by_their_checksum_where_first_bytes_decide() {
    for (name, branches) in [("balanced-first-bytes", 2), ("balanced", 1)] {
        let Some(world) = built(name) else { return };
        let distance = world.world.routes[0].ways[0].len() as u32 - 2;
        let plain = Plain::open(&world, false);
        for id in 0..40 {
            plain.echo(world.target(false), distance, id);
        }
        let heard: BTreeSet<IpAddr> = from(&plain.heard(QUIET)).into_iter().collect();
        assert_eq!(heard.len(), branches, "{name}");
    }
}

#[test]
fn a_longer_branch_is_longer_in_hops_and_time() {
    let Some(world) = built("balanced-unequal") else {
        return;
    };
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let plain = Plain::open(&world, false);
        // Four hops reach the server over r2; over r3 and r4 they end at r5.
        let sent = plain.send(world.target(false), 4, b"");
        let heard = plain.heard(Duration::from_millis(60));
        let took = heard[0].at - sent;
        let long = heard[0].from == world.address("r5", false);
        assert!(long || heard[0].from == world.target(false));
        // 4 links of 1 ms; or 3 of them and one of 6.
        assert!(
            took >= Duration::from_millis(if long { 18 } else { 8 }),
            "{took:?}"
        );
        seen.insert(long);
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn duplicates_and_overtaking_leave_nothing_out() {
    let n = 300u32;
    let Some(world) = built("duplicated") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world, true);
    for number in 0..n {
        plain.send(world.target(true), 64, &number.to_be_bytes());
    }
    let back = echoed(&plain, QUIET);
    let distinct: BTreeSet<&Vec<u8>> = back.iter().map(|own| &own.1).collect();
    let doubled = world.line("r2", "r1").doubled as usize;
    assert_eq!(
        (distinct.len(), back.len()),
        (n as usize, n as usize + doubled)
    );
    plausible(doubled, n as usize, 0.25);
    assert_eq!(server.join().unwrap().len(), n as usize);

    let Some(world) = built("reordered") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world, false);
    for number in 0..n {
        plain.send(world.target(false), 64, &number.to_be_bytes());
    }
    let back = echoed(&plain, QUIET);
    let order: Vec<u32> = back
        .iter()
        .map(|own| u32::from_be_bytes(own.1[..].try_into().unwrap()))
        .collect();
    let distinct: BTreeSet<u32> = order.iter().copied().collect();
    assert_eq!((order.len(), distinct.len()), (n as usize, n as usize));
    // All are sent within less than the 30 ms that some are held up, so those come last.
    let overtaken = order.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(overtaken > 0, "{order:?}");
    server.join().unwrap();
}

#[test]
fn the_path_changes_once_two_seconds_after_the_first_packet() {
    for (name, before, after) in [
        ("route-longer", ["r2", "r3"], ["r4", "r5"]),
        ("route-shorter", ["r2", "r3"], ["r5", "r4"]),
    ] {
        let Some(world) = built(name) else { return };
        let plain = Plain::open(&world, false);
        let start = Instant::now();
        let seen = || from(&swept(&world, &plain, 2..=3));
        let address = |ids: [&str; 2]| ids.map(|id| world.address(id, false));
        assert_eq!(seen(), address(before));
        std::thread::sleep(Duration::from_secs(2).saturating_sub(start.elapsed()));
        assert_eq!(seen(), address(after), "{name}");
    }
}

#[test]
fn packets_too_long_are_refused_with_the_length_that_fits() {
    let Some(world) = built("mtu-steps") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let header = if ipv6 { 48 } else { 28 };
        // Each is as long as the kernel may still think that the path takes.
        for (whole, by, mtu) in [(1450, "r1", 1400u32), (1400, "r2", 1300)] {
            plain.send(world.target(ipv6), 64, &vec![0; whole - header]);
            let heard = plain.heard(QUIET);
            assert_eq!(from(&heard), [world.address(by, ipv6)]);
            assert_eq!(heard[0].kind, if ipv6 { (2, 0) } else { (3, 4) });
            assert_eq!(u32::from_be_bytes(heard[0].rest), mtu);
        }
        plain.send(world.target(ipv6), 64, &vec![0; 1300 - header]);
        assert_eq!(plain.heard(QUIET)[0].kind, port_unreachable(ipv6));
    }
    let Some(world) = built("mtu-black-hole") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let header = if ipv6 { 48 } else { 28 };
        plain.send(world.target(ipv6), 64, &vec![0; 1401 - header]);
        assert_eq!(plain.heard(QUIET).len(), 0);
        plain.send(world.target(ipv6), 64, &vec![0; 1400 - header]);
        assert_eq!(plain.heard(QUIET)[0].kind, port_unreachable(ipv6));
    }
    assert_eq!(world.line("r1", "r2").too_long, 2);
}

/// Whether a TCP connection is made, and how long that or the refusal took.
fn connected(world: &World, address: IpAddr, port: u16) -> (std::io::Result<()>, Duration) {
    run::inside(&world.client, || {
        let start = Instant::now();
        let to = SocketAddr::new(address, port);
        let made = TcpStream::connect_timeout(&to, Duration::from_millis(500));
        (made.map(drop), start.elapsed())
    })
}

fn listening(world: &World, port: u16) -> TcpListener {
    run::inside(&world.server, || TcpListener::bind(("::", port)).unwrap())
}

#[test]
fn a_long_transfer_finds_its_way_over_small_links() {
    use std::io::{Read, Write};
    let Some(world) = built("mtu-steps") else {
        return;
    };
    for ipv6 in [false, true] {
        let listener = listening(&world, 8080);
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(&[7; 100_000]).unwrap();
        });
        let length = run::inside(&world.client, || {
            let mut stream = TcpStream::connect((world.target(ipv6), 8080)).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap()
        });
        assert_eq!(length, 100_000);
        server.join().unwrap();
    }
    // The server's kernel was told, too: its packets were too long for the line from r3 to r2.
    assert!(world.line("r3", "r2").too_long > 0);
}

#[test]
fn a_translated_client_is_another_to_the_server_and_itself_at_home() {
    let Some(world) = built("nat") else { return };
    for (ipv6, outside) in [(false, "203.0.113.2"), (true, "2001:db8:2::2")] {
        let server = echo_server(&world);
        let plain = Plain::open(&world, ipv6);
        plain.send(world.target(ipv6), 64, b"hello");
        assert_eq!(echoed(&plain, QUIET).len(), 1);
        let seen = server.join().unwrap()[0];
        assert_eq!(seen.ip().to_canonical().to_string(), outside);
        assert_ne!(seen.port(), plain.port());
        for own in swept(&world, &plain, 1..=5) {
            assert_eq!(own.quoted_port(), plain.port());
        }
    }
    let Some(world) = built("nat-shows") else {
        return;
    };
    let plain = Plain::open(&world, false);
    let sources: Vec<[u8; 4]> = swept(&world, &plain, 1..=5)
        .iter()
        .map(|own| own.quote[12..16].try_into().unwrap())
        .collect();
    let (inside, outside) = ([10, 0, 0, 1], [203, 0, 113, 2]);
    assert_eq!(sources, [inside, inside, outside, outside, outside]);
}

#[test]
fn a_gateway_and_all_behind_it_speak_with_the_targets_address() {
    let Some(world) = built("gateway") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let heard = swept(&world, &plain, 1..=5);
        let public = world.target(ipv6);
        assert_eq!(
            from(&heard),
            [world.address("r1", ipv6), public, public, public, public]
        );
        let kinds: Vec<_> = heard.iter().map(|own| own.kind).collect();
        let passed = time_exceeded(ipv6);
        assert_eq!(
            kinds,
            [passed, passed, passed, passed, port_unreachable(ipv6)]
        );
        let _listener = listening(&world, 443);
        connected(&world, public, 443).0.unwrap();
    }
}

#[test]
fn firewalls_drop_refuse_and_reset_and_let_the_service_pass() {
    for (name, udp, tcp) in [
        ("firewall-drops", None, std::io::ErrorKind::TimedOut),
        (
            "firewall-prohibits",
            Some([(3, 13), (1, 1)]),
            std::io::ErrorKind::HostUnreachable,
        ),
        (
            "firewall-resets",
            Some([(3, 3), (1, 4)]),
            std::io::ErrorKind::ConnectionRefused,
        ),
    ] {
        let Some(world) = built(name) else { return };
        let _listener = listening(&world, 443);
        for ipv6 in [false, true] {
            let target = world.target(ipv6);
            let plain = Plain::open(&world, ipv6);
            // The firewall itself is a hop like any other.
            assert_eq!(
                from(&swept(&world, &plain, 3..=3)),
                [world.address("r3", ipv6)]
            );
            let heard = swept(&world, &plain, 5..=5);
            let kinds: Vec<_> = heard.iter().map(|own| own.kind).collect();
            assert_eq!(
                kinds,
                Vec::from_iter(udp.map(|kinds| kinds[usize::from(ipv6)])),
                "{name}"
            );
            connected(&world, target, 443).0.unwrap();
            let (refused, took) = connected(&world, target, 81);
            // IPv6 knows one kind of prohibition, which Linux calls permission denied.
            let denied = std::io::ErrorKind::PermissionDenied;
            let kind = refused.unwrap_err().kind();
            assert!(kind == tcp || ipv6 && kind == denied, "{name}: {kind:?}");
            if name == "firewall-resets" {
                // Three links of 1 ms and back; the server is two links further.
                assert!((6..10).contains(&took.as_millis()), "{took:?}");
            }
        }
    }
}

#[test]
fn what_is_dropped_by_kind_leaves_the_other_kinds() {
    let Some(world) = built("echo-dropped") else {
        return;
    };
    let _listener = listening(&world, 443);
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        plain.echo(world.target(ipv6), 64, 7);
        assert_eq!(plain.heard(QUIET).len(), 0);
        plain.echo(world.address("r2", ipv6), 64, 7);
        assert_eq!(from(&plain.heard(QUIET)), [world.address("r2", ipv6)]);
        assert_eq!(swept(&world, &plain, 1..=5).len(), 5);
        connected(&world, world.target(ipv6), 443).0.unwrap();
    }
    let Some(world) = built("errors-dropped") else {
        return;
    };
    let _listener = listening(&world, 443);
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let near = ["r1", "r2"].map(|id| world.address(id, ipv6));
        assert_eq!(from(&swept(&world, &plain, 1..=5)), near);
        connected(&world, world.target(ipv6), 443).0.unwrap();
    }
    let Some(world) = built("no-route") else {
        return;
    };
    for (ipv6, no_route) in [(false, (3, 0)), (true, (1, 0))] {
        let plain = Plain::open(&world, ipv6);
        let heard = swept(&world, &plain, 5..=5);
        assert_eq!(
            (heard[0].from, heard[0].kind),
            (world.address("r3", ipv6), no_route)
        );
    }
}

#[test]
fn answers_may_come_from_addresses_that_were_not_asked() {
    let Some(world) = built("other-address") else {
        return;
    };
    for (ipv6, router, server) in [
        (false, "198.51.100.2", "198.51.100.99"),
        (true, "2001:db8:100::2", "2001:db8:100::99"),
    ] {
        let plain = Plain::open(&world, ipv6);
        let heard = swept(&world, &plain, 1..=4);
        let seen: Vec<String> = from(&heard).iter().map(IpAddr::to_string).collect();
        assert_eq!((seen[1].as_str(), seen[3].as_str()), (router, server));
        assert_eq!(heard[3].kind, port_unreachable(ipv6));
        plain.echo(world.target(ipv6), 64, 7);
        assert_eq!(plain.heard(QUIET)[0].from.to_string(), server);
    }
    let _listener = listening(&world, 443);
    connected(&world, world.target(false), 443).0.unwrap();
}

#[test]
fn labels_stand_behind_the_quote() {
    let Some(world) = built("labels") else { return };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        let stacks: Vec<Vec<(u32, u32, bool, u32)>> = swept(&world, &plain, 1..=4)
            .iter()
            .map(|own| {
                let length = if ipv6 {
                    usize::from(own.rest[0]) * 8
                } else {
                    usize::from(own.rest[1]) * 4
                };
                let objects = own.quote.get(length + 8..).filter(|_| length > 0);
                let entries = objects.unwrap_or_default().chunks_exact(4);
                entries
                    .map(|entry| u32::from_be_bytes(entry.try_into().unwrap()))
                    .map(|entry| (entry >> 12, entry >> 9 & 7, entry & 256 != 0, entry & 255))
                    .collect()
            })
            .collect();
        let none = Vec::new();
        let two = vec![(24002, 5, false, 1), (17, 0, true, 254)];
        assert_eq!(stacks, [none.clone(), vec![(24001, 0, true, 1)], two, none]);
    }
}

#[test]
fn lies_are_told_and_the_truth_beside_them() {
    let Some(world) = built("forged") else { return };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        plain.send(world.target(ipv6), 5, b"sixteen bytes...");
        let heard = plain.heard(QUIET);
        let (r2, server) = (world.address("r2", ipv6), world.target(ipv6));
        // The kernel drops what has a wrong checksum before a raw ICMPv6 socket sees it.
        let lies = if ipv6 {
            vec![r2, r2, r2, server]
        } else {
            vec![r2, r2, r2, r2, server]
        };
        assert_eq!(from(&heard), [lies, vec![server]].concat());
        let header = if ipv6 { 40 } else { 20 };
        let payload = |own: &Heard| own.quote.get(header + 8..).unwrap_or_default().to_vec();
        let turned: Vec<u8> = b"sixteen bytes...".iter().map(|byte| !byte).collect();
        assert_eq!(payload(&heard[0]), turned);
        assert_ne!(heard[1].quoted_port(), plain.port());
        assert_eq!(heard[2].quote.len(), header + 4);
        let last = heard.len() - 1;
        assert_eq!(
            (payload(&heard[last - 1]), heard[last - 1].kind),
            (turned, port_unreachable(ipv6))
        );
        assert_eq!(payload(&heard[last]), b"sixteen bytes...");
    }
}

#[test]
fn a_class_of_service_is_lost_behind_the_router_that_rewrites_it() {
    let Some(world) = built("class-rewritten") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world, ipv6);
        match ipv6 {
            false => plain.udp().set_tos_v4(46 << 2).unwrap(),
            true => plain.udp().set_tclass_v6(46 << 2).unwrap(),
        }
        let classes: Vec<u16> = swept(&world, &plain, 1..=4)
            .iter()
            .map(|own| {
                let first = u16::from_be_bytes([own.quote[0], own.quote[1]]);
                (if ipv6 { first >> 6 } else { first >> 2 }) & 63
            })
            .collect();
        assert_eq!(classes, [46, 46, 0, 0]);
    }
}

#[test]
fn a_router_slow_to_answer_slows_its_own_hop_alone() {
    let Some(world) = built("slow-answers") else {
        return;
    };
    let plain = Plain::open(&world, false);
    for (hops, least) in [(2, 44), (3, 6)] {
        let sent = plain.send(world.target(false), hops, b"");
        let took = (plain.heard(QUIET)[0].at - sent).as_millis();
        assert!((least..least + 20).contains(&took), "{took} ms");
    }
}

#[test]
fn a_loop_goes_round_until_the_hops_run_out() {
    let Some(world) = built("loop") else { return };
    let plain = Plain::open(&world, false);
    let heard = swept(&world, &plain, 2..=30);
    assert_eq!(heard.len(), 29);
    for (own, hops) in heard.iter().zip(2..) {
        let turn = if hops % 2 == 0 { "r2" } else { "r3" };
        assert_eq!(own.from, world.address(turn, false));
    }
    plain.send(world.target(false), 64, b"");
    assert_eq!(plain.heard(QUIET).len(), 0);
}

#[test]
fn a_flood_is_as_many_answers_as_are_said() {
    let Some(world) = built("flood") else { return };
    let plain = Plain::open(&world, false);
    assert_eq!(swept(&world, &plain, 2..=2).len(), 4000);
}

#[test]
fn a_block_of_addresses_is_the_servers_own() {
    let Some(world) = built("many-targets") else {
        return;
    };
    let listener = listening(&world, 443);
    for ipv6 in [false, true] {
        let targets = world.targets(254, ipv6);
        assert_eq!(targets.iter().collect::<BTreeSet<_>>().len(), 254);
        for target in targets {
            connected(&world, target, 443).0.unwrap();
            let (stream, _) = listener.accept().unwrap();
            assert_eq!(stream.local_addr().unwrap().ip().to_canonical(), target);
        }
    }
}

#[test]
fn jitter_adds_up_to_its_width_each_way() {
    let Some(world) = built("jitter") else { return };
    let plain = Plain::open(&world, false);
    let n = 100;
    let mut took = Vec::new();
    for _ in 0..n {
        let sent = plain.send(world.target(false), 2, b"");
        took.push((plain.heard(Duration::from_millis(40))[0].at - sent).as_secs_f64() * 1e3);
    }
    let mean = took.iter().sum::<f64>() / f64::from(n);
    assert!(took.iter().all(|ms| *ms >= 24.0), "{took:?}");
    // Two even spreads over 4 ms: deviation 4 / sqrt(6) ms; five standard errors, and 1 ms for us.
    let error = 5.0 * 4.0 / 6f64.sqrt() / f64::from(n).sqrt();
    assert!((28.0 - error..28.0 + error + 1.0).contains(&mean), "{mean}");
}

#[test]
fn a_burst_on_a_slow_line_loses_its_tail() {
    let Some(world) = built("slow-line") else {
        return;
    };
    let server = echo_server(&world);
    let plain = Plain::open(&world, false);
    for _ in 0..60 {
        plain.send(world.target(false), 64, &[0; 1000 - 28]);
    }
    server.join().unwrap();
    let line = world.line("r2", "r3");
    // The first goes at once, and so many more as wait at most 20 ms for their turn of 1 ms; one more
    // for each ms that sending took.
    let passed = line.entered - line.refused;
    assert_eq!(line.entered, 60);
    assert!((21..30).contains(&passed), "{line:?}");
}

#[test]
fn the_same_seed_loses_the_same_packets() {
    let lost = |seed| {
        let world = World::with("return-loss", |world| world.seed = seed)?;
        let plain = Plain::open(&world, false);
        let send = |number: u8| {
            plain.send(world.target(false), 3, &[number; 16]);
            plain.heard(Duration::from_millis(20))
        };
        let heard = (0..30).flat_map(send);
        Some(heard.map(|own| own.quote[28]).collect::<Vec<_>>())
    };
    let (Some(one), Some(again), Some(other)) = (lost(5), lost(5), lost(6)) else {
        return;
    };
    assert_eq!(one, again);
    assert_ne!(one, other);
}
