//! A comparison as data: one JSON document and flat CSV tables, numbers as numbers with their units
//! in the column names.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::lang::Text;
use crate::scenario::answer::{Day, LaneLoad, Narrow, Pressure};
use crate::scenario::compare::{Answered, Comparison, resource_name};
use crate::scenario::metric::Metric;
use crate::topology::{Topology, Way};

/// Version of the JSON document.
pub const SCHEMA: &str = "hopcast.compare/1";

/// The whole comparison.
pub fn json(comparison: &Comparison) -> Json {
    json!({
        "schema": SCHEMA,
        "simulated": false,
        "model": "analytic",
        "scenarios": comparison.scenarios.iter().map(scenario).collect::<Vec<_>>(),
    })
}

fn scenario(one: &Answered) -> Json {
    let (scenario, topology, answer) = (&one.loaded.scenario, one.topology(), &one.answer);
    let objectives = one.held.iter().map(|held| {
        let objective = &scenario.objectives[held.objective];
        json!({
            "id": objective.id,
            "name": objective.name,
            "unit": held.unit,
            "limit": held.limit,
            "start": held.start,
            "end": held.end,
            "first_broken_month": held.broken,
        })
    });
    let seen = answer.seen.iter().map(|check| {
        let observation = &topology.observations[check.observation];
        json!({
            "id": observation.id,
            "name": observation.name,
            "seen": check.seen,
            "model": check.model,
            "within": check.within,
        })
    });
    let alerts = answer.alerts.iter().map(|alert| {
        let threshold = &topology.thresholds[alert.threshold];
        json!({
            "id": threshold.id,
            "at": threshold.at.0,
            "action": threshold.action,
            "first_hour": alert.hour,
            "first_month": alert.month,
            "highest_first_day": alert.highest,
        })
    });
    json!({
        "id": scenario.id,
        "name": scenario.name,
        "question": scenario.question,
        "price_cny_month": scenario.price.map(|price| price.0),
        "runs_out_month": one.runs_out(),
        "objectives": objectives.collect::<Vec<_>>(),
        "bottlenecks": answer.narrow.iter().map(|narrow| bottleneck(topology, narrow)).collect::<Vec<_>>(),
        "observations": seen.collect::<Vec<_>>(),
        "thresholds": alerts.collect::<Vec<_>>(),
        "start": metrics(&one.start),
        "end": metrics(&one.end),
        "days": answer.days.iter().map(|day| self::day(topology, day)).collect::<Vec<_>>(),
    })
}

fn bottleneck(topology: &Topology, narrow: &Narrow) -> Json {
    let pressure = |pressure: &Pressure| {
        json!({
            "name": resource_name(topology, pressure.resource),
            "utilisation": finite(pressure.utilisation),
            "hour": pressure.hour,
        })
    };
    json!({
        "month": narrow.month,
        "first": pressure(&narrow.first),
        "once_lifted": narrow.next.as_ref().map(pressure),
    })
}

/// A number that JSON and CSV can carry; a ratio to nothing is `null`, or an empty cell.
pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn metrics(all: &[Metric]) -> Vec<Json> {
    let metric = |metric: &Metric| {
        json!({
            "key": metric.key,
            "name": metric.name,
            "unit": metric.unit,
            "better": metric.better,
            "value": metric.value,
        })
    };
    all.iter().map(metric).collect()
}

fn day(topology: &Topology, day: &Day) -> Json {
    let queues = day.queues.iter().map(|queue| {
        json!({
            "node": topology[queue.node].id,
            "longest": queue.longest,
            "at_end_of_hour": queue.hour,
            "wait_s": queue.wait.0,
            "gone_in_hour": queue.gone,
        })
    });
    json!({
        "month": day.month,
        "date": day.date,
        "accounts": day.accounts,
        "busiest_hour": day.busiest,
        "online": day.hours[day.busiest].online,
        "cut_off": day.hours[day.busiest].cut_off,
        "queues": queues.collect::<Vec<_>>(),
    })
}

#[derive(Serialize)]
struct LaneRow<'r> {
    scenario: &'r str,
    month: u32,
    date: Option<String>,
    hour: usize,
    link: &'r str,
    way: Way,
    class: &'r str,
    offered_mbit: f64,
    carried_mbit: f64,
    capacity_mbit: f64,
    utilisation: Option<f64>,
    peak_mbit: f64,
    congested_min: f64,
}

#[derive(Serialize)]
struct TimeRow<'r> {
    scenario: &'r str,
    month: u32,
    date: Option<String>,
    hour: usize,
    population: &'r str,
    transaction: &'r str,
    mean_s: Option<f64>,
    p95_s: Option<f64>,
}

#[derive(Serialize)]
struct ServerRow<'r> {
    scenario: &'r str,
    month: u32,
    date: Option<String>,
    hour: usize,
    node: &'r str,
    kind: &'r str,
    capacity: f64,
    offered: f64,
    carried: f64,
    refused: Option<f64>,
    refused_per_hour: Option<f64>,
    dropped_per_hour: Option<f64>,
}

#[derive(Serialize)]
struct MetricRow<'r> {
    scenario: &'r str,
    when: &'r str,
    date: Option<String>,
    key: &'r str,
    name_zh: &'r str,
    name_en: &'r str,
    unit: &'r str,
    value: Option<f64>,
}

#[derive(Serialize)]
struct UnitRow<'r> {
    scenario: &'r str,
    unit: &'r str,
    weight: f64,
    online: f64,
    part: f64,
}

/// The flat tables, each with its file name.
pub fn tables(comparison: &Comparison) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
    let mut lanes = Vec::new();
    let mut times = Vec::new();
    let mut servers = Vec::new();
    let mut metrics = Vec::new();
    let mut units = Vec::new();
    for one in &comparison.scenarios {
        let (id, topology) = (one.loaded.scenario.id.as_str(), one.topology());
        for day in &one.answer.days {
            hours(id, topology, day, &mut lanes, &mut times, &mut servers);
        }
        let days = [
            ("start", &one.start, one.answer.days.first()),
            ("end", &one.end, one.answer.days.last()),
        ];
        for (when, list, day) in days {
            metrics.extend(list.iter().map(|metric| MetricRow {
                scenario: id,
                when,
                date: day.and_then(|day| day.date).map(|date| date.to_string()),
                key: &metric.key,
                name_zh: &metric.name.zh,
                name_en: &metric.name.en,
                unit: metric.unit.sign(),
                value: metric.value,
            }));
        }
        units.extend(one.units().into_iter().map(|(unit, online, part)| UnitRow {
            scenario: id,
            unit: &unit.id,
            weight: unit.weight,
            online,
            part,
        }));
    }
    let mut all = vec![
        ("metrics.csv", csv(&metrics)?),
        ("hours-classes.csv", csv(&lanes)?),
        ("hours-times.csv", csv(&times)?),
        ("hours-nodes.csv", csv(&servers)?),
    ];
    if !units.is_empty() {
        all.push(("units.csv", csv(&units)?));
    }
    Ok(all)
}

fn hours<'r>(
    scenario: &'r str,
    topology: &'r Topology,
    day: &Day,
    lanes: &mut Vec<LaneRow<'r>>,
    times: &mut Vec<TimeRow<'r>>,
    servers: &mut Vec<ServerRow<'r>>,
) {
    let month = day.month;
    let date = || day.date.map(|date| date.to_string());
    for (hour, answer) in day.hours.iter().enumerate() {
        lanes.extend(
            answer
                .lanes
                .iter()
                .filter(|load| told(topology, load))
                .map(|load| {
                    let link = &topology[load.lane.link];
                    let class = link
                        .policy
                        .map(|at| topology[at].classes[load.lane.class].id.as_str());
                    LaneRow {
                        scenario,
                        month,
                        date: date(),
                        hour,
                        link: &link.id,
                        way: load.lane.way,
                        class: class.unwrap_or(""),
                        offered_mbit: digits(load.offered.as_mbit()),
                        carried_mbit: digits(load.carried.as_mbit()),
                        capacity_mbit: digits(load.capacity.as_mbit()),
                        utilisation: finite(load.utilisation()).map(digits),
                        peak_mbit: digits(load.peak.as_mbit()),
                        congested_min: digits(load.congested * 60.0),
                    }
                }),
        );
        times.extend(answer.times.iter().map(|time| TimeRow {
            scenario,
            month,
            date: date(),
            hour,
            population: &topology[time.population].id,
            transaction: &topology[time.transaction].id,
            mean_s: time.time.map(|(mean, _)| digits(mean.0)),
            p95_s: time.time.map(|(_, p95)| digits(p95.0)),
        }));
        servers.extend(answer.servers.iter().map(|load| ServerRow {
            scenario,
            month,
            date: date(),
            hour,
            node: &topology[load.node].id,
            kind: "workers",
            capacity: load.workers,
            offered: load.offered,
            carried: load.carried,
            refused: None,
            refused_per_hour: None,
            dropped_per_hour: None,
        }));
        servers.extend(answer.sessions.iter().map(|load| {
            ServerRow {
                scenario,
                month,
                date: date(),
                hour,
                node: &topology[load.node].id,
                kind: "sessions",
                capacity: load.limit,
                offered: load.offered,
                carried: load.held,
                refused: Some(load.refused.0),
                refused_per_hour: Some(load.refused_an_hour),
                dropped_per_hour: topology[load.node]
                    .keep_alive
                    .map(|_| digits(load.dropped_an_hour)),
            }
        }));
    }
}

/// Whether an hour of a lane is in the table: classes of links with a policy, and lines that are used
/// to a hundredth. The rest is hundreds of thousands of rows that say "idle".
fn told(topology: &Topology, load: &LaneLoad) -> bool {
    topology[load.lane.link].policy.is_some() || load.utilisation() >= 0.01
}

/// Six digits after the point: a microsecond, a bit a second.
pub(super) fn digits(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Rows as CSV, headed by the names of their fields.
pub(super) fn csv<R: Serialize>(rows: &[R]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |reason: String| {
        Error::System(Text::new(
            format!("无法写成 CSV：{reason}"),
            format!("cannot write CSV: {reason}"),
        ))
    };
    for row in rows {
        writer
            .serialize(row)
            .map_err(|error| broken(error.to_string()))?;
    }
    writer
        .into_inner()
        .map_err(|error| broken(error.to_string()))
}
