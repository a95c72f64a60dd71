//! A topology file as it is written: one record per table, names still text, units already units.
//!
//! The doc comments here are what `hopcast schema topology` prints for editors.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lang::Text;

mod network;
mod people;
mod promises;

pub use network::*;
pub use people::*;
pub use promises::*;

/// Tables keyed by id.
pub type ById<T> = IndexMap<String, T>;

/// For each field (or `"*"`: all others of this table) where its value comes from:
/// `"stated: document"`, `"assumed: reason"` or `"measured: when and how"`.
pub type Origins = IndexMap<String, String>;

/// A name or sentence in both languages.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl From<Bilingual> for Text {
    fn from(both: Bilingual) -> Text {
        Text::new(both.zh, both.en)
    }
}

/// A network and what its users ask of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TopologyFile {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What the network is called.
    pub name: Bilingual,
    /// The documents that the stated values come from.
    #[serde(default)]
    pub source: Option<Bilingual>,
    /// Who must repair a node or link.
    #[serde(default)]
    pub owner: ById<OwnerFile>,
    /// Named elements of the link.
    pub node: ById<NodeFile>,
    /// Lines between two nodes; each carries traffic both ways.
    #[serde(default)]
    pub link: ById<LinkFile>,
    /// Bandwidth policies, applied by the links that name them.
    #[serde(default)]
    pub policy: ById<PolicyFile>,
    /// Walks that a user action takes.
    #[serde(default)]
    pub journey: ById<JourneyFile>,
    /// Shapes of a day.
    #[serde(default)]
    pub profile: ById<ProfileFile>,
    /// What is done on a journey.
    #[serde(default)]
    pub transaction: ById<TransactionFile>,
    /// Groups of users.
    #[serde(default)]
    pub population: ById<PopulationFile>,
    /// Traffic of others and of machines: not users of a journey.
    #[serde(default)]
    pub traffic: ById<TrafficFile>,
    /// Organisations; their weights split a population's demand.
    #[serde(default)]
    pub unit: ById<UnitFile>,
    /// What was seen, for the model to be held to.
    #[serde(default)]
    pub observation: ById<ObservationFile>,
    /// How much something may be used before somebody acts.
    #[serde(default)]
    pub threshold: ById<ThresholdFile>,
    /// Services promised to users.
    #[serde(default)]
    pub service: ById<ServiceFile>,
    /// Connections that must be open.
    #[serde(default)]
    pub require: ById<RequireFile>,
    /// Stages of a project.
    #[serde(default)]
    pub stage: ById<StageFile>,
    /// What the transport protocol does.
    pub transport: TransportFile,
    /// How a peak is told from an average.
    pub peak: PeakFile,
}
