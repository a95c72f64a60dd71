//! Translators and firewalls.

use super::*;

#[test]
fn a_translated_client_is_another_to_the_server_and_itself_at_home() {
    let Some(world) = built("nat") else { return };
    for (ipv6, outside) in [(false, "203.0.113.2"), (true, "2001:db8:2::2")] {
        let server = echo_server(&world);
        let plain = Plain::open(&world.client, ipv6);
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
    let plain = Plain::open(&world.client, false);
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
        let plain = Plain::open(&world.client, ipv6);
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
            let plain = Plain::open(&world.client, ipv6);
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
            let (refused, _) = connected(&world, target, 81);
            // IPv6 knows one kind of prohibition, which Linux calls permission denied.
            let denied = std::io::ErrorKind::PermissionDenied;
            let kind = refused.unwrap_err().kind();
            assert!(kind == tcp || ipv6 && kind == denied, "{name}: {kind:?}");
            if name == "firewall-resets" {
                // Three links of 1 ms and back; the server is two links further.
                takes(6..10, || connected(&world, target, 81).1);
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
        let plain = Plain::open(&world.client, ipv6);
        plain.echo(world.target(ipv6), 64, 7);
        assert!(plain.next(QUIET).is_none());
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
        let plain = Plain::open(&world.client, ipv6);
        let near = ["r1", "r2"].map(|id| world.address(id, ipv6));
        assert_eq!(from(&swept(&world, &plain, 1..=5)), near);
        connected(&world, world.target(ipv6), 443).0.unwrap();
    }
    let Some(world) = built("no-route") else {
        return;
    };
    for (ipv6, no_route) in [(false, (3, 0)), (true, (1, 0))] {
        let plain = Plain::open(&world.client, ipv6);
        let heard = swept(&world, &plain, 5..=5);
        assert_eq!(
            (heard[0].from, heard[0].kind),
            (world.address("r3", ipv6), no_route)
        );
    }
}
