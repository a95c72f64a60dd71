//! Datagrams and errors about them, as [`super::UdpNetwork`] reads them.

use std::net::SocketAddr;

use super::aims::Aims;
use crate::packet::Family;
use crate::probe::errqueue::Heard;
use crate::probe::fuzzed::{ID, PORT, ledger, manner, target};

/// Whether what was heard answers the probe in flight.
pub(in crate::probe) fn is_answer(heard: &Heard<'_>, family: Family) -> bool {
    let targets = [SocketAddr::new(target(family), PORT)];
    let mut aims = Aims::new(&targets, &manner(), false);
    let whose = aims.whose(heard, None, None, &ledger(u32::MAX));
    let whose = whose.ok().flatten();
    assert_eq!(
        aims.quoted(heard, whose),
        None,
        "it went where the error says"
    );
    whose == Some(ID)
}
