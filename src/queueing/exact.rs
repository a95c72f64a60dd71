//! Closed networks without approximation, for small cases and to judge [`closed`](super::closed) by.
//!
//! All three are product-form networks (Baskett, Chandy, Muntz and Palacios 1975): processor sharing
//! with any law of work, or first come first served with exponential work.

use super::OutOfRange;
use super::range::{between, not_negative, positive};

/// What a chain gets: cycles per second and the mean time at each station in a cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// Cycles per second.
    pub throughput: f64,
    /// Seconds per cycle at each station.
    pub sojourn: Vec<f64>,
}

/// A pool of equal servers as one chain sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    /// Number of servers, 1 or more.
    pub servers: u64,
    /// Service of one cycle by one server in seconds, above 0.
    pub service: f64,
}

/// Several chains over single servers: exact mean-value analysis (Reiser and Lavenberg 1980).
///
/// `demands[r][k]` is the service in seconds that a cycle of chain `r` takes at station `k`, `think[r]`
/// its pause. `T_rk(n) = D_rk (1 + Q_k(n - 1_r))` over all populations up to `population`, at most ten
/// million of them.
///
/// # Errors
/// Chains that do not all name every station, negative times, a cycle that takes no time, or more
/// populations than that.
pub fn chains(
    demands: &[Vec<f64>],
    think: &[f64],
    population: &[u64],
) -> Result<Vec<Exact>, OutOfRange> {
    let stations = demands.first().map_or(0, Vec::len);
    let count = demands.len() as f64;
    const CHAINS: (&str, &str) = ("链数", "the number of chains");
    between(CHAINS, think.len() as f64, count, count)?;
    between(CHAINS, population.len() as f64, count, count)?;
    for (row, think) in demands.iter().zip(think) {
        let width = stations as f64;
        between(
            ("站点数", "the number of stations"),
            row.len() as f64,
            width,
            width,
        )?;
        let mut cycle = not_negative(THINK, *think)?;
        for demand in row {
            cycle += not_negative(SERVICE, *demand)?;
        }
        positive(CYCLE, cycle)?;
    }
    let states: f64 = population.iter().map(|n| *n as f64 + 1.0).product();
    between(
        ("人数组合数", "the number of populations"),
        states,
        1.0,
        1e7,
    )?;

    // Populations are counted as digits of mixed base; taking one customer off is subtracting a stride.
    let mut strides = Vec::with_capacity(population.len());
    let mut stride = 1;
    for n in population {
        strides.push(stride);
        stride *= *n as usize + 1;
    }
    let mut numbers = vec![0.0; stride * stations];
    let mut answer = Vec::new();
    for state in 0..stride {
        answer.clear();
        let mut here = vec![0.0; stations];
        for (r, demand) in demands.iter().enumerate() {
            let present = state / strides[r] % (population[r] as usize + 1);
            if present == 0 {
                answer.push(Exact {
                    throughput: 0.0,
                    sojourn: demand.clone(),
                });
                continue;
            }
            let before = &numbers[(state - strides[r]) * stations..][..stations];
            let sojourn: Vec<f64> = demand
                .iter()
                .zip(before)
                .map(|(d, q)| d * (1.0 + q))
                .collect();
            let throughput = present as f64 / (think[r] + sojourn.iter().sum::<f64>());
            for (number, time) in here.iter_mut().zip(&sojourn) {
                *number += throughput * time;
            }
            answer.push(Exact {
                throughput,
                sojourn,
            });
        }
        numbers[state * stations..][..stations].copy_from_slice(&here);
    }
    Ok(answer)
}

/// One chain over pools of servers, by convolution (Buzen 1973).
///
/// The load-dependent form of mean-value analysis loses all its digits near saturation (it finds the
/// empty state by subtraction), so the normalising constants are summed instead, all terms positive, in
/// logarithms. `population` up to 2000.
///
/// # Errors
/// A pool without servers or service, a negative pause, or too many customers.
pub fn one_chain(pools: &[Pool], think: f64, population: u64) -> Result<Exact, OutOfRange> {
    let think = not_negative(THINK, think)?;
    between(("人数", "the population"), population as f64, 1.0, 2000.0)?;
    for pool in pools {
        positive(SERVICE, pool.service)?;
        between(
            ("服务台数", "the number of servers"),
            pool.servers as f64,
            1.0,
            1e9,
        )?;
    }
    positive(
        CYCLE,
        think + pools.iter().map(|pool| pool.service).sum::<f64>(),
    )?;
    let n = population as usize;
    let weights = |pool: &Pool| {
        let ratio = |j: usize| (pool.service / (j as u64).min(pool.servers) as f64).ln();
        running(n, ratio)
    };
    let delay = match think > 0.0 {
        true => running(n, |j| (think / j as f64).ln()),
        false => running(n, |_| f64::NEG_INFINITY),
    };
    let whole = pools
        .iter()
        .fold(delay.clone(), |sum, pool| convolve(&sum, &weights(pool)));
    let throughput = (whole[n - 1] - whole[n]).exp();
    let sojourn = (0..pools.len()).map(|at| {
        let others = pools.iter().enumerate().filter(|(other, _)| *other != at);
        let rest = others.fold(delay.clone(), |sum, (_, pool)| {
            convolve(&sum, &weights(pool))
        });
        let here = weights(&pools[at]);
        let number: f64 = (1..=n)
            .map(|j| j as f64 * (here[j] + rest[n - j] - whole[n]).exp())
            .sum();
        number / throughput
    });
    Ok(Exact {
        throughput,
        sojourn: sojourn.collect(),
    })
}

/// `population` users who pause `think` seconds and then ask a pool of `servers` with mean service
/// `service` (M/M/c//N, the machine repair model): the birth-death law `p(n+1)/p(n) = (N-n)λ/(min(n+1,c)μ)`
/// summed outward from its largest term. Any law of pause; exponential service, or shared by all.
///
/// # Errors
/// No servers, service or pause not above 0, or more than a hundred million users.
pub fn machine_repair(
    servers: u64,
    service: f64,
    think: f64,
    population: u64,
) -> Result<Exact, OutOfRange> {
    between(
        ("服务台数", "the number of servers"),
        servers as f64,
        1.0,
        1e9,
    )?;
    positive(SERVICE, service)?;
    positive(THINK, think)?;
    between(("人数", "the population"), population as f64, 1.0, 1e8)?;
    let ratio = |n: u64| (population - n) as f64 * service / (think * (n + 1).min(servers) as f64);
    // The ratio falls with n, so the law has one peak: the first n that the next does not exceed.
    let (mut low, mut high) = (0, population);
    while low < high {
        let middle = (low + high) / 2;
        if ratio(middle) > 1.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut sums = (0.0, 0.0, 0.0);
    let mut add = |n: u64, weight: f64| {
        sums.0 += weight;
        sums.1 += weight * n as f64;
        sums.2 += weight * n.min(servers) as f64;
    };
    let mut weight = 1.0;
    for n in low..=population {
        add(n, weight);
        weight *= ratio(n);
        if weight < 1e-300 {
            break;
        }
    }
    let mut weight = 1.0;
    for n in (0..low).rev() {
        weight /= ratio(n);
        add(n, weight);
        if weight < 1e-300 {
            break;
        }
    }
    let (all, number, busy) = sums;
    let throughput = busy / all / service;
    Ok(Exact {
        throughput,
        sojourn: vec![number / all / throughput],
    })
}

const SERVICE: (&str, &str) = ("服务时间（s）", "the service time in seconds");
const THINK: (&str, &str) = ("停顿时间（s）", "the pause in seconds");
const CYCLE: (&str, &str) = ("一个周期的时间（s）", "the time of one cycle in seconds");

/// Sums `ratio(1) + … + ratio(j)` for `j` from 0 to `n`.
fn running(n: usize, ratio: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums = vec![0.0];
    for j in 1..=n {
        sum += ratio(j);
        sums.push(sum);
    }
    sums
}

/// Logarithms of the convolution of two sequences given by their logarithms.
fn convolve(left: &[f64], right: &[f64]) -> Vec<f64> {
    (0..left.len())
        .map(|n| {
            let terms = || (0..=n).map(|j| left[n - j] + right[j]);
            let largest = terms().fold(f64::NEG_INFINITY, f64::max);
            largest + terms().map(|term| (term - largest).exp()).sum::<f64>().ln()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!(
            (found / wanted - 1.0).abs() < 1e-9,
            "{found} is not {wanted}"
        );
    }

    /// Two users, one server, pause equal to service: p(n) is in the ratio 1 : 2 : 2, so the server works
    /// 4/5 of the time.
    #[test]
    fn two_users_by_hand() {
        close(machine_repair(1, 1.0, 1.0, 2).unwrap().throughput, 0.8);
        close(
            chains(&[vec![1.0]], &[1.0], &[2]).unwrap()[0].throughput,
            0.8,
        );
        let one = one_chain(
            &[Pool {
                servers: 1,
                service: 1.0,
            }],
            1.0,
            2,
        )
        .unwrap();
        close(one.throughput, 0.8);
        // N = X (Z + T).
        close(one.sojourn[0], 2.0 / 0.8 - 1.0);
    }

    #[test]
    fn the_three_agree_where_they_overlap() {
        for (servers, think, population) in
            [(1, 3.0, 7), (4, 0.5, 9), (30, 1.0, 60), (3, 50.0, 400)]
        {
            let closed = machine_repair(servers, 1.0, think, population).unwrap();
            let summed = one_chain(
                &[Pool {
                    servers,
                    service: 1.0,
                }],
                think,
                population,
            )
            .unwrap();
            close(closed.throughput, summed.throughput);
            close(closed.sojourn[0], summed.sojourn[0]);
        }
        let service = [0.3, 0.7, 0.2];
        let pools = service.map(|service| Pool {
            servers: 1,
            service,
        });
        let summed = one_chain(&pools, 1.5, 12).unwrap();
        // One chain of twelve is two chains of five and seven that ask for the same.
        let split = chains(&[service.to_vec(), service.to_vec()], &[1.5, 1.5], &[5, 7]).unwrap();
        close(split[0].throughput + split[1].throughput, summed.throughput);
        for (a, b) in split[1].sojourn.iter().zip(&summed.sojourn) {
            close(*a, *b);
        }
    }

    #[test]
    fn many_users_at_a_saturated_pool_get_its_capacity() {
        let found = machine_repair(10, 0.5, 1.0, 1_000_000).unwrap();
        close(found.throughput, 20.0);
        close(found.sojourn[0], 1e6 / 20.0 - 1.0);
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(machine_repair(0, 1.0, 1.0, 1).is_err());
        assert!(one_chain(&[], 0.0, 3).is_err());
        assert!(
            one_chain(
                &[Pool {
                    servers: 1,
                    service: f64::NAN
                }],
                1.0,
                3
            )
            .is_err()
        );
        assert!(chains(&[vec![1.0]], &[], &[2]).is_err());
        assert!(chains(&[vec![1.0], vec![]], &[1.0, 1.0], &[2, 2]).is_err());
        assert!(chains(&vec![vec![1.0]; 8], &[1.0; 8], &[100; 8]).is_err());
    }
}
