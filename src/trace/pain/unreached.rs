//! What is said of a target that does not answer: that packets circle, or that it cannot be told.

use std::net::IpAddr;

use super::{Outcome, Pain, Seen};
use crate::lang::Text;
use crate::text;
use crate::trace::report::Row;
use crate::trace::verdict::Kind;

impl Seen<'_> {
    pub(super) fn unreached(&self) -> Pain {
        if let Some(pain) = self.circling() {
            return pain;
        }
        let mut heard = self.rows.iter().rev().filter(|row| row.hop.stats.heard());
        let what = match heard.next() {
            Some(row) => {
                let distance = row.hop.distance;
                text!(
                    "目标没有应答；最后有应答的是第 {distance} 跳，其后是断了还是不应答，分不清",
                    "the target did not answer; the last answer came from hop {distance}, and whether \
                     the way ends behind it or nobody answers there is not known"
                )
            }
            None => Text::new("什么都没有应答", "nothing answered at all"),
        };
        Pain::quiet(Outcome::CannotTell, what)
    }

    /// When packets circle: the last router that answers has been passed twice before, with others
    /// between.
    fn circling(&self) -> Option<Pain> {
        let heard = self.rows.iter().filter_map(|row| {
            let first = row.hop.responders.first()?;
            Some((row, first.address))
        });
        let heard: Vec<(&Row, IpAddr)> = heard.collect();
        let (last, router) = heard.last()?;
        let visits = heard.iter().rev().filter(|(_, own)| own == router);
        let visits: Vec<u8> = visits.map(|(row, _)| row.hop.distance).take(3).collect();
        let [_, before, _] = visits.as_slice() else {
            return None;
        };
        let turn = heard
            .iter()
            .filter(|(row, _)| row.hop.distance > *before && row.hop.distance <= last.hop.distance);
        let mut routers: Vec<IpAddr> = turn.map(|(_, own)| *own).collect();
        routers.sort_unstable();
        routers.dedup();
        let (first, _) = heard.iter().find(|(_, own)| routers.contains(own))?;
        if routers.len() < 2 {
            return None;
        }
        let named: Vec<String> = routers.iter().map(IpAddr::to_string).collect();
        let named = named.join(", ");
        let what = text!(
            "报文在 {named} 之间循环（路由环路），到不了目标",
            "packets circle between {named} (a routing loop) and do not reach the target"
        );
        Some(self.from(first, Kind::NoAnswer, what))
    }
}
