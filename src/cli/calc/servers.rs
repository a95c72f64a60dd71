//! Waits at one server or a pool of servers.

use clap::Args;

use super::Answer;
use crate::error::Error;
use crate::lang::Text;
use crate::queueing::OutOfRange;
use crate::queueing::multi::Pool;
use crate::queueing::single::Server;
use crate::text;
use crate::units::{Fraction, Ratio, Seconds, trimmed};

/// What every form of this file asks for.
#[derive(Debug, Args)]
struct Load {
    /// Load as a part of capacity, e.g. "70 %".
    #[arg(long)]
    load: Ratio,
    /// Mean service time, e.g. "20 ms".
    #[arg(long)]
    service: Seconds,
}

impl Load {
    /// Adds the mean wait, and the mean sojourn: wait and service together.
    fn add(&self, answer: Answer, wait: Seconds) -> Answer {
        let sojourn = Text::new(
            "平均逗留时间（等待加服务）",
            "mean time from arrival to departure",
        );
        answer
            .with(
                "mean_wait",
                Text::new("平均等待时间", "mean wait"),
                wait.0,
                "s",
            )
            .with("mean_sojourn", sojourn, (wait + self.service).0, "s")
    }
}

/// The quantiles that are asked for.
#[derive(Debug, Args)]
struct Quantiles {
    /// Quantile to give, e.g. "95 %"; repeat for more.
    #[arg(long = "quantile", default_values = ["50 %", "95 %", "99 %"])]
    quantiles: Vec<Fraction>,
}

impl Quantiles {
    /// Adds one row per quantile of what `of` gives, keyed `key_p95`.
    fn add(
        &self,
        mut answer: Answer,
        key: &str,
        name: &Text,
        of: impl Fn(f64) -> Result<Seconds, OutOfRange>,
    ) -> Result<Answer, Error> {
        for quantile in &self.quantiles {
            let percent = trimmed(quantile.0 * 100.0, 6);
            let (zh, en) = (&name.zh, &name.en);
            let row = text!("{zh} p{percent}", "{en} p{percent}");
            answer = answer.with(&format!("{key}_p{percent}"), row, of(quantile.0)?.0, "s");
        }
        Ok(answer)
    }
}

fn wait() -> Text {
    Text::new("等待时间", "wait")
}

fn sojourn() -> Text {
    Text::new("逗留时间", "time from arrival to departure")
}

#[derive(Debug, Args)]
pub(super) struct Mm1 {
    #[command(flatten)]
    load: Load,
    #[command(flatten)]
    quantiles: Quantiles,
}

impl Mm1 {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let server = Server::new(self.load.load.0, self.load.service)?;
        let wait_mean = server.mean_wait(1.0)?;
        let answer = Answer::exact(
            Text::new("M/M/1：单台服务器", "M/M/1: one server"),
            "Kleinrock 1975, vol. 1",
            Text::new(
                "泊松到达，指数服务时间，先到先服务，负载小于 1",
                "Poisson arrivals, exponential service, first come first served, load below 1",
            ),
        );
        let answer = self.load.add(answer, wait_mean);
        let answer = self
            .quantiles
            .add(answer, "wait", &wait(), |p| server.wait_quantile(p))?;
        self.quantiles.add(answer, "sojourn", &sojourn(), |p| {
            server.sojourn_quantile(p)
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Mmc {
    #[command(flatten)]
    load: Load,
    /// Number of servers.
    #[arg(long)]
    servers: u64,
    #[command(flatten)]
    quantiles: Quantiles,
}

impl Mmc {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let pool = Pool::new(self.servers, self.load.load.0, self.load.service)?;
        let answer = Answer::exact(
            Text::new("M/M/c：服务器组", "M/M/c: a pool of servers"),
            "Erlang 1917; Kleinrock 1975, vol. 1",
            Text::new(
                "泊松到达，指数服务时间，一个队列先到先服务，负载小于 1",
                "Poisson arrivals, exponential service, one queue first come first served, load below 1",
            ),
        )
        .with("waiting", Text::new("等待概率", "made to wait"), pool.waiting(), "");
        let answer = self.load.add(answer, pool.mean_wait());
        let answer = self
            .quantiles
            .add(answer, "wait", &wait(), |p| pool.wait_quantile(p))?;
        self.quantiles
            .add(answer, "sojourn", &sojourn(), |p| pool.sojourn_quantile(p))
    }
}

#[derive(Debug, Args)]
pub(super) struct Md1 {
    #[command(flatten)]
    load: Load,
    #[command(flatten)]
    quantiles: Quantiles,
}

impl Md1 {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let server = Server::new(self.load.load.0, self.load.service)?;
        let wait_mean = server.mean_wait(0.0)?;
        let answer = Answer::exact(
            Text::new(
                "M/D/1：单台服务器，固定服务时间",
                "M/D/1: one server, constant service",
            ),
            "Erlang 1909; Crommelin 1932; positive sum: Franx 2001",
            Text::new(
                "泊松到达，固定服务时间，先到先服务，负载小于 1",
                "Poisson arrivals, constant service, first come first served, load below 1",
            ),
        );
        let answer = self.load.add(answer, wait_mean);
        self.quantiles.add(answer, "wait", &wait(), |p| {
            server.deterministic_wait_quantile(p)
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Mg1 {
    #[command(flatten)]
    load: Load,
    /// Squared coefficient of variation of the service time (0 constant, 1 exponential).
    #[arg(long, required_unless_present = "lognormal_sigma")]
    service_scv: Option<f64>,
    /// Instead: lognormal service with this standard deviation of the logarithm.
    #[arg(long, conflicts_with = "service_scv")]
    lognormal_sigma: Option<f64>,
}

impl Mg1 {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let server = Server::new(self.load.load.0, self.load.service)?;
        // Of a lognormal law c² = e^{σ²} - 1.
        let scv = match (self.service_scv, self.lognormal_sigma) {
            (Some(scv), _) => scv,
            (None, sigma) => sigma.map_or(0.0, |sigma| (sigma * sigma).exp_m1()),
        };
        let wait_mean = server.mean_wait(scv)?;
        let answer = Answer::exact(
            Text::new(
                "M/G/1：单台服务器，任意服务时间",
                "M/G/1: one server, any service",
            ),
            "Pollaczek 1930; Khinchine 1932",
            Text::new(
                "泊松到达，任意服务时间分布，先到先服务，负载小于 1",
                "Poisson arrivals, any law of service, first come first served, load below 1",
            ),
        );
        let scv_name = Text::new(
            "服务时间的平方变异系数",
            "squared coefficient of variation of service",
        );
        let answer = answer.with("service_scv", scv_name, scv, "");
        Ok(self.load.add(answer, wait_mean))
    }
}

#[derive(Debug, Args)]
pub(super) struct AllenCunneen {
    #[command(flatten)]
    load: Load,
    /// Number of servers; 1 gives Kingman's form.
    #[arg(long, default_value_t = 1)]
    servers: u64,
    /// Squared coefficient of variation of the times between arrivals (1 for Poisson).
    #[arg(long)]
    arrival_scv: f64,
    /// Squared coefficient of variation of the service time (0 constant, 1 exponential).
    #[arg(long)]
    service_scv: f64,
}

impl AllenCunneen {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let pool = Pool::new(self.servers, self.load.load.0, self.load.service)?;
        let wait_mean = pool.approximate_wait(self.arrival_scv, self.service_scv)?;
        let answer = Answer::approximate(
            Text::new(
                "G/G/c：任意到达与服务（Allen-Cunneen）",
                "G/G/c: any arrivals and service (Allen-Cunneen)",
            ),
            "Allen 1990; one server: Kingman 1961",
            Text::new(
                "对 M/M/c 与 M/G/1 精确；高负载时较好，低负载多服务器时可能偏差很大",
                "exact for M/M/c and M/G/1; best at high load, can be far off at low load with many servers",
            ),
        );
        Ok(self.load.add(answer, wait_mean))
    }
}
