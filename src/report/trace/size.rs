//! The path MTU, in sentences and as data.

use serde_json::{Value, json};

use crate::lang::Text;
use crate::text;
use crate::trace::mtu::PathMtu;

/// What was found, and what stands in the way of larger packets.
pub(super) fn notes(found: &PathMtu) -> Vec<Text> {
    let Some(mtu) = found.mtu else {
        return vec![Text::new(
            "路径 MTU：目标对任何大小的报文都没有应答，无法得知",
            "Path MTU: the target answered packets of no size, so it cannot be told",
        )];
    };
    let mut notes = vec![match found.too_large {
        Some(_) => text!(
            "路径 MTU：{mtu} 字节（不分片能通过的最大报文）",
            "Path MTU: {mtu} bytes (the largest packet that passes whole)"
        ),
        None => text!(
            "路径 MTU：至少 {mtu} 字节；没有试更大的",
            "Path MTU: at least {mtu} bytes; nothing larger was tried"
        ),
    }];
    notes.extend(found.told.iter().map(|told| {
        let (from, size) = (told.responder, told.size);
        match told.passes {
            Some(passes) => text!(
                "{from} 拒绝 {size} 字节的报文，称下一段链路能通过 {passes} 字节",
                "{from} refuses packets of {size} bytes and says that the next link takes {passes}"
            ),
            None => text!(
                "{from} 拒绝 {size} 字节的报文，没有说能通过多少",
                "{from} refuses packets of {size} bytes and does not say what would pass"
            ),
        }
    }));
    if let Some(why) = &found.own_limit {
        let (zh, en) = (&why.zh, &why.en);
        notes.push(text!(
            "更大的报文本机就发不出去：{zh}",
            "Larger packets do not leave this host: {en}"
        ));
    }
    match found.black_hole {
        Some(Some((distance, router))) => notes.push(text!(
            "MTU 黑洞：更大的报文在第 {distance} 跳 {router} 之后消失，无人告知",
            "MTU black hole: larger packets vanish behind hop {distance}, {router}, and nobody says so"
        )),
        Some(None) => notes.push(Text::new(
            "MTU 黑洞：更大的报文在第一跳之前就消失，无人告知",
            "MTU black hole: larger packets vanish before the first hop, and nobody says so",
        )),
        None => {}
    }
    notes
}

/// The same as data; sizes in bytes.
pub(super) fn data(found: &PathMtu) -> Value {
    let told = found.told.iter().map(
        |told| json!({ "responder": told.responder, "size": told.size, "passes": told.passes }),
    );
    let hole = found.black_hole.map(|hole| {
        let (distance, router) = hole.unzip();
        json!({ "behind_hop": distance.unwrap_or(0), "router": router })
    });
    json!({
        "mtu": found.mtu,
        "too_large": found.too_large,
        "told": told.collect::<Vec<_>>(),
        "own_limit": found.own_limit,
        "black_hole": hole,
        "probes": found.sent,
    })
}
