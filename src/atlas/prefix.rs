//! Networks, as numbers that sort with what is inside them behind them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network. Networks of one family are sorted by where they begin, larger ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    /// Its first address; of an IPv4 network the first 32 of the 128 bits.
    start: u128,
    length: u8,
}

/// An address as a number.
pub(super) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Prefix {
    /// The network of the first `length` bits of an address; it may have others.
    pub(super) fn of(bits: u128, length: u8) -> Prefix {
        let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128)));
        let start = bits & mask.unwrap_or(0);
        Prefix { start, length }
    }

    /// Whether an address is in this network.
    pub(super) fn holds(self, bits: u128) -> bool {
        Prefix::of(bits, self.length).start == self.start
    }

    /// Whether all of `other` is in this network.
    pub(super) fn covers(self, other: Prefix) -> bool {
        self.length <= other.length && self.holds(other.start)
    }

    /// Whether it begins at or before an address.
    pub(super) fn begins_by(self, bits: u128) -> bool {
        self.start <= bits
    }
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not written as one.
    Form,
    /// It has bits behind its length; the network of that length is this one.
    Bits(String),
}

/// Reads "192.0.2.0/24", "2001:db8::/32", or one address; true for IPv6.
pub(super) fn read(text: &str) -> Result<(bool, Prefix), Wrong> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| Wrong::Form)?;
    let longest = if address.is_ipv6() { 128 } else { 32 };
    let length = match length {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| Wrong::Form)?
        }
        Some(_) => return Err(Wrong::Form),
        None => longest,
    };
    if length > longest {
        return Err(Wrong::Form);
    }
    let prefix = Prefix::of(bits(address), length);
    match prefix.start == bits(address) {
        true => Ok((address.is_ipv6(), prefix)),
        false => Err(Wrong::Bits(shown(address.is_ipv6(), prefix).to_string())),
    }
}

/// A network as it is written.
fn shown(ipv6: bool, prefix: Prefix) -> impl fmt::Display {
    let start = match ipv6 {
        true => IpAddr::V6(Ipv6Addr::from_bits(prefix.start)),
        // Only the first 32 bits are an IPv4 address.
        false => IpAddr::V4(Ipv4Addr::from_bits((prefix.start >> 96) as u32)),
    };
    format!("{start}/{}", prefix.length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_what_is_none_is_refused() {
        let of = |text: &str| {
            let address: IpAddr = text.parse().unwrap();
            bits(address)
        };
        for (text, ipv6, start, length) in [
            ("192.0.2.0/24", false, "192.0.2.0", 24),
            ("0.0.0.0/0", false, "0.0.0.0", 0),
            ("192.0.2.1", false, "192.0.2.1", 32),
            ("2001:db8::/32", true, "2001:db8::", 32),
            ("::/0", true, "::", 0),
            ("::1/128", true, "::1", 128),
        ] {
            assert_eq!(
                read(text),
                Ok((ipv6, Prefix::of(of(start), length))),
                "{text}"
            );
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
            assert_eq!(read(text), Err(Wrong::Form), "{text}");
        }
        for (text, meant) in [
            ("192.0.2.1/24", "192.0.2.0/24"),
            ("255.255.255.255/0", "0.0.0.0/0"),
            ("2001:db8::1/32", "2001:db8::/32"),
        ] {
            assert_eq!(read(text), Err(Wrong::Bits(meant.to_string())), "{text}");
        }
    }
}
