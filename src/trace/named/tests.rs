//! Which hops are which nodes, on paths whose truth is known.

use super::*;
use crate::trace::plan::Expected;
use crate::trace::report::Report;
use crate::trace::worlds::{World, about, address, path, plan};

/// What is planned at a place: a node with the address of this last part, or none.
fn node(id: &str, part: Option<u8>) -> Expected {
    let mut node = path(1, 1, 1).plan().hops.remove(0);
    node.id = id.to_string();
    node.name = Text::same(id);
    node.addresses = part.map(address).into_iter().collect();
    node
}

/// The nodes "a1", "b2", …: named by a letter and a part of their address, without one for "c-".
fn planned(words: &str) -> Plan {
    let nodes = words.split(' ').map(|word| {
        let part = word.get(1..).and_then(|part| part.parse().ok());
        node(word, part)
    });
    plan(Text::same("there"), nodes.collect())
}

/// The report of a run over `world` to its last hop.
fn report(world: &World, plan: Plan) -> Report {
    let target = u8::try_from(world.stops.len()).unwrap();
    Report::new(
        about(address(target), world.rounds),
        world.trace(),
        Some(plan),
    )
}

/// A path of which these distances are silent.
fn silent(length: u8, distances: &[u8]) -> World {
    let mut world = path(length, 5, 1000);
    for distance in distances {
        world.at(*distance).silent = true;
    }
    world
}

/// Id and mark of each row: "a1", "b2?" by place, "-" for none.
fn rows(report: &Report) -> String {
    let row = |row: &crate::trace::report::Row| match (&row.node, row.by) {
        (Some(node), Some(By::Place)) => format!("{}?", node.id),
        (Some(node), Some(By::Address)) => node.id.clone(),
        (None, None) => "-".to_string(),
        (node, by) => panic!("{node:?} {by:?}"),
    };
    report.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

fn ids(nodes: &[Expected]) -> Vec<&str> {
    nodes.iter().map(|node| node.id.as_str()).collect()
}

#[test]
fn silent_hops_are_the_nodes_between_when_there_are_as_many() {
    let report = report(&silent(5, &[2, 3]), planned("a1 b20 c- d4 e5"));
    assert_eq!(rows(&report), "a1 b20? c-? d4 e5");
    assert!(report.unseen.is_empty() && report.gaps.is_empty());
    // Nobody timed the silent ones: the segment goes on to the next node that answers.
    let ends = report
        .segments
        .iter()
        .map(|own| (own.from.distance, own.to.distance));
    assert_eq!(ends.collect::<Vec<_>>(), [(0, 1), (1, 4), (4, 5)]);
    // Three links of 1 ms and 0.1 ms of jitter, there and back.
    assert_eq!(report.segments[1].planned.as_micros(), 6600);
}

#[test]
fn who_answers_where_it_should_not_takes_no_others_place() {
    for (words, ends) in [
        ("a1 b2 c3 d4", vec![(0, 1), (1, 2), (2, 3), (3, 4)]),
        // The last but one answers at hop 1.
        ("a2 b3 c1 d4", vec![(0, 2), (2, 3), (3, 4)]),
        // The first answers at hop 3.
        ("a3 b1 c2 d4", vec![(0, 1), (1, 2), (2, 4)]),
    ] {
        // Every hop is a node of the plan all the same; those in its order bound the segments.
        let report = report(&path(4, 5, 1000), planned(words));
        assert!(report.rows.iter().all(|row| row.node.is_some()));
        let segments = report.segments.iter();
        let own = segments.map(|own| (own.from.distance, own.to.distance));
        assert_eq!(own.collect::<Vec<_>>(), ends, "{words}");
    }
}

#[test]
fn nothing_is_guessed_where_counts_differ() {
    for (length, quiet, words, seen, unseen, gap) in [
        (
            4,
            vec![2, 3],
            "a1 b20 d4",
            "a1 - - d4",
            "b20",
            (1, 4, 2, "b20"),
        ),
        (
            3,
            vec![2],
            "a1 b20 c- d3",
            "a1 - d3",
            "b20 c-",
            (1, 3, 1, "b20 c-"),
        ),
        (3, vec![2], "a1 d3", "a1 - d3", "", (1, 3, 1, "")),
    ] {
        let report = report(&silent(length, &quiet), planned(words));
        assert_eq!(
            (
                rows(&report).as_str(),
                ids(&report.unseen).join(" ").as_str()
            ),
            (seen, unseen)
        );
        let [own] = report.gaps.as_slice() else {
            panic!("{:?}", report.gaps)
        };
        let found = (
            own.around.0,
            own.around.1,
            own.hops(),
            ids(&own.expected).join(" "),
        );
        assert_eq!(found, (gap.0, gap.1, gap.2, gap.3.to_string()));
    }
    // Nothing stands before the first node that is known, and nothing behind the last.
    let report = report(&silent(4, &[1, 3]), planned("z- a2 y-"));
    assert_eq!(rows(&report), "- a2 - -");
    assert!(report.gaps.is_empty());
}

#[test]
fn a_stranger_is_the_one_node_between_of_which_no_address_is_written() {
    let answers = |words: &str| {
        let mut world = path(3, 5, 1000);
        world.at(2).who = |_, _, _| 77;
        report(&world, planned(words))
    };
    let by_place = answers("a1 b- c3");
    assert_eq!(rows(&by_place), "a1 b-? c3");
    assert!(!by_place.rows[1].unexpected);
    // It answers, so what is between can be told; that one end is known by place is marked.
    let ends = by_place.segments.iter().map(|own| own.to.by);
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [By::Address, By::Place, By::Address].map(Some)
    );
    assert!(by_place.segments[1].text().en.ends_with("b- (by place)"));
    // It has an address, and this is not it; there are two of them; it is known as another node.
    for (words, stranger) in [
        ("a1 b20 c3", None),
        ("a1 b- d- c3", None),
        ("a1 b- c3 x77", Some("x77")),
    ] {
        let report = answers(words);
        assert_eq!(rows(&report), "a1 - c3", "{words}");
        let row = &report.rows[1];
        let known = row.stranger.as_ref().map(|own| own.id.as_str());
        assert_eq!((row.unexpected, known), (true, stranger), "{words}");
    }
}

#[test]
fn nobody_else_may_answer_at_the_hops_around() {
    let mut world = silent(4, &[2]);
    world.flows = 2;
    world.at(3).who = |flow, _, _| if flow == 0 { 3 } else { 99 };
    assert_eq!(rows(&report(&world, planned("a1 b- c3 d4"))), "a1 - c3 d4");
    world.flows = 1;
    assert_eq!(
        rows(&report(&world, planned("a1 b- c3 d4"))),
        "a1 b-? c3 d4"
    );
}

#[test]
fn the_longest_network_says_whose_an_address_is() {
    let mut all = planned("a1 b- c3");
    let networks = |text: &str| vec![text.parse().unwrap()];
    all.hops[1].networks = networks("192.0.2.0/24");
    all.hops[2].networks = networks("192.0.2.2/31");
    all.hops[2].addresses.clear();
    let plan = plan(Text::same("there"), all.hops);
    let holder = |part| plan.holders.get(address(part)).map(|own| own.id.as_str());
    assert_eq!([1, 2, 3, 4].map(holder), ["a1", "c3", "c3", "b-"].map(Some));
    assert_eq!(plan.by_address(address(200)).unwrap().id, "b-");
}

/// 1, 2, the loop 6, 7, 6, back at 2, then 3 and 4.
fn looped() -> Plan {
    let mut plan = planned("a1 b2 p6 q7 p6 b2 c3 d4");
    plan.loops.push(2..6);
    plan
}

#[test]
fn a_loop_that_no_hop_shows_is_not_expected_on_the_way() {
    let past = report(&path(4, 5, 1000), looped());
    assert_eq!(rows(&past), "a1 b2 c3 d4");
    assert!(past.unseen.is_empty() && past.gaps.is_empty());
    let own = &past.loops[0];
    assert_eq!((own.of.id.as_str(), own.walked), ("b2", false));
    let nodes = own
        .nodes
        .iter()
        .map(|side| (side.node.id.as_str(), side.before.id.as_str()));
    assert_eq!(nodes.collect::<Vec<_>>(), [("p6", "b2"), ("q7", "p6")]);
    // From 2 to 3 by the one link between, not by those of the loop.
    assert_eq!(past.segments[2].planned.as_micros(), 2200);
}

#[test]
fn a_loop_that_a_hop_shows_is_walked() {
    let mut world = silent(8, &[4]);
    for (distance, who) in [(3, 6), (5, 6), (6, 2), (7, 3), (8, 4)] {
        world.at(distance).who = match who {
            2 => |_, _, _| 2,
            3 => |_, _, _| 3,
            4 => |_, _, _| 4,
            _ => |_, _, _| 6,
        };
    }
    let about = about(address(4), 5);
    let report = Report::new(about, world.trace(), Some(looped()));
    assert_eq!(rows(&report), "a1 b2 p6 q7? p6 b2 c3 d4");
    assert!(report.loops[0].walked);
}

#[test]
fn what_is_planned_behind_the_target_is_not_missed() {
    let mut world = path(2, 5, 1000);
    world.at(2).who = |_, _, _| 2;
    let report = report(&world, looped());
    assert_eq!(rows(&report), "a1 b2");
    assert!(report.unseen.is_empty() && report.loops.is_empty());
}
