//! Echoes and errors about them, as [`super::IcmpNetwork`] reads them.

use super::packet::Own;
use super::said::{Aim, Said};
use crate::packet::Family;
use crate::probe::errqueue::Heard;
use crate::probe::fuzzed::{ID, TAG, ledger, source, target};
use crate::probe::{Answer, Detail};

/// Whether what was heard answers the probe in flight.
pub(in crate::probe) fn is_answer(
    heard: &Heard<'_>,
    family: Family,
    identifier: Option<u16>,
) -> bool {
    let ledger = ledger(0x1_0000);
    let own = identifier.map(|identifier| Own {
        identifier,
        tag: TAG,
    });
    let Some(said) = Said::read(heard, family == Family::V6, own) else {
        return false;
    };
    let Detail { mtu, .. } = said.detail.clone();
    let too_big = matches!(said.answer, Answer::Unreachable { .. });
    assert!(mtu.is_none() || too_big, "{:?}", said.answer);
    assert!(said.payload.len() <= heard.bytes.len());
    let aim = Aim {
        to: target(family),
        source: Some(source(family)),
    };
    let whose = said.whose(&[aim], &ledger);
    if let Ok(whose) = whose {
        said.detail(whose, &[aim], own);
    }
    whose.is_ok_and(|whose| whose == Some(ID))
}
