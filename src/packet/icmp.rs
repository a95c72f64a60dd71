//! ICMP messages of both versions (RFC 792, RFC 4443): echoes, errors with the packet that they quote
//! and what stands behind it (RFC 4884).

use std::net::IpAddr;

use pnet_packet::icmp::{IcmpPacket, IcmpTypes};
use pnet_packet::icmpv6::Icmpv6Types;

use super::extension::{Extensions, QUOTED};
use super::quote::{self, Quote};
use super::{Family, checksum, protocol, put_u16, u16_at, u32_at};

/// Bytes before an echo's payload or an error's quote.
pub const HEADER: usize = 8;

/// An ICMP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icmp<'a> {
    /// Of which version: it decides what types and codes mean.
    pub family: Family,
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The rest.
    pub body: Body<'a>,
}

/// What a message says, by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// An echo request or reply.
    Echo {
        /// Whose echo.
        identifier: u16,
        /// Which one.
        sequence: u16,
        /// What comes back as it went.
        payload: &'a [u8],
    },
    /// An error about a packet.
    Error {
        /// What its type puts into the header: next-hop MTU, pointer to the fault, gateway; 0 of others.
        parameter: u32,
        /// The first bytes of the packet, as many as the sender liked. Before extensions it is padded
        /// with zeros, so zeros at its end are left out there.
        quote: &'a [u8],
        /// What stands behind the quote.
        extensions: Option<Extensions<'a>>,
    },
    /// Anything else: what follows the checksum.
    Other(&'a [u8]),
}

/// How a type's message is laid out.
enum Layout {
    Echo,
    /// An error, with the place of its parameter and of the length of its quote.
    Error(Parameter, Option<Length>),
    Other,
}

/// Which bytes of the header an error's parameter takes.
enum Parameter {
    None,
    /// Byte 4.
    Byte,
    /// Bytes 6 and 7.
    Half,
    /// Bytes 4 to 7.
    Whole,
}

/// Where an error tells its quote's length, and in units of how many bytes (RFC 4884 4).
struct Length {
    at: usize,
    unit: usize,
}

/// RFC 4884 4.1 to 4.3: in IPv4's messages.
const LENGTH_V4: Option<Length> = Some(Length { at: 5, unit: 4 });
/// RFC 4884 4.4 and 4.5: in IPv6's.
const LENGTH_V6: Option<Length> = Some(Length { at: 4, unit: 8 });

fn layout(family: Family, kind: u8) -> Layout {
    match (family, kind) {
        (Family::V4, 0 | 8) | (Family::V6, 128 | 129) => Layout::Echo,
        // Unreachable (RFC 1191 gave code 4 its MTU), source quench, redirect, time exceeded, parameter.
        (Family::V4, 3) => Layout::Error(Parameter::Half, LENGTH_V4),
        (Family::V4, 4) => Layout::Error(Parameter::None, None),
        (Family::V4, 5) => Layout::Error(Parameter::Whole, None),
        (Family::V4, 11) => Layout::Error(Parameter::None, LENGTH_V4),
        (Family::V4, 12) => Layout::Error(Parameter::Byte, LENGTH_V4),
        // Unreachable, too big, time exceeded, parameter.
        (Family::V6, 1 | 3) => Layout::Error(Parameter::None, LENGTH_V6),
        (Family::V6, 2 | 4) => Layout::Error(Parameter::Whole, None),
        _ => Layout::Other,
    }
}

/// Whether messages of this type are errors (RFC 1122 3.2.2; RFC 4443 2.1, also those yet to come).
pub fn is_error(family: Family, kind: u8) -> bool {
    match family {
        Family::V4 => matches!(kind, 3 | 4 | 5 | 11 | 12),
        Family::V6 => kind < 128,
    }
}

/// Whether messages of this type are echo requests or replies.
pub fn is_echo(family: Family, kind: u8) -> bool {
    matches!(layout(family, kind), Layout::Echo)
}

impl<'a> Icmp<'a> {
    /// A request for an echo.
    pub fn request(family: Family, identifier: u16, sequence: u16, payload: &'a [u8]) -> Icmp<'a> {
        Icmp {
            family,
            kind: match family {
                Family::V4 => IcmpTypes::EchoRequest.0,
                Family::V6 => Icmpv6Types::EchoRequest.0,
            },
            code: 0,
            body: Body::Echo {
                identifier,
                sequence,
                payload,
            },
        }
    }

    /// The reply to this echo request; `None` to anything else.
    pub fn reply(&self) -> Option<Icmp<'a>> {
        let kind = match (self.family, self.kind) {
            (Family::V4, 8) => IcmpTypes::EchoReply.0,
            (Family::V6, 128) => Icmpv6Types::EchoReply.0,
            _ => return None,
        };
        Some(Icmp {
            kind,
            code: 0,
            ..self.clone()
        })
    }

    /// Whether it is an error about another packet. There are no errors about those.
    pub fn is_error(&self) -> bool {
        is_error(self.family, self.kind)
    }

    /// The largest packet, in bytes, that the next link takes: of "fragmentation needed" (RFC 1191)
    /// and "packet too big" (RFC 4443 3.2). Old routers leave it 0.
    pub fn mtu(&self) -> Option<u32> {
        let too_big = match self.family {
            Family::V4 => (self.kind, self.code) == (3, 4),
            Family::V6 => self.kind == 2,
        };
        match self.body {
            Body::Error { parameter, .. } if too_big && parameter != 0 => Some(parameter),
            _ => None,
        }
    }

    /// What stands behind the packet that an error quotes.
    pub fn extensions(&self) -> Option<&Extensions<'a>> {
        match &self.body {
            Body::Error { extensions, .. } => extensions.as_ref(),
            _ => None,
        }
    }

    /// What an error quotes; `None` of anything else.
    pub fn quote(&self) -> Option<Quote<'a>> {
        match self.body {
            Body::Error { quote, .. } => Some(Quote::parse(self.family, quote)),
            _ => None,
        }
    }

    /// Reads a message, which takes all of `bytes`. `None` when its header is cut short.
    pub fn parse(family: Family, bytes: &'a [u8]) -> Option<Icmp<'a>> {
        // The first four bytes are the same in both versions.
        let view = IcmpPacket::new(bytes)?;
        let (kind, code) = (view.get_icmp_type().0, view.get_icmp_code().0);
        let body = match layout(family, kind) {
            Layout::Echo => Body::Echo {
                identifier: u16_at(bytes, 4)?,
                sequence: u16_at(bytes, 6)?,
                payload: bytes.get(HEADER..)?,
            },
            Layout::Error(parameter, length) => {
                let rest = bytes.get(HEADER..)?;
                let (quote, extensions) = match length {
                    None => (rest, None),
                    Some(Length { at, unit }) => {
                        let announced = usize::from(*bytes.get(at)?) * unit;
                        split(family, rest, announced)
                    }
                };
                Body::Error {
                    parameter: match parameter {
                        Parameter::None => 0,
                        Parameter::Byte => u32::from(*bytes.get(4)?),
                        Parameter::Half => u32::from(u16_at(bytes, 6)?),
                        Parameter::Whole => u32_at(bytes, 4)?,
                    },
                    quote,
                    extensions,
                }
            }
            Layout::Other => Body::Other(bytes.get(4..)?),
        };
        Some(Icmp {
            family,
            kind,
            code,
            body,
        })
    }

    /// The message as bytes, with the checksum that ICMPv6 takes over the addresses too. Extensions
    /// are left out where the type has none. A quote before them is padded as RFC 4884 5 asks, and
    /// cut where its length could not be told otherwise; more of a parameter than its place holds is
    /// left out.
    pub fn emit(&self, source: IpAddr, destination: IpAddr) -> Vec<u8> {
        let mut bytes = vec![self.kind, self.code, 0, 0];
        match &self.body {
            Body::Echo {
                identifier,
                sequence,
                payload,
            } => {
                bytes.extend(identifier.to_be_bytes());
                bytes.extend(sequence.to_be_bytes());
                bytes.extend(*payload);
            }
            Body::Error {
                parameter,
                quote,
                extensions,
            } => emit_error(
                &mut bytes,
                self.family,
                *parameter,
                quote,
                extensions.as_ref(),
            ),
            Body::Other(rest) => bytes.extend(*rest),
        }
        let sum = match self.family {
            Family::V4 => checksum::of(&bytes),
            Family::V6 => checksum::with_addresses(&bytes, protocol::ICMPV6, source, destination),
        };
        put_u16(&mut bytes, 2, sum);
        bytes
    }
}

fn emit_error(
    bytes: &mut Vec<u8>,
    family: Family,
    parameter: u32,
    quote: &[u8],
    extensions: Option<&Extensions<'_>>,
) {
    let Layout::Error(place, length) = layout(family, bytes.first().copied().unwrap_or_default())
    else {
        return;
    };
    let [.., high, low] = parameter.to_be_bytes();
    bytes.extend(match place {
        Parameter::None => [0; 4],
        Parameter::Byte => [low, 0, 0, 0],
        Parameter::Half => [0, 0, high, low],
        Parameter::Whole => parameter.to_be_bytes(),
    });
    let (Some(extensions), Some(Length { at, unit })) = (extensions, length) else {
        bytes.extend(quote);
        return;
    };
    let mut padded = QUOTED;
    if extensions.announced {
        padded = quote.len().next_multiple_of(unit);
        padded = padded.clamp(QUOTED, usize::from(u8::MAX) * unit);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = (padded / unit) as u8;
        }
    }
    bytes.extend(quote.get(..padded).unwrap_or(quote));
    bytes.resize(HEADER + padded, 0);
    bytes.extend(extensions.emit());
}

/// Parts an error's quote from what stands behind it. Without a length, or where the length leads to
/// no extensions, they are looked for where those stand that do not announce them.
fn split(family: Family, rest: &[u8], announced: usize) -> (&[u8], Option<Extensions<'_>>) {
    let places = [(announced, true), (QUOTED, false)];
    for (end, announced) in places {
        let Some((quote, behind)) = rest.split_at_checked(end).filter(|_| end > 0) else {
            continue;
        };
        if let Some(extensions) = Extensions::parse(behind, announced) {
            return (quote::unpadded(family, quote), Some(extensions));
        }
    }
    (rest, None)
}

#[cfg(test)]
mod tests;
