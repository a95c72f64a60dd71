//! The figures of a simulated day: what times consist of, and how full the classes were when.
//!
//! A view: every number was computed in `scenario`, and every title is built from the numbers that
//! its figure shows.

use super::{
    Across, Axis, Band, Caption, ChartSpec, Columns, Form, Lines, Part, Plot, RowSeries, RowValue,
    Rows, Series, Style, Threshold,
};
use crate::lang::{Lang, Text};
use crate::scenario::simulated::Shown;
use crate::scenario::simulated::compared::{Counts, Row};
use crate::scenario::simulated::outcome::{ActOutcome, LaneMinute, LaneOutcome};
use crate::scenario::simulated::words::{self, clock, number, with_half};
use crate::sim::day::record;
use crate::text;
use crate::topology::PopulationAt;
use crate::units::{BitRate, trimmed};

/// Every figure of a simulated day with the name of its file (without ending), in a fixed order.
pub fn figures(shown: &Shown<'_>, lang: Lang) -> Vec<(String, ChartSpec)> {
    let topology = &shown.loaded.loaded.topology;
    let mut figures = Vec::new();
    for (position, population) in topology.populations.iter().enumerate() {
        let name = format!("budget-{}", population.id);
        figures.extend(budget(shown, PopulationAt(position), lang).map(|spec| (name, spec)));
    }
    for own in &shown.simulated.outcome.lanes {
        let link = &topology[own.lane.link];
        let Some(policy) = link.policy else {
            continue;
        };
        let class = &topology[policy].classes[own.lane.class].id;
        let way = match own.lane.way {
            crate::topology::Way::Up => "up",
            crate::topology::Way::Down => "down",
        };
        figures.push((
            format!("load-{}-{way}-{class}", link.id),
            load(shown, own, lang),
        ));
    }
    figures
}

/// Mean and 95th percentile of the transactions that decide, scenario by scenario; `None` where there
/// are none.
pub fn compared(scenarios: &[Shown<'_>], rows: &[Row], lang: Lang) -> Option<ChartSpec> {
    let mut names = Vec::new();
    let mut values: Vec<Vec<Option<RowValue>>> = vec![Vec::new(); scenarios.len()];
    for row in rows {
        let Some(act) = row.key.strip_suffix(".mean") else {
            continue;
        };
        let p95 = rows
            .iter()
            .find(|own| own.key.strip_suffix(".p95") == Some(act));
        names.push(row.act.get(lang).to_string());
        for (at, values) in values.iter_mut().enumerate() {
            let upper = p95
                .and_then(|row| row.cells[at])
                .map(|own| own.simulated.value);
            values.push(row.cells[at].map(|own| RowValue {
                value: own.simulated.value,
                upper,
            }));
        }
    }
    let first = scenarios.first().filter(|_| !names.is_empty())?;
    let minutes = rows.iter().find(|row| row.counts == Counts::Minutes)?;
    let pain = scenarios
        .iter()
        .zip(&minutes.cells)
        .filter_map(|(shown, own)| {
            let own = own.as_ref()?;
            let minutes = with_half(own.simulated.value, own.simulated.within, &number(0));
            Some(format!("{} {minutes}", shown.loaded.scenario.id))
        });
    let pain = pain.collect::<Vec<_>>().join(lang.pick("、", ", "));
    let title = text!(
        "每天受影响的分钟数：{pain}",
        "Minutes of pain a day: {pain}"
    );
    let outcome = &first.simulated.outcome;
    let (from, to) = (outcome.hours.start, outcome.hours.end);
    let subtitle = text!(
        "工作日 {from}:00 至 {to}:00，各方案随机数相同；点为平均，须端为 p95",
        "A working day, {from}:00 to {to}:00, the same random numbers for all; dot: mean, whisker: p95"
    );
    let series = scenarios.iter().zip(values).enumerate();
    let series = series.map(|(hue, (shown, values))| RowSeries {
        name: shown.loaded.scenario.name.get(lang).to_string(),
        hue,
        values,
    });
    Some(ChartSpec::new(
        lang,
        caption(first, title, subtitle, lang),
        Plot::Rows(Rows {
            value: axis(lang, "耗时", "time", "s"),
            form: Form::Dots,
            rows: names,
            series: series.collect(),
            upper: "p95".to_string(),
            thresholds: Vec::new(),
        }),
    ))
}

/// The words that every figure carries: what it rests on.
fn caption(shown: &Shown<'_>, title: Text, subtitle: Text, lang: Lang) -> Caption {
    let outcome = &shown.simulated.outcome;
    let topology = &shown.loaded.loaded.topology;
    let source = topology.source.as_ref().unwrap_or(&topology.name);
    let (zh, en) = (&source.zh, &source.en);
    let (trials, seed) = (outcome.trials, outcome.seed);
    let version = env!("CARGO_PKG_VERSION");
    let said = text!(
        "资料来源：{zh}；{trials} 次仿真的平均，种子 {seed}；hopcast {version}",
        "Source: {en}; mean of {trials} simulated days, seed {seed}; hopcast {version}"
    );
    let mut marks = vec![lang.pick("仿真", "simulated").to_string()];
    if let Some(until) = outcome.partial {
        let until = clock(until);
        marks.push(
            text!("未完成，至 {until}", "partial, up to {until}")
                .get(lang)
                .to_string(),
        );
    }
    Caption {
        alt: [title.get(lang), subtitle.get(lang)].join(lang.pick("。", ". ")),
        title: title.get(lang).to_string(),
        subtitle: subtitle.get(lang).to_string(),
        source: said.get(lang).to_string(),
        marks,
    }
}

/// Hours, month and scenario.
fn period(shown: &Shown<'_>) -> Text {
    let outcome = &shown.simulated.outcome;
    let (from, to) = (outcome.hours.start, outcome.hours.end);
    let name = &shown.loaded.scenario.name;
    let (zh, en) = (&name.zh, &name.en);
    match shown.simulated.day.date {
        Some(date) => text!(
            "{zh}；{date} 的工作日 {from}:00 至 {to}:00",
            "{en}; a working day of {date}, {from}:00 to {to}:00"
        ),
        None => text!(
            "{zh}；工作日 {from}:00 至 {to}:00",
            "{en}; a working day, {from}:00 to {to}:00"
        ),
    }
}

/// What the times of a population's transactions consist of, at the median and the 95th percentile;
/// `None` where no time is known with an interval.
fn budget(shown: &Shown<'_>, population: PopulationAt, lang: Lang) -> Option<ChartSpec> {
    let topology = &shown.loaded.loaded.topology;
    let acts = shown.simulated.outcome.acts.iter();
    let acts: Vec<&ActOutcome> = acts.filter(|own| own.population == population).collect();
    let mut categories = Vec::new();
    let mut budgets = Vec::new();
    for own in &acts {
        let name = topology[own.transaction].name.get(lang);
        if let [_, Some(median), Some(p95), _] = own.budgets {
            categories.extend([name.to_string(), String::new()]);
            budgets.extend([median, p95]);
        }
    }
    // Handshakes are round trips too; there are as many hues as parts then.
    let joined = |budget: &[f64; record::PARTS]| {
        let [handshakes, trips, rest @ ..] = *budget;
        let mut parts = vec![handshakes + trips];
        parts.extend(rest);
        parts
    };
    let budgets: Vec<Vec<f64>> = budgets.iter().map(joined).collect();
    let parts = record::Part::ALL.into_iter().skip(1).enumerate();
    let parts = parts.map(|(at, part)| Part {
        name: words::part(part).get(lang).to_string(),
        hue: at,
        values: budgets
            .iter()
            .map(|budget| budget.get(at).copied())
            .collect(),
    });
    // A part that is nowhere a hundredth of a second would only fill the legend.
    let seen = |part: &Part| part.values.iter().flatten().any(|value| *value >= 0.01);
    let parts: Vec<Part> = parts.filter(seen).collect();
    let slowest = acts
        .iter()
        .filter_map(|own| Some((own, own.quantiles[1]?)))
        .max_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let (slow, p95) = slowest?;
    let most = slow.budgets[2]?;
    let (largest, seconds) =
        record::Part::ALL
            .into_iter()
            .zip(most)
            .fold((record::Part::Client, 0.0), |best, own| {
                if own.1 > best.1 { own } else { best }
            });
    let (who, what) = (&topology[population].name, &topology[slow.transaction].name);
    let largest = words::part(largest);
    let whole = with_half(p95.value, Some(p95.interval), &number(1));
    let share = trimmed(seconds / p95.value * 100.0, 0);
    let (who_zh, what_zh, part_zh) = (&who.zh, &what.zh, &largest.zh);
    let (who_en, what_en, part_en) = (&who.en, &what.en, &largest.en);
    let title = text!(
        "{who_zh}：{what_zh} p95 {whole} 秒，其中{part_zh}占 {share} %",
        "{who_en}: {what_en}, p95 {whole} s, {share} % of it {part_en}"
    );
    let period = period(shown);
    let subtitle = Text::new(
        format!("{}；每对左为 p50、右为 p95", period.zh),
        format!("{}; pairs: p50, p95", period.en),
    );
    Some(ChartSpec::new(
        lang,
        caption(shown, title, subtitle, lang),
        Plot::Columns(Columns {
            x: axis(lang, "业务", "transaction", ""),
            categories,
            y: axis(lang, "耗时", "time", "s"),
            parts,
            capacity: None,
            thresholds: Vec::new(),
        }),
    ))
}

fn axis(lang: Lang, zh: &str, en: &str, unit: &str) -> Axis {
    Axis {
        title: lang.pick(zh, en).to_string(),
        unit: unit.to_string(),
    }
}

/// What one class carried over the day, and the minutes in which it was full.
fn load(shown: &Shown<'_>, own: &LaneOutcome, lang: Lang) -> ChartSpec {
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
