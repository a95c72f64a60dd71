//! How all probes of a run leave this host and look.

use std::net::IpAddr;
use std::time::Duration;

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
    /// Leave from this port. UDP: flow 0 does, other flows have ports of their own. TCP: attempt
    /// number n leaves from n ports above it, as an attempt keeps its port while it lasts.
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
            patience: Duration::from_secs(3),
            tag,
            exact: true,
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
