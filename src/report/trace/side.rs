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

/// What is said of a side loop: a line for each of its nodes.
pub(super) fn notes(own: &SideLoop) -> Vec<Text> {
    // Of a loop that is part of the way, what nobody was asked for beside is said by its hops.
    let shown = own.nodes.iter().filter(|node| !own.walked || node.asked.is_ok());
    shown.map(|node| note(own, node)).collect()
}

fn note(own: &SideLoop, side: &SideNode) -> Text {
    let (of, node, owner) = (&own.of.name, &side.node.name, &side.node.owner);
    let (of_zh, node_zh, owner_zh) = (&of.zh, &node.zh, &owner.zh);
    let (of_en, node_en, owner_en) = (&of.en, &node.en, &owner.en);
    match &side.asked {
        Ok(report) => {
            let address = report.about.address;
            let Text { zh, en } = report.pain.text();
            text!(
                "{of_zh}的支路环：{node_zh}（{owner_zh}），从本机直接探测 {address}：{zh}",
                "Side loop of {of_en}: {node_en} ({owner_en}), probed from here directly at {address}: {en}"
            )
        }
        Err(why) => {
            let Text { zh: from_zh, en: from_en } = &side.before.name;
            let Text { zh, en } = why;
            text!(
                "{of_zh}的支路环：{node_zh}（{owner_zh}）未从本机探测：{zh}；可从路径上它的前一节点{from_zh}探测",
                "Side loop of {of_en}: {node_en} ({owner_en}), not probed from here: {en}; it can be \
                 probed from {from_en}, the node before it on the journey"
            )
        }
    }
}
