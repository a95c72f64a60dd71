//! Words and numbers that all views on a simulated day share, as [`resource_name`] is shared by those
//! on a comparison.

use crate::lang::{Lang, Text};
use crate::scenario::answer::{Lane, Resource};
use crate::scenario::compare::resource_name;
use crate::scenario::simulated::outcome::{Figure, Level, Obstacle, Value, Why};
use crate::sim::day::record::Part;
use crate::stats::Interval;
use crate::text;
use crate::topology::{PopulationAt, Topology, TransactionAt};
use crate::units::{BitRate, trimmed};

/// What a part of a time is called.
pub fn part(part: Part) -> Text {
    let (zh, en) = match part {
        Part::Handshakes => ("握手", "handshakes"),
        Part::Trips => ("往返", "round trips"),
        Part::Queue => ("排队时延", "queue delay"),
        Part::Transfer => ("传输", "transfer"),
        Part::Service => ("处理", "service"),
        Part::Wait => ("等待处理", "wait"),
        Part::Loops => ("支路环", "side loops"),
        Part::Client => ("终端", "client"),
    };
    Text::new(zh, en)
}

/// A population with one of its transactions.
pub fn act(topology: &Topology, population: PopulationAt, transaction: TransactionAt) -> Text {
    let (population, transaction) = (&topology[population].name, &topology[transaction].name);
    Text::new(
        format!("{}·{}", population.zh, transaction.zh),
        format!("{}: {}", population.en, transaction.en),
    )
}

/// A lane; without a policy it is the whole line.
pub fn lane(topology: &Topology, lane: Lane) -> Text {
    let resource = match topology[lane.link].policy {
        Some(_) => Resource::Class(lane),
        None => Resource::Line(lane.link, lane.way),
    };
    resource_name(topology, resource)
}

/// What two models are compared in.
pub fn figure(topology: &Topology, figure: Figure) -> Text {
    let with = |of: Text, zh: &str, en: &str| {
        Text::new(format!("{} {zh}", of.zh), format!("{} {en}", of.en))
    };
    match figure {
        Figure::Mean(population, transaction) => with(
            act(topology, population, transaction),
            "平均 (s)",
            "mean (s)",
        ),
        Figure::P95(population, transaction) => {
            with(act(topology, population, transaction), "p95 (s)", "p95 (s)")
        }
        Figure::Carried(own) => with(lane(topology, own), "承载 (Mbit/s)", "carried (Mbit/s)"),
    }
}

/// A figure's number in the unit that its name says.
pub fn in_unit(figure: Figure, value: f64) -> f64 {
    match figure {
        Figure::Carried(_) => BitRate(value).as_mbit(),
        _ => value,
    }
}

/// Why the two answers differ.
pub fn why(topology: &Topology, why: Why) -> Text {
    match why {
        Why::Overload(resource, hour, level) => {
            let name = resource_name(topology, resource);
            let (zh, en) = (name.zh, name.en);
            let level = trimmed(level * 100.0, 0);
            text!(
                "{hour} 时 {zh} 请求达能力的 {level} %：解析模型各小时独立，不含积压",
                "at {hour}:00 {en} is asked for {level} % of what it has: the analysis takes each hour \
                 by itself, without a backlog"
            )
        }
        Why::Sessions(node) => {
            let (zh, en) = (&topology[node].name.zh, &topology[node].name.en);
            text!(
                "{zh} 有会话被拒绝或掉线：解析模型只减少人数",
                "{en} refused or dropped sessions: the analysis only takes fewer users"
            )
        }
        Why::Bursts(resource, part, expected) => {
            let name = resource_name(topology, resource);
            let (zh, en) = (name.zh, name.en);
            let [part, expected] = [part, expected].map(|part| trimmed(part * 100.0, 1));
            text!(
                "{zh} 有 {part} % 的时间占满，解析模型只预计 {expected} %：它只知小时平均与正态波动，不知突发",
                "{en} is full for {part} % of the time where the analysis expects {expected} %: it knows the \
                 hour's mean and a normal spread, not what comes together"
            )
        }
        Why::Few(resource, room) => {
            let name = resource_name(topology, resource);
            let (zh, en) = (name.zh, name.en);
            let room = trimmed(room, 1);
            text!(
                "{room} 名用户即可占满 {zh}：仿真按整数用户计",
                "{room} users fill {en}: the simulation counts whole users"
            )
        }
        Why::Unexplained => Text::new(
            "差别超过模型误差，原因不明",
            "apart by more than the model's margin, for no reason that is known here",
        ),
    }
}

/// What was in the way.
pub fn obstacle(topology: &Topology, obstacle: Obstacle) -> Text {
    match obstacle {
        Obstacle::Resource(resource) => resource_name(topology, resource),
        Obstacle::Bursts(link) => {
            let Text { zh, en } = &topology[link].name;
            text!("{zh}丢包", "loss on {en}")
        }
    }
}

/// How bad an event of pain was.
pub fn level(level: &Level, minutes: usize) -> Text {
    match *level {
        Level::Full { seconds, carried } => {
            let part = trimmed(seconds / (minutes.max(1) as f64 * 60.0) * 100.0, 0);
            let carried = mbit(carried);
            text!(
                "{minutes} 分钟内 {part} % 的时间占满，承载 {carried} Mbit/s",
                "full {part} % of {minutes} min, carrying {carried} Mbit/s"
            )
        }
        Level::Waiting { jobs, workers } => {
            let jobs = trimmed(jobs, 1);
            text!(
                "{minutes} 分钟内平均 {jobs} 个请求等待 {workers} 个处理单元",
                "{jobs} jobs waiting for {workers} workers in {minutes} min"
            )
        }
        Level::Refused { attempts, refused } => text!(
            "{attempts} 次接入中拒绝 {refused} 次",
            "{refused} of {attempts} attempts refused"
        ),
        Level::Dropped { sessions } => text!(
            "突发丢包使 {sessions} 个会话掉线",
            "bursts of loss dropped {sessions} sessions"
        ),
    }
}

/// A time of day.
pub fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A rate in Mbit/s without its unit.
pub fn mbit(rate: f64) -> String {
    trimmed(BitRate(rate).as_mbit(), 1)
}

/// A value with half of its interval: `8.24 ±0.12`.
pub fn with_half(value: f64, within: Option<Interval>, print: &dyn Fn(f64) -> String) -> String {
    match within {
        Some(within) => {
            format!("{} ±{}", print(value), print(within.high - value))
        }
        None => print(value),
    }
}

/// A value over trials.
pub fn value(value: &Value, print: &dyn Fn(f64) -> String) -> String {
    with_half(value.value, value.within, print)
}

/// Nothing where nothing happened: a column of it is not drawn.
pub fn unless_zero(own: &Value, print: &dyn Fn(f64) -> String) -> String {
    match own.value == 0.0 {
        true => String::new(),
        false => value(own, print),
    }
}

/// A number of `digits` digits after the point at most, never "-0".
pub fn number(digits: usize) -> impl Fn(f64) -> String {
    move |value| match trimmed(value, digits).as_str() {
        "-0" => "0".to_string(),
        text => text.to_string(),
    }
}

/// Both signs of a comparison.
pub fn sign(lang: Lang, agrees: bool) -> &'static str {
    match agrees {
        true => lang.pick("✓ 一致", "✓ agree"),
        false => "✗",
    }
}
