//! IPv6 packets and their extension headers (RFC 8200).

use std::net::Ipv6Addr;

use pnet_packet::ip::IpNextHeaderProtocol;
use pnet_packet::ipv6::{Ipv6Packet, MutableIpv6Packet};

use super::u16_at;

/// Bytes of the fixed header.
pub const HEADER: usize = 40;

/// Extension headers that are walked over. RFC 8200 4.1 names each once, one of them twice, so more
/// than this many are there to waste our time.
pub const MOST_EXTENSIONS: usize = 8;

/// An IPv6 packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6<'a> {
    /// Traffic class: DSCP and ECN (RFC 2474, RFC 3168).
    pub tos: u8,
    /// What routers may know a flow by; 20 bits (RFC 6437).
    pub flow_label: u32,
    /// Hop limit: routers that it may still pass.
    pub hops: u8,
    /// What the payload begins with: an extension header or the upper protocol.
    pub next_header: u8,
    /// From whom.
    pub source: Ipv6Addr,
    /// To whom.
    pub destination: Ipv6Addr,
    /// All that follows the fixed header.
    pub payload: &'a [u8],
}

impl<'a> Ipv6<'a> {
    /// An ordinary packet: 64 hops, no flow label.
    pub fn plain(
        source: Ipv6Addr,
        destination: Ipv6Addr,
        next_header: u8,
        payload: &'a [u8],
    ) -> Self {
        Ipv6 {
            tos: 0,
            flow_label: 0,
            hops: 64,
            next_header,
            source,
            destination,
            payload,
        }
    }

    /// Reads a whole packet; bytes past its length are not its own. `None` when it is cut short.
    /// Jumbograms (RFC 2675) say 0 and are read as empty.
    pub fn parse(bytes: &'a [u8]) -> Option<Ipv6<'a>> {
        let view = Ipv6Packet::new(bytes)?;
        if view.get_version() != 6 {
            return None;
        }
        let end = HEADER + usize::from(view.get_payload_length());
        Some(Ipv6 {
            tos: view.get_traffic_class(),
            flow_label: view.get_flow_label(),
            hops: view.get_hop_limit(),
            next_header: view.get_next_header().0,
            source: view.get_source(),
            destination: view.get_destination(),
            payload: bytes.get(HEADER..end)?,
        })
    }

    /// The packet as bytes. What does not fit into a packet is left out.
    pub fn emit(&self) -> Vec<u8> {
        let most = usize::from(u16::MAX);
        let payload = self.payload.get(..most).unwrap_or(self.payload);
        let mut bytes = vec![0; HEADER];
        bytes.extend(payload);
        if let Some(mut view) = MutableIpv6Packet::new(&mut bytes) {
            view.set_version(6);
            view.set_traffic_class(self.tos);
            view.set_flow_label(self.flow_label & 0xf_ffff);
            view.set_payload_length(payload.len() as u16);
            view.set_next_header(IpNextHeaderProtocol(self.next_header));
            view.set_hop_limit(self.hops);
            view.set_source(self.source);
            view.set_destination(self.destination);
        }
        bytes
    }

    /// What the packet carries behind its extension headers.
    pub fn upper(&self) -> Option<Upper<'a>> {
        upper(self.next_header, self.payload)
    }
}

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upper<'a> {
    /// Of which protocol (see [`super::protocol`]).
    pub protocol: u8,
    /// Its bytes; of a later fragment, those in its middle: they begin with no header.
    pub bytes: &'a [u8],
    /// Whether this is not the first fragment.
    pub later_fragment: bool,
}

/// Walks over the extension headers at the beginning of `bytes`, the first of which is `next`.
/// `None` when the chain is cut short or too long. What is encrypted (ESP) is where it ends.
pub fn upper(mut next: u8, mut bytes: &[u8]) -> Option<Upper<'_>> {
    let mut later_fragment = false;
    for _ in 0..=MOST_EXTENSIONS {
        let length = match next {
            // Hop-by-hop options, routing, destination options, mobility (RFC 6275), HIP (RFC 7401),
            // shim6 (RFC 5533): words of 8 bytes beyond the first.
            0 | 43 | 60 | 135 | 139 | 140 => 8 + 8 * usize::from(*bytes.get(1)?),
            // Authentication (RFC 4302): words of 4 bytes less two.
            51 => 8 + 4 * usize::from(*bytes.get(1)?),
            44 => {
                later_fragment |= u16_at(bytes, 2)? >> 3 != 0;
                8
            }
            protocol => {
                return Some(Upper {
                    protocol,
                    bytes,
                    later_fragment,
                });
            }
        };
        let (header, rest) = bytes.split_at_checked(length)?;
        next = *header.first()?;
        // Behind a later fragment's header is no header that could be read.
        if later_fragment {
            return Some(Upper {
                protocol: next,
                bytes: rest,
                later_fragment,
            });
        }
        bytes = rest;
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::packet) fn head() -> impl Strategy<Value = Ipv6<'static>> {
        any::<(u8, u8, u128, u128)>().prop_flat_map(|(tos, hops, source, destination)| {
            (0u32..1 << 20).prop_map(move |flow_label| Ipv6 {
                tos,
                flow_label,
                hops,
                ..Ipv6::plain(source.into(), destination.into(), 59, &[])
            })
        })
    }

    /// A chain of extension headers, each with its kind and words beyond the least, that ends with
    /// `protocol`, and the kind of its first.
    pub(in crate::packet) fn chain(kinds: &[(u8, u8)], protocol: u8) -> (u8, Vec<u8>) {
        let mut bytes = Vec::new();
        for (at, (kind, words)) in kinds.iter().enumerate() {
            let next = kinds.get(at + 1).map_or(protocol, |next| next.0);
            let (said, length) = match kind {
                44 => (0, 8),
                51 => (*words, 8 + 4 * usize::from(*words)),
                _ => (*words, 8 + 8 * usize::from(*words)),
            };
            bytes.extend([next, said]);
            bytes.resize(bytes.len() + length - 2, 0);
        }
        (kinds.first().map_or(protocol, |first| first.0), bytes)
    }

    pub(in crate::packet) fn kinds(most: usize) -> impl Strategy<Value = Vec<(u8, u8)>> {
        let kind = prop::sample::select(vec![0, 43, 44, 51, 60, 135, 139, 140]);
        prop::collection::vec((kind, 0u8..4), 0..=most)
    }

    #[test]
    fn the_walk_is_bounded() {
        for (count, ends) in [(8, true), (9, false), (500, false)] {
            let (first, bytes) = chain(&vec![(60, 0); count], 17);
            assert_eq!(upper(first, &bytes).is_some(), ends, "{count}");
        }
    }

    #[test]
    fn a_later_fragment_has_no_upper_header() {
        let (first, mut bytes) = chain(&[(0, 1), (44, 0)], 17);
        bytes.extend([60, 255]);
        let first_fragment = Upper {
            protocol: 17,
            bytes: &[60, 255],
            later_fragment: false,
        };
        assert_eq!(upper(first, &bytes), Some(first_fragment));
        // Offset 1, in the upper 13 bits of bytes 2 and 3; and a next header that would be walked.
        bytes[16 + 3] = 1 << 3;
        bytes[16] = 60;
        let later = Upper {
            protocol: 60,
            bytes: &[60, 255],
            later_fragment: true,
        };
        assert_eq!(upper(first, &bytes), Some(later));
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            head in head(), next_header: u8, payload in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let packet = Ipv6 { next_header, payload: &payload, ..head };
            let bytes = packet.emit();
            prop_assert_eq!(Ipv6::parse(&bytes), Some(packet));
            for length in 0..bytes.len() {
                prop_assert_eq!(Ipv6::parse(&bytes[..length]), None);
            }
            let longer = [&bytes[..], b"padding"].concat();
            prop_assert_eq!(Ipv6::parse(&longer), Some(packet));
        }

        #[test]
        fn the_walk_ends_where_the_chain_does(kinds in kinds(MOST_EXTENSIONS), rest: [u8; 9]) {
            let (first, mut bytes) = chain(&kinds, 58);
            let length = bytes.len();
            bytes.extend(rest);
            let expected = Upper { protocol: 58, bytes: &rest, later_fragment: false };
            prop_assert_eq!(upper(first, &bytes), Some(expected));
            for cut in 0..length {
                prop_assert_eq!(upper(first, &bytes[..cut]), None);
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200), next: u8) {
            if let Some(upper) = upper(next, &bytes) {
                prop_assert!(bytes.ends_with(upper.bytes));
            }
            if let Some(packet) = Ipv6::parse(&bytes) {
                prop_assert!(HEADER + packet.payload.len() <= bytes.len());
                let emitted = packet.emit();
                prop_assert_eq!(Ipv6::parse(&emitted), Some(packet));
            }
        }
    }
}
