//! Who answers what, how often, and what the answers tell.

use super::*;

#[test]
fn a_chain_answers_hop_by_hop_in_the_time_of_its_links() {
    let Some(world) = built("silent") else { return };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world.client, ipv6);
        for (at, least) in [(1, 2), (4, 8), (5, 10)] {
            takes(least..least + 5, || {
                let sent = plain.send(world.target(ipv6), at, b"");
                let heard = plain.heard(QUIET);
                assert_eq!(heard.len(), 1);
                heard[0].at - sent
            });
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
fn limits_of_answers_withhold_exactly_what_exceeds_them() {
    let Some(world) = built("rate-limited") else {
        return;
    };
    for ipv6 in [false, true] {
        let plain = Plain::open(&world.client, ipv6);
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
    let (four, six) = (
        Plain::open(&world.client, false),
        Plain::open(&world.client, true),
    );
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
        let plain = Plain::open(&world.client, ipv6);
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
fn answers_may_come_from_addresses_that_were_not_asked() {
    let Some(world) = built("other-address") else {
        return;
    };
    for (ipv6, router, server) in [
        (false, "198.51.100.2", "198.51.100.99"),
        (true, "2001:db8:100::2", "2001:db8:100::99"),
    ] {
        let plain = Plain::open(&world.client, ipv6);
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
        let plain = Plain::open(&world.client, ipv6);
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
        let plain = Plain::open(&world.client, ipv6);
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
        let plain = Plain::open(&world.client, ipv6);
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
    let plain = Plain::open(&world.client, false);
    for (hops, least) in [(2, 44), (3, 6)] {
        takes(least..least + 5, || {
            let sent = plain.send(world.target(false), hops, b"");
            plain.heard(QUIET)[0].at - sent
        });
    }
}

#[test]
fn a_flood_is_as_many_answers_as_are_said() {
    let Some(world) = built("flood") else { return };
    let plain = Plain::open(&world.client, false);
    assert_eq!(swept(&world, &plain, 2..=2).len(), 4000);
}
