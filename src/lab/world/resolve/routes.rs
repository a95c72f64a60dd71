//! From the paths of a world file to ways over lines.

use super::super::file::{LinkFile, WorldFile};
use super::super::path::{Part, parse};
use super::super::{Fork, Hop, Line, Route, Traits, World};
use super::report;
use crate::document::Checked;
use crate::error::choices;
use crate::lang::Text;
use crate::text;
use crate::units::Seconds;

/// Ways through all forks of one path, at most: eight forks of two branches, or two of sixteen.
const MOST_WAYS: usize = 256;

/// Lays the paths of a file: the lines and routes of `world`, whose nodes are there.
pub(super) fn lay(file: &WorldFile, world: &mut World, checked: &mut Checked<'_>) {
    let first = (&file.path, Seconds::ZERO, vec!["path".to_string()]);
    let later = file.change.iter().enumerate().map(|(at, change)| {
        let place = ["change", &at.to_string(), "path"].map(str::to_string);
        (&change.path, change.at, place.to_vec())
    });
    for (text, since, place) in [first].into_iter().chain(later) {
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        if let Some(parts) = read(text, world, &place, checked) {
            let route = route(&parts, since, file, world);
            world.routes.push(route);
        }
    }
    for (at, pair) in file.change.windows(2).enumerate() {
        if pair[0].at >= pair[1].at {
            report(
                checked,
                &["change", &(at + 1).to_string(), "at"],
                "change-out-of-order",
                Text::new(
                    "这次变化不晚于前一次",
                    "this change is not later than the one before",
                ),
                Text::new("按时间先后写", "write changes in the order of time"),
            );
        }
    }
    let paths = file.change.iter().map(|change| change.path.as_str());
    let whole = world.routes.len() == 1 + paths.count();
    if whole && !checked.doubtful(&["path"]) && !checked.doubtful(&["change"]) {
        unused(file, world, checked);
    }
}

/// A part of a path whose nodes are known.
type Known = Vec<Vec<usize>>;

/// Reads a path; `None` when it cannot be laid.
fn read(
    text: &str,
    world: &World,
    place: &[&str],
    checked: &mut Checked<'_>,
) -> Option<Vec<Known>> {
    let help = || {
        Text::new(
            "例如 \"client -> r1 -> (r2a | r2b) -> r3 -> server\"",
            "for example \"client -> r1 -> (r2a | r2b) -> r3 -> server\"",
        )
    };
    let parts = match parse(text) {
        Ok(parts) => parts,
        Err(message) => {
            report(checked, place, "bad-path", message, help());
            return None;
        }
    };
    let ids: Vec<&str> = world.nodes.iter().map(|node| node.id.as_str()).collect();
    let mut sound = true;
    let mut known = |word: &String| {
        let found = ids.iter().position(|id| id == word);
        if found.is_none() {
            sound = false;
            let message = text!("没有名为 \"{word}\" 的节点", "there is no node \"{word}\"");
            report(checked, place, "unknown-name", message, choices(word, &ids));
        }
        found.unwrap_or_default()
    };
    let found: Vec<Known> = parts
        .iter()
        .map(|part| match part {
            Part::Node(id) => vec![vec![known(id)]],
            Part::Fork(branches) => {
                let branch = |ids: &Vec<String>| ids.iter().map(&mut known).collect();
                branches.iter().map(branch).collect()
            }
        })
        .collect();
    if !sound {
        return None;
    }
    let mut faults = Vec::new();
    let ends = [World::CLIENT, world.server()];
    let flat: Vec<usize> = found.iter().flatten().flatten().copied().collect();
    let inner = flat.get(1..flat.len() - 1).unwrap_or_default();
    if [flat.first(), flat.last()] != [Some(&ends[0]), Some(&ends[1])]
        || inner.iter().any(|node| ends.contains(node))
    {
        faults.push(Text::new(
            "路径应从 client 开始，到 server 结束，中间只有路由器",
            "a path begins at client, ends at server, and has routers only between",
        ));
    }
    if found.get(1).is_some_and(|part| part.len() > 1) {
        faults.push(Text::new(
            "client 不能分叉：先写一个路由器",
            "the client cannot choose among branches: put a router first",
        ));
    }
    let way = |part: &Known, next: &Known| {
        let ends = part.iter().filter_map(|branch| branch.last());
        let mut pairs = ends.flat_map(|end| next.iter().map(move |branch| (end, branch.first())));
        pairs.any(|(end, begin)| Some(end) == begin)
            || part
                .iter()
                .any(|branch| branch.windows(2).any(|pair| pair[0] == pair[1]))
    };
    if found.windows(2).any(|pair| way(&pair[0], &pair[1])) {
        faults.push(Text::new(
            "一个节点紧跟着它自己",
            "a node stands right behind itself",
        ));
    }
    let ways = found
        .iter()
        .try_fold(1usize, |ways, part| ways.checked_mul(part.len()))
        .unwrap_or(usize::MAX);
    if ways > MOST_WAYS {
        faults.push(text!(
            "各分叉合起来超过 {MOST_WAYS} 条路",
            "all forks together make more than {MOST_WAYS} ways"
        ));
    }
    let sound = faults.is_empty();
    for message in faults {
        report(checked, place, "bad-path", message, help());
    }
    sound.then_some(found)
}

fn route(parts: &[Known], since: Seconds, file: &WorldFile, world: &mut World) -> Route {
    let forks = parts.windows(2).filter(|pair| pair[1].len() > 1);
    let forks = forks.filter_map(|pair| {
        let at = *pair[0].last()?.last()?;
        let branches = pair[1].len();
        Some(Fork { at, branches })
    });
    let forks = forks.collect();
    let mut walks: Vec<Vec<usize>> = vec![Vec::new()];
    for part in parts {
        let longer = |walk: &Vec<usize>| {
            let longer = part.iter().map(|branch| [walk, &branch[..]].concat());
            longer.collect::<Vec<_>>()
        };
        walks = walks.iter().flat_map(longer).collect();
    }
    let mut hop = |pair: &[usize]| Hop {
        node: pair[1],
        forward: line(file, world, pair[0], pair[1]),
        back: line(file, world, pair[1], pair[0]),
    };
    let way = |walk: &Vec<usize>| walk.windows(2).map(&mut hop).collect();
    Route {
        since,
        forks,
        ways: walks.iter().map(way).collect(),
    }
}

/// The line from one node to another, made when it is first asked for.
fn line(file: &WorldFile, world: &mut World, from: usize, to: usize) -> usize {
    let joins = |line: &Line| (line.from, line.to) == (from, to);
    if let Some(at) = world.lines.iter().position(joins) {
        return at;
    }
    let (a, b) = (&world.nodes[from].id, &world.nodes[to].id);
    let (here, there) = (format!("{a}-{b}"), format!("{b}-{a}"));
    let named = [
        file.link.get(&there),
        file.link.get(&here),
        file.back.get(&there),
        file.forward.get(&here),
    ];
    let tables: Vec<&LinkFile> = [Some(&file.links)]
        .into_iter()
        .chain(named)
        .flatten()
        .collect();
    let traits = traits(tables.iter().copied());
    world.lines.push(Line { from, to, traits });
    world.lines.len() - 1
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

/// Says which links and routers no path passes.
fn unused(file: &WorldFile, world: &World, checked: &mut Checked<'_>) {
    let id = |at: usize| world.nodes[at].id.as_str();
    let hops = || {
        world
            .routes
            .iter()
            .flat_map(|route| route.ways.iter().flatten())
    };
    let mut joined: Vec<String> = hops()
        .map(|hop| {
            let line = &world.lines[hop.forward];
            format!("{}-{}", id(line.from), id(line.to))
        })
        .collect();
    joined.sort();
    joined.dedup();
    let joined: Vec<&str> = joined.iter().map(String::as_str).collect();
    let tables = [
        ("link", &file.link),
        ("forward", &file.forward),
        ("return", &file.back),
    ];
    for (table, links) in tables {
        let unknown = links.keys().filter(|name| !joined.contains(&name.as_str()));
        for name in unknown {
            report(
                checked,
                &[table, name],
                "unknown-link",
                text!(
                    "没有路径经过链路 \"{name}\"",
                    "no path passes a link \"{name}\""
                ),
                choices(name, &joined),
            );
        }
    }
    let routers = file.router.keys().map(String::as_str);
    for name in routers.filter(|name| !["client", "server"].contains(name)) {
        if !hops().any(|hop| id(hop.node) == name) {
            report(
                checked,
                &["router", name],
                "unused-router",
                text!(
                    "没有路径经过路由器 \"{name}\"",
                    "no path passes router \"{name}\""
                ),
                Text::new(
                    "写进路径，或删去它",
                    "write it into the path, or take it away",
                ),
            );
        }
    }
}
