//! Addresses of a network, or from a first to a last one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Error;
use crate::lang::Text;
use crate::text;

/// A run takes no more addresses than this: a /15 of IPv4.
const MOST: u128 = 1 << 17;

/// The addresses that `words` mean: `192.0.2.0/24`, or a first and a last address.
pub(super) fn addresses(words: &[String]) -> Result<Vec<IpAddr>, Error> {
    match words {
        [network] => match network.split_once('/') {
            Some((address, length)) => within(address, length),
            None => Err(usage()),
        },
        [first, last] => between(parsed(first)?, parsed(last)?),
        _ => Err(usage()),
    }
}

fn usage() -> Error {
    Error::Argument(Text::new(
        "-g 需要一个网段（例如 192.0.2.0/24），或首末两个地址",
        "-g needs a network, for example 192.0.2.0/24, or a first and a last address",
    ))
}

fn parsed(word: &str) -> Result<IpAddr, Error> {
    word.parse().map_err(|_| {
        Error::Argument(text!(
            "\"{word}\" 不是 IP 地址；-g 只接受地址",
            "\"{word}\" is not an IP address; -g takes addresses only"
        ))
    })
}

/// All of a network but, in IPv4, the network's own address and the broadcast address; the two of a
/// /31 (RFC 3021) and the one of a /32 are hosts.
fn within(address: &str, length: &str) -> Result<Vec<IpAddr>, Error> {
    let address = parsed(address)?;
    let bits: u32 = if address.is_ipv6() { 128 } else { 32 };
    let length = length
        .parse()
        .ok()
        .filter(|length| (1..=bits).contains(length));
    let length = length.ok_or_else(|| {
        Error::Argument(text!(
            "前缀长度应为 1 到 {bits}",
            "a prefix has 1 to {bits} bits"
        ))
    })?;
    let hosts = bits - length;
    let mask = (1u128 << hosts).wrapping_sub(1);
    let first = number(address) & !mask;
    let last = first | mask;
    let narrowed = address.is_ipv4() && hosts > 1;
    let (first, last) = match narrowed {
        true => (first + 1, last - 1),
        false => (first, last),
    };
    listed(first, last, address.is_ipv6())
}

fn between(first: IpAddr, last: IpAddr) -> Result<Vec<IpAddr>, Error> {
    if first.is_ipv6() != last.is_ipv6() {
        return Err(Error::Argument(text!(
            "{first} 与 {last} 不是同一地址族",
            "{first} and {last} are not of one address family"
        )));
    }
    if first > last {
        return Err(Error::Argument(text!(
            "首地址 {first} 大于末地址 {last}",
            "the first address, {first}, is beyond the last, {last}"
        )));
    }
    listed(number(first), number(last), first.is_ipv6())
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

fn listed(first: u128, last: u128, ipv6: bool) -> Result<Vec<IpAddr>, Error> {
    if last - first >= MOST {
        return Err(Error::Argument(text!(
            "-g 的地址太多；一次最多 {MOST} 个",
            "-g gives too many addresses; a run takes {MOST} at most"
        )));
    }
    let address = |number: u128| match ipv6 {
        true => IpAddr::V6(Ipv6Addr::from(number)),
        false => IpAddr::V4(Ipv4Addr::from(number as u32)),
    };
    Ok((first..=last).map(address).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let found = addresses(&words).map_err(|error| error.to_string())?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_network_leaves_out_its_own_and_its_broadcast_address() {
        let hosts = said(&["192.0.2.77/29"]).unwrap();
        assert_eq!(
            (hosts.len(), &*hosts[0], &*hosts[5]),
            (6, "192.0.2.73", "192.0.2.78")
        );
        assert_eq!(said(&["192.0.2.7/31"]).unwrap(), ["192.0.2.6", "192.0.2.7"]);
        assert_eq!(said(&["192.0.2.7/32"]).unwrap(), ["192.0.2.7"]);
        assert_eq!(said(&["192.0.0.0/16"]).unwrap().len(), 65_534);
        assert_eq!(said(&["2001:db8::5/126"]).unwrap()[3], "2001:db8::7");
        assert_eq!(said(&["::1/128"]).unwrap(), ["::1"]);
    }

    #[test]
    fn a_range_takes_both_ends() {
        let hosts = said(&["192.0.2.254", "192.0.3.1"]).unwrap();
        assert_eq!(
            hosts,
            ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]
        );
        assert_eq!(
            said(&["255.255.255.255", "255.255.255.255"]).unwrap().len(),
            1
        );
        let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assert_eq!(said(&[last, last]).unwrap(), [last]);
    }

    #[test]
    fn what_means_no_addresses_is_refused() {
        for (words, why) in [
            (&["192.0.2.1"][..], "needs a network"),
            (&[], "needs a network"),
            (&["a", "b", "c"], "needs a network"),
            (&["host", "192.0.2.1"], "not an IP address"),
            (&["192.0.2.0/33"], "1 to 32 bits"),
            (&["192.0.2.0/0"], "1 to 32 bits"),
            (&["::/129"], "1 to 128 bits"),
            (&["192.0.2.9", "192.0.2.1"], "beyond the last"),
            (&["192.0.2.9", "::1"], "not of one address family"),
            (&["10.0.0.0/8"], "too many"),
            (&["::/1"], "too many"),
        ] {
            let refused = said(words).unwrap_err();
            assert!(refused.contains(why), "{words:?}: {refused}");
        }
    }
}
