//! One server, first come first served: M/M/1, M/D/1 and the mean of M/G/1.

use super::OutOfRange;
use super::range::{inside, not_negative, positive, stable};
use crate::units::Seconds;

const SERVICE: (&str, &str) = ("服务时间（s）", "the service time in seconds");
const PROBABILITY: (&str, &str) = ("分位概率", "the probability of the quantile");

/// A single server whose mean service time is `service` at load `load`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Server {
    load: f64,
    service: f64,
}

impl Server {
    /// `load` from 0 to below 1; `service` above 0.
    pub fn new(load: f64, service: Seconds) -> Result<Server, OutOfRange> {
        Ok(Server {
            load: stable(load)?,
            service: positive(SERVICE, service.0)?,
        })
    }

    /// M/G/1 mean wait: `ρ/(1-ρ) · s(1 + c²)/2` with `c²` the squared coefficient of variation of the
    /// service time (Pollaczek 1930, Khinchine 1932). Poisson arrivals, any service law. M/M/1 is
    /// `c² = 1`, M/D/1 is `c² = 0`.
    pub fn mean_wait(&self, scv: f64) -> Result<Seconds, OutOfRange> {
        not_negative(
            (
                "服务时间的平方变异系数",
                "the squared coefficient of variation",
            ),
            scv,
        )?;
        Ok(Seconds(
            self.load / (1.0 - self.load) * self.service * (1.0 + scv) / 2.0,
        ))
    }

    /// M/M/1: the time `t` from arrival to departure with `P(T ≤ t) = p`, `P(T > t) = e^{-(1-ρ)t/s}`
    /// (Kleinrock 1975, vol. 1).
    pub fn sojourn_quantile(&self, p: f64) -> Result<Seconds, OutOfRange> {
        let p = inside(PROBABILITY, p)?;
        Ok(Seconds(-(-p).ln_1p() * self.service / (1.0 - self.load)))
    }

    /// M/M/1: the wait with `P(W ≤ t) = p`, `P(W > t) = ρ e^{-(1-ρ)t/s}`; 0 when most do not wait.
    pub fn wait_quantile(&self, p: f64) -> Result<Seconds, OutOfRange> {
        let p = inside(PROBABILITY, p)?;
        let wait = (self.load / (1.0 - p)).ln() * self.service / (1.0 - self.load);
        Ok(Seconds(wait.max(0.0)))
    }

    /// M/D/1: the chance to wait longer than `t`, good in the far tail too.
    ///
    /// Crommelin's alternating sum (1932) loses all digits past `t ≈ 20 s`. The same law is a sum of
    /// positive terms over the queue-length law (Franx 2001): with `(k-1)s ≤ t < ks`, `u = k - t/s`,
    /// `P(W > t) = Σ_{j<k} S(k-j-1) e^{-ρu}(ρu)^j/j! + P(Poisson(ρu) ≥ k)`, where `S(m)` is the chance
    /// of more than `m` waiting. From 30 service times on the one slowest exponential is left:
    /// `(1-ρ)/(ρe^η - 1) e^{-ηt/s}`, `ρ(e^η - 1) = η` (Cramér-Lundberg).
    pub fn deterministic_wait_above(&self, t: Seconds) -> Result<f64, OutOfRange> {
        let t = not_negative(("等待时间（s）", "the wait in seconds"), t.0)?;
        let t = t / self.service;
        // Nobody waits with more than chance ρ.
        if self.load < 1e-100 {
            return Ok(0.0);
        }
        Ok(if t >= ONE_EXPONENTIAL_FROM {
            let (rate, height) = slowest_exponential(self.load);
            height * (-rate * t).exp()
        } else {
            Waiting::new(self.load).above(t)
        })
    }

    /// M/D/1: the wait with `P(W ≤ t) = p`; 0 when most do not wait.
    pub fn deterministic_wait_quantile(&self, p: f64) -> Result<Seconds, OutOfRange> {
        let above = 1.0 - inside(PROBABILITY, p)?;
        if self.load <= above {
            return Ok(Seconds::ZERO);
        }
        let (rate, height) = slowest_exponential(self.load);
        let far = (height / above).ln() / rate;
        if far >= ONE_EXPONENTIAL_FROM {
            return Ok(Seconds(far * self.service));
        }
        let waiting = Waiting::new(self.load);
        let (mut low, mut high) = (0.0, ONE_EXPONENTIAL_FROM + 1.0);
        while high - low > f64::EPSILON * high {
            let middle = (low + high) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if waiting.above(middle) > above {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Seconds(high * self.service))
    }
}

/// In service times: past here the other exponentials of the M/D/1 wait are below 1e-11 of the first
/// wherever the whole is above 1e-16 (tested against the sum below).
const ONE_EXPONENTIAL_FROM: f64 = 30.0;

/// The number waiting in M/D/1, as tails.
struct Waiting {
    load: f64,
    /// `tails[m]`: chance of more than `m` waiting.
    tails: Vec<f64>,
}

impl Waiting {
    /// The law of the number in system by Ramaswami's recursion (1988), all terms positive:
    /// `p(n) = (p(0) ā(n) + Σ_{j=1}^{n-1} p(j) ā(n+1-j)) / a(0)`, `ā(k)` the chance of `k` or more
    /// Poisson arrivals in one service.
    fn new(load: f64) -> Waiting {
        /// The tail of the Poisson law of mean below 1 is under 1e-60 from here.
        const ARRIVALS: usize = 48;
        let states = ONE_EXPONENTIAL_FROM as usize + 4;
        let at_least: Vec<f64> = (0..ARRIVALS).map(|k| poisson_tail(load, k)).collect();
        let none = (-load).exp();
        let mut law = vec![1.0 - load];
        for n in 1..states {
            let jump = |k: usize| at_least.get(k).copied().unwrap_or(0.0);
            let earlier: f64 = (1..n).map(|j| law[j] * jump(n + 1 - j)).sum();
            law.push((law[0] * jump(n) + earlier) / none);
        }
        // Summed from the far end, so that small tails keep their digits. Beyond the last state the law
        // is geometric (one exponential is left).
        let (rate, _) = slowest_exponential(load);
        let mut above = law[states - 1] / rate.exp_m1();
        let mut tails = vec![above];
        for &here in law[2..].iter().rev() {
            above += here;
            tails.push(above);
        }
        // `m` waiting are `m + 1` in the system: the last pushed is P(N > 1), nobody waiting or less.
        tails.reverse();
        Waiting { load, tails }
    }

    fn above(&self, t: f64) -> f64 {
        let k = t.floor() as usize + 1;
        let mean = self.load * (k as f64 - t);
        let mut term = (-mean).exp();
        let mut sum = 0.0;
        for j in 0..k {
            sum += term * self.tails.get(k - j - 1).copied().unwrap_or(0.0);
            term *= mean / (j + 1) as f64;
        }
        sum + poisson_tail(mean, k)
    }
}

/// `P(Poisson(mean) ≥ k)` for small means, from the largest term down.
fn poisson_tail(mean: f64, k: usize) -> f64 {
    let mut term = (-mean).exp();
    for n in 1..=k {
        term *= mean / n as f64;
    }
    let (mut sum, mut n) = (0.0, k);
    while term > sum * f64::EPSILON {
        sum += term;
        n += 1;
        term *= mean / n as f64;
    }
    sum
}

/// Rate `η` (per service time) and height of the slowest exponential of the M/D/1 wait, `0 < ρ < 1`.
fn slowest_exponential(load: f64) -> (f64, f64) {
    // ρ(e^η - 1) - η is convex, 0 at 0 and negative until the root: Newton from the right of the root
    // falls onto it. Both starts are right of it: the first by 1 + η + η²/2 ≤ e^η, the second by its
    // square of 1/ρ; the smaller keeps e^η finite.
    let mut rate = (2.0 * (1.0 - load) / load).min(4.0 - 2.0 * load.ln());
    for _ in 0..200 {
        let next = rate - (load * rate.exp_m1() - rate) / (load * rate.exp() - 1.0);
        if (next - rate).abs() <= 4.0 * f64::EPSILON * rate {
            break;
        }
        rate = next;
    }
    (rate, (1.0 - load) / (rate - (1.0 - load)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Crommelin's alternating sum, good for small `t` only.
    fn crommelin(load: f64, t: f64) -> f64 {
        let mut sum = 0.0;
        for k in 0..=t.floor() as i32 {
            let x = load * (t - f64::from(k));
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            let factorial: f64 = (1..=k).map(f64::from).product();
            sum += sign * x.powi(k) / factorial * x.exp();
        }
        1.0 - (1.0 - load) * sum
    }

    #[test]
    fn the_positive_sum_is_the_alternating_sum_where_both_hold() {
        for load in [0.05, 0.3, 0.7, 0.95] {
            let server = Server::new(load, Seconds(1.0)).unwrap();
            for t in [0.0, 0.25, 1.0, 1.75, 3.0, 5.5] {
                let found = server.deterministic_wait_above(Seconds(t)).unwrap();
                assert!(
                    (found - crommelin(load, t)).abs() < 1e-11,
                    "{load} {t} {found}"
                );
            }
        }
    }

    #[test]
    fn the_one_exponential_meets_the_sum_where_it_takes_over() {
        for load in [0.35, 0.5, 0.7, 0.9, 0.999] {
            let sum = Waiting::new(load).above(ONE_EXPONENTIAL_FROM);
            let (rate, height) = slowest_exponential(load);
            let tail = height * (-rate * ONE_EXPONENTIAL_FROM).exp();
            assert!((sum / tail - 1.0).abs() < 1e-10, "{load}: {sum} {tail}");
        }
    }

    #[test]
    fn most_who_do_not_wait_have_quantile_zero() {
        let server = Server::new(0.4, Seconds(1.0)).unwrap();
        assert_eq!(server.wait_quantile(0.5), Ok(Seconds(0.0)));
        assert_eq!(server.deterministic_wait_quantile(0.6), Ok(Seconds(0.0)));
        let idle = Server::new(0.0, Seconds(1.0)).unwrap();
        assert_eq!(idle.deterministic_wait_quantile(0.999), Ok(Seconds(0.0)));
        assert_eq!(idle.wait_quantile(0.999), Ok(Seconds(0.0)));
        assert_eq!(idle.deterministic_wait_above(Seconds(3.0)), Ok(0.0));
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert_eq!(
            Server::new(1.0, Seconds(1.0)),
            Err(OutOfRange::Overload { load: 1.0 })
        );
        assert!(Server::new(0.5, Seconds(0.0)).is_err());
        assert!(Server::new(f64::NAN, Seconds(1.0)).is_err());
        let server = Server::new(0.5, Seconds(1.0)).unwrap();
        assert!(server.sojourn_quantile(1.0).is_err());
        assert!(server.mean_wait(-0.1).is_err());
    }

    proptest! {
        #[test]
        fn the_quantile_is_the_inverse_of_the_tail(load in 0.02..0.9999f64, p in 0.01..0.999999f64) {
            let server = Server::new(load, Seconds(0.02))?;
            let wait = server.deterministic_wait_quantile(p)?;
            let above = server.deterministic_wait_above(wait)?;
            if wait > Seconds::ZERO {
                prop_assert!((above / (1.0 - p) - 1.0).abs() < 1e-9, "{above}");
            } else {
                prop_assert!(above <= 1.0 - p + 1e-15);
            }
        }

        #[test]
        fn the_tail_of_the_wait_integrates_to_its_mean(load in 0.05..0.8f64) {
            let server = Server::new(load, Seconds(1.0))?;
            // Simpson inside each service time: the law has a kink at each whole number.
            let steps = 64;
            let mut sum = 0.0;
            for k in 0..200 {
                for i in 0..=steps {
                    let weight = match i { 0 => 1.0, i if i == steps => 1.0, i if i % 2 == 1 => 4.0, _ => 2.0 };
                    // Just inside the right end of the piece.
                    let x = f64::from(k) + (f64::from(i) / f64::from(steps)).min(1.0 - 1e-12);
                    sum += weight * server.deterministic_wait_above(Seconds(x))?;
                }
            }
            let mean = sum / (3.0 * f64::from(steps));
            prop_assert!((mean / server.mean_wait(0.0)?.0 - 1.0).abs() < 1e-7, "{mean}");
        }
    }
}
