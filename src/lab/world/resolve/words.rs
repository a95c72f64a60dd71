//! Words of a world file that stand for more than themselves: addresses, blocks, traffic.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::report;
use crate::document::Checked;
use crate::lab::namespace::Block;
use crate::lab::world::file::RuleFile;
use crate::lab::world::{Kind, Service, Then, Traffic};
use crate::lang::Text;
use crate::text;

/// Reads a list of addresses; what is none is reported at its place in `path`.
pub(super) fn addresses(
    written: &[String],
    path: &[&str],
    checked: &mut Checked<'_>,
) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for (at, text) in written.iter().enumerate() {
        match text.parse() {
            Ok(address) => found.push(address),
            Err(_) => report(
                checked,
                &[path, &[&at.to_string()]].concat(),
                "bad-address",
                text!("\"{text}\" 不是 IP 地址", "\"{text}\" is not an IP address"),
                Text::new(
                    "例如 \"192.0.2.4\" 或 \"2001:db8::4\"",
                    "for example \"192.0.2.4\" or \"2001:db8::4\"",
                ),
            ),
        }
    }
    found
}

/// Reads a list of blocks of addresses.
pub(super) fn blocks(written: &[String], path: &[&str], checked: &mut Checked<'_>) -> Vec<Block> {
    let mut found = Vec::new();
    for (at, text) in written.iter().enumerate() {
        match block(text) {
            Some(block) => found.push(block),
            None => report(
                checked,
                &[path, &[&at.to_string()]].concat(),
                "bad-block",
                text!(
                    "\"{text}\" 不是地址段",
                    "\"{text}\" is not a block of addresses"
                ),
                Text::new(
                    "例如 \"192.0.2.0/24\"，前缀之后的位都是 0",
                    "for example \"192.0.2.0/24\"; bits past the prefix are 0",
                ),
            ),
        }
    }
    found
}

fn block(text: &str) -> Option<Block> {
    let (address, length) = text.split_once('/')?;
    let (address, length): (IpAddr, u8) = (address.parse().ok()?, length.parse().ok()?);
    let (bits, whole) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let past = bits.checked_shl(length.into()).unwrap_or(0);
    (length <= whole && past == 0).then_some((address, length))
}

/// Reads the open ports of the server.
pub(super) fn services(
    written: &[String],
    server: usize,
    checked: &mut Checked<'_>,
) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for (at, text) in written.iter().enumerate() {
        let service = match text.split_once(' ') {
            Some((kind @ ("tcp" | "http"), port)) => port.trim().parse().ok().map(|port| Service {
                node: server,
                port,
                http: kind == "http",
            }),
            _ => None,
        };
        let taken = |port| found.iter().any(|other| other.port == port);
        match service.filter(|own| own.port > 0 && !taken(own.port)) {
            Some(service) => found.push(service),
            None => report(
                checked,
                &["server", "serve", &at.to_string()],
                "bad-service",
                text!(
                    "\"{text}\" 不能说明开放哪个端口",
                    "\"{text}\" does not say which port is open"
                ),
                Text::new(
                    "例如 \"tcp 443\" 或 \"http 80\"，一个端口只写一次",
                    "for example \"tcp 443\" or \"http 80\", each port once",
                ),
            ),
        }
    }
    found
}

/// Reads what a rule means: "any", "icmp", "echo", "error", "tcp", "udp 33434-33534".
pub(super) fn traffic(rule: &RuleFile, path: &[&str], checked: &mut Checked<'_>) -> Traffic {
    let text = &rule.traffic;
    let mut words = text.split_whitespace();
    let kind = match words.next() {
        Some("any") => Some(Kind::Any),
        Some("icmp") => Some(Kind::Icmp),
        Some("echo") => Some(Kind::Echo),
        Some("error") => Some(Kind::Error),
        Some("tcp") => Some(Kind::Tcp),
        Some("udp") => Some(Kind::Udp),
        _ => None,
    };
    let ports = match (kind, words.next()) {
        (_, None) => Some(0..=u16::MAX),
        (Some(Kind::Tcp | Kind::Udp), Some(ports)) => range(ports),
        _ => None,
    };
    let (Some(kind), Some(ports), None) = (kind, ports, words.next()) else {
        report(
            checked,
            &[path, &["match"]].concat(),
            "bad-match",
            text!(
                "\"{text}\" 不能说明是哪些报文",
                "\"{text}\" does not say which packets"
            ),
            Text::new(
                "可写 any、icmp、echo、error、tcp、udp；tcp 和 udp 之后可写服务器端口，如 \"tcp 443\" 或 \"udp 33434-33534\"",
                "any, icmp, echo, error, tcp or udp; behind tcp and udp the server's port, \"tcp 443\" or \"udp 33434-33534\"",
            ),
        );
        return Traffic {
            kind: Kind::Any,
            ports: 0..=u16::MAX,
        };
    };
    if rule.then == Then::Reset && kind != Kind::Tcp {
        report(
            checked,
            &[path, &["then"]].concat(),
            "reset-not-tcp",
            Text::new("只有 TCP 能被重置", "only TCP can be reset"),
            Text::new(
                "写 match = \"tcp\"，或改用 admin-prohibited",
                "write match = \"tcp\", or take admin-prohibited",
            ),
        );
    }
    Traffic { kind, ports }
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(first..=last)
}
