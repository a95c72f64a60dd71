//! A world file as it is written.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Balance, Direction, Flaw, Per, Says, Then};
use crate::packet::interface::Role;
use crate::topology::file::Bilingual;
use crate::units::{BitRate, Fraction, Seconds};

/// Tables keyed by id.
pub(super) type ById<T> = IndexMap<String, T>;

/// A client and a server, and the path between them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WorldFile {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "the schema has held it to 1")]
    pub(super) world: u32,
    /// What the world is called.
    pub(super) name: Bilingual,
    /// Seed of everything that is drawn (default 1).
    #[serde(default)]
    pub(super) seed: Option<u32>,
    /// "client -> r1 -> (r2a -> r3a | r2b) -> r4 -> server".
    #[schemars(extend("examples" = ["client -> r1 -> server"]))]
    pub(super) path: String,
    /// What the path becomes, in the order of time.
    #[serde(default)]
    pub(super) change: Vec<ChangeFile>,
    /// Where the programs are tried.
    pub(super) client: ClientFile,
    /// What they talk to.
    pub(super) server: ServerFile,
    /// What all routers are, unless their own table says otherwise.
    #[serde(default)]
    pub(super) routers: RouterFile,
    /// Routers by id.
    #[serde(default)]
    pub(super) router: ById<RouterFile>,
    /// What all links are, both ways, unless their own tables say otherwise.
    #[serde(default)]
    pub(super) links: LinkFile,
    /// Links by the ids of their nodes, "r1-r2": both ways.
    #[serde(default)]
    pub(super) link: ById<LinkFile>,
    /// Links from the first node to the second only, "r1-r2".
    #[serde(default)]
    pub(super) forward: ById<LinkFile>,
    /// Links "r1-r2" from the second node back to the first only.
    #[serde(default, rename = "return")]
    pub(super) back: ById<LinkFile>,
}

/// A change of the path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ChangeFile {
    /// How long after the client's first packet.
    pub(super) at: Seconds,
    /// The path from then on.
    #[schemars(extend("examples" = ["client -> r1 -> server"]))]
    pub(super) path: String,
}

/// The client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ClientFile {
    /// What it is called.
    #[serde(default)]
    pub(super) name: Option<Bilingual>,
    /// Its IP addresses.
    #[schemars(length(min = 1))]
    pub(super) address: Vec<String>,
}

/// The server: a network namespace of its own, so what answers is the kernel and what runs there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ServerFile {
    /// What it is called.
    #[serde(default)]
    pub(super) name: Option<Bilingual>,
    /// Its IP addresses.
    #[schemars(length(min = 1))]
    pub(super) address: Vec<String>,
    /// Blocks of further addresses that are its own, "10.80.0.0/24".
    #[serde(default)]
    pub(super) block: Vec<String>,
    /// Open ports: "tcp 443" takes connections, "http 80" answers requests.
    #[serde(default)]
    pub(super) serve: Vec<String>,
    /// Addresses that it answers from instead, except over TCP.
    #[serde(default)]
    pub(super) answers_from: Vec<String>,
}

/// A router.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RouterFile {
    /// What it is called.
    #[serde(default)]
    pub(super) name: Option<Bilingual>,
    /// Its IP addresses; in a family without one it does not answer.
    #[serde(default)]
    pub(super) address: Vec<String>,
    /// Whether it answers nothing at all.
    #[serde(default)]
    pub(super) silent: Option<bool>,
    /// Addresses that it answers from instead of its own.
    #[serde(default)]
    pub(super) answers_from: Option<Vec<String>>,
    /// How long it takes to make an answer; what it forwards is not slowed down.
    #[serde(default)]
    pub(super) answer_delay: Option<Seconds>,
    /// How many times it sends each answer (default 1).
    #[serde(default)]
    #[schemars(range(min = 1, max = 10000))]
    pub(super) copies: Option<u32>,
    /// Bytes behind the IP header that its errors quote, 8 for RFC 792 (default: as many as fit).
    #[serde(default)]
    #[schemars(range(max = 1500))]
    pub(super) quote: Option<u16>,
    /// MPLS labels that its errors tell, the outermost first.
    #[serde(default)]
    pub(super) labels: Option<Vec<LabelFile>>,
    /// Interfaces of its own that its errors tell (RFC 5837).
    #[serde(default)]
    pub(super) interfaces: Option<Vec<InterfaceFile>>,
    /// Limits of its errors: one goes out if all of them allow it.
    #[serde(default)]
    pub(super) limit: Option<Vec<LimitFile>>,
    /// By what it chooses among branches.
    #[serde(default)]
    pub(super) balance: Option<Balance>,
    /// Class of service (DSCP) that it writes into what goes to the server.
    #[serde(default)]
    #[schemars(range(max = 63))]
    pub(super) dscp: Option<u8>,
    /// Its filter: the first rule that fits decides.
    #[serde(default)]
    pub(super) filter: Option<Vec<RuleFile>>,
    /// Source translation of what goes to the server.
    #[serde(default)]
    pub(super) nat: Option<NatFile>,
    /// Addresses that stand for the server's: the gateway translates destinations.
    #[serde(default)]
    pub(super) public: Option<Vec<String>>,
    /// Answers that it makes up for packets that come to it from the client.
    #[serde(default)]
    pub(super) forge: Option<Vec<ForgeryFile>>,
}

/// An MPLS label stack entry.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LabelFile {
    /// The label.
    #[schemars(range(max = 1_048_575))]
    pub(super) label: u32,
    /// Traffic class (default 0).
    #[serde(default)]
    #[schemars(range(max = 7))]
    pub(super) class: u8,
    /// TTL of the label (default 1).
    #[serde(default)]
    #[schemars(range(max = 255))]
    pub(super) ttl: Option<u8>,
}

/// An interface of a router.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct InterfaceFile {
    /// What it is to the packet that an error is about.
    pub(super) role: Role,
    /// Its number within the router.
    #[serde(default)]
    pub(super) index: Option<u32>,
    /// Its address.
    #[serde(default)]
    pub(super) address: Option<String>,
    /// Its name.
    #[serde(default)]
    #[schemars(length(max = 63))]
    pub(super) name: Option<String>,
    /// Its MTU in bytes.
    #[serde(default)]
    pub(super) mtu: Option<u32>,
}

/// A limit of ICMP errors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LimitFile {
    /// Errors that may go out at once.
    #[schemars(range(min = 1))]
    pub(super) burst: u32,
    /// The time after which there may be one more.
    pub(super) every: Seconds,
    /// Whose errors it counts (default "source").
    #[serde(default)]
    pub(super) per: Per,
}

/// A rule of a filter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleFile {
    /// "any", "icmp", "echo", "error", "tcp", "udp", "tcp 443", "udp 33434-33534".
    #[serde(rename = "match")]
    #[schemars(extend("examples" = ["tcp 443"]))]
    pub(super) traffic: String,
    /// What becomes of it.
    pub(super) then: Then,
    /// For packets of which direction (default "forward").
    #[serde(default)]
    pub(super) direction: Direction,
}

/// Source translation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NatFile {
    /// What the client's addresses become.
    #[schemars(length(min = 1))]
    pub(super) address: Vec<String>,
    /// Whether ports change too (default false).
    #[serde(default)]
    pub(super) ports: bool,
    /// Whether quotes in errors are turned back for the client (default true).
    #[serde(default)]
    pub(super) restores_quotes: Option<bool>,
}

/// A made-up answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ForgeryFile {
    /// What is wrong with it.
    pub(super) flaw: Flaw,
    /// What it says (default "time-exceeded").
    #[serde(default)]
    pub(super) says: Says,
    /// Id of the node that it pretends to be (default: the router itself).
    #[serde(default)]
    pub(super) from: Option<String>,
}

/// What a link does to packets, one way or both.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LinkFile {
    /// One-way delay (default 0).
    #[serde(default)]
    pub(super) delay: Option<Seconds>,
    /// What a packet may take more, evenly spread (default 0).
    #[serde(default)]
    pub(super) jitter: Option<Seconds>,
    /// Packets lost (default 0).
    #[serde(default)]
    pub(super) loss: Option<Fraction>,
    /// Capacity (default: never full).
    #[serde(default)]
    pub(super) rate: Option<BitRate>,
    /// How long a packet may wait for its turn (default 100 ms).
    #[serde(default)]
    pub(super) queue: Option<Seconds>,
    /// Bytes of the longest packet (default 1500).
    #[serde(default)]
    #[schemars(range(min = 68, max = 65535))]
    pub(super) mtu: Option<u32>,
    /// Whether longer packets vanish without a word.
    #[serde(default)]
    pub(super) black_hole: Option<bool>,
    /// Packets that come twice.
    #[serde(default)]
    pub(super) duplicate: Option<Fraction>,
    /// Packets that are held up, so that others overtake them.
    #[serde(default)]
    pub(super) held: Option<Fraction>,
    /// For how long those are held up (default 10 ms).
    #[serde(default)]
    pub(super) held_for: Option<Seconds>,
}
