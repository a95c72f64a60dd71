//! What must hold in any network, and in no time.

use proptest::prelude::*;

use super::*;

/// Stations of mixed size with several chains, from empty to a tenfold overload and beyond.
fn networks() -> impl Strategy<Value = (Vec<Station>, Vec<Closed>, Vec<Open>)> {
    let stations = prop::collection::vec(
        prop_oneof![Just(1.0), 1.0..100.0f64, 1e6..1e9f64]
            .prop_map(|capacity| Station { capacity }),
        1..5,
    );
    stations.prop_flat_map(|stations| {
        let count = stations.len();
        let capacities: Vec<f64> = stations.iter().map(|station| station.capacity).collect();
        let visit =
            (0..count, -4.0..0.5f64, 0.0..3.5f64).prop_map(move |(station, work, sharers)| {
                let capacity = capacities[station];
                Visit {
                    station,
                    work: capacity * 10f64.powf(work),
                    max_rate: capacity / 10f64.powf(sharers).max(0.5),
                }
            });
        let visits = prop::collection::vec(visit, 1..5);
        let population = prop_oneof![
            0.0..3.0f64,
            3.0..300.0f64,
            300.0..1e6f64,
            (1u32..40).prop_map(f64::from)
        ];
        let think = prop_oneof![Just(0.0), 0.01..1.0f64, 1.0..1e4f64];
        let closed =
            (population, think, visits.clone()).prop_map(|(population, think, visits)| Closed {
                population,
                think,
                visits,
            });
        let open = (0.0..0.5f64, visits).prop_map(|(rate, visits)| Open { rate, visits });
        (
            Just(stations),
            prop::collection::vec(closed, 0..5),
            prop::collection::vec(open, 0..3),
        )
    })
}

proptest! {
    #[test]
    fn nobody_is_lost_and_nothing_carries_more_than_it_can((stations, closed, open) in networks()) {
        let found = solve(&stations, &closed, &open)?;
        let mut present = vec![0.0; stations.len()];
        let mut work = vec![0.0; stations.len()];
        for (chain, flow) in closed.iter().zip(&found.closed) {
            prop_assert!(flow.throughput.is_finite() && flow.throughput >= 0.0);
            let mut inside = flow.throughput * chain.think;
            for (visit, sojourn) in chain.visits.iter().zip(&flow.sojourn) {
                let Some(sojourn) = sojourn else { continue };
                let alone = visit.work / visit.max_rate.min(stations[visit.station].capacity);
                prop_assert!(*sojourn >= alone * (1.0 - 1e-9) && sojourn.is_finite());
                inside += flow.throughput * sojourn;
                present[visit.station] += flow.throughput * sojourn;
                work[visit.station] += flow.throughput * visit.work;
            }
            if flow.sojourn.iter().all(Option::is_some) {
                // Little's law over the whole cycle.
                prop_assert!((inside - chain.population).abs() <= 1e-6 * chain.population + 1e-12);
            } else {
                prop_assert_eq!(flow.throughput, 0.0);
            }
        }
        for (k, (station, carried)) in stations.iter().zip(&found.stations).enumerate() {
            prop_assert!(carried.utilisation <= 1.0 + 1e-6, "{:?}", carried);
            prop_assert!(work[k] <= carried.work * (1.0 + 1e-9) + 1e-300);
            prop_assert!((carried.work - carried.utilisation * station.capacity).abs() <= 1e-6 * station.capacity);
            if let Some(number) = carried.number {
                prop_assert!(number.is_finite() && number >= present[k] * (1.0 - 1e-9));
            }
        }
    }

    #[test]
    fn more_capacity_never_lowers_the_throughput_of_one_chain(
        (stations, closed, _) in networks(), which in 0usize..5, more in 1.001..3.0f64,
    ) {
        for chain in closed {
            let chains = std::slice::from_ref(&chain);
            let before = solve(&stations, chains, &[])?.closed[0].throughput;
            let mut stations = stations.clone();
            let which = which % stations.len();
            stations[which].capacity *= more;
            let after = solve(&stations, chains, &[])?.closed[0].throughput;
            prop_assert!(after >= before * (1.0 - 1e-6), "{} then {}", before, after);
        }
    }
}

/// The planner's load: 36 months by 24 hours by 4 variants, a dozen chains over ten stations. The time is
/// printed and bounded loosely: a debug build on a busy machine must pass.
#[test]
fn a_horizon_of_hours_is_solved_at_once() {
    let stations: Vec<Station> = (0..10)
        .map(|k| Station {
            capacity: [500e6, 1e9, 8.0, 40.0, 10e9][k % 5],
        })
        .collect();
    let mut solver = Solver::default();
    let started = std::time::Instant::now();
    let mut steps = 0;
    for case in 0..3456 {
        let hour = f64::from(case % 24);
        let growth = 1.0 + 0.03 * f64::from(case / 24 % 36);
        let day = 0.02 + 0.98 * (-(hour - 10.0) * (hour - 10.0) / 18.0).exp();
        let closed: Vec<Closed> = (0..12)
            .map(|r| {
                let visits: Vec<Visit> = (0..10)
                    .map(|k| {
                        let large = stations[k].capacity > 1e3;
                        Visit {
                            station: k,
                            work: if large {
                                3e6 * (1.0 + r as f64 / 4.0)
                            } else {
                                0.05
                            },
                            max_rate: if large { [20e6, 100e6][r % 2] } else { 1.0 },
                        }
                    })
                    .collect();
                Closed {
                    population: 400.0 * growth * day,
                    think: 30.0,
                    visits,
                }
            })
            .collect();
        steps += solver.solve(&stations, &closed, &[]).unwrap().iterations;
    }
    let took = started.elapsed().as_secs_f64();
    println!("3456 networks of 12 chains and 10 stations: {took:.3} s, {steps} Newton steps");
    assert!(took < 60.0);
}
