//! Every shipped scenario, every hour: what goes in comes out, and nothing is infinite.

use std::path::PathBuf;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::scenario::answer::answer;
use crate::scenario::answer::hour::Solved;
use crate::scenario::answer::route::Act;
use crate::scenario::answer::times::Spread;
use crate::scenario::load::load;
use crate::sim::random::{Law, Stream};
use crate::topology::Crowd;

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["topology", "scenarios"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        all.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "toml")));
    }
    all.sort();
    assert!(all.len() > 30, "{all:?}");
    all
}

/// Users = rate x cycle, carried = rate x bits and what others send, no more than a line carries or
/// is asked for; and the published loads are those sums.
fn conserved(
    at: &str,
    topology: &Topology,
    plan: &Plan<'_>,
    solved: &Solved<'_>,
    published: &Hour,
) {
    let loads = &solved.loads;
    let mut carried = loads.others.clone();
    for (chain, flow) in solved.chains.iter().zip(&solved.flows) {
        assert!(flow.throughput <= chain.unqueued * (1.0 + 1e-9), "{at}");
        for asked in &chain.route.lanes {
            carried[asked.lane] += flow.throughput * asked.bits;
        }
        let Crowd::Online { users, think } = chain.crowd else {
            continue;
        };
        let times = chain.route.acts.iter().zip(&flow.times);
        let response: Option<f64> = times
            .map(|(act, time)| Some(act.part * (*time)?.total()))
            .sum();
        match response {
            Some(response) => close(flow.throughput * (think.0 + response), users, 1e-6),
            None => assert_eq!(flow.throughput, 0.0, "{at}"),
        }
    }
    for (lane, carried) in carried.iter().enumerate() {
        let (offered, capacity) = (loads.offered[lane], loads.capacity[lane]);
        assert!(
            *carried <= offered * (1.0 + 1e-9),
            "{at} {lane}: {carried} {offered}"
        );
        let able = capacity.max(loads.others[lane]);
        assert!(
            *carried <= able * (1.0 + 1e-6),
            "{at} {lane}: {carried} {able}"
        );
        let told = published
            .lanes
            .iter()
            .find(|load| load.lane == plan.lane(lane));
        let told = told.map_or((0.0, 0.0), |load| (load.carried.0, load.offered.0));
        close(told.0, carried.min(capacity), 1e-9);
        close(told.1, offered, 1e-9);
    }
    for (position, link) in topology.links.iter().enumerate() {
        for way in Way::BOTH {
            let own = published
                .lanes
                .iter()
                .filter(|load| (load.lane.link.0, load.lane.way) == (position, way));
            let sum: f64 = own.map(|load| load.carried.0).sum();
            let line = link.capacity[way.at()].0;
            assert!(
                sum <= line * (1.0 + 1e-6),
                "{at} {} {way:?}: {sum} of {line}",
                link.id
            );
        }
    }
    for load in &published.servers {
        assert!(
            load.carried <= load.workers * (1.0 + 1e-6),
            "{at}: {load:?}"
        );
        assert!(
            load.carried <= load.offered * (1.0 + 1e-9),
            "{at}: {load:?}"
        );
    }
}

#[test]
fn what_goes_in_comes_out_in_every_hour_of_every_shipped_scenario() {
    for path in files() {
        let loaded = load(&path).unwrap();
        let (topology, growth) = (&loaded.loaded.topology, &loaded.scenario.growth);
        let plan = Plan::new(topology, Lifted::NOTHING).unwrap();
        let mut model = plan.model(&[]);
        let mut months = vec![0, growth.months / 3, growth.months];
        months.dedup();
        for month in months {
            let day = answer_one(topology, &loaded.scenario, month).unwrap();
            for (hour, published) in day.hours.iter().enumerate() {
                let at = format!("{} month {month} hour {hour}", path.display());
                let solved = model.solve(hour, day.scale).unwrap();
                conserved(&at, topology, &plan, &solved, published);
            }
        }
    }
}

#[test]
fn no_number_of_any_shipped_answer_is_infinite_or_none() {
    for path in files() {
        let loaded = load(&path).unwrap();
        let mut scenario = loaded.scenario.clone();
        // A short horizon shows every kind of number; the long ones are looked at month by month above.
        scenario.growth.months = scenario.growth.months.min(2);
        let answer = answer(&loaded.loaded.topology, &scenario).unwrap();
        let text = format!("{answer:?}");
        assert!(
            !text.contains("NaN") && !text.contains("inf"),
            "{}",
            path.display()
        );
    }
}

/// A uniform number in (0, 1).
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// A standard normal number (Box and Muller 1958).
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * uniform(random).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(random)).cos()
}

/// The 95th percentile of the sum that `spread` stands for, by sampling: a lognormal transfer, gamma
/// services, the waits of M/M/1 before them, normal delays. `services` are pairs of the mean service
/// and the mean time with its wait.
fn sampled(
    spread: &Spread,
    transfer: f64,
    act: &Act,
    services: &[(f64, f64)],
    random: &mut ChaCha8Rng,
    stream: &mut Stream,
) -> f64 {
    const SAMPLES: usize = 60_000;
    let variance = (act.spread * act.spread).ln_1p();
    let delays = act.fixed.variance.sqrt();
    let mut all: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let sent = transfer * (variance.sqrt() * normal(random) - variance / 2.0).exp();
            let served: f64 = services
                .iter()
                .map(|(work, time)| {
                    // Whoever finds the server busy waits as long as a whole time, exponential.
                    let waits = uniform(random) < 1.0 - work / time;
                    let wait = -time * uniform(random).ln() * f64::from(u8::from(waits));
                    work * Law::service(act.work_spread).draw(stream) + wait
                })
                .sum();
            spread.fixed + sent + served + delays * normal(random)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[SAMPLES * 95 / 100]
}

/// Every transaction of every shipped topology, on the first journey that does it, in its busiest
/// hour. 60,000 samples put the sampled percentile within 1.8 % (three deviations of an exponential's).
///
/// The worst difference is that of a time that is nearly all one exponential service: its 95th
/// percentile is ln 20 = 2.996 means, the law with its moments says 2.891: 3.5 % less. Where transfer,
/// services and round trips come together it stays within 2.3 %.
#[test]
fn the_95th_percentile_is_near_that_of_sampled_sums() {
    let mut random = ChaCha8Rng::seed_from_u64(95);
    let mut stream = Stream::new(95, 0, "services");
    let mut count = 0;
    for path in files()
        .iter()
        .filter(|path| path.parent().unwrap().ends_with("topology"))
    {
        let loaded = load(path).unwrap();
        let topology = &loaded.loaded.topology;
        let day = answer_one(topology, &loaded.scenario, 0).unwrap();
        let plan = Plan::new(topology, Lifted::NOTHING).unwrap();
        let solved = plan.model(&[]).solve(day.busiest, Scale::ONE).unwrap();
        let mut seen = Vec::new();
        let chains = solved.chains.iter().zip(&solved.flows);
        for (chain, flow, act, time) in chains.flat_map(|(chain, flow)| {
            let acts = chain.route.acts.iter().zip(&flow.times);
            acts.map(move |(act, time)| (chain, flow, act, time))
        }) {
            let Some(time) = time.filter(|_| !seen.contains(&act.transaction)) else {
                continue;
            };
            seen.push(act.transaction);
            let services: Vec<(f64, f64)> = act
                .work
                .iter()
                .map(|(at, work)| (*work, work * flow.servers[*at].unwrap()))
                .collect();
            let transfer = time.mean - services.iter().map(|(_, time)| time).sum::<f64>();
            let wanted = sampled(&time, transfer, act, &services, &mut random, &mut stream);
            let error = time.p95() / wanted - 1.0;
            let alone = services.iter().any(|(_, own)| *own > 0.9 * time.total());
            let exponential = alone && act.work_spread == 1.0;
            let most = if exponential { 0.035 } else { 0.023 } + 0.01;
            let at = path.display();
            let who = &topology[chain.route.group.population].id;
            assert!(
                error.abs() < most,
                "{at} {who}: {} for {wanted}",
                time.p95()
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

/// Drops of the VPN's sessions in an hour, for each session that it holds.
fn drops_of_a_session(scenario: &str, hour: usize) -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = load(&root.join("scenarios").join(scenario)).unwrap();
    let topology = &loaded.loaded.topology;
    let answer = super::hour(topology, hour);
    let vpn = answer
        .sessions
        .iter()
        .find(|load| topology[load.node].id == "vpn")
        .unwrap();
    vpn.dropped_an_hour / vpn.held
}

#[test]
fn the_office_s_sessions_are_dropped_by_bursts_and_not_by_load() {
    // Four in ten cross the interconnection: dead for 0.4 % of the time, 5 s at once. What drops a
    // session is 20 s of it and what is left of the interval: 2.88 an hour, (5/10)(1 - e^-2) e^-4.
    let chance = 0.5 * (1.0 - (-2.0f64).exp()) * (-4.0f64).exp();
    let wanted = 0.4 * 2.88 * chance;
    for scenario in ["qos-250.toml", "qos-750.toml"] {
        for hour in [16, 23] {
            // Good stretches end: 0.4 % of an interval after a bad one is bad again.
            close(drops_of_a_session(scenario, hour), wanted, 0.05);
        }
    }
    assert!(drops_of_a_session("three-carriers.toml", 16) < wanted / 1000.0);
}
