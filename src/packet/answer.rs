//! What routers and hosts say to a packet: the errors of RFC 792, RFC 1812 and RFC 4443, echo replies,
//! and the first answer of a TCP port.

use std::net::IpAddr;

use super::extension::Extensions;
use super::icmp::{Body, HEADER, Icmp};
use super::ip::Ip;
use super::tcp::{SYN, Tcp};
use super::{Family, ipv4, ipv6, protocol};

/// Why a packet goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It has passed as many routers as it may.
    HopsExceeded,
    /// Some of its fragments did not come in time.
    ReassemblyExceeded,
    /// Destination unreachable, of this code.
    Unreachable(u8),
    /// It does not fit into the next link, which takes this many bytes.
    TooBig(u32),
}

impl Fault {
    /// Type, code and parameter (see [`Body::Error`]) of the error.
    fn told(self, family: Family) -> (u8, u8, u32) {
        match (family, self) {
            (Family::V4, Fault::HopsExceeded) => (11, 0, 0),
            (Family::V4, Fault::ReassemblyExceeded) => (11, 1, 0),
            (Family::V4, Fault::Unreachable(code)) => (3, code, 0),
            (Family::V4, Fault::TooBig(mtu)) => (3, 4, mtu.min(u16::MAX.into())),
            (Family::V6, Fault::HopsExceeded) => (3, 0, 0),
            (Family::V6, Fault::ReassemblyExceeded) => (3, 1, 0),
            (Family::V6, Fault::Unreachable(code)) => (1, code, 0),
            (Family::V6, Fault::TooBig(mtu)) => (2, 0, mtu),
        }
    }
}

/// Bytes of a whole IPv4 error (RFC 1812 4.3.2.3).
const MOST_V4: usize = 576;
/// Bytes of a whole IPv6 error (RFC 4443 2.4 c).
const MOST_V6: usize = 1280;

/// The packet in which `from` tells the sender of `packet` about `fault`. It quotes the IP header and
/// at most `quoted` bytes after it, fewer where that would grow beyond what an error may take.
///
/// `None` where there must be no error (RFC 1122 3.2.2, RFC 4443 2.4 e): about an error, about a later
/// fragment, to or from more than one host, and to another family; and where `packet` is no packet.
pub fn error(
    packet: &[u8],
    from: IpAddr,
    fault: Fault,
    quoted: usize,
    extensions: Option<&Extensions<'_>>,
) -> Option<Vec<u8>> {
    let ip = Ip::parse(packet)?;
    let upper = ip.upper()?;
    let family = Family::of(from);
    let single = |address: IpAddr| !address.is_multicast() && !address.is_unspecified();
    let one_to_one = single(ip.source()) && single(ip.destination());
    if upper.later_fragment || !one_to_one || family != Family::of(ip.source()) {
        return None;
    }
    let icmp = protocol::icmp(family);
    let (header, outer, most) = match ip {
        Ip::V4(ip) => (ipv4::HEADER + ip.options.len(), ipv4::HEADER, MOST_V4),
        Ip::V6(_) => (ipv6::HEADER, ipv6::HEADER, MOST_V6),
    };
    if upper.protocol == icmp && Icmp::parse(family, upper.bytes)?.is_error() {
        return None;
    }
    let behind = extensions.map_or(0, |extensions| extensions.emit().len());
    let mut room = most.saturating_sub(outer + HEADER + behind);
    if behind > 0 {
        // A quote before extensions is of whole words, of 8 bytes at most.
        room -= room % 8;
    }
    let end = header.saturating_add(quoted).min(room);
    let (kind, code, parameter) = fault.told(family);
    let message = Icmp {
        family,
        kind,
        code,
        body: Body::Error {
            parameter,
            quote: packet.get(..end).unwrap_or(packet),
            extensions: extensions.cloned(),
        },
    };
    Some(Ip::plain(from, ip.source(), icmp, &message.emit(from, ip.source()))?.emit())
}

/// The reply to an echo request in `packet`; `None` when it is none.
pub fn echo(packet: &[u8]) -> Option<Vec<u8>> {
    let ip = Ip::parse(packet)?;
    let upper = ip.upper()?;
    let (from, to) = (ip.destination(), ip.source());
    let family = Family::of(from);
    let icmp = protocol::icmp(family);
    if upper.later_fragment || upper.protocol != icmp {
        return None;
    }
    let reply = Icmp::parse(family, upper.bytes)?.reply()?.emit(from, to);
    Some(Ip::plain(from, to, icmp, &reply)?.emit())
}

/// The first answer of a TCP port: of an open one to a SYN with its own first number `open`, of a
/// closed one (`None`) to anything but a reset. `None` when `packet` is neither.
pub fn tcp(packet: &[u8], open: Option<u32>) -> Option<Vec<u8>> {
    let ip = Ip::parse(packet)?;
    let upper = ip.upper()?;
    if upper.later_fragment || upper.protocol != protocol::TCP {
        return None;
    }
    let segment = Tcp::parse(upper.bytes)?;
    let answer = match open {
        Some(sequence) => (segment.flags == SYN).then(|| segment.syn_ack(sequence))?,
        None => segment.reset()?,
    };
    let (from, to) = (ip.destination(), ip.source());
    Some(Ip::plain(from, to, protocol::TCP, &answer.emit(from, to))?.emit())
}

#[cfg(test)]
mod tests;
