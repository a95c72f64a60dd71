use std::net::IpAddr;

use proptest::prelude::*;

use super::super::answer::{self, Fault};
use super::super::ip::Ip;
use super::super::tcp::Tcp;
use super::super::udp::Udp;
use super::super::{icmp::Icmp, ipv4, protocol};
use super::*;

/// Runs a program as the kernel does: how many bytes of the packet it lets in.
fn run(program: &[Instruction], packet: &[u8]) -> u32 {
    let (mut a, mut x, mut at) = (0u32, 0u32, 0);
    loop {
        let Instruction {
            code,
            then,
            otherwise,
            value,
        } = program[at];
        at += 1;
        let load = |length: usize, from: u32| {
            let bytes = packet.get(from as usize..)?.get(..length)?;
            Some(
                bytes
                    .iter()
                    .fold(0, |word, byte| word << 8 | u32::from(*byte)),
            )
        };
        let loaded = match code {
            0x40 => load(4, x + value),
            0x50 => load(1, x + value),
            0x48 => load(2, x + value),
            0xb1 => load(1, value),
            _ => Some(0),
        };
        let Some(loaded) = loaded else { return 0 };
        match code {
            0x40 | 0x50 | 0x48 => a = loaded,
            0xb1 => x = 4 * (loaded & 0xf),
            0x01 => x = value,
            0x54 => a &= value,
            0x64 => a <<= value,
            0x0c => a += x,
            0x07 => x = a,
            0x15 => at += usize::from(if a == value { then } else { otherwise }),
            0x45 => at += usize::from(if a & value != 0 { then } else { otherwise }),
            0x05 => at += value as usize,
            0x06 => return value,
            _ => panic!("{code:#x} is not used"),
        }
    }
}

/// What a raw socket's program sees of a packet.
fn seen(packet: &[u8]) -> &[u8] {
    match Ip::parse(packet).unwrap() {
        Ip::V4(_) => packet,
        Ip::V6(ip) => ip.upper().unwrap().bytes,
    }
}

fn lets_in(program: &[Instruction], packet: &[u8]) -> bool {
    run(program, seen(packet)) as usize > packet.len()
}

fn ends(family: Family) -> [IpAddr; 3] {
    let all = match family {
        Family::V4 => ["192.0.2.1", "198.51.100.2", "203.0.113.3"],
        Family::V6 => ["2001:db8::1", "2001:db8::2", "2001:db8::3"],
    };
    all.map(|address| address.parse().unwrap())
}

fn packet(family: Family, head: &ipv4::tests::Head, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [from, to, _] = ends(family);
    match family {
        // Any options, but no fragment.
        Family::V4 => {
            let (IpAddr::V4(source), IpAddr::V4(destination)) = (from, to) else {
                panic!()
            };
            let ip = head.with(protocol, payload);
            ipv4::Ipv4 {
                source,
                destination,
                offset: 0,
                ..ip
            }
            .emit()
        }
        Family::V6 => Ip::plain(from, to, protocol, payload).unwrap().emit(),
    }
}

proptest! {
    #[test]
    fn answers_to_our_ports_are_let_in(
        head in ipv4::tests::head(), ports in prop::collection::vec(any::<u16>(), 1..300),
        which: prop::sample::Index, flags: u8, other: u16,
    ) {
        for family in [Family::V4, Family::V6] {
            let program = syn_answers(family, &ports);
            for port in [*which.get(&ports), other] {
                let [from, to, _] = ends(family);
                let segment = Tcp { flags, ..Tcp::syn(443, port, 7) }.emit(from, to);
                // All but a bare SYN, one with a reset, and what has none of these bits.
                let answers = match (flags & SYN != 0, flags & RST != 0) {
                    (true, false) | (false, false) => flags & ACK != 0,
                    (false, true) => true,
                    (true, true) => false,
                };
                let ours = ports.iter().take(MOST_PORTS).any(|ours| *ours == port);
                let packet = packet(family, &head, protocol::TCP, &segment);
                prop_assert_eq!(lets_in(&program, &packet), answers && ours);
                // Cut within the ports and flags, nothing is let in.
                for cut in 0..packet.len() - 7 {
                    let seen = seen(&packet);
                    let cut = cut.min(seen.len() - 7);
                    prop_assert_eq!(run(&program, &seen[..cut]), 0);
                }
            }
        }
    }

    #[test]
    fn errors_about_our_packets_are_let_in(
        head in ipv4::tests::head(), port: u16, other: u16, tcp: bool, quoted in 0usize..40,
    ) {
        prop_assume!(port != other);
        let ours = if tcp { protocol::TCP } else { protocol::UDP };
        for family in [Family::V4, Family::V6] {
            let [from, to, router] = ends(family);
            let datagram = |port| match tcp {
                true => Tcp::syn(port, 443, 7).emit(from, to),
                false => Udp { source: port, destination: 443, payload: &[1; 9] }.emit(from, to),
            };
            let about = |port, protocol, fault| {
                let probe = packet(family, &head, protocol, &datagram(port));
                answer::error(&probe, router, fault, quoted, None).unwrap()
            };
            let program = quotes(family, ours, &[1, port], None);
            prop_assume!(other != 1 && port != 1);
            for fault in [
                Fault::HopsExceeded, Fault::Unreachable(3), Fault::Unreachable(13), Fault::TooBig(1300),
            ] {
                // Two bytes of the datagram are its source port.
                let enough = quoted >= 2;
                prop_assert_eq!(lets_in(&program, &about(port, ours, fault)), enough);
                prop_assert!(!lets_in(&program, &about(other, ours, fault)));
                let theirs = ours ^ protocol::TCP ^ protocol::UDP;
                prop_assert!(!lets_in(&program, &about(port, theirs, fault)));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_datagram_with_our_mark_is_let_in_whatever_port_it_seems_to_be_from(
        head in ipv4::tests::head(), mark: u64, bit in 0u32..64, port: u16, quoted in 0usize..40,
        ports in prop::collection::vec(any::<u16>(), 0..300),
    ) {
        let ours = ports.iter().take(MOST_PORTS).any(|ours| *ours == port);
        for family in [Family::V4, Family::V6] {
            let [from, to, router] = ends(family);
            let program = quotes(family, protocol::UDP, &ports, Some(mark));
            for (mark, marked) in [(mark, true), (mark ^ 1 << bit, false)] {
                let payload = [&mark.to_be_bytes()[..], &[3; 9]].concat();
                let datagram = Udp { source: port, destination: 443, payload: &payload };
                let probe = packet(family, &head, protocol::UDP, &datagram.emit(from, to));
                let error = answer::error(&probe, router, Fault::HopsExceeded, quoted, None);
                // The ports are the first two bytes of eight, the mark are the eight behind.
                let told = ours && quoted >= 2 || marked && quoted >= 16;
                prop_assert_eq!(lets_in(&program, &error.unwrap()), told);
            }
        }
    }
}

#[test]
fn echoes_are_not_let_in() {
    for (family, icmp) in [(Family::V4, protocol::ICMP), (Family::V6, protocol::ICMPV6)] {
        let [from, to, _] = ends(family);
        // A payload that would pass for a quote.
        let quoted = Udp {
            source: 77,
            destination: 443,
            payload: &[1; 9],
        }
        .emit(from, to);
        let quote = Ip::plain(from, to, protocol::UDP, &quoted).unwrap().emit();
        let request = Icmp::request(family, 1, 2, &quote);
        let program = quotes(family, protocol::UDP, &[77], None);
        for message in [request.reply().unwrap(), request] {
            let packet = Ip::plain(from, to, icmp, &message.emit(from, to))
                .unwrap()
                .emit();
            assert!(!lets_in(&program, &packet));
        }
    }
}

#[test]
fn later_fragments_are_not_let_in() {
    let [IpAddr::V4(from), IpAddr::V4(to), _] = ends(Family::V4) else {
        panic!()
    };
    let segment = Tcp {
        flags: RST,
        ..Tcp::syn(443, 77, 7)
    }
    .emit(from.into(), to.into());
    let first = ipv4::Ipv4::plain(from, to, protocol::TCP, &segment);
    let program = syn_answers(Family::V4, &[77]);
    assert!(lets_in(&program, &first.emit()));
    let more = ipv4::Ipv4 {
        more_fragments: true,
        ..first
    };
    assert!(lets_in(&program, &more.emit()));
    let later = ipv4::Ipv4 {
        offset: 185,
        ..first
    };
    assert!(!lets_in(&program, &later.emit()));
    // And who asks our port for a connection does not answer us.
    let asks = Tcp::syn(443, 77, 7).emit(from.into(), to.into());
    let asks = ipv4::Ipv4 {
        payload: &asks,
        ..first
    };
    assert!(!lets_in(&program, &asks.emit()));
}

#[test]
fn echoes_are_let_in_by_their_identifier_and_their_errors_also_by_the_mark() {
    let mark = 0x0102_0304_0506_0708u64;
    let marked = mark.to_be_bytes();
    for family in [Family::V4, Family::V6] {
        let [us, router, them] = ends(family);
        let program = echoes(family, 77, mark);
        let icmp = match family {
            Family::V4 => protocol::ICMP,
            Family::V6 => protocol::ICMPV6,
        };
        for (identifier, payload, ours) in [(77, &[0; 8], true), (78, &marked, false)] {
            let request = Icmp::request(family, identifier, 1, payload);
            let packet = |from, to, message: &Icmp<'_>| {
                let bytes = message.emit(from, to);
                Ip::plain(from, to, icmp, &bytes).unwrap().emit()
            };
            let asked = packet(us, them, &request);
            let reply = packet(them, us, &request.reply().unwrap());
            assert_eq!(
                (lets_in(&program, &asked), lets_in(&program, &reply)),
                (false, ours)
            );
            let error = answer::error(&asked, router, Fault::HopsExceeded, 64, None).unwrap();
            assert!(lets_in(&program, &error), "{family:?} {identifier}");
        }
        let neither = Icmp::request(family, 78, 1, &[0; 8]).emit(us, them);
        let neither = Ip::plain(us, them, icmp, &neither).unwrap().emit();
        let error = answer::error(&neither, router, Fault::HopsExceeded, 64, None).unwrap();
        assert!(!lets_in(&program, &error));
        // A datagram whose length is where an identifier would be.
        let datagram = Udp {
            source: 8 << 8,
            destination: 1,
            payload: &[0; 77 - udp::HEADER],
        };
        let datagram = datagram.emit(us, them);
        let datagram = Ip::plain(us, them, protocol::UDP, &datagram)
            .unwrap()
            .emit();
        let error = answer::error(&datagram, router, Fault::HopsExceeded, 64, None).unwrap();
        assert!(!lets_in(&program, &error));
    }
}

#[test]
fn errors_about_any_port_are_let_in_by_their_protocol() {
    for family in [Family::V4, Family::V6] {
        let [us, router, them] = ends(family);
        for (protocol, other) in [
            (protocol::TCP, protocol::UDP),
            (protocol::UDP, protocol::TCP),
        ] {
            let segment = Tcp::syn(40_000, 443, 7).emit(us, them);
            let packet = Ip::plain(us, them, protocol, &segment).unwrap().emit();
            let error = answer::error(&packet, router, Fault::HopsExceeded, 8, None).unwrap();
            assert!(lets_in(&all_quotes(family, protocol), &error));
            assert!(!lets_in(&all_quotes(family, other), &error));
        }
    }
}

#[test]
fn what_opens_or_resets_a_connection_with_some_ports_is_seen_both_ways() {
    let other = 40_000;
    for ports in [&[443][..], &[80, 443, 8080]] {
        let program = handshakes(ports);
        let sees = |packet: &[u8]| run(&program, packet) as usize > packet.len();
        for family in [Family::V4, Family::V6] {
            let [us, _, them] = ends(family);
            for flags in 0..64u8 {
                for (source, destination) in
                    [(other, 443), (443, other), (other, 444), (444, other)]
                {
                    let segment = Tcp {
                        flags,
                        ..Tcp::syn(source, destination, 7)
                    };
                    let segment = segment.emit(us, them);
                    let packet = Ip::plain(us, them, protocol::TCP, &segment).unwrap().emit();
                    let wanted = flags & (SYN | RST) != 0 && [source, destination].contains(&443);
                    assert_eq!(sees(&packet), wanted, "{flags:#x} {source} {destination}");
                }
            }
            let datagram = [&[1, 187, 1, 187][..], &[0xff; 40]].concat();
            let datagram = Ip::plain(us, them, protocol::UDP, &datagram)
                .unwrap()
                .emit();
            assert!(!sees(&datagram));
        }
        // An ARP packet begins so.
        assert!(!sees(&[[0, 1, 8, 0, 6, 4], [0xff; 6]].concat().repeat(5)));
        assert!(!sees(&[]));
    }
}
