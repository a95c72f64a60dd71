//! The whole loop where theory is exact: each figure inside the interval that replications give it.

use std::ops::Range;

use super::*;
use crate::queueing::{erlang, exact, keep_alive};
use crate::sim::day::record::{PARTS, Part};
use crate::sim::day::spec::*;
use crate::sim::measure::{BATCHES, Estimate, mean_of_replications};
use crate::units::{Fraction, Seconds};

/// An hour with nobody in it, on no network.
fn empty(hours: Range<usize>) -> Spec {
    Spec {
        lines: Vec::new(),
        paths: Vec::new(),
        stations: Vec::new(),
        gates: Vec::new(),
        groups: Vec::new(),
        sources: Vec::new(),
        bursts: Vec::new(),
        labels: 1,
        full_queue: 0.1,
        initial_window: 14_000.0,
        hours,
        warm_up: 300.0,
    }
}

fn act(legs: Vec<Leg>, spread: f64) -> Act {
    Act {
        label: 0,
        part: 1.0,
        spread,
        legs,
        trips: Trips {
            handshakes: 0.0,
            exchanges: 0.0,
            bytes: 0.0,
            rtt: 0.0,
            variance: 0.0,
            lanes: Vec::new(),
        },
        loops: 0.0,
        client: 0.0,
        alone: 1.0,
    }
}

fn group(crowd: Crowd, acts: Vec<Act>) -> Group {
    Group {
        name: "people".to_string(),
        population: "people".to_string(),
        crowd,
        acts,
    }
}

fn online(users: f64, think: f64, session: Option<Session>) -> Crowd {
    Crowd::Online {
        users: [users; HOURS],
        think,
        session,
    }
}

fn work(seconds: f64) -> Leg {
    Leg::Work {
        station: 0,
        seconds,
        spread: 1.0,
    }
}

fn with_station(workers: usize, order: Order, crowd: Crowd, seconds: f64) -> Spec {
    Spec {
        stations: vec![StationSpec { workers, order }],
        groups: vec![group(crowd, vec![act(vec![work(seconds)], 0.0)])],
        ..empty(0..1)
    }
}

fn line(capacity: f64) -> Line {
    Line {
        capacity,
        lanes: 0..1,
        trees: Vec::new(),
        by_hour: [0; HOURS],
    }
}

fn records(spec: &Spec) -> Vec<Record> {
    let one = |replication| run(spec, 7, replication, &Watch::default());
    (0..BATCHES as u64).map(one).collect()
}

/// A number of each of 20 replications, with its interval.
fn estimate(records: &[Record], of: impl Fn(&Record) -> f64) -> Estimate {
    mean_of_replications(&std::array::from_fn(|at| of(&records[at])))
}

/// The truth is in the interval, or beyond it by no more than its half width again: a 95 % interval
/// misses once in twenty times, by that once in two thousand. And the interval says something.
fn holds(what: &str, found: Estimate, truth: f64) {
    let half = (found.interval.high - found.interval.low) / 2.0;
    assert!(
        (found.value - truth).abs() <= 2.0 * half,
        "{what}: {truth} but {found:?}"
    );
    assert!(half < 0.25 * truth, "{what}: {found:?}");
}

fn mean_time(record: &Record) -> f64 {
    record.acts[0].times.mean().unwrap()
}

fn mean_part(record: &Record, part: Part) -> f64 {
    record.acts[0].times.mean_parts().unwrap()[part as usize]
}

#[test]
fn users_of_a_few_servers_are_the_machine_repair_model() {
    // Two servers of 2 s, pauses of 10 s: exact for exponential work whatever the order.
    for (order, users) in [
        (Order::FirstCome, 6),
        (Order::FirstCome, 14),
        (Order::Sharing, 14),
    ] {
        let exact = exact::machine_repair(2, 2.0, 10.0, users).unwrap();
        let spec = with_station(2, order, online(users as f64, 10.0, None), 2.0);
        let found = records(&spec);
        let rate = |record: &Record| record.acts[0].times.count() as f64 / 3600.0;
        holds("rate", estimate(&found, rate), exact.throughput);
        let response = users as f64 / exact.throughput - 10.0;
        holds("time", estimate(&found, mean_time), response);
        let wait = |record: &Record| mean_part(record, Part::Wait);
        holds("wait", estimate(&found, wait), response - 2.0);
        let busy = |record: &Record| {
            let work = record.stations[0].work.iter();
            work.map(|work| f64::from(*work)).sum::<f64>() / 3600.0
        };
        holds("busy", estimate(&found, busy), exact.throughput * 2.0);
    }
}

#[test]
fn people_who_come_to_a_few_servers_are_m_m_c() {
    for load in [0.5, 0.7, 0.9] {
        let rate = 3.0 * load;
        let spec = with_station(3, Order::FirstCome, Crowd::Arriving([rate; HOURS]), 1.0);
        let found = records(&spec);
        // Erlang C over what is left: W = C(c, a) / (c - a).
        let wait = erlang::waiting(rate, 3.0).unwrap() / (3.0 - rate);
        let waited = |record: &Record| mean_part(record, Part::Wait);
        holds("wait", estimate(&found, waited), wait);
        // Little: who is there is who comes times how long they stay.
        let there = |record: &Record| {
            let online = record.online[0].iter();
            online.map(|count| f64::from(*count)).sum::<f64>() / record.online[0].len() as f64
        };
        holds("there", estimate(&found, there), rate * (wait + 1.0));
    }
}

#[test]
fn transfers_of_people_who_come_share_a_line() {
    for load in [0.5, 0.7, 0.9] {
        // 1 Mbit/s, 250 kbit in the mean with a heavy spread: ten times as long as alone at 0.9.
        let transfer = Leg::Transfer {
            path: 0,
            bits: 2.5e5,
        };
        let spec = Spec {
            lines: vec![line(1e6)],
            paths: vec![Path {
                lanes: vec![0],
                cap: 1e6,
            }],
            groups: vec![group(
                Crowd::Arriving([4.0 * load; HOURS]),
                vec![act(vec![transfer], 1.0)],
            )],
            ..empty(0..1)
        };
        let found = records(&spec);
        holds("time", estimate(&found, mean_time), 0.25 / (1.0 - load));
        let carried = |record: &Record| {
            let seconds = record.lanes[0].seconds.iter();
            seconds.map(|bits| f64::from(*bits)).sum::<f64>() / 3600.0
        };
        holds("carried", estimate(&found, carried), 1e6 * load);
        // The line holds its transfers whenever there are two or more: with one it gives its cap.
        let held = |record: &Record| {
            let full = record.lanes[0].full.iter();
            full.map(|full| f64::from(*full)).sum::<f64>() / 3600.0
        };
        holds("held", estimate(&found, held), load * load);
    }
}

#[test]
fn sessions_at_a_gate_are_erlang_s_model_of_loss() {
    let session = Session {
        length: 60.0,
        gates: vec![0],
        watched: Vec::new(),
        singly: Vec::new(),
    };
    let spec = Spec {
        gates: vec![Gate {
            limit: 20,
            keep_alive: None,
        }],
        groups: vec![group(
            online(18.0, 1e6, Some(session)),
            vec![act(Vec::new(), 0.0)],
        )],
        ..empty(0..3)
    };
    let found = records(&spec);
    let refused = |record: &Record| {
        let sum = |counts: &[u32]| f64::from(counts.iter().sum::<u32>());
        sum(&record.gates[0].refused) / sum(&record.gates[0].attempts)
    };
    let blocking = erlang::blocking(18.0, 20.0).unwrap();
    holds("refused", estimate(&found, refused), blocking);
    let held = |record: &Record| {
        let held = record.gates[0].held.iter();
        held.map(|held| f64::from(*held)).sum::<f64>() / record.gates[0].held.len() as f64
    };
    holds("held", estimate(&found, held), 18.0 * (1.0 - blocking));
}

#[test]
fn numbers_online_follow_the_hours() {
    let session = Session {
        length: 7200.0,
        gates: Vec::new(),
        watched: Vec::new(),
        singly: Vec::new(),
    };
    let mut hours = [0.0; HOURS];
    hours[..4].copy_from_slice(&[100.0, 400.0, 150.0, 150.0]);
    let by_hour = |session| Crowd::Online {
        users: hours,
        think: 600.0,
        session,
    };
    let spec = Spec {
        groups: vec![
            group(by_hour(Some(session)), vec![act(Vec::new(), 0.0)]),
            group(by_hour(None), vec![act(Vec::new(), 0.0)]),
        ],
        ..empty(0..4)
    };
    let found = records(&spec);
    for (hour, wanted) in hours[..4].iter().enumerate() {
        // Half an hour into it, though a session lasts two: Poisson's, mean and variance.
        let minute = hour * 60 + 30;
        let counts: Vec<f64> = found
            .iter()
            .map(|record| f64::from(record.online[0][minute]))
            .collect();
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let deviation = (wanted / counts.len() as f64).sqrt();
        assert!((mean - wanted).abs() < 3.0 * deviation, "{hour}: {mean}");
        let variance = counts
            .iter()
            .map(|count| (count - wanted).powi(2))
            .sum::<f64>()
            / 20.0;
        // Chi-squared with 20 degrees of freedom over 20: 99.9 % lie between 0.27 and 2.4.
        assert!(
            (0.27..2.4).contains(&(variance / wanted)),
            "{hour}: {variance}"
        );
        assert!(
            found
                .iter()
                .all(|record| f64::from(record.online[1][minute]) == *wanted)
        );
    }
}

#[test]
fn a_population_on_several_journeys_is_whole_and_each_has_its_part_over_the_trials() {
    let parts = [0.4, 0.3, 1.6];
    let on = |users| group(online(users, 600.0, None), vec![act(Vec::new(), 0.0)]);
    let spec = Spec {
        groups: parts.map(on).to_vec(),
        ..empty(0..1)
    };
    let mut sums = [0.0; 3];
    for replication in 0..400 {
        let online = run(&spec, 7, replication, &Watch::default()).online;
        let counts: Vec<u32> = online.iter().map(|minutes| minutes[0]).collect();
        // 2.3 users are two or three.
        assert!((2..=3).contains(&counts.iter().sum::<u32>()), "{counts:?}");
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += f64::from(count);
        }
    }
    for (sum, part) in sums.into_iter().zip(parts) {
        // Five standard errors: a count is one of two neighbours, its variance at most 1/4.
        assert!(
            (sum / 400.0 - part).abs() < 5.0 * (0.25 / 400f64).sqrt(),
            "{sums:?}"
        );
    }
}

#[test]
fn bursts_drop_sessions_as_often_as_the_chain_says() {
    let (every, lost, bad, within, loss) = (10.0, 3, 15.0, 0.9, 0.02);
    let part = loss / within;
    let session = Session {
        length: 1800.0,
        gates: vec![0],
        watched: vec![(0, 0)],
        singly: Vec::new(),
    };
    let spec = Spec {
        gates: vec![Gate {
            limit: 1000,
            keep_alive: Some(KeepAlive { every, lost }),
        }],
        bursts: vec![Burst {
            name: "line".to_string(),
            link: 0,
            good: bad * (1.0 - part) / part,
            bad,
            loss: within,
        }],
        groups: vec![group(
            online(50.0, 600.0, Some(session)),
            vec![act(Vec::new(), 0.0)],
        )],
        ..empty(0..6)
    };
    let found = records(&spec);
    let drops = |record: &Record| {
        let dropped: u32 = record.gates[0].dropped.iter().sum();
        f64::from(dropped) / 6.0 / 50.0
    };
    let watch = keep_alive::KeepAlive::new(Seconds(every), lost).unwrap();
    let an_hour = watch.in_bursts(Fraction(loss), Seconds(bad), Fraction(within));
    // The chain also counts runs over two stretches with a short good one between: rare here.
    holds("drops", estimate(&found, drops), an_hour.unwrap());
}

#[test]
fn losses_one_by_one_drop_sessions_as_often_as_they_are_said_to() {
    let session = Session {
        length: 900.0,
        gates: vec![0, 1],
        watched: Vec::new(),
        singly: vec![(0, 1.0 / 3600.0), (1, 3.0 / 3600.0)],
    };
    let gate = Gate {
        limit: 1000,
        keep_alive: None,
    };
    let spec = Spec {
        gates: vec![gate; 2],
        groups: vec![group(
            online(50.0, 100.0, Some(session)),
            vec![act(Vec::new(), 0.0)],
        )],
        ..empty(0..2)
    };
    let found = records(&spec);
    for (gate, an_hour) in [(0, 1.0), (1, 3.0)] {
        let drops = |record: &Record| {
            let dropped: u32 = record.gates[gate].dropped.iter().sum();
            f64::from(dropped) / 2.0 / 50.0
        };
        holds("drops", estimate(&found, drops), an_hour);
    }
}

/// Two classes of users on a line, servers, sessions, others: something of everything.
fn city() -> Spec {
    let session = Session {
        length: 900.0,
        gates: vec![0],
        watched: vec![(0, 0)],
        singly: Vec::new(),
    };
    let mut both = act(
        vec![
            Leg::Transfer { path: 0, bits: 2e5 },
            work(0.2),
            Leg::Transfer { path: 1, bits: 4e6 },
        ],
        1.5,
    );
    both.trips = Trips {
        handshakes: 2.0,
        exchanges: 3.0,
        bytes: 150_000.0,
        rtt: 0.03,
        variance: 1e-5,
        lanes: vec![0, 1],
    };
    (both.loops, both.client) = (0.01, 0.4);
    Spec {
        lines: vec![
            line(2e6),
            Line {
                lanes: 1..2,
                ..line(1e7)
            },
        ],
        paths: vec![
            Path {
                lanes: vec![0],
                cap: 1e6,
            },
            Path {
                lanes: vec![1],
                cap: 2e6,
            },
        ],
        stations: vec![StationSpec {
            workers: 1,
            order: Order::FirstCome,
        }],
        gates: vec![Gate {
            limit: 40,
            keep_alive: Some(KeepAlive {
                every: 5.0,
                lost: 2,
            }),
        }],
        bursts: vec![Burst {
            name: "line".to_string(),
            link: 0,
            good: 300.0,
            bad: 10.0,
            loss: 1.0,
        }],
        sources: vec![SourceSpec {
            name: "others".to_string(),
            lane: 1,
            rates: vec![(0.0, 1e6), (1800.0, 3e6)],
            spread: 0.25,
            window: 10.0,
        }],
        groups: vec![group(online(35.0, 15.0, Some(session)), vec![both])],
        ..empty(0..1)
    }
}

#[test]
fn the_same_seed_is_the_same_day_and_another_is_another() {
    let spec = city();
    let day = |seed, replication| format!("{:?}", run(&spec, seed, replication, &Watch::default()));
    assert!(day(1, 0) == day(1, 0));
    assert!(day(1, 0) != day(2, 0));
    assert!(day(1, 0) != day(1, 1));
}

#[test]
fn something_of_everything_adds_up() {
    let spec = city();
    for record in &records(&spec)[..3] {
        let acts = &record.acts[0];
        assert!(acts.times.count() > 1000 && acts.broken > 0, "{acts:?}");
        // Every part that is drawn is there, and the parts are the whole.
        let parts = acts.times.mean_parts().unwrap();
        let whole: f64 = parts.iter().sum();
        assert!((whole / acts.times.mean().unwrap() - 1.0).abs() < 1e-9);
        assert!((parts[Part::Handshakes as usize] - 2.0 * 0.03).abs() < 1e-12);
        assert!((parts[Part::Loops as usize] - 0.01).abs() < 1e-12);
        assert!((parts[Part::Client as usize] - 0.4).abs() < 1e-12);
        assert!(
            Part::ALL.iter().all(|part| parts[*part as usize] > 0.0),
            "{parts:?}"
        );
        assert_eq!(Part::ALL.len(), PARTS);
        // By minute and in all: the same acts.
        let counted: u64 = acts
            .minutes
            .iter()
            .map(|(count, _)| u64::from(*count))
            .sum();
        assert_eq!(counted, acts.times.count());
        // Others send 1 and then 3 Mbit/s: 2 in the mean, of which none is lost; users take the rest.
        let sum = |lane: usize| {
            let seconds = record.lanes[lane].seconds.iter();
            seconds.map(|bits| f64::from(*bits)).sum::<f64>() / 3600.0
        };
        let users = acts.times.count() as f64 / 3600.0;
        assert!(
            (sum(0) / (users * 2e5) - 1.0).abs() < 0.15,
            "{} {users}",
            sum(0)
        );
        assert!(
            ((sum(1) - 2e6) / (users * 4e6) - 1.0).abs() < 0.2,
            "{} {users}",
            sum(1)
        );
        assert_eq!((record.from, record.until), (0.0, 3600.0));
        assert_eq!(record.lanes[0].seconds.len(), 3600);
        assert_eq!(record.gates[0].held.len(), 60);
    }
}

/// The same person does the same thing in every scenario, so a wider line changes times alone.
#[test]
fn people_do_the_same_on_a_wider_line() {
    let (narrow, mut wide) = (city(), city());
    wide.lines[1].capacity = 1.1e7;
    let (mut better, mut paired, mut single) = (0, Vec::new(), Vec::new());
    for replication in 0..BATCHES as u64 {
        let time =
            |spec: &Spec, replication| mean_time(&run(spec, 3, replication, &Watch::default()));
        let (here, there) = (time(&narrow, replication), time(&wide, replication));
        better += u32::from(there < here);
        paired.push(here - there);
        single.push(here - time(&wide, replication + 100));
    }
    assert!(better == 20, "{better}");
    let variance = |all: &[f64]| {
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        all.iter().map(|one| (one - mean).powi(2)).sum::<f64>()
    };
    // Common random numbers take variance out of the difference.
    assert!(
        variance(&paired) < 0.5 * variance(&single),
        "{paired:?} {single:?}"
    );
}

#[test]
fn a_trial_that_is_told_to_stop_says_how_far_it_came() {
    let watch = Watch::default();
    watch.stop.store(true, Ordering::Relaxed);
    let record = run(&city(), 1, 0, &watch);
    assert_eq!((record.from, record.until), (0.0, 0.0));
    assert_eq!(record.acts[0].times.count(), 0);
}
