//! Owners, nodes, links and journeys as tables.

use super::{Page, View};
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::topology::{Link, Node, OrderName, Way};

pub(super) fn sections(page: &mut Page<'_>) {
    let view = page.view;
    page.section(Word::Owner, &owners(view));
    page.section(Word::Node, &nodes(view));
    page.titled(
        view.lang.pick("地址与探测点", "addresses and probe points"),
        &addresses(view),
    );
    page.section(Word::Link, &links(view));
    page.section(Word::Journey, &journeys(view));
}

fn owners(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Action));
    for owner in &view.topology.owners {
        let action = owner.action.as_ref().map_or("", |text| text.get(view.lang));
        table.row([&owner.id, owner.name.get(view.lang), action]);
    }
    table
}

fn nodes(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .right(view.word(Word::Number))
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Kind))
        .left(view.word(Word::Owner))
        .right(view.word(Word::Machines))
        .right(view.word(Word::Needs))
        .right(view.word(Word::Workers))
        .left(view.word(Word::Order))
        .right(view.word(Word::Sessions))
        .left(view.word(Word::KeepAlive))
        .right(view.word(Word::Availability))
        .left(view.word(Word::Note));
    for node in &view.topology.nodes {
        let record = ["node", &node.id];
        let marks = view.marks;
        table.row([
            node.number.map_or(String::new(), |n| n.to_string()),
            node.id.clone(),
            node.name.get(view.lang).to_string(),
            node.kind.text().get(view.lang).to_string(),
            view.topology[node.owner].name.get(view.lang).to_string(),
            machines(view, node),
            marks.cell(&record, &["needs"], node.needs),
            marks.maybe(&record, "workers", node.workers),
            match node.order {
                OrderName::FirstCome => String::new(),
                order => order.text().get(view.lang).to_string(),
            },
            marks.maybe(&record, "sessions", node.sessions),
            marks.maybe(
                &record,
                "keep-alive",
                node.keep_alive
                    .map(|own| own.text().get(view.lang).to_string()),
            ),
            marks.maybe(&record, "availability", node.availability),
            node.note
                .as_ref()
                .map_or("", |note| note.get(view.lang))
                .to_string(),
        ]);
    }
    table
}

/// What traces see and where nodes can be asked; nodes of which neither is known are left out.
fn addresses(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .right(view.word(Word::Number))
        .left(view.word(Word::Id))
        .left(view.word(Word::Address))
        .left(view.word(Word::Probe));
    for node in &view.topology.nodes {
        let addresses: Vec<_> = node.prefixes().map(|own| own.to_string()).collect();
        let probe = probe(view, node);
        if !(addresses.is_empty() && probe.is_empty()) {
            table.row([
                node.number.map_or(String::new(), |n| n.to_string()),
                node.id.clone(),
                addresses.join(", "),
                probe,
            ]);
        }
    }
    table
}

/// Where the node can be asked, or that it leaves probes unanswered.
fn probe(view: &View<'_>, node: &Node) -> String {
    let mut points = Vec::new();
    if node.silent {
        points.push(view.lang.pick("不应答", "silent").to_string());
    }
    points.extend(node.port.map(|port| format!("tcp/{port}")));
    points.extend(node.url.clone());
    points.extend(node.dns.as_ref().map(|name| format!("dns {name}")));
    points.join(", ")
}

/// Machines side by side, and how many of them work where some do not.
fn machines(view: &View<'_>, node: &Node) -> String {
    let all = view
        .marks
        .cell(&["node", &node.id], &["instances"], node.instances);
    match node.failed {
        0 => all,
        _ => {
            let working = node.working();
            let word = view.lang.pick("可用", "working");
            format!("{all} ({word} {working})")
        }
    }
}

fn links(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Ends))
        .left(view.word(Word::Name))
        .right(view.way(Word::Capacity, Way::Up))
        .right(view.way(Word::Capacity, Way::Down))
        .right(view.word(Word::Delay))
        .right(view.word(Word::Jitter))
        .right(view.word(Word::Loss))
        .left(view.word(Word::Burst))
        .left(view.word(Word::Policy))
        .left(view.word(Word::Owner))
        .left(view.word(Word::Carrier))
        .right(view.word(Word::Availability))
        .right(view.word(Word::Price))
        .left(view.word(Word::State));
    for link in &view.topology.links {
        let record = ["link", &link.id];
        let marks = view.marks;
        table.row([
            link.id.clone(),
            format!("{} → {}", view.short(link.from), view.short(link.to)),
            named(view, link).to_string(),
            view.capacity(link, Way::Up),
            view.capacity(link, Way::Down),
            view.delay(link),
            marks.cell(&record, &["jitter"], link.jitter),
            marks.cell(&record, &["loss"], link.loss),
            marks.maybe(
                &record,
                "burst",
                link.burst.map(|own| own.text().get(view.lang).to_string()),
            ),
            link.policy
                .map_or(String::new(), |at| view.topology[at].id.clone()),
            view.topology[link.owner].name.get(view.lang).to_string(),
            link.carrier.clone().unwrap_or_default(),
            marks.maybe(&record, "availability", link.availability),
            marks.maybe(&record, "price", link.price),
            match link.failed {
                true => view.lang.pick("断开", "down").to_string(),
                false => String::new(),
            },
        ]);
    }
    table
}

/// A link's name, unless it has none but its id.
pub(super) fn named<'v>(view: &View<'v>, link: &'v Link) -> &'v str {
    match link.name.get(view.lang) {
        name if name == link.id => "",
        name => name,
    }
}

fn journeys(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Route))
        .right(view.word(Word::Hops))
        .right(view.word(Word::OneWay))
        .right(view.word(Word::RoundTrip))
        .right(view.lang.pick("往返（不含支路环）", "without side loops"))
        .left(view.word(Word::SideLoops))
        .left(view.word(Word::State));
    for journey in &view.topology.journeys {
        let extent = view.topology.extent(journey);
        let loops = journey.loops.iter().zip(&extent.loops);
        let loops = loops.map(|(range, delay)| {
            let route = view.route(journey.steps[range.clone()].iter().map(|step| step.node));
            format!("{route} ({delay})")
        });
        table.row([
            journey.id.clone(),
            journey.name.get(view.lang).to_string(),
            view.route(journey.steps.iter().map(|step| step.node)),
            extent.hops.to_string(),
            extent.outward.to_string(),
            extent.whole().to_string(),
            extent.trunk.to_string(),
            loops.collect::<Vec<_>>().join("\n"),
            state(view, journey),
        ]);
    }
    table
}

/// Where a journey is broken and what its users take then.
pub(super) fn state(view: &View<'_>, journey: &crate::topology::Journey) -> String {
    let broken = journey.broken.map(|at| {
        let at = view.link_id(at);
        match view.lang {
            crate::lang::Lang::Zh => format!("断于 {at}"),
            crate::lang::Lang::En => format!("broken at {at}"),
        }
    });
    let fallback = journey.fallback.map(|at| {
        let id = &view.topology[at].id;
        format!("{} {id}", view.lang.pick("备用", "fallback"))
    });
    broken
        .into_iter()
        .chain(fallback)
        .collect::<Vec<_>>()
        .join(", ")
}
