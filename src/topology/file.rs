//! A topology file as it is written: one record per table, names still text, units already units.
//!
//! The doc comments here are what `hopcast schema topology` prints for editors.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lang::Text;
use crate::units::{BitRate, Bytes, ClockRange, EventRate, Fraction, Money, Ratio, Seconds};

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

/// An owner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnerFile {
    /// What the owner is called.
    pub name: Bilingual,
    /// What to do when a fault is theirs.
    #[serde(default)]
    pub action: Option<Bilingual>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A user's computer, phone, selling terminal or gate.
    Terminal,
    /// Access of a carrier.
    Carrier,
    /// A Wi-Fi router or office switch.
    Access,
    /// VPN server.
    Vpn,
    /// Gateway or firewall.
    Gateway,
    /// Load balancer.
    LoadBalancer,
    /// An external party's gateway, e.g. the province's.
    ExternalGateway,
    /// A service outside: identity, verification, platform.
    External,
    /// Application servers.
    App,
    /// Database.
    Database,
    /// File or object storage.
    Storage,
    /// Another server: cache, search, documents, messages.
    Server,
}

/// A node.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFile {
    /// What it is.
    pub kind: NodeKind,
    /// What it is called.
    pub name: Bilingual,
    /// Number in the plan's figure.
    #[serde(default)]
    pub number: Option<u32>,
    /// Id of its owner.
    pub owner: String,
    /// Column of the drawing, left to right.
    #[serde(default)]
    pub tier: Option<u32>,
    /// IP addresses, as traces see them.
    #[serde(default)]
    pub address: Vec<String>,
    /// Whether it answers probes whose distance ends at it.
    #[serde(default)]
    pub silent: bool,
    /// TCP port of its service.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// URL of its service.
    #[serde(default)]
    pub url: Option<String>,
    /// DNS name of its service.
    #[serde(default)]
    pub dns: Option<String>,
    /// Machines side by side.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub instances: Option<u32>,
    /// Machines that must work for the node to work (default 1).
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub needs: Option<u32>,
    /// Requests that one machine works on at once; with it the node is a queue.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub workers: Option<u32>,
    /// Sessions (licences) that the node holds at once.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub sessions: Option<u32>,
    /// Part of the time that one machine works.
    #[serde(default)]
    pub availability: Option<Fraction>,
    /// Machines out of service.
    #[serde(default)]
    pub failed: u32,
    /// Anything a reader should know.
    #[serde(default)]
    pub note: Option<Bilingual>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A link between two nodes. `up` is from the first to the second, `down` the way back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LinkFile {
    /// Id of the node nearer the users.
    pub from: String,
    /// Id of the node nearer the servers.
    pub to: String,
    /// What it is called.
    #[serde(default)]
    pub name: Option<Bilingual>,
    /// Capacity each way.
    #[serde(default)]
    pub capacity: Option<BitRate>,
    /// Capacity from `from` to `to`, where it differs.
    #[serde(default)]
    pub capacity_up: Option<BitRate>,
    /// Capacity from `to` to `from`, where it differs.
    #[serde(default)]
    pub capacity_down: Option<BitRate>,
    /// One-way delay without load.
    pub delay: Seconds,
    /// One-way spread of the delay.
    #[serde(default)]
    pub jitter: Option<Seconds>,
    /// Packets lost, one way.
    #[serde(default)]
    pub loss: Option<Fraction>,
    /// Id of its owner.
    pub owner: String,
    /// The carrier that provides it.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Id of the bandwidth policy on it.
    #[serde(default)]
    pub policy: Option<String>,
    /// Part of the time that it works.
    #[serde(default)]
    pub availability: Option<Fraction>,
    /// Its price.
    #[serde(default)]
    pub price: Option<Money>,
    /// Whether it is out of service.
    #[serde(default)]
    pub failed: bool,
    /// Anything a reader should know.
    #[serde(default)]
    pub note: Option<Bilingual>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// Whose rule shares a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PresetName {
    /// The kernel's hierarchical token bucket.
    LinuxHtb,
    /// Sangfor's guaranteed and limited channels.
    Sangfor,
    /// FortiGate's shaping profile.
    Fortigate,
}

/// How what is left over is split among classes of one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShareName {
    /// By quantum, as Linux does.
    LinuxHtb,
    /// In proportion to the guarantees.
    Proportional,
    /// Equally.
    Equal,
}

/// What happens when guarantees add up to more than the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OversubscriptionName {
    /// All are sent; the line is overrun.
    Leak,
    /// All shrink in proportion.
    Scale,
    /// It is refused.
    Reject,
}

/// A bandwidth policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyFile {
    /// What it is called.
    pub name: Bilingual,
    /// Whose rule it follows.
    pub preset: PresetName,
    /// How excess is split, where it differs from the preset.
    #[serde(default)]
    pub share: Option<ShareName>,
    /// What happens to guarantees above the line, where it differs from the preset.
    #[serde(default)]
    pub oversubscription: Option<OversubscriptionName>,
    /// Total that the policy page reckons with (default: the link's capacity).
    #[serde(default)]
    pub root: Option<BitRate>,
    /// The classes, each a line of the policy page.
    pub class: ById<ClassFile>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// One line of a bandwidth-management page.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClassFile {
    /// What it is called.
    pub name: Bilingual,
    /// Kinds of traffic it holds (the `class` words of populations and traffic); empty: all the rest.
    #[serde(default)]
    pub applies_to: Vec<String>,
    /// Applications it is limited to, as on the page.
    #[serde(default)]
    pub application: Option<Bilingual>,
    /// Networks it is limited to, as on the page.
    #[serde(default)]
    pub target: Option<Bilingual>,
    /// The line it is set on, as on the page.
    #[serde(default)]
    pub line: Option<Bilingual>,
    /// When it is in force (default: all day).
    #[serde(default)]
    pub active: Option<ClockRange>,
    /// Guaranteed bandwidth each way.
    #[serde(default)]
    pub guarantee: Option<BitRate>,
    /// Guaranteed bandwidth up, where it differs.
    #[serde(default)]
    pub guarantee_up: Option<BitRate>,
    /// Guaranteed bandwidth down, where it differs.
    #[serde(default)]
    pub guarantee_down: Option<BitRate>,
    /// Maximum bandwidth each way (default: the line's).
    #[serde(default)]
    pub ceiling: Option<BitRate>,
    /// Maximum bandwidth up, where it differs.
    #[serde(default)]
    pub ceiling_up: Option<BitRate>,
    /// Maximum bandwidth down, where it differs.
    #[serde(default)]
    pub ceiling_down: Option<BitRate>,
    /// Limit of one user each way (default: none).
    #[serde(default)]
    pub per_user: Option<BitRate>,
    /// 0 is served first.
    #[schemars(range(max = 7))]
    pub priority: u32,
    /// Weight for excess, in bytes (default: the kernel's rule).
    #[serde(default)]
    pub quantum: Option<u32>,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

fn yes() -> bool {
    true
}

/// A walk.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JourneyFile {
    /// What it is called.
    pub name: Bilingual,
    /// Nodes by id or by the figure's number: `"1->2->3->2->1"`. A walk that ends where it began
    /// turns at its middle; any other is walked to its end and back.
    pub path: String,
    /// The journey its users take when this one is broken.
    #[serde(default)]
    pub fallback: Option<String>,
}

/// A day, hour by hour, as parts of its peak.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileFile {
    /// What it is called.
    pub name: Bilingual,
    /// 24 parts of the peak, from the hour that begins at midnight.
    #[schemars(length(min = 24, max = 24))]
    pub hours: Vec<Fraction>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// What a user does once, and what it costs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransactionFile {
    /// What it is called.
    pub name: Bilingual,
    /// Round trips before anything is asked: connection and TLS.
    #[serde(default)]
    pub handshakes: u32,
    /// Requests with their answers, one after another.
    #[schemars(range(min = 1))]
    pub exchanges: u32,
    /// Bytes from the user, all exchanges together.
    pub up: Bytes,
    /// Bytes to the user, all exchanges together.
    pub down: Bytes,
    /// Standard deviation of the bytes over their mean.
    #[serde(default)]
    pub spread: Option<Ratio>,
    /// Side loops of the journey that it takes (numbered from 1 along the walk).
    #[serde(default)]
    pub loops: Vec<u32>,
    /// Bytes each way on each side loop.
    #[serde(default)]
    pub loop_bytes: Option<Bytes>,
    /// Work at nodes: mean service time by node id.
    #[serde(default)]
    pub work: ById<Seconds>,
    /// Time on the user's own machine.
    #[serde(default)]
    pub client: Option<Seconds>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PopulationFile {
    /// What it is called.
    pub name: Bilingual,
    /// Users online at the peak of the profile, at the start of the horizon.
    #[serde(default)]
    pub online: Option<u32>,
    /// Arrivals at the peak of the profile, for users who come, are served and go.
    #[serde(default)]
    pub arrivals: Option<EventRate>,
    /// Accounts that they belong to, for a readable ratio.
    #[serde(default)]
    pub accounts: Option<u32>,
    /// Id of the day's shape.
    pub profile: String,
    /// Mean pause between two transactions.
    #[serde(default)]
    pub think: Option<Seconds>,
    /// Mean length of a session; a population that has one holds a session at every node of its
    /// journey that limits them.
    #[serde(default)]
    pub session: Option<Seconds>,
    /// Transactions by id with their relative frequency.
    pub mix: ById<Ratio>,
    /// Journeys by id with the part of the users on each.
    pub journeys: ById<Fraction>,
    /// Kind of traffic, for the classes of policies.
    pub class: String,
    /// Rate that one user's own access allows each way.
    pub access: BitRate,
    /// Round-trip time that the user's own access adds.
    #[serde(default)]
    pub access_delay: Option<Seconds>,
    /// Receive window of one connection.
    #[serde(default)]
    pub window: Option<Bytes>,
    /// Factor on the transactions' time on the user's own machine.
    #[serde(default)]
    pub client: Option<Ratio>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// Which way traffic goes on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WayName {
    /// From the users.
    Up,
    /// To the users.
    Down,
}

/// Traffic that is not a user's journey.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrafficFile {
    /// What it is called.
    pub name: Bilingual,
    /// Ids of the links it loads.
    pub links: Vec<String>,
    /// Kind of traffic, for the classes of policies.
    pub class: String,
    /// Rate up at the peak of the profile.
    #[serde(default)]
    pub up: Option<BitRate>,
    /// Rate down at the peak of the profile.
    #[serde(default)]
    pub down: Option<BitRate>,
    /// Id of the day's shape (with `up` and `down`).
    #[serde(default)]
    pub profile: Option<String>,
    /// Bytes a day (with `window` and `way`): a backup.
    #[serde(default)]
    pub volume: Option<Bytes>,
    /// When the bytes must be through.
    #[serde(default)]
    pub window: Option<ClockRange>,
    /// Which way the bytes go.
    #[serde(default)]
    pub way: Option<WayName>,
    /// Whether it grows with the accounts.
    #[serde(default)]
    pub grows: bool,
    /// Days that a copy is kept.
    #[serde(default)]
    pub keep_days: Option<u32>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitFile {
    /// What its demand is weighed by, e.g. documents handled.
    pub weight: f64,
    /// Populations that its users belong to.
    pub populations: Vec<String>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

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

/// What congestion control is assumed where packets are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlName {
    /// CUBIC (RFC 9438).
    Cubic,
    /// Reno: the Mathis formula below 1 % loss, PFTK above.
    Reno,
}

/// The transport protocol.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransportFile {
    /// Bytes of data in a full packet.
    pub segment: Bytes,
    /// Bytes sent in the first round trip.
    pub initial_window: Bytes,
    /// Congestion control.
    pub control: ControlName,
    /// Retransmission timeout.
    pub timeout: Seconds,
    /// Queueing delay of a class that is full.
    pub full_queue: Seconds,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// How a peak is told from an average.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeakFile {
    /// Length over which a rate is averaged when a peak is read.
    pub window: Seconds,
    /// Part of such windows that exceed what is called the peak.
    pub exceeded: Fraction,
    /// Standard deviation over mean of the windows of traffic that is only known by its mean.
    pub background_spread: Ratio,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}
