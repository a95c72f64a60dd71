//! One DNS question, in one datagram or over a connection of its own; never asked again.
//!
//! A resolver's library asks several times, several servers, and remembers: what it takes is no round
//! trip and what it misses no loss. Only the head of the answer is read (RFC 1035, 4.1.1), which any
//! answer has that begins at all; what it says is the business of whoever asked.

use std::io;

use hickory_resolver::proto::op::{Message, Query};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::ask::Question;
use super::end::{End, Said};
use super::kernel;
use super::line::Line;
use crate::probe::clock::Clock;
use crate::probe::{Answer, Arrival, Content, Detail};

/// Bytes of the head of a message.
const HEAD: usize = 12;

/// The longest message: two bytes say how long it is over TCP (RFC 1035, 4.2.2).
const LONGEST: usize = 65_535;

/// A question in the form in which it is sent, with an identifier that nobody can guess.
pub(super) fn message(question: &Question) -> io::Result<Vec<u8>> {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(question.name.clone(), question.kind));
    message.to_vec().map_err(io::Error::other)
}

/// What the head of an answer says.
struct Head {
    /// The response code.
    code: u8,
    /// Whether the answer was cut to fit.
    cut: bool,
}

/// Reads the head of `answer`; `None` when it does not answer `question`. A server may leave out
/// the question, as many do that refuse; a different question is another's.
fn head(answer: &[u8], question: &[u8]) -> Option<Head> {
    let (start, rest) = answer.split_at_checked(HEAD)?;
    let (asked, wanted) = question.split_at_checked(HEAD)?;
    let &[id_high, id_low, flags, more_flags, many_high, many_low, ..] = start else {
        return None;
    };
    let same_id = asked.get(..2)? == [id_high, id_low];
    let is_answer = flags & 0x80 != 0;
    let same_question = rest
        .get(..wanted.len())
        .is_some_and(|repeated| repeated.eq_ignore_ascii_case(wanted));
    let no_question = [many_high, many_low] == [0, 0];
    (same_id && is_answer && (same_question || no_question)).then_some(Head {
        code: more_flags & 0x0f,
        cut: flags & 0x02 != 0,
    })
}

fn content(bytes: usize, cut: bool) -> Option<Content> {
    let bytes = bytes as u64;
    Some(Content { bytes, cut })
}

/// Waits for the answer to `question`, which has been sent from `socket`. The second figure counts
/// datagrams from the server that were none.
pub(super) async fn over_udp(
    socket: UdpSocket,
    question: &[u8],
    clock: &mut Clock,
    (detail, stray): (&mut Detail, &mut u64),
) -> Result<Said, End> {
    let peer = socket.peer_addr().map_err(|_| End::OurFault)?;
    let mut room = vec![0; LONGEST];
    loop {
        let heard = socket.async_io(Interest::READABLE | Interest::ERROR, || {
            kernel::read(&socket, &mut room)
        });
        let (length, stamp) = match heard.await {
            Ok(heard) => heard,
            Err(error) => {
                let closed = Answer::Arrived(Arrival::PortClosed);
                let (answer, responder, stamp) = match kernel::icmp(&socket) {
                    Some(heard) => heard,
                    None if error.kind() == io::ErrorKind::ConnectionRefused => {
                        (closed, peer.ip(), None)
                    }
                    None => continue,
                };
                let said = Said::now(answer, responder, stamp, clock);
                return Err(End::Said(said));
            }
        };
        match head(room.get(..length).unwrap_or_default(), question) {
            Some(head) => {
                detail.content = content(length, head.cut);
                let answer = Answer::Arrived(Arrival::Dns(head.code));
                return Ok(Said::now(answer, peer.ip(), stamp, clock));
            }
            None => *stray += 1,
        }
    }
}

/// Asks `question` over `line`.
pub(super) async fn over_tcp(
    line: &mut Line,
    question: &[u8],
    detail: &mut Detail,
) -> Result<Said, End> {
    let length = u16::try_from(question.len()).map_err(|_| End::OurFault)?;
    // In one segment, as RFC 7766, 8 asks.
    let framed = [&length.to_be_bytes(), question].concat();
    let asked = line.now();
    line.say(&framed).await?;
    let mut length = [0; 2];
    line.fill(&mut length).await?;
    let first = line.heard();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    line.fill(&mut answer).await?;
    let phases = detail.phases.get_or_insert_default();
    phases.first_byte = Some(first.since(asked));
    phases.rest = Some(line.heard().since(first));
    let head = head(&answer, question).ok_or_else(|| line.failed())?;
    detail.content = content(answer.len(), head.cut);
    Ok(line.done(Arrival::Dns(head.code)))
}

/// Whether `bytes` answer the question for the address of "a.example" with identifier 0x1234 (see
/// [`crate::fuzzed`]).
#[cfg(any(test, fuzzing))]
pub(in crate::probe) fn is_answer(bytes: &[u8]) -> bool {
    let question =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x07example\x00\x00\x01\x00\x01";
    assert!(
        head(question, bytes).is_none(),
        "a question answers nothing"
    );
    head(bytes, question).is_some_and(|head| head.code < 16)
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::{MessageType, ResponseCode};
    use hickory_resolver::proto::rr::{Name, RecordType};
    use proptest::prelude::*;

    use super::*;

    fn question() -> Vec<u8> {
        let question = Question {
            name: Name::from_ascii("a.Example.").unwrap(),
            kind: RecordType::A,
            tcp: false,
        };
        message(&question).unwrap()
    }

    #[test]
    fn a_question_is_one_that_servers_read() {
        let bytes = question();
        let read = Message::from_vec(&bytes).unwrap();
        assert_eq!(read.metadata.message_type, MessageType::Query);
        assert!(read.metadata.recursion_desired);
        assert_eq!(read.queries.len(), 1);
        assert_eq!(read.queries[0].name().to_string(), "a.Example.");
        // Head, one label of 1, one of 7, the root, type and class: RFC 1035, 4.1.
        assert_eq!(bytes.len(), 12 + 2 + 8 + 1 + 4);
    }

    proptest! {
        #[test]
        fn an_answer_is_known_by_identifier_direction_and_question(
            code in 0u8..16, cut: bool, flip in 0usize..27, bit in 0u8..8, tail: Vec<u8>,
        ) {
            let asked = question();
            let mut answer = Message::from_vec(&asked).unwrap().into_response();
            answer.metadata.response_code = ResponseCode::from_low(code);
            answer.metadata.truncation = cut;
            let mut bytes = answer.to_vec().unwrap();
            // The server may write the name in its own way (RFC 1035, 2.3.3).
            bytes[14..22].make_ascii_lowercase();
            bytes.extend(tail);
            let read = head(&bytes, &asked).unwrap();
            prop_assert_eq!((read.code, read.cut), (code, cut));
            bytes[flip] ^= 1 << bit;
            let matters = flip < 2 || (flip, bit) == (2, 7) || flip >= 12;
            // Case of a letter is bit 5; and a count that the flip makes 0 cannot come of 1.
            let case = flip >= 12 && bit == 5 && bytes[flip].is_ascii_alphabetic();
            let counts = (4..6).contains(&flip);
            if matters && !case {
                prop_assert!(head(&bytes, &asked).is_none());
            } else if !counts {
                prop_assert!(head(&bytes, &asked).is_some());
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let asked = question();
            prop_assert!(head(&bytes, &asked).is_none() || bytes[..2] == asked[..2]);
            prop_assert!(head(&asked, &bytes).is_none());
        }
    }
}
