//! ICMP echo by raw and by datagram sockets.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use hopcast::probe::clock::Clock;
use hopcast::probe::icmp::{IcmpNetwork, Kind};
use hopcast::probe::manner::Manner;
use hopcast::probe::tag::Tag;
use hopcast::probe::{Answer, Arrival, Flow, Network, Probe, Sequence, Stamp, Target};

use super::*;

const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn open(targets: &[IpAddr], manner: &Manner, kind: Kind) -> IcmpNetwork {
    IcmpNetwork::open(targets, manner, Clock::default(), Some(kind)).unwrap()
}

#[test]
fn many_targets_of_both_families_answer_each_its_own_probes() {
    alone(|| {
        allow_ping_sockets();
        for (kind, exact) in [
            (Kind::Raw, true),
            (Kind::Raw, false),
            (Kind::Datagram, true),
        ] {
            let targets: Vec<IpAddr> = (1..=200).map(ip).chain([V6]).collect();
            let manner = Manner { exact, ..manner() };
            run(async {
                let mut network = open(&targets, &manner, kind);
                let mut asked = BTreeSet::new();
                for sequence in 0..3 {
                    for target in 0..targets.len() as u32 {
                        network.send(probe(target, sequence)).unwrap();
                        asked.insert((Target(target), Sequence(sequence)));
                    }
                }
                while !asked.is_empty() {
                    let reply = next(&mut network).await;
                    let id = reply.probe.expect("a whole reply tells its probe");
                    assert!(asked.remove(&id), "{id:?} was answered twice");
                    assert_eq!(reply.responder, targets[id.0.0 as usize]);
                    assert_eq!(reply.answer, Answer::Arrived(Arrival::Echo));
                    assert_eq!(reply.stamp, Stamp::Kernel);
                    // A Linux host's own answers begin with 64, and loopback takes none off.
                    assert_eq!(reply.detail.unwrap().ttl, Some(64));
                    match reply.sent {
                        Some(left) => assert!(exact && left <= reply.received),
                        None => assert!(!exact),
                    }
                }
                nothing(&mut network).await;
                assert_eq!(network.troubles(), Default::default());
            });
        }
    });
}

#[test]
fn a_raw_socket_hears_nothing_of_others() {
    alone(|| {
        const SENT: u32 = 20_000;
        let other = Manner {
            tag: Tag(TAG.0 + 1),
            ..manner()
        };
        run(async {
            for target in [ip(1), V6] {
                let mut network = open(&[target], &manner(), Kind::Raw);
                let mut flood = open(&[target], &other, Kind::Raw);
                // As fast as they go, and nobody waits for a reply.
                for sequence in 0..SENT {
                    flood.send(probe(0, sequence)).unwrap();
                }
                for _ in 0..SENT {
                    next(&mut flood).await;
                }
                // Without a filter, requests and replies of the flood would fill this one's buffer.
                network.send(probe(0, 0)).unwrap();
                let reply = next(&mut network).await;
                assert_eq!(reply.probe, Some((Target(0), Sequence(0))));
                for network in [network, flood] {
                    assert_eq!(network.troubles(), Default::default());
                }
            }
        });
    });
}

#[test]
fn what_found_no_room_is_counted() {
    alone(|| {
        const FORGED: u64 = 20_000;
        answer_no_echo();
        run(async {
            for (target, request, reply) in [(ip(2), 8, 0), (V6, 128, 129)] {
                let mut network = open(&[target], &manner(), Kind::Raw);
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
                let mut network = open(&[ip(2)], &manner(), kind);
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
                let mut network = open(&[ip(2)], &manner, kind);
                // The target's own address sends them, as that of a box that translates does.
                let forger = forger(ip(2));
                let cases = [
                    (11, 0, 0, Answer::Passed),
                    (3, 13, 0, Answer::Barred { kind: 3, code: 13 }),
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
fn eight_quoted_bytes_tell_a_probe_in_flight_and_never_one_of_two() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                // The last two are one host.
                let mut network = open(&[ip(2), ip(3), ip(3)], &manner(), kind);
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

#[test]
fn requests_look_as_they_are_told_to() {
    alone(|| {
        answer_no_echo();
        run(async {
            let manner = Manner {
                source: Some(ip(9)),
                interface: Some("lo".into()),
                tos: 0xb8,
                whole: true,
                ..manner()
            };
            let mut network = open(&[ip(2)], &manner, Kind::Raw);
            let forger = forger(ip(2));
            let mut checksums = Vec::new();
            let sent = [(0, 0, 0), (1, 100, 0), (2, 1000, 0), (3, 0, 1), (4, 0, 1)];
            for (sequence, size, flow) in sent {
                let probe = Probe {
                    size,
                    flow: Flow(flow),
                    distance: 7,
                    ..probe(0, sequence)
                };
                network.send(probe).unwrap();
                let request = heard(&forger, 8);
                // IPv4: class, length, don't-fragment bit, TTL, source.
                assert_eq!(request[1], 0xb8);
                let usual = if size == 0 { manner.size } else { size };
                assert_eq!(request.len(), usize::from(usual));
                assert_eq!(request[6] & 0x40, 0x40);
                assert_eq!(request[8], 7);
                assert_eq!(request[12..16], [127, 0, 0, 9]);
                assert_eq!(pnet_packet::util::checksum(&request[20..], usize::MAX), 0);
                checksums.push([request[22], request[23]]);
            }
            let [a, b, c, d, e] = checksums[..] else {
                unreachable!("five were sent")
            };
            assert_eq!((a, a, d), (b, c, e));
            assert_ne!(a, d);
        });
    });
}

#[test]
fn without_being_told_to_stay_whole_packets_may_be_fragmented() {
    alone(|| {
        answer_no_echo();
        run(async {
            let mut network = open(&[ip(2)], &manner(), Kind::Raw);
            let forger = forger(ip(2));
            network.send(probe(0, 0)).unwrap();
            assert_eq!(heard(&forger, 8)[6] & 0x40, 0);
        });
    });
}

#[test]
fn a_sequence_number_in_flight_is_not_sent_again() {
    alone(|| {
        answer_no_echo();
        run(async {
            let patience = Duration::from_millis(200);
            let manner = Manner {
                patience,
                ..manner()
            };
            let mut network = open(&[ip(2), ip(3)], &manner, Kind::Raw);
            let first = network.send(probe(0, 0)).unwrap();
            // The 16 bits of the packet would be those of the first.
            let again = network.send(probe(0, 0x1_0000));
            // Only a machine that was stopped for so long may send.
            if network.now().since(first) < patience {
                assert!(refused(again).contains("65536 at a time"));
            }
            network.send(probe(1, 0x1_0000)).unwrap();
            std::thread::sleep(patience);
            network.send(probe(0, 0x2_0000)).unwrap();
            assert!(refused(network.send(probe(0, 0x2_0000))).contains("used before"));
            assert!(refused(network.send(probe(2, 0))).contains("target number 2"));
        });
    });
}

#[test]
fn a_reader_that_comes_late_measures_no_more_than_there_was() {
    alone(|| {
        allow_ping_sockets();
        let late = Duration::from_millis(5);
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                let mut network = open(&[ip(2)], &manner(), kind);
                let mut least = Duration::MAX;
                for sequence in 0..10 {
                    network.send(probe(0, sequence)).unwrap();
                    std::thread::sleep(late);
                    let reply = next(&mut network).await;
                    assert_eq!(reply.stamp, Stamp::Kernel);
                    let left = reply.sent.expect("loopback tells departures");
                    least = least.min(reply.received.since(left));
                }
                assert!(least < late / 5, "{least:?} on loopback");
            });
        }
    });
}
