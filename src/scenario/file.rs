//! A scenario file as it is written: a named set of changes to a topology and its demand.
//!
//! The doc comments here are what `hopcast schema scenario` prints for editors.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topology::file::{Bilingual, ById};
use crate::units::{Fraction, Money, Ratio, Seconds, YearMonth};

/// A what-if.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScenarioFile {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What it is called.
    pub name: Bilingual,
    /// The topology or scenario that it changes, as a path from this file.
    pub extends: String,
    /// The question that it answers.
    #[serde(default)]
    pub question: Option<Bilingual>,
    /// Values that replace the topology's, in tables of the same names.
    #[serde(default)]
    pub set: IndexMap<String, serde_json::Value>,
    /// Tables that the topology does not have yet.
    #[serde(default)]
    pub add: IndexMap<String, serde_json::Value>,
    /// Tables to take away, e.g. `"link.old-line"`.
    #[serde(default)]
    pub remove: Vec<String>,
    /// What is out of service.
    #[serde(default)]
    pub fail: Option<FailFile>,
    /// How users and devices grow, and how far to look.
    #[serde(default)]
    pub growth: Option<GrowthFile>,
    /// What must hold.
    #[serde(default)]
    pub objective: ById<ObjectiveFile>,
    /// What it costs beyond the prices of the links.
    #[serde(default)]
    pub price: Option<Money>,
}

/// Things out of service.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FailFile {
    /// Ids of links that are down.
    #[serde(default)]
    pub links: Vec<String>,
    /// Machines down, by node id.
    #[serde(default)]
    pub nodes: ById<u32>,
}

/// Growth over a horizon.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrowthFile {
    /// First month, to which the topology's figures belong (of the scenario extended, if not said).
    #[serde(default)]
    pub from: Option<YearMonth>,
    /// Months to look ahead (of the scenario extended, if not said).
    #[serde(default)]
    #[schemars(range(max = 600))]
    pub months: Option<u32>,
    /// Accounts.
    #[serde(default)]
    pub accounts: Option<LawFile>,
    /// Devices of one person.
    #[serde(default)]
    pub devices: Option<LawFile>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: IndexMap<String, String>,
}

/// A law of growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LawName {
    /// The same number more each year.
    Linear,
    /// The same part more each year.
    Exponential,
    /// Verhulst's curve to a saturation.
    Logistic,
    /// Bass's adoption of a novelty.
    Bass,
    /// A measured series.
    Series,
}

/// How a number grows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LawFile {
    /// The law.
    pub law: LawName,
    /// The number in the first month.
    #[serde(default)]
    pub start: Option<f64>,
    /// Linear: how many more each year.
    #[serde(default)]
    pub add_per_year: Option<f64>,
    /// Exponential and logistic: the rate a year.
    #[serde(default)]
    pub per_year: Option<Ratio>,
    /// The number that is never exceeded.
    #[serde(default)]
    pub saturation: Option<f64>,
    /// Bass: coefficient of innovation, a year.
    #[serde(default)]
    pub innovation: Option<f64>,
    /// Bass: coefficient of imitation, a year.
    #[serde(default)]
    pub imitation: Option<f64>,
    /// Series: number by month; straight lines between, flat after the last.
    #[serde(default)]
    pub series: IndexMap<String, f64>,
}

/// What an objective is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// Mean time of a transaction in its worst hour.
    Mean,
    /// 95th percentile of the time of a transaction in its worst hour.
    P95,
    /// Highest load of a class over its capacity.
    Utilisation,
    /// Minutes a day in which a class asks for more than it gets.
    Congestion,
    /// Part of the sessions refused at a node in the busiest hour.
    Refused,
    /// Sessions at a node over its limit.
    Sessions,
    /// Part of the month that a service works.
    Availability,
}

/// Something that must hold.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ObjectiveFile {
    /// What it is called.
    pub name: Bilingual,
    /// What it is about.
    pub of: Aim,
    /// Id of a population (default: the worst).
    #[serde(default)]
    pub population: Option<String>,
    /// Id of a transaction.
    #[serde(default)]
    pub transaction: Option<String>,
    /// Id of a link (default: the worst).
    #[serde(default)]
    pub link: Option<String>,
    /// Id of a class (default: the worst).
    #[serde(default)]
    pub class: Option<String>,
    /// Id of a node.
    #[serde(default)]
    pub node: Option<String>,
    /// Id of a service.
    #[serde(default)]
    pub service: Option<String>,
    /// Longest time allowed (of a transaction, or of congestion a day).
    #[serde(default)]
    pub time: Option<Seconds>,
    /// Largest part allowed (of a utilisation, refusals, sessions), or least (of availability).
    #[serde(default)]
    pub part: Option<Fraction>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: IndexMap<String, String>,
}
