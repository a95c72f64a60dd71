//! How all probes of a run leave this host and look.

use std::net::IpAddr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::tag::Tag;
use super::{Probe, Target};
use crate::lang::Text;
use crate::text;

/// Where a probe's destination port comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ports {
    /// Every probe of a flow has the same ports, so that routers keep it on one path.
    #[default]
    Fixed,
    /// The destination port counts up with every probe, as the first traceroute did: each probe is
    /// a flow of its own.
    Classic,
}

/// How all probes of a run leave and look. Every socket network is opened with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// Leave from this address of ours; `None` leaves the choice to the routing table.
    pub source: Option<IpAddr>,
    /// Leave from this port. UDP: flow 0 does, other flows have ports of their own. TCP connections
    /// and exchanges: number n leaves from n ports above it, as each keeps its port while it lasts.
    /// SYNs: flow n leaves from n ports above it.
    pub source_port: Option<u16>,
    /// Leave by this interface, whatever the routing table says.
    pub interface: Option<String>,
    /// The byte of DSCP and ECN (RFC 2474, RFC 3168).
    pub tos: u8,
    /// Whether routers may not fragment the packet. Nor does this host then, and it does not heed
    /// what it has learnt of the path's MTU, so that each packet tells anew.
    pub whole: bool,
    /// Where destination ports come from (UDP).
    pub ports: Ports,
    /// Bytes of the whole packet with its IP header, for probes that do not say.
    pub size: u16,
    /// Whether what fills a probe up to its size is random, so that no link compresses it, or zeroes.
    pub random: bool,
    /// How long a reply is waited for. A probe without one is in flight for so long.
    pub patience: Duration,
    /// What marks the payloads of this run.
    pub tag: Tag,
    /// Whether the kernel is asked when each packet left, too. That takes a second message for each
    /// probe and the scheduler's delay off short round trips; a flood does without.
    pub exact: bool,
}

impl Manner {
    /// The usual manner: from wherever the system likes, ordinary packets of 64 bytes, three seconds
    /// of patience.
    pub fn plain(tag: Tag) -> Manner {
        Manner {
            source: None,
            source_port: None,
            interface: None,
            tos: 0,
            whole: false,
            ports: Ports::Fixed,
            size: 64,
            random: false,
            patience: Duration::from_secs(3),
            tag,
            exact: true,
        }
    }

    /// Makes `bytes` as long as `length`, if they are not, by what fills probes up.
    pub fn fill_up(&self, bytes: &mut Vec<u8>, length: usize) {
        let had = bytes.len();
        if had >= length {
            return;
        }
        bytes.resize(length, 0);
        if let Some(new) = bytes.get_mut(had..).filter(|_| self.random) {
            let Tag(seed) = self.tag;
            ChaCha8Rng::seed_from_u64(seed ^ had as u64).fill_bytes(new);
        }
    }

    /// Bytes of the whole packet of `probe`.
    pub(super) fn size_of(&self, probe: Probe) -> u16 {
        match probe.size {
            0 => self.size,
            size => size,
        }
    }
}

/// Why a probe to a target that its network was not opened with is not sent.
pub(super) fn unknown_target(Target(number): Target) -> Text {
    text!(
        "没有第 {number} 号目标",
        "there is no target number {number}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_up_is_zeroes_or_random_and_stays() {
        for random in [false, true] {
            let manner = Manner {
                random,
                ..Manner::plain(Tag(7))
            };
            let mut bytes = Vec::new();
            manner.fill_up(&mut bytes, 1000);
            let first = bytes.clone();
            manner.fill_up(&mut bytes, 500);
            assert_eq!(bytes, first);
            manner.fill_up(&mut bytes, 2000);
            assert_eq!((bytes.len(), &bytes[..1000]), (2000, &first[..]));
            let ones: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
            // Of 16,000 random bits half are set, within six standard deviations of 63.
            let expected = if random { 8000 - 380..8000 + 380 } else { 0..1 };
            assert!(expected.contains(&ones), "{ones}");
        }
    }
}
