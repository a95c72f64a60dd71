//! TCP connection attempts.

use std::net::{SocketAddr, TcpListener};

use hopcast::probe::tcp::TcpNetwork;
use hopcast::probe::{Answer, Arrival, Stamp};

use super::*;

#[test]
fn several_targets_accept_or_refuse_each_its_own_attempts() {
    alone(|| {
        run(async {
            let open = TcpListener::bind("127.0.0.2:0").unwrap();
            let six = TcpListener::bind("[::1]:0").unwrap();
            let listening = [&open, &six].map(|open| open.local_addr().unwrap());
            let targets: Vec<SocketAddr> = listening.into_iter().chain([here(3, 9)]).collect();
            let mut network = TcpNetwork::open(&targets, &manner(), Clock::default()).unwrap();
            for sequence in 0..2 {
                for target in 0..3 {
                    network.send(probe(target, sequence)).unwrap();
                }
            }
            for _ in 0..6 {
                let reply = next(&mut network).await;
                let (Target(target), _) = reply.probe.unwrap();
                assert_eq!(reply.responder, targets[target as usize].ip());
                let (arrival, stamp) = match target {
                    // The kernel knows the round trip of a SYN that was accepted.
                    0 | 1 => (Arrival::Connected, Stamp::Kernel),
                    _ => (Arrival::Refused, Stamp::User),
                };
                assert_eq!(reply.answer, Answer::Arrived(arrival));
                assert_eq!(reply.stamp, stamp);
            }
        });
    });
}

#[test]
fn attempts_leave_from_the_ports_and_the_address_that_were_asked_for() {
    alone(|| {
        run(async {
            let listener = TcpListener::bind("127.0.0.2:0").unwrap();
            let manner = Manner {
                source: Some(ip(9)),
                source_port: Some(40_000),
                ..manner()
            };
            let target = [listener.local_addr().unwrap()];
            let mut network = TcpNetwork::open(&target, &manner, Clock::default()).unwrap();
            for sequence in 0..3 {
                network.send(probe(0, sequence)).unwrap();
                let (_, from) = listener.accept().unwrap();
                assert_eq!(from, here(9, 40_000 + sequence as u16));
                next(&mut network).await;
            }
        });
    });
}
