//! The engine where theory is exact: values of `tests/oracles/closed_forms.csv` inside the intervals
//! that the runs themselves give.

use super::experiment::{Time, Visit, closed, open};
use super::link::Link;
use super::measure::{BATCHES, Estimate, mean, mean_of_replications, quantiles};
use super::pool::Limit;
use super::random::{Law, Stream};
use super::replay::{Flow, replay};
use super::station::Station;
use crate::queueing::exact;
use crate::units::BitRate;

const UNLIMITED: usize = usize::MAX;

/// Mean 1 and deviation of the logarithm 1.5, as the oracle has it.
const LOGNORMAL: Law = Law::Lognormal { sigma: 1.5 };

/// The oracle's value of row `id`.
fn oracle(id: &str) -> f64 {
    let text = include_str!("../../tests/oracles/closed_forms.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let row = rows.records().map(Result::unwrap).find(|row| &row[0] == id);
    row.unwrap()[3].parse().unwrap()
}

/// Estimates against truths. A 95 % interval misses once in twenty times: of all of them one in ten
/// may, and none by more than its own half width again, which is one in two thousand.
#[derive(Default)]
struct Ledger {
    all: usize,
    missed: Vec<String>,
}

impl Ledger {
    fn check(&mut self, what: &str, found: Option<Estimate>, truth: f64) {
        let found = found.unwrap();
        let (low, high) = (found.interval.low, found.interval.high);
        self.all += 1;
        if !(low..=high).contains(&truth) {
            let far = truth < 2.0 * low - found.value || truth > 2.0 * high - found.value;
            assert!(!far, "{what}: {truth} but {found:?}");
            self.missed.push(format!("{what}: {truth} but {found:?}"));
        }
        // An interval that holds everything says nothing.
        let width = (high - low) / found.value;
        assert!(width < 0.5, "{what}: {found:?}");
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let most = self.all.div_ceil(10);
            assert!(self.missed.len() <= most, "{:#?}", self.missed);
        }
    }
}

/// Customers at a station of `servers` servers loaded by `load`, after the first tenth.
fn run(station: Station, servers: f64, load: f64, law: Law, customers: u32) -> Vec<Visit> {
    let mut station = station;
    let gap = Time {
        law: Law::Exponential,
        mean: 1.0 / (load * servers),
    };
    let service = Time { law, mean: 1.0 };
    let visits = open(&mut station, gap, service, customers, (1, 0));
    let visits: Vec<Visit> = visits.into_iter().flatten().collect();
    assert_eq!(visits.len(), customers as usize);
    visits[visits.len() / 10..].to_vec()
}

fn waits(visits: &[Visit]) -> Vec<f64> {
    visits.iter().map(Visit::wait).collect()
}

fn sojourns(visits: &[Visit]) -> Vec<f64> {
    visits.iter().map(|visit| visit.sojourn).collect()
}

#[test]
fn one_server_in_the_order_of_coming() {
    let mut ledger = Ledger::default();
    let one = || Station::first_come(1, UNLIMITED);
    // Busier queues forget more slowly and need longer runs.
    for (load, customers, ids) in [
        (0.5, 100_000, ["V15", "", "V17", "V18", "", "V20"]),
        (0.7, 200_000, ["V24", "V25", "V26", "V27", "V28", ""]),
        (0.9, 600_000, ["V33", "V34", "V35", "", "V37", "V38"]),
    ] {
        let [mm1, mm1_p95, mm1_p99, md1, md1_p95, mg1] = ids;
        let mut check = |id: &str, found: Option<Estimate>| {
            if !id.is_empty() {
                ledger.check(id, found, oracle(id));
            }
        };
        let visits = run(one(), 1.0, load, Law::Exponential, customers);
        check(mm1, mean(&sojourns(&visits)));
        let [p95, p99] = quantiles(&sojourns(&visits), [0.95, 0.99]);
        check(mm1_p95, p95);
        check(mm1_p99, p99);
        let visits = run(one(), 1.0, load, Law::Constant, customers);
        check(md1, mean(&waits(&visits)));
        let [p95] = quantiles(&waits(&visits), [0.95]);
        check(md1_p95, p95);
        let visits = run(one(), 1.0, load, LOGNORMAL, customers * 2);
        check(mg1, mean(&waits(&visits)));
    }
}

#[test]
fn several_servers_in_the_order_of_coming() {
    let mut ledger = Ledger::default();
    for (servers, load, customers, mean_wait, p95_wait) in [
        (2, 0.8, 300_000, "V42", "V43"),
        (50, 0.9, 600_000, "", "V49"),
    ] {
        let station = Station::first_come(servers, UNLIMITED);
        let visits = run(station, servers as f64, load, Law::Exponential, customers);
        let waits = waits(&visits);
        if !mean_wait.is_empty() {
            ledger.check(mean_wait, mean(&waits), oracle(mean_wait));
        }
        let [p95] = quantiles(&waits, [0.95]);
        ledger.check(p95_wait, p95, oracle(p95_wait));
    }
    // The probability of waiting at all: Erlang C of 8 erlangs at 10 servers.
    let visits = run(
        Station::first_come(10, UNLIMITED),
        10.0,
        0.8,
        Law::Exponential,
        300_000,
    );
    let waited: Vec<f64> = visits
        .iter()
        .map(|visit| if visit.wait() > 1e-9 { 1.0 } else { 0.0 })
        .collect();
    ledger.check("V08", mean(&waited), oracle("V08"));
}

#[test]
fn shared_servers_slow_all_sizes_down_alike() {
    let mut ledger = Ledger::default();
    for (load, customers, slowdown) in [
        (0.5, 100_000, "V21"),
        (0.7, 200_000, "V30"),
        (0.9, 300_000, "V39"),
    ] {
        for law in [Law::Exponential, LOGNORMAL, Law::Constant] {
            let visits = run(Station::sharing(1), 1.0, load, law, customers);
            let slowdowns = visits.iter().map(|visit| visit.sojourn / visit.work);
            let slowdowns: Vec<f64> = slowdowns.collect();
            ledger.check(slowdown, mean(&slowdowns), oracle(slowdown));
        }
    }
    // Variance of the sojourn: the mean of squares less the square of a mean that is known.
    for (load, customers, variance) in [(0.5, 100_000, "V22"), (0.7, 200_000, "V31")] {
        let visits = run(Station::sharing(1), 1.0, load, Law::Exponential, customers);
        let known = 1.0 / (1.0 - load);
        let squares: Vec<f64> = visits
            .iter()
            .map(|visit| (visit.sojourn - known).powi(2))
            .collect();
        ledger.check(variance, mean(&squares), oracle(variance));
    }
}

/// Poisson flows of lognormal sizes, mean 4 Mbit, that load 500 Mbit/s by `load`.
fn flows(load: f64, limit: Limit, count: usize) -> Vec<Flow> {
    let mut gaps = Stream::new(2, 0, "arrivals");
    let mut sizes = Stream::new(2, 0, "sizes");
    let mut now = 0.0;
    let flow = |_| {
        now += gaps.exponential() * 4e6 / (500e6 * load);
        Flow {
            arrival: now,
            bits: LOGNORMAL.draw(&mut sizes) * 4e6,
            class: 0,
            limit,
        }
    };
    (0..count).map(flow).collect()
}

#[test]
fn a_link_slows_transfers_down_as_processor_sharing_does() {
    let mut ledger = Ledger::default();
    let slowdowns = |load: f64, limit: Limit, count: usize, alone: f64| -> Vec<f64> {
        let flows = flows(load, limit, count);
        let mut link = Link::plain(BitRate::mbit(500.0)).unwrap();
        let ends = replay(&mut link, &flows).unwrap();
        let all = flows
            .iter()
            .zip(&ends)
            .map(|(flow, end)| end.after * alone / flow.bits);
        all.skip(count / 10).collect()
    };
    for (load, count, id) in [
        (0.5, 100_000, "V21"),
        (0.7, 200_000, "V30"),
        (0.9, 300_000, "V39"),
    ] {
        let found = slowdowns(load, Limit::None, count, 500e6);
        ledger.check(id, mean(&found), oracle(id));
    }
    // A cap on each transfer: M/G/R-PS, where the law of the sizes does not matter either (J. W.
    // Cohen, Acta Informatica 12 (1979) 245).
    for (cap, load, count, id) in [
        (10e6, 0.9, 300_000, "V52"),
        (20e6, 0.7, 200_000, "V54"),
        (50e6, 0.9, 300_000, "V55"),
    ] {
        let found = mean(&slowdowns(load, Limit::Rate(cap), count, cap));
        ledger.check(id, found, oracle(id));
    }
}

#[test]
fn sessions_are_refused_as_erlang_and_engset_say() {
    let mut ledger = Ledger::default();
    for (erlangs, limit, calls, id) in [
        (1.0, 1, 100_000, "V01"),
        (10.0, 10, 200_000, "V02"),
        (50.0, 64, 600_000, "V03"),
    ] {
        // Refusals know the mean holding time only: any law will do.
        for law in [Law::Exponential, Law::Constant, LOGNORMAL] {
            let gap = Time {
                law: Law::Exponential,
                mean: 1.0 / erlangs,
            };
            let hold = Time { law, mean: 1.0 };
            let calls = open(&mut Station::sessions(limit), gap, hold, calls, (3, 0));
            let refused = calls[calls.len() / 10..].iter();
            let refused: Vec<f64> = refused.map(|call| f64::from(call.is_none())).collect();
            ledger.check(id, mean(&refused), oracle(id));
        }
    }
    // Ten users with five sessions, each asking 0.25 times per holding time while it has none.
    let think = Time {
        law: Law::Exponential,
        mean: 4.0,
    };
    let hold = Time {
        law: Law::Exponential,
        mean: 1.0,
    };
    let mut calls = [0.0; BATCHES];
    let mut time = [0.0; BATCHES];
    for (replication, (calls, time)) in calls.iter_mut().zip(&mut time).enumerate() {
        let mut station = Station::sessions(5);
        let done = closed(
            &mut station,
            10,
            think,
            hold,
            20_000,
            (4, replication as u64),
        );
        let refused = done.iter().filter(|call| call.is_none()).count();
        *calls = refused as f64 / done.len() as f64;
        *time = station.full() / station.elapsed();
    }
    ledger.check("V10", Some(mean_of_replications(&time)), oracle("V10"));
    ledger.check("V11", Some(mean_of_replications(&calls)), oracle("V11"));
}

#[test]
fn users_who_wait_slow_themselves_down() {
    // A closed loop is product form: mean-value analysis has its exact sojourn, with servers in the
    // order of coming for exponential work, shared for any.
    let mut ledger = Ledger::default();
    for (users, servers, think) in [(5, 1, 5.0), (20, 1, 10.0), (30, 4, 5.0), (60, 4, 5.0)] {
        let pool = exact::Pool {
            servers,
            service: 1.0,
        };
        let truth = exact::one_chain(&[pool], think, users).unwrap().sojourn[0];
        let servers = servers as usize;
        // Runs with the same numbers would miss together.
        for (run, (station, law)) in [
            (Station::first_come(servers, UNLIMITED), Law::Exponential),
            (Station::sharing(servers), Law::Exponential),
            (Station::sharing(servers), LOGNORMAL),
        ]
        .into_iter()
        .enumerate()
        {
            let mut station = station;
            let think = Time {
                law: Law::Exponential,
                mean: think,
            };
            let service = Time { law, mean: 1.0 };
            let names = (users, run as u64);
            let done = closed(&mut station, users as u32, think, service, 60_000, names);
            let sojourns: Vec<f64> = done[6_000..].iter().flatten().map(|v| v.sojourn).collect();
            let what = format!("{users} users, {servers} servers, {law:?}");
            ledger.check(&what, mean(&sojourns), truth);
        }
    }
}
