//! From a world file as written to a world, or to everything that is wrong with the file.

use std::path::Path;

use super::file::WorldFile;
use super::{Manners, Node, World};
use crate::document::{self, Checked, Value, shape};
use crate::error::{Error, FileId, Problem, Sources};
use crate::files;
use crate::lang::Text;
use crate::text;
use crate::topology::file::Bilingual;

mod router;
mod routes;
mod words;

use router::{manners, merged};
use words::{addresses, blocks, services};

/// The JSON Schema of world files, generated from the types.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(WorldFile).to_value()
}

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
        let schema = schema();
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
    ends(file, checked);
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

/// The links of both ends are devices of a kernel, which has no IPv6 on one that takes less than
/// every IPv6 link must (RFC 8200, 5).
fn ends(file: &WorldFile, checked: &mut Checked<'_>) {
    const LEAST: u32 = 1280;
    let at_end = |name: &str| {
        let mut ids = name.split('-');
        [ids.next(), ids.next_back()]
            .iter()
            .any(|id| matches!(id, Some("client" | "server")))
    };
    let tables = [
        ("link", &file.link),
        ("forward", &file.forward),
        ("return", &file.back),
    ];
    let links = tables.iter().flat_map(|(table, links)| {
        let links = links.iter().filter(|(name, _)| at_end(name));
        links.map(move |(name, link)| (vec![*table, name, "mtu"], link))
    });
    for (path, link) in links.chain([(vec!["links", "mtu"], &file.links)]) {
        if link.mtu.is_some_and(|mtu| mtu < LEAST) {
            report(
                checked,
                &path,
                "small-mtu",
                Text::new(
                    "两端的链路至少要容得下 1280 字节的报文",
                    "the links of client and server must take packets of 1280 bytes",
                ),
                Text::new(
                    "把小的 MTU 写在两个路由器之间的链路上",
                    "write a small MTU on a link between two routers",
                ),
            );
        }
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
