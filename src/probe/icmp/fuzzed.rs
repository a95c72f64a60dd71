//! Echoes and errors about them, as [`super::IcmpNetwork`] reads them.

use super::said::Said;
use crate::packet::Family;
use crate::probe::errqueue::Heard;
use crate::probe::fuzzed::{ID, ledger, target};
use crate::probe::{Answer, Detail};

/// Whether what was heard answers the probe in flight.
pub(in crate::probe) fn is_answer(
    heard: &Heard<'_>,
    family: Family,
    identifier: Option<u16>,
) -> bool {
    let ledger = ledger(0x1_0000);
    let Some(said) = Said::read(heard, family == Family::V6, identifier) else {
        return false;
    };
    let Detail { mtu, .. } = said.detail;
    let too_big = matches!(said.answer, Answer::Unreachable { .. });
    assert!(mtu.is_none() || too_big, "{:?}", said.answer);
    assert!(said.echo.len() <= heard.bytes.len());
    said.whose(&[target(family)], &ledger)
        .is_ok_and(|whose| whose == Some(ID))
}
