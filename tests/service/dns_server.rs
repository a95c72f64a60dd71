//! A name server that says whatever a test wants it to.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, PTR};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::serve;

/// What a question is answered with: messages, as they stand, in this order.
pub(crate) type Answers = Vec<Vec<u8>>;

/// Every question that was asked, as "name type".
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// A server over UDP on `address` and what it has been asked.
pub(crate) fn over_udp(
    address: IpAddr,
    answer: impl Fn(&Message) -> Answers + Send + 'static,
) -> (SocketAddr, Asked) {
    let socket = UdpSocket::bind((address, 0)).unwrap();
    let at = socket.local_addr().unwrap();
    let asked = Asked::default();
    let told = asked.clone();
    std::thread::spawn(move || {
        let mut room = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut room) {
            let question = Message::from_vec(&room[..length]).unwrap();
            told.lock().unwrap().push(written(&question));
            for answer in answer(&question) {
                socket.send_to(&answer, from).unwrap();
            }
        }
    });
    (at, asked)
}

/// A server over TCP: it reads a question and leaves the rest to `answer`.
pub(crate) fn over_tcp(
    address: IpAddr,
    answer: impl Fn(&Message, &mut TcpStream) + Clone + Send + 'static,
) -> SocketAddr {
    serve(address, move |mut stream| {
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut question).unwrap();
        answer(&Message::from_vec(&question).unwrap(), &mut stream);
        crate::drain(stream);
    })
}

/// Says a message over TCP, in two writes with `between` in between.
pub(crate) fn in_two(stream: &mut TcpStream, message: &[u8], between: impl FnOnce()) {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    let whole = [&length, message].concat();
    stream.write_all(&whole[..7]).unwrap();
    between();
    stream.write_all(&whole[7..]).unwrap();
}

fn written(question: &Message) -> String {
    let query = &question.queries[0];
    format!("{} {}", query.name(), query.query_type())
}

/// An answer with a code and nothing else.
pub(crate) fn code(question: &Message, code: ResponseCode) -> Message {
    let mut answer = question.clone().into_response();
    answer.metadata.response_code = code;
    answer.metadata.recursion_available = true;
    answer
}

/// An answer with one record, good for `ttl` seconds.
fn record(question: &Message, ttl: u32, data: RData) -> Message {
    let mut answer = code(question, ResponseCode::NoError);
    let name = question.queries[0].name().clone();
    answer.add_answer(Record::from_rdata(name, ttl, data));
    answer
}

/// "It is at 127.0.0.1", to a question for an A record; to others, that there is none.
pub(crate) fn at_localhost(question: &Message) -> Answers {
    let answer = match question.queries[0].query_type() {
        RecordType::A => record(question, 60, RData::A(A::new(127, 0, 0, 1))),
        _ => code(question, ResponseCode::NoError),
    };
    vec![answer.to_vec().unwrap()]
}

/// "Its name is made of these `labels`", good for `ttl` seconds.
pub(crate) fn named(question: &Message, labels: &[&[u8]], ttl: u32) -> Answers {
    let name = Name::from_labels(labels.iter().copied()).unwrap();
    let answer = record(question, ttl, RData::PTR(PTR(name)));
    vec![answer.to_vec().unwrap()]
}
