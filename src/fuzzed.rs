//! Everything that reads bytes from outside, one function for each kind of bytes: what the fuzzer in
//! `tests/fuzz`, its seeds and the property tests here all call, so that none of them can be right about
//! something else. Not part of the library: it is there for tests and under the fuzzer.
//!
//! A [`Reader`] says whether bytes are what they pass for, and panics where what it read contradicts
//! itself; that is the finding.

use std::path::Path;

use crate::document;
use crate::error::{Error, Sources, row};
use crate::packet::extension::{Extensions, QUOTED};
use crate::packet::icmp::{Body, Icmp};
use crate::packet::ip::{Ip, set_hops};
use crate::packet::quote::{Carried, Quote};
use crate::packet::{Family, icmp};
use crate::probe::fuzzed as probe;
use crate::{lab, topology};

/// A name, which is that of the folder of its seeds, and what reads.
pub type Reader = (&'static str, fn(&[u8]) -> bool);

/// All of them.
pub const READERS: [Reader; 14] = [
    ("ip", ip),
    ("icmp-v4", |bytes| message(Family::V4, bytes)),
    ("icmp-v6", |bytes| message(Family::V6, bytes)),
    ("extensions", extensions),
    ("echo-v4", probe::echo_v4),
    ("echo-v6", probe::echo_v6),
    ("echo-datagram", probe::echo_datagram),
    ("error-queue", probe::error_queue),
    ("quotes-v4", probe::quotes_v4),
    ("quotes-v6", probe::quotes_v6),
    ("syn", probe::syn),
    ("dns", probe::dns),
    ("world", world),
    ("topology", plan),
];

/// Reads `bytes` by the reader of that name; no name, no reading.
pub fn read(name: &str, bytes: &[u8]) -> bool {
    let mut readers = READERS.iter();
    let reader = readers.find(|(own, _)| *own == name);
    reader.is_some_and(|(_, read)| read(bytes))
}

/// The bytes that a seed writes: pairs of hexadecimal digits, with blanks and lines as one likes; `#`
/// begins a remark, and `xx*n` is n times the same byte. `None` when it is anything else.
pub fn seed(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let written = text.lines().filter_map(|line| line.split('#').next());
    for word in written.flat_map(str::split_whitespace) {
        let (digits, times) = match word.split_once('*') {
            Some((byte, times)) => (byte, times.parse().ok().filter(|_| byte.len() == 2)?),
            None => (word, 1),
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) || digits.len() % 2 != 0 {
            return None;
        }
        let pairs = (0..digits.len()).step_by(2);
        let pair = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        bytes.extend(pairs.map(pair).collect::<Option<Vec<u8>>>()?.repeat(times));
    }
    Some(bytes)
}

/// A whole IP packet: what is emitted of it is read as it was, and a hop less changes nothing else.
fn ip(bytes: &[u8]) -> bool {
    let mut hopped = bytes.to_vec();
    set_hops(&mut hopped, 1);
    let Some(packet) = Ip::parse(bytes) else {
        return false;
    };
    let again = packet.emit();
    assert_eq!(Ip::parse(&again), Some(packet));
    assert_eq!(
        Ip::parse(&hopped).map(|ip| (ip.hops(), ip.destination())),
        Some((1, packet.destination()))
    );
    packet
        .upper()
        .is_some_and(|upper| upper.bytes.len() <= bytes.len())
}

/// An ICMP message with what it quotes and tells beside. Valid is what can be understood: an echo, or
/// an error whose quote tells ports or an echo's numbers.
fn message(family: Family, bytes: &[u8]) -> bool {
    let Some(message) = Icmp::parse(family, bytes) else {
        return false;
    };
    let (from, to) = match family {
        Family::V4 => ([192, 0, 2, 1].into(), [198, 51, 100, 2].into()),
        Family::V6 => ([0x20; 16].into(), [0x30; 16].into()),
    };
    let again = message.emit(from, to);
    let read = Icmp::parse(family, &again).expect("what is emitted can be read");
    assert_eq!(unpadded(read), unpadded(message.clone()));
    match &message.body {
        Body::Echo { payload, .. } => payload.len() + icmp::HEADER == bytes.len(),
        Body::Error {
            quote, extensions, ..
        } => {
            assert!(icmp::HEADER + quote.len() <= bytes.len());
            if let Some(extensions) = extensions {
                objects(extensions);
            }
            quoted(Quote::parse(family, quote), quote.len())
        }
        Body::Other(_) => false,
    }
}

/// The message without zeros at the end of its quote, where extensions follow. A quote that is shorter
/// than any should be is padded before them, and its padding cannot be told from it.
fn unpadded(mut message: Icmp<'_>) -> Icmp<'_> {
    if let Body::Error {
        quote,
        extensions: Some(_),
        ..
    } = &mut message.body
    {
        let end = quote.iter().rposition(|byte| *byte != 0);
        *quote = quote
            .get(..end.map_or(0, |end| end + 1))
            .unwrap_or_default();
    }
    message
}

/// Nothing is claimed that `length` bytes do not hold; whether it tells what it carried.
fn quoted(quote: Quote<'_>, length: usize) -> bool {
    let held = |needed: usize, field: bool| assert!(!field || length >= needed);
    held(2, quote.tos.is_some());
    held(20, quote.destination.is_some());
    match quote.carried {
        Some(Carried::Udp {
            source,
            checksum,
            payload,
            ..
        }) => {
            held(22, source.is_some());
            held(28 + payload.len(), checksum.is_some());
            source.is_some()
        }
        Some(Carried::Tcp {
            source,
            sequence,
            checksum,
            ..
        }) => {
            held(28, sequence.is_some());
            held(38, checksum.is_some());
            source.is_some()
        }
        Some(Carried::Icmp {
            identifier,
            payload,
            ..
        }) => {
            held(28 + payload.len(), !payload.is_empty());
            identifier.is_some()
        }
        Some(Carried::Other { bytes, .. }) => {
            held(20 + bytes.len(), true);
            false
        }
        None => false,
    }
}

/// What stands behind a quote, announced and not.
fn extensions(bytes: &[u8]) -> bool {
    let not = Extensions::parse(bytes, false);
    let Some(announced) = Extensions::parse(bytes, true) else {
        assert_eq!(not, None, "what is announced is taken more easily");
        return false;
    };
    objects(&announced);
    let again = announced.emit();
    assert_eq!(
        Extensions::parse(&again, true).map(|own| own.objects),
        Some(announced.objects)
    );
    // Behind a quote without a length they are found in their usual place.
    let message = [&[11, 0, 0, 0, 0, 0, 0, 0][..], &[0x45; QUOTED], &again].concat();
    let read = Icmp::parse(Family::V4, &message).map(|message| message.body);
    assert!(matches!(
        read,
        Some(Body::Error {
            extensions: Some(_),
            ..
        })
    ));
    true
}

fn objects(extensions: &Extensions<'_>) {
    for label in extensions.labels() {
        assert!(label.label < 1 << 20 && label.class < 8);
    }
    for interface in extensions.interfaces() {
        assert!(interface.name.is_none_or(|name| name.len() < 64));
    }
}

/// Every problem of a text that is refused has its line.
fn refused(error: Error) -> bool {
    let Error::Problems { sources, problems } = error else {
        panic!("a text is refused by its problems: {error}");
    };
    assert!(!problems.is_empty());
    for problem in &problems {
        assert_ne!(
            problem.code, "shape",
            "schema and types disagree: {problem:?}"
        );
        assert!(row(&sources, problem).line.is_some(), "{problem:?}");
    }
    false
}

/// A world file.
fn world(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let read = lab::world::World::parse(Path::new("any.toml"), text);
    read.map_or_else(refused, |world| {
        assert!(world.nodes.len() >= 2 && !world.routes.is_empty());
        true
    })
}

/// A topology file.
fn plan(bytes: &[u8]) -> bool {
    let mut sources = Sources::default();
    let file = sources.add(
        "any.toml".into(),
        String::from_utf8_lossy(bytes).into_owned(),
    );
    let (tree, problems) = document::parse(file, sources.text(file));
    let read = topology::load::build(tree, sources, problems);
    read.map_or_else(refused, |_| true)
}

#[cfg(test)]
mod tests;
