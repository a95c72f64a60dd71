//! Who is pinged, and how: what a report tells beside the figures.

use std::net::IpAddr;

use crate::lang::Text;
use crate::probe::Target;

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What it is called in every line.
    pub name: String,
    /// What the list of targets says of it.
    pub label: Option<String>,
    /// Where its probes go.
    pub address: IpAddr,
}

/// A name that has no address: its state, and not the end of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// What the list of targets says of it.
    pub label: Option<String>,
    /// Why it has none.
    pub why: Text,
}

/// A kind of probes, in the words of fping's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its stable name.
    pub name: &'static str,
    /// What one probe is called.
    pub probe: &'static str,
    /// What several are called.
    pub probes: &'static str,
    /// What their replies are called.
    pub replies: &'static str,
}

/// ICMP echo.
pub const ICMP: Kind = Kind {
    name: "icmp",
    probe: "ICMP Echo",
    probes: "ICMP Echos",
    replies: "ICMP Echo Replies",
};

/// UDP datagrams.
pub const UDP: Kind = Kind {
    name: "udp",
    probe: "UDP Datagram",
    probes: "UDP Datagrams",
    replies: "UDP Replies",
};

/// TCP connection attempts.
pub const TCP: Kind = Kind {
    name: "tcp",
    probe: "TCP Connect",
    probes: "TCP Connects",
    replies: "TCP Replies",
};

/// TCP SYNs without a connection.
pub const SYN: Kind = Kind {
    name: "syn",
    probe: "TCP SYN",
    probes: "TCP SYNs",
    replies: "TCP Replies",
};

/// DNS questions.
pub const DNS: Kind = Kind {
    name: "dns",
    probe: "DNS Query",
    probes: "DNS Queries",
    replies: "DNS Replies",
};

/// TLS handshakes.
pub const TLS: Kind = Kind {
    name: "tls",
    probe: "TLS Handshake",
    probes: "TLS Handshakes",
    replies: "TLS Replies",
};

/// HTTP requests.
pub const HTTP: Kind = Kind {
    name: "http",
    probe: "HTTP Request",
    probes: "HTTP Requests",
    replies: "HTTP Replies",
};

/// What a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The targets, in the order of their numbers.
    pub hosts: Vec<Host>,
    /// Names without an address.
    pub unknown: Vec<Unknown>,
    /// The kind of probes.
    pub kind: Kind,
    /// Bytes of a reply without its IP header, where the kind of probe lets us say.
    pub bytes: Option<u16>,
    /// The port aimed at.
    pub port: Option<u16>,
    /// The way that was used.
    pub way: &'static str,
    /// The ways that were not, and why.
    pub others: Vec<(&'static str, Text)>,
    /// Whether the kernel was asked when each probe left.
    pub exact: bool,
    /// Local time of the start with its offset.
    pub start: String,
}

impl About {
    /// A target.
    pub fn host(&self, target: Target) -> Option<&Host> {
        self.hosts.get(target.0 as usize)
    }
}
