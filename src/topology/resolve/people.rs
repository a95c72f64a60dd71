//! Profiles, transactions, populations, traffic and units.

use super::super::file::{PopulationFile, TopologyFile, TrafficFile, TransactionFile, WayName};
use super::super::{
    Crowd, JourneyAt, LinkAt, NodeAt, Population, PopulationAt, Profile, ProfileAt, Topology,
    Traffic, TrafficRate, Transaction, TransactionAt, Unit, Way,
};
use super::{find, node_what, report};
use crate::document::Checked;
use crate::error::Problem;
use crate::lang::Text;
use crate::text;
use crate::units::{BitRate, Bytes, Ratio, Seconds};

pub(super) fn resolve(file: &TopologyFile, topology: &mut Topology, checked: &mut Checked<'_>) {
    topology.profiles = profiles(file, checked);
    topology.transactions = file
        .transaction
        .iter()
        .map(|(id, written)| transaction(file, id, written, checked))
        .collect();
    topology.populations = file
        .population
        .iter()
        .map(|(id, written)| population(file, topology, id, written, checked))
        .collect();
    topology.traffic = file
        .traffic
        .iter()
        .map(|(id, written)| traffic(file, id, written, checked))
        .collect();
    for population in &topology.populations {
        per_user_limits(topology, population, checked);
    }
    for (id, written) in &file.unit {
        let what = || Text::new("用户群", "population");
        let mut populations = Vec::new();
        for (position, word) in written.populations.iter().enumerate() {
            let path = ["unit", id, "populations", &position.to_string()];
            populations.push(PopulationAt(find(
                &file.population,
                word,
                what(),
                &path,
                checked,
            )));
        }
        if !(written.weight >= 0.0 && written.weight.is_finite()) {
            let weight = written.weight;
            report(
                checked,
                &["unit", id, "weight"],
                "impossible-number",
                text!("权重不能是 {weight}", "a weight cannot be {weight}"),
                Text::new("零或正的有限数", "zero or a positive finite number"),
            );
        }
        topology.units.push(Unit {
            id: id.clone(),
            weight: written.weight,
            populations,
        });
    }
}

fn profiles(file: &TopologyFile, checked: &mut Checked<'_>) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for (id, written) in &file.profile {
        let mut hours = [0.0; 24];
        for (hour, part) in hours.iter_mut().zip(&written.hours) {
            *hour = part.0;
        }
        let read = !checked.doubtful(&["profile", id, "hours"]);
        if read && hours.iter().all(|part| *part < 1.0) {
            checked.report(&["profile", id, "hours"], |place| {
                Problem::error(
                    "profile-without-peak",
                    place,
                    Text::new("没有一个小时是 100 %", "no hour is 100 %"),
                )
                .help(Text::new(
                    "各小时是峰值的比例，最忙的小时写 100 %",
                    "hours are parts of the peak; the busiest is 100 %",
                ))
            });
        }
        profiles.push(Profile {
            id: id.clone(),
            name: written.name.clone().into(),
            hours,
        });
    }
    profiles
}

/// Spread of a service time above which most of its weight lies in values that never occur.
const MOST_SPREAD: f64 = 10.0;

fn transaction(
    file: &TopologyFile,
    id: &str,
    written: &TransactionFile,
    checked: &mut Checked<'_>,
) -> Transaction {
    let mut work = Vec::new();
    for (word, time) in &written.work {
        let path = ["transaction", id, "work", word];
        let node = NodeAt(find(&file.node, word, node_what(), &path, checked));
        if file
            .node
            .get(word)
            .is_some_and(|node| node.workers.is_none())
        {
            checked.report(&path, |place| {
                Problem::warning(
                    "work-without-workers",
                    place,
                    text!(
                        "节点 \"{word}\" 没有写 workers：这里的处理时间不会排队",
                        "node \"{word}\" has no workers: time here is never queued for"
                    ),
                )
                .help(Text::new(
                    "给节点写 workers = 同时处理的请求数",
                    "give the node workers = requests it works on at once",
                ))
            });
        }
        work.push((node, *time));
    }
    let work_spread = written.work_spread.map_or(1.0, |spread| spread.0);
    if work_spread > MOST_SPREAD {
        let most = Ratio(MOST_SPREAD);
        let path = ["transaction", id, "work-spread"];
        report(
            checked,
            &path,
            "impossible-number",
            Text::new("处理时间不会这样分散", "no service time is spread this far"),
            text!("最多 {most}", "at most {most}"),
        );
    }
    Transaction {
        id: id.to_string(),
        name: written.name.clone().into(),
        handshakes: written.handshakes,
        exchanges: written.exchanges,
        bytes: [written.up, written.down],
        spread: written.spread.map_or(0.0, |spread| spread.0),
        loops: written.loops.clone(),
        loop_bytes: written.loop_bytes.unwrap_or(Bytes::ZERO),
        work,
        work_spread,
        client: written.client.unwrap_or(Seconds::ZERO),
    }
}

fn population(
    file: &TopologyFile,
    topology: &Topology,
    id: &str,
    written: &PopulationFile,
    checked: &mut Checked<'_>,
) -> Population {
    let what = Text::new("日变化曲线", "profile");
    let profile = find(
        &file.profile,
        &written.profile,
        what,
        &["population", id, "profile"],
        checked,
    );
    let crowd = crowd(id, written, checked);
    let mut mix = Vec::new();
    for (word, part) in &written.mix {
        let path = ["population", id, "mix", word];
        let what = Text::new("业务", "transaction");
        mix.push((
            TransactionAt(find(&file.transaction, word, what, &path, checked)),
            part.0,
        ));
    }
    let total: f64 = mix.iter().map(|(_, part)| part).sum();
    if total <= 0.0 {
        report(
            checked,
            &["population", id, "mix"],
            "empty-mix",
            text!(
                "用户群 \"{id}\" 什么业务也不做",
                "population \"{id}\" does nothing"
            ),
            Text::new(
                "至少给一项业务写大于零的频度",
                "give at least one transaction a frequency above zero",
            ),
        );
    }
    for (_, part) in &mut mix {
        *part /= total.max(f64::MIN_POSITIVE);
    }
    let mut journeys = Vec::new();
    for (word, part) in &written.journeys {
        let path = ["population", id, "journeys", word];
        let what = Text::new("路径", "journey");
        let at = JourneyAt(find(&file.journey, word, what, &path, checked));
        journeys.push((at, part.0));
        loops_exist(file, topology, at, &mix, &path, checked);
    }
    let total: f64 = journeys.iter().map(|(_, part)| part).sum();
    let read = !checked.doubtful(&["population", id, "journeys"]);
    if read && (total - 1.0).abs() > 1e-6 {
        let percent = Ratio(total);
        report(
            checked,
            &["population", id, "journeys"],
            "journeys-not-whole",
            text!(
                "各路径的比例合计 {percent}",
                "the parts of the journeys add up to {percent}"
            ),
            Text::new("合计应为 100 %", "they must add up to 100 %"),
        );
    }
    if written.access.0 <= 0.0 {
        report(
            checked,
            &["population", id, "access"],
            "impossible-number",
            Text::new("接入速率必须大于零", "the access rate must be above zero"),
            Text::new("例如 \"20 Mbit/s\"", "for example \"20 Mbit/s\""),
        );
    }
    if written.session.is_some_and(|session| session.0 <= 0.0) {
        report(
            checked,
            &["population", id, "session"],
            "impossible-number",
            Text::new(
                "会话时长必须大于零",
                "the length of a session must be above zero",
            ),
            Text::new("例如 \"2 h\"", "for example \"2 h\""),
        );
    }
    if written.window.is_some_and(|window| window.0 <= 0.0) {
        report(
            checked,
            &["population", id, "window"],
            "impossible-number",
            Text::new(
                "接收窗口必须大于零",
                "the receive window must be above zero",
            ),
            Text::new("例如 \"256 KiB\"", "for example \"256 KiB\""),
        );
    }
    Population {
        id: id.to_string(),
        name: written.name.clone().into(),
        crowd,
        accounts: written.accounts,
        profile: ProfileAt(profile),
        session: written.session,
        mix,
        journeys,
        class: written.class.clone(),
        access: written.access,
        access_delay: written.access_delay.unwrap_or(Seconds::ZERO),
        window: written.window,
        client: written.client.map_or(1.0, |factor| factor.0),
    }
}

fn crowd(id: &str, written: &PopulationFile, checked: &mut Checked<'_>) -> Crowd {
    match (written.online, written.arrivals, written.think) {
        (Some(users), None, Some(think)) if think.0 > 0.0 => Crowd::Online {
            users: f64::from(users),
            think,
        },
        (None, Some(rate), None) => Crowd::Arriving { rate },
        _ => {
            report(
                checked,
                &["population", id],
                "unclear-crowd",
                text!(
                    "用户群 \"{id}\" 有多少人不清楚",
                    "how many population \"{id}\" has is unclear"
                ),
                Text::new(
                    "写 online 和 think（大于零），或只写 arrivals",
                    "write online and think (above zero), or arrivals alone",
                ),
            );
            Crowd::Online {
                users: 0.0,
                think: Seconds(1.0),
            }
        }
    }
}

fn loops_exist(
    file: &TopologyFile,
    topology: &Topology,
    journey: JourneyAt,
    mix: &[(TransactionAt, f64)],
    path: &[&str],
    checked: &mut Checked<'_>,
) {
    // A walk without steps could not be read; that was said.
    let walks = topology.journeys.get(journey.0);
    let Some(walk) = walks.filter(|walk| !walk.steps.is_empty()) else {
        return;
    };
    let wants = mix
        .iter()
        .filter_map(|(at, _)| file.transaction.get_index(at.0));
    for (id, transaction) in wants {
        let (name, count) = (&walk.id, walk.loops.len());
        let missing = transaction
            .loops
            .iter()
            .find(|&&n| n == 0 || n as usize > count);
        if let Some(number) = missing {
            report(
                checked,
                path,
                "unknown-loop",
                text!(
                    "业务 \"{id}\" 要走第 {number} 个支路环，路径 \"{name}\" 只有 {count} 个",
                    "transaction \"{id}\" takes side loop {number}, journey \"{name}\" has {count}"
                ),
                Text::new(
                    "支路环按路径顺序从 1 编号",
                    "side loops are numbered from 1 along the walk",
                ),
            );
            return;
        }
    }
}

fn traffic(
    file: &TopologyFile,
    id: &str,
    written: &TrafficFile,
    checked: &mut Checked<'_>,
) -> Traffic {
    let mut links = Vec::new();
    for (position, word) in written.links.iter().enumerate() {
        let path = ["traffic", id, "links", &position.to_string()];
        links.push(LinkAt(find(
            &file.link,
            word,
            Text::new("链路", "link"),
            &path,
            checked,
        )));
    }
    let shaped = written.up.is_some() || written.down.is_some();
    let rate = match (
        &written.profile,
        written.volume,
        written.window,
        written.way,
    ) {
        (Some(profile), None, None, None) if shaped => {
            let what = Text::new("日变化曲线", "profile");
            let path = ["traffic", id, "profile"];
            TrafficRate::Shaped {
                peak: [written.up, written.down].map(|rate| rate.unwrap_or(BitRate::ZERO)),
                profile: ProfileAt(find(&file.profile, profile, what, &path, checked)),
            }
        }
        (None, Some(volume), Some(window), Some(way)) if !shaped => TrafficRate::Volume {
            volume,
            window,
            way: match way {
                WayName::Up => Way::Up,
                WayName::Down => Way::Down,
            },
        },
        _ => {
            report(
                checked,
                &["traffic", id],
                "unclear-traffic",
                text!(
                    "流量 \"{id}\" 有多大不清楚",
                    "how much traffic \"{id}\" is is unclear"
                ),
                Text::new(
                    "写 up/down 和 profile，或写 volume、window 和 way",
                    "write up/down and profile, or volume, window and way",
                ),
            );
            TrafficRate::Shaped {
                peak: [BitRate::ZERO; 2],
                profile: ProfileAt(0),
            }
        }
    };
    Traffic {
        id: id.to_string(),
        name: written.name.clone().into(),
        links,
        class: written.class.clone(),
        rate,
        grows: written.grows,
        keep_days: written.keep_days,
    }
}

/// A per-user limit below what a user asks on average slows every user, at any load.
fn per_user_limits(topology: &Topology, population: &Population, checked: &mut Checked<'_>) {
    let Crowd::Online { think, .. } = population.crowd else {
        return;
    };
    let mean = |way: Way| -> f64 {
        let bits = |at: TransactionAt| {
            topology
                .transactions
                .get(at.0)
                .map_or(0.0, |t| t.bytes[way.at()].bits())
        };
        population
            .mix
            .iter()
            .map(|(at, part)| part * bits(*at))
            .sum()
    };
    let need = BitRate(mean(Way::Up).max(mean(Way::Down)) / think.0);
    for (position, policy) in topology.policies.iter().enumerate() {
        if policy.classes.is_empty() {
            continue;
        }
        let used = population.journeys.iter().any(|(at, _)| {
            let steps = topology
                .journeys
                .get(at.0)
                .map_or(&[][..], |journey| &journey.steps);
            steps
                .iter()
                .filter_map(|step| step.via)
                .any(|(link, _)| topology[link].policy.is_some_and(|at| at.0 == position))
        });
        let class = &policy.classes[policy.class_of(&population.class)];
        let Some(limit) = class.per_user.filter(|limit| used && *limit < need) else {
            continue;
        };
        let read = ["transaction", "population"];
        if read.iter().any(|section| checked.doubtful(&[section])) {
            continue;
        }
        let name = &population.id;
        checked.report(&["policy", &policy.id, "class", &class.id, "per-user"], |place| {
            Problem::warning(
                "per-user-below-need",
                place,
                text!(
                    "单用户限制 {limit} 小于用户群 \"{name}\" 的平均需求 {need}",
                    "the per-user limit {limit} is below the mean need {need} of population \"{name}\""
                ),
            )
            .help(text!("至少 {need}，或去掉限制", "at least {need}, or no limit"))
        });
    }
}
