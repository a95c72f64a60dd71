//! Nodes, links, policies and journeys as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bilingual, ById, Origins};
use crate::units::{BitRate, ClockRange, Fraction, Money, Seconds};

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

/// How a node's workers take their requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderName {
    /// In the order of their coming: a request waits until a worker is free.
    #[default]
    FirstCome,
    /// All at once: the requests share the workers.
    Sharing,
}

/// When a session is given up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeepAliveFile {
    /// Time between two keep-alives.
    pub every: Seconds,
    /// Keep-alives lost in a row that end the session.
    #[schemars(range(min = 1, max = 100))]
    pub lost: u32,
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
    /// IP addresses, as traces see them, and networks all of whose addresses are this node's: "10.20.0.0/16".
    /// The longest counts.
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
    #[schemars(range(min = 1, max = 10000))]
    pub instances: Option<u32>,
    /// Machines that must work for the node to work (default 1).
    #[serde(default)]
    #[schemars(range(min = 1, max = 10000))]
    pub needs: Option<u32>,
    /// Requests that one machine works on at once; with it the node is a queue.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub workers: Option<u32>,
    /// How the workers take their requests (with `workers`; default first-come).
    #[serde(default)]
    pub order: Option<OrderName>,
    /// Sessions (licences) that the node holds at once, all its machines together.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub sessions: Option<u32>,
    /// How the sessions are watched: one is dropped when so many keep-alives in a row are lost
    /// (with `sessions`).
    #[serde(default)]
    pub keep_alive: Option<KeepAliveFile>,
    /// Part of the time that one machine works.
    #[serde(default)]
    pub availability: Option<Fraction>,
    /// Machines out of service.
    #[serde(default)]
    #[schemars(range(max = 10000))]
    pub failed: u32,
    /// Anything a reader should know.
    #[serde(default)]
    pub note: Option<Bilingual>,
    /// Where the values come from.
    #[serde(default)]
    pub origin: Origins,
}

/// Losses that come in bursts.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BurstFile {
    /// Mean length of a bad stretch.
    pub length: Seconds,
    /// Part of the packets lost in it, one way (default 100 %).
    #[serde(default)]
    pub loss: Option<Fraction>,
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
    /// Packets lost, one way, in the long run.
    #[serde(default)]
    pub loss: Option<Fraction>,
    /// That the losses come in bursts (default: packets are lost singly). `loss` stays the long-run
    /// mean, so bad stretches take the part loss / burst.loss of the time.
    #[serde(default)]
    pub burst: Option<BurstFile>,
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
    /// The node where the request has arrived and the answer starts back, where the walk does not
    /// show it: side loops on one half only move the middle off it.
    #[serde(default)]
    pub turn: Option<String>,
    /// The journey its users take when this one is broken.
    #[serde(default)]
    pub fallback: Option<String>,
}
