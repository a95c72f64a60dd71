//! Where boxes and lines of the sample networks stand, and that any network can be drawn.

use proptest::prelude::*;

use super::*;
use crate::chart::scene::Area;
use crate::chart::tests::networks::{maps, platform, redundant};
use route::Plan;

fn plan(map: &Map) -> Plan {
    route::lead(layout::lay(map, &Fonts::embedded().unwrap()))
}

/// Boxes by index of node.
fn boxes(map: &Map) -> Vec<Area> {
    let plan = plan(map);
    (0..map.nodes.len()).map(|node| plan.area(node)).collect()
}

fn middle(area: &Area) -> f64 {
    (area.top + area.bottom) / 2.0
}

#[test]
fn the_trunk_is_straight_and_the_provincial_loop_hangs_above_it() {
    let boxes = boxes(&platform(Lang::Zh, false));
    let of = |number: usize| &boxes[number - 1];
    for number in [2, 3, 4, 5, 10, 11] {
        assert_eq!(middle(of(number)), middle(of(1)), "node {number}");
    }
    for number in [6, 7, 8, 9] {
        assert!(of(number).bottom < of(10).top, "node {number}");
    }
    // A loop and not a chain: 7 and 9 side by side between 6 and 8.
    assert!(of(6).right < of(7).left && of(7).right < of(8).left);
    assert_eq!(of(7).left, of(9).left);
    assert!(of(7).bottom < of(9).top);
}

#[test]
fn a_walk_changes_no_place() {
    assert_eq!(
        boxes(&platform(Lang::En, false)),
        boxes(&platform(Lang::En, true))
    );
}

#[test]
fn the_walk_shows_all_four_visits_of_the_provincial_gateway() {
    // 1->2->3->4->5->6->7->8->9->6->5->10->11->10->5->6->9->8->7->6->5->4->3->2->1: node 6 is the
    // 6th, 10th, 16th and 20th stop, node 11 the 13th, node 1 the first and the last.
    let map = platform(Lang::Zh, true);
    let scene = map.lay(&Fonts::embedded().unwrap()).unwrap();
    let badges: Vec<&str> = scene
        .labels()
        .filter(|label| label.size == 12.5)
        .map(|label| label.text.as_str())
        .collect();
    assert_eq!(badges.len(), 25);
    let together = |stops: &[&str]| badges.windows(stops.len()).any(|some| some == stops);
    assert!(together(&["6", "10", "16", "20"]), "{badges:?}");
    assert!(
        together(&["1", "25"]) && together(&["12", "14", "13"]),
        "{badges:?}"
    );
}

/// No box on a box, no line through a box, every line from border to border.
fn check(map: &Map) -> Result<(), TestCaseError> {
    let plan = plan(map);
    let boxes: Vec<Area> = (0..map.nodes.len()).map(|node| plan.area(node)).collect();
    for (at, one) in boxes.iter().enumerate() {
        prop_assert!(one.left >= 0.0 && one.top >= -0.5 && one.right <= plan.width + 0.5);
        for other in &boxes[at + 1..] {
            prop_assert_eq!(one.shared(other), 0.0);
        }
    }
    for (edge, line) in plan.layout.edges.iter().zip(&plan.lines) {
        for ends in line.windows(2) {
            let (a, b) = (ends[0], ends[1]);
            prop_assert!(a.0 == b.0 || a.1 == b.1, "slanted: {a:?} {b:?}");
            let piece = Area {
                left: a.0.min(b.0) - 0.1,
                top: a.1.min(b.1) - 0.1,
                right: a.0.max(b.0) + 0.1,
                bottom: a.1.max(b.1) + 0.1,
            };
            for (node, area) in boxes.iter().enumerate() {
                let through = piece.shared(&area.grown(-1.0));
                prop_assert!(through == 0.0, "line {:?} through box {node}", edge.path);
            }
        }
        let (first, last) = edge.ends();
        for (item, end) in [(first, line.first()), (last, line.last())] {
            let (x, y) = *end.unwrap();
            let area = boxes[item].grown(0.5);
            let at_border = area.left <= x && x <= area.right && area.top <= y && y <= area.bottom;
            prop_assert!(
                at_border,
                "line {:?} ends at {x}, {y}, not at {area:?}",
                edge.path
            );
        }
    }
    Ok(())
}

#[test]
fn the_samples_keep_boxes_and_lines_apart() {
    for lang in [Lang::Zh, Lang::En] {
        for (name, map) in maps(lang) {
            check(&map).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn without_tiers_columns_count_links_from_the_first_node() {
    let map = redundant(Lang::En, false);
    let lefts: Vec<f64> = boxes(&map).iter().map(|area| area.left).collect();
    // Core 1; what it reaches in one link: core 2, both aggregations, the server; the access tier.
    assert!(lefts[0] < lefts[1]);
    for near in [2, 3, 7] {
        assert_eq!(lefts[near], lefts[1]);
    }
    for far in [4, 5, 6] {
        assert!(lefts[far] > lefts[1]);
        assert_eq!(lefts[far], lefts[4]);
    }
}

#[test]
fn a_node_without_tier_follows_its_neighbour() {
    let mut map = redundant(Lang::En, true);
    map.nodes[7].tier = None;
    map.links.pop();
    let lefts: Vec<f64> = boxes(&map).iter().map(|area| area.left).collect();
    assert!(lefts[7] > lefts[4]);
}

#[test]
fn what_cannot_be_drawn_is_refused_by_name() {
    let fonts = Fonts::embedded().unwrap();
    let refused = |map: &Map| map.lay(&fonts).unwrap_err().to_string();
    let mut map = redundant(Lang::En, true);
    map.walk = Some(vec![0, 2, 6]);
    let error = refused(&map);
    assert!(error.contains("s2") && error.contains("s6"), "{error}");
    map.walk = Some(vec![99]);
    assert!(refused(&map).contains("99"));
    map.walk = None;
    map.links[0].to = 8;
    assert!(refused(&map).contains("0 -> 8"));
    map.links[0].to = 0;
    assert!(refused(&map).contains("0 -> 0"));
}

#[test]
fn an_empty_map_is_a_title() {
    let map = Map::new(Lang::En, platform(Lang::En, false).caption);
    let scene = map.lay(&Fonts::embedded().unwrap()).unwrap();
    assert!(scene.labels().any(|label| label.text == map.caption.title));
    assert!(scene.height < 250.0, "{}", scene.height);
}

#[test]
fn dot_and_mermaid_say_the_same_and_escape_what_they_must() {
    let mut map = platform(Lang::Zh, true);
    map.nodes[0].label = vec!["say \"hi\" \\ #1".to_string(), "a<b>&`c`".to_string()];
    let dot = dot(&map);
    let mermaid = mermaid(&map);
    assert!(
        dot.contains(r##"n0 [label="1\nsay \"hi\" \\ #1\na<b>&`c`""##),
        "{dot}"
    );
    let escaped = "n0(\"1<br/>say #quot;hi#quot; \\ #35;1<br/>a#lt;b#gt;#amp;#96;c#96;\")";
    assert!(mermaid.contains(escaped), "{mermaid}");
    assert_eq!(dot.matches(" -> ").count(), map.links.len());
    let arrows = ["-->", "-.->", "==>"].map(|arrow| mermaid.matches(arrow).count());
    assert_eq!(arrows.iter().sum::<usize>(), map.links.len());
    // Step 5 is 5 -> 6; the second time is step 15.
    assert!(
        dot.contains("n4 -> n5 [label=\"100 Mbit/s\\n8 ms\\n(5) (15)\""),
        "{dot}"
    );
    assert!(dot.contains("{ rank=same; n0; n13; }"), "{dot}");
}

fn network() -> impl Strategy<Value = Map> {
    (1..14_usize).prop_flat_map(|count| {
        let tier = prop::option::of(0..5_u32);
        let link = (0..count, 0..count, 0..4_usize, any::<bool>());
        (
            prop::collection::vec(tier, count),
            prop::collection::vec(link, 0..24),
        )
            .prop_map(|(tiers, links)| {
                let mut map = Map::new(Lang::Zh, Caption::default());
                for (at, tier) in tiers.into_iter().enumerate() {
                    map.nodes.push(MapNode {
                        id: at.to_string(),
                        label: vec!["节点名称".repeat(at % 4)],
                        number: (at % 3 == 0).then_some(at as u32),
                        tier,
                        ..MapNode::default()
                    });
                }
                for (from, to, lines, emphasis) in links {
                    if from != to {
                        let label = vec!["250 Mbit/s".to_string(); lines];
                        map.links.push(MapLink {
                            from,
                            to,
                            label,
                            emphasis,
                            dashed: false,
                        });
                    }
                }
                map
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_network_keeps_boxes_apart_and_lines_out_of_boxes(map in network()) {
        check(&map)?;
        let scene = map.lay(&Fonts::embedded().unwrap()).unwrap();
        prop_assert!(scene.svg(&Fonts::embedded().unwrap()).is_ok());
    }
}
