//! IPv4 packets (RFC 791).

use std::net::Ipv4Addr;

use pnet_packet::ip::IpNextHeaderProtocol;
use pnet_packet::ipv4::{Ipv4Flags, Ipv4Packet, MutableIpv4Packet};

use super::checksum;

/// Bytes of a header without options.
pub const HEADER: usize = 20;
/// Bytes that options can take.
pub const MOST_OPTIONS: usize = 40;

/// An IPv4 packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv4<'a> {
    /// DSCP and ECN (RFC 2474, RFC 3168).
    pub tos: u8,
    /// What the fragments of one packet have in common.
    pub identification: u16,
    /// Whether routers may not fragment it.
    pub dont_fragment: bool,
    /// Whether more fragments follow.
    pub more_fragments: bool,
    /// Where this fragment belongs, in units of 8 bytes; 13 bits.
    pub offset: u16,
    /// Time to live: routers that it may still pass.
    pub hops: u8,
    /// What the payload is (see [`super::protocol`]).
    pub protocol: u8,
    /// From whom.
    pub source: Ipv4Addr,
    /// To whom.
    pub destination: Ipv4Addr,
    /// Options, in whole words, uninterpreted.
    pub options: &'a [u8],
    /// What it carries.
    pub payload: &'a [u8],
}

impl<'a> Ipv4<'a> {
    /// An ordinary packet of 64 hops, without options. It may not be fragmented, as it has no
    /// identification of its own (RFC 6864, 4.1).
    pub fn plain(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, payload: &'a [u8]) -> Self {
        Ipv4 {
            tos: 0,
            identification: 0,
            dont_fragment: true,
            more_fragments: false,
            offset: 0,
            hops: 64,
            protocol,
            source,
            destination,
            options: &[],
            payload,
        }
    }

    /// Reads a whole packet; bytes past its total length are not its own. `None` when it is cut
    /// short or its lengths contradict each other.
    pub fn parse(bytes: &'a [u8]) -> Option<Ipv4<'a>> {
        let view = Ipv4Packet::new(bytes)?;
        let header = usize::from(view.get_header_length()) * 4;
        let bytes = bytes.get(..usize::from(view.get_total_length()))?;
        if view.get_version() != 4 {
            return None;
        }
        Some(Ipv4 {
            tos: view.get_dscp() << 2 | view.get_ecn(),
            identification: view.get_identification(),
            dont_fragment: view.get_flags() & Ipv4Flags::DontFragment != 0,
            more_fragments: view.get_flags() & Ipv4Flags::MoreFragments != 0,
            offset: view.get_fragment_offset(),
            hops: view.get_ttl(),
            protocol: view.get_next_level_protocol().0,
            source: view.get_source(),
            destination: view.get_destination(),
            options: bytes.get(HEADER..header)?,
            payload: bytes.get(header..)?,
        })
    }

    /// The packet as bytes, with its header checksum. Options are filled up to whole words (option
    /// 0, end of list); what does not fit into a packet is left out.
    pub fn emit(&self) -> Vec<u8> {
        let options = self.options.get(..MOST_OPTIONS).unwrap_or(self.options);
        let header = HEADER + options.len().next_multiple_of(4);
        let room = usize::from(u16::MAX) - header;
        let payload = self.payload.get(..room).unwrap_or(self.payload);
        let mut bytes = Vec::with_capacity(header + payload.len());
        bytes.resize(HEADER, 0);
        bytes.extend(options);
        bytes.resize(header, 0);
        bytes.extend(payload);
        let length = bytes.len() as u16;
        let Some(mut view) = MutableIpv4Packet::new(&mut bytes) else {
            return bytes;
        };
        view.set_version(4);
        view.set_header_length((header / 4) as u8);
        view.set_dscp(self.tos >> 2);
        view.set_ecn(self.tos & 3);
        view.set_total_length(length);
        view.set_identification(self.identification);
        let dont_fragment = u8::from(self.dont_fragment) * Ipv4Flags::DontFragment;
        let more_fragments = u8::from(self.more_fragments) * Ipv4Flags::MoreFragments;
        view.set_flags(dont_fragment | more_fragments);
        view.set_fragment_offset(self.offset & 0x1fff);
        view.set_ttl(self.hops);
        view.set_next_level_protocol(IpNextHeaderProtocol(self.protocol));
        view.set_source(self.source);
        view.set_destination(self.destination);
        let sum = checksum::of(bytes.get(..header).unwrap_or_default());
        super::put_u16(&mut bytes, 10, sum);
        bytes
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Heads of any packet: options in whole words, payload to be given.
    #[derive(Debug, Clone)]
    pub(in crate::packet) struct Head(Ipv4<'static>, Vec<u8>);

    impl Head {
        pub(in crate::packet) fn with<'a>(&'a self, protocol: u8, payload: &'a [u8]) -> Ipv4<'a> {
            Ipv4 {
                protocol,
                payload,
                options: &self.1,
                ..self.0
            }
        }
    }

    pub(in crate::packet) fn head() -> impl Strategy<Value = Head> {
        let words = prop::collection::vec(any::<[u8; 4]>(), 0..=10);
        let fragment = (any::<bool>(), any::<bool>(), 0u16..0x2000);
        (words, fragment, any::<(u8, u16, u8, u32, u32)>()).prop_map(|(options, fragment, rest)| {
            let (dont_fragment, more_fragments, offset) = fragment;
            let (tos, identification, hops, source, destination) = rest;
            let head = Ipv4 {
                tos,
                identification,
                dont_fragment,
                more_fragments,
                offset,
                hops,
                ..Ipv4::plain(source.into(), destination.into(), 0, &[])
            };
            Head(head, options.concat())
        })
    }

    #[test]
    fn a_header_whose_checksum_is_widely_published() {
        // The worked example of "IPv4 header checksum": 115 bytes of UDP, checksum b861.
        let header = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8,
            0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
        ];
        let bytes = [&header[..], &[7; 95]].concat();
        let expected = Ipv4::plain(
            [192, 168, 0, 1].into(),
            [192, 168, 0, 199].into(),
            17,
            &[7; 95],
        );
        assert_eq!(Ipv4::parse(&bytes), Some(expected));
        assert_eq!(expected.emit(), bytes);
    }

    #[test]
    fn lengths_that_contradict_each_other_are_no_packet() {
        let good = Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 17, &[1; 8]).emit();
        let with = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            bytes
        };
        assert!(Ipv4::parse(&good).is_some());
        // Header of 16 bytes; header longer than the packet; total length beyond the bytes, or
        // shorter than the header; IPv6.
        for bytes in [
            with(0, 0x44),
            with(0, 0x4f),
            with(3, 29),
            with(3, 19),
            with(0, 0x65),
        ] {
            assert_eq!(Ipv4::parse(&bytes), None);
        }
        let longer = [&good[..], b"frame padding"].concat();
        assert_eq!(Ipv4::parse(&longer), Ipv4::parse(&good));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let (options, payload) = ([1; 50], [2; 70_000]);
        let packet = Ipv4 {
            options: &options,
            ..Ipv4::plain([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 17, &payload)
        };
        let bytes = packet.emit();
        assert_eq!(bytes.len(), 65_535);
        let read = Ipv4::parse(&bytes).unwrap();
        assert_eq!((read.options.len(), read.payload.len()), (40, 65_535 - 60));
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            head in head(), protocol: u8, payload in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let packet = head.with(protocol, &payload);
            let bytes = packet.emit();
            prop_assert_eq!(Ipv4::parse(&bytes), Some(packet));
            let header = bytes.len() - payload.len();
            prop_assert_eq!(checksum::of(&bytes[..header]), 0);
            for length in 0..bytes.len() {
                prop_assert_eq!(Ipv4::parse(&bytes[..length]), None);
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            if let Some(packet) = Ipv4::parse(&bytes) {
                let length = HEADER + packet.options.len() + packet.payload.len();
                prop_assert!(length <= bytes.len());
                let emitted = packet.emit();
                prop_assert_eq!(Ipv4::parse(&emitted), Some(packet));
            }
        }
    }
}
