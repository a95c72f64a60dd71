//! The echo requests that we send.
//!
//! ```text
//! 0     1     2         4           6         8                25  26        28
//! +-----+-----+---------+-----------+---------+-----------------+--+---------+---------+
//! |type |code |checksum |identifier |sequence | tag (`super::   |0 |balance  |padding, |
//! |     |     |         |           |         | super::tag`)    |  |         |0        |
//! +-----+-----+---------+-----------+---------+-----------------+--+---------+---------+
//! ```
//!
//! Routers that spread load over several paths may choose one by the ICMP checksum, which would be
//! another for each probe. Two bytes of the payload balance what changes from probe to probe, so
//! that all probes of a flow have one checksum, and those of another flow another (Augustin et al.,
//! "Avoiding traceroute anomalies with Paris traceroute", IMC 2006).

use pnet_packet::icmp::IcmpTypes;
use pnet_packet::icmp::echo_request::MutableEchoRequestPacket;
use pnet_packet::icmpv6::Icmpv6Types;

use crate::probe::manner::Manner;
use crate::probe::tag;
use crate::probe::{Flow, Probe};

/// Bytes of the ICMP header.
pub(super) const HEADER: usize = 8;

/// Where the balance stands: at the first even place behind what the tag writes.
const BALANCE: usize = HEADER + tag::LENGTH.next_multiple_of(2);

/// The shortest request.
const SHORTEST: usize = BALANCE + 2;

/// Where requests are written, one after the other.
#[derive(Debug)]
pub(super) struct Request {
    manner: Manner,
    identifier: u16,
    bytes: Vec<u8>,
}

impl Request {
    /// Requests with this identifier. A datagram socket puts its own there.
    pub(super) fn new(manner: &Manner, identifier: u16) -> Request {
        Request {
            manner: manner.clone(),
            identifier,
            bytes: vec![0; SHORTEST],
        }
    }

    /// The request of `probe`, which makes a packet of `size` bytes, if that is enough.
    pub(super) fn write(&mut self, probe: Probe, ipv6: bool, size: u16) -> &[u8] {
        let header = if ipv6 { 40 } else { 20 };
        let length = usize::from(size).saturating_sub(header).max(SHORTEST);
        self.manner.fill_up(&mut self.bytes, length);
        let (bytes, _) = self.bytes.split_at_mut(length);
        let (head, rest) = bytes.split_at_mut(BALANCE);
        let (header, payload) = head.split_at_mut(HEADER);
        let (balance, padding) = rest.split_at_mut(2);
        self.manner.tag.fill(probe, payload);
        let low = (probe.sequence.0 & 0xffff) as u16;
        // Zeroes add nothing.
        let padded = if self.manner.random { sum(padding) } else { 0 };
        // In one's complement arithmetic (RFC 1071) to subtract is to add the complement.
        let varying = u32::from(low) + sum(payload) + padded;
        let Flow(flow) = probe.flow;
        let balanced = fold(u32::from(flow) + u32::from(!fold(varying)));
        balance.copy_from_slice(&balanced.to_be_bytes());
        let kind = if ipv6 {
            Icmpv6Types::EchoRequest.0
        } else {
            IcmpTypes::EchoRequest.0
        };
        let fixed = u32::from(kind) << 8;
        let checksum = !fold(fixed + u32::from(self.identifier) + u32::from(flow));
        if let Some(mut echo) = MutableEchoRequestPacket::new(header) {
            echo.set_icmp_type(pnet_packet::icmp::IcmpType(kind));
            echo.set_identifier(self.identifier);
            echo.set_sequence_number(low);
            // ICMPv6 sums up addresses, too; there the kernel does it.
            echo.set_checksum(checksum);
        }
        bytes
    }
}

/// The sum of the 16-bit words of at most 64 KiB, the last made whole by a zero: less than 2^31.
fn sum(bytes: &[u8]) -> u32 {
    let word = |pair: &[u8]| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    };
    bytes.chunks(2).map(word).sum()
}

/// Brings a sum of 16-bit words back into 16 bits, carries around.
fn fold(sum: u32) -> u16 {
    let once = (sum & 0xffff) + (sum >> 16);
    ((once & 0xffff) + (once >> 16)) as u16
}

/// The sequence number of an echo header.
pub(super) fn sequence(echo: &[u8]) -> Option<u16> {
    let bytes = echo.get(6..HEADER)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use pnet_packet::icmp::{IcmpPacket, checksum};
    use proptest::prelude::*;

    use super::*;
    use crate::probe::tag::Tag;
    use crate::probe::{Sequence, Target};

    fn manner(tag: u64, random: bool) -> Manner {
        Manner {
            random,
            ..Manner::plain(Tag(tag))
        }
    }

    fn probe(target: u32, sequence: u32, distance: u8, flow: u16) -> Probe {
        Probe {
            target: Target(target),
            flow: Flow(flow),
            ..Probe::plain(Sequence(sequence), distance)
        }
    }

    proptest! {
        #[test]
        fn the_checksum_is_right_and_the_same_for_all_of_a_flow(
            tag: u64, identifier: u16, flow: u16, size in 0u16..1500, random: bool,
            a: (u32, u32, u8), b: (u32, u32, u8),
        ) {
            let mut request = Request::new(&manner(tag, random), identifier);
            let mut sums = Vec::new();
            for (target, sequence, distance) in [a, b] {
                let probe = probe(target, sequence, distance, flow);
                let bytes = request.write(probe, false, size);
                let packet = IcmpPacket::new(bytes).unwrap();
                prop_assert_eq!(packet.get_checksum(), checksum(&packet));
                prop_assert_eq!(bytes.len() + 20, usize::from(size).max(20 + SHORTEST));
                let written = Tag(tag).read(&bytes[HEADER..]).unwrap();
                prop_assert_eq!((written.target.0, written.sequence.0), (target, sequence));
                prop_assert_eq!(super::sequence(bytes), Some(sequence as u16));
                sums.push(packet.get_checksum());
            }
            prop_assert_eq!(sums[0], sums[1]);
        }

        #[test]
        fn another_flow_has_another_checksum(tag: u64, identifier: u16, a: u16, b: u16) {
            // 0 and 65535 are one number in one's complement arithmetic.
            prop_assume!(a % 0xffff != b % 0xffff);
            let mut request = Request::new(&manner(tag, false), identifier);
            let mut sum = |flow| request.write(probe(0, 0, 1, flow), false, 64)[2..4].to_vec();
            prop_assert_ne!(sum(a), sum(b));
        }
    }
}
