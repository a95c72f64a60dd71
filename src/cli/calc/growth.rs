//! Demand at a date and the date of a demand; and the quantile behind an interval.

use clap::Args;

use super::Answer;
use crate::error::Error;
use crate::lang::Text;
use crate::queueing::growth::{Growth, Reach, bass_peak};
use crate::queueing::student;
use crate::text;
use crate::units::{Fraction, Ratio, trimmed};

/// The two questions that can be asked of a growing demand.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Asked {
    /// Give the demand after this many years.
    #[arg(long)]
    at: Option<f64>,
    /// Give the years until the demand first reaches this level.
    #[arg(long)]
    level: Option<f64>,
}

impl Asked {
    fn answer(&self, growth: Growth, mut answer: Answer) -> Result<Answer, Error> {
        if let Some(years) = self.at {
            let name = text!("{years} 年后的需求", "demand after {years} years");
            answer = answer.with("value", name, growth.at(years)?, "");
        }
        if let Some(level) = self.level {
            let name = text!("达到 {level} 所需时间", "time until {level}");
            answer = match growth.reaches(level)? {
                Reach::Already => answer.with("time", name, 0.0, "years"),
                Reach::After(years) => answer.with("time", name, years, "years"),
                Reach::Never => answer.never("time", name),
            };
        }
        Ok(answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct Linear {
    /// Demand today, in any one unit.
    #[arg(long)]
    now: f64,
    /// Change per year, in the same unit.
    #[arg(long, allow_negative_numbers = true)]
    slope: f64,
    #[command(flatten)]
    asked: Asked,
}

impl Linear {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let answer = Answer::exact(
            Text::new("线性增长", "Linear growth"),
            "N(t) = N0 + s t",
            Text::new("每年增量不变", "the same change every year"),
        );
        let (now, slope) = (self.now, self.slope);
        self.asked.answer(Growth::Linear { now, slope }, answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct Exponential {
    /// Demand today, in any one unit.
    #[arg(long)]
    now: f64,
    /// Growth per year, e.g. "25 %".
    #[arg(long)]
    rate: Ratio,
    #[command(flatten)]
    asked: Asked,
}

impl Exponential {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let answer = Answer::exact(
            Text::new("指数增长", "Exponential growth"),
            "N(t) = N0 (1 + g)^t",
            Text::new(
                "每年增长比例不变，没有饱和",
                "the same part every year, no saturation",
            ),
        );
        let (now, rate) = (self.now, self.rate.0);
        self.asked.answer(Growth::Exponential { now, rate }, answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct Logistic {
    /// Demand today, in any one unit.
    #[arg(long)]
    now: f64,
    /// Saturation, in the same unit.
    #[arg(long)]
    saturation: f64,
    /// Rate of the curve per year, e.g. 0.35.
    #[arg(long)]
    rate: f64,
    #[command(flatten)]
    asked: Asked,
}

impl Logistic {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let answer = Answer::exact(
            Text::new("逻辑斯蒂增长（有饱和）", "Logistic growth (saturates)"),
            "Verhulst 1838: N(t) = K / (1 + (K/N0 - 1) e^{-rt})",
            Text::new(
                "增速与剩余空间成正比",
                "growth in proportion to the room left",
            ),
        );
        let growth = Growth::Logistic {
            now: self.now,
            saturation: self.saturation,
            rate: self.rate,
        };
        self.asked.answer(growth, answer)
    }
}

#[derive(Debug, Args)]
pub(super) struct Bass {
    /// All who will ever adopt; 1 gives the part of them.
    #[arg(long, default_value_t = 1.0)]
    market: f64,
    /// Coefficient of innovation p per year.
    #[arg(long)]
    innovation: f64,
    /// Coefficient of imitation q per year.
    #[arg(long)]
    imitation: f64,
    #[command(flatten)]
    asked: Asked,
}

impl Bass {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let peak = bass_peak(self.innovation, self.imitation)?;
        let answer = Answer::exact(
            Text::new("Bass 扩散模型", "Bass diffusion"),
            "Bass 1969",
            Text::new(
                "第 0 年无人采用，市场总量固定",
                "nobody at year 0, a fixed market",
            ),
        );
        let growth = Growth::Bass {
            market: self.market,
            innovation: self.innovation,
            imitation: self.imitation,
        };
        let answer = self.asked.answer(growth, answer)?;
        Ok(answer.with(
            "peak_time",
            Text::new("采用最快的时间", "time of fastest adoption"),
            peak,
            "years",
        ))
    }
}

#[derive(Debug, Args)]
pub(super) struct StudentT {
    /// Probability below the quantile; a two-sided 95 % interval needs "97.5 %".
    #[arg(long)]
    probability: Fraction,
    /// Degrees of freedom: one less than the batches.
    #[arg(long)]
    degrees: f64,
}

impl StudentT {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let quantile = student::quantile(self.probability.0, self.degrees)?;
        let percent = trimmed(self.probability.0 * 100.0, 6);
        let answer = Answer::exact(
            Text::new("学生 t 分布分位数", "Student's t quantile"),
            "Student 1908; inverse of the regularized incomplete beta function",
            Text::new(
                "独立、近似正态的批均值",
                "independent, near normal batch means",
            ),
        );
        Ok(answer.with(
            "quantile",
            text!("p{percent} 分位数", "p{percent} quantile"),
            quantile,
            "",
        ))
    }
}
