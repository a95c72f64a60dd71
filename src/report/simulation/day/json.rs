//! A simulated day as one JSON document; `SCHEMA.md` beside this file explains every field.

use crate::scenario::simulated::{Shown, words};
use serde_json::{Map, Value as Json, json};

use crate::lang::Text;
use crate::scenario::answer::Lane;
use crate::scenario::simulated::outcome::{
    ActOutcome, Beside, Figure, GateOutcome, LaneMinute, LaneOutcome, QUANTILES, StationOutcome,
    Value, Verdict,
};
use crate::sim::day::record::{PARTS, Part};
use crate::sim::measure::Estimate;
use crate::sim::trials::Wanted;
use crate::topology::Topology;
use crate::units::{BitRate, trimmed};

mod pain;

pub(super) use pain::obstacle_id;
use pain::{named, pain};

/// Version of the JSON document.
pub const SCHEMA: &str = "hopcast.simulate-day/1";

/// The day as data.
pub fn json(shown: &Shown<'_>) -> Json {
    let (scenario, topology) = (&shown.loaded.scenario, shown.topology());
    let outcome = &shown.simulated.outcome;
    let (precision, most) = match outcome.wanted {
        Wanted::Exactly(count) => (None, count),
        Wanted::Until { precision, most } => (Some(precision), most),
    };
    json!({
        "schema": SCHEMA,
        "simulated": true,
        "partial": outcome.partial.is_some(),
        "partial_until_s": outcome.partial,
        "scenario": {
            "id": scenario.id,
            "name": scenario.name,
            "question": scenario.question,
        },
        "month": outcome.month,
        "date": shown.simulated.day.date,
        "hours": [outcome.hours.start, outcome.hours.end],
        "seed": outcome.seed,
        "trials": {
            "run": outcome.trials,
            "most": most,
            "precision": precision,
            "reached": outcome.settled,
        },
        "confidence": 0.95,
        "events_a_trial": outcome.events.value,
        "online": {
            "peak": value(&outcome.online.peak, &same),
            "cut_off": outcome.online.cut_off,
            "by_minute": outcome.online.minutes,
        },
        "transactions": list(&outcome.acts, |own| transaction(topology, own)),
        "lanes": list(&outcome.lanes, |own| lane(topology, own)),
        "servers": list(&outcome.stations, |own| station(topology, own)),
        "sessions": list(&outcome.gates, |own| gate(topology, own)),
        "pain": {
            "ordinary_trial": outcome.pains.ordinary,
            "minutes_a_day": value(&outcome.pains.minutes, &same),
            "by_obstacle": list(&outcome.pains.by_obstacle, |(obstacle, minutes)| json!({
                "obstacle": named(topology, *obstacle),
                "minutes_a_day": value(minutes, &same),
            })),
            "events": list(&outcome.pains.events, |own| pain(shown, own)),
        },
        "observations": list(&outcome.seen, |check| {
            let observation = &topology.observations[check.observation];
            json!({
                "id": observation.id,
                "name": observation.name,
                "seen": check.seen,
                "simulated": value(&check.simulated, &same),
                "day_low": check.day.map(|day| day.low),
                "day_high": check.day.map(|day| day.high),
                "found": check.found,
            })
        }),
        "analytic": list(&shown.simulated.beside, |own| beside(topology, own)),
    })
}

fn list<T>(all: &[T], of: impl Fn(&T) -> Json) -> Vec<Json> {
    all.iter().map(of).collect()
}

fn same(value: f64) -> f64 {
    value
}

fn mbit(rate: f64) -> f64 {
    BitRate(rate).as_mbit()
}

/// A value over trials with its interval.
pub(in super::super) fn value(own: &Value, unit: &dyn Fn(f64) -> f64) -> Json {
    json!({
        "value": unit(own.value),
        "low": own.within.map(|within| unit(within.low)),
        "high": own.within.map(|within| unit(within.high)),
    })
}

/// A value that is never given without its interval.
pub(in super::super) fn estimate(own: &Option<Estimate>) -> Json {
    own.map_or(Json::Null, |own| {
        json!({
            "value": own.value,
            "low": own.interval.low,
            "high": own.interval.high,
        })
    })
}

/// What a part of a time is called in data.
pub(super) fn part_key(part: Part) -> &'static str {
    match part {
        Part::Handshakes => "handshakes",
        Part::Trips => "trips",
        Part::Queue => "queue",
        Part::Transfer => "transfer",
        Part::Service => "service",
        Part::Wait => "wait",
        Part::Loops => "loops",
        Part::Client => "client",
    }
}

fn budget(parts: &Option<[f64; PARTS]>) -> Json {
    let Some(parts) = parts else {
        return Json::Null;
    };
    let named = Part::ALL.into_iter().zip(parts);
    let map: Map<String, Json> = named
        .map(|(part, seconds)| (part_key(part).to_string(), json!(seconds)))
        .collect();
    Json::Object(map)
}

/// `p95` for 0.95.
pub(super) fn quantile_key(p: f64) -> String {
    format!("p{}", trimmed(p * 100.0, 1))
}

fn transaction(topology: &Topology, own: &ActOutcome) -> Json {
    let quantiles: Map<String, Json> = QUANTILES
        .iter()
        .zip(&own.quantiles)
        .map(|(p, found)| (quantile_key(*p), estimate(found)))
        .collect();
    let stages = ["mean".to_string()]
        .into_iter()
        .chain(QUANTILES.map(quantile_key));
    let budgets: Map<String, Json> = stages
        .zip(&own.budgets)
        .map(|(stage, parts)| (stage, budget(parts)))
        .collect();
    json!({
        "population": topology[own.population].id,
        "transaction": topology[own.transaction].id,
        "name": words::act(topology, own.population, own.transaction),
        "count": value(&own.count, &same),
        "unfinished": value(&own.unfinished, &same),
        "broken": value(&own.broken, &same),
        "mean_s": own.mean.map(|mean| value(&mean, &same)),
        "quantiles_s": quantiles,
        "alone_s": own.alone,
        "budget_s": budgets,
        "by_trial": list(&own.by_trial, |[mean, p95]| json!({ "mean_s": mean, "p95_s": p95 })),
    })
}

/// Link, way and class of a lane.
pub(super) fn place(topology: &Topology, lane: Lane) -> (&str, &'static str, Option<&str>) {
    let link = &topology[lane.link];
    let way = match lane.way {
        crate::topology::Way::Up => "up",
        crate::topology::Way::Down => "down",
    };
    let class = link
        .policy
        .and_then(|at| topology[at].classes.get(lane.class));
    (&link.id, way, class.map(|class| class.id.as_str()))
}

fn lane(topology: &Topology, own: &LaneOutcome) -> Json {
    let (link, way, class) = place(topology, own.lane);
    let columns = |of: &dyn Fn(&LaneMinute) -> f64| own.minutes.iter().map(of).collect::<Vec<_>>();
    json!({
        "link": link,
        "way": way,
        "class": class,
        "name": words::lane(topology, own.lane),
        "at_most_mbit": super::loads::most(topology, own.lane).as_mbit(),
        "carried_mbit": value(&own.carried, &mbit),
        "busiest_20min_mbit": value(&own.busiest, &mbit),
        "busiest_20min_from_s": own.busiest_from,
        "peak_mbit": value(&own.peak, &mbit),
        "highest_window_mbit": value(&own.window, &mbit),
        "busiest_second_mbit": value(&own.second, &mbit),
        "full_s": value(&own.full, &same),
        "others_lost_mbit": value(&own.lost, &mbit),
        "by_minute": {
            "carried_mbit": columns(&|own| mbit(own.carried)),
            "busiest_second_mbit": columns(&|own| mbit(own.second)),
            "full_s": columns(&|own| own.full),
        },
    })
}

fn station(topology: &Topology, own: &StationOutcome) -> Json {
    json!({
        "node": topology[own.node].id,
        "name": topology[own.node].name,
        "workers": own.workers,
        "used": value(&own.used, &same),
        "busiest_minute_used": value(&own.busiest, &same),
        "waiting": value(&own.waiting, &same),
        "worst_minute_waiting": value(&own.longest, &same),
        "all_busy_s": value(&own.full, &same),
        "by_minute": {
            "used": own.minutes.iter().map(|own| own.0).collect::<Vec<_>>(),
            "waiting": own.minutes.iter().map(|own| own.1).collect::<Vec<_>>(),
        },
    })
}

fn gate(topology: &Topology, own: &GateOutcome) -> Json {
    json!({
        "node": topology[own.node].id,
        "name": topology[own.node].name,
        "limit": own.limit,
        "held_at_most": value(&own.held, &same),
        "attempts": value(&own.attempts, &same),
        "refused": value(&own.refused, &same),
        "dropped": value(&own.dropped, &same),
        "by_minute": {
            "held": own.minutes.iter().map(|own| own.0).collect::<Vec<_>>(),
            "refused": own.minutes.iter().map(|own| own.1).collect::<Vec<_>>(),
            "dropped": own.minutes.iter().map(|own| own.2).collect::<Vec<_>>(),
        },
    })
}

fn beside(topology: &Topology, own: &Beside) -> Json {
    let (verdict, why): (&str, Option<Text>) = match own.verdict {
        Verdict::Agree => ("agree", None),
        Verdict::Open => ("open", None),
        Verdict::Differ(why) => ("differ", Some(words::why(topology, why))),
    };
    let unit = |value: f64| words::in_unit(own.figure, value);
    json!({
        "key": figure_key(topology, own.figure),
        "name": words::figure(topology, own.figure),
        "analytic": own.analytic.map(unit),
        "simulated": value(&own.simulated, &unit),
        "verdict": verdict,
        "why": why,
    })
}

/// As `compare` names the same thing, as far as it has it: `time.vpn-pc.open.mean`.
pub(super) fn figure_key(topology: &Topology, figure: Figure) -> String {
    let act = |population, transaction, last: &str| {
        let population: &crate::topology::Population = &topology[population];
        let transaction: &crate::topology::Transaction = &topology[transaction];
        format!("time.{}.{}.{last}", population.id, transaction.id)
    };
    match figure {
        Figure::Mean(population, transaction) => act(population, transaction, "mean"),
        Figure::P95(population, transaction) => act(population, transaction, "p95"),
        Figure::Carried(lane) => {
            let (link, way, class) = place(topology, lane);
            match class {
                Some(class) => format!("lane.{link}.{way}.{class}.carried"),
                None => format!("lane.{link}.{way}.carried"),
            }
        }
    }
}
