//! Either version of IP, for those to whom it makes no difference.

use std::net::IpAddr;

use super::ipv4::{self, Ipv4};
use super::ipv6::{self, Ipv6, Upper};
use super::{Family, checksum, put_u16, u16_at};

/// An IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ip<'a> {
    /// Of version 4.
    V4(Ipv4<'a>),
    /// Of version 6.
    V6(Ipv6<'a>),
}

impl<'a> Ip<'a> {
    /// An ordinary packet of 64 hops; `None` when the addresses are not of one family.
    pub fn plain(
        source: IpAddr,
        destination: IpAddr,
        protocol: u8,
        payload: &'a [u8],
    ) -> Option<Ip<'a>> {
        match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                Some(Ip::V4(Ipv4::plain(source, destination, protocol, payload)))
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                Some(Ip::V6(Ipv6::plain(source, destination, protocol, payload)))
            }
            _ => None,
        }
    }

    /// Reads a whole packet of either version; see [`Ipv4::parse`] and [`Ipv6::parse`].
    pub fn parse(bytes: &'a [u8]) -> Option<Ip<'a>> {
        match family(bytes)? {
            Family::V4 => Ipv4::parse(bytes).map(Ip::V4),
            Family::V6 => Ipv6::parse(bytes).map(Ip::V6),
        }
    }

    /// The packet as bytes.
    pub fn emit(&self) -> Vec<u8> {
        match self {
            Ip::V4(packet) => packet.emit(),
            Ip::V6(packet) => packet.emit(),
        }
    }

    /// From whom.
    pub fn source(&self) -> IpAddr {
        match self {
            Ip::V4(packet) => packet.source.into(),
            Ip::V6(packet) => packet.source.into(),
        }
    }

    /// To whom.
    pub fn destination(&self) -> IpAddr {
        match self {
            Ip::V4(packet) => packet.destination.into(),
            Ip::V6(packet) => packet.destination.into(),
        }
    }

    /// DSCP and ECN.
    pub fn tos(&self) -> u8 {
        match self {
            Ip::V4(packet) => packet.tos,
            Ip::V6(packet) => packet.tos,
        }
    }

    /// Routers that it may still pass.
    pub fn hops(&self) -> u8 {
        match self {
            Ip::V4(packet) => packet.hops,
            Ip::V6(packet) => packet.hops,
        }
    }

    /// What it carries, behind options and extension headers; `None` when those are cut short.
    pub fn upper(&self) -> Option<Upper<'a>> {
        match self {
            Ip::V4(packet) => Some(Upper {
                protocol: packet.protocol,
                bytes: packet.payload,
                later_fragment: packet.offset != 0,
            }),
            Ip::V6(packet) => packet.upper(),
        }
    }
}

/// The version of the IP packet that begins with `bytes`.
pub fn family(bytes: &[u8]) -> Option<Family> {
    match bytes.first()? >> 4 {
        4 => Some(Family::V4),
        6 => Some(Family::V6),
        _ => None,
    }
}

/// What a packet carries that begins with `bytes`, as far as they go; `None` when its headers are cut
/// short.
pub fn upper(bytes: &[u8]) -> Option<Upper<'_>> {
    match family(bytes)? {
        Family::V4 => {
            let header = usize::from(*bytes.first()? & 0xf) * 4;
            Some(Upper {
                protocol: *bytes.get(9)?,
                bytes: bytes.get(header..).filter(|_| header >= ipv4::HEADER)?,
                later_fragment: u16_at(bytes, 6)? & 0x1fff != 0,
            })
        }
        Family::V6 => ipv6::upper(*bytes.get(6)?, bytes.get(ipv6::HEADER..)?),
    }
}

/// Sets how many routers a packet may still pass, and an IPv4 header's checksum with it. What is no
/// IP packet stays as it is.
pub fn set_hops(packet: &mut [u8], hops: u8) {
    match family(packet) {
        Some(Family::V4) => {
            let length = usize::from(packet.first().map_or(0, |byte| byte & 0xf)) * 4;
            let Some(header) = packet.get_mut(..length) else {
                return;
            };
            if let Some(byte) = header.get_mut(8) {
                *byte = hops;
            }
            put_u16(header, 10, 0);
            let sum = checksum::of(header);
            put_u16(header, 10, sum);
        }
        Some(Family::V6) => {
            if let Some(byte) = packet.get_mut(7) {
                *byte = hops;
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ipv4, ipv6};
    use super::*;

    proptest! {
        #[test]
        fn hops_change_and_nothing_else(
            v4 in ipv4::tests::head(), v6 in ipv6::tests::head(), hops: u8, payload: [u8; 30],
        ) {
            let v4 = v4.with(17, &payload);
            let mut bytes = v4.emit();
            set_hops(&mut bytes, hops);
            prop_assert_eq!(&bytes, &Ipv4 { hops, ..v4 }.emit());
            let v6 = Ipv6 { payload: &payload, ..v6 };
            let mut bytes = v6.emit();
            set_hops(&mut bytes, hops);
            prop_assert_eq!(&bytes, &Ipv6 { hops, ..v6 }.emit());
        }

        #[test]
        fn both_versions_are_told_apart(
            v4 in ipv4::tests::head(), v6 in ipv6::tests::head(), payload: [u8; 9],
        ) {
            for packet in [Ip::V4(v4.with(17, &payload)), Ip::V6(Ipv6 { payload: &payload, ..v6 })] {
                let bytes = packet.emit();
                prop_assert_eq!(Ip::parse(&bytes), Some(packet));
                prop_assert_eq!(packet.upper().unwrap().bytes, payload);
                prop_assert_eq!(family(&bytes), Some(Family::of(packet.source())));
            }
        }

        #[test]
        fn any_bytes_survive_any_hops(mut bytes in prop::collection::vec(any::<u8>(), 0..70), hops: u8) {
            set_hops(&mut bytes, hops);
        }
    }

    #[test]
    fn a_packet_stays_in_one_family() {
        let (v4, v6) = ("10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap());
        assert_eq!(Ip::plain(v4, v6, 17, &[]), None);
        assert!(Ip::plain(v6, v6, 17, &[]).is_some());
    }
}
