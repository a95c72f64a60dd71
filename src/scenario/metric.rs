//! Metrics: named numbers with units, read off a day. One table for each kind of thing; the terminal
//! table, the CSV, the JSON and the charts all read these.

use std::collections::BTreeMap;

use super::answer::{ActTime, Answer, Day, Hour, LaneLoad, ServerLoad, SessionLoad};
use super::plan::Scenario;
use crate::lang::Text;
use crate::topology::{NodeAt, Topology, Way};
use crate::units::{Seconds, trimmed};

/// The unit of a metric's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Unit {
    /// Megabits a second.
    #[serde(rename = "Mbit/s")]
    Mbit,
    /// Parts of a hundred.
    #[serde(rename = "%")]
    Percent,
    /// Seconds.
    #[serde(rename = "s")]
    Second,
    /// Minutes a day.
    #[serde(rename = "min/d")]
    MinuteADay,
    /// Pieces or people.
    #[serde(rename = "1")]
    Count,
    /// Yuan a month.
    #[serde(rename = "CNY/month")]
    Money,
}

impl Unit {
    /// The unit's sign, empty for a count.
    pub fn sign(self) -> &'static str {
        match self {
            Unit::Mbit => "Mbit/s",
            Unit::Percent => "%",
            Unit::Second => "s",
            Unit::MinuteADay => "min/d",
            Unit::Count => "",
            Unit::Money => "CNY/month",
        }
    }

    /// A number of this unit, as precise as anybody can use, without the sign.
    pub fn number(self, value: f64) -> String {
        let digits = match self {
            // Between 99 and 100 % the digits after the point are what is argued about.
            Unit::Percent if value > 99.0 && value < 100.0 => 3,
            // Of a few, the part of one more counts.
            Unit::Count if value.abs() < 100.0 => 1,
            Unit::Money | Unit::Count => 0,
            Unit::Second => 2,
            Unit::Mbit | Unit::Percent | Unit::MinuteADay => 1,
        };
        // "-0" helps nobody.
        match trimmed(value, digits).as_str() {
            "-0" => "0".to_string(),
            text => text.to_string(),
        }
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It only describes.
    Neither,
}

/// What a metric is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Users and price.
    Whole,
    /// A class of a link, one way.
    Lane,
    /// Workers of a node.
    Servers,
    /// Sessions of a node.
    Sessions,
    /// A transaction of a population.
    Time,
    /// A service.
    Service,
}

/// A named number.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Stable name, equal across scenarios for the same thing: `lane.vpn-line.down.oa.offered`.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// What a reader calls it.
    pub name: Text,
    /// Its unit.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// The number; `None`: it has no end (a queue that never clears, users cut off).
    pub value: Option<f64>,
}

type Column<T> = (
    &'static str,
    &'static str,
    &'static str,
    Unit,
    Better,
    fn(&T) -> Option<f64>,
);

/// A lane in its worst hour.
const LANE: [Column<LaneLoad>; 5] = [
    (
        "offered",
        "请求",
        "offered",
        Unit::Mbit,
        Better::Neither,
        |load| Some(load.offered.as_mbit()),
    ),
    (
        "carried",
        "承载",
        "carried",
        Unit::Mbit,
        Better::Neither,
        |load| Some(load.carried.as_mbit()),
    ),
    (
        "capacity",
        "可得带宽",
        "obtainable",
        Unit::Mbit,
        Better::Higher,
        |load| Some(load.capacity.as_mbit()),
    ),
    (
        "utilisation",
        "利用率",
        "utilisation",
        Unit::Percent,
        Better::Lower,
        |load| Some(load.utilisation() * 100.0).filter(|part| part.is_finite()),
    ),
    (
        "peak",
        "尖峰",
        "peak",
        Unit::Mbit,
        Better::Neither,
        |load| Some(load.peak.as_mbit()),
    ),
];

const SERVERS: [Column<ServerLoad>; 2] = [
    (
        "busy",
        "忙处理单元",
        "busy workers",
        Unit::Count,
        Better::Neither,
        |load| Some(load.carried),
    ),
    (
        "utilisation",
        "利用率",
        "utilisation",
        Unit::Percent,
        Better::Lower,
        |load| Some(load.utilisation() * 100.0).filter(|part| part.is_finite()),
    ),
];

const SESSIONS: [Column<SessionLoad>; 3] = [
    (
        "held",
        "会话数",
        "sessions held",
        Unit::Count,
        Better::Neither,
        |load| Some(load.held),
    ),
    (
        "utilisation",
        "会话占用",
        "part of the session limit",
        Unit::Percent,
        Better::Lower,
        |load| Some(load.utilisation() * 100.0).filter(|part| part.is_finite()),
    ),
    (
        "refused",
        "拒绝率",
        "refused",
        Unit::Percent,
        Better::Lower,
        |load| Some(load.refused.0 * 100.0),
    ),
];

/// Of a node whose keep-alives are known.
const DROPPED: [Column<SessionLoad>; 1] = [(
    "dropped",
    "断线（次/小时）",
    "dropped an hour",
    Unit::Count,
    Better::Lower,
    |load| Some(load.dropped_an_hour),
)];

const TIME: [Column<ActTime>; 2] = [
    (
        "mean",
        "平均耗时",
        "mean time",
        Unit::Second,
        Better::Lower,
        |time| time.time.map(|(mean, _)| mean.0),
    ),
    (
        "p95",
        "95% 耗时",
        "p95 time",
        Unit::Second,
        Better::Lower,
        |time| time.time.map(|(_, p95): (Seconds, Seconds)| p95.0),
    ),
];

/// Every metric of one day of an answer.
pub fn metrics(
    topology: &Topology,
    scenario: &Scenario,
    answer: &Answer,
    day: &Day,
) -> Vec<Metric> {
    let mut all = Vec::new();
    let busiest = &day.hours[day.busiest];
    let mut whole = |key: &str, name: Text, unit, better, value| {
        all.push(Metric {
            key: format!("whole.{key}"),
            about: About::Whole,
            name,
            unit,
            better,
            value,
        });
    };
    whole(
        "online",
        Text::new("在线用户", "users online"),
        Unit::Count,
        Better::Neither,
        Some(busiest.online),
    );
    whole(
        "cut-off",
        Text::new("断网用户", "users cut off"),
        Unit::Count,
        Better::Lower,
        Some(busiest.cut_off),
    );
    if let Some(price) = scenario.price {
        whole(
            "price",
            Text::new("月费", "price a month"),
            Unit::Money,
            Better::Lower,
            Some(price.0),
        );
    }
    lanes(topology, day, &mut all);
    let node = |at: NodeAt| &topology[at];
    for (at, load) in worst(day, |hour| &hour.servers, |load| (load.node, load.offered)) {
        let key = format!("servers.{}", node(at).id);
        columns(
            &SERVERS,
            About::Servers,
            &key,
            &node(at).name,
            &load,
            &mut all,
        );
    }
    for (at, load) in worst(day, |hour| &hour.sessions, |load| (load.node, load.offered)) {
        let key = format!("sessions.{}", node(at).id);
        columns(
            &SESSIONS,
            About::Sessions,
            &key,
            &node(at).name,
            &load,
            &mut all,
        );
        if node(at).keep_alive.is_some() {
            columns(
                &DROPPED,
                About::Sessions,
                &key,
                &node(at).name,
                &load,
                &mut all,
            );
        }
    }
    for time in &day.worst_times(topology) {
        let (population, transaction) = (&topology[time.population], &topology[time.transaction]);
        let name = Text::new(
            format!("{}·{}", population.name.zh, transaction.name.zh),
            format!("{}: {}", population.name.en, transaction.name.en),
        );
        let key = format!("time.{}.{}", population.id, transaction.id);
        columns(&TIME, About::Time, &key, &name, time, &mut all);
    }
    for (service, part) in topology.services.iter().zip(&answer.availability) {
        all.push(Metric {
            key: format!("service.{}.availability", service.id),
            about: About::Service,
            name: Text::new(
                format!("{} 可用率", service.name.zh),
                format!("{} availability", service.name.en),
            ),
            unit: Unit::Percent,
            better: Better::Higher,
            value: Some(part.0 * 100.0),
        });
    }
    all
}

/// The loads of a day's nodes, each in the hour in which it is asked for most, in the nodes' order.
fn worst<L: Copy>(
    day: &Day,
    loads: impl Fn(&Hour) -> &Vec<L>,
    asked: impl Fn(&L) -> (NodeAt, f64),
) -> BTreeMap<NodeAt, L> {
    let mut worst: BTreeMap<NodeAt, L> = BTreeMap::new();
    for load in day.hours.iter().flat_map(loads) {
        let (node, offered) = asked(load);
        if worst.get(&node).is_none_or(|own| asked(own).1 < offered) {
            worst.insert(node, *load);
        }
    }
    worst
}

/// Lanes of shared links, each in its worst hour, with its minutes of congestion over the day.
fn lanes(topology: &Topology, day: &Day, all: &mut Vec<Metric>) {
    let mut seen: Vec<LaneLoad> = Vec::new();
    for load in day.hours.iter().flat_map(|hour| &hour.lanes) {
        match seen.iter_mut().find(|own| own.lane == load.lane) {
            Some(own) if load.utilisation() > own.utilisation() => *own = *load,
            Some(_) => {}
            None => seen.push(*load),
        }
    }
    seen.sort_by_key(|load| load.lane);
    for load in seen {
        let Some(policy) = topology[load.lane.link].policy else {
            continue;
        };
        let class = &topology[policy].classes[load.lane.class];
        let (key, name) = lane_name(topology, &load, &class.id, &class.name);
        columns(&LANE, About::Lane, &key, &name, &load, all);
        all.push(Metric {
            key: format!("{key}.congestion"),
            about: About::Lane,
            name: Text::new(
                format!("{} 拥塞", name.zh),
                format!("{} congestion", name.en),
            ),
            unit: Unit::MinuteADay,
            better: Better::Lower,
            value: Some(day.congestion(load.lane)),
        });
    }
}

fn lane_name(topology: &Topology, load: &LaneLoad, class: &str, name: &Text) -> (String, Text) {
    let link = &topology[load.lane.link];
    let (way, zh, en) = match load.lane.way {
        Way::Up => ("up", "上行", "up"),
        Way::Down => ("down", "下行", "down"),
    };
    let key = format!("lane.{}.{way}.{class}", link.id);
    (
        key,
        Text::new(
            format!("{}·{}·{zh}", link.name.zh, name.zh),
            format!("{}, {}, {en}", link.name.en, name.en),
        ),
    )
}

fn columns<T, const N: usize>(
    table: &[Column<T>; N],
    about: About,
    key: &str,
    of: &Text,
    row: &T,
    all: &mut Vec<Metric>,
) {
    for (column, zh, en, unit, better, read) in table {
        all.push(Metric {
            key: format!("{key}.{column}"),
            about,
            name: Text::new(format!("{} {zh}", of.zh), format!("{} {en}", of.en)),
            unit: *unit,
            better: *better,
            value: read(row),
        });
    }
}
