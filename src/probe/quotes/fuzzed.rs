//! Errors in full.

use super::{Heard, Sent, read};
use crate::packet::Family;
use crate::packet::quote::Carried;
use crate::probe::fuzzed::{PORT, SOURCE_PORT, source, target};
use crate::probe::listen::Packet;

/// Whether the message is an error about a packet of the run's flow.
pub(in crate::probe) fn is_ours(family: Family, packet: &Packet<'_>) -> bool {
    let Some(heard) = read(family, packet) else {
        return false;
    };
    let (from, to) = ((source(family), SOURCE_PORT), (target(family), PORT));
    let detail = heard.detail(&Sent::udp(from.into(), to.into(), 44, 0x1234));
    let quoted = detail.quoted.expect("an error quotes");
    let ports = match heard.quote.carried {
        Some(
            Carried::Udp {
                source,
                destination,
                ..
            }
            | Carried::Tcp {
                source,
                destination,
                ..
            },
        ) => (source, destination),
        _ => return false,
    };
    let same = ports == (Some(from.1), Some(to.1));
    assert!(same || quoted.rewritten || ports.0.is_none() || ports.1.is_none());
    same && quoted.source.is_none() && quoted.destination.is_none()
}

/// Gives the error in a packet, if it is one, to `each`.
pub(in crate::probe) fn each(family: Family, packet: &Packet<'_>, each: impl FnMut(&Heard<'_>)) {
    read(family, packet).iter().for_each(each);
}
