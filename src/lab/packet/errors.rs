//! The ICMP errors that routers and firewalls answer with (RFC 792, RFC 4443).

use std::net::IpAddr;

use super::{ICMP, ICMPV6, checksum, head, packet};
use crate::packet::mpls::Label;

/// Why a packet goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lab) enum Reason {
    TimeExceeded,
    /// It is longer than the next link takes: bytes.
    TooBig(u32),
    NoRoute,
    NoHost,
    NoPort,
    NetProhibited,
    HostProhibited,
    Prohibited,
}

impl Reason {
    /// Type, code and the four bytes behind the checksum, for IPv4 (RFC 792, 1191, 1812) and IPv6
    /// (RFC 4443, which knows one kind of prohibition).
    fn numbers(self, ipv6: bool) -> (u8, u8, u32) {
        match (self, ipv6) {
            (Reason::TimeExceeded, false) => (11, 0, 0),
            (Reason::TooBig(mtu), false) => (3, 4, mtu),
            (Reason::NoRoute, false) => (3, 0, 0),
            (Reason::NoHost, false) => (3, 1, 0),
            (Reason::NoPort, false) => (3, 3, 0),
            (Reason::NetProhibited, false) => (3, 9, 0),
            (Reason::HostProhibited, false) => (3, 10, 0),
            (Reason::Prohibited, false) => (3, 13, 0),
            (Reason::TimeExceeded, true) => (3, 0, 0),
            (Reason::TooBig(mtu), true) => (2, 0, mtu),
            (Reason::NoRoute, true) => (1, 0, 0),
            (Reason::NoHost, true) => (1, 3, 0),
            (Reason::NoPort, true) => (1, 4, 0),
            (Reason::NetProhibited | Reason::HostProhibited | Reason::Prohibited, true) => {
                (1, 1, 0)
            }
        }
    }
}

/// How much of a packet is quoted, and what is told with it.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::lab) struct Quote<'a> {
    /// Bytes behind the IP header; `None` for as many as fit.
    pub(in crate::lab) bytes: Option<u16>,
    /// MPLS labels that the packet came with.
    pub(in crate::lab) labels: &'a [Label],
}

/// Fewest bytes of a quote that has an extension behind it (RFC 4884, 5.5).
const EXTENDED: usize = 128;

/// The answer from `from` to a packet that goes no further. `None` where none may be given: to an
/// ICMP error, or to a fragment that is not the first (RFC 1122, 3.2.2), or in the other family.
pub(in crate::lab) fn error(
    about: &[u8],
    from: IpAddr,
    reason: Reason,
    quote: &Quote<'_>,
) -> Option<Vec<u8>> {
    let head = head(about)?;
    let ipv6 = head.to.is_ipv6();
    if head.is_error(about) || head.continued || from.is_ipv6() != ipv6 {
        return None;
    }
    let extension = extension(quote.labels);
    // The whole answer fits 576 bytes (RFC 1812, 4.3.2.3), or 1280 (RFC 4443, 2.4c).
    let room = if ipv6 { 1280 - 48 } else { 576 - 28 } - extension.len();
    let header = if ipv6 { 40 } else { 20 };
    let asked = quote
        .bytes
        .map_or(room, |bytes| header + usize::from(bytes));
    let mut quoted = about.get(..asked.min(room)).unwrap_or(about).to_vec();
    let (kind, code, mut rest) = reason.numbers(ipv6);
    if !extension.is_empty() {
        // Its length is counted in words of 32 or 64 bits, in another byte of the two (RFC 4884, 4).
        let (unit, shift) = if ipv6 { (8, 24) } else { (4, 16) };
        quoted.resize(quoted.len().max(EXTENDED).next_multiple_of(unit), 0);
        quoted.truncate(room / unit * unit);
        rest |= ((quoted.len() / unit) as u32) << shift;
    }
    let head_of_icmp = [&[kind, code, 0, 0][..], &rest.to_be_bytes()].concat();
    let body = [head_of_icmp, quoted, extension].concat();
    let protocol = if ipv6 { ICMPV6 } else { ICMP };
    packet(from, head.from, protocol, &body)
}

/// The extension that tells a label stack (RFC 4884, 7; RFC 4950, 2); nothing for no label.
fn extension(labels: &[Label]) -> Vec<u8> {
    if labels.is_empty() {
        return Vec::new();
    }
    let length = 4 + 4 * labels.len() as u16;
    let mut made = vec![0x20, 0, 0, 0];
    made.extend(length.to_be_bytes());
    made.extend([1, 1]);
    for label in labels {
        let entry = label.label << 12
            | u32::from(label.class & 7) << 9
            | u32::from(label.bottom) << 8
            | u32::from(label.ttl);
        made.extend(entry.to_be_bytes());
    }
    let sum = checksum::of(&made);
    made[2..4].copy_from_slice(&sum.to_be_bytes());
    made
}

#[cfg(test)]
mod tests {
    use super::super::samples::{addresses, is_sound, udp};
    use super::*;

    fn label(label: u32, bottom: bool) -> Label {
        Label {
            label,
            class: 5,
            bottom,
            ttl: 1,
        }
    }

    #[test]
    fn an_error_goes_back_and_quotes_as_asked() {
        for (ipv6, header) in [(false, 20), (true, 40)] {
            let [from, to] = addresses(ipv6);
            let sent = udp([from, to], (4000, 53), &[7; 100]);
            for (bytes, quoted) in [
                (Some(8), header + 8),
                (Some(28), header + 28),
                (None, header + 108),
            ] {
                let quote = Quote { bytes, labels: &[] };
                let answer = error(&sent, to, Reason::NoPort, &quote).unwrap();
                let head = head(&answer).unwrap();
                assert!(is_sound(&answer) && head.is_error(&answer));
                assert_eq!((head.from, head.to), (to, from));
                assert_eq!(answer[head.body + 8..], sent[..quoted]);
            }
        }
    }

    #[test]
    fn an_error_is_no_longer_than_its_family_allows() {
        for (ipv6, most) in [(false, 576), (true, 1280)] {
            let sent = udp(addresses(ipv6), (1, 2), &[0; 1400]);
            let [ours, _] = addresses(ipv6);
            let answer = error(&sent, ours, Reason::TimeExceeded, &Quote::default());
            assert_eq!(answer.unwrap().len(), most);
            let labels = [label(1, true)];
            let quote = Quote {
                bytes: None,
                labels: &labels,
            };
            let answer = error(&sent, ours, Reason::TimeExceeded, &quote).unwrap();
            assert!(answer.len() <= most && answer.len() > most - 8);
        }
    }

    #[test]
    fn labels_stand_behind_a_padded_quote() {
        let labels = [label(24001, false), label(17, true)];
        let quote = Quote {
            bytes: Some(8),
            labels: &labels,
        };
        for (ipv6, length_at, unit) in [(false, 5, 4), (true, 4, 8)] {
            let sent = udp(addresses(ipv6), (1, 2), b"x");
            let [ours, _] = addresses(ipv6);
            let answer = error(&sent, ours, Reason::TimeExceeded, &quote).unwrap();
            let icmp = &answer[head(&answer).unwrap().body..];
            assert_eq!(usize::from(icmp[length_at]) * unit, 128);
            let object = &icmp[8 + 128 + 4..];
            assert_eq!(object[..4], [0, 12, 1, 1]);
            // 24001 = 0x05dc1, class 5, not the last, TTL 1: 05dc1 | 101 0 | 01.
            assert_eq!(object[4..8], [0x05, 0xdc, 0x1a, 0x01]);
            assert_eq!(object[8..12], [0x00, 0x01, 0x1b, 0x01]);
            assert_eq!(checksum::of(&icmp[8 + 128..]), 0);
        }
    }

    #[test]
    fn no_error_answers_an_error() {
        let [from, to] = addresses(false);
        let sent = udp([from, to], (1, 2), b"");
        let answer = error(&sent, to, Reason::TimeExceeded, &Quote::default()).unwrap();
        assert_eq!(
            error(&answer, from, Reason::NoHost, &Quote::default()),
            None
        );
    }

    #[test]
    fn the_length_that_fits_is_told_in_its_field() {
        for (ipv6, expected) in [(false, [3, 4]), (true, [2, 0])] {
            let [from, to] = addresses(ipv6);
            let sent = udp([from, to], (1, 2), b"");
            let answer = error(&sent, to, Reason::TooBig(1400), &Quote::default()).unwrap();
            let icmp = &answer[head(&answer).unwrap().body..];
            assert_eq!(icmp[..2], expected);
            assert_eq!(icmp[4..8], 1400u32.to_be_bytes());
        }
    }
}
