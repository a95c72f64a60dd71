//! A pool of equal servers behind one queue: M/M/c, and G/G/c approximately.

use super::OutOfRange;
use super::erlang;
use super::range::{between, inside, not_negative, positive, stable};
use crate::units::Seconds;

const PROBABILITY: (&str, &str) = ("分位概率", "the probability of the quantile");

/// `servers` servers, each with mean service time `service`, at load `load` of the whole pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    servers: f64,
    load: f64,
    service: f64,
    /// Chance to wait.
    waits: f64,
}

impl Pool {
    /// `servers` from 1 to a million, `load` from 0 to below 1, `service` above 0.
    pub fn new(servers: u64, load: f64, service: Seconds) -> Result<Pool, OutOfRange> {
        let servers = between(
            ("服务台数", "the number of servers"),
            servers as f64,
            1.0,
            1e6,
        )?;
        let load = stable(load)?;
        Ok(Pool {
            servers,
            load,
            service: positive(("服务时间（s）", "the service time in seconds"), service.0)?,
            waits: erlang::waiting(servers * load, servers)?,
        })
    }

    /// M/M/c: chance that an arrival must wait (Erlang C).
    pub fn waiting(&self) -> f64 {
        self.waits
    }

    /// M/M/c mean wait: `C s / (c(1-ρ))` (Kleinrock 1975, vol. 1).
    pub fn mean_wait(&self) -> Seconds {
        Seconds(self.waits / self.drain())
    }

    /// M/M/c mean time from arrival to departure.
    pub fn mean_sojourn(&self) -> Seconds {
        Seconds(self.mean_wait().0 + self.service)
    }

    /// M/M/c, first come first served: `P(W > t) = C e^{-c(1-ρ)t/s}`; 0 when most do not wait.
    pub fn wait_quantile(&self, p: f64) -> Result<Seconds, OutOfRange> {
        let above = 1.0 - inside(PROBABILITY, p)?;
        Ok(Seconds(((self.waits / above).ln() / self.drain()).max(0.0)))
    }

    /// M/M/c, first come first served: the time `t` with `P(T ≤ t) = p`. `P(T > t)` is that of a
    /// service plus an independent wait: `e^{-μt} + C μ (e^{-μt} - e^{-dt})/(d - μ)`, `d = c(1-ρ)μ`.
    pub fn sojourn_quantile(&self, p: f64) -> Result<Seconds, OutOfRange> {
        let above = 1.0 - inside(PROBABILITY, p)?;
        let (mut low, mut high) = (0.0, self.service);
        while self.sojourn_above(high) > above {
            high *= 2.0;
        }
        while high - low > 2.0 * f64::EPSILON * high {
            let middle = (low + high) / 2.0;
            if self.sojourn_above(middle) > above {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Seconds(high))
    }

    fn sojourn_above(&self, t: f64) -> f64 {
        let (mu, drain) = (1.0 / self.service, self.drain());
        let gap = (drain - mu).abs();
        // (1 - e^{-gap t})/gap is t at gap 0.
        let spread = if gap * t < 1e-12 {
            t
        } else {
            -(-gap * t).exp_m1() / gap
        };
        // The slower of the two decays stands outside: at loads near 1 the faster one underflows long
        // before the sum does.
        (-mu * t).exp() + self.waits * mu * (-mu.min(drain) * t).exp() * spread
    }

    /// Rate at which the queue of a busy pool shrinks, per second.
    fn drain(&self) -> f64 {
        self.servers * (1.0 - self.load) / self.service
    }

    /// G/G/c mean wait, **approximate**: the M/M/c wait times `(cₐ² + cₛ²)/2`, the squared coefficients
    /// of variation of the times between arrivals and of service (Allen 1990 after Cunneen). With one
    /// server it is Kingman's heavy-traffic form `ρ/(1-ρ) · s(cₐ² + cₛ²)/2` (1961). Exact for M/M/c and
    /// M/G/1, best at high load; low loads with many servers can be far off.
    pub fn approximate_wait(
        &self,
        arrival_scv: f64,
        service_scv: f64,
    ) -> Result<Seconds, OutOfRange> {
        not_negative(
            (
                "到达间隔的平方变异系数",
                "the squared variation of arrivals",
            ),
            arrival_scv,
        )?;
        not_negative(
            ("服务时间的平方变异系数", "the squared variation of service"),
            service_scv,
        )?;
        Ok(Seconds(
            self.mean_wait().0 * (arrival_scv + service_scv) / 2.0,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::single::Server;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        let pool = Pool::new(10, 0.8, Seconds(1.0)).unwrap();
        assert!((pool.mean_wait().0 / 0.20459007539822177 - 1.0).abs() < 1e-12);
        assert!((pool.wait_quantile(0.95).unwrap().0 / 1.0510662600663684 - 1.0).abs() < 1e-12);
        let pool = Pool::new(50, 0.9, Seconds(1.0)).unwrap();
        assert!((pool.mean_wait().0 / 0.07277289344139768 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_tail_far_beyond_the_service_keeps_its_digits() {
        // One server: P(T > t) = e^{-(1-ρ)μt}; here μt is 800 and e^{-800} is no number any more.
        let pool = Pool::new(1, 0.9984, Seconds(1.0)).unwrap();
        let exact = (-0.0016f64 * 800.0).exp();
        assert!((pool.sojourn_above(800.0) / exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(Pool::new(0, 0.5, Seconds(1.0)).is_err());
        assert!(Pool::new(3, 1.0, Seconds(1.0)).is_err());
        let pool = Pool::new(3, 0.5, Seconds(1.0)).unwrap();
        assert!(pool.wait_quantile(0.0).is_err());
        assert!(pool.approximate_wait(1.0, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn one_server_is_mm1(load in 0.0..0.999f64, p in 0.01..0.9999f64) {
            let pool = Pool::new(1, load, Seconds(0.3))?;
            let server = Server::new(load, Seconds(0.3))?;
            let close = |a: Seconds, b: Seconds| (a.0 - b.0).abs() <= 1e-9 * (a.0 + b.0) + 1e-15;
            prop_assert!(close(pool.mean_wait(), server.mean_wait(1.0)?));
            prop_assert!(close(pool.wait_quantile(p)?, server.wait_quantile(p)?));
            prop_assert!(close(pool.sojourn_quantile(p)?, server.sojourn_quantile(p)?));
            prop_assert!(close(pool.approximate_wait(1.0, 3.0)?, server.mean_wait(3.0)?));
        }

        #[test]
        fn the_sojourn_tail_integrates_to_its_mean(servers in 2u64..40, load in 0.1..0.95f64) {
            let pool = Pool::new(servers, load, Seconds(1.0))?;
            let (steps, end) = (20_000, 40.0 * pool.mean_sojourn().0.max(1.0 / pool.drain()));
            let width = end / f64::from(steps);
            let mut sum = 0.0;
            for i in 0..=steps {
                let weight = if i == 0 || i == steps { 1.0 } else if i % 2 == 1 { 4.0 } else { 2.0 };
                sum += weight * pool.sojourn_above(f64::from(i) * width);
            }
            let mean = sum * width / 3.0;
            prop_assert!((mean / pool.mean_sojourn().0 - 1.0).abs() < 1e-6, "{mean}");
        }
    }
}
