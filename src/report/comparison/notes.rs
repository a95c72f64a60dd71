//! What stands below the tables that people decide by: thresholds with their actions, queues of people,
//! the model against what was seen, and what the answer rests on.

use super::super::table::{NOTHING, Table};
use super::{head, month_text};
use crate::lang::Lang;
use crate::scenario::answer::Alert;
use crate::scenario::compare::{Answered, Comparison};
use crate::scenario::metric::Unit;
use crate::text;
use crate::topology::origin::Origin;
use crate::topology::{Seen, Watched};
use crate::units::{BitRate, trimmed};

pub(super) fn alerts(comparison: &Comparison, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(lang.pick("方案", "scenario"))
        .left(lang.pick("阈值", "threshold"))
        .right(lang.pick("首日最高", "highest on the first day"))
        .left(lang.pick("何时达到", "reached"))
        .left(lang.pick("动作", "action"));
    for one in &comparison.scenarios {
        let topology = one.topology();
        for alert in &one.answer.alerts {
            let threshold = &topology.thresholds[alert.threshold];
            let name = match threshold.watched {
                Watched::Sessions(node) => &topology[node].name,
                Watched::Load(link) => &topology[link].name,
            };
            let reached = reached(one, alert, lang);
            let action = match alert.month {
                None => NOTHING,
                Some(_) => threshold.action.get(lang),
            };
            table.row([
                head(one),
                format!("{} ≥ {}", name.get(lang), threshold.at),
                format!("{} %", trimmed(alert.highest * 100.0, 1)),
                reached,
                action.to_string(),
            ]);
        }
    }
    table
}

fn reached(one: &Answered, alert: &Alert, lang: Lang) -> String {
    match (alert.hour, alert.month) {
        (Some(hour), _) => format!("{hour:02}:00"),
        (None, Some(month)) => {
            let day = one.answer.days.iter().find(|day| day.month == month);
            month_text(day).get(lang).to_string()
        }
        (None, None) => lang.pick("期内不会", "not in the horizon").to_string(),
    }
}

pub(super) fn queues(comparison: &Comparison, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(lang.pick("方案", "scenario"))
        .left(lang.pick("何时", "when"))
        .left(lang.pick("在哪里", "where"))
        .right(lang.pick("最长", "longest"))
        .right(lang.pick("最后一人等待", "wait of the last"))
        .left(lang.pick("消散", "gone"));
    for one in &comparison.scenarios {
        let days = [
            one.answer.days.first(),
            one.answer.days.last().filter(|day| day.month > 0),
        ];
        for day in days.into_iter().flatten() {
            for queue in &day.queues {
                let people = trimmed(queue.longest, 0);
                let end = queue.hour + 1;
                table.row([
                    head(one),
                    month_text(Some(day)).get(lang).to_string(),
                    one.topology()[queue.node].name.get(lang).to_string(),
                    text!("{people} 人（{end}:00）", "{people} people at {end}:00")
                        .get(lang)
                        .to_string(),
                    queue.wait.to_string(),
                    match queue.gone {
                        None => lang.pick("当天不消散", "not on the same day").to_string(),
                        Some(hour) => format!("{}:00", hour + 1),
                    },
                ]);
            }
        }
    }
    table
}

pub(super) fn seen(comparison: &Comparison, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(lang.pick("观测", "observation"))
        .right(lang.pick("观测值", "seen"))
        .right(lang.pick("模型", "model"))
        .right(lang.pick("相差", "off by"))
        .left(lang.pick("容差", "allowed"))
        .left("");
    // What was seen belongs to the system as it is: the first scenario.
    let Some(one) = comparison.scenarios.first() else {
        return table;
    };
    for check in &one.answer.seen {
        let observation = &one.topology().observations[check.observation];
        let value = |value: f64| match observation.seen {
            Seen::BusyDown(..) | Seen::PeakDown(..) => {
                BitRate::mbit((value / 1e5).round() / 10.0).to_string()
            }
            Seen::Sessions(..) | Seen::Online(..) => Unit::Count.number(value),
        };
        let off = (check.model / check.seen - 1.0) * 100.0;
        table.row([
            observation.name.get(lang).to_string(),
            value(check.seen),
            value(check.model),
            format!("{off:+.1} %"),
            format!("±{}", observation.tolerance),
            if check.within { "✓" } else { "✗" }.to_string(),
        ]);
    }
    table
}

/// How much of the answer rests on assumptions.
pub(super) fn footing(comparison: &Comparison, lang: Lang) -> String {
    let Some(one) = comparison.scenarios.first() else {
        return String::new();
    };
    let origins = &one.loaded.loaded.origins;
    let count = |origin: Origin| {
        origins
            .iter()
            .filter(|value| value.origin == origin)
            .count()
    };
    let (all, assumed, measured) = (
        origins.len(),
        count(Origin::Assumed),
        count(Origin::Measured),
    );
    let said = text!(
        "\n{all} 个取值中 {assumed} 个是假设，{measured} 个是实测；逐个查看：hopcast show --values 文件\n时间由解析模型算出；95% 耗时为近似值（移位对数正态，前三阶矩精确）。\n",
        "\nOf {all} values {assumed} are assumed and {measured} measured; see each: hopcast show --values FILE\nTimes come from the analytic model; p95 is an approximation (shifted lognormal, its first three moments exact).\n"
    );
    said.get(lang).to_string()
}
