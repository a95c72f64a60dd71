//! The interfaces of a router in its ICMP errors (RFC 5837): where the packet came in or would go out.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::extension::Object;
use super::{u16_at, u32_at};

/// The class of an interface information object.
pub const CLASS: u8 = 2;

// What follows, in this order; the low four bits of the type.
const INDEX: u8 = 1 << 3;
const ADDRESS: u8 = 1 << 2;
const NAME: u8 = 1 << 1;
const MTU: u8 = 1;

/// Bytes of a name field with its length: RFC 5837 4.3.
const MOST_NAME: usize = 64;

/// What an interface is to the packet that the error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It came in by this one.
    Incoming,
    /// It came in by this part of the one above (a member of a bundle).
    IncomingPart,
    /// It would have gone out by this one.
    Outgoing,
    /// It would have gone to this next hop.
    NextHop,
}

impl Role {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Incoming => "incoming",
            Role::IncomingPart => "incoming-part",
            Role::Outgoing => "outgoing",
            Role::NextHop => "next-hop",
        }
    }
}

/// One interface, as far as the router tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is to the packet.
    pub role: Role,
    /// Its number within the router (RFC 2863 `ifIndex`).
    pub index: Option<u32>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its name, at most 63 bytes.
    pub name: Option<String>,
    /// Its MTU in bytes.
    pub mtu: Option<u32>,
}

impl Interface {
    /// The interface in `object`; `None` when it is something else or does not hold what it says.
    pub fn parse(object: &Object<'_>) -> Option<Interface> {
        if object.class != CLASS {
            return None;
        }
        let mut rest = object.payload;
        let has = |part: u8| object.kind & part != 0;
        let index = match has(INDEX) {
            true => Some(u32_at(take(&mut rest, 4)?, 0)?),
            false => None,
        };
        let address = match has(ADDRESS) {
            true => Some(take_address(&mut rest)?),
            false => None,
        };
        let name = match has(NAME) {
            true => Some(take_name(&mut rest)?.to_string()),
            false => None,
        };
        let mtu = match has(MTU) {
            true => Some(u32_at(take(&mut rest, 4)?, 0)?),
            false => None,
        };
        let role = match object.kind >> 6 {
            0 => Role::Incoming,
            1 => Role::IncomingPart,
            2 => Role::Outgoing,
            _ => Role::NextHop,
        };
        rest.is_empty().then_some(Interface {
            role,
            index,
            address,
            name,
            mtu,
        })
    }

    /// The type and payload of an object of [`CLASS`] that tells this. A longer name is cut.
    pub fn emit(&self) -> (u8, Vec<u8>) {
        let mut payload = Vec::new();
        let mut kind = match self.role {
            Role::Incoming => 0,
            Role::IncomingPart => 1 << 6,
            Role::Outgoing => 2 << 6,
            Role::NextHop => 3 << 6,
        };
        if let Some(index) = self.index {
            kind |= INDEX;
            payload.extend(index.to_be_bytes());
        }
        if let Some(address) = self.address {
            kind |= ADDRESS;
            // IANA address family number, two bytes of 0, the address.
            match address {
                IpAddr::V4(address) => {
                    payload.extend([0, 1, 0, 0]);
                    payload.extend(address.octets());
                }
                IpAddr::V6(address) => {
                    payload.extend([0, 2, 0, 0]);
                    payload.extend(address.octets());
                }
            }
        }
        if let Some(name) = &self.name {
            kind |= NAME;
            let name = name.get(..name.floor_char_boundary(MOST_NAME - 1));
            let name = name.unwrap_or_default();
            let length = (1 + name.len()).next_multiple_of(4);
            let end = payload.len() + length;
            payload.push(length as u8);
            payload.extend(name.bytes());
            payload.resize(end, 0);
        }
        if let Some(mtu) = self.mtu {
            kind |= MTU;
            payload.extend(mtu.to_be_bytes());
        }
        (kind, payload)
    }
}

/// Takes `length` bytes off the front.
fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take_address(rest: &mut &[u8]) -> Option<IpAddr> {
    match u16_at(take(rest, 4)?, 0)? {
        1 => Some(IpAddr::from(*take(rest, 4)?.first_chunk::<4>()?)),
        2 => Some(IpAddr::from(*take(rest, 16)?.first_chunk::<16>()?)),
        _ => None,
    }
}

/// RFC 5837 4.3: the length of the field with its own byte, UTF-8, zeros up to a whole word.
fn take_name<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::from(*rest.first()?);
    let field = take(rest, length)?.get(1..)?;
    let name = std::str::from_utf8(field).ok()?;
    Some(name.trim_end_matches('\0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(name: &str) -> Interface {
        Interface {
            role: Role::Incoming,
            index: Some(3),
            address: Some([192, 0, 2, 7].into()),
            name: Some(name.to_string()),
            mtu: Some(1500),
        }
    }

    #[test]
    fn the_fields_stand_as_rfc_5837_draws_them() {
        let (kind, payload) = told("eth0/1").emit();
        // Incoming, with index, address, name and MTU: all four low bits.
        assert_eq!(kind, 0b0000_1111);
        let index = [0, 0, 0, 3];
        let address = [0, 1, 0, 0, 192, 0, 2, 7];
        let name = b"\x08eth0/1\0";
        let mtu = [0, 0, 5, 220];
        assert_eq!(payload, [&index[..], &address, name, &mtu].concat());
    }

    #[test]
    fn a_name_too_long_is_cut_between_characters() {
        // 21 hanzi are 63 bytes.
        let long = "接".repeat(30);
        let (kind, payload) = told(&long).emit();
        let object = Object {
            class: CLASS,
            kind,
            payload: &payload,
        };
        assert_eq!(Interface::parse(&object), Some(told(&"接".repeat(21))));
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            role in prop::sample::select(vec![
                Role::Incoming, Role::IncomingPart, Role::Outgoing, Role::NextHop,
            ]),
            index: Option<u32>, v4: Option<u32>, v6: Option<u128>, mtu: Option<u32>,
            name in prop::option::of("[a-zé接口0-9/.-]{0,21}"),
        ) {
            let v4 = v4.map(|address| IpAddr::V4(address.into()));
            let address = v4.or(v6.map(|address| IpAddr::V6(address.into())));
            let interface = Interface { role, index, address, name, mtu };
            let (kind, payload) = interface.emit();
            let object = |payload| Object { class: CLASS, kind, payload };
            prop_assert_eq!(Interface::parse(&object(&payload)), Some(interface));
            for length in 0..payload.len() {
                prop_assert_eq!(Interface::parse(&object(&payload[..length])), None);
            }
        }

        #[test]
        fn any_bytes_can_be_read(payload in prop::collection::vec(any::<u8>(), 0..80), kind: u8) {
            Interface::parse(&Object { class: CLASS, kind, payload: &payload });
        }
    }
}
