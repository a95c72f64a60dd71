//! What the probes' sockets hear, read as they read it (see [`crate::fuzzed`]): each answers whether
//! the bytes are an answer to the one probe in flight, number 7 to target 0, by what they tell.

use std::net::IpAddr;

use super::clock::Clock;
use super::errqueue::{Heard, News};
use super::flight::Flights;
use super::icmp::fuzzed as icmp;
use super::judge::judge;
use super::ledger::Ledger;
use super::listen::Packet;
use super::manner::Manner;
use super::tag::Tag;
use super::{Probe, Sequence, Target};
use crate::packet::Family;

/// The mark of the run.
pub(super) const TAG: Tag = Tag(0x0123_4567_89ab_cdef);
/// The identifier of its echoes.
pub(super) const IDENTIFIER: u16 = 0x1234;
/// Where its probes leave from.
pub(super) const SOURCE_PORT: u16 = 40_000;
/// Where they go.
pub(super) const PORT: u16 = 33_434;
/// The probe in flight.
pub(super) const ID: (Target, Sequence) = (Target(0), Sequence(7));

/// Whom the run asks.
pub(super) fn target(family: Family) -> IpAddr {
    match family {
        Family::V4 => [198, 51, 100, 2].into(),
        Family::V6 => [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2].into(),
    }
}

/// From where.
pub(super) fn source(family: Family) -> IpAddr {
    match family {
        Family::V4 => [192, 0, 2, 1].into(),
        Family::V6 => [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].into(),
    }
}

/// A router on the way.
pub(super) fn router(family: Family) -> IpAddr {
    match family {
        Family::V4 => [203, 0, 113, 3].into(),
        Family::V6 => [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3].into(),
    }
}

pub(super) fn probe() -> Probe {
    Probe::plain(ID.1, 3)
}

pub(super) fn manner() -> Manner {
    Manner::plain(TAG)
}

/// A run with its one probe in flight, told apart by so many numbers.
pub(super) fn ledger(modulus: u32) -> Ledger {
    let flights = vec![Flights::new(modulus, manner().patience)];
    let mut ledger = Ledger::new(TAG, Clock::default(), flights);
    if ledger.admit(probe()).is_ok() {
        ledger.sent(probe(), ledger.clock.now());
    }
    ledger
}

/// A name server's answer.
pub(crate) fn dns(bytes: &[u8]) -> bool {
    super::service::dns(bytes)
}

/// An IPv4 packet as a raw socket gives it.
pub(crate) fn echo_v4(bytes: &[u8]) -> bool {
    icmp::is_answer(&data(bytes, Family::V4), Family::V4, Some(IDENTIFIER))
}

/// An ICMPv6 message as a raw socket gives it.
pub(crate) fn echo_v6(bytes: &[u8]) -> bool {
    icmp::is_answer(&data(bytes, Family::V6), Family::V6, Some(IDENTIFIER))
}

/// An ICMP message of either version as a datagram socket gives it.
pub(crate) fn echo_datagram(bytes: &[u8]) -> bool {
    let [v4, v6] =
        [Family::V4, Family::V6].map(|family| icmp::is_answer(&data(bytes, family), family, None));
    v4 || v6
}

/// From the target, or the router where it is a raw socket of IPv6 that hears it.
fn data(bytes: &[u8], family: Family) -> Heard<'_> {
    Heard {
        news: News::Data,
        bytes,
        behind: &[],
        address: Some((target(family), 0).into()),
        stamp: None,
        ttl: Some(61),
        lost: 0,
        outgoing: false,
    }
}

/// An entry of the error queue: who says so (`ee_origin`), type, code, and what of our payload the
/// error quotes, which may be what stands behind it as well. The kernel has read the rest.
pub(crate) fn error_queue(bytes: &[u8]) -> bool {
    let Some(([origin, kind, code], payload)) = bytes.split_first_chunk() else {
        return false;
    };
    let Some(answer) = judge(*origin, *kind, *code) else {
        return false;
    };
    let family = match *origin == nix::libc::SO_EE_ORIGIN_ICMP {
        true => Family::V4,
        false => Family::V6,
    };
    let heard = Heard {
        news: News::Icmp(answer, router(family), 1400),
        bytes: payload,
        behind: payload,
        address: Some((target(family), PORT).into()),
        stamp: None,
        ttl: Some(61),
        lost: 0,
        outgoing: false,
    };
    icmp::is_answer(&heard, family, None) | super::udp::fuzzed::is_answer(&heard, family)
}

/// What a raw socket beside UDP probes hears: an IPv4 message behind its headers.
pub(crate) fn quotes_v4(bytes: &[u8]) -> bool {
    super::quotes::fuzzed::is_ours(Family::V4, &packet(bytes, Family::V4))
}

/// The same of IPv6.
pub(crate) fn quotes_v6(bytes: &[u8]) -> bool {
    super::quotes::fuzzed::is_ours(Family::V6, &packet(bytes, Family::V6))
}

/// What answers SYNs: a segment, or an error about one; or our own packet, looped back as it left.
pub(crate) fn syn(bytes: &[u8]) -> bool {
    super::syn::fuzzed::is_answer(&packet(bytes, Family::V4))
}

fn packet(bytes: &[u8], family: Family) -> Packet<'_> {
    Packet {
        from: router(family),
        hops: Some(61),
        bytes,
        stamp: None,
    }
}
