//! Exchanges with services, against servers that the tests themselves start on loopback and that
//! answer well, late, wrongly, or not at all.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use hopcast::probe::clock::Clock;
use hopcast::probe::manner::Manner;
use hopcast::probe::names::Server;
use hopcast::probe::service::{Service, ServiceNetwork, Trust};
use hopcast::probe::tag::Tag;
use hopcast::probe::{Answer, Arrival, Network, Phases, Probe, Reply, Sequence, Target, Troubles};

mod dns;
mod dns_server;
mod http;
mod manner;
mod names;
mod tls;

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Exchanges of which at least one must be as fast as it can be: any of them may meet a busy machine.
const TRIES: u32 = 100;

/// What a loopback exchange may take at most beyond the server's own delays, when the machine is not
/// busy.
const SLACK: Duration = ms(10);

/// A manner that gives up after `patience`.
fn patient(patience: Duration) -> Manner {
    Manner {
        patience,
        ..Manner::plain(Tag(1))
    }
}

/// What came of an exchange: its reply with the round trip, if there was one.
type Exchanged = Option<(Duration, Reply)>;

/// A part of an exchange by its name: how long it took, and how long the server makes it.
type Part = (
    &'static str,
    fn(Duration, Phases) -> Option<Duration>,
    Duration,
);

/// The whole exchange, of which the servers' delays take `least`.
fn whole(least: Duration) -> Part {
    ("whole", |took, _| Some(took), least)
}

/// The connection, which no server delays.
const CONNECT: Part = ("connect", |_, phases| phases.connect, Duration::ZERO);

/// How a run is set up.
#[derive(Clone)]
struct Setup {
    manner: Manner,
    trust: Trust,
    server: Server,
    /// How long the thread does nothing but sleep after each probe, and hears nothing.
    busy: Duration,
}

impl Setup {
    fn plain() -> Setup {
        Setup {
            manner: patient(ms(5000)),
            trust: Trust::System,
            server: Server::System,
            busy: Duration::ZERO,
        }
    }

    fn patient(patience: Duration) -> Setup {
        Setup {
            manner: patient(patience),
            ..Setup::plain()
        }
    }

    /// `count` exchanges with `service`, one after the other.
    fn exchange(&self, service: Service, count: u32) -> (Vec<Exchanged>, Troubles) {
        block_on(async {
            let Setup {
                manner,
                trust,
                server,
                busy,
            } = self.clone();
            let clock = Clock::default();
            let patience = manner.patience;
            let opened = ServiceNetwork::open(vec![service], manner, &trust, server, clock);
            let mut network = opened.unwrap();
            let mut exchanged = Vec::new();
            for number in 0..count {
                let probe = Probe::plain(Sequence(number), 0);
                let sent = network.send(probe).unwrap();
                std::thread::sleep(busy);
                let reply = network.receive(sent + patience + ms(100)).await.unwrap();
                exchanged.push(reply.map(|reply| {
                    assert_eq!(reply.probe, Some((Target(0), Sequence(number))));
                    assert!(reply.received <= network.now());
                    (reply.received.since(sent), reply)
                }));
            }
            (exchanged, network.troubles())
        })
    }

    /// One exchange, which must be answered without any trouble.
    fn answered(&self, service: Service) -> (Duration, Reply) {
        let (mut exchanged, troubles) = self.exchange(service, 1);
        assert_eq!(troubles, Troubles::default());
        exchanged.remove(0).expect("an answer")
    }

    /// Exchanges with `service`, each of which must be answered and none of which may be shorter in
    /// any part than its server makes it, until each part has once been hardly longer.
    fn check(&self, service: &Service, parts: &[Part]) -> Vec<(Duration, Reply)> {
        let mut replies = Vec::new();
        let mut fastest = vec![Duration::MAX; parts.len()];
        let close = |(fastest, (_, _, least)): (&Duration, &Part)| *fastest <= *least + SLACK;
        while !fastest.iter().zip(parts).all(close) {
            assert!(
                replies.len() < TRIES as usize,
                "{parts:?} took at least {fastest:?}"
            );
            let (took, reply) = self.answered(service.clone());
            for ((part, of, least), fastest) in parts.iter().zip(&mut fastest) {
                let took = of(took, phases(&reply)).expect(part);
                assert!(took >= *least, "{part}: {took:?} under {least:?}");
                *fastest = took.min(*fastest);
            }
            replies.push((took, reply));
        }
        replies
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

fn phases(reply: &Reply) -> Phases {
    reply
        .detail
        .as_ref()
        .and_then(|detail| detail.phases)
        .unwrap_or_default()
}

/// Accepts connections for as long as the test lasts and gives each to `serve` on a thread of its
/// own.
fn serve(address: IpAddr, serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, serve) = (stream.unwrap(), serve.clone());
            std::thread::spawn(move || serve(stream));
        }
    });
    at
}

/// Reads until the other side closes, so that closing is not a reset.
fn drain(mut stream: impl Read) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Keeps a connection open without a word until the other side gives up.
fn say_nothing(stream: TcpStream) {
    drain(stream);
}

/// Closes a connection with a reset.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

/// Reads what is asked, says `words`, and closes.
fn say(mut stream: TcpStream, words: &[u8]) {
    let mut room = [0; 4096];
    let _ = stream.read(&mut room);
    let _ = stream.write_all(words);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    drain(stream);
}

/// A port of `address` that nobody listens on.
fn closed_port(address: IpAddr) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// An exchange of every kind over TCP, with `at`.
fn of_every_kind(at: SocketAddr) -> [Service; 4] {
    [
        Service::dns(at, "a.example", "A", true).unwrap(),
        Service::tls(&at.ip().to_string(), at.port()),
        Service::http(&format!("http://{at}/")).unwrap(),
        Service::http(&format!("https://{at}/")).unwrap(),
    ]
}

#[test]
fn a_refused_port_is_an_answer() {
    for address in [LOCALHOST, "::1".parse().unwrap()] {
        let at = SocketAddr::new(address, closed_port(address));
        for service in of_every_kind(at) {
            let (_, reply) = Setup::plain().answered(service);
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Refused));
            assert_eq!(reply.responder, address);
        }
    }
}

#[test]
fn a_server_that_accepts_and_stays_silent_is_no_answer() {
    let at = serve(LOCALHOST, say_nothing);
    for service in of_every_kind(at) {
        let (exchanged, troubles) = Setup::patient(ms(80)).exchange(service, 1);
        assert_eq!((exchanged, troubles), (vec![None], Troubles::default()));
    }
}

#[test]
fn a_reset_and_a_close_are_told_apart_and_from_silence() {
    let resetting = serve(LOCALHOST, reset);
    let closing = serve(LOCALHOST, |stream| say(stream, b""));
    for (at, arrival) in [(resetting, Arrival::Reset), (closing, Arrival::Closed)] {
        for service in of_every_kind(at) {
            let (_, reply) = Setup::plain().answered(service.clone());
            assert_eq!(reply.answer, Answer::Arrived(arrival), "{service:?}");
            // How long the connection took is known all the same.
            assert!(phases(&reply).connect.is_some());
        }
    }
}

#[test]
fn words_of_another_protocol_are_told_as_such() {
    // A telnet greeting, long enough that as many bytes as any head wants have come.
    let at = serve(LOCALHOST, |stream| {
        say(stream, &b"login: no, nobody home\r\n".repeat(4000))
    });
    for service in of_every_kind(at) {
        let (_, reply) = Setup::plain().answered(service.clone());
        let unintelligible = Answer::Arrived(Arrival::Unintelligible);
        assert_eq!(reply.answer, unintelligible, "{service:?}");
    }
}

#[test]
fn a_connection_is_not_slower_because_the_reader_is_late() {
    let at = serve(LOCALHOST, |stream| {
        say(stream, b"HTTP/1.1 204 No Content\r\n\r\n")
    });
    let late = Setup {
        busy: ms(60),
        ..Setup::plain()
    };
    late.check(
        &Service::http(&format!("http://{at}/")).unwrap(),
        &[CONNECT],
    );
}
