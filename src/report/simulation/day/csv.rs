//! A simulated day as flat tables, units in the column names.

use crate::scenario::simulated::{Shown, words};
use serde::Serialize;

use super::super::super::data::{csv, digits};
use super::json::{figure_key, obstacle_id, part_key, place, quantile_key};
use crate::error::Error;
use crate::scenario::simulated::outcome::{QUANTILES, Value, Verdict};
use crate::scenario::simulated::words::{clock, in_unit};
use crate::sim::day::record::{MINUTE, Part};
use crate::units::BitRate;

#[derive(Serialize)]
struct TimeRow<'r> {
    population: &'r str,
    transaction: &'r str,
    /// `mean`, `p50`, ...; counts besides.
    figure: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize)]
struct BudgetRow<'r> {
    population: &'r str,
    transaction: &'r str,
    at: String,
    part: &'r str,
    seconds: f64,
}

#[derive(Serialize)]
struct LoadRow {
    kind: &'static str,
    id: String,
    figure: &'static str,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize)]
struct PainRow<'r> {
    from: String,
    to: String,
    minutes: usize,
    kind: &'static str,
    obstacle: String,
    owner: &'r str,
    population: &'r str,
    transaction: &'r str,
    acts: u64,
    mean_s: f64,
    usual_s: f64,
    lost_s: f64,
}

#[derive(Serialize)]
struct BesideRow {
    key: String,
    analytic: Option<f64>,
    simulated: f64,
    low: Option<f64>,
    high: Option<f64>,
    verdict: &'static str,
    why_zh: String,
    why_en: String,
}

#[derive(Serialize)]
struct MinuteRow {
    minute: String,
    kind: &'static str,
    id: String,
    figure: &'static str,
    value: f64,
}

/// The flat tables, each with its file name.
pub fn tables(shown: &Shown<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
    Ok(vec![
        ("times.csv", csv(&times(shown))?),
        ("budgets.csv", csv(&budgets(shown))?),
        ("loads.csv", csv(&loads(shown))?),
        ("pain.csv", csv(&pain(shown))?),
        ("analytic.csv", csv(&beside(shown))?),
        ("minutes.csv", csv(&minutes(shown))?),
    ])
}

fn times<'r>(shown: &Shown<'r>) -> Vec<TimeRow<'r>> {
    let topology = shown.topology();
    let mut rows = Vec::new();
    for own in &shown.simulated.outcome.acts {
        let mut row = |figure: String, value: Option<Value>| {
            let within = value.and_then(|value| value.within);
            rows.push(TimeRow {
                population: &topology[own.population].id,
                transaction: &topology[own.transaction].id,
                figure,
                value: value.map(|value| digits(value.value)),
                low: within.map(|within| digits(within.low)),
                high: within.map(|within| digits(within.high)),
            });
        };
        row("count".to_string(), Some(own.count));
        row("unfinished".to_string(), Some(own.unfinished));
        row("broken".to_string(), Some(own.broken));
        row("mean_s".to_string(), own.mean);
        for (p, found) in QUANTILES.iter().zip(&own.quantiles) {
            let value = found.map(|found| Value {
                value: found.value,
                within: Some(found.interval),
            });
            row(format!("{}_s", quantile_key(*p)), value);
        }
    }
    rows
}

fn budgets<'r>(shown: &Shown<'r>) -> Vec<BudgetRow<'r>> {
    let topology = shown.topology();
    let mut rows = Vec::new();
    for own in &shown.simulated.outcome.acts {
        let stages = ["mean".to_string()]
            .into_iter()
            .chain(QUANTILES.map(quantile_key));
        for (at, budget) in stages.zip(&own.budgets) {
            let parts = budget
                .iter()
                .flat_map(|budget| Part::ALL.into_iter().zip(budget));
            rows.extend(parts.map(|(part, seconds)| BudgetRow {
                population: &topology[own.population].id,
                transaction: &topology[own.transaction].id,
                at: at.clone(),
                part: part_key(part),
                seconds: digits(*seconds),
            }));
        }
    }
    rows
}

fn loads(shown: &Shown<'_>) -> Vec<LoadRow> {
    let (topology, outcome) = (shown.topology(), &shown.simulated.outcome);
    let mut rows = Vec::new();
    let mut row = |kind, id: &str, figure, own: &Value, unit: f64| {
        rows.push(LoadRow {
            kind,
            id: id.to_string(),
            figure,
            value: digits(own.value * unit),
            low: own.within.map(|within| digits(within.low * unit)),
            high: own.within.map(|within| digits(within.high * unit)),
        });
    };
    const MEGA: f64 = 1e-6;
    for own in &outcome.lanes {
        let id = lane_id(shown, own.lane);
        row("lane", &id, "carried_mbit", &own.carried, MEGA);
        row("lane", &id, "busiest_20min_mbit", &own.busiest, MEGA);
        row("lane", &id, "peak_mbit", &own.peak, MEGA);
        row("lane", &id, "highest_window_mbit", &own.window, MEGA);
        row("lane", &id, "busiest_second_mbit", &own.second, MEGA);
        row("lane", &id, "full_s", &own.full, 1.0);
        row("lane", &id, "others_lost_mbit", &own.lost, MEGA);
    }
    for own in &outcome.stations {
        let id = &topology[own.node].id;
        row("servers", id, "used", &own.used, 1.0);
        row("servers", id, "busiest_minute_used", &own.busiest, 1.0);
        row("servers", id, "waiting", &own.waiting, 1.0);
        row("servers", id, "worst_minute_waiting", &own.longest, 1.0);
        row("servers", id, "all_busy_s", &own.full, 1.0);
    }
    for own in &outcome.gates {
        let id = &topology[own.node].id;
        row("sessions", id, "held_at_most", &own.held, 1.0);
        row("sessions", id, "attempts", &own.attempts, 1.0);
        row("sessions", id, "refused", &own.refused, 1.0);
        row("sessions", id, "dropped", &own.dropped, 1.0);
    }
    row("users", "online", "at_most", &outcome.online.peak, 1.0);
    for (obstacle, own) in &outcome.pains.by_obstacle {
        let (kind, id) = obstacle_id(topology, *obstacle);
        row(kind, &id, "pain_min", own, 1.0);
    }
    row("day", "any", "pain_min", &outcome.pains.minutes, 1.0);
    rows
}

fn lane_id(shown: &Shown<'_>, lane: crate::scenario::answer::Lane) -> String {
    match place(shown.topology(), lane) {
        (link, way, Some(class)) => format!("{link}.{way}.{class}"),
        (link, way, None) => format!("{link}.{way}"),
    }
}

fn pain<'r>(shown: &Shown<'r>) -> Vec<PainRow<'r>> {
    let topology = shown.topology();
    let mut rows = Vec::new();
    for own in &shown.simulated.outcome.pains.events {
        let (kind, obstacle) = obstacle_id(topology, own.obstacle);
        rows.extend(own.hit.iter().map(|hit| {
            let (population, transaction) = shown.simulated.laid.labels[hit.label];
            PainRow {
                from: clock(own.from),
                to: clock(own.until),
                minutes: own.minutes,
                kind,
                obstacle: obstacle.clone(),
                owner: &topology[own.owner].id,
                population: &topology[population].id,
                transaction: &topology[transaction].id,
                acts: hit.acts,
                mean_s: digits(hit.mean),
                usual_s: digits(hit.usual),
                lost_s: digits(hit.lost()),
            }
        }));
    }
    rows
}

fn beside(shown: &Shown<'_>) -> Vec<BesideRow> {
    let topology = shown.topology();
    let rows = shown.simulated.beside.iter().map(|own| {
        let unit = |value: f64| digits(in_unit(own.figure, value));
        let (verdict, why) = match own.verdict {
            Verdict::Agree => ("agree", Default::default()),
            Verdict::Open => ("open", Default::default()),
            Verdict::Differ(why) => ("differ", words::why(topology, why)),
        };
        BesideRow {
            key: figure_key(topology, own.figure),
            analytic: own.analytic.map(unit),
            simulated: unit(own.simulated.value),
            low: own.simulated.within.map(|within| unit(within.low)),
            high: own.simulated.within.map(|within| unit(within.high)),
            verdict,
            why_zh: why.zh,
            why_en: why.en,
        }
    });
    rows.collect()
}

/// Means of the trials, minute by minute.
fn minutes(shown: &Shown<'_>) -> Vec<MinuteRow> {
    let (topology, outcome) = (shown.topology(), &shown.simulated.outcome);
    let from = outcome.hours.start as f64 * 3600.0;
    let mut rows = Vec::new();
    let mut row = |minute: usize, kind, id: &str, figure, value: f64| {
        rows.push(MinuteRow {
            minute: clock(from + minute as f64 * MINUTE),
            kind,
            id: id.to_string(),
            figure,
            value: digits(value),
        });
    };
    for (minute, users) in outcome.online.minutes.iter().enumerate() {
        row(minute, "users", "online", "users", *users);
    }
    for own in &outcome.acts {
        let id = format!(
            "{}.{}",
            topology[own.population].id, topology[own.transaction].id
        );
        for (minute, (count, mean)) in own.minutes.iter().enumerate() {
            row(minute, "time", &id, "count", *count);
            row(minute, "time", &id, "mean_s", *mean);
        }
    }
    for own in &outcome.lanes {
        let id = lane_id(shown, own.lane);
        for (minute, load) in own.minutes.iter().enumerate() {
            let rates = [
                ("carried_mbit", load.carried),
                ("busiest_second_mbit", load.second),
            ];
            for (figure, rate) in rates {
                row(minute, "lane", &id, figure, BitRate(rate).as_mbit());
            }
            row(minute, "lane", &id, "full_s", load.full);
        }
    }
    for own in &outcome.stations {
        let id = &topology[own.node].id;
        for (minute, (used, waiting)) in own.minutes.iter().enumerate() {
            row(minute, "servers", id, "used", *used);
            row(minute, "servers", id, "waiting", *waiting);
        }
    }
    for own in &outcome.gates {
        let id = &topology[own.node].id;
        for (minute, (held, refused, dropped)) in own.minutes.iter().enumerate() {
            row(minute, "sessions", id, "held", *held);
            row(minute, "sessions", id, "refused", *refused);
            row(minute, "sessions", id, "dropped", *dropped);
        }
    }
    rows
}
