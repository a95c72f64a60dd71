//! Fields of 16 bits go round, the 32-bit sequences of a run go on: no reply is given to the probe of
//! 65,536 before, though it may come just then.

use std::net::UdpSocket;

use hopcast::packet::udp::Udp;
use hopcast::probe::manner::Ports;
use hopcast::probe::udp::UdpNetwork;
use hopcast::probe::{Answer, Arrival};

use super::*;

/// The sequences about the place where 16 bits end.
const ROUND: std::ops::Range<u32> = 0xfff8..0x1_0008;

#[test]
fn replies_to_echoes_are_told_apart_where_their_sixteen_bits_go_round() {
    alone(|| {
        allow_ping_sockets();
        for kind in [Kind::Raw, Kind::Datagram] {
            for target in [ip(2), V6] {
                run(async {
                    let mut network = echoing(&[target], &manner(), kind);
                    for sequence in ROUND {
                        network.send(probe(0, sequence)).unwrap();
                    }
                    for sequence in ROUND {
                        let reply = next(&mut network).await;
                        assert_eq!(reply.probe, Some((Target(0), Sequence(sequence))));
                        assert_eq!(reply.answer, Answer::Arrived(Arrival::Echo));
                    }
                    nothing(&mut network).await;
                    assert_eq!(network.troubles(), Default::default());
                });
            }
        }
    });
}

/// Two probes whose 16 bits are the same, the first long given up: what quotes all of the first is of
/// the first, what quotes no more than those bits is of the one in flight.
#[test]
fn a_stale_answer_from_before_the_round_is_not_of_the_probe_in_flight() {
    alone(|| {
        allow_ping_sockets();
        answer_no_echo();
        for kind in [Kind::Raw, Kind::Datagram] {
            run(async {
                let patience = Duration::from_millis(50);
                let manner = Manner {
                    patience,
                    ..manner()
                };
                let mut network = echoing(&[ip(2)], &manner, kind);
                let forger = forger(ip(2));
                network.send(probe(0, 7)).unwrap();
                let stale = heard(&forger, 8);
                std::thread::sleep(patience * 2);
                network.send(probe(0, 0x1_0007)).unwrap();
                let fresh = heard(&forger, 8);
                // On the wire both have number 7.
                assert_eq!(
                    (stale[26..28].to_vec(), fresh[26..28].to_vec()),
                    (vec![0, 7], vec![0, 7])
                );
                // An echo reply, then an error that quotes it whole.
                let mut reply = stale[20..].to_vec();
                reply[0] = 0;
                forge(&forger, ip(1), reply);
                forge(&forger, ip(1), error(11, 0, 0, &stale));
                for _ in 0..2 {
                    assert_eq!(
                        next(&mut network).await.probe,
                        Some((Target(0), Sequence(7)))
                    );
                }
                forge(&forger, ip(1), error(11, 0, 0, &fresh[..28]));
                let told = next(&mut network).await.probe;
                assert_eq!(told, Some((Target(0), Sequence(0x1_0007))));
                assert_eq!(network.troubles(), Default::default());
            });
        }
    });
}

/// An error that quotes `quoted` bytes of the datagram that `server` has just got, checksum and all.
fn quoting(server: &UdpSocket, quoted: usize) -> (SocketAddr, Vec<u8>) {
    let mut bytes = [0; 2048];
    let (count, from) = server.recv_from(&mut bytes).unwrap();
    let to = server.local_addr().unwrap();
    let datagram = Udp {
        source: from.port(),
        destination: to.port(),
        payload: &bytes[..count],
    };
    let udp = datagram.emit(from.ip(), to.ip());
    let packet = hopcast::packet::ip::Ip::plain(from.ip(), to.ip(), 17, &udp)
        .unwrap()
        .emit();
    (from, error(11, 0, 0, &packet[..20 + quoted]))
}

#[test]
fn checksums_and_ports_that_tell_probes_apart_go_round_as_well() {
    alone(|| {
        let bound = |port: u16| {
            let socket = UdpSocket::bind(("127.0.0.2", port)).unwrap();
            socket.set_read_timeout(Some(SOON)).unwrap();
            socket
        };
        run(async {
            // 0xfffe checksums tell probes apart (0 and 0xffff cannot): 0xfffd and the next but one.
            let server = bound(0);
            let forger = forger(ip(3));
            let mut network =
                UdpNetwork::open(&[server.local_addr().unwrap()], &manner(), Clock::default())
                    .unwrap();
            for sequence in [0xfffd, 0xfffe, 0xffff, 0x1_0000, 0x1_fffb, 0x1_fffc] {
                network.send(probe(0, sequence)).unwrap();
                let (_, error) = quoting(&server, 8);
                forge(&forger, ip(1), error);
                let told = next(&mut network).await.probe;
                assert_eq!(told, Some((Target(0), Sequence(sequence))));
            }
            assert_eq!(network.troubles(), Default::default());
        });
        run(async {
            // Ports count up from 65,533 to the last and begin again.
            let servers = [65_533, 65_534, 65_535].map(bound);
            let forger = forger(ip(3));
            let manner = Manner {
                ports: Ports::Classic,
                ..manner()
            };
            let mut network =
                UdpNetwork::open(&[here(2, 65_533)], &manner, Clock::default()).unwrap();
            for sequence in 0..7 {
                network.send(probe(0, sequence)).unwrap();
                let (_, error) = quoting(&servers[sequence as usize % 3], 8);
                forge(&forger, ip(1), error);
                let told = next(&mut network).await.probe;
                assert_eq!(told, Some((Target(0), Sequence(sequence))));
            }
            // Three in flight are as many as there are ports.
            for sequence in 7..10 {
                network.send(probe(0, sequence)).unwrap();
            }
            assert!(refused(network.send(probe(0, 10))).contains("3 at a time"));
        });
    });
}
