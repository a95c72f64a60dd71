//! The packet that an ICMP error quotes: as much as its sender liked, from nothing to all of it, and
//! as it looked where the error arose.

use std::net::IpAddr;

use super::ipv6::{self, Upper};
use super::{Family, ip, protocol, u16_at, u32_at};

/// A quoted packet. What was not quoted is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote<'a> {
    /// DSCP and ECN.
    pub tos: Option<u8>,
    /// Bytes of the whole packet, by its header.
    pub length: Option<u32>,
    /// IPv4's identification.
    pub identification: Option<u16>,
    /// Routers that it might still have passed.
    pub hops: Option<u8>,
    /// From whom.
    pub source: Option<IpAddr>,
    /// To whom.
    pub destination: Option<IpAddr>,
    /// What it carried.
    pub carried: Option<Carried<'a>>,
}

/// What a quoted packet carried, as far as that was quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried<'a> {
    /// A UDP datagram.
    Udp {
        /// From which port.
        source: Option<u16>,
        /// To which port.
        destination: Option<u16>,
        /// Its length with its header.
        length: Option<u16>,
        /// Its checksum.
        checksum: Option<u16>,
        /// The first bytes of its payload.
        payload: &'a [u8],
    },
    /// A TCP segment.
    Tcp {
        /// From which port.
        source: Option<u16>,
        /// To which port.
        destination: Option<u16>,
        /// Its sequence number.
        sequence: Option<u32>,
        /// Its control bits.
        flags: Option<u8>,
        /// Its checksum; sixteen bytes come before it, and routers that quote eight leave it out.
        checksum: Option<u16>,
    },
    /// An ICMP message of the quoting version; its numbers are those of an echo.
    Icmp {
        /// Its type.
        kind: Option<u8>,
        /// Its checksum.
        checksum: Option<u16>,
        /// Whose echo.
        identifier: Option<u16>,
        /// Which one.
        sequence: Option<u16>,
        /// The first bytes of its payload.
        payload: &'a [u8],
    },
    /// A later fragment, or another protocol.
    Other {
        /// Which.
        protocol: u8,
        /// The first bytes.
        bytes: &'a [u8],
    },
}

impl<'a> Quote<'a> {
    /// Reads what `bytes` hold of a packet of this version.
    pub fn parse(family: Family, bytes: &'a [u8]) -> Quote<'a> {
        let byte = |at: usize| bytes.get(at).copied();
        let empty = Quote {
            tos: None,
            length: None,
            identification: None,
            hops: None,
            source: None,
            destination: None,
            carried: carried(family, bytes),
        };
        match family {
            Family::V4 => Quote {
                tos: byte(1),
                length: u16_at(bytes, 2).map(u32::from),
                identification: u16_at(bytes, 4),
                hops: byte(8),
                source: address::<4>(bytes, 12),
                destination: address::<4>(bytes, 16),
                ..empty
            },
            Family::V6 => Quote {
                tos: u16_at(bytes, 0).map(|word| (word >> 4) as u8),
                length: u16_at(bytes, 4).map(|length| ipv6::HEADER as u32 + u32::from(length)),
                hops: byte(7),
                source: address::<16>(bytes, 8),
                destination: address::<16>(bytes, 24),
                ..empty
            },
        }
    }
}

fn address<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<IpAddr>
where
    IpAddr: From<[u8; LENGTH]>,
{
    let octets: &[u8; LENGTH] = bytes.get(at..)?.first_chunk()?;
    Some(IpAddr::from(*octets))
}

fn carried(family: Family, bytes: &[u8]) -> Option<Carried<'_>> {
    let Upper {
        protocol,
        bytes,
        later_fragment,
    } = ip::upper(bytes).filter(|_| ip::family(bytes) == Some(family))?;
    let payload = bytes.get(8..).unwrap_or_default();
    let icmp = protocol::icmp(family);
    Some(match protocol {
        protocol::UDP if !later_fragment => Carried::Udp {
            source: u16_at(bytes, 0),
            destination: u16_at(bytes, 2),
            length: u16_at(bytes, 4),
            checksum: u16_at(bytes, 6),
            payload,
        },
        protocol::TCP if !later_fragment => Carried::Tcp {
            source: u16_at(bytes, 0),
            destination: u16_at(bytes, 2),
            sequence: u32_at(bytes, 4),
            flags: bytes.get(13).copied(),
            checksum: u16_at(bytes, 16),
        },
        protocol if protocol == icmp && !later_fragment => Carried::Icmp {
            kind: bytes.first().copied(),
            checksum: u16_at(bytes, 2),
            identifier: u16_at(bytes, 4),
            sequence: u16_at(bytes, 6),
            payload,
        },
        protocol => Carried::Other { protocol, bytes },
    })
}

/// Bytes behind the IP header that every error quotes (RFC 792).
const SURE: usize = 8;

/// The quote without the zeros at its end, where it is padded before extensions (RFC 4884 5.1). Zeros
/// that were quoted look the same, so both go: no field is claimed to be 0 that may be padding. What
/// even the least quote holds stays.
pub(super) fn unpadded(family: Family, bytes: &[u8]) -> &[u8] {
    let header = match family {
        Family::V4 => usize::from(bytes.first().map_or(0, |first| first & 0xf)) * 4,
        Family::V6 => ipv6::HEADER,
    };
    let whole = Quote::parse(family, bytes).length;
    let whole = whole.and_then(|length| usize::try_from(length).ok());
    let sure = (header + SURE).min(whole.unwrap_or(usize::MAX));
    let last = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    bytes.get(..last.max(sure)).unwrap_or(bytes)
}

#[cfg(test)]
mod tests;
