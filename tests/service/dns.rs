//! DNS questions.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hopcast::probe::service::Service;
use hopcast::probe::{Answer, Arrival, Content, Stamp};

use crate::dns_server::{at_localhost, code, in_two, over_tcp, over_udp};
use crate::{CONNECT, LOCALHOST, Part, Setup, ms, phases, whole};

fn ask(at: SocketAddr, tcp: bool) -> Service {
    Service::dns(at, "www.a.example", "A", tcp).unwrap()
}

#[test]
fn an_answer_is_timed_from_question_to_receipt() {
    for address in [LOCALHOST, "::1".parse().unwrap()] {
        let (at, asked) = over_udp(address, |question| {
            std::thread::sleep(ms(30));
            at_localhost(question)
        });
        let replies = Setup::plain().check(&ask(at, false), &[whole(ms(30))]);
        for (_, reply) in &replies {
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(0)));
            assert_eq!((reply.responder, reply.stamp), (address, Stamp::Kernel));
            // Head 12, question 1+3+1+1+1+7+1+4, record 2 (a pointer) + 10 + 4: RFC 1035, 4.1.
            let (bytes, cut) = (12 + 19 + 16, false);
            let content = reply.detail.as_ref().unwrap().content;
            assert_eq!(content, Some(Content { bytes, cut }));
        }
        // One question, one datagram.
        assert_eq!(
            *asked.lock().unwrap(),
            vec!["www.a.example. A"; replies.len()]
        );
    }
}

#[test]
fn an_answer_read_late_is_timed_by_its_receipt() {
    let (at, _) = over_udp(LOCALHOST, at_localhost);
    let late = Setup {
        busy: ms(60),
        ..Setup::plain()
    };
    late.check(&ask(at, false), &[whole(Duration::ZERO)]);
}

#[test]
fn no_such_name_and_refusal_are_answers() {
    for (said, expected) in [
        (ResponseCode::NXDomain, 3),
        (ResponseCode::ServFail, 2),
        (ResponseCode::Refused, 5),
    ] {
        let answer = move |question: &Message| vec![code(question, said).to_vec().unwrap()];
        let (at, _) = over_udp(LOCALHOST, answer);
        let (_, reply) = Setup::plain().answered(ask(at, false));
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(expected)));
        let tcp = over_tcp(LOCALHOST, move |question, stream| {
            in_two(stream, &code(question, said).to_vec().unwrap(), || {});
        });
        let (_, reply) = Setup::plain().answered(ask(tcp, true));
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(expected)));
    }
}

#[test]
fn a_truncated_answer_is_taken_as_it_is_and_not_asked_for_again() {
    let (at, asked) = over_udp(LOCALHOST, |question| {
        let mut answer = code(question, ResponseCode::NoError);
        answer.metadata.truncation = true;
        // Some servers cut in the middle of the question.
        let mut bytes = answer.to_vec().unwrap();
        bytes.extend([0xc0, 0x0c, 0x00]);
        vec![bytes]
    });
    let (_, reply) = Setup::plain().answered(ask(at, false));
    assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(0)));
    let content = reply.detail.unwrap().content.unwrap();
    assert!(content.cut);
    assert_eq!(content.bytes, 12 + 19 + 3);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn a_silent_server_is_asked_once_and_lost() {
    let (at, asked) = over_udp(LOCALHOST, |_| Vec::new());
    // Longer than a resolver's library waits before it asks again (333 ms).
    let (exchanged, troubles) = Setup::patient(ms(500)).exchange(ask(at, false), 1);
    assert_eq!((exchanged, troubles), (vec![None], Default::default()));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn a_closed_port_is_told_by_the_host() {
    let socket = UdpSocket::bind((LOCALHOST, 0)).unwrap();
    let at = socket.local_addr().unwrap();
    drop(socket);
    let (_, reply) = Setup::plain().answered(ask(at, false));
    assert_eq!(reply.answer, Answer::Arrived(Arrival::PortClosed));
    assert_eq!((reply.responder, reply.stamp), (LOCALHOST, Stamp::Kernel));
}

#[test]
fn what_does_not_answer_the_question_is_counted_and_waited_past() {
    let (at, _) = over_udp(LOCALHOST, |question| {
        let mut other_id = code(question, ResponseCode::NXDomain);
        other_id.metadata.id ^= 1;
        let mut other_name = code(question, ResponseCode::NXDomain);
        other_name.queries[0].set_name("b.example.".parse().unwrap());
        let itself = question.to_vec().unwrap();
        let wrong = [other_id, other_name].map(|wrong| wrong.to_vec().unwrap());
        std::thread::sleep(ms(5));
        let mut answers = vec![b"short".to_vec(), Vec::new(), itself];
        answers.extend(wrong);
        answers.extend(at_localhost(question));
        answers
    });
    let (exchanged, troubles) = Setup::plain().exchange(ask(at, false), 1);
    let (_, reply) = exchanged[0].clone().unwrap();
    assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(0)));
    assert_eq!(troubles.spoofed, 5);
}

#[test]
fn over_tcp_connection_and_answer_are_timed_apart() {
    let at = over_tcp(LOCALHOST, |question, stream| {
        std::thread::sleep(ms(30));
        in_two(stream, &at_localhost(question)[0], || {
            std::thread::sleep(ms(50))
        });
    });
    let parts: &[Part] = &[
        CONNECT,
        ("first byte", |_, phases| phases.first_byte, ms(30)),
        ("rest", |_, phases| phases.rest, ms(50)),
        whole(ms(80)),
    ];
    let replies = Setup::plain().check(&ask(at, true), parts);
    for (_, reply) in &replies {
        assert_eq!(reply.answer, Answer::Arrived(Arrival::Dns(0)));
        assert_eq!((phases(reply).resolve, phases(reply).tls), (None, None));
        assert_eq!(
            reply.detail.as_ref().unwrap().content.unwrap().bytes,
            12 + 19 + 16
        );
    }
}
