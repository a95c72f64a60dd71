//! From a topology, and perhaps one journey through it, to the map that `chart` draws.

use crate::chart::{Caption, Kind, Map, MapLink, MapNode};
use crate::lang::words::Word;
use crate::lang::{Lang, width};
use crate::report::topology::View;
use crate::topology::origin::Origin;
use crate::topology::{JourneyAt, Link, LinkAt, NodeKind, Way};

/// The map of everything, with the walk of journey `at` on it.
pub(super) fn map(view: &View<'_>, at: Option<JourneyAt>) -> Map {
    let topology = view.topology;
    let lang = view.lang;
    let mut map = Map::new(lang, caption(view, at));
    for node in &topology.nodes {
        map.nodes.push(MapNode {
            id: node.id.clone(),
            label: folded(node.name.get(lang)),
            number: node.number,
            tier: node.tier,
            owner: topology[node.owner].name.get(lang).to_string(),
            kind: kind(node.kind),
        });
    }
    let narrowest = narrowest(view, at);
    for (position, link) in topology.links.iter().enumerate() {
        let emphasis = narrowest == Some(LinkAt(position));
        for way in Way::BOTH {
            let (from, to) = match way {
                Way::Up => (link.from.0, link.to.0),
                Way::Down => (link.to.0, link.from.0),
            };
            map.links.push(MapLink {
                from,
                to,
                label: label(view, link, way),
                emphasis,
                dashed: link.failed,
            });
        }
    }
    map.walk = at.map(|at| {
        let steps = topology[at].steps.iter();
        steps.map(|step| step.node.0).collect()
    });
    map
}

/// Capacity and delay; for the way down only where it differs.
fn label(view: &View<'_>, link: &Link, way: Way) -> Vec<String> {
    match way {
        Way::Up => {
            let mut lines = vec![view.capacities(link), view.delay(link)];
            if link.failed {
                lines.push(view.lang.pick("断开", "down").to_string());
            }
            lines
        }
        Way::Down => Vec::new(),
    }
}

/// The narrowest link of the journey, or of all journeys: what limits first.
fn narrowest(view: &View<'_>, at: Option<JourneyAt>) -> Option<LinkAt> {
    let topology = view.topology;
    let journeys = topology.journeys.iter().enumerate();
    let meant = journeys.filter(|(position, _)| at.is_none_or(|at| at.0 == *position));
    meant
        .filter_map(|(_, journey)| topology.extent(journey).narrowest)
        .reduce(|least, other| if other.2 < least.2 { other } else { least })
        .map(|(link, ..)| link)
}

fn caption(view: &View<'_>, at: Option<JourneyAt>) -> Caption {
    let (topology, lang) = (view.topology, view.lang);
    let whole = topology.name.get(lang);
    let title = match at {
        None => whole.to_string(),
        Some(at) => {
            let journey = &topology[at];
            let extent = topology.extent(journey);
            let (name, hops, delay) = (journey.name.get(lang), extent.hops, extent.whole());
            match lang {
                Lang::Zh => format!("{name}：一次往返 {hops} 跳，空载时延 {delay}"),
                Lang::En => format!("{name}: {hops} hops there and back, {delay} idle"),
            }
        }
    };
    let under = lang.pick(
        "链路标容量与空载单程时延；红色为最窄链路",
        "links: capacity and idle one-way delay; the narrowest in red",
    );
    let subtitle = match at {
        None => under.to_string(),
        Some(_) => format!("{whole} · {under}"),
    };
    let source = topology.source.as_ref().map_or(String::new(), |source| {
        format!("{}{}", lang.pick("来源：", "source: "), source.get(lang))
    });
    let mut marks = Vec::new();
    if view.scenario.is_some() {
        marks.extend(
            view.scenario.map(|scenario| {
                format!("{}: {}", view.word(Word::Scenario), scenario.name.get(lang))
            }),
        );
    }
    let on_links = view.marks.values.iter().filter(|value| {
        let field = value.path.last().map_or("", String::as_str);
        let shown = ["capacity", "capacity-up", "capacity-down", "delay"].contains(&field);
        value.path.first().is_some_and(|section| section == "link") && shown
    });
    if on_links
        .into_iter()
        .any(|value| value.origin == Origin::Assumed)
    {
        marks.push(format!("* {}", view.word(Word::Assumed)));
    }
    let (nodes, links) = (topology.nodes.len(), topology.links.len());
    let alt = match lang {
        Lang::Zh => format!("{title}：{nodes} 个节点、{links} 条链路的拓扑图"),
        Lang::En => format!("{title}: map of {nodes} nodes and {links} links"),
    };
    Caption {
        title,
        subtitle,
        source,
        marks,
        alt,
    }
}

/// A name on one line, or on two of about equal length where it has a space and is so long that a
/// box would cut its end off.
fn folded(name: &str) -> Vec<String> {
    const LONG: usize = 24;
    let whole = width(name);
    let uneven = |(first, _): &(&str, &str)| width(first).abs_diff(whole - width(first));
    let halves = name
        .match_indices(' ')
        .filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    match halves.min_by_key(uneven) {
        Some((first, second)) if whole > LONG => vec![first.into(), second.into()],
        _ => vec![name.to_string()],
    }
}

fn kind(kind: NodeKind) -> Kind {
    match kind {
        NodeKind::Terminal => Kind::Terminal,
        NodeKind::Carrier => Kind::Carrier,
        NodeKind::Vpn | NodeKind::Gateway | NodeKind::ExternalGateway => Kind::Gateway,
        NodeKind::Access | NodeKind::LoadBalancer => Kind::Network,
        NodeKind::External | NodeKind::App | NodeKind::Server => Kind::Server,
        NodeKind::Database | NodeKind::Storage => Kind::Storage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_fold_near_their_middle() {
        assert_eq!(folded("Nginx load balancer"), ["Nginx load balancer"]);
        assert_eq!(
            folded("provincial verification service"),
            ["provincial", "verification service"]
        );
        let unbroken = "一个没有空格而且非常长的节点名字";
        assert_eq!(folded(unbroken), [unbroken]);
    }
}
