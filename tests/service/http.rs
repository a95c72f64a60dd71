//! HTTP requests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hopcast::probe::names::Server;
use hopcast::probe::service::{BODY, Service};
use hopcast::probe::{Answer, Arrival, Content, Phases, Reply, Stamp};

use crate::dns_server::{at_localhost, code, over_udp};
use crate::tls::{Authority, shake};
use crate::{CONNECT, LOCALHOST, Part, Setup, ms, phases, serve, whole};

/// Reads the head of a request.
fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Answers one request: after `wait` comes the head, after `pause` the rest.
fn answer(stream: &mut (impl Read + Write), (wait, pause): (Duration, Duration)) {
    head(stream);
    std::thread::sleep(wait);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        .unwrap();
    stream.flush().unwrap();
    std::thread::sleep(pause);
    stream.write_all(b"56789").unwrap();
    stream.flush().unwrap();
}

/// A server that says `words` to every request, and the heads of the requests.
fn saying(words: impl Into<Vec<u8>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let words = words.into();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let told = heads.clone();
    let at = serve(LOCALHOST, move |mut stream: TcpStream| {
        told.lock().unwrap().push(head(&mut stream));
        let _ = stream.write_all(&words);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        crate::drain(stream);
    });
    (at, heads)
}

fn get(at: SocketAddr) -> Service {
    Service::http(&format!("http://{at}/path?query")).unwrap()
}

fn content(reply: &Reply) -> Content {
    reply.detail.as_ref().unwrap().content.unwrap()
}

/// The time to the first byte, which the server makes `least`.
fn first_byte(least: Duration) -> Part {
    ("first byte", |_, phases| phases.first_byte, least)
}

/// The time from the first byte to the last, which the server makes `least`.
fn rest(least: Duration) -> Part {
    ("rest", |_, phases| phases.rest, least)
}

#[test]
fn the_parts_of_an_exchange_are_as_long_as_the_server_made_them() {
    for address in [LOCALHOST, "::1".parse().unwrap()] {
        let at = serve(address, |mut stream| answer(&mut stream, (ms(40), ms(60))));
        let parts = [CONNECT, first_byte(ms(40)), rest(ms(60)), whole(ms(100))];
        let replies = Setup::plain().check(&get(at), &parts);
        for (took, reply) in &replies {
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Http(200)));
            assert_eq!((reply.responder, reply.stamp), (address, Stamp::Kernel));
            let (bytes, cut) = (10, false);
            assert_eq!(content(reply), Content { bytes, cut });
            let Phases {
                connect,
                first_byte,
                rest,
                resolve,
                tls,
            } = phases(reply);
            assert_eq!((resolve, tls), (None, None));
            assert!(connect.unwrap() + first_byte.unwrap() + rest.unwrap() <= *took);
        }
    }
}

#[test]
fn over_tls_the_handshake_is_a_part_of_its_own() {
    let authority = Authority::named("a root");
    let config = authority.certify("www.a.example", 40);
    let at = serve(LOCALHOST, move |stream| {
        let mut stream = shake(&config, stream, ms(30)).unwrap();
        answer(&mut stream, (ms(50), ms(70)));
    });
    let service = Service::http(&format!("https://www.a.example:{}/", at.port()));
    let service = service.unwrap().at(at.ip());
    let handshake: Part = ("tls", |_, phases| phases.tls, ms(30));
    let parts = [CONNECT, handshake, first_byte(ms(50)), rest(ms(70))];
    let replies = authority.setup().check(&service, &parts);
    for (took, reply) in &replies {
        assert!(*took >= ms(150), "{took:?}");
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Http(200)));
        let certificate = reply.detail.as_ref().unwrap().certificate.as_ref().unwrap();
        assert_eq!(certificate.untrusted, None);
    }
}

#[test]
fn a_name_is_asked_for_in_every_exchange_and_timed_apart() {
    let (names, asked) = over_udp(LOCALHOST, |question| {
        std::thread::sleep(ms(30));
        at_localhost(question)
    });
    let (at, heads) = saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let setup = Setup {
        server: Server::At(names),
        ..Setup::plain()
    };
    let url = format!("http://www.a.example:{}/", at.port());
    let resolve: Part = ("resolve", |_, phases| phases.resolve, ms(30));
    let replies = setup.check(&Service::http(&url).unwrap(), &[resolve, whole(ms(30))]);
    // Nobody is asked twice, and nothing is remembered.
    assert_eq!(
        *asked.lock().unwrap(),
        vec!["www.a.example. A"; replies.len()]
    );
    assert!(heads.lock().unwrap()[0].contains(&format!("host: www.a.example:{}\r\n", at.port())));
}

#[test]
fn a_name_that_does_not_exist_is_told_by_the_name_server() {
    for (said, expected) in [(ResponseCode::NXDomain, 3), (ResponseCode::ServFail, 2)] {
        let (names, _) = over_udp(LOCALHOST, move |question| {
            vec![code(question, said).to_vec().unwrap()]
        });
        let setup = Setup {
            server: Server::At(names),
            ..Setup::plain()
        };
        let (_, reply) = setup.answered(Service::http("http://www.a.example/").unwrap());
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(expected)));
        assert_eq!(reply.responder, LOCALHOST);
    }
}

#[test]
fn the_request_is_a_plain_get_and_redirects_are_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    let (at, heads) = saying(moved);
    let (_, reply) = Setup::plain().answered(get(at));
    assert_eq!(reply.answer, Answer::Arrived(Arrival::Http(302)));
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 1);
    assert!(
        heads[0].starts_with("GET /path?query HTTP/1.1\r\n"),
        "{}",
        heads[0]
    );
    assert!(
        heads[0].contains(&format!("host: {at}\r\n")),
        "{}",
        heads[0]
    );
}

#[test]
fn a_body_is_read_to_its_end_however_that_is_marked() {
    for (words, bytes) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnone.",
            5,
        ),
        (
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnon\r\n4\r\ne...\r\n0\r\n\r\n",
            7,
        ),
        (
            "HTTP/1.1 404 Not Found\r\n\r\nto the end of the connection",
            28,
        ),
        ("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n", 0),
    ] {
        let (at, _) = saying(words);
        let (_, reply) = Setup::plain().answered(get(at));
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Http(404)), "{words}");
        assert_eq!(content(&reply), Content { bytes, cut: false }, "{words}");
    }
}

#[test]
fn a_long_body_is_read_as_far_as_was_said() {
    let length = 3 * BODY;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    let body = vec![b'x'; usize::try_from(length).unwrap()];
    let (at, _) = saying([head.into_bytes(), body].concat());
    // A piece is taken whole; hyper reads pieces of less than half a megabyte.
    for (limit, most) in [(BODY, BODY + BODY / 2), (1000, BODY / 2), (0, BODY / 2)] {
        let (_, reply) = Setup::plain().answered(get(at).reading(limit));
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Http(200)));
        let Content { bytes, cut } = content(&reply);
        assert!(cut && bytes > limit && bytes <= most, "{bytes} of {limit}");
    }
    for limit in [length, length + 1] {
        let (_, reply) = Setup::plain().answered(get(at).reading(limit));
        assert_eq!(
            content(&reply),
            Content {
                bytes: length,
                cut: false
            }
        );
    }
}

#[test]
fn an_answer_that_stops_short_is_no_answer_of_its_status() {
    for words in [
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nnot fifty",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ] {
        let (at, _) = saying(words);
        let (_, reply) = Setup::plain().answered(get(at));
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Closed), "{words}");
        assert!(phases(&reply).first_byte.is_some(), "{words}");
    }
}
