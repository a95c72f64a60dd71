//! What was seen, what is promised and what must be open, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bilingual, Origins};
use crate::units::{BitRate, Fraction, Seconds};

/// What an observation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Observed {
    /// Carried rate of a class on a link, down, in the busiest hour.
    BusyDown,
    /// Highest rate of a class on a link, down.
    PeakDown,
    /// Sessions held at a node at the peak.
    Sessions,
    /// Users online at the peak.
    Online,
}

/// Something that was seen.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ObservationFile {
    /// What it is called.
    pub name: Bilingual,
    /// What it is of.
    pub of: Observed,
    /// Id of the link, for rates.
    #[serde(default)]
    pub link: Option<String>,
    /// Id of the policy class on the link, for rates.
    #[serde(default)]
    pub class: Option<String>,
    /// Id of the node, for sessions.
    #[serde(default)]
    pub node: Option<String>,
    /// The rate seen.
    #[serde(default)]
    pub rate: Option<BitRate>,
    /// The number seen.
    #[serde(default)]
    pub count: Option<f64>,
    /// How far the model may be off.
    pub tolerance: Fraction,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A limit of use with what to do there.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ThresholdFile {
    /// Id of the node whose sessions are counted.
    #[serde(default)]
    pub node: Option<String>,
    /// Id of the link whose load is watched.
    #[serde(default)]
    pub link: Option<String>,
    /// Part of the capacity.
    pub at: Fraction,
    /// What to do.
    pub action: Bilingual,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A service and its promise.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceFile {
    /// What it is called.
    pub name: Bilingual,
    /// Id of the journey that must work for it.
    pub journey: String,
    /// Promised part of a month.
    pub availability: Fraction,
    /// Longest time to recovery (RTO).
    #[serde(default)]
    pub recovery_time: Option<Seconds>,
    /// Most data lost, as time (RPO).
    #[serde(default)]
    pub recovery_point: Option<Seconds>,
    /// Interruptions allowed in a month.
    #[serde(default)]
    pub interruptions: Option<u32>,
    /// 1 is restored first.
    #[serde(default)]
    pub priority: Option<u32>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A connection that must be open.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireFile {
    /// What it is for.
    pub name: Bilingual,
    /// Id of the node that asks.
    pub from: String,
    /// Id of the node that answers.
    pub to: String,
    /// Whether both sides open connections.
    #[serde(default)]
    pub both_ways: bool,
    /// Anything a reader should know.
    #[serde(default)]
    pub note: Option<Bilingual>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A stage of a project.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StageFile {
    /// What it is called.
    pub name: Bilingual,
    /// How long it takes.
    pub length: Seconds,
    /// What shows that it is done.
    pub done: Bilingual,
    /// Ids of the stages before it.
    #[serde(default)]
    pub after: Vec<String>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}
