//! The path as a drawing: one line for each node, one for each link between, side loops beside
//! the trunk.
//!
//! ```text
//!   4  ●     gateway                 city data bureau
//!      │     0.1 ms*  10 Gbit/s*
//!   5  ●─╮   load balancer           city data bureau
//!      │ │   6 ms*  1000 Mbit/s*
//!   6  │ ●   provincial gateway      province
//! ```
//!
//! The first journey is drawn to its turning point; each further one until it joins a journey that
//! is drawn; what no journey passes comes last.

use super::{View, network};
use crate::lang::words::Word;
use crate::lang::{Lang, pad_left, pad_right, width};
use crate::topology::passage::{Passage, Role};
use crate::topology::{Journey, LinkAt, NodeAt, Way};

/// Draws every journey and what no journey passes.
pub(super) fn draw(view: &View<'_>) -> String {
    let nodes = || (0..view.topology.nodes.len()).map(NodeAt);
    let numbers = nodes().map(|at| width(&number(view, at))).max();
    let names = nodes().map(|at| width(view.topology[at].name.get(view.lang)));
    let mut drawing = Drawing {
        view,
        number: numbers.unwrap_or(0).max(2),
        // Room for "(2)" behind the name of a node that is passed again.
        name: names.max().unwrap_or(0) + 4,
        seen: vec![false; view.topology.nodes.len()],
        passed: vec![false; view.topology.links.len()],
        text: String::new(),
    };
    let journeys = &view.topology.journeys;
    for (position, journey) in journeys.iter().enumerate() {
        drawing.journey(journey, &journeys[..position]);
    }
    drawing.rest();
    drawing.text
}

fn number(view: &View<'_>, at: NodeAt) -> String {
    let number = view.topology[at].number;
    number.map_or(String::new(), |number| number.to_string())
}

/// Where `journey` joins an earlier one for the rest of its way out: the position in its steps,
/// and the earlier journey.
fn joins<'j>(journey: &Journey, earlier: &'j [Journey]) -> Option<(usize, &'j Journey)> {
    let own = journey.outward();
    let common = |other: &Journey| {
        let steps = own.iter().rev().zip(other.outward().iter().rev());
        steps.take_while(|(a, b)| a.node == b.node).count()
    };
    let (length, other) = earlier
        .iter()
        // Of equals the last one counts: the first drawn is the one that is drawn whole.
        .rev()
        .map(|other| (common(other), other))
        .max_by_key(|(length, _)| *length)?;
    (length > 1).then(|| (own.len() - length, other))
}

struct Drawing<'v> {
    view: &'v View<'v>,
    /// Cells of the column of figure numbers.
    number: usize,
    /// Cells of the column of names.
    name: usize,
    seen: Vec<bool>,
    passed: Vec<bool>,
    text: String,
}

impl Drawing<'_> {
    fn journey(&mut self, journey: &Journey, earlier: &[Journey]) {
        let view = self.view;
        let extent = view.topology.extent(journey);
        let (name, id) = (journey.name.get(view.lang), &journey.id);
        let (hops, whole) = (extent.hops, extent.whole());
        let (outward, trunk) = (extent.outward, extent.trunk);
        let figures = match view.lang {
            Lang::Zh => format!("{hops} 跳，单程 {outward}，往返 {whole}"),
            Lang::En => format!("{hops} hops, {outward} one way, {whole} there and back"),
        };
        let without = match (journey.loops.is_empty(), view.lang) {
            (true, _) => String::new(),
            (false, Lang::Zh) => format!("（不含支路环 {trunk}）"),
            (false, Lang::En) => format!(" ({trunk} without side loops)"),
        };
        self.text
            .push_str(&format!("\n{name} ({id}): {figures}{without}\n"));
        let passages = view.topology.passages(journey);
        let outward = &passages[..journey.outward().len()];
        let joined = joins(journey, earlier);
        let until = joined.map_or(outward.len(), |(at, _)| at);
        let narrowest = extent.narrowest.map(|(link, ..)| link);
        for passage in &outward[..until] {
            self.link(passage, narrowest);
            self.node(passage);
        }
        if let Some((at, other)) = joined {
            self.link(&outward[at], narrowest);
            self.join(outward[at].step.node, other);
        }
        let mirrored = journey.steps.iter().rev().map(|step| step.node);
        if !mirrored.eq(journey.steps.iter().map(|step| step.node)) {
            let back = passages[journey.turn..].iter();
            let route = view.route(back.map(|passage| passage.step.node));
            let word = view.lang.pick("返回路径不同", "another way back");
            self.text.push_str(&format!("  {word}: {route}\n"));
        }
        let state = network::state(view, journey);
        if !state.is_empty() {
            self.text
                .push_str(&format!("  {}: {state}\n", view.word(Word::State)));
        }
    }

    /// The line of a node: number, signs, name, owner, what is special.
    fn node(&mut self, passage: &Passage) {
        let lang = self.view.lang;
        let signs = match passage.role {
            Role::Leaves(_) => "●─╮",
            Role::Rejoins(_) => "●─╯",
            Role::Loop(_) => "│ ●",
            Role::Turn => "◉",
            Role::Start | Role::Trunk | Role::End => "●",
        };
        let said = match passage.role {
            Role::Leaves(number) => match lang {
                Lang::Zh => format!("支路环 {number} 起"),
                Lang::En => format!("side loop {number} begins"),
            },
            Role::Rejoins(number) => match lang {
                Lang::Zh => format!("支路环 {number} 止"),
                Lang::En => format!("side loop {number} ends"),
            },
            Role::Turn => lang.pick("折返点", "turning point").to_string(),
            _ => String::new(),
        };
        let again = match passage.visit {
            1 => String::new(),
            visit => format!(" ({visit})"),
        };
        let at = passage.step.node;
        self.seen[at.0] = true;
        let name = format!("{}{again}", self.view.topology[at].name.get(lang));
        self.line(at, signs, &name, &said);
    }

    /// A line of the drawing.
    fn line(&mut self, at: NodeAt, signs: &str, name: &str, said: &str) {
        let view = self.view;
        let owner = view.topology[view.topology[at].owner].name.get(view.lang);
        let owners = view.topology.owners.iter();
        let owners = owners.map(|owner| width(owner.name.get(view.lang)));
        let line = format!(
            "{}  {} {} {} {said}",
            pad_left(&number(view, at), self.number),
            pad_right(signs, 5),
            pad_right(name, self.name),
            pad_right(owner, owners.max().unwrap_or(0)),
        );
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// The line of the link that leads to a node.
    fn link(&mut self, passage: &Passage, narrowest: Option<LinkAt>) {
        let Some((at, way)) = passage.step.via else {
            return;
        };
        self.passed[at.0] = true;
        let beside = matches!(passage.role, Role::Loop(_) | Role::Rejoins(_));
        let signs = match (beside, self.view.topology[at].failed) {
            (true, false) => "│ │",
            (true, true) => "│ ╳",
            (false, false) => "│",
            (false, true) => "╳",
        };
        let mut said = self.said(at);
        if way == Way::Down {
            said.push_str("  ↓");
        }
        if narrowest == Some(at) {
            said.push_str(self.view.lang.pick("  ◀ 最窄", "  ◀ narrowest"));
        }
        let indent = " ".repeat(self.number + 2);
        self.text
            .push_str(&format!("{indent}{} {said}\n", pad_right(signs, 5)));
    }

    /// A link's delay, capacity, name and policy.
    fn said(&self, at: LinkAt) -> String {
        let view = self.view;
        let link = &view.topology[at];
        let mut said = vec![view.delay(link), view.capacities(link)];
        if link.failed {
            said.push(view.lang.pick("断开", "down").to_string());
        }
        said.push(network::named(view, link).to_string());
        if let Some(policy) = link.policy {
            said.push(format!(
                "{} {}",
                view.word(Word::Policy),
                view.topology[policy].id
            ));
        }
        said.retain(|part| !part.is_empty());
        said.join("  ")
    }

    fn join(&mut self, at: NodeAt, other: &Journey) {
        let name = self.view.topology[at].name.get(self.view.lang);
        let id = &other.id;
        let said = match self.view.lang {
            Lang::Zh => format!("以下同 {id}"),
            Lang::En => format!("from here as {id}"),
        };
        self.line(at, "○", name, &said);
    }

    /// Links that no journey passes, and nodes that nothing joins.
    fn rest(&mut self) {
        let view = self.view;
        let links = view.topology.links.iter().enumerate();
        let left: Vec<_> = links.filter(|(at, _)| !self.passed[*at]).collect();
        let mut lines = Vec::new();
        let owned = |at: NodeAt| {
            let owner = view.topology[view.topology[at].owner].name.get(view.lang);
            format!("{} [{owner}]", view.full(at))
        };
        for (at, link) in left {
            let (from, to) = (owned(link.from), owned(link.to));
            let rail = if link.failed { "╳" } else { "──" };
            lines.push(format!(
                "  {from} ●─{rail} {} {rail}─● {to}",
                self.said(LinkAt(at))
            ));
            self.seen[link.from.0] = true;
            self.seen[link.to.0] = true;
        }
        for at in 0..self.seen.len() {
            if !self.seen[at] {
                lines.push(format!("  ● {}", owned(NodeAt(at))));
            }
        }
        if !lines.is_empty() {
            let title = view.lang.pick("不在任何路径上", "on no journey");
            self.text
                .push_str(&format!("\n{title}:\n{}\n", lines.join("\n")));
        }
    }
}
