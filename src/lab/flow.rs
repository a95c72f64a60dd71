//! Which branch a packet takes where a path forks.

use std::net::IpAddr;

use super::packet::{Head, head};
use super::world::Balance;

/// What a router with this balance looks at, as numbers; `None` where it looks at nothing. Both
/// directions of a flow give the same.
fn key(balance: Balance, packet: &[u8], head: &Head) -> Option<[u128; 4]> {
    let bits = |address| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let protocol = u128::from(head.protocol);
    let (from, to) = (bits(head.from), bits(head.to));
    let ports = head.ports(packet);
    let ends = |ports: Option<(u16, u16)>| {
        let (source, destination) = ports.unwrap_or_default();
        let mut ends = [(from, source), (to, destination)];
        ends.sort();
        let ports = u128::from(ends[0].1) << 16 | u128::from(ends[1].1);
        [ends[0].0, ends[1].0, protocol, ports]
    };
    let first_bytes = || {
        let bytes: &[u8; 4] = packet.get(head.body..)?.first_chunk()?;
        Some(u128::from(u32::from_be_bytes(*bytes)))
    };
    match balance {
        Balance::Packet => None,
        Balance::Destination => {
            let [a, b, ..] = ends(None);
            Some([a, b, 0, 0])
        }
        Balance::Flow => Some(ends(ports)),
        Balance::FirstBytes if ports.is_some() => Some(ends(ports)),
        Balance::FirstBytes => {
            let [a, b, protocol, _] = ends(None);
            Some([a, b, protocol, first_bytes().unwrap_or_default()])
        }
    }
}

/// The branch of `branches` that a packet takes at fork number `fork` of a world; `lot` gives a
/// number where nothing of the packet decides.
pub(super) fn branch(
    balance: Balance,
    packet: &[u8],
    (seed, fork): (u64, usize),
    branches: usize,
    lot: impl FnOnce() -> u64,
) -> usize {
    let key = head(packet).and_then(|head| key(balance, packet, &head));
    let number = match key {
        Some(key) => {
            let halves = key
                .into_iter()
                .flat_map(|word| [(word >> 64) as u64, word as u64]);
            halves.fold(mixed(seed ^ mixed(fork as u64)), |state, half| {
                mixed(state ^ half)
            })
        }
        None => lot(),
    };
    (number % branches.max(1) as u64) as usize
}

/// The output function of SplitMix64 (Steele, Lea and Flood, 2014): every input bit moves half of
/// the output bits.
fn mixed(input: u64) -> u64 {
    let state = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::packet::samples::{addresses, echo, tcp, udp};
    use super::*;

    fn chosen(balance: Balance, packet: &[u8], branches: usize) -> usize {
        branch(balance, packet, (1, 0), branches, || {
            panic!("no lot is drawn")
        })
    }

    #[test]
    fn a_flow_keeps_its_branch_both_ways_whatever_it_carries() {
        for ipv6 in [false, true] {
            let [client, server] = addresses(ipv6);
            for port in 4000..4100 {
                let there = udp([client, server], (port, 53), b"question");
                let back = udp([server, client], (53, port), b"another answer");
                for balance in [Balance::Flow, Balance::FirstBytes, Balance::Destination] {
                    assert_eq!(chosen(balance, &there, 8), chosen(balance, &back, 8));
                }
            }
        }
    }

    #[test]
    fn flows_are_spread_evenly() {
        for ipv6 in [false, true] {
            let ends = addresses(ipv6);
            let mut counts = [0f64; 4];
            for port in 0..4000 {
                let packet = tcp(ends, (10_000 + port, 443), 2, b"");
                counts[chosen(Balance::Flow, &packet, 4)] += 1.0;
            }
            // Chi-squared with 3 degrees of freedom: above 21.1 once in ten thousand.
            let chi: f64 = counts.iter().map(|n| (n - 1000.0).powi(2) / 1000.0).sum();
            assert!(chi < 21.1, "{counts:?}");
        }
    }

    #[test]
    fn echoes_are_one_flow_by_addresses_and_many_by_checksum() {
        let ends = addresses(false);
        let branches = |balance| {
            let all = (0..64).map(|number| chosen(balance, &echo(ends, 7, number, b""), 4));
            all.collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(branches(Balance::Flow), 1);
        // Each number gives another checksum: 64 of them miss one of four once in 25 million.
        assert_eq!(branches(Balance::FirstBytes), 4);
    }

    #[test]
    fn packet_by_packet_the_lot_decides() {
        let packet = udp(addresses(false), (1, 2), b"");
        let drawn = |lot| branch(Balance::Packet, &packet, (1, 0), 3, || lot);
        assert_eq!([drawn(0), drawn(4), drawn(8)], [0, 1, 2]);
    }
}
