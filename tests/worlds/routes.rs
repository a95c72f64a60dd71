//! Branches, changes and loops of paths, and many targets behind one.

use super::*;

#[test]
fn a_flow_sees_one_branch_and_many_flows_see_all() {
    let Some(world) = built("balanced") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world.client, ipv6);
        for _ in 0..20 {
            plain.send(world.target(ipv6), 3, b"");
        }
        let one: BTreeSet<IpAddr> = from(&plain.heard(QUIET)).into_iter().collect();
        assert_eq!(one.len(), 1);
        for _ in 0..60 {
            plain.send_anew(&world.client, world.target(ipv6), 3);
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
    let plain = Plain::open(&world.client, true);
    let n = 200;
    for _ in 0..n {
        plain.send(world.target(true), 2, b"");
    }
    let heard = from(&plain.heard(QUIET));
    let over_r2 = heard
        .iter()
        .filter(|from| **from == world.address("r2", true))
        .count();
    assert_eq!(heard.len(), n, "{:?}", world.ledger());
    plausible(over_r2, n, 0.5);
}

#[test]
fn echoes_are_spread_by_their_checksum_where_first_bytes_decide() {
    for (name, branches) in [("balanced-first-bytes", 2), ("balanced", 1)] {
        let Some(world) = built(name) else { return };
        let distance = world.world.routes[0].ways[0].len() as u32 - 2;
        let plain = Plain::open(&world.client, false);
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
        let plain = Plain::open(&world.client, false);
        // Four hops reach the server over r2; over r3 and r4 they end at r5.
        let sent = plain.send(world.target(false), 4, b"");
        let heard = plain.next(Duration::from_secs(1)).unwrap();
        let took = heard.at - sent;
        let long = heard.from == world.address("r5", false);
        assert!(long || heard.from == world.target(false));
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
fn the_path_changes_once_two_seconds_after_the_first_packet() {
    for (name, before, after) in [
        ("route-longer", ["r2", "r3"], ["r4", "r5"]),
        ("route-shorter", ["r2", "r3"], ["r5", "r4"]),
    ] {
        let Some(world) = built(name) else { return };
        let plain = Plain::open(&world.client, false);
        let start = Instant::now();
        let seen = || from(&swept(&world, &plain, 2..=3));
        let address = |ids: [&str; 2]| ids.map(|id| world.address(id, false));
        assert_eq!(seen(), address(before));
        // The world's clock starts when it reads that packet, a little later than ours.
        std::thread::sleep(Duration::from_millis(2300).saturating_sub(start.elapsed()));
        assert_eq!(seen(), address(after), "{name}");
    }
}

#[test]
fn a_loop_goes_round_until_the_hops_run_out() {
    let Some(world) = built("loop") else { return };
    let plain = Plain::open(&world.client, false);
    let heard = swept(&world, &plain, 2..=30);
    assert_eq!(heard.len(), 29);
    for (own, hops) in heard.iter().zip(2..) {
        let turn = if hops % 2 == 0 { "r2" } else { "r3" };
        assert_eq!(own.from, world.address(turn, false));
    }
    plain.send(world.target(false), 64, b"");
    assert!(plain.next(QUIET).is_none());
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
