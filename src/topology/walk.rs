//! Journeys: from `"1->2->3->2->1"` to steps over links, with the turning point and side loops.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::file::JourneyFile;
use super::{Journey, Link, LinkAt, Node, NodeAt, Step, Way};
use crate::document::Checked;
use crate::error::{Problem, did_you_mean};
use crate::lang::Text;
use crate::text;

/// Which links join which nodes.
pub(super) struct Wiring<'t> {
    nodes: &'t [Node],
    links: &'t [Link],
    joins: HashMap<(NodeAt, NodeAt), Vec<(LinkAt, Way)>>,
    /// Whether a link's end is unknown: it may be the one that seems to be missing.
    dangling: bool,
}

impl<'t> Wiring<'t> {
    pub(super) fn new(nodes: &'t [Node], links: &'t [Link], dangling: bool) -> Wiring<'t> {
        let mut joins: HashMap<_, Vec<_>> = HashMap::new();
        for (position, link) in links.iter().enumerate() {
            let at = LinkAt(position);
            joins
                .entry((link.from, link.to))
                .or_default()
                .push((at, Way::Up));
            joins
                .entry((link.to, link.from))
                .or_default()
                .push((at, Way::Down));
        }
        Wiring {
            nodes,
            links,
            joins,
            dangling,
        }
    }

    /// The link from one node to another: the first written that is in service, else the first
    /// written (the walk is then broken there).
    fn between(&self, from: NodeAt, to: NodeAt) -> Option<(LinkAt, Way)> {
        let all = self.joins.get(&(from, to))?;
        let works = |(at, _): &&(LinkAt, Way)| !self.links[at.0].failed;
        all.iter().find(works).or(all.first()).copied()
    }

    /// The node that a word of a path means: an id, or the figure's number.
    fn node(&self, word: &str) -> Option<NodeAt> {
        let by_id = self.nodes.iter().position(|node| node.id == word);
        let by_number = || {
            let number: u32 = word.parse().ok()?;
            self.nodes
                .iter()
                .position(|node| node.number == Some(number))
        };
        by_id.or_else(by_number).map(NodeAt)
    }

    /// Reads the path of journey `id`; every problem is reported at its text.
    pub(super) fn journey(
        &self,
        id: &str,
        written: &JourneyFile,
        checked: &mut Checked<'_>,
    ) -> Journey {
        let here = ["journey", id, "path"];
        let words: Vec<&str> = written.path.split("->").map(str::trim).collect();
        let found: Vec<Option<NodeAt>> = words.iter().map(|word| self.node(word)).collect();
        for (word, node) in words.iter().zip(&found) {
            if node.is_none() {
                checked.report(&here, |place| {
                    let known = self.nodes.iter().map(|node| node.id.as_str());
                    let problem = Problem::error(
                        "journey-unknown-node",
                        place,
                        text!(
                            "路径里的 \"{word}\" 不是节点编号也不是图号",
                            "\"{word}\" in the path is no node's id or number"
                        ),
                    );
                    problem.help(match did_you_mean(word, known) {
                        Some(near) => text!("是不是 \"{near}\"？", "did you mean \"{near}\"?"),
                        None => Text::new(
                            "写成 \"编号->编号->…\"，用节点编号或图号",
                            "write \"node->node->…\" with node ids or the figure's numbers",
                        ),
                    })
                });
            }
        }
        if words.len() < 2 {
            checked.report(&here, |place| {
                Problem::error(
                    "journey-too-short",
                    place,
                    Text::new("路径少于两个节点", "the path has fewer than two nodes"),
                )
                .help(Text::new("至少写 \"甲->乙\"", "write at least \"a->b\""))
            });
        }
        let gaps = self.gaps(&found, &here, checked);
        // A walk with a hole has no loops to speak of: it stays without steps.
        let mut visits: Vec<NodeAt> = match gaps || found.contains(&None) {
            true => Vec::new(),
            false => found.into_iter().flatten().collect(),
        };
        let turn = self.turn(&mut visits, id, written.turn.as_deref(), checked);
        let steps = self.steps(&visits);
        let broken = steps
            .iter()
            .filter_map(|step| step.via)
            .map(|(link, _)| link)
            .find(|link| self.links[link.0].failed);
        Journey {
            id: id.to_string(),
            name: written.name.clone().into(),
            loops: side_loops(&visits, turn),
            steps,
            turn,
            broken,
            fallback: None,
        }
    }

    /// Closes the walk and finds its turning point: the stated node, else the middle. Everything
    /// timed on a journey hangs on this point, so a walk that does not show it is refused.
    fn turn(
        &self,
        visits: &mut Vec<NodeAt>,
        id: &str,
        stated: Option<&str>,
        checked: &mut Checked<'_>,
    ) -> usize {
        let middle = close(visits);
        if visits.is_empty() {
            return middle;
        }
        let found = match stated {
            Some(word) => self.node(word).and_then(|node| only(visits, node)),
            None => Some(middle).filter(|&middle| clear(visits, middle)),
        };
        if found.is_none() {
            let key = if stated.is_some() { "turn" } else { "path" };
            checked.report(&["journey", id, key], |place| {
                Problem::error(
                    "journey-turn-unclear",
                    place,
                    text!(
                        "看不出路径 \"{id}\" 在哪个节点折返",
                        "at which node journey \"{id}\" turns back cannot be told"
                    ),
                )
                .help(Text::new(
                    "写 turn = \"节点\"：请求到达、应答开始返回的节点，来回走完整条路径只经过它一次",
                    "write turn = \"node\": where the request has arrived and the answer starts \
                     back, a node that the walk there and back visits once",
                ))
            });
        }
        found.unwrap_or(middle)
    }

    fn steps(&self, visits: &[NodeAt]) -> Vec<Step> {
        let before = std::iter::once(None).chain(visits.iter().copied().map(Some));
        let pairs = visits.iter().zip(before);
        pairs
            .map(|(&node, before)| Step {
                node,
                via: before.and_then(|before| self.between(before, node)),
            })
            .collect()
    }

    /// Reports each pair of neighbours that no link joins, once; whether there was one.
    fn gaps(&self, found: &[Option<NodeAt>], here: &[&str], checked: &mut Checked<'_>) -> bool {
        let mut missing = Vec::new();
        let pairs = found.iter().zip(found.iter().skip(1));
        for (before, node) in pairs.filter_map(|(before, node)| before.zip(*node)) {
            let gap = (before.min(node), before.max(node));
            if self.between(before, node).is_none() && !missing.contains(&gap) {
                missing.push(gap);
            }
        }
        for (a, b) in missing.iter().filter(|_| !self.dangling) {
            let (a, b) = (&self.nodes[a.0].id, &self.nodes[b.0].id);
            checked.report(here, |place| {
                Problem::error(
                    "journey-gap",
                    place,
                    text!(
                        "\"{a}\" 与 \"{b}\" 之间没有链路",
                        "no link joins \"{a}\" and \"{b}\""
                    ),
                )
                .help(text!(
                    "加一条 from = \"{a}\"、to = \"{b}\" 的链路，或改路径",
                    "add a link from = \"{a}\", to = \"{b}\", or mend the path"
                ))
            });
        }
        !missing.is_empty()
    }
}

/// Makes a one-way path a closed walk; gives the position of the turning point.
fn close(visits: &mut Vec<NodeAt>) -> usize {
    if visits.len() > 2 && visits.first() == visits.last() {
        return visits.len() / 2;
    }
    let turn = visits.len().saturating_sub(1);
    let back: Vec<_> = visits.iter().rev().skip(1).copied().collect();
    visits.extend(back);
    turn
}

/// The position of `node` in a walk that visits it once.
fn only(visits: &[NodeAt], node: NodeAt) -> Option<usize> {
    let mut all = (0..visits.len()).filter(|&at| visits[at] == node);
    all.next().filter(|_| all.next().is_none())
}

/// Whether the middle of a closed walk must be its turning point: it is visited once, and without
/// side loops the way back is the way out.
fn clear(visits: &[NodeAt], middle: usize) -> bool {
    let loops = side_loops(visits, middle);
    let trunk = |half: RangeInclusive<usize>| {
        let inside = |at: usize| {
            loops
                .iter()
                .any(|range| at > *range.start() && at <= *range.end())
        };
        half.filter(move |&at| !inside(at)).map(|at| visits[at])
    };
    let end = visits.len().saturating_sub(1);
    let back: Vec<NodeAt> = trunk(middle..=end).collect();
    only(visits, visits[middle]).is_some() && trunk(0..=middle).eq(back.into_iter().rev())
}

/// The excursions of a walk from its trunk: on each half, from a node's first visit to its last.
/// In 4->5->6->7->8->9->6->5->10 that is 5->6->7->8->9->6->5: node 6 stands inside it twice.
fn side_loops(visits: &[NodeAt], turn: usize) -> Vec<RangeInclusive<usize>> {
    let mut loops = Vec::new();
    for (start, end) in [(0, turn), (turn, visits.len().saturating_sub(1))] {
        let mut at = start;
        while at < end {
            let last = (at..=end).rev().find(|&later| visits[later] == visits[at]);
            match last {
                Some(last) if last > at => {
                    loops.push(at..=last);
                    at = last + 1;
                }
                _ => at += 1,
            }
        }
    }
    loops
}

impl Journey {
    /// Whether it passes `node` anywhere.
    pub fn visits(&self, node: NodeAt) -> bool {
        self.steps.iter().any(|step| step.node == node)
    }

    /// The steps from the start to the turning point, side loops included.
    pub fn outward(&self) -> &[Step] {
        &self.steps[..=self.turn.min(self.steps.len().saturating_sub(1))]
    }

    /// The side loop (from 1) that the step to `position` belongs to; `None` on the trunk.
    pub fn loop_at(&self, position: usize) -> Option<u32> {
        let inside =
            |range: &RangeInclusive<usize>| position > *range.start() && position <= *range.end();
        let found = self.loops.iter().position(inside);
        found.map(|at| at as u32 + 1)
    }

    /// Links of the walk without its side loops, each with the way it is passed, in order.
    pub fn trunk(&self) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        self.trunk_out().chain(self.trunk_back())
    }

    /// Links of the trunk from the start to the turning point.
    pub fn trunk_out(&self) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        self.trunk_between(0..self.turn + 1)
    }

    /// Links of the trunk from the turning point back to the start.
    pub fn trunk_back(&self) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        self.trunk_between(self.turn + 1..self.steps.len())
    }

    /// Links of the trunk on the way to the first visit of `node`; none where it is not visited.
    pub fn trunk_to(&self, node: NodeAt) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        let first = self.steps.iter().position(|step| step.node == node);
        self.trunk_between(0..first.map_or(0, |first| first + 1))
    }

    fn trunk_between(
        &self,
        positions: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        let own = positions.filter(|&position| self.loop_at(position).is_none());
        own.filter_map(|position| self.steps.get(position)?.via)
    }

    /// Links of side loop `number` (from 1), each with the way it is passed; empty if there is none.
    pub fn side_loop(&self, number: u32) -> impl Iterator<Item = (LinkAt, Way)> + '_ {
        let range = (number as usize)
            .checked_sub(1)
            .and_then(|at| self.loops.get(at))
            .map_or(0..0, |range| *range.start() + 1..*range.end() + 1);
        self.steps[range].iter().filter_map(|step| step.via)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(text: &str) -> Vec<NodeAt> {
        text.split("->")
            .map(|word| NodeAt(word.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_office_walk_turns_at_its_middle_and_has_two_side_loops() {
        let text = "1->2->3->4->5->6->7->8->9->6->5->10->11->10->5->6->9->8->7->6->5->4->3->2->1";
        let mut walk = visits(text);
        let turn = close(&mut walk);
        assert_eq!((walk.len(), turn, walk[turn]), (25, 12, NodeAt(11)));
        // By hand: positions 4..=10 are 5 6 7 8 9 6 5; positions 14..=20 are 5 6 9 8 7 6 5.
        assert_eq!(side_loops(&walk, turn), [4..=10, 14..=20]);
        let journey = Journey {
            id: String::new(),
            name: Text::default(),
            loops: side_loops(&walk, turn),
            // The link of a step is named by the position that it leads to.
            steps: (0..walk.len())
                .map(|position| Step {
                    node: walk[position],
                    via: (position > 0).then_some((LinkAt(position), Way::Up)),
                })
                .collect(),
            turn,
            broken: None,
            fallback: None,
        };
        let numbers = |links: &mut dyn Iterator<Item = (LinkAt, Way)>| -> Vec<usize> {
            links.map(|(link, _)| link.0).collect()
        };
        let out = numbers(&mut journey.trunk_out());
        assert_eq!(out, [1, 2, 3, 4, 11, 12]);
        let back = numbers(&mut journey.trunk_back());
        assert_eq!(back, [13, 14, 21, 22, 23, 24]);
        assert_eq!(numbers(&mut journey.trunk()), [out, back].concat());
        assert_eq!(
            [4, 5, 10, 11, 20].map(|position| journey.loop_at(position)),
            [None, Some(1), Some(1), None, Some(2)]
        );
        assert!(clear(&walk, turn));
    }

    #[test]
    fn a_loop_on_one_half_only_moves_the_middle_off_the_turning_point() {
        // The body of a document no longer passes the province: one loop is gone, and the middle of
        // the walk is node 6 inside the other, not node 11.
        let mut walk = visits("1->5->6->7->6->5->10->11->10->5->1");
        let middle = close(&mut walk);
        assert!(!clear(&walk, middle));
        assert_eq!(only(&walk, NodeAt(11)), Some(7));
        assert_eq!(side_loops(&walk, 7), [1..=5]);
        assert_eq!(only(&walk, NodeAt(10)), None);
        // A ring is walked out and back over different nodes: only its writer knows the far end.
        let mut ring = visits("1->2->3->4->1");
        let middle = close(&mut ring);
        assert!(!clear(&ring, middle));
        // One way, but back again already: nobody knows which of the two ends is meant.
        let mut again = visits("1->2->3->4->3->2");
        let middle = close(&mut again);
        assert!(!clear(&again, middle));
    }

    #[test]
    fn a_one_way_path_is_walked_back() {
        let mut walk = visits("1->2->3");
        assert_eq!(close(&mut walk), 2);
        assert_eq!(walk, visits("1->2->3->2->1"));
        assert!(side_loops(&walk, 2).is_empty());
    }
}
