//! UDP probes.

use std::collections::BTreeSet;
use std::net::{SocketAddr, UdpSocket};

use hopcast::packet::udp::Udp;
use hopcast::probe::manner::Ports;
use hopcast::probe::udp::UdpNetwork;
use hopcast::probe::way::Means;
use hopcast::probe::{Answer, Arrival, Flow, Stamp};

use super::*;

fn open(targets: &[SocketAddr], manner: &Manner) -> UdpNetwork {
    UdpNetwork::open(targets, manner, Clock::default()).unwrap()
}

/// A socket of the test's that probes go to; what it gets, it does not answer.
fn server(address: &str) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn taken(server: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut bytes = [0; 2048];
    let (count, from) = server.recv_from(&mut bytes).unwrap();
    (bytes[..count].to_vec(), from)
}

/// The packet with which `payload` went from one address to another, as an error quotes it.
fn packet(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (from.ip(), to.ip()) else {
        panic!("an IPv4 packet");
    };
    let length = 28 + payload.len() as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0, 0, 1, 17, 0, 0]);
    packet.extend(source.octets());
    packet.extend(destination.octets());
    packet.extend(from.port().to_be_bytes());
    packet.extend(to.port().to_be_bytes());
    packet.extend((length - 20).to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(payload);
    packet
}

#[test]
fn one_socket_hears_of_many_closed_ports_in_both_families() {
    alone(|| {
        set("ipv6/icmp/ratelimit", "0");
        let v6 = SocketAddr::new("::1".parse().unwrap(), 9);
        let targets: Vec<SocketAddr> = (1..=200).map(|last| here(last, 9)).chain([v6]).collect();
        run(async {
            let mut network = open(&targets, &manner());
            let mut asked = BTreeSet::new();
            for target in 0..targets.len() as u32 {
                network.send(probe(target, 0)).unwrap();
                asked.insert(Target(target));
            }
            while !asked.is_empty() {
                let reply = next(&mut network).await;
                let (target, _) = reply.probe.unwrap();
                assert!(asked.remove(&target));
                assert_eq!(reply.responder, targets[target.0 as usize].ip());
                assert_eq!(reply.answer, Answer::Arrived(Arrival::PortClosed));
                assert_eq!(reply.stamp, Stamp::Kernel);
                let left = reply.sent.expect("loopback tells departures");
                assert!(left <= reply.received);
                assert_eq!(reply.detail.unwrap().ttl, Some(64));
            }
            assert_eq!(network.troubles(), Default::default());
        });
    });
}

#[test]
fn a_flow_keeps_its_ports_and_another_has_others() {
    alone(|| {
        run(async {
            let (server, to) = server("127.0.0.2:0");
            let manner = Manner {
                source: Some(ip(9)),
                source_port: Some(40_000),
                ..manner()
            };
            let mut network = open(&[to], &manner);
            let mut from = Vec::new();
            for (sequence, flow) in [0, 1, 0, 1, 2].into_iter().enumerate() {
                let probe = Probe {
                    flow: Flow(flow),
                    size: 28 + 100,
                    ..probe(0, sequence as u32)
                };
                network.send(probe).unwrap();
                let (payload, address) = taken(&server);
                assert_eq!((payload.len(), address.ip()), (100, ip(9)));
                from.push(address.port());
            }
            assert_eq!((from[0], from[2], from[3]), (40_000, 40_000, from[1]));
            assert_eq!(from.iter().collect::<BTreeSet<_>>().len(), 3);
        });
    });
}

#[test]
fn a_datagram_arrives_from_its_target_and_from_nobody_else() {
    alone(|| {
        run(async {
            let ((target, to), (stranger, _)) = (server("127.0.0.2:0"), server("127.0.0.3:0"));
            let mut network = open(&[to], &manner());
            network.send(probe(0, 0)).unwrap();
            let (payload, from) = taken(&target);
            stranger.send_to(&payload, from).unwrap();
            nothing(&mut network).await;
            assert_eq!(network.troubles().spoofed, 1);
            target.send_to(&payload, from).unwrap();
            let reply = next(&mut network).await;
            assert_eq!(reply.probe, Some((Target(0), Sequence(0))));
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Datagram));
            // A service that does not echo shows that it is there, but not which probe came.
            target.send_to(b"hello", from).unwrap();
            let reply = next(&mut network).await;
            assert_eq!((reply.probe, reply.responder), (None, ip(2)));
        });
    });
}

#[test]
fn an_error_is_believed_by_its_tag_and_one_that_quotes_too_little_asks_anew_by_a_port() {
    alone(|| {
        run(async {
            let (server, to) = server("127.0.0.2:0");
            let forger = forger(ip(3));
            let manner = Manner {
                whole: true,
                ..manner()
            };
            let mut network = open(&[to], &manner);
            network.send(probe(0, 0)).unwrap();
            let (mut payload, from) = taken(&server);
            payload[7] ^= 1;
            forge(&forger, ip(1), error(11, 0, 0, &packet(from, to, &payload)));
            nothing(&mut network).await;
            assert_eq!(network.troubles().spoofed, 1);
            payload[7] ^= 1;
            forge(
                &forger,
                ip(1),
                error(3, 4, 1300, &packet(from, to, &payload)),
            );
            let reply = next(&mut network).await;
            assert_eq!(reply.probe, Some((Target(0), Sequence(0))));
            assert_eq!(reply.detail.unwrap().mtu, Some(1300));
            assert_eq!(reply.responder, ip(3));
            // Another distance, whose router quotes eight bytes.
            let far = |sequence| Probe {
                distance: 9,
                ..probe(0, sequence)
            };
            network.send(far(1)).unwrap();
            let (_, same) = taken(&server);
            assert_eq!(same, from);
            forge(&forger, ip(1), error(11, 0, 0, &packet(from, to, &[])));
            assert_eq!(next(&mut network).await.probe, None);
            assert_eq!(network.troubles().short_quotes, 1);
            network.send(far(2)).unwrap();
            network.send(far(3)).unwrap();
            let own = [taken(&server).1, taken(&server).1];
            assert!(own[0] != from && own[1] != from && own[0] != own[1]);
            for (own, sequence) in own.into_iter().zip([2, 3]) {
                forge(&forger, ip(1), error(11, 0, 0, &packet(own, to, &[])));
                let reply = next(&mut network).await;
                assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
                assert_eq!(reply.answer, Answer::Passed);
            }
            // The distance that has told enough keeps the flow.
            network.send(probe(0, 4)).unwrap();
            assert_eq!(taken(&server).1, from);
        });
    });
}

#[test]
fn eight_quoted_bytes_tell_a_probe_by_its_checksum_where_a_raw_socket_hears_them() {
    alone(|| {
        run(async {
            let (server, to) = server("127.0.0.2:0");
            let forger = forger(ip(3));
            let mut network = open(&[to], &manner());
            assert_eq!(network.way().used, Means::UdpRaw);
            let mut ports = BTreeSet::new();
            for sequence in [0, 1, 7] {
                network.send(probe(0, sequence)).unwrap();
                let (payload, from) = taken(&server);
                ports.insert(from.port());
                let datagram = Udp {
                    source: from.port(),
                    destination: to.port(),
                    payload: &payload,
                };
                // The source is what the kernel chose for this target on loopback.
                let sum = datagram.checksum(from.ip(), to.ip());
                let mut quoted = packet(from, to, &[]);
                quoted[26..28].copy_from_slice(&sum.to_be_bytes());
                forge(&forger, ip(1), error(11, 0, 0, &quoted));
                let reply = next(&mut network).await;
                assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
                let quoted = reply.detail.unwrap().quoted.unwrap();
                assert_eq!((quoted.rewritten, quoted.source), (false, None));
            }
            // Nobody had to be asked from a socket of its own.
            assert_eq!(ports.len(), 1);
            assert_eq!(network.troubles(), Default::default());
        });
    });
}

#[test]
fn what_a_translator_rewrote_beyond_recognition_is_a_reply_by_its_tag_and_one_only() {
    alone(|| {
        run(async {
            let (server, to) = server("127.0.0.2:0");
            let forger = forger(ip(3));
            let mut network = open(&[to], &manner());
            network.send(probe(0, 0)).unwrap();
            let (payload, from) = taken(&server);
            // Another address and port: the kernel knows no such socket.
            let other = SocketAddr::new(ip(77), from.port() ^ 1);
            let mut forged = payload.clone();
            forged[3] ^= 1;
            forge(&forger, ip(1), error(11, 0, 0, &packet(other, to, &forged)));
            forge(
                &forger,
                ip(1),
                error(11, 0, 0, &packet(other, to, &payload)),
            );
            let reply = next(&mut network).await;
            assert_eq!(reply.probe, Some((Target(0), Sequence(0))));
            assert_eq!((reply.answer, reply.responder), (Answer::Passed, ip(3)));
            assert_eq!(reply.stamp, Stamp::Kernel);
            let quoted = reply.detail.unwrap().quoted.unwrap();
            assert_eq!((quoted.source, quoted.rewritten), (Some(ip(77)), true));
            nothing(&mut network).await;
        });
    });
}

#[test]
fn classic_ports_count_up_and_tell_probes_apart_by_themselves() {
    alone(|| {
        run(async {
            let servers: Vec<_> = (0..3)
                .map(|above| server(&format!("127.0.0.2:{}", 33_434 + above)).0)
                .collect();
            let forger = forger(ip(3));
            let manner = Manner {
                ports: Ports::Classic,
                ..manner()
            };
            let mut network = open(&[here(2, 33_434)], &manner);
            let from = [0, 1, 2].map(|sequence| {
                network.send(probe(0, sequence)).unwrap();
                taken(&servers[sequence as usize]).1
            });
            assert_eq!((from[0], from[0]), (from[1], from[2]));
            for sequence in [2, 0] {
                let to = here(2, 33_434 + sequence as u16);
                forge(&forger, ip(1), error(11, 0, 0, &packet(from[0], to, &[])));
                let reply = next(&mut network).await;
                assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
            }
            assert_eq!(network.troubles(), Default::default());
        });
    });
}

#[test]
fn the_class_and_the_bit_against_fragments_are_on_the_packet() {
    alone(|| {
        run(async {
            let wire = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)).unwrap();
            wire.bind(&SockAddr::from(here(2, 0))).unwrap();
            for whole in [false, true] {
                let manner = Manner {
                    tos: 0x28,
                    whole,
                    ..manner()
                };
                let mut network = open(&[here(2, 9)], &manner);
                let probe = Probe {
                    distance: 5,
                    ..probe(0, 0)
                };
                network.send(probe).unwrap();
                let mut packet = [0; 2048];
                let count = std::io::Read::read(&mut &wire, &mut packet).unwrap();
                assert_eq!(count, usize::from(manner.size));
                assert_eq!((packet[1], packet[8]), (0x28, 5));
                assert_eq!(packet[6] & 0x40 != 0, whole);
            }
        });
    });
}

#[test]
fn an_error_queue_without_room_is_noticed_and_a_train_of_probes_does_not_fill_it() {
    alone(|| {
        run(async {
            const SENT: u32 = 2_000;
            // The smallest buffer that a system would give: no more than 64 probes' worth is held.
            let mut network = open(&[here(2, 9)], &manner());
            for sequence in 0..SENT {
                network.send(probe(0, sequence)).unwrap();
            }
            for _ in 0..SENT {
                next(&mut network).await;
            }
            assert_eq!(network.troubles(), Default::default());
            // Others' errors about our packets come without our sending.
            let (server, to) = server("127.0.0.2:0");
            let mut network = open(&[to], &manner());
            network.send(probe(0, 0)).unwrap();
            let (payload, from) = taken(&server);
            let error = error(11, 0, 0, &packet(from, to, &payload));
            let forger = forger(ip(3));
            for _ in 0..20_000 {
                forge(&forger, ip(1), error.clone());
            }
            next(&mut network).await;
            assert_eq!(network.troubles().overflowed, 1);
        });
    });
}
