//! Links: sharing them, and leaving room on them.

use clap::Args;

use super::Answer;
use crate::error::Error;
use crate::lang::Text;
use crate::queueing::sharing::{SharedLink, capped_slowdown};
use crate::queueing::{link, sharing};
use crate::units::{BitRate, Bytes, Fraction, Ratio, Seconds};

#[derive(Debug, Args)]
pub(super) struct Ps {
    /// Load as a part of capacity, e.g. "70 %".
    #[arg(long)]
    load: Ratio,
    /// Mean time of a transfer that has the link to itself, e.g. "80 ms".
    #[arg(long)]
    service: Seconds,
    /// Also for a transfer that takes this long when it has the link to itself.
    #[arg(long)]
    alone: Option<Seconds>,
}

impl Ps {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let shared = SharedLink::new(self.load.0, self.service)?;
        let deviation = shared.variance().sqrt();
        let mut answer = Answer::exact(
            Text::new("处理器共享：所有传输平分链路", "Processor sharing: all transfers share equally"),
            "Kleinrock 1967; Sakata 1969; Coffman, Muntz and Trotter 1970; Ott 1984",
            Text::new(
                "泊松到达，平分带宽，负载小于 1；均值适用于任意大小分布，方差仅适用于指数分布",
                "Poisson arrivals, equal shares, load below 1; means for any law of sizes, variances for exponential sizes",
            ),
        )
        .with("slowdown", Text::new("平均变慢倍数", "mean slowdown"), shared.slowdown(), "")
        .with("mean", Text::new("平均传输时间", "mean time"), shared.mean().0, "s")
        .with("variance", Text::new("传输时间方差", "variance of the time"), shared.variance(), "s²")
        .with("deviation", Text::new("传输时间标准差", "standard deviation"), deviation, "s");
        if let Some(alone) = self.alone {
            let variance = shared.variance_given(alone)?;
            let mean = Text::new("该大小的平均传输时间", "mean time for that size");
            let spread = Text::new("该大小的传输时间方差", "variance for that size");
            let deviation = Text::new("该大小的传输时间标准差", "standard deviation for that size");
            answer = answer
                .with("mean_given", mean, shared.mean_given(alone)?.0, "s")
                .with("variance_given", spread, variance, "s²")
                .with("deviation_given", deviation, variance.sqrt(), "s");
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct MgrPs {
    /// Capacity of the link, e.g. "500 Mbit/s".
    #[arg(long)]
    capacity: BitRate,
    /// Greatest rate of one transfer, e.g. "10 Mbit/s".
    #[arg(long)]
    cap: BitRate,
    /// Load as a part of capacity, e.g. "90 %".
    #[arg(long)]
    load: Ratio,
    /// Also the mean time of a transfer of this size.
    #[arg(long)]
    size: Option<Bytes>,
}

impl MgrPs {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let sharers = sharing::sharers(self.capacity, self.cap)?;
        let cap = self.cap.min(self.capacity);
        let slowdown = capped_slowdown(sharers, self.load.0)?;
        let answer = Answer::exact(
            Text::new(
                "M/G/R-PS：有单用户上限的共享链路",
                "M/G/R-PS: shared link with a per-user cap",
            ),
            "Lindberger 1999; Riedl et al. 2000",
            Text::new(
                "泊松到达，上限相同，负载小于 1；容量不是上限的整数倍时为近似",
                "Poisson arrivals, equal caps, load below 1; an approximation where the capacity is no whole multiple of the cap",
            ),
        );
        let mut answer = Answer {
            approximate: sharers.fract() != 0.0,
            ..answer
        }
        .with(
            "sharers",
            Text::new("容量与上限之比 R", "capacity over cap, R"),
            sharers,
            "",
        )
        .with(
            "slowdown",
            Text::new("时延因子 f_R", "delay factor f_R"),
            slowdown,
            "",
        );
        if let Some(size) = self.size {
            let mean = Text::new("该大小的平均传输时间", "mean time for that size");
            answer = answer.with("mean_given", mean, (size / cap).0 * slowdown, "s");
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct GaussianLink {
    /// Mean rate, e.g. "286 Mbit/s".
    #[arg(long)]
    mean: BitRate,
    /// Allowed chance that the averaged rate exceeds the capacity, e.g. "1 %".
    #[arg(long)]
    overflow: Fraction,
    /// Standard deviation of the rate over the averaging time that matters, e.g. "30 Mbit/s".
    #[arg(long, required_unless_present = "size")]
    deviation: Option<BitRate>,
    /// Instead of the deviation: mean size of one transfer, e.g. "2 MB".
    #[arg(long, conflicts_with = "deviation", requires_all = ["each", "window"])]
    size: Option<Bytes>,
    /// Coefficient of variation of that size (lognormal).
    #[arg(long, default_value_t = 1.0)]
    size_cv: f64,
    /// Rate of one transfer while it lasts, e.g. "20 Mbit/s".
    #[arg(long, requires = "size")]
    each: Option<BitRate>,
    /// Averaging time, e.g. "1 s".
    #[arg(long, requires = "size")]
    window: Option<Seconds>,
}

impl GaussianLink {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let deviation = match (self.deviation, self.size, self.each, self.window) {
            (Some(deviation), ..) => deviation,
            (None, Some(size), Some(each), Some(window)) => link::Transfers {
                mean: self.mean,
                size,
                cv: self.size_cv,
                each,
            }
            .deviation(window)?,
            // clap lets no other combination through.
            _ => BitRate::ZERO,
        };
        let need = link::gaussian(self.mean, deviation, self.overflow)?;
        let answer = Answer::approximate(
            Text::new(
                "高斯链路：为波动留余量的容量",
                "Gaussian link: capacity that leaves room for fluctuation",
            ),
            "van den Berg, Mandjes and Pras 2006; deviation from sizes: Campbell's theorem",
            Text::new(
                "大量独立用户叠加，该时间尺度上速率接近正态",
                "many independent users add up, the rate over that time is near normal",
            ),
        );
        let room = need.0 / self.mean.0.max(f64::MIN_POSITIVE) - 1.0;
        let answer = answer
            .with(
                "deviation",
                Text::new("速率标准差", "standard deviation"),
                deviation.0,
                "bit/s",
            )
            .with(
                "capacity",
                Text::new("所需容量", "capacity needed"),
                need.0,
                "bit/s",
            );
        Ok(match self.mean.0 > 0.0 {
            true => answer.with(
                "room",
                Text::new("相对均值的余量", "room over the mean"),
                room,
                "",
            ),
            false => answer,
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Norros {
    /// Mean rate, e.g. "286 Mbit/s".
    #[arg(long)]
    mean: BitRate,
    /// Variance of the amount in one second divided by the mean rate, e.g. "187.5 kB".
    #[arg(long)]
    variance_coefficient: Bytes,
    /// Hurst parameter: 0.5 without memory, to below 1.
    #[arg(long)]
    hurst: f64,
    /// Buffer in front of the link, e.g. "3 MB".
    #[arg(long)]
    buffer: Bytes,
    /// Allowed chance that the buffer overflows, e.g. "0.1 %".
    #[arg(long)]
    overflow: Fraction,
}

impl Norros {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let traffic = link::FractionalTraffic {
            mean: self.mean,
            variance: self.variance_coefficient,
            hurst: self.hurst,
        };
        let need = traffic.norros(self.buffer, self.overflow)?;
        let answer = Answer::approximate(
            Text::new(
                "Norros：自相似流量所需容量",
                "Norros: capacity for self-similar traffic",
            ),
            "Norros 1994",
            Text::new(
                "分数布朗流量，缓冲区较大",
                "fractional Brownian traffic, large buffer",
            ),
        );
        Ok(answer.with(
            "capacity",
            Text::new("所需容量", "capacity needed"),
            need.0,
            "bit/s",
        ))
    }
}
