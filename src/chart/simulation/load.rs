//! How full a class was, and when.

use super::super::{Across, Band, ChartSpec, Lines, Plot, Series, Style, Threshold};
use super::{axis, caption, period};
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::outcome::{LaneMinute, LaneOutcome};
use crate::scenario::simulated::words::{self, number, with_half};
use crate::text;
use crate::units::{BitRate, trimmed};

/// What one class carried over the day, and the minutes in which it was full.
pub(super) fn load(shown: &Shown<'_>, own: &LaneOutcome, lang: Lang) -> ChartSpec {
    let topology = &shown.loaded.loaded.topology;
    let link = &topology[own.lane.link];
    let class = link
        .policy
        .and_then(|at| topology[at].classes.get(own.lane.class));
    let way = own.lane.way.at();
    let line = link.capacity[way];
    let mut thresholds = Vec::new();
    let mut mark = |zh: &str, en: &str, rate: BitRate| {
        if rate.0 > 0.0 {
            thresholds.push(Threshold {
                value: rate.as_mbit(),
                label: format!(
                    "{} {} Mbit/s",
                    lang.pick(zh, en),
                    trimmed(rate.as_mbit(), 1)
                ),
            });
        }
    };
    if let Some(class) = class {
        mark("保障", "guarantee", class.guarantee[way]);
        if let Some(ceiling) = class.ceiling[way] {
            mark("最大", "ceiling", ceiling);
        }
    }
    mark("线路", "line", line);
    let from = shown.simulated.outcome.hours.start as f64;
    let hour = |minute: usize| from + (minute as f64 + 0.5) / 60.0;
    let line_of = |of: &dyn Fn(&LaneMinute) -> f64| -> Vec<(f64, Option<f64>)> {
        let minutes = own.minutes.iter().enumerate();
        minutes
            .map(|(minute, load)| (hour(minute), Some(BitRate(of(load)).as_mbit())))
            .collect()
    };
    let top = class
        .and_then(|class| class.ceiling[way])
        .unwrap_or(line)
        .min(line)
        .as_mbit();
    let full = full(own, from, top);
    let name = words::lane(topology, own.lane);
    let (zh, en) = (&name.zh, &name.en);
    let busiest = with_half(
        BitRate(own.busiest.value).as_mbit(),
        own.busiest.within.map(|within| crate::stats::Interval {
            low: BitRate(within.low).as_mbit(),
            high: BitRate(within.high).as_mbit(),
        }),
        &number(0),
    );
    let minutes = with_half(
        own.full.value / 60.0,
        own.full.within.map(|within| crate::stats::Interval {
            low: within.low / 60.0,
            high: within.high / 60.0,
        }),
        &number(0),
    );
    let title = match own.full.value >= 30.0 {
        true => text!(
            "{zh}：每天占满 {minutes} 分钟",
            "{en}: full for {minutes} min a day"
        ),
        false => text!(
            "{zh}：最忙 20 分钟 {busiest} Mbit/s，未占满",
            "{en}: {busiest} Mbit/s in the busiest 20 minutes, never full"
        ),
    };
    let period = period(shown);
    let subtitle = Text::new(
        format!("{}；逐分钟", period.zh),
        format!("{}; minute by minute", period.en),
    );
    ChartSpec::new(
        lang,
        caption(shown, title, subtitle, lang),
        Plot::Lines(Lines {
            x: axis(lang, "时刻", "time of day", ""),
            across: Across::Hours,
            y: axis(lang, "速率", "rate", "Mbit/s"),
            series: vec![
                Series {
                    name: lang.pick("平均", "mean").to_string(),
                    hue: 0,
                    style: Style::Strong,
                    points: line_of(&|load| load.carried),
                },
                Series {
                    name: lang.pick("最高一秒", "busiest second").to_string(),
                    hue: 1,
                    style: Style::Plain,
                    points: line_of(&|load| load.second),
                },
            ],
            thresholds,
            markers: Vec::new(),
            bands: full.map_or(Vec::new(), |points| {
                vec![Band {
                    label: lang.pick("占满的分钟", "minutes full").to_string(),
                    hue: 3,
                    points,
                }]
            }),
        }),
    )
}

/// A band up to `top` over the minutes that are full for most of them; `None` where none is.
fn full(own: &LaneOutcome, from: f64, top: f64) -> Option<Vec<(f64, f64, f64)>> {
    const MOST: f64 = 30.0;
    let any = own.minutes.iter().any(|load| load.full >= MOST);
    let edges = own.minutes.iter().enumerate().flat_map(|(minute, load)| {
        let high = if load.full >= MOST { top } else { 0.0 };
        let at = |minute: usize| from + minute as f64 / 60.0;
        [(at(minute), 0.0, high), (at(minute + 1), 0.0, high)]
    });
    any.then(|| edges.collect())
}
