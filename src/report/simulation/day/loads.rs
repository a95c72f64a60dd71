//! What lanes carried, stations worked and gates held.

use super::super::super::table::Table;
use crate::lang::Lang;
use crate::lang::words::Word;
use crate::scenario::answer::Lane;
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::LaneOutcome;
use crate::scenario::simulated::words::{clock, lane, mbit, number, unless_zero, value};
use crate::topology::Topology;
use crate::units::{BitRate, trimmed};

/// Part of its capacity that a line without a policy must carry in its busiest 20 minutes to be shown.
const BUSY: f64 = 0.4;

/// What a lane gets at most: of its line, and by its class.
pub(super) fn most(topology: &Topology, lane: Lane) -> BitRate {
    let link = &topology[lane.link];
    let line = link.capacity[lane.way.at()];
    let class = link
        .policy
        .and_then(|at| topology[at].classes.get(lane.class));
    let ceiling = class.and_then(|class| class.ceiling[lane.way.at()]);
    ceiling.map_or(line, |ceiling| ceiling.min(line))
}

pub(super) fn lanes(shown: &Shown<'_>, lang: Lang) -> Table {
    let topology = shown.topology();
    let window = topology.peak.window;
    let exceeded = trimmed(topology.peak.exceeded.0 * 100.0, 2);
    let peak = match lang {
        Lang::Zh => format!("尖峰（{window} 内，{exceeded} % 超过）"),
        Lang::En => format!("peak ({window}, {exceeded} % above)"),
    };
    let mut table = Table::new()
        .left(Word::Class.get(lang))
        .right(lang.pick("至多可得", "at most"))
        .right(lang.pick("平均", "mean"))
        .right(lang.pick("最忙 20 分钟", "busiest 20 min"))
        .left(lang.pick("始于", "from"))
        .right(peak)
        .right(match lang {
            Lang::Zh => format!("最高 {window}"),
            Lang::En => format!("highest {window}"),
        })
        .right(lang.pick("最高一秒", "busiest second"))
        .right(lang.pick("占满（分/天）", "full (min/d)"))
        .right(lang.pick("他人丢失（MB）", "others lost (MB)"));
    let told = |own: &&LaneOutcome| {
        let most = most(topology, own.lane).0;
        topology[own.lane.link].policy.is_some()
            || own.busiest.value >= BUSY * most
            || own.full.value >= 1.0
    };
    for own in shown.simulated.outcome.lanes.iter().filter(told) {
        let minutes = |seconds: f64| number(1)(seconds / 60.0);
        let megabytes = |bits: f64| number(1)(bits / 8e6);
        table.row([
            lane(topology, own.lane).get(lang).to_string(),
            mbit(most(topology, own.lane).0),
            value(&own.carried, &mbit),
            value(&own.busiest, &mbit),
            clock(own.busiest_from),
            value(&own.peak, &mbit),
            value(&own.window, &mbit),
            value(&own.second, &mbit),
            unless_zero(&own.full, &minutes),
            unless_zero(&own.lost, &megabytes),
        ]);
    }
    table
}

pub(super) fn stations(shown: &Shown<'_>, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(Word::Node.get(lang))
        .right(Word::Workers.get(lang))
        .right(lang.pick("平均占用 (%)", "used (%)"))
        .right(lang.pick("最忙一分钟 (%)", "busiest minute (%)"))
        .right(lang.pick("平均等待数", "waiting"))
        .right(lang.pick("最差一分钟等待数", "waiting in the worst minute"))
        .right(lang.pick("全忙（分/天）", "all busy (min/d)"));
    let percent = |part: f64| number(1)(part * 100.0);
    let minutes = |seconds: f64| number(1)(seconds / 60.0);
    for own in &shown.simulated.outcome.stations {
        table.row([
            shown.topology()[own.node].name.get(lang).to_string(),
            own.workers.to_string(),
            value(&own.used, &percent),
            value(&own.busiest, &percent),
            value(&own.waiting, &number(2)),
            value(&own.longest, &number(1)),
            unless_zero(&own.full, &minutes),
        ]);
    }
    table
}

pub(super) fn gates(shown: &Shown<'_>, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(Word::Node.get(lang))
        .right(Word::Sessions.get(lang))
        .right(lang.pick("最多同时", "most at once"))
        .right(lang.pick("接入次数/天", "attempts a day"))
        .right(lang.pick("拒绝/天", "refused a day"))
        .right(lang.pick("掉线/天", "dropped a day"));
    let count = number(1);
    for own in &shown.simulated.outcome.gates {
        table.row([
            shown.topology()[own.node].name.get(lang).to_string(),
            own.limit.to_string(),
            value(&own.held, &count),
            value(&own.attempts, &count),
            value(&own.refused, &count),
            value(&own.dropped, &count),
        ]);
    }
    table
}
