//! Boxes that change, stop or make up packets, and nodes that speak for others.

use proptest::prelude::*;

use super::*;
use crate::packet::octets;

#[test]
fn a_filter_speaks_or_keeps_silent() {
    let rules = "r2: filter = [{ match = \"udp 53\", then = \"pass\" }, { match = \"udp\", then = \"admin-prohibited\" }, \
                 { match = \"tcp\", then = \"reset\" }, { match = \"echo\", then = \"drop\" }]";
    for (ipv6, prohibited) in [(false, (3, 13)), (true, (1, 1))] {
        let mut path = world(CHAIN, rules);
        send(&mut path, 0, probe(ipv6, 4000, 64));
        send(&mut path, 0, probe(ipv6, 4000, 2));
        let answers = told(&mut path);
        // What ends at the firewall is answered as by any router.
        let kinds: BTreeSet<_> = answers.iter().map(|own| (own.1, (own.2, own.3))).collect();
        let expired = if ipv6 { (3, 0) } else { (11, 0) };
        assert_eq!(
            kinds,
            BTreeSet::from([(router(2, ipv6), prohibited), (router(2, ipv6), expired)])
        );
        send(&mut path, 0, udp(ends(ipv6), (4000, 53), b""));
        send(&mut path, 0, echo(ends(ipv6), 1, 1, b""));
        send(&mut path, 0, tcp(ends(ipv6), (4000, 443), 2, b""));
        let came = all(&mut path);
        assert_eq!(came.iter().filter(|own| own.1 == End::Server).count(), 1);
        let reset = came.iter().find(|own| own.1 == End::Client).unwrap();
        assert_eq!(
            (reset.0, head(&reset.2).unwrap().from),
            (4.0, ends(ipv6)[1])
        );
        assert_eq!(
            path.ledger().nodes[path.world.node("r2").unwrap()].stopped,
            3
        );
    }
}

#[test]
fn an_address_behind_a_gateway_is_the_gateways() {
    let gateway = "r2: public = [\"203.0.113.80\", \"2001:db8:80::80\"]";
    for ipv6 in [false, true] {
        let mut path = world(CHAIN, gateway);
        let public = path.world.target(ipv6).unwrap();
        let [client, server] = ends(ipv6);
        let sent = |hops| with_hops(udp([client, public], (4000, 53), b"x"), hops);
        for hops in 1..=4 {
            send(&mut path, 0, sent(hops));
        }
        let came = all(&mut path);
        let from: Vec<_> = came.iter().map(|own| head(&own.2).unwrap().from).collect();
        assert_eq!(from, [router(1, ipv6), client, public, public]);
        assert_eq!(head(&came[1].2).unwrap().to, server);
        for own in came.iter().filter(|own| own.1 == End::Client) {
            let body = head(&own.2).unwrap().body;
            assert_eq!(head(&own.2[body + 8..]).unwrap().to, public);
        }
        path.enter(
            Moment(0),
            End::Server,
            udp([server, client], (53, 4000), b"y"),
        );
        let back = all(&mut path);
        let expected = with_hops(udp([public, client], (53, 4000), b"y"), 61);
        assert_eq!(back[0].2, expected);
        // The server's own address leads nowhere from outside.
        send(&mut path, 0, udp([client, server], (4000, 53), b"x"));
        assert_eq!(all(&mut path), []);
    }
}

#[test]
fn a_translated_client_gets_its_answers() {
    for (restores, source) in [(true, 4000), (false, 40_000)] {
        let nat = format!(
            "r2: nat = {{ address = [\"203.0.113.2\"], ports = true, restores-quotes = {restores} }}"
        );
        let mut path = world(CHAIN, &nat);
        for hops in [2, 3, 64] {
            send(&mut path, 0, probe(false, 4000, hops));
        }
        let came = all(&mut path);
        let at_server = came.iter().find(|own| own.1 == End::Server).unwrap();
        let seen = head(&at_server.2).unwrap();
        assert_eq!(
            (seen.from.to_string(), seen.ports(&at_server.2)),
            ("203.0.113.2".to_string(), Some((40_000, 33434)))
        );
        let quoted: Vec<_> = came
            .iter()
            .filter(|own| own.1 == End::Client)
            .map(|own| {
                let quote = &own.2[head(&own.2).unwrap().body + 8..];
                head(quote).unwrap().ports(quote).unwrap().0
            })
            .collect();
        // The translator itself has not yet translated what ends there.
        assert_eq!(quoted, [4000, source]);
        let [client, server] = ends(false);
        path.enter(
            Moment(0),
            End::Server,
            udp([server, seen.from], (33434, 40_000), b"y"),
        );
        let back = all(&mut path);
        assert_eq!(
            back[0].2,
            with_hops(udp([server, client], (33434, 4000), b"y"), 61)
        );
    }
}

#[test]
fn lies_come_before_the_truth_and_from_whom_they_say() {
    let forge = "r2: forge = [{ flaw = \"wrong-tag\" }, { flaw = \"wrong-tag\", says = \"no-port\", from = \"server\" }]";
    for ipv6 in [false, true] {
        let mut path = world(CHAIN, forge);
        send(&mut path, 0, probe(ipv6, 4000, 2));
        let answers: Vec<_> = told(&mut path)
            .into_iter()
            .map(|own| (own.0, own.1))
            .collect();
        let [_, server] = ends(ipv6);
        assert_eq!(
            answers,
            [
                (4.0, router(2, ipv6)),
                (4.0, server),
                (4.0, router(2, ipv6))
            ]
        );
        assert_eq!(
            path.ledger().nodes[path.world.node("r2").unwrap()].forged,
            2
        );
    }
}

#[test]
fn a_class_is_rewritten_for_those_behind() {
    let mut path = world(CHAIN, "r2: dscp = 0");
    for hops in 1..=3 {
        let mut packet = probe(false, 4000, hops);
        edit::set_class(&mut packet, 46);
        send(&mut path, 0, packet);
    }
    let quoted = all(&mut path).into_iter().map(|own| own.2[28 + 1] >> 2);
    assert_eq!(quoted.collect::<Vec<_>>(), [46, 46, 0]);
}

#[test]
fn others_answer_in_ones_name() {
    let text = "r2: answers-from = [\"198.51.100.2\", \"2001:db8:100::2\"]";
    let mut path = world(CHAIN, text);
    send(&mut path, 0, probe(false, 4000, 2));
    assert_eq!(told(&mut path)[0].1.to_string(), "198.51.100.2");
    // A router asked at its own address answers from that one.
    let [client, _] = ends(false);
    send(&mut path, 0, echo([client, router(2, false)], 7, 1, b""));
    assert_eq!(told(&mut path)[0].1, router(2, false));
}

#[test]
fn a_node_on_the_way_serves_where_it_stands() {
    let mut path = world(CHAIN, "");
    let mut description = (*path.world).clone();
    let r2 = description.node("r2").unwrap();
    description.services = vec![crate::lab::world::Service {
        node: r2,
        port: 443,
        http: false,
    }];
    path = Transit::new(Arc::new(description));
    for ipv6 in [false, true] {
        let [client, _] = ends(ipv6);
        let two = router(2, ipv6);
        send(&mut path, 0, tcp([client, two], (4000, 443), 2, b""));
        let came = all(&mut path);
        assert_eq!((came[0].0, came[0].1), (2.0, End::Server));
        // Its answer leaves where it stands, not at the far end.
        path.enter(
            Moment(0),
            End::Server,
            tcp([two, client], (443, 4000), 18, b""),
        );
        let back = all(&mut path);
        assert_eq!((back[0].0, back[0].1), (2.0, End::Client));
        // A port that it has not open is reset, and what only passes is let pass.
        send(&mut path, 0, tcp([client, two], (4000, 80), 2, b""));
        assert_eq!(all(&mut path)[0].1, End::Client);
        send(&mut path, 0, tcp(ends(ipv6), (4000, 443), 2, b""));
        assert_eq!(all(&mut path)[0].0, 4.0);
    }
}

#[test]
fn a_translator_turns_its_own_errors_back_too() {
    let long = |to| udp([ends(false)[0], to], (4000, 53), &[7; 1350]);
    let narrow = "[link.r2-r3]\nmtu = 1300";
    let nat = "r2: nat = { address = [\"203.0.113.2\"], ports = true }";
    let gateway = "r2: public = [\"203.0.113.80\"]";
    for (boxes, from) in [
        (nat, router(2, false)),
        (gateway, "203.0.113.80".parse().unwrap()),
    ] {
        let mut path = world(CHAIN, &format!("{boxes}\n{narrow}"));
        let sent = long(path.world.target(false).unwrap());
        send(&mut path, 0, sent.clone());
        let answer = &all(&mut path)[0].2;
        let at = head(answer).unwrap();
        assert!(is_sound(answer));
        assert_eq!((at.from, at.to), (from, ends(false)[0]));
        // The quote is what was sent, but for the hops: 62 are left at the third line.
        assert_eq!(answer[at.body + 8..], with_hops(sent, 62)[..576 - 28]);
    }
}

#[test]
fn a_gateway_speaks_for_itself_of_what_was_not_for_the_server() {
    let mut path = world(CHAIN, "r1: public = [\"203.0.113.80\"]");
    let three = router(3, false);
    send(
        &mut path,
        0,
        with_hops(udp([ends(false)[0], three], (1, 2), b""), 2),
    );
    assert_eq!(told(&mut path)[0].1, router(2, false));
}

proptest! {
    /// Whatever an end sends, every box on the way deals with it and every other packet still comes.
    #[test]
    fn no_packet_is_too_wild_to_carry(
        mut packet in prop::collection::vec(any::<u8>(), 0..200),
        ipv6: bool,
        end in prop::sample::select(vec![End::Client, End::Server]),
    ) {
        let boxes = "r1: nat = { address = [\"203.0.113.2\", \"2001:db8:2::2\"], ports = true }\n\
                     r2: labels = [{ label = 17 }]\nr2: dscp = 9\n\
                     r2: forge = [{ flaw = \"wrong-tag\" }, { flaw = \"wrong-port\" }, { flaw = \"truncated\" }]\n\
                     r3: public = [\"203.0.113.80\", \"2001:db8:80::80\"]\n\
                     [link.r2-r3]\nmtu = 100\n";
        let mut path = world(CHAIN, boxes);
        let [client, _] = ends(ipv6);
        let public = path.world.target(ipv6).unwrap();
        let (version, at) = if ipv6 { (0x60, 24) } else { (0x45, 16) };
        let to = octets(if end == End::Client { public } else { client });
        if let Some(first) = packet.first_mut() {
            *first = version;
        }
        if let Some(place) = packet.get_mut(at..at + to.len()) {
            place.copy_from_slice(&to);
        }
        path.enter(Moment(0), end, packet);
        all(&mut path);
        send(&mut path, 1, udp([client, public], (4000, 53), b""));
        prop_assert_eq!(all(&mut path).len(), 3 + 1);
    }
}
