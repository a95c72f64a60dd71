//! Segments and errors about them, as [`super::SynNetwork`] reads them.

use std::time::SystemTime;

use super::Aim;
use super::ledger::Ledger;
use super::numbers::Sent;
use crate::packet::Family;
use crate::packet::icmp::Icmp;
use crate::probe::clock::Clock;
use crate::probe::fuzzed::{ID, PORT, SOURCE_PORT, TAG, source, target};
use crate::probe::listen::Packet;
use crate::probe::quotes;

/// Whether the packet, taken for a segment or for an error, answers the SYN in flight.
pub(in crate::probe) fn is_answer(packet: &Packet<'_>) -> bool {
    let mut ledger = Ledger::new(TAG, Clock::default());
    let aims = [Aim {
        to: (target(Family::V4), PORT).into(),
        source: Ok(source(Family::V4)),
    }];
    ledger.sent(Sent {
        number: ledger.numbers.next(),
        probe: ID,
        distance: 3,
        port: SOURCE_PORT,
        length: 0,
        checksum: 0x1234,
        sent: ledger.clock.now(),
        left: None,
    });
    let stamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    ledger.hear_left(packet.bytes, stamp.unwrap_or_default());
    ledger.hear_port(packet);
    // Only what a raw socket hears as ICMP is taken for an error.
    if Icmp::parse(Family::V4, packet.bytes).is_some() {
        quotes::fuzzed::each(Family::V4, packet, |heard| ledger.hear_router(heard, &aims));
    }
    let told: Vec<_> = ledger.heard.iter().map(|reply| reply.probe).collect();
    assert!(
        told.iter()
            .all(|probe| probe.is_none_or(|probe| probe == ID))
    );
    told.contains(&Some(ID))
}
