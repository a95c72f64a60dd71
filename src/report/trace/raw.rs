//! mtr's raw lines, which other programs read: positions count from 0, times are microseconds.
//!
//! `x POS SEQ` a probe was sent; `h POS ADDRESS` who answers, when that is new; `d POS NAME` what it is
//! called, where that is known; `p POS TIME SEQ` the answer (mtr's `ui/raw.c`). mtr's `t` lines were
//! never made, by mtr neither. Probes of the service have no position and no line.

use std::fmt::Write;
use std::net::IpAddr;

use crate::probe::Probe;
use crate::trace::report::Report;
use crate::trace::{Ended, Fate};
use crate::units::Moment;

/// Writes raw lines one by one, as things happen.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// Who answered last at each position.
    known: Vec<(u8, IpAddr)>,
}

impl Raw {
    /// The line of a probe that leaves.
    pub fn sent(&self, probe: &Probe) -> String {
        match probe.service {
            true => String::new(),
            false => format!("x {} {}\n", position(probe), probe.sequence.0),
        }
    }

    /// The lines of a probe that has ended: none where nothing was answered.
    pub fn ended(&mut self, ended: &Ended, name: Option<&str>) -> String {
        let (Fate::Answered(response) | Fate::Late(response)) = &ended.fate else {
            return String::new();
        };
        if ended.probe.service {
            return String::new();
        }
        let (at, sequence) = (position(&ended.probe), ended.probe.sequence.0);
        let mut lines = String::new();
        if !self.known.contains(&(at, response.responder)) {
            self.known.retain(|(own, _)| *own != at);
            self.known.push((at, response.responder));
            let _ = writeln!(lines, "h {at} {}", response.responder);
            if let Some(name) = name {
                let _ = writeln!(lines, "d {at} {name}");
            }
        }
        let micros = response.round_trip.as_micros();
        let _ = writeln!(lines, "p {at} {micros} {sequence}");
        lines
    }
}

fn position(probe: &Probe) -> u8 {
    probe.distance.saturating_sub(1)
}

/// The whole run, in the order in which things happened.
pub(super) fn raw(report: &Report) -> String {
    // A probe leaves before any answer of the same moment comes.
    let mut events: Vec<(Moment, bool, &Ended)> = Vec::new();
    for ended in &report.trace.ended {
        let Some(sent) = ended.sent else { continue };
        events.push((sent, false, ended));
        if let Fate::Answered(response) | Fate::Late(response) = &ended.fate {
            events.push((sent + response.round_trip, true, ended));
        }
    }
    events.sort_by_key(|(at, answer, _)| (*at, *answer));
    let mut raw = Raw::default();
    let mut out = String::new();
    for (_, answer, ended) in events {
        out += &match (answer, &ended.fate) {
            (true, Fate::Answered(response) | Fate::Late(response)) => {
                raw.ended(ended, report.name(response.responder))
            }
            _ => raw.sent(&ended.probe),
        };
    }
    out
}
