//! What is said of nodes that are no hops: those of side loops, and those that cannot be told apart.

use crate::lang::Text;
use crate::text;
use crate::trace::named::Gap;
use crate::trace::side::{SideLoop, SideNode};

/// That hops between two known nodes are not told by their place.
pub(super) fn gap(gap: &Gap) -> Text {
    let (from, to) = gap.around;
    let (hops, count) = (gap.hops(), gap.expected.len());
    let expected: Vec<&str> = gap.expected.iter().map(|node| node.id.as_str()).collect();
    let listed = match expected.is_empty() {
        true => String::new(),
        false => format!(" ({})", expected.join(", ")),
    };
    text!(
        "第 {from} 跳与第 {to} 跳之间有 {hops} 跳，计划有 {count} 个节点{listed}：不按位置推定",
        "Between hops {from} and {to}: {hops} seen, {count} planned{listed}; none is told by its place"
    )
}

/// What is said of a side loop, a line for each of its nodes. One that the way leads through has its
/// nodes among the hops.
pub(super) fn notes(own: &SideLoop) -> impl Iterator<Item = Text> + '_ {
    let aside = own.nodes.iter().filter(|_| !own.walked);
    aside.map(|node| note(own, node))
}

fn note(own: &SideLoop, side: &SideNode) -> Text {
    let Text { zh, en } = &own.of.name;
    let (name, owner) = (&side.node.name, &side.node.owner);
    let (name_zh, owner_zh, name_en, owner_en) = (&name.zh, &owner.zh, &name.en, &owner.en);
    let head = text!(
        "{zh}的支路环：{name_zh}（{owner_zh}）",
        "Side loop of {en}: {name_en} ({owner_en})"
    );
    let (head_zh, head_en) = (head.zh, head.en);
    let Text { zh, en } = &side.before.name;
    let instead = text!(
        "；请从路径上它的前一节点“{zh}”探测",
        "; probe it from {en}, the node before it on the journey"
    );
    match (&side.asked, &side.obstacle) {
        (Some(report), _) => {
            let address = report.about.address;
            let Text { zh, en } = report.pain.text();
            let instead = match report.answered() {
                true => Text::default(),
                false => instead,
            };
            let (instead_zh, instead_en) = (instead.zh, instead.en);
            text!(
                "{head_zh}，从本机直接探测 {address}：{zh}{instead_zh}",
                "{head_en}, probed from here directly at {address}: {en}{instead_en}"
            )
        }
        (None, Some(Text { zh, en })) => {
            let (instead_zh, instead_en) = (instead.zh, instead.en);
            text!(
                "{head_zh}，不能从本机探测：{zh}{instead_zh}",
                "{head_en}, cannot be probed from here: {en}{instead_en}"
            )
        }
        (None, None) => text!(
            "{head_zh}，这次没有探测",
            "{head_en}, not probed in this run"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::side::told;
    use crate::trace::worlds::path;

    /// What is said in English of a node asked by a path of one hop that `spoil` has spoilt.
    fn said(spoil: fn(&mut crate::trace::worlds::Stop)) -> String {
        let mut hops = path(3, 1, 1).plan().hops;
        let (node, before, of) = (hops.remove(2), hops.remove(1), hops.remove(0));
        let mut world = path(1, 100, 1000);
        world.service = true;
        spoil(world.at(1));
        let asked = Some(Box::new(told(world.report(), &node)));
        let side = SideNode {
            node,
            before,
            obstacle: None,
            asked,
        };
        let mut own = SideLoop {
            of,
            walked: false,
            nodes: vec![side],
        };
        let said: Vec<Text> = notes(&own).collect();
        own.walked = true;
        assert_eq!((said.len(), notes(&own).count()), (1, 0));
        said[0].en.clone()
    }

    #[test]
    fn what_a_node_showed_is_told_without_hops_that_nobody_saw() {
        let well = said(|_| ());
        assert!(
            well.starts_with("Side loop of node 1: node 3 (owner b), probed from here directly")
        );
        assert!(
            well.contains("Nothing hurts: the target answered all 100 probes")
                && !well.contains("probe it from")
        );
        let lossy = said(|stop| stop.out = 0.3);
        assert!(
            lossy.contains("Where it hurts: on the way from here directly to node 3, "),
            "{lossy}"
        );
        assert!(
            !lossy.contains("hop") && !lossy.contains("whose"),
            "{lossy}"
        );
        let silent = said(|stop| stop.out = 1.0);
        assert!(silent.contains("Cannot tell: "), "{silent}");
        let instead = "; probe it from node 2, the node before it on the journey";
        assert!(silent.ends_with(instead), "{silent}");
    }
}
