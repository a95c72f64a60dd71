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
    match (&side.asked, &side.obstacle) {
        (Some(report), _) => {
            let address = report.about.address;
            let Text { zh, en } = report.pain.text();
            text!(
                "{head_zh}，从本机直接探测 {address}：{zh}",
                "{head_en}, probed from here directly at {address}: {en}"
            )
        }
        (None, Some(Text { zh, en })) => {
            let before = &side.before.name;
            let (before_zh, before_en) = (&before.zh, &before.en);
            text!(
                "{head_zh}，不能从本机探测：{zh}；请从路径上它的前一节点“{before_zh}”探测",
                "{head_en}, cannot be probed from here: {en}; probe it from {before_en}, the node \
                 before it on the journey"
            )
        }
        (None, None) => text!(
            "{head_zh}，这次没有探测",
            "{head_en}, not probed in this run"
        ),
    }
}
