//! Networks of addresses: read, written, and the longest of many that holds an address.
//!
//! Layer 0. One address is the network of its full length, so an address among networks is the
//! longest of all.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

mod table;

pub use table::Table;

/// A network. They sort by family, then by where they begin, larger ones first: what is inside one
/// stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    ipv6: bool,
    /// Its first address; of an IPv4 network the first 32 of the 128 bits.
    start: u128,
    length: u8,
}

/// An address as a number. One of IPv4 that is written as one of IPv6 (RFC 4291, 2.5.5.2) is one of
/// IPv4.
fn bits(address: IpAddr) -> (bool, u128) {
    match address.to_canonical() {
        IpAddr::V4(address) => (false, u128::from(address.to_bits()) << 96),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

/// The address of a number.
fn address(ipv6: bool, bits: u128) -> IpAddr {
    match ipv6 {
        true => Ipv6Addr::from_bits(bits).into(),
        // Only the first 32 bits are an IPv4 address.
        false => Ipv4Addr::from_bits((bits >> 96) as u32).into(),
    }
}

/// Bits of an address of a family.
fn longest(ipv6: bool) -> u8 {
    if ipv6 { 128 } else { 32 }
}

impl Prefix {
    /// The network of the first `length` bits of a number; it may have others.
    fn of((ipv6, bits): (bool, u128), length: u8) -> Prefix {
        let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128)));
        let start = bits & mask.unwrap_or(0);
        Prefix {
            ipv6,
            start,
            length,
        }
    }

    /// Whether an address is in this network.
    pub fn holds(self, address: IpAddr) -> bool {
        Prefix::of(bits(address), self.length) == self
    }

    /// Whether all of `other` is in this network.
    pub fn covers(self, other: Prefix) -> bool {
        self.length <= other.length && Prefix::of((other.ipv6, other.start), self.length) == self
    }

    /// Whether it begins at or before an address.
    fn begins_by(self, address: IpAddr) -> bool {
        (self.ipv6, self.start) <= bits(address)
    }

    /// Whether it is one of IPv6.
    pub fn is_ipv6(self) -> bool {
        self.ipv6
    }

    /// The address, when it is one only.
    pub fn address(self) -> Option<IpAddr> {
        let single = self.length == longest(self.ipv6);
        single.then(|| address(self.ipv6, self.start))
    }

    /// Its addresses in order, but for the first, which is the network's own name.
    pub fn hosts(self) -> impl Iterator<Item = IpAddr> {
        let step = 1u128 << (128 - u32::from(longest(self.ipv6)));
        let hosts = (1u128..).map_while(move |at| self.start.checked_add(at.checked_mul(step)?));
        hosts
            .map(move |bits| address(self.ipv6, bits))
            .take_while(move |own| self.holds(*own))
    }
}

impl From<IpAddr> for Prefix {
    fn from(address: IpAddr) -> Prefix {
        let (ipv6, start) = bits(address);
        Prefix {
            ipv6,
            start,
            length: longest(ipv6),
        }
    }
}

/// As it is written: a single address without its length.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => write!(f, "{address}"),
            None => write!(f, "{}/{}", address(self.ipv6, self.start), self.length),
        }
    }
}

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is not written as one.
    Form,
    /// It has bits behind its length; the network of that length is this one.
    Bits(Prefix),
}

impl FromStr for Prefix {
    type Err = Wrong;

    /// Reads "192.0.2.0/24", "2001:db8::/32", or one address.
    fn from_str(text: &str) -> Result<Prefix, Wrong> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| Wrong::Form)?;
        let Some(digits) = length else {
            return Ok(address.into());
        };
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        let length = digits.parse().ok().filter(|_| all_digits);
        let length: u8 = length.ok_or(Wrong::Form)?;
        let written = match address {
            IpAddr::V4(address) => (false, u128::from(address.to_bits()) << 96),
            IpAddr::V6(address) => (true, address.to_bits()),
        };
        if length > longest(written.0) {
            return Err(Wrong::Form);
        }
        let prefix = Prefix::of(written, length);
        match (prefix.ipv6, prefix.start) == written {
            true => Ok(prefix),
            false => Err(Wrong::Bits(prefix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_what_is_none_is_refused() {
        let of = |text: &str| bits(text.parse().unwrap());
        for (text, start, length) in [
            ("192.0.2.0/24", "192.0.2.0", 24),
            ("0.0.0.0/0", "0.0.0.0", 0),
            ("192.0.2.1", "192.0.2.1", 32),
            ("2001:db8::/32", "2001:db8::", 32),
            ("::/0", "::", 0),
            ("::1/128", "::1", 128),
        ] {
            assert_eq!(text.parse(), Ok(Prefix::of(of(start), length)), "{text}");
        }
        for text in [
            "",
            "/",
            "192.0.2.0/33",
            "::/129",
            "192.0.2/24",
            "192.0.2.0/",
            "192.0.2.0/+8",
            "a/8",
            "192.0.2.0/256",
            "192.0.2.0/8/8",
        ] {
            assert_eq!(text.parse::<Prefix>(), Err(Wrong::Form), "{text}");
        }
        for (text, meant) in [
            ("192.0.2.1/24", "192.0.2.0/24"),
            ("255.255.255.255/0", "0.0.0.0/0"),
            ("2001:db8::1/32", "2001:db8::/32"),
        ] {
            let Err(Wrong::Bits(prefix)) = text.parse::<Prefix>() else {
                panic!("{text}");
            };
            assert_eq!(prefix.to_string(), meant);
        }
    }

    #[test]
    fn one_address_is_written_without_its_length() {
        for text in ["192.0.2.1", "2001:db8::1"] {
            let (short, length) = (text.parse::<Prefix>(), text.len());
            let bits = if text.contains(':') { 128 } else { 32 };
            assert_eq!(format!("{text}/{bits}").parse(), short);
            let prefix = short.unwrap();
            assert_eq!(prefix.to_string().len(), length);
            assert_eq!(prefix.address(), text.parse().ok());
        }
        let network: Prefix = "192.0.2.0/31".parse().unwrap();
        assert_eq!(network.address(), None);
    }

    #[test]
    fn hosts_stay_in_their_network() {
        let hosts = |text: &str| -> Vec<String> {
            let prefix: Prefix = text.parse().unwrap();
            prefix.hosts().take(5).map(|own| own.to_string()).collect()
        };
        assert_eq!(
            hosts("192.0.2.252/30"),
            ["192.0.2.253", "192.0.2.254", "192.0.2.255"]
        );
        assert_eq!(hosts("255.255.255.254/31"), ["255.255.255.255"]);
        assert_eq!(hosts("2001:db8::/127"), ["2001:db8::1"]);
        assert_eq!(hosts("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), [""; 0]);
        assert_eq!(hosts("10.0.0.0/8").len(), 5);
    }
}
