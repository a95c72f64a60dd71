//! What fping calls ICMP errors.

use std::net::IpAddr;

use crate::probe::Answer;

/// The name of an error.
pub(super) fn name(answer: Answer, responder: IpAddr) -> &'static str {
    match (answer, responder) {
        (Answer::Passed, _) => "ICMP Time Exceeded",
        (Answer::Arrived(_), _) => "ICMP Echo Reply",
        (Answer::Unreachable { kind, code } | Answer::Barred { kind, code }, from) => match from {
            IpAddr::V4(_) => v4(kind, code),
            IpAddr::V6(_) => v6(kind, code),
        },
    }
}

/// RFC 792, RFC 1122, RFC 1812.
fn v4(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (3, 0) => "ICMP Network Unreachable",
        (3, 1) => "ICMP Host Unreachable",
        (3, 2) => "ICMP Protocol Unreachable",
        (3, 3) => "ICMP Port Unreachable",
        (3, 4) => "ICMP Unreachable (Fragmentation Needed)",
        (3, 5) => "ICMP Unreachable (Source Route Failed)",
        (3, 6) => "ICMP Unreachable (Destination Network Unknown)",
        (3, 7) => "ICMP Unreachable (Destination Host Unknown)",
        (3, 8) => "ICMP Unreachable (Source Host Isolated)",
        (3, 9) => "ICMP Unreachable (Communication with Network Prohibited)",
        (3, 10) => "ICMP Unreachable (Communication with Host Prohibited)",
        (3, 11) => "ICMP Unreachable (Network Unreachable For Type Of Service)",
        (3, 12) => "ICMP Unreachable (Host Unreachable For Type Of Service)",
        (3, 13) => "ICMP Unreachable (Communication Administratively Prohibited)",
        (3, 14) => "ICMP Unreachable (Host Precedence Violation)",
        (3, 15) => "ICMP Unreachable (Precedence cutoff in effect)",
        (3, _) => "ICMP Unreachable (Invalid Code)",
        (4, _) => "ICMP Source Quench",
        (5, _) => "ICMP Redirect",
        (12, _) => "ICMP Parameter Problem",
        _ => "ICMP Error",
    }
}

/// RFC 4443, in the same words where both have the same thing.
fn v6(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (1, 0) => "ICMP Network Unreachable",
        (1, 1 | 5 | 6) => "ICMP Unreachable (Communication Administratively Prohibited)",
        (1, 2) => "ICMP Unreachable (Beyond Scope Of Source Address)",
        (1, 3) => "ICMP Host Unreachable",
        (1, 4) => "ICMP Port Unreachable",
        (1, _) => "ICMP Unreachable (Invalid Code)",
        (2, _) => "ICMP Packet Too Big",
        (4, _) => "ICMP Parameter Problem",
        _ => "ICMP Error",
    }
}
