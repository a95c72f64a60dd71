//! Maps: a network as boxes in tiers from left to right, its links, and perhaps one walk through it.
//!
//! The layout depends on nodes and links only, so maps of two journeys through one network can be
//! laid side by side. `layout` places the boxes (with `tier`, `order`, `height`, `ports`), `route` leads
//! the links between them, `draw` draws (with `shape`, `path`, `text`); `export` writes the same map as
//! DOT and Mermaid text.

use serde::Serialize;

use super::font::Fonts;
use super::scene::Scene;
use super::spec::Caption;
use crate::error::Error;
use crate::lang::Lang;
use crate::text;

mod draw;
mod export;
mod height;
mod layout;
mod order;
mod path;
mod ports;
mod route;
pub(super) mod shape;
mod text;
mod tier;

pub use export::{dot, mermaid};

/// A network to draw. [`svg`](super::svg) and its siblings draw it; [`dot`] and [`mermaid`] write it
/// as text for other programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Map {
    schema: &'static str,
    /// The language that all strings are in.
    pub lang: Lang,
    /// The words around the drawing.
    pub caption: Caption,
    /// The boxes. In equal tiers the first stands on top, as far as the links allow.
    pub nodes: Vec<MapNode>,
    /// The links. Two that join the same nodes in opposite directions are drawn as one line.
    pub links: Vec<MapLink>,
    /// A journey: indices of nodes in the order of visits; each step must follow a link, in either
    /// direction.
    pub walk: Option<Vec<usize>>,
}

impl Map {
    /// A map of the current version of this description, without nodes.
    pub fn new(lang: Lang, caption: Caption) -> Map {
        Map {
            schema: "hopcast.map/1",
            lang,
            caption,
            nodes: Vec::new(),
            links: Vec::new(),
            walk: None,
        }
    }
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MapNode {
    /// Name in the exports.
    pub id: String,
    /// What the box says, a few short lines.
    pub label: Vec<String>,
    /// Its number in the plan's figure.
    pub number: Option<u32>,
    /// Column; only the order of tiers counts. Without one: a column after its nearest neighbour.
    pub tier: Option<u32>,
    /// Who must repair it: the colour of the box. Empty is nobody known.
    pub owner: String,
    /// What it is: the shape of the box.
    pub kind: Kind,
}

/// What a node is, as far as its shape tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A user's device.
    Terminal,
    /// A carrier or another network that is not ours.
    Carrier,
    /// VPN, firewall, gateway.
    Gateway,
    /// Switch, router, load balancer.
    #[default]
    Network,
    /// Application or service.
    Server,
    /// Database, file storage.
    Storage,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MapLink {
    /// Index of the node that it leaves.
    pub from: usize,
    /// Index of the node that it enters.
    pub to: usize,
    /// What stands at the line, a few short lines.
    pub label: Vec<String>,
    /// Whether the map points at it: the bottleneck.
    pub emphasis: bool,
    /// Whether it is drawn dashed: planned, standby, down.
    pub dashed: bool,
}

/// Nodes and links that a map may have: beyond it nobody can read it.
const MOST: usize = 400;

impl Map {
    /// An error when an index points nowhere, a link ends where it begins, a step of the walk follows
    /// no link, or there is too much to draw.
    fn check(&self) -> Result<(), Error> {
        if self.nodes.len() > MOST || self.links.len() > MOST {
            let (nodes, links) = (self.nodes.len(), self.links.len());
            return Err(Error::Argument(text!(
                "拓扑图有 {nodes} 个节点、{links} 条链路；各最多 {MOST}",
                "the map has {nodes} nodes and {links} links; at most {MOST} of each"
            )));
        }
        for link in &self.links {
            let (from, to) = (link.from, link.to);
            if from.max(to) >= self.nodes.len() || from == to {
                return Err(Error::Argument(text!(
                    "拓扑图的链路 {from} -> {to} 画不出；须连接两个不同的已有节点",
                    "the map's link {from} -> {to} cannot be drawn; it must join two different nodes"
                )));
            }
        }
        let walk = self.walk.as_deref().unwrap_or_default();
        let id = |node: usize| self.nodes.get(node).map_or("?", |node| &node.id);
        if let Some(node) = walk.iter().find(|node| **node >= self.nodes.len()) {
            return Err(Error::Argument(text!(
                "路径经过不存在的节点 {node}",
                "the walk visits node {node}, which is not there"
            )));
        }
        for step in walk.windows(2) {
            let joined = |link: &MapLink| {
                [link.from, link.to] == step || [link.to, link.from] == [step[0], step[1]]
            };
            if !self.links.iter().any(joined) {
                let (from, to) = (id(step[0]), id(step[1]));
                return Err(Error::Argument(text!(
                    "路径从 {from} 到 {to} 没有链路",
                    "the walk goes from {from} to {to}, where there is no link"
                )));
            }
        }
        Ok(())
    }

    /// The map laid out.
    pub(super) fn lay(&self, fonts: &Fonts) -> Result<Scene, Error> {
        self.check()?;
        let layout = layout::lay(self, fonts);
        Ok(draw::draw(self, &route::lead(layout), fonts))
    }
}

/// Name of a kind for the legend.
fn kind_name(kind: Kind, lang: Lang) -> &'static str {
    match kind {
        Kind::Terminal => lang.pick("终端", "terminal"),
        Kind::Carrier => lang.pick("运营商或外部网络", "carrier, outside network"),
        Kind::Gateway => lang.pick("网关、VPN、防火墙", "gateway, VPN, firewall"),
        Kind::Network => lang.pick("网络设备", "network device"),
        Kind::Server => lang.pick("应用与服务", "application, service"),
        Kind::Storage => lang.pick("数据库与存储", "database, storage"),
    }
}

#[cfg(test)]
mod tests;
