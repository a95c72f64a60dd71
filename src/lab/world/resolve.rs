//! From a world file as written to a world, or to everything that is wrong with the file.

use std::net::IpAddr;
use std::path::Path;

use super::file::{LinkFile, RouterFile, WorldFile};
use super::{Limit, Manners, Nat, Node, Rule, Traits, World};
use crate::document::{self, Checked, Value, shape};
use crate::error::{Error, FileId, Problem, Sources, choices};
use crate::files;
use crate::lang::Text;
use crate::packet::mpls::Label;
use crate::text;
use crate::topology::file::Bilingual;
use crate::units::Seconds;

mod routes;
mod words;

use words::{addresses, blocks, services, traffic};

impl World {
    /// Reads and checks the world file at `path`.
    pub fn load(path: &Path) -> Result<World, Error> {
        World::parse(path, files::read(path)?)
    }

    /// Checks `text`, which is said to stand in the file at `path`.
    pub fn parse(path: &Path, text: String) -> Result<World, Error> {
        let mut sources = Sources::default();
        let file = sources.add(path.to_path_buf(), text);
        let (root, problems) = document::parse(file, sources.text(file));
        World::build(root, sources, problems)
    }

    /// Whether the file at `path` means to be a world file, and not a topology.
    pub fn is_in(path: &Path) -> Result<bool, Error> {
        let (root, _) = document::parse(FileId(0), &files::read(path)?);
        Ok(root.get("world").is_some())
    }

    /// Checks a tree; `problems` were found before.
    fn build(
        mut root: Value,
        sources: Sources,
        mut problems: Vec<Problem>,
    ) -> Result<World, Error> {
        let schema = schemars::schema_for!(WorldFile).to_value();
        let mut checked = shape::check(&mut root, &schema);
        document::drop_echoes(&mut checked.problems, &problems);
        let world = match serde_json::from_value::<WorldFile>(checked.to_json()) {
            Ok(file) => Some(world(&file, &mut checked)),
            Err(error) => {
                if checked.problems.is_empty() {
                    let problem = Problem::error("shape", None, Text::same(error));
                    checked.problems.push(problem);
                }
                None
            }
        };
        problems.append(&mut checked.problems);
        match world {
            Some(world) if problems.is_empty() => Ok(world),
            _ => Err(Error::Problems { sources, problems }),
        }
    }
}

/// Resolves a file that fits its schema. Problems land in `checked`.
fn world(file: &WorldFile, checked: &mut Checked<'_>) -> World {
    let nodes = nodes(file, checked);
    let mut world = World {
        name: file.name.clone().into(),
        seed: file.seed.unwrap_or(1).into(),
        nodes,
        blocks: blocks(&file.server.block, &["server", "block"], checked),
        services: Vec::new(),
        lines: Vec::new(),
        routes: Vec::new(),
    };
    world.services = services(&file.server.serve, world.server(), checked);
    routes::lay(file, &mut world, checked);
    distinct(&world, checked);
    families(&world, checked);
    world
}

fn nodes(file: &WorldFile, checked: &mut Checked<'_>) -> Vec<Node> {
    let node = |id: &str, name: &Option<Bilingual>, addresses, manners| Node {
        id: id.to_string(),
        number: None,
        name: name.clone().map_or(Text::same(id), Text::from),
        names: vec![id.to_string()],
        addresses,
        manners,
    };
    let (client, server) = (&file.client, &file.server);
    let own = addresses(&client.address, &["client", "address"], checked);
    let mut nodes = vec![node("client", &client.name, own, Manners::default())];
    if !file.routers.address.is_empty() {
        report(
            checked,
            &["routers", "address"],
            "shared-address",
            Text::new(
                "地址不能由所有路由器共用",
                "an address cannot be that of all routers",
            ),
            Text::new("写在 [router.编号] 里", "write it in [router.ID]"),
        );
    }
    for (id, written) in &file.router {
        if ["client", "server"].contains(&id.as_str()) {
            report(
                checked,
                &["router", id],
                "reserved-id",
                text!(
                    "\"{id}\" 不能是路由器的编号",
                    "\"{id}\" cannot be the id of a router"
                ),
                Text::new(
                    "client 和 server 指两端",
                    "client and server mean the two ends",
                ),
            );
        }
        let whole = merged(written, &file.routers);
        let own = addresses(&whole.address, &["router", id, "address"], checked);
        let manners = manners(id, &whole, file, checked);
        nodes.push(node(id, &written.name, own, manners));
    }
    let own = addresses(&server.address, &["server", "address"], checked);
    let from = addresses(&server.answers_from, &["server", "answers-from"], checked);
    let manners = Manners {
        answers_from: from,
        ..Manners::default()
    };
    nodes.push(node("server", &server.name, own, manners));
    nodes
}

/// What a router is: its own table before the one of all.
fn merged(own: &RouterFile, all: &RouterFile) -> RouterFile {
    let (own, all) = (own.clone(), all.clone());
    RouterFile {
        name: own.name,
        address: own.address,
        silent: own.silent.or(all.silent),
        answers_from: own.answers_from.or(all.answers_from),
        answer_delay: own.answer_delay.or(all.answer_delay),
        copies: own.copies.or(all.copies),
        quote: own.quote.or(all.quote),
        labels: own.labels.or(all.labels),
        limit: own.limit.or(all.limit),
        balance: own.balance.or(all.balance),
        dscp: own.dscp.or(all.dscp),
        filter: own.filter.or(all.filter),
        nat: own.nat.or(all.nat),
        public: own.public.or(all.public),
        forge: own.forge.or(all.forge),
    }
}

fn manners(id: &str, whole: &RouterFile, file: &WorldFile, checked: &mut Checked<'_>) -> Manners {
    let labels = whole.labels.iter().flatten();
    let last = labels.clone().count().saturating_sub(1);
    let labels = labels.enumerate().map(|(at, label)| Label {
        label: label.label,
        class: label.class,
        bottom: at == last,
        ttl: label.ttl.unwrap_or(1),
    });
    let limits = whole.limit.iter().flatten().map(|limit| Limit {
        burst: limit.burst,
        every: limit.every,
        per: limit.per,
    });
    let rules = whole.filter.iter().flatten().enumerate();
    let rules = rules.map(|(at, rule)| Rule {
        way: rule.way,
        traffic: traffic(rule, &["router", id, "filter", &at.to_string()], checked),
        then: rule.then,
    });
    let rules = rules.collect();
    let nat = whole.nat.as_ref().map(|nat| Nat {
        addresses: addresses(&nat.address, &["router", id, "nat", "address"], checked),
        ports: nat.ports,
        restores: nat.restores_quotes.unwrap_or(true),
    });
    let mut list = |key: &str, written: &Option<Vec<String>>| {
        let written = written.as_deref().unwrap_or_default();
        addresses(written, &["router", id, key], checked)
    };
    let answers_from = list("answers-from", &whole.answers_from);
    let public = list("public", &whole.public);
    let forgeries = whole.forge.iter().flatten().enumerate();
    let forgeries = forgeries.map(|(at, forgery)| super::Forgery {
        flaw: forgery.flaw,
        says: forgery.says,
        from: pretended(id, at, forgery.from.as_deref(), file, checked),
    });
    Manners {
        silent: whole.silent.unwrap_or(false),
        answers_from,
        answer_delay: whole.answer_delay.unwrap_or(Seconds::ZERO),
        copies: whole.copies.unwrap_or(1),
        quote: whole.quote,
        labels: labels.collect(),
        limits: limits.collect(),
        balance: whole.balance.unwrap_or_default(),
        class: whole.dscp,
        rules,
        nat,
        public,
        forgeries: forgeries.collect(),
    }
}

/// The addresses of the node that a forgery pretends to be.
fn pretended(
    id: &str,
    at: usize,
    from: Option<&str>,
    file: &WorldFile,
    checked: &mut Checked<'_>,
) -> Vec<IpAddr> {
    let written = match from {
        None => return Vec::new(),
        Some("client") => Some(&file.client.address),
        Some("server") => Some(&file.server.address),
        Some(id) => file.router.get(id).map(|router| &router.address),
    };
    if let Some(written) = written {
        return written.iter().flat_map(|text| text.parse()).collect();
    }
    let word = from.unwrap_or_default();
    let known = ["client", "server"].into_iter();
    let known: Vec<&str> = known
        .chain(file.router.keys().map(String::as_str))
        .collect();
    let at = at.to_string();
    report(
        checked,
        &["router", id, "forge", &at, "from"],
        "unknown-name",
        text!("没有名为 \"{word}\" 的节点", "there is no node \"{word}\""),
        choices(word, &known),
    );
    Vec::new()
}

/// What a line does: of several tables that speak of it, the last one that says something.
fn traits<'f>(tables: impl DoubleEndedIterator<Item = &'f LinkFile> + Clone) -> Traits {
    let usual = Traits::default();
    fn last<'f, T>(
        tables: impl DoubleEndedIterator<Item = &'f LinkFile>,
        of: impl Fn(&LinkFile) -> Option<T>,
    ) -> Option<T> {
        tables.rev().find_map(of)
    }
    let all = || tables.clone();
    Traits {
        delay: last(all(), |link| link.delay).unwrap_or(usual.delay),
        jitter: last(all(), |link| link.jitter).unwrap_or(usual.jitter),
        loss: last(all(), |link| link.loss).unwrap_or(usual.loss),
        rate: last(all(), |link| link.rate),
        queue: last(all(), |link| link.queue).unwrap_or(usual.queue),
        mtu: last(all(), |link| link.mtu).unwrap_or(usual.mtu),
        black_hole: last(all(), |link| link.black_hole).unwrap_or(usual.black_hole),
        duplicate: last(all(), |link| link.duplicate).unwrap_or(usual.duplicate),
        held: last(all(), |link| link.held).unwrap_or(usual.held),
        held_for: last(all(), |link| link.held_for).unwrap_or(Seconds(0.01)),
    }
}

/// No two nodes have one address.
fn distinct(world: &World, checked: &mut Checked<'_>) {
    for (at, node) in world.nodes.iter().enumerate() {
        let shared = node.addresses.iter().find_map(|address| {
            let mut before = world.nodes[..at].iter();
            let other = before.find(|other| other.addresses.contains(address))?;
            Some((address, &other.id))
        });
        let Some((address, other)) = shared else {
            continue;
        };
        report(
            checked,
            &own_path(&node.id, "address"),
            "duplicate-address",
            text!(
                "地址 {address} 已属于节点 \"{other}\"",
                "address {address} already belongs to node \"{other}\""
            ),
            Text::new("一个地址只能属于一个节点", "an address belongs to one node"),
        );
    }
}

/// The two ends can talk.
fn families(world: &World, checked: &mut Checked<'_>) {
    let has = |node: &Node, ipv6| node.addresses.iter().any(|own| own.is_ipv6() == ipv6);
    let (client, server) = (&world.nodes[World::CLIENT], &world.nodes[world.server()]);
    let common = [false, true]
        .into_iter()
        .any(|ipv6| has(client, ipv6) && has(server, ipv6));
    let doubtful = checked.doubtful(&["client", "address"]);
    if !common && !doubtful {
        report(
            checked,
            &["server", "address"],
            "no-common-family",
            Text::new(
                "两端没有同一族的地址",
                "the two ends have no addresses of one family",
            ),
            Text::new(
                "两端都要有 IPv4 地址，或都要有 IPv6 地址",
                "both ends need an IPv4 address, or both an IPv6 address",
            ),
        );
    }
}

/// Where a key of a node stands.
fn own_path<'p>(id: &'p str, key: &'p str) -> Vec<&'p str> {
    match id {
        "client" | "server" => vec![id, key],
        _ => vec!["router", id, key],
    }
}

/// A finding with fixed words.
fn report(checked: &mut Checked<'_>, path: &[&str], code: &'static str, message: Text, help: Text) {
    checked.report(path, |place| {
        Problem::error(code, place, message).help(help)
    });
}
