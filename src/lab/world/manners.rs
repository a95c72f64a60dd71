//! What a node does to packets and how it answers.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::units::Seconds;

/// The manners of one node.
#[derive(Debug, Clone, PartialEq)]
pub struct Manners {
    /// It answers nothing.
    pub silent: bool,
    /// It answers from these instead of from its own addresses, each in its family.
    pub answers_from: Vec<IpAddr>,
    /// It takes so long to make an answer.
    pub answer_delay: Seconds,
    /// It sends each answer so many times.
    pub copies: u32,
    /// Bytes behind the IP header that its errors quote; `None` for as many as fit.
    pub quote: Option<u16>,
    /// MPLS labels that its errors tell.
    pub labels: Vec<Label>,
    /// Interfaces of its own that its errors tell.
    pub interfaces: Vec<Interface>,
    /// Bounds on its errors; one goes out if all of them allow it.
    pub limits: Vec<Limit>,
    /// By what it chooses among branches behind it.
    pub balance: Balance,
    /// It writes this class of service (DSCP) into what it forwards away from the client.
    pub class: Option<u8>,
    /// Its filter: the first rule that fits decides, what none fits passes.
    pub rules: Vec<Rule>,
    /// It translates sources.
    pub nat: Option<Nat>,
    /// It has these addresses for the server's and translates destinations.
    pub public: Vec<IpAddr>,
    /// Answers it makes up for packets that come to it.
    pub forgeries: Vec<Forgery>,
}

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            silent: false,
            answers_from: Vec::new(),
            answer_delay: Seconds::ZERO,
            copies: 1,
            quote: None,
            labels: Vec::new(),
            interfaces: Vec::new(),
            limits: Vec::new(),
            balance: Balance::Flow,
            class: None,
            rules: Vec::new(),
            nat: None,
            public: Vec::new(),
            forgeries: Vec::new(),
        }
    }
}

/// A token bucket for ICMP errors. Linux has one for each address that it answers, of 6 and one
/// more every second (`icmp_ratelimit`), and one for all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Errors that may go out at once.
    pub burst: u32,
    /// The time after which there may be one more.
    pub every: Seconds,
    /// Whose errors it counts.
    pub per: Per,
}

/// Whose errors a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// One bucket for each address that is answered.
    #[default]
    Source,
    /// One bucket for all.
    All,
}

/// By what a router chooses among branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Addresses, protocol and ports; of ICMP the addresses alone, as Linux does.
    #[default]
    Flow,
    /// Addresses, protocol and the first four bytes behind the IP header: ports, or ICMP type, code
    /// and checksum (Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", 2006).
    FirstBytes,
    /// The two addresses.
    Destination,
    /// Nothing: by lot, packet by packet.
    Packet,
}

/// Which packets a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Away from the client.
    #[default]
    Forward,
    /// Towards the client.
    Return,
}

/// A rule of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// For packets of this direction.
    pub direction: Direction,
    /// For these packets.
    pub traffic: Traffic,
    /// What becomes of them.
    pub then: Then,
}

/// Which packets a rule means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// What they carry.
    pub kind: Kind,
    /// The server's port, where they have ports.
    pub ports: RangeInclusive<u16>,
}

/// What a packet carries, as filters tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Any,
    /// ICMP of any kind.
    Icmp,
    /// ICMP echo and its reply.
    Echo,
    /// ICMP errors.
    Error,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// What becomes of a packet that a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It goes on.
    Pass,
    /// It is gone, and nothing is said.
    Drop,
    /// A TCP reset in the name of the one it was for.
    Reset,
    /// ICMP network unreachable (code 0; IPv6 no route).
    NoRoute,
    /// ICMP host unreachable (code 1; IPv6 address unreachable).
    NoHost,
    /// ICMP port unreachable (code 3).
    NoPort,
    /// ICMP network administratively prohibited (code 9).
    NetProhibited,
    /// ICMP host administratively prohibited (code 10).
    HostProhibited,
    /// ICMP communication administratively prohibited (code 13; IPv6 code 1).
    AdminProhibited,
}

/// Source translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nat {
    /// What the source becomes, by family.
    pub addresses: Vec<IpAddr>,
    /// Whether ports and echo identifiers change too.
    pub ports: bool,
    /// Whether quotes in ICMP errors are turned back on their way to the client (RFC 5508, 4.2).
    pub restores: bool,
}

/// An answer that nobody should believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What it says.
    pub says: Says,
    /// Whom it pretends to be, by family; the router itself where that is empty.
    pub from: Vec<IpAddr>,
}

/// What is wrong with a made-up answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Right addresses and ports; every byte of the quoted payload turned over, of TCP the
    /// sequence number.
    WrongTag,
    /// It quotes another source port or echo identifier.
    WrongPort,
    /// It quotes four bytes behind the IP header.
    Truncated,
    /// Its own checksum is wrong.
    WrongChecksum,
}

/// What a made-up answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// ICMP time exceeded.
    #[default]
    TimeExceeded,
    /// ICMP port unreachable.
    NoPort,
}
