//! `hopcast calc`: one closed form at a time, with its source and where it holds.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use crate::error::Error;
use crate::lang::{Lang, Text, pad_left, pad_right, width};

mod growth;
mod link;
mod servers;
mod sessions;
mod tcp;

/// Arguments of `hopcast calc`.
#[derive(Debug, Args)]
pub(super) struct CalcArgs {
    #[command(subcommand)]
    form: Form,
    /// Print data instead of a table (schema hopcast.calc/1; times in s, rates in bit/s).
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Form {
    /// Sessions refused when nobody waits, or the slots for a target (VPN licences).
    ErlangB(sessions::ErlangB),
    /// Chance to wait when nobody is refused, or the servers for a target.
    ErlangC(sessions::ErlangC),
    /// Sessions refused to a finite number of users.
    Engset(sessions::Engset),
    /// Refusals per class when sessions of several sizes share one capacity.
    KaufmanRoberts(sessions::KaufmanRoberts),
    /// Sessions dropped by lost keep-alives, with losses single and in bursts (VPN on an idle line).
    KeepAlive(sessions::KeepAlive),
    /// One server, exponential service: times and their quantiles.
    Mm1(servers::Mm1),
    /// A pool of servers, exponential service: times and their quantiles.
    Mmc(servers::Mmc),
    /// One server, constant service: waits and their quantiles.
    Md1(servers::Md1),
    /// One server, any service: the mean wait.
    Mg1(servers::Mg1),
    /// A pool of servers, any arrivals and service, approximately (Kingman's form for one server).
    AllenCunneen(servers::AllenCunneen),
    /// One link shared equally: how much longer than alone.
    Ps(link::Ps),
    /// The same where each transfer has a greatest rate of its own.
    MgrPs(link::MgrPs),
    /// TCP rate under light random loss (Reno).
    Mathis(tcp::Mathis),
    /// TCP rate under loss, with timeouts (Reno).
    Pftk(tcp::Pftk),
    /// TCP rate under loss (CUBIC).
    Cubic(tcp::Cubic),
    /// TCP rate that the receive window allows.
    Window(tcp::Window),
    /// Capacity that leaves room for fluctuation.
    GaussianLink(link::GaussianLink),
    /// Capacity for self-similar traffic and a buffer.
    Norros(link::Norros),
    /// Demand that grows by the same amount every year.
    Linear(growth::Linear),
    /// Demand that grows by the same part every year.
    Exponential(growth::Exponential),
    /// Demand that grows to a saturation.
    Logistic(growth::Logistic),
    /// Adoption by own choice and by imitation.
    Bass(growth::Bass),
    /// Quantile of Student's t, for the interval of a few batches.
    StudentT(growth::StudentT),
}

/// A closed form's answer.
struct Answer {
    title: Text,
    source: &'static str,
    holds: Text,
    /// It is close, not exact, even where it holds.
    approximate: bool,
    results: Vec<Quantity>,
}

/// One number of an answer.
struct Quantity {
    key: String,
    name: Text,
    unit: &'static str,
    /// `None` is "never".
    value: Option<f64>,
}

impl Answer {
    fn exact(title: Text, source: &'static str, holds: Text) -> Answer {
        Answer {
            title,
            source,
            holds,
            approximate: false,
            results: Vec::new(),
        }
    }

    fn approximate(title: Text, source: &'static str, holds: Text) -> Answer {
        Answer {
            approximate: true,
            ..Answer::exact(title, source, holds)
        }
    }

    /// Adds a number with its unit; an empty unit is a bare number.
    fn with(mut self, key: &str, name: Text, value: f64, unit: &'static str) -> Answer {
        self.results.push(Quantity {
            key: key.to_string(),
            name,
            unit,
            value: Some(value),
        });
        self
    }

    fn never(mut self, key: &str, name: Text) -> Answer {
        self.results.push(Quantity {
            key: key.to_string(),
            name,
            unit: "",
            value: None,
        });
        self
    }

    fn json(&self, form: &str) -> Value {
        let results = self.results.iter().map(|quantity| {
            json!({
                "key": quantity.key,
                "name": quantity.name,
                "value": quantity.value,
                "never": quantity.value.is_none(),
                "unit": quantity.unit,
            })
        });
        json!({
            "schema": "hopcast.calc/1",
            "form": form,
            "title": self.title,
            "approximation": self.approximate,
            "source": self.source,
            "holds": self.holds,
            "results": results.collect::<Vec<_>>(),
        })
    }

    fn table(&self, lang: Lang) -> String {
        let mark = match self.approximate {
            true => lang.pick("（近似）", " (approximation)"),
            false => "",
        };
        let mut out = format!("{}{mark}\n", self.title.get(lang));
        let rows: Vec<(&str, String, &str)> = self
            .results
            .iter()
            .map(|quantity| {
                let value = match quantity.value {
                    Some(value) => readable(value),
                    None => lang.pick("永不", "never").to_string(),
                };
                (quantity.name.get(lang), value, quantity.unit)
            })
            .collect();
        let names = rows.iter().map(|row| width(row.0)).max().unwrap_or(0);
        let values = rows.iter().map(|row| width(&row.1)).max().unwrap_or(0);
        for (name, value, unit) in rows {
            let line = format!(
                "  {}  {}  {unit}",
                pad_right(name, names),
                pad_left(&value, values)
            );
            out += line.trim_end();
            out.push('\n');
        }
        let label = |word: &str, text: &str| format!("{word}{text}\n");
        out += &label(lang.pick("来源：", "source: "), self.source);
        out += &label(lang.pick("成立条件：", "holds for: "), self.holds.get(lang));
        out
    }
}

/// A number as a person reads it: whole when it is whole, else eight significant digits.
fn readable(value: f64) -> String {
    let size = value.abs();
    if value == value.trunc() && size < 1e15 {
        return format!("{value:.0}");
    }
    if !(1e-4..1e12).contains(&size) {
        return format!("{value:.7e}");
    }
    let digits = (7 - size.log10().floor() as i32).max(0) as usize;
    crate::units::trimmed(value, digits)
}

/// Runs one closed form and prints it.
///
/// # Errors
/// An argument outside the range in which the form holds.
pub(super) fn run(args: &CalcArgs, context: &Context) -> Result<ExitCode, Error> {
    let (name, answer) = match &args.form {
        Form::ErlangB(form) => ("erlang-b", form.answer()?),
        Form::ErlangC(form) => ("erlang-c", form.answer()?),
        Form::Engset(form) => ("engset", form.answer()?),
        Form::KaufmanRoberts(form) => ("kaufman-roberts", form.answer()?),
        Form::KeepAlive(form) => ("keep-alive", form.answer()?),
        Form::Mm1(form) => ("mm1", form.answer()?),
        Form::Mmc(form) => ("mmc", form.answer()?),
        Form::Md1(form) => ("md1", form.answer()?),
        Form::Mg1(form) => ("mg1", form.answer()?),
        Form::AllenCunneen(form) => ("allen-cunneen", form.answer()?),
        Form::Ps(form) => ("ps", form.answer()?),
        Form::MgrPs(form) => ("mgr-ps", form.answer()?),
        Form::Mathis(form) => ("mathis", form.answer()?),
        Form::Pftk(form) => ("pftk", form.answer()?),
        Form::Cubic(form) => ("cubic", form.answer()?),
        Form::Window(form) => ("window", form.answer()?),
        Form::GaussianLink(form) => ("gaussian-link", form.answer()?),
        Form::Norros(form) => ("norros", form.answer()?),
        Form::Linear(form) => ("linear", form.answer()?),
        Form::Exponential(form) => ("exponential", form.answer()?),
        Form::Logistic(form) => ("logistic", form.answer()?),
        Form::Bass(form) => ("bass", form.answer()?),
        Form::StudentT(form) => ("student-t", form.answer()?),
    };
    let text = match args.json {
        true => format!("{:#}\n", answer.json(name)),
        false => answer.table(context.lang),
    };
    context.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well_at_every_size() {
        assert_eq!(readable(2327.0), "2327");
        assert_eq!(readable(0.016453953766519785), "0.016453954");
        assert_eq!(readable(35762550.2446344), "35762550");
        assert_eq!(readable(1e-9), "1.0000000e-9");
        assert_eq!(readable(-2.5), "-2.5");
    }
}
