//! The ICMP errors of the lab's routers and firewalls: which number says what in either family.

use std::net::IpAddr;

use crate::packet::Family;
use crate::packet::answer::{self, Fault};
use crate::packet::extension::{Extensions, Object};
use crate::packet::interface::{self, Interface};
use crate::packet::mpls::{self, Label};

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
    /// With its code for IPv4 (RFC 792, RFC 1812 5.2.7.1) or IPv6 (RFC 4443 3.1, which knows one kind
    /// of prohibition).
    fn fault(self, family: Family) -> Fault {
        let (v4, v6) = match self {
            Reason::TimeExceeded => return Fault::HopsExceeded,
            Reason::TooBig(mtu) => return Fault::TooBig(mtu),
            Reason::NoRoute => (0, 0),
            Reason::NoHost => (1, 3),
            Reason::NoPort => (3, 4),
            Reason::NetProhibited => (9, 1),
            Reason::HostProhibited => (10, 1),
            Reason::Prohibited => (13, 1),
        };
        Fault::Unreachable(match family {
            Family::V4 => v4,
            Family::V6 => v6,
        })
    }
}

/// How much of a packet is quoted, and what is told with it.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::lab) struct Quote<'a> {
    /// Bytes behind the IP header; `None` for as many as fit.
    pub(in crate::lab) bytes: Option<u16>,
    /// MPLS labels that the packet came with.
    pub(in crate::lab) labels: &'a [Label],
    /// Interfaces of the router that are told.
    pub(in crate::lab) interfaces: &'a [Interface],
}

/// The answer from `from` to a packet that goes no further. `None` where none may be given: see
/// [`answer::error`].
pub(in crate::lab) fn error(
    about: &[u8],
    from: IpAddr,
    reason: Reason,
    quote: &Quote<'_>,
) -> Option<Vec<u8>> {
    let stack = (!quote.labels.is_empty()).then(|| mpls::emit(quote.labels));
    let stack = stack.iter().map(|stack| Object {
        class: mpls::CLASS,
        kind: mpls::INCOMING,
        payload: stack,
    });
    let told: Vec<_> = quote.interfaces.iter().map(Interface::emit).collect();
    let told = told.iter().map(|(kind, payload)| Object {
        class: interface::CLASS,
        kind: *kind,
        payload,
    });
    let extensions = Extensions {
        announced: true,
        objects: stack.chain(told).collect(),
    };
    let extensions = (!extensions.objects.is_empty()).then_some(&extensions);
    let bytes = quote.bytes.map_or(usize::MAX, usize::from);
    answer::error(
        about,
        from,
        reason.fault(Family::of(from)),
        bytes,
        extensions,
    )
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::super::samples::{addresses, is_sound, udp};
    use super::*;
    use crate::packet::icmp::Icmp;

    #[test]
    fn each_reason_has_its_type_and_code() {
        for (reason, v4, v6) in [
            (Reason::TimeExceeded, (11, 0), (3, 0)),
            (Reason::TooBig(1400), (3, 4), (2, 0)),
            (Reason::NoRoute, (3, 0), (1, 0)),
            (Reason::NoHost, (3, 1), (1, 3)),
            (Reason::NoPort, (3, 3), (1, 4)),
            (Reason::NetProhibited, (3, 9), (1, 1)),
            (Reason::HostProhibited, (3, 10), (1, 1)),
            (Reason::Prohibited, (3, 13), (1, 1)),
        ] {
            for (ipv6, expected) in [(false, v4), (true, v6)] {
                let [from, to] = addresses(ipv6);
                let sent = udp([from, to], (1, 2), b"");
                let answer = error(&sent, to, reason, &Quote::default()).unwrap();
                let head = head(&answer).unwrap();
                assert!(is_sound(&answer) && head.is_error(&answer));
                assert_eq!((head.from, head.to), (to, from));
                let icmp = Icmp::parse(Family::of(to), &answer[head.body..]).unwrap();
                assert_eq!((icmp.kind, icmp.code), expected);
                assert_eq!(icmp.mtu(), (reason == Reason::TooBig(1400)).then_some(1400));
            }
        }
    }

    #[test]
    fn a_packet_is_quoted_as_asked() {
        for (ipv6, header) in [(false, 20), (true, 40)] {
            let [from, to] = addresses(ipv6);
            let sent = udp([from, to], (4000, 53), &[7; 100]);
            for (bytes, quoted) in [
                (Some(8), header + 8),
                (Some(28), header + 28),
                (None, header + 108),
            ] {
                let quote = Quote {
                    bytes,
                    ..Quote::default()
                };
                let answer = error(&sent, to, Reason::NoPort, &quote).unwrap();
                assert_eq!(answer[head(&answer).unwrap().body + 8..], sent[..quoted]);
            }
        }
    }

    #[test]
    fn labels_stand_behind_a_padded_quote() {
        let label = |label, bottom| Label {
            label,
            class: 5,
            bottom,
            ttl: 1,
        };
        let labels = [label(24001, false), label(17, true)];
        let quote = Quote {
            bytes: Some(8),
            labels: &labels,
            ..Quote::default()
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
        }
    }
}
