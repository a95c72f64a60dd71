//! The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.

use std::net::IpAddr;

/// A one's complement sum in the making. Words keep their place: only the last part may be odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum(u64);

impl Sum {
    fn add(self, bytes: &[u8]) -> Sum {
        let (words, rest) = bytes.as_chunks::<2>();
        let sum: u64 = words
            .iter()
            .map(|word| u64::from(u16::from_be_bytes(*word)))
            .sum();
        // An odd byte stands before a byte of 0.
        let last = rest.first().map_or(0, |byte| u64::from(*byte) << 8);
        Sum(self.0 + sum + last)
    }

    fn add_address(self, address: IpAddr) -> Sum {
        match address {
            IpAddr::V4(address) => self.add(&address.octets()),
            IpAddr::V6(address) => self.add(&address.octets()),
        }
    }

    fn checksum(self) -> u16 {
        !fold(self.0)
    }
}

/// Adds the carries back in until there are none.
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The checksum of `bytes`, in which the checksum field is 0. Of bytes that contain their right
/// checksum it is 0.
pub fn of(bytes: &[u8]) -> u16 {
    Sum::default().add(bytes).checksum()
}

/// The same with the pseudo-header that UDP, TCP and ICMPv6 count in: addresses, length and
/// protocol (RFC 768, RFC 9293 3.1, RFC 8200 8.1).
pub fn with_addresses(bytes: &[u8], protocol: u8, source: IpAddr, destination: IpAddr) -> u16 {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Sum::default()
        .add_address(source)
        .add_address(destination)
        .add(&length.to_be_bytes())
        .add(&[0, protocol])
        .add(bytes)
        .checksum()
}

/// What the checksum field holds while the sum is left to the network card: that of addresses, length
/// and protocol alone, not complemented. Packets between virtual hosts of one machine never get a
/// whole one, and are so quoted.
pub fn unfinished(length: u16, protocol: u8, source: IpAddr, destination: IpAddr) -> u16 {
    let sum = Sum::default().add_address(source).add_address(destination);
    fold(sum.add(&length.to_be_bytes()).add(&[0, protocol]).0)
}

/// The checksum for a field in which 0 says that there is none (RFC 768, RFC 4884 7): its equal there
/// says 0.
pub fn never_zero(checksum: u16) -> u16 {
    match checksum {
        0 => !0,
        checksum => checksum,
    }
}

/// The word that, written over a word of 0, turns a packet's checksum from `current` into `wanted`.
/// A checksum of 0xffff cannot be had: some word is never 0.
pub fn filler(current: u16, wanted: u16) -> u16 {
    // ~(sum + filler) = wanted, and current = ~sum = -sum.
    fold(u64::from(!wanted) + u64::from(current))
}

/// The checksum after `before` became `after`, both of one even length (RFC 1624, equation 3): a wrong
/// one stays as wrong as it was.
pub fn updated(checksum: u16, before: &[u8], after: &[u8]) -> u16 {
    let Sum(kept) = Sum(u64::from(!checksum)).add(after);
    // Taking off is adding the complement, which `of` is of the sum.
    !fold(kept + u64::from(of(before)))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use pnet_packet::ip::IpNextHeaderProtocol;
    use pnet_packet::util;
    use proptest::prelude::*;

    use super::*;

    /// The definition, word by word, with end-around carry at once.
    fn plain(words: impl Iterator<Item = u16>) -> u16 {
        !words.fold(0u16, |sum, word| {
            let (sum, carry) = sum.overflowing_add(word);
            sum + u16::from(carry)
        })
    }

    fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
        let word =
            |two: &[u8]| u16::from(two[0]) << 8 | two.get(1).map_or(0, |low| u16::from(*low));
        bytes.chunks(2).map(word)
    }

    #[test]
    fn the_example_of_rfc_1071() {
        // Section 3: these bytes sum to ddf2.
        assert_eq!(
            of(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
        assert_eq!(of(&[]), 0xffff);
    }

    proptest! {
        #[test]
        fn equals_the_definition_and_another_implementation(
            bytes in prop::collection::vec(any::<u8>(), 1..100),
            source: u32, destination: u32, source6: u128, destination6: u128, protocol: u8,
        ) {
            prop_assert_eq!(of(&bytes), plain(words(&bytes)));
            prop_assert_eq!(of(&bytes), util::checksum(&bytes, usize::MAX));
            let number = IpNextHeaderProtocol(protocol);
            let (from, to) = (Ipv4Addr::from(source), Ipv4Addr::from(destination));
            let other = util::ipv4_checksum(&bytes, usize::MAX, &[], &from, &to, number);
            prop_assert_eq!(with_addresses(&bytes, protocol, from.into(), to.into()), other);
            let (from, to) = (Ipv6Addr::from(source6), Ipv6Addr::from(destination6));
            let other = util::ipv6_checksum(&bytes, usize::MAX, &[], &from, &to, number);
            prop_assert_eq!(with_addresses(&bytes, protocol, from.into(), to.into()), other);
        }

        #[test]
        fn what_was_left_unfinished_can_be_finished(
            mut bytes in prop::collection::vec(any::<u8>(), 8..60), source: u128, destination: u128,
        ) {
            // As a card does it: the sum over the packet with the field in it, complemented.
            let (from, to) = (IpAddr::V6(source.into()), IpAddr::V6(destination.into()));
            bytes[6..8].fill(0);
            let whole = with_addresses(&bytes, 17, from, to);
            let part = unfinished(bytes.len() as u16, 17, from, to);
            bytes[6..8].copy_from_slice(&part.to_be_bytes());
            prop_assert_eq!(of(&bytes), whole);
        }

        #[test]
        fn an_update_equals_a_new_sum(
            mut bytes in prop::collection::vec(any::<u8>(), 40), patch: [u8; 4], at in 0usize..18,
        ) {
            // Not all zero, so that the sum has one form only.
            bytes.splice(..0, [1, 2]);
            let (before, at) = (bytes.clone(), 2 * at + 2);
            bytes[at..at + 4].copy_from_slice(&patch);
            prop_assert_eq!(updated(of(&before), &before[at..at + 4], &patch), of(&bytes));
        }

        #[test]
        fn a_filler_brings_any_checksum_about(
            mut bytes in prop::collection::vec(any::<u8>(), 2..64), wanted in 0u16..0xffff,
        ) {
            bytes.extend([0x12, 0x34]);
            let at = (bytes.len() - 2) / 2 * 2;
            bytes[at..at + 2].fill(0);
            let filler = filler(of(&bytes), wanted);
            bytes[at..at + 2].copy_from_slice(&filler.to_be_bytes());
            prop_assert_eq!(of(&bytes), wanted);
        }
    }
}
