//! The approximation against exact analysis, closed forms at the edges, and balances that must hold.

use super::super::exact::{self, Pool};
use super::super::{erlang, sharing};
use super::*;

fn close(found: f64, wanted: f64, relative: f64) {
    assert!(
        (found - wanted).abs() <= relative * wanted.abs(),
        "{found} is not {wanted}"
    );
}

/// A pool of `servers` that serves one cycle in `service` seconds, as one chain's visit.
fn pool(station: usize, service: f64) -> Visit {
    Visit {
        station,
        work: service,
        max_rate: 1.0,
    }
}

fn chain(population: f64, think: f64, visits: &[Visit]) -> Closed {
    Closed {
        population,
        think,
        visits: visits.to_vec(),
    }
}

fn one(servers: f64, service: f64, think: f64, population: f64) -> Solution {
    let stations = [Station { capacity: servers }];
    solve(
        &stations,
        &[chain(population, think, &[pool(0, service)])],
        &[],
    )
    .unwrap()
}

#[test]
fn one_server_is_schweitzers_rule() {
    for (think, population) in [(0.0, 3.0), (1.0, 2.0), (5.0, 8.0), (20.0, 500.0)] {
        let found = one(1.0, 1.0, think, population).closed[0].throughput;
        // T = 1 + X T (N-1)/N and X = N/(Z+T) make T² + (Z-N) T - Z = 0.
        let n = population;
        let half = (think - n) / 2.0;
        let time = -half + (half * half + think).sqrt();
        close(found, n / (think + time), 1e-8);
    }
}

#[test]
fn a_large_population_sees_the_open_formulas() {
    for (servers, load) in [
        (1.0, 0.7),
        (10.0, 0.8),
        (13.75, 0.85),
        (50.0, 0.95),
        (1000.0, 0.99),
    ] {
        let rate = servers * load;
        let stretch = sharing::capped_slowdown(servers, load).unwrap();
        // The pause that makes a hundred million users ask at just this rate.
        let found = one(servers, 1.0, 1e8 / rate - stretch, 1e8);
        close(found.closed[0].sojourn[0].unwrap(), stretch, 1e-5);
        close(found.closed[0].throughput, rate, 1e-9);
    }
}

#[test]
fn open_chains_alone_are_the_closed_forms_exactly() {
    let stations = [Station { capacity: 500e6 }, Station { capacity: 8.0 }];
    let link = Visit {
        station: 0,
        work: 4e6,
        max_rate: 10e6,
    };
    let slow = Visit {
        station: 0,
        work: 1e6,
        max_rate: 2e6,
    };
    let chains = [
        Open {
            rate: 50.0,
            visits: vec![link, pool(1, 0.1)],
        },
        Open {
            rate: 150.0,
            visits: vec![slow],
        },
    ];
    let found = solve(&stations, &[], &chains).unwrap();
    let load = (50.0 * 4e6 + 150.0 * 1e6) / 500e6;
    let time = |visit: &Visit| {
        let sharers = 500e6 / visit.max_rate;
        visit.work / visit.max_rate * sharing::capped_slowdown(sharers, load).unwrap()
    };
    close(found.open[0].sojourn[0].unwrap(), time(&link), 1e-8);
    close(found.open[1].sojourn[0].unwrap(), time(&slow), 1e-8);
    let waits = erlang::waiting(5.0, 8.0).unwrap();
    close(
        found.open[0].sojourn[1].unwrap(),
        0.1 * (1.0 + waits / (8.0 - 5.0)),
        1e-8,
    );
    close(found.stations[0].utilisation, load, 1e-12);
    assert_eq!(found.open[0].throughput, 50.0);
}

#[test]
fn one_customer_waits_for_nobody_and_less_than_one_neither() {
    for population in [1.0, 0.3, 0.0] {
        let found = one(3.0, 2.0, 5.0, population);
        close(found.closed[0].throughput, population / 7.0, 1e-9);
        close(found.closed[0].sojourn[0].unwrap(), 2.0, 1e-9);
    }
}

#[test]
fn as_many_customers_as_servers_never_wait() {
    // Exact here; the open formula alone would lose 17 %.
    for servers in [2.0, 5.0, 40.0] {
        close(
            one(servers, 1.0, 0.0, servers).closed[0].throughput,
            servers,
            1e-6,
        );
    }
}

#[test]
fn saturation_gives_capacity_and_the_rest_waits() {
    for (servers, overload) in [(1.0, 10.0), (4.0, 10.0), (50.0, 2.0), (100_000.0, 10.0)] {
        let think = 100.0;
        let population = servers * think * overload;
        let found = one(servers, 1.0, think, population);
        close(found.closed[0].throughput, servers, 1e-3);
        close(
            found.closed[0].sojourn[0].unwrap(),
            population / servers - think,
            2e-3,
        );
        assert!(found.stations[0].utilisation <= 1.0 + 1e-9);
    }
    let million = one(1.0, 1.0, 1.0, 1e6);
    close(million.closed[0].throughput, 1.0, 1e-5);
}

#[test]
fn throughput_is_within_the_stated_bound_of_exact_analysis() {
    let mut worst = (0.0f64, String::new());
    let mut crowded = 0.0f64;
    let mut judge = |found: f64, wanted: f64, what: String, crowd: bool| {
        let error = found / wanted - 1.0;
        if crowd {
            crowded = crowded.max(error.abs());
        }
        if error.abs() > worst.0.abs() {
            worst = (error, what);
        }
    };
    for servers in [1u64, 2, 3, 5, 10, 30] {
        for population in [
            1,
            2,
            3,
            servers,
            servers + 1,
            servers + 2,
            2 * servers,
            4 * servers,
            200,
        ] {
            for think in [0.1, 0.3, 1.0, 3.0, 10.0, 30.0] {
                let wanted = exact::machine_repair(servers, 1.0, think, population).unwrap();
                let found = one(servers as f64, 1.0, think, population as f64);
                let what = format!("{servers} servers, pause {think}, {population} users");
                let crowd = population >= 10 * servers;
                judge(found.closed[0].throughput, wanted.throughput, what, crowd);
            }
        }
    }
    // Networks of pools with demands spread over a fixed grid of unequal loads.
    let sizes = [1u64, 2, 4, 8, 20];
    for seed in 0..300u64 {
        let digit = |place: u32| (seed * 7919 + 13) / 5u64.pow(place) % 5;
        let pools: Vec<Pool> = (0..3)
            .map(|k| {
                let servers = sizes[digit(k) as usize];
                let service = servers as f64 * (0.3 + 0.15 * digit(k + 3) as f64);
                Pool { servers, service }
            })
            .collect();
        let think = [0.0, 1.0, 5.0, 20.0, 60.0][digit(6) as usize];
        let population = [2, 5, 10, 20, 60][(seed % 5) as usize];
        let wanted = exact::one_chain(&pools, think, population).unwrap();
        let stations: Vec<Station> = pools
            .iter()
            .map(|pool| Station {
                capacity: pool.servers as f64,
            })
            .collect();
        let visits: Vec<Visit> = pools
            .iter()
            .enumerate()
            .map(|(k, p)| pool(k, p.service))
            .collect();
        let found = solve(&stations, &[chain(population as f64, think, &visits)], &[]).unwrap();
        let what = format!("{pools:?}, pause {think}, {population} users");
        judge(found.closed[0].throughput, wanted.throughput, what, false);
    }
    println!(
        "worst throughput error {:+.2} % at {}",
        worst.0 * 100.0,
        worst.1
    );
    println!(
        "worst with ten users a server or more {:.2} %",
        crowded * 100.0
    );
    assert!(worst.0.abs() < 0.065, "{worst:?}");
    assert!(crowded < 0.016, "{crowded}");
}

const DEMANDS: [[f64; 3]; 3] = [[0.4, 0.1, 0.0], [0.1, 0.5, 0.2], [0.05, 0.0, 0.9]];

fn three_chains(population: [u64; 3], think: f64) -> Solution {
    let stations = [Station { capacity: 1.0 }; 3];
    let closed = [0, 1, 2].map(|r| {
        let visits = [0, 1, 2].map(|k| pool(k, DEMANDS[r][k]));
        chain(population[r] as f64, think, &visits)
    });
    solve(&stations, &closed, &[]).unwrap()
}

const MIXES: [[u64; 3]; 5] = [[1, 1, 1], [2, 3, 1], [6, 4, 2], [20, 10, 5], [3, 25, 1]];

/// Bard and Schweitzer's equations by plain repeated substitution.
fn schweitzer(population: [u64; 3], think: f64) -> [f64; 3] {
    let n = population.map(|n| n as f64);
    let mut numbers = n.map(|n| [n / 3.0; 3]);
    let mut rates = [0.0; 3];
    for _ in 0..50_000 {
        let all = [0, 1, 2].map(|k| numbers.iter().map(|row| row[k]).sum::<f64>());
        let times = [0, 1, 2]
            .map(|r| [0, 1, 2].map(|k| DEMANDS[r][k] * (1.0 + all[k] - numbers[r][k] / n[r])));
        rates = [0, 1, 2].map(|r| n[r] / (think + times[r].iter().sum::<f64>()));
        numbers = [0, 1, 2].map(|r| times[r].map(|time| rates[r] * time));
    }
    rates
}

#[test]
fn several_chains_at_single_servers_are_schweitzers_rule() {
    for population in MIXES {
        for think in [0.0, 1.0, 6.0] {
            let found = three_chains(population, think);
            for (found, wanted) in found.closed.iter().zip(schweitzer(population, think)) {
                close(found.throughput, wanted, 1e-6);
            }
        }
    }
}

#[test]
fn several_chains_are_within_the_stated_bounds_of_exact_analysis() {
    let demands = DEMANDS.map(|row| row.to_vec());
    for (think, bound) in [(0.0, 0.24), (1.0, 0.11), (6.0, 0.055)] {
        let mut worst = 0.0f64;
        for population in MIXES {
            let wanted = exact::chains(&demands, &[think; 3], &population).unwrap();
            let found = three_chains(population, think);
            for (found, wanted) in found.closed.iter().zip(&wanted) {
                worst = worst.max((found.throughput / wanted.throughput - 1.0).abs());
            }
        }
        assert!(worst < bound, "pause {think}: {worst}");
    }
}

#[test]
fn open_chains_that_swamp_a_station_say_so() {
    let stations = [
        Station { capacity: 10.0 },
        Station { capacity: 1.0 },
        Station { capacity: 4.0 },
    ];
    let open = [
        Open {
            rate: 15.0,
            visits: vec![pool(0, 1.0), pool(2, 0.3)],
        },
        Open {
            rate: 5.0,
            visits: vec![pool(0, 1.0)],
        },
    ];
    let closed = [
        chain(3.0, 1.0, &[pool(0, 0.1)]),
        chain(3.0, 1.0, &[pool(1, 0.1)]),
    ];
    let found = solve(&stations, &closed, &open).unwrap();
    assert!(found.stations[0].saturated);
    assert_eq!(
        (found.stations[0].utilisation, found.stations[0].number),
        (1.0, None)
    );
    // Twenty ask for ten: each gets half of what it asked.
    close(found.open[0].throughput, 7.5, 1e-12);
    close(found.open[1].throughput, 2.5, 1e-12);
    assert_eq!(found.open[0].sojourn[0], None);
    close(found.stations[2].utilisation, 7.5 * 0.3 / 4.0, 1e-12);
    assert!(found.open[0].sojourn[1].unwrap() >= 0.3);
    // Whoever shares with the crowd gets nothing, whoever does not is untouched.
    assert_eq!(
        (found.closed[0].throughput, found.closed[0].sojourn[0]),
        (0.0, None)
    );
    assert!(found.closed[1].throughput > 2.0);
}

#[test]
fn a_station_that_is_down_stops_who_needs_it_only() {
    let stations = [Station { capacity: 0.0 }, Station { capacity: 1.0 }];
    let stopped = chain(5.0, 1.0, &[pool(1, 0.1), pool(0, 0.2)]);
    let passing = chain(5.0, 1.0, &[pool(0, 0.0), pool(1, 0.1)]);
    let found = solve(&stations, &[stopped, passing], &[]).unwrap();
    assert_eq!(
        (found.closed[0].throughput, found.closed[0].sojourn[1]),
        (0.0, None)
    );
    assert!(found.stations[0].saturated);
    assert!(found.closed[1].throughput > 4.0);
    assert_eq!(found.closed[1].sojourn[0], Some(0.0));
}

#[test]
fn arguments_outside_are_refused() {
    let stations = [Station { capacity: 1.0 }];
    let bad =
        |population, think, visit| solve(&stations, &[chain(population, think, &[visit])], &[]);
    assert!(bad(-1.0, 1.0, pool(0, 1.0)).is_err());
    assert!(bad(1.0, f64::INFINITY, pool(0, 1.0)).is_err());
    assert!(bad(1.0, 1.0, pool(1, 1.0)).is_err());
    assert!(bad(1.0, 0.0, pool(0, 0.0)).is_err());
    assert!(
        bad(
            1.0,
            0.0,
            Visit {
                station: 0,
                work: 1.0,
                max_rate: 0.0
            }
        )
        .is_err()
    );
    assert!(solve(&[Station { capacity: f64::NAN }], &[], &[]).is_err());
}

/// One lone kind of customer without a pause among many slow ones: mixtures lag, each plain step moves
/// 0.98 of the last, and only the leaps settle it.
#[test]
fn a_slow_mixture_settles_too() {
    let visit = |work, max_rate| Visit {
        station: 0,
        work,
        max_rate,
    };
    let open = Open {
        rate: 0.218,
        visits: vec![visit(2.28, 1.0), visit(2.245, 0.00076)],
    };
    let closed = chain(19.0, 0.0, &[visit(1.0, 1.0)]);
    let found = solve(&[Station { capacity: 1.0 }], &[closed], &[open]).unwrap();
    assert!(found.iterations < 100, "{}", found.iterations);
}

/// One lone customer without a pause on a station that others fill: its own part of the throughput moves
/// the balance, and Newton must know.
#[test]
fn a_lone_customer_on_a_full_station_settles_fast() {
    let visit = |work| Visit {
        station: 0,
        work,
        max_rate: 1.0,
    };
    let open = Open {
        rate: 0.684,
        visits: vec![visit(1.0)],
    };
    let closed = [
        chain(1.0, 0.0, &[visit(1.0)]),
        chain(180_045.9, 6261.7, &[visit(0.0108)]),
    ];
    let found = solve(&[Station { capacity: 1.0 }], &closed, &[open]).unwrap();
    assert!(found.iterations < 30, "{}", found.iterations);
}
