//! Packets as bytes and as values: what the prober sends and reads, and what the lab answers.
//!
//! Each kind of packet has one type. `parse` looks at bytes and says what they mean, borrowing what
//! it does not interpret; `emit` makes the bytes, with right checksums; `parse(emit(x)) == x`. Nothing
//! here panics on any bytes, and nothing is claimed that the bytes do not hold: what is cut short is
//! `None`. Checksums are not checked while parsing (a quoted packet is seldom whole); [`checksum`]
//! does that.
//!
//! The order to read: [`checksum`], [`ipv4`] and [`ipv6`] (joined in [`ip`]), [`udp`], [`tcp`], [`icmp`]
//! with its [`extension`]s ([`mpls`], [`interface`]), [`quote`] (the packet inside an ICMP error),
//! [`answer`] (what a router or host says to a packet), [`filter`] (which packets the kernel lets us
//! hear).

use std::net::IpAddr;

pub mod answer;
pub mod checksum;
pub mod extension;
pub mod filter;
pub mod icmp;
pub mod interface;
pub mod ip;
pub mod ipv4;
pub mod ipv6;
pub mod mpls;
pub mod quote;
pub mod tcp;
pub mod udp;

/// Protocol numbers of IP (IANA), as far as they are told apart here.
pub mod protocol {
    /// Internet Control Message Protocol, RFC 792.
    pub const ICMP: u8 = 1;
    /// RFC 9293.
    pub const TCP: u8 = 6;
    /// RFC 768.
    pub const UDP: u8 = 17;
    /// RFC 4443.
    pub const ICMPV6: u8 = 58;

    /// The ICMP of a version.
    pub fn icmp(family: super::Family) -> u8 {
        match family {
            super::Family::V4 => ICMP,
            super::Family::V6 => ICMPV6,
        }
    }
}

/// Which version of IP. The same ICMP type means different things in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Family {
        match address {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }
}

/// The bytes of an address.
pub fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The 16 bits at byte `at`, in network order.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The 32 bits at byte `at`, in network order.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Writes 16 bits at byte `at`, where there is room.
pub(crate) fn put_u16(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(room) = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *room = value.to_be_bytes();
    }
}
