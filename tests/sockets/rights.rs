//! Which way sockets are had with which rights, and giving those up.

use caps::{CapSet, Capability};
use hopcast::error::Error;
use hopcast::probe::privilege;
use hopcast::probe::tcp::TcpNetwork;
use hopcast::probe::udp::UdpNetwork;
use hopcast::probe::way::Means;
use hopcast::probe::{Answer, Arrival};

use super::*;

fn open(forced: Option<Kind>) -> Result<IcmpNetwork, Error> {
    IcmpNetwork::open(&[ip(1)], &manner(), Clock::default(), forced)
}

fn why<T>(opened: Result<T, Error>) -> Text {
    match opened {
        Err(Error::System(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

async fn answers(network: &mut impl Network, answer: Answer) {
    network.send(probe(0, 0)).unwrap();
    assert_eq!(next(network).await.answer, answer);
}

const ECHO: Answer = Answer::Arrived(Arrival::Echo);

#[test]
fn without_any_right_only_echo_is_refused_and_the_commands_are_named() {
    alone(|| {
        privilege::give_up().unwrap();
        run(async {
            let why = why(open(None));
            let program = std::env::current_exe().unwrap();
            for side in [why.zh, why.en] {
                assert!(side.contains(&format!("setcap cap_net_raw+p {}", program.display())));
                assert!(side.contains("sysctl -w net.ipv4.ping_group_range=\"0 2147483647\""));
            }
            let closed = [here(1, 9)];
            let mut udp = UdpNetwork::open(&closed, &manner(), Clock::default()).unwrap();
            answers(&mut udp, Answer::Arrived(Arrival::PortClosed)).await;
            let mut tcp = TcpNetwork::open(&closed, &manner(), Clock::default()).unwrap();
            answers(&mut tcp, Answer::Arrived(Arrival::Refused)).await;
        });
    });
}

#[test]
fn ping_sockets_serve_where_raw_ones_are_not_to_be_had() {
    alone(|| {
        allow_ping_sockets();
        privilege::give_up().unwrap();
        run(async {
            let mut network = open(None).unwrap();
            assert_eq!(network.way().used, Means::PingSocket);
            let [(means, why)] = &network.way().others[..] else {
                panic!("{:?}", network.way());
            };
            assert_eq!(*means, Means::RawEcho);
            assert!(why.en.contains("setcap") && why.zh.contains("setcap"));
            answers(&mut network, ECHO).await;
        });
    });
}

#[test]
fn with_the_right_a_raw_socket_is_had_unless_the_other_is_asked_for() {
    alone(|| {
        allow_ping_sockets();
        run(async {
            let ways = [
                (None, Means::RawEcho, Means::PingSocket),
                (Some(Kind::Raw), Means::RawEcho, Means::PingSocket),
                (Some(Kind::Datagram), Means::PingSocket, Means::RawEcho),
            ];
            for (forced, used, other) in ways {
                let mut network = open(forced).unwrap();
                assert_eq!(network.way().used, used);
                let others: Vec<Means> = network.way().others.iter().map(|(way, _)| *way).collect();
                assert_eq!(others, [other]);
                answers(&mut network, ECHO).await;
            }
        });
    });
}

#[test]
fn a_right_that_is_only_permitted_is_in_effect_only_for_opening() {
    alone(|| {
        let raw = Capability::CAP_NET_RAW;
        caps::drop(None, CapSet::Effective, raw).unwrap();
        run(async {
            let mut network = open(None).unwrap();
            assert_eq!(network.way().used, Means::RawEcho);
            assert!(!caps::has_cap(None, CapSet::Effective, raw).unwrap());
            assert!(caps::has_cap(None, CapSet::Permitted, raw).unwrap());
            answers(&mut network, ECHO).await;
        });
    });
}

/// This thread's line of that name in its status.
fn status(name: &str) -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim().to_string()
}

#[test]
fn what_is_given_up_is_gone_for_good_and_open_sockets_stay() {
    alone(|| {
        run(async {
            let mut network = open(Some(Kind::Raw)).unwrap();
            privilege::give_up().unwrap();
            for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
                assert_eq!(status(set), "0000000000000000");
            }
            assert_eq!(status("NoNewPrivs:"), "1");
            assert!(caps::raise(None, CapSet::Effective, Capability::CAP_NET_RAW).is_err());
            assert!(why(open(Some(Kind::Raw))).en.contains("setcap"));
            answers(&mut network, ECHO).await;
            // Whoever was root can still print, write a file, and open what needs no right.
            std::io::stdout().write_all(b"").unwrap();
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("report"), "x").unwrap();
            let closed = [here(1, 9)];
            let mut udp = UdpNetwork::open(&closed, &manner(), Clock::default()).unwrap();
            answers(&mut udp, Answer::Arrived(Arrival::PortClosed)).await;
        });
    });
}

#[test]
fn what_cannot_be_sent_from_is_named() {
    alone(|| {
        run(async {
            let refused = |change: fn(&mut Manner)| {
                let mut manner = manner();
                change(&mut manner);
                let udp = UdpNetwork::open(&[here(1, 9)], &manner, Clock::default());
                why(udp).en
            };
            let interface = refused(|manner| manner.interface = Some("none0".into()));
            assert!(interface.contains("interface none0"), "{interface}");
            let source = refused(|manner| manner.source = Some([192, 0, 2, 1].into()));
            assert!(source.contains("from 192.0.2.1:0"), "{source}");
            let family = refused(|manner| manner.source = Some("::1".parse().unwrap()));
            assert!(family.contains("address family"), "{family}");
        });
    });
}
