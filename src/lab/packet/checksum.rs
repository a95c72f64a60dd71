//! The Internet checksum: the ones' complement of the ones' complement sum of 16-bit words.

/// The checksum of `bytes` in which the checksum's own field is zero (RFC 1071).
pub(super) fn of(bytes: &[u8]) -> u16 {
    !folded(sum(bytes))
}

/// The checksum of a body with the pseudo-header of its addresses (RFC 793, 3.1; RFC 8200, 8.1).
pub(super) fn with_addresses(addresses: &[u8], protocol: u8, body: &[u8]) -> u16 {
    let length = body.len() as u64;
    !folded(sum(addresses) + u64::from(protocol) + length + sum(body))
}

/// The checksum after `before` became `after`, both of one even length (RFC 1624, equation 3).
pub(super) fn updated(checksum: u16, before: &[u8], after: &[u8]) -> u16 {
    let taken: u64 = words(before).map(|word| u64::from(!word)).sum();
    !folded(u64::from(!checksum) + taken + sum(after))
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let pairs = bytes.chunks(2);
    pairs.map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))
}

fn sum(bytes: &[u8]) -> u64 {
    words(bytes).map(u64::from).sum()
}

fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        // Section 3: 0001 f203 f4f5 f6f7 add up to ddf2.
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(of(&bytes), !0xddf2);
    }

    proptest! {
        #[test]
        fn an_update_equals_a_new_sum(before in prop::collection::vec(any::<u8>(), 40), patch in any::<[u8; 4]>(), at in 0..18usize) {
            // A body that is not all zero, whose sum has one representation only.
            let before = [&[1, 2][..], &before].concat();
            let mut after = before.clone();
            after[2 * at + 2..][..4].copy_from_slice(&patch);
            let patched = &before[2 * at + 2..][..4];
            prop_assert_eq!(updated(of(&before), patched, &patch), of(&after));
        }
    }
}
