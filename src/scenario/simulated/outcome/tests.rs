//! Outcomes of records written by hand: every expected number is arithmetic.

use std::path::Path;

use super::*;
use crate::document;
use crate::error::Sources;
use crate::scenario::answer::answer_one;
use crate::scenario::plan::unchanged;
use crate::scenario::simulated::lay_out;
use crate::sim::day::record::{ActRecord, GateRecord, LaneRecord, PARTS, Record, StationRecord};
use crate::sim::day::spec::Crowd;
use crate::topology::LinkAt;
use crate::topology::load::build;
use crate::units::BitRate;

/// Two populations: one holds sessions at a gate with one place, both get a document over one line of
/// 10 Mbit/s with a policy, and a server with two workers works on it.
pub(crate) const SMALL: &str = include_str!("../../../../tests/day/small.toml");

pub(crate) fn small() -> Topology {
    let mut sources = Sources::default();
    let file = sources.add("small.toml".into(), SMALL.into());
    let (root, problems) = document::parse(file, SMALL);
    build(root, sources, problems).unwrap().topology
}

pub(crate) fn laid(topology: &Topology, hours: Range<usize>) -> Laid {
    lay_out(
        topology,
        &unchanged(topology, Path::new("small.toml")),
        0,
        hours,
    )
    .unwrap()
}

const MINUTES: usize = 60;

/// The lane of the line that the users' documents come down.
pub(crate) fn line(topology: &Topology, laid: &Laid) -> usize {
    let own = |lane: &crate::scenario::answer::Lane| {
        let link = &topology[lane.link];
        link.id == "line" && lane.way == crate::topology::Way::Down && lane.class == 0
    };
    laid.lanes.iter().position(own).unwrap()
}

/// Lets the line lose packets in bursts, on the way of whoever holds sessions.
pub(crate) fn with_bursts(topology: &Topology, laid: &mut Laid) -> LinkAt {
    let line = topology.links.iter().position(|link| link.id == "line");
    let line = LinkAt(line.unwrap());
    laid.bursts.push(line);
    for group in &mut laid.spec.groups {
        if let Crowd::Online {
            session: Some(session),
            ..
        } = &mut group.crowd
        {
            session.watched.push((0, 0));
        }
    }
    line
}

/// An hour from 10 on in which nothing happens.
pub(crate) fn idle(laid: &Laid) -> Record {
    Record {
        from: 36_000.0,
        until: 39_600.0,
        acts: vec![
            ActRecord {
                minutes: vec![(0, 0.0); MINUTES],
                ..ActRecord::default()
            };
            laid.labels.len()
        ],
        lanes: vec![
            LaneRecord {
                seconds: vec![0.0; MINUTES * 60],
                full: vec![0.0; MINUTES],
                lost: 0.0,
            };
            laid.lanes.len()
        ],
        stations: vec![
            StationRecord {
                work: vec![0.0; MINUTES],
                waiting: vec![0.0; MINUTES],
                full: vec![0.0; MINUTES],
            };
            laid.stations.len()
        ],
        gates: vec![
            GateRecord {
                held: vec![0; MINUTES],
                attempts: vec![0; MINUTES],
                refused: vec![0; MINUTES],
                dropped: vec![0; MINUTES],
            };
            laid.gates.len()
        ],
        drops: vec![vec![0; MINUTES]; laid.bursts.len()],
        online: vec![vec![0; MINUTES]; laid.groups.len()],
        events: 5,
    }
}

/// `count` acts of `seconds` each, all on the client but a tenth, ended in a minute.
pub(crate) fn ended(record: &mut Record, label: usize, minute: usize, count: u32, seconds: f64) {
    let acts = &mut record.acts[label];
    let mut parts = [0.0; PARTS];
    parts[1] = 0.1 * seconds;
    parts[7] = 0.9 * seconds;
    for _ in 0..count {
        acts.times.push(seconds, parts);
    }
    let own = &mut acts.minutes[minute];
    *own = (own.0 + count, own.1 + f64::from(count) * seconds);
}

fn asked(trials: usize) -> Asked {
    Asked {
        seed: 1,
        wanted: Wanted::Exactly(trials),
    }
}

pub(crate) fn outcome(topology: &Topology, laid: &Laid, records: Vec<Record>) -> Outcome {
    let trials: Vec<Trial> = records
        .into_iter()
        .map(|record| Trial::new(laid, &topology.peak, record))
        .collect();
    let asked = asked(trials.len());
    let ran = Trials {
        results: trials,
        settled: None,
        stopped: false,
    };
    Outcome::new(topology, laid, asked, ran)
}

fn half(value: Value) -> f64 {
    let within = value.within.unwrap();
    (within.high - within.low) / 2.0
}

#[test]
fn times_are_means_of_trials_with_students_interval() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    // Trial k: 100 acts of k + 1 seconds and as many of k + 3, so that its mean is k + 2.
    let records = (0..3).map(|trial| {
        let mut record = idle(&laid);
        let first = f64::from(trial) + 1.0;
        ended(&mut record, 0, 5, 100, first);
        ended(&mut record, 0, 6, 100, first + 2.0);
        record.acts[0].unfinished = 2;
        record
    });
    let found = outcome(&topology, &laid, records.collect());
    let act = &found.acts[0];
    let mean = act.mean.unwrap();
    assert_eq!(
        (found.trials, act.count.value, act.unfinished.value),
        (3, 200.0, 2.0)
    );
    assert!((mean.value - 3.0).abs() < 1e-12);
    // Means 2, 3, 4: variance 1; t of two degrees is 4.3027.
    assert!((half(mean) - 4.302_652_7 / 3f64.sqrt()).abs() < 1e-6);
    // Medians 1, 2, 3 (the 100th of 200) and 95th percentiles 3, 4, 5, each within half a bucket; 200
    // acts have two beyond p99.
    let near =
        |at: usize, exact: f64| (act.quantiles[at].unwrap().value / exact - 1.0).abs() < 0.0026;
    assert!(
        near(0, 2.0) && near(1, 4.0) && near(2, 4.0),
        "{:?}",
        act.quantiles
    );
    // Parts: a tenth on the way.
    let [trips, client] = [1, 7].map(|part| act.budgets[0].unwrap()[part]);
    assert!((trips - 0.3).abs() < 1e-12 && (client - 2.7).abs() < 1e-12);
    let p95 = act.budgets[2].unwrap();
    assert!((p95[7] / p95[1] - 9.0).abs() < 1e-9);
    // Nobody of the other population did anything: no time, and not zero.
    assert_eq!(
        (found.acts[1].mean, found.acts[1].quantiles),
        (None, [None; 3])
    );
    // Minute 5: 100 acts of 2 s in the mean of the trials.
    assert_eq!(act.minutes[5], (100.0, 2.0));
    assert_eq!(act.by_trial[2][0], Some(4.0));
}

#[test]
fn one_trial_has_no_intervals_and_no_quantiles() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let mut record = idle(&laid);
    ended(&mut record, 0, 5, 1000, 2.0);
    let found = outcome(&topology, &laid, vec![record.clone()]);
    let act = &found.acts[0];
    assert_eq!(
        act.mean,
        Some(Value {
            value: 2.0,
            within: None
        })
    );
    assert_eq!(act.quantiles, [None; 3]);
    // 199 acts have 1.99 beyond p99: it would be the longest act, and is not given.
    let mut few = idle(&laid);
    ended(&mut few, 0, 5, 199, 2.0);
    let found = outcome(&topology, &laid, vec![few, record]);
    let given = found.acts[0].quantiles.map(|quantile| quantile.is_some());
    assert_eq!(given, [true, true, false]);
}

#[test]
fn loads_stations_gates_and_people_by_hand() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let line = line(&topology, &laid);
    let records = [1.0f32, 3.0].map(|rate| {
        let mut record = idle(&laid);
        // The given Mbit/s in the first half hour, nothing after it.
        record.lanes[line].seconds[..1800].fill(rate * 1e6);
        record.lanes[line].full[7] = 10.0;
        // Two workers: 60 s of work are half of a minute; 30 s of waiting are half a job.
        record.stations[0].work[3] = 60.0;
        record.stations[0].waiting[3] = 30.0;
        record.stations[0].full[3] = 20.0;
        record.gates[0].held[9] = rate as u32;
        record.gates[0].attempts[9] = 5;
        record.gates[0].refused[9] = 2;
        record.online[0][4] = 6;
        record.online[1][4] = 4;
        record
    });
    let found = outcome(&topology, &laid, records.to_vec());
    // Idle lanes are left out.
    let [lane] = &found.lanes[..] else {
        panic!("{:?}", found.lanes)
    };
    assert!((lane.carried.value - 1e6).abs() < 1.0, "{lane:?}");
    assert!((lane.busiest.value - 2e6).abs() < 1.0 && lane.busiest_from == 36_000.0);
    assert!((lane.second.value - 2e6).abs() < 1.0);
    assert_eq!(lane.full.value, 10.0);
    let minute = LaneMinute {
        carried: 2e6,
        second: 2e6,
        full: 10.0,
    };
    assert_eq!(lane.minutes[7], minute);
    let station = &found.stations[0];
    assert_eq!((station.workers, station.busiest.value), (2, 0.5));
    assert!((station.used.value - 60.0 / 7200.0).abs() < 1e-12);
    assert!((station.waiting.value - 30.0 / 3600.0).abs() < 1e-12);
    assert_eq!((station.longest.value, station.full.value), (0.5, 20.0));
    let gate = &found.gates[0];
    assert_eq!((gate.limit, gate.held.value), (8, 2.0));
    assert_eq!((gate.attempts.value, gate.refused.value), (5.0, 2.0));
    assert_eq!(found.online.peak.value, 10.0);
    // 2 Mbit/s were seen: inside the interval around 2. All 10 users: in every trial, so no width.
    let checks: Vec<Found> = found.seen.iter().map(|check| check.found).collect();
    assert_eq!(checks, [Found::Inside, Found::Inside]);
}

#[test]
fn what_was_seen_on_one_day_is_held_against_days() {
    let topology = small();
    let found = |hours: Range<usize>, rates: &[f32]| {
        let laid = laid(&topology, hours);
        let line = line(&topology, &laid);
        let records = rates.iter().map(|rate| {
            let mut record = idle(&laid);
            record.lanes[line].seconds.fill(rate * 1e6);
            record
        });
        outcome(&topology, &laid, records.collect()).seen[0]
    };
    // Days of 1.9, 2.1 and 2.3: deviation 0.2, so that one more lies within 4.30 x 0.2 x sqrt(4/3).
    let inside = found(10..11, &[1.9, 2.1, 2.3]);
    let day = inside.day.unwrap();
    assert!((day.high - 2.1e6 - 4.302_652_7 * 0.2e6 * (4f64 / 3.0).sqrt()).abs() < 10.0);
    assert_eq!(inside.found, Found::Inside);
    // All days alike at 2.06: not 2, but within 5 % of it; at 2.2 not even that.
    assert_eq!(found(10..11, &[2.06; 3]).found, Found::Near);
    assert_eq!(found(10..11, &[2.2; 3]).found, Found::Off);
    // It was seen when most are there, at 10 and 11.
    assert_eq!(found(14..15, &[2.0; 3]).found, Found::Elsewhere);
}

#[test]
fn pain_is_found_where_it_was_put() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let line = line(&topology, &laid);
    let near = laid
        .labels
        .iter()
        .position(|(own, _)| topology[*own].id == "near")
        .unwrap();
    let trial = |minutes: &[usize]| {
        let mut record = idle(&laid);
        for &minute in minutes {
            record.lanes[line].full[minute] = 45.0;
            record.lanes[line].seconds[minute * 60..(minute + 1) * 60].fill(8e6);
        }
        // Half a minute's third is not most of it.
        record.lanes[line].full[50] = 29.0;
        for minute in 0..MINUTES {
            let slow = minutes.contains(&minute);
            ended(&mut record, near, minute, 2, if slow { 5.0 } else { 2.0 });
            record.online[0][minute] = 6;
            record.online[1][minute] = 4;
        }
        record
    };
    // 10 to 12 and 17 (a gap of four) are one event, 30 another: 5 minutes of pain.
    let records = vec![
        trial(&[]),
        trial(&[10, 11, 12, 17, 30]),
        trial(&[1, 2, 3, 4, 5, 6, 7]),
    ];
    let found = outcome(&topology, &laid, records);
    let pains = &found.pains;
    assert_eq!(
        (pains.ordinary, &pains.by_trial[..]),
        (1, &[0.0, 5.0, 7.0][..])
    );
    assert_eq!(pains.minutes.value, 4.0);
    assert_eq!(pains.by_obstacle.len(), 1);
    let [first, second] = &pains.events[..] else {
        panic!("{:?}", pains.events)
    };
    assert_eq!(
        (first.from, first.until),
        (36_600.0, 36_000.0 + 18.0 * 60.0)
    );
    assert_eq!(
        (second.from, second.until, second.minutes),
        (37_800.0, 37_860.0, 1)
    );
    assert_eq!(first.minutes, 4);
    assert_eq!(topology[first.owner].id, "carrier");
    assert!(
        matches!(first.obstacle, Obstacle::Resource(Resource::Class(lane)) if topology[lane.link].id == "line")
    );
    let Level::Full { seconds, carried } = first.level else {
        panic!("{:?}", first.level)
    };
    assert!(seconds == 180.0 && (carried - 8e6).abs() < 1.0);
    // Four minutes of two acts that took 3 s more than the 110 of the minutes without pain.
    let [hit] = &first.hit[..] else {
        panic!("{:?}", first.hit)
    };
    assert_eq!(
        (hit.label, hit.acts, hit.mean, hit.usual, hit.alone),
        (near, 8, 5.0, 2.0, false)
    );
    assert_eq!((first.lost(), first.users), (24.0, 10.0));
}

#[test]
fn every_minute_hurts_in_which_somebody_is_cut_off() {
    let topology = small();
    let mut laid = laid(&topology, 10..11);
    let pain = |laid: &Laid| outcome(&topology, laid, vec![idle(laid)]).pains;
    assert_eq!(
        (pain(&laid).minutes.value, pain(&laid).cut_off.value),
        (0.0, 0.0)
    );
    laid.cut_off = vec![(crate::topology::PopulationAt(0), 0.25)];
    assert_eq!(
        (pain(&laid).minutes.value, pain(&laid).cut_off.value),
        (60.0, 60.0)
    );
    assert_eq!(pain(&laid).by_trial, [60.0]);
    assert!(pain(&laid).events.is_empty());
}

#[test]
fn a_refusal_hurts_those_who_hold_sessions() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let mut record = idle(&laid);
    record.gates[0].attempts[20] = 4;
    record.gates[0].refused[20] = 3;
    record.stations[0].full[40] = 60.0;
    record.stations[0].waiting[40] = 59.0;
    record.stations[0].full[45] = 60.0;
    record.stations[0].waiting[45] = 120.0;
    for label in 0..2 {
        ended(&mut record, label, 20, 1, 3.0);
    }
    let found = outcome(&topology, &laid, vec![record]);
    let [gate, station] = &found.pains.events[..] else {
        panic!("{:?}", found.pains.events)
    };
    let refused = Level::Refused {
        attempts: 4,
        refused: 3,
    };
    assert_eq!((gate.level, gate.minutes), (refused, 1));
    // Only those far away hold sessions; too few acts are left to say how long they usually take.
    let [hit] = &gate.hit[..] else {
        panic!("{:?}", gate.hit)
    };
    assert!(topology[laid.labels[hit.label].0].id == "far" && hit.alone);
    // Less than one job waited in minute 40; two in minute 45.
    let waiting = Level::Waiting {
        jobs: 2.0,
        workers: 2,
    };
    assert_eq!((station.from, station.level), (36_000.0 + 2700.0, waiting));
}

#[test]
fn drops_are_the_link_s_that_loses_and_not_the_node_s_that_holds_the_session() {
    let topology = small();
    let mut laid = laid(&topology, 10..11);
    let line = with_bursts(&topology, &mut laid);
    let mut record = idle(&laid);
    for (minute, count) in [(10, 2), (12, 5)] {
        record.gates[0].dropped[minute] = count;
        record.drops[0][minute] = count;
    }
    ended(&mut record, 0, 12, 1, 3.0);
    ended(&mut record, 1, 12, 1, 3.0);
    let found = outcome(&topology, &laid, vec![record]);
    let [drops] = &found.pains.events[..] else {
        panic!("{:?}", found.pains.events)
    };
    // Two minutes with one between them are one event of seven sessions.
    assert_eq!(drops.obstacle, Obstacle::Bursts(line));
    assert_eq!(drops.owner, topology[line].owner);
    assert_eq!(
        (drops.level, drops.minutes, drops.from, drops.until),
        (Level::Dropped { sessions: 7 }, 2, 36_600.0, 36_780.0)
    );
    let whom = |label: usize| topology[laid.labels[label].0].id.as_str();
    assert!(drops.hit.iter().all(|hit| whom(hit.label) == "far"));
    assert_eq!(found.pains.by_obstacle.len(), 1);
}

#[test]
fn what_was_broken_off_is_said_and_does_not_mix_with_the_rest() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let broken = |until: f64| {
        let mut record = idle(&laid);
        record.until = until;
        record
    };
    let found = outcome(
        &topology,
        &laid,
        vec![idle(&laid), broken(37_000.0), idle(&laid)],
    );
    assert_eq!((found.trials, found.partial), (2, Some(39_600.0)));
    let found = outcome(&topology, &laid, vec![broken(36_500.0), broken(37_000.0)]);
    assert_eq!((found.trials, found.partial), (1, Some(37_000.0)));
    assert_eq!(found.online.minutes.len(), 17);
    assert_eq!(outcome(&topology, &laid, vec![idle(&laid)]).partial, None);
}

#[test]
fn the_two_answers_are_weighed_alike_and_held_together() {
    let topology = small();
    let laid = laid(&topology, 10..11);
    let scenario = unchanged(&topology, Path::new("small.toml"));
    let day = answer_one(&topology, &scenario, 0).unwrap();
    let hour = &day.hours[10];
    let (population, transaction) = laid.labels[0];
    let own = |time: &&crate::scenario::answer::ActTime| {
        (time.population, time.transaction) == (population, transaction)
    };
    let (mean, _) = hour.times.iter().find(own).unwrap().time.unwrap();
    let simulated = |factor: f64, apart: f64| {
        let records = [1.0 - apart, 1.0 + apart].map(|near| {
            let mut record = idle(&laid);
            ended(&mut record, 0, 3, 100, mean.0 * factor * near);
            record
        });
        let found = outcome(&topology, &laid, records.to_vec());
        let all = beside(&topology, &laid, &day, &found);
        let figure = Figure::Mean(population, transaction);
        let one = *all.iter().find(|one| one.figure == figure).unwrap();
        assert!((one.analytic.unwrap() / mean.0 - 1.0).abs() < 1e-12);
        one.verdict
    };
    // Two trials half a part in a hundred around: an interval of 6.4 parts each way, and the margin.
    assert_eq!(simulated(1.0, 0.005), Verdict::Agree);
    assert_eq!(simulated(1.0 / 1.15, 0.005), Verdict::Agree);
    assert!(matches!(simulated(2.0, 0.005), Verdict::Differ(_)));
    // One part in a hundred is an interval of 12.7, wider than the margin: it holds, and says little.
    assert_eq!(simulated(1.0, 0.01), Verdict::Open);
    assert!(matches!(simulated(2.0, 0.01), Verdict::Differ(_)));
    // Nothing is asked for much, but the line was full for ten minutes of the hour.
    let line = line(&topology, &laid);
    let records = [0.99, 1.01].map(|near| {
        let mut record = idle(&laid);
        ended(&mut record, 0, 3, 100, 10.0 * near);
        record.lanes[line].seconds.fill(1e6);
        record.lanes[line].full[..10].fill(60.0);
        record
    });
    let found = outcome(&topology, &laid, records.to_vec());
    let all = beside(&topology, &laid, &day, &found);
    let Verdict::Differ(Why::Bursts(_, part, expected)) = all[0].verdict else {
        panic!("{:?}", all[0])
    };
    assert!((part - 1.0 / 6.0).abs() < 1e-9 && expected < 0.01);
    // A lane that is asked for nearly all it has explains it: 20 times the users.
    let crowded = SMALL.replace("online = 6", "online = 120");
    let mut sources = Sources::default();
    let file = sources.add("crowded.toml".into(), crowded.clone());
    let (root, problems) = document::parse(file, &crowded);
    let topology = build(root, sources, problems).unwrap().topology;
    let day = answer_one(&topology, &scenario, 0).unwrap();
    let records = [0.99, 1.01].map(|near| {
        let mut record = idle(&laid);
        ended(&mut record, 0, 3, 100, near);
        record
    });
    let found = outcome(&topology, &laid, records.to_vec());
    let all = beside(&topology, &laid, &day, &found);
    let Verdict::Differ(Why::Overload(resource, 10, level)) = all[0].verdict else {
        panic!("{:?}", all[0])
    };
    assert!(level > 1.0);
    let line = BitRate::mbit(10.0);
    assert!(matches!(resource, Resource::Class(lane) if topology[lane.link].capacity[0] == line));
}
