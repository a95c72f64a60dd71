//! One line for each hop of each sweep: round, distance, who, how long.

use crate::lang::Lang;
use crate::trace::report::Report;
use crate::trace::times::ms;
use crate::trace::{Ended, Fate};

/// The line of a probe that has ended; `host` is how its responder is shown, by its address unless it
/// has another name. The service stands at distance `-`.
pub fn line(ended: &Ended, host: Option<&str>, lang: Lang) -> String {
    let round = ended.round + 1;
    let distance = match ended.probe.service {
        true => "-".to_string(),
        false => ended.probe.distance.to_string(),
    };
    let address = match &ended.fate {
        Fate::Answered(response) | Fate::Late(response) => response.responder.to_string(),
        Fate::Lost | Fate::Unsent(_) => "???".to_string(),
    };
    let host = host.unwrap_or(&address);
    let what = match &ended.fate {
        Fate::Answered(response) => format!("{} ms", ms(response.round_trip)),
        Fate::Late(response) => {
            let late = lang.pick("迟到", "late");
            format!("{} ms ({late})", ms(response.round_trip))
        }
        Fate::Lost => lang.pick("未应答", "unanswered").to_string(),
        Fate::Unsent(why) => why.get(lang).to_string(),
    };
    format!("{round:>5} {distance:>3}  {host}  {what}\n")
}

/// The whole run, sweep by sweep.
pub(super) fn stream(report: &Report, lang: Lang) -> String {
    let last = report.rows.last().map_or(0, |row| row.hop.distance);
    let shown = |ended: &&Ended| ended.probe.service || ended.probe.distance <= last;
    let lines = report.trace.ended.iter().filter(shown).map(|ended| {
        let host = match &ended.fate {
            Fate::Answered(response) | Fate::Late(response) => {
                Some(report.host(response.responder))
            }
            Fate::Lost | Fate::Unsent(_) => None,
        };
        line(ended, host.as_deref(), lang)
    });
    lines.collect()
}
