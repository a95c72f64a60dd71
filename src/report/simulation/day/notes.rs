//! The simulation against what was seen and against the analytic answer, and what it rests on.

use super::super::super::table::{NOTHING, Table};
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::{Found, GAP, MARGIN, Verdict};
use crate::scenario::simulated::words::{clock, figure, in_unit, number, sign, value, why};
use crate::text;
use crate::topology::Seen;
use crate::topology::origin::Origin;
use crate::units::{BitRate, trimmed};

pub(super) fn seen(shown: &Shown<'_>, lang: Lang) -> Table {
    let mut table = Table::new()
        .left(lang.pick("观测", "observation"))
        .right(lang.pick("观测值", "seen"))
        .right(lang.pick("仿真", "simulated"))
        .left(lang.pick("95 % 的工作日在", "95 % of days in"))
        .left("");
    for check in &shown.simulated.outcome.seen {
        let observation = &shown.topology().observations[check.observation];
        let rate = matches!(observation.seen, Seen::BusyDown(..) | Seen::PeakDown(..));
        let print = |value: f64| match rate {
            true => number(1)(BitRate(value).as_mbit()),
            false => number(1)(value),
        };
        let unit = if rate { " Mbit/s" } else { "" };
        let interval = check.day.map_or(NOTHING.to_string(), |day| {
            format!("{}..{}", print(day.low.max(0.0)), print(day.high))
        });
        let found = match check.found {
            Found::Inside => Text::new("✓ 在其中", "✓ inside"),
            Found::Near => {
                let tolerance = observation.tolerance;
                text!(
                    "✓ 在其外，容差 {tolerance} 内",
                    "✓ outside, within {tolerance}"
                )
            }
            Found::Off => Text::new("✗ 超出容差", "✗ off"),
            Found::Elsewhere => Text::new(
                "所选月份或时段不含观测时刻",
                "not the month or the hours of it",
            ),
        };
        table.row([
            observation.name.get(lang).to_string(),
            format!("{}{unit}", print(check.seen)),
            format!("{}{unit}", print(check.simulated.value)),
            interval,
            found.get(lang).to_string(),
        ]);
    }
    table
}

/// The figures in which the two answers differ, with the reason.
pub(super) fn apart(shown: &Shown<'_>, lang: Lang) -> Table {
    let topology = shown.topology();
    let mut table = Table::new()
        .left(lang.pick("指标", "figure"))
        .right(lang.pick("解析", "analytic"))
        .right(lang.pick("仿真", "simulated"))
        .left("")
        .left(lang.pick("原因", "why"));
    for own in &shown.simulated.beside {
        let Verdict::Differ(reason) = own.verdict else {
            continue;
        };
        let print = |value: f64| number(2)(in_unit(own.figure, value));
        table.row([
            figure(topology, own.figure).get(lang).to_string(),
            own.analytic
                .map_or(lang.pick("无止境", "never ends").to_string(), print),
            value(&own.simulated, &print),
            sign(lang, false).to_string(),
            why(topology, reason).get(lang).to_string(),
        ]);
    }
    table
}

/// What a reader must know of the numbers.
pub(super) fn footing(shown: &Shown<'_>) -> Vec<Text> {
    let outcome = &shown.simulated.outcome;
    let mut notes = vec![agreement(shown)];
    notes.push(match outcome.trials {
        0 | 1 => Text::new(
            "只有一次试验：没有区间，因此不给出分位数；--trials 3 起给出",
            "one trial has no intervals, and no quantile is given without one: ask for --trials 3 or more",
        ),
        trials => text!(
            "± 为 {trials} 次独立试验的 95 % 区间半宽（t 分布）；分位数每次试验至少两次更慢的业务才给出",
            "±: half of the 95 % interval over {trials} independent trials (Student's t); a quantile is \
             given where each trial has two acts beyond it or more"
        ),
    });
    if !outcome.pains.events.is_empty() {
        let ordinary = outcome.pains.ordinary;
        let (all, shown) = (outcome.pains.events.len(), super::pain::SHOWN);
        notes.push(text!(
            "事件取自第 {ordinary} 次试验（从 0 数起，受影响分钟数居中），共 {all} 个，列出损失最大的至多 {shown} 个；\
             间隔不超过 {GAP} 分钟的合并；多耗时与同一业务未受此影响的分钟相比",
            "events are those of trial {ordinary} (from 0; its minutes of pain are the median), {all} in \
             all, at most {shown} shown by what they cost; gaps up to {GAP} minutes are bridged; longer \
             than the same acts take in minutes without that pain"
        ));
    }
    let peak = outcome
        .lanes
        .iter()
        .max_by(|a, b| a.busiest.value.total_cmp(&b.busiest.value));
    if let Some(lane) = peak.filter(|_| outcome.trials > 0) {
        let from = clock(lane.busiest_from);
        let trial = outcome.pains.ordinary;
        notes.push(text!(
            "“始于”取自第 {trial} 次试验（如 {from}）；尖峰取最高的小时",
            "\"from\" is that of trial {trial} (such as {from}); the peak is that of the highest hour"
        ));
    }
    let origins = &shown.loaded.loaded.origins;
    let assumed = origins.iter().filter(|own| own.origin == Origin::Assumed);
    let (assumed, all) = (assumed.count(), origins.len());
    notes.push(text!(
        "{all} 个取值中 {assumed} 个是假设；逐个查看：hopcast show --values 文件",
        "of {all} values {assumed} are assumed; see each: hopcast show --values FILE"
    ));
    notes
}

/// In how many figures the two answers agree.
fn agreement(shown: &Shown<'_>) -> Text {
    let beside = &shown.simulated.beside;
    let judged = beside
        .iter()
        .filter(|own| own.verdict != Verdict::Open)
        .count();
    let agree = beside
        .iter()
        .filter(|own| own.verdict == Verdict::Agree)
        .count();
    if judged == 0 {
        return Text::new(
            "解析模型未与仿真比较：没有区间",
            "the analytic answer is not held against this: there are no intervals",
        );
    }
    let [mean, p95, rate] = MARGIN.map(|margin| trimmed(margin * 100.0, 0));
    text!(
        "解析模型与仿真在 {judged} 项中 {agree} 项一致（在区间内，另加模型误差：平均 {mean} %、p95 {p95} %、速率 {rate} %）",
        "the analytic answer agrees in {agree} of {judged} figures (inside the interval and the model's \
         margin of {mean} % in means, {p95} % in p95, {rate} % in rates)"
    )
}
