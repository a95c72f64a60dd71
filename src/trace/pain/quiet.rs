//! What is said when nothing is known to hurt: that nothing does, or why it cannot be told.

use super::{Outcome, Pain, Seen};
use crate::lang::Text;
use crate::text;
use crate::trace::times::ms;
use crate::trace::verdict::{Advice, Evidence, Kind};

impl Seen<'_> {
    /// What would decide about the probes that the target left unanswered.
    fn advice(&self) -> Text {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| Some(row.hop.distance) == self.reached);
        let open = row.and_then(|row| row.verdict.finding(Kind::Unsure));
        let facts = open.into_iter().flat_map(|open| &open.evidence);
        let all: Vec<Text> = facts
            .filter_map(|fact| match fact {
                Evidence::WouldDecide { how } => Some(how.text()),
                _ => None,
            })
            .collect();
        match all.is_empty() {
            true => Advice::MoreProbes.text(),
            false => Text::join(&all, "；", "; "),
        }
    }

    /// When nothing is known to hurt.
    pub(super) fn quiet(&self) -> Pain {
        let times = self.end().and_then(|end| end.times);
        let median = times.map_or("-".to_string(), |times| ms(times.p50));
        if let Some(end) = self.end() {
            let (lost, sent) = (end.lost, end.sent);
            if lost > 0 {
                let Text { zh, en } = self.advice();
                let what = text!(
                    "到目标 {sent} 个探测有 {lost} 个未应答，不足以说明丢在哪里、是否真丢；{zh}",
                    "{lost} of {sent} probes to the target were unanswered, which does not say where they \
                     were lost, or whether; {en}"
                );
                return Pain::quiet(Outcome::CannotTell, what);
            }
            let high = end
                .loss_interval()
                .map_or(100.0, |interval| interval.high * 100.0);
            let what = text!(
                "目标应答了全部 {sent} 个探测（95% 把握丢包不超过 {high:.1}%），中位数 {median} ms",
                "the target answered all {sent} probes (loss is at most {high:.1}%, with 95% \
                 confidence), median {median} ms"
            );
            return Pain::quiet(Outcome::NothingHurts, what);
        }
        let open = self
            .first(Kind::Unsure)
            .filter(|(row, _)| row.hop.stats.lost > 0);
        match open {
            Some((row, _)) => {
                let distance = row.hop.distance;
                let Text { zh, en } = Advice::AskService.text();
                let what = text!(
                    "第 {distance} 跳有未应答的探测，而目标自己也限速应答，不能作证；{zh}",
                    "hop {distance} left probes unanswered, and the target answers sparingly itself and \
                     cannot vouch; {en}"
                );
                Pain::quiet(Outcome::CannotTell, what)
            }
            None => Pain::quiet(
                Outcome::NothingHurts,
                Text::new(
                    "未应答的探测都由限速应答解释",
                    "all that went unanswered is accounted for by routers that answer sparingly",
                ),
            ),
        }
    }
}
