//! Sessions that are refused, made to wait or dropped.

use clap::Args;

use super::Answer;
use crate::error::Error;
use crate::lang::Text;
use crate::queueing::{erlang, finite, keep_alive};
use crate::text;
use crate::units::{Fraction, Seconds, UnitError};

#[derive(Debug, Args)]
pub(super) struct ErlangB {
    /// Offered load in erlangs: sessions that would run if none were refused.
    #[arg(long)]
    erlangs: f64,
    /// Number of servers (session slots), whole or not.
    #[arg(long, required_unless_present = "target")]
    servers: Option<f64>,
    /// Find the fewest servers that refuse at most this part, e.g. "0.1 %".
    #[arg(long)]
    target: Option<Fraction>,
}

impl ErlangB {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let mut answer = Answer::exact(
            Text::new(
                "Erlang B：无等待时的呼损",
                "Erlang B: refused when nobody waits",
            ),
            "Erlang 1917; ITU-T E.500 series; fractional servers: Jagerman 1974",
            Text::new(
                "泊松到达，任意会话时长分布，被拒者不重试",
                "Poisson arrivals, any law of session length, no retry",
            ),
        );
        if let Some(servers) = self.servers {
            let refused = erlang::blocking(self.erlangs, servers)?;
            let carried = self.erlangs * (1.0 - refused);
            answer = answer
                .with("blocking", Text::new("呼损率", "refused"), refused, "")
                .with(
                    "carried",
                    Text::new("承载话务量", "carried load"),
                    carried,
                    "erl",
                );
        }
        if let Some(target) = self.target {
            let servers = erlang::servers_for_blocking(self.erlangs, target.0)? as f64;
            let reached = erlang::blocking(self.erlangs, servers)?;
            answer = answer
                .with(
                    "servers",
                    text!(
                        "呼损不超过 {target} 的最少会话数",
                        "fewest servers for at most {target}"
                    ),
                    servers,
                    "",
                )
                .with(
                    "blocking_at_servers",
                    Text::new("此时呼损率", "refused then"),
                    reached,
                    "",
                );
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct ErlangC {
    /// Offered load in erlangs: servers busy in the mean.
    #[arg(long)]
    erlangs: f64,
    /// Number of servers, whole or not.
    #[arg(long, required_unless_present = "target")]
    servers: Option<f64>,
    /// Find the fewest servers at which at most this part waits, e.g. "5 %".
    #[arg(long)]
    target: Option<Fraction>,
}

impl ErlangC {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let mut answer = Answer::exact(
            Text::new(
                "Erlang C：需要等待的概率",
                "Erlang C: made to wait when nobody is refused",
            ),
            "Erlang 1917",
            Text::new(
                "泊松到达，指数服务时间，无人放弃，话务量小于服务台数",
                "Poisson arrivals, exponential service, nobody gives up, erlangs below servers",
            ),
        );
        let name = Text::new("等待概率", "made to wait");
        if let Some(servers) = self.servers {
            let waits = erlang::waiting(self.erlangs, servers)?;
            answer = answer.with("waiting", name.clone(), waits, "");
        }
        if let Some(target) = self.target {
            let servers = erlang::servers_for_waiting(self.erlangs, target.0)? as f64;
            let fewest = text!(
                "等待概率不超过 {target} 的最少服务台数",
                "fewest servers for at most {target}"
            );
            let reached = erlang::waiting(self.erlangs, servers)?;
            answer = answer.with("servers", fewest, servers, "").with(
                "waiting_at_servers",
                name,
                reached,
                "",
            );
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct Engset {
    /// Number of users who may ask for a session.
    #[arg(long)]
    users: u64,
    /// Number of session slots.
    #[arg(long)]
    servers: u64,
    /// Load that one user offers while without a session, in erlangs (request rate times session length).
    #[arg(long)]
    idle_erlangs: f64,
}

impl Engset {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let found = finite::engset(self.users, self.servers, self.idle_erlangs)?;
        let answer = Answer::exact(
            Text::new(
                "Engset：有限用户的呼损",
                "Engset: refused among a finite number of users",
            ),
            "Engset 1918; Iversen, Teletraffic Engineering, ch. 5",
            Text::new(
                "用户相互独立，时长分布任意",
                "independent users, any law of lengths",
            ),
        );
        Ok(answer
            .with(
                "time_congestion",
                Text::new("占满的时间比例", "part of the time that all is taken"),
                found.time_congestion,
                "",
            )
            .with(
                "call_congestion",
                Text::new("请求被拒比例", "part of the requests refused"),
                found.call_congestion,
                "",
            )
            .with(
                "carried",
                Text::new("承载话务量", "carried load"),
                found.carried,
                "erl",
            ))
    }
}

#[derive(Debug, Args)]
pub(super) struct KaufmanRoberts {
    /// Capacity in units.
    #[arg(long)]
    units: usize,
    /// One class as ERLANGSxUNITS, e.g. 5x1; repeat for more.
    #[arg(long = "class", required = true, value_parser = class)]
    classes: Vec<finite::Calls>,
}

fn class(text: &str) -> Result<finite::Calls, UnitError> {
    let wrong = || UnitError {
        code: "wrong-unit",
        message: text!("\"{text}\" 不是一类会话", "\"{text}\" is not a class"),
        allowed: Text::new(
            "应写成 话务量x单位数，例如 5x1",
            "write ERLANGSxUNITS, for example 5x1",
        ),
    };
    let (erlangs, units) = text.split_once('x').ok_or_else(wrong)?;
    Ok(finite::Calls {
        erlangs: erlangs.trim().parse().map_err(|_| wrong())?,
        units: units.trim().parse().map_err(|_| wrong())?,
    })
}

impl KaufmanRoberts {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let refused = finite::kaufman_roberts(self.units, &self.classes)?;
        let mut answer = Answer::exact(
            Text::new(
                "Kaufman-Roberts：多种会话共享容量时的呼损",
                "Kaufman-Roberts: refused when sessions of several sizes share",
            ),
            "Kaufman 1981; Roberts 1981",
            Text::new(
                "泊松到达，时长分布任意，完全共享",
                "Poisson arrivals, any law of length, complete sharing",
            ),
        );
        for (at, (class, refused)) in self.classes.iter().zip(refused).enumerate() {
            let (number, erlangs, units) = (at + 1, class.erlangs, class.units);
            let name = text!(
                "第 {number} 类（{erlangs} erl，每次 {units} 单位）呼损",
                "class {number} ({erlangs} erl, {units} units each) refused"
            );
            answer = answer.with(&format!("blocking_{number}"), name, refused, "");
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct KeepAlive {
    /// Time between two keep-alives, e.g. 10s.
    #[arg(long)]
    every: Seconds,
    /// Keep-alives lost in a row that end the session.
    #[arg(long)]
    lost: u32,
    /// Packets lost in the long run, one way, e.g. "0.4 %".
    #[arg(long)]
    loss: Fraction,
    /// The losses come in bursts of this mean length, e.g. 20s.
    #[arg(long)]
    burst: Option<Seconds>,
    /// Packets lost in a burst, one way.
    #[arg(long, default_value = "100 %", requires = "burst")]
    burst_loss: Fraction,
}

impl KeepAlive {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let watch = keep_alive::KeepAlive::new(self.every, self.lost)?;
        let mut answer = Answer::exact(
            Text::new(
                "保活丢失：已建立的会话被断开的频度",
                "Lost keep-alives: how often an established session is dropped",
            ),
            "Gilbert 1960; Elliott 1963; runs: Feller 1968, XIII.7",
            Text::new(
                "请求或应答丢失即算丢一次；好段不丢包，好坏段时长为指数分布；往返时间远小于间隔",
                "a keep-alive is lost with its request or its answer; good stretches lose nothing, both kinds are exponential; round trips far shorter than the interval",
            ),
        );
        if let Some(length) = self.burst {
            let drops = watch.in_bursts(self.loss, length, self.burst_loss)?;
            let name = Text::new("突发丢包：断线", "losses in bursts: dropped");
            answer = answer.with("drops", name, drops, "1/h");
            let between = Text::new(
                "突发丢包：平均多久断一次",
                "losses in bursts: mean time to a drop",
            );
            answer = timed(answer, "time", between, drops);
            let bad = self.loss.0 / self.burst_loss.0;
            let name = Text::new("坏段所占时间", "bad part of the time");
            answer = answer.with("bad", name, bad, "");
            let name = Text::new("每小时坏段数", "bad stretches an hour");
            answer = answer.with("stretches", name, 3600.0 * bad / length.0, "1/h");
        }
        let drops = watch.singly(self.loss)?;
        let name = Text::new(
            "同样丢包率、单个丢包：断线",
            "the same loss, single packets: dropped",
        );
        answer = answer.with("drops_single", name, drops, "1/h");
        let between = Text::new(
            "单个丢包：平均多久断一次",
            "single packets: mean time to a drop",
        );
        Ok(timed(answer, "time_single", between, drops))
    }
}

/// Adds the mean time between events that happen so often an hour.
fn timed(answer: Answer, key: &str, name: Text, an_hour: f64) -> Answer {
    match 3600.0 / an_hour {
        seconds if seconds.is_finite() => answer.with(key, name, seconds, "s"),
        _ => answer.never(key, name),
    }
}
