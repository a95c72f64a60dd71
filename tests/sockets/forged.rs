//! Replies to ICMP echo that the test makes up: too many, with another's tag, cut short.

use std::net::Ipv6Addr;

use hopcast::probe::Answer;

use super::*;

#[test]
fn what_found_no_room_is_counted() {
    alone(|| {
        const FORGED: u64 = 20_000;
        answer_no_echo();
        run(async {
            for (target, request, reply) in [(ip(2), 8, 0), (V6, 128, 129)] {
                let mut network = echoing(&[target], &manner(), Kind::Raw);
                let forger = forger(target);
                network.send(probe(0, 0)).unwrap();
                let mut packet = heard(&forger, request);
                let header = if target.is_ipv4() { 20 } else { 0 };
                let mut icmp = packet.split_off(header);
                icmp[0] = reply;
                for _ in 0..FORGED {
                    forge(
                        &forger,
                        if target.is_ipv4() { ip(1) } else { V6 },
                        icmp.clone(),
                    );
                }
                let mut had = 0;
                let until = network.now() + WHILE;
                while network.receive(until).await.unwrap().is_some() {
                    had += 1;
                }
                assert!(had < FORGED, "all found room");
                assert_eq!(had + network.troubles().overflowed, FORGED);
            }
        });
    });
}

#[test]
fn a_reply_with_another_tag_is_counted_and_not_believed() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                let mut network = echoing(&[ip(2)], &manner(), kind);
                let forger = forger(ip(2));
                network.send(probe(0, 0)).unwrap();
                let mut reply = heard(&forger, 8).split_off(20);
                reply[0] = 0;
                // Of all else it is right, identifier and sequence number too.
                reply[8] ^= 1;
                forge(&forger, ip(1), reply.clone());
                nothing(&mut network).await;
                assert_eq!(network.troubles().spoofed, 1);
                reply[8] ^= 1;
                forge(&forger, ip(1), reply);
                assert_eq!(
                    next(&mut network).await.probe,
                    Some((Target(0), Sequence(0)))
                );
                assert_eq!(network.troubles().spoofed, 1);
            });
        }
    });
}

#[test]
fn errors_are_told_by_type_whoever_sends_them_and_carry_the_mtu() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                let manner = Manner {
                    whole: true,
                    ..manner()
                };
                let mut network = echoing(&[ip(2)], &manner, kind);
                // The target's own address sends them, as that of a box that translates does.
                let forger = forger(ip(2));
                let cases = [
                    (11, 0, 0, Answer::Passed),
                    (3, 1, 0, Answer::Unreachable { kind: 3, code: 1 }),
                    (3, 4, 1400, Answer::Unreachable { kind: 3, code: 4 }),
                ];
                for ((kind, code, told, answer), sequence) in cases.into_iter().zip(0..) {
                    network.send(probe(0, sequence)).unwrap();
                    let request = heard(&forger, 8);
                    forge(&forger, ip(1), error(kind, code, told, &request));
                    let reply = next(&mut network).await;
                    assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
                    assert_eq!((reply.answer, reply.responder), (answer, ip(2)));
                    let mtu = reply.detail.unwrap().mtu;
                    assert_eq!(mtu, (told != 0).then_some(told));
                }
            });
        }
    });
}

#[test]
fn errors_of_ipv6_are_told_and_carry_the_mtu() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                let mut network = echoing(&[V6], &manner(), kind);
                let forger = forger(V6);
                let cases = [
                    (3, 0, 0, Answer::Passed),
                    (1, 3, 0, Answer::Unreachable { kind: 1, code: 3 }),
                    (2, 0, 1400, Answer::Unreachable { kind: 2, code: 0 }),
                ];
                for ((kind, code, told, answer), sequence) in cases.into_iter().zip(0..) {
                    network.send(probe(0, sequence)).unwrap();
                    let request = heard(&forger, 128);
                    // The header that a raw socket is not shown.
                    let length = request.len() as u8;
                    let mut packet = vec![0x60, 0, 0, 0, 0, length, 58, 1];
                    let one = Ipv6Addr::LOCALHOST.octets();
                    packet.extend([one, one].concat());
                    // Whole, and cut to eight bytes behind that header.
                    packet.extend(&request[..if sequence == 1 { 8 } else { request.len() }]);
                    forge(&forger, V6, error(kind, code, told, &packet));
                    let reply = next(&mut network).await;
                    assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
                    assert_eq!((reply.answer, reply.responder), (answer, V6));
                    let detail = reply.detail.unwrap();
                    assert_eq!(detail.mtu, (told != 0).then_some(told));
                    assert_eq!(detail.ttl, Some(64));
                }
            });
        }
    });
}

#[test]
fn eight_quoted_bytes_tell_a_probe_in_flight_and_never_one_of_two() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                // The last two are one host.
                let mut network = echoing(&[ip(2), ip(3), ip(3)], &manner(), kind);
                let forgers = [forger(ip(2)), forger(ip(3))];
                for sequence in [0, 1] {
                    for target in 0..3 {
                        network.send(probe(target, sequence)).unwrap();
                    }
                }
                let short = |packet: &[u8]| error(11, 0, 0, &packet[..28]);
                let first = heard(&forgers[0], 8);
                let second = heard(&forgers[0], 8);
                forge(&forgers[0], ip(1), short(&second));
                let reply = next(&mut network).await;
                assert_eq!(reply.probe, Some((Target(0), Sequence(1))));
                assert_eq!(network.troubles().short_quotes, 0);
                // Of a number that is not in flight.
                let mut unknown = first.clone();
                unknown[27] = 9;
                forge(&forgers[0], ip(1), short(&unknown));
                assert_eq!(next(&mut network).await.probe, None);
                forge(&forgers[1], ip(1), short(&heard(&forgers[1], 8)));
                assert_eq!(next(&mut network).await.probe, None);
                assert_eq!(network.troubles().short_quotes, 2);
                assert_eq!(network.troubles().spoofed, 0);
            });
        }
    });
}
