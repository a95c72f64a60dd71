//! What drops sessions and holds up requests: keep-alives, bursts of loss, the order of a queue.

use super::super::file::{BurstFile, KeepAliveFile, LinkFile, NodeFile};
use super::super::{Burst, KeepAlive, OrderName};
use super::report;
use crate::document::Checked;
use crate::error::Problem;
use crate::lang::Text;
use crate::text;
use crate::units::{Fraction, Seconds};

pub(super) fn keep_alive(
    id: &str,
    written: &NodeFile,
    checked: &mut Checked<'_>,
) -> Option<KeepAlive> {
    let KeepAliveFile { every, lost } = written.keep_alive?;
    let path = ["node", id, "keep-alive"];
    positive(every, &path, "every", "10 s", checked);
    if written.sessions.is_none() {
        checked.report(&path, |place| {
            Problem::warning(
                "keep-alive-without-sessions",
                place,
                text!(
                    "节点 \"{id}\" 没有写 sessions：没有会话可断",
                    "node \"{id}\" has no sessions: there are none to drop"
                ),
            )
            .help(Text::new(
                "给节点写 sessions = 同时保持的会话数",
                "give the node sessions = sessions it holds at once",
            ))
        });
    }
    Some(KeepAlive { every, lost })
}

pub(super) fn order(id: &str, written: &NodeFile, checked: &mut Checked<'_>) -> OrderName {
    if written.order.is_some() && written.workers.is_none() {
        checked.report(&["node", id, "order"], |place| {
            Problem::warning(
                "order-without-workers",
                place,
                text!(
                    "节点 \"{id}\" 没有写 workers：这里没有队列",
                    "node \"{id}\" has no workers: there is no queue here"
                ),
            )
            .help(Text::new(
                "给节点写 workers = 同时处理的请求数",
                "give the node workers = requests it works on at once",
            ))
        });
    }
    written.order.unwrap_or_default()
}

pub(super) fn burst(id: &str, written: &LinkFile, checked: &mut Checked<'_>) -> Option<Burst> {
    let BurstFile { length, loss } = written.burst?;
    let path = ["link", id, "burst"];
    positive(length, &path, "length", "2 s", checked);
    let burst = Burst {
        length,
        loss: loss.unwrap_or(Fraction(1.0)),
    };
    let mean = written.loss.unwrap_or(Fraction::ZERO);
    if mean == Fraction::ZERO {
        checked.report(&path, |place| {
            Problem::warning(
                "burst-without-loss",
                place,
                text!("链路 \"{id}\" 不丢包", "link \"{id}\" loses no packets"),
            )
            .help(Text::new(
                "给链路写 loss = 长期平均丢包",
                "give the link loss = packets lost in the long run",
            ))
        });
    } else if burst.loss <= mean && !checked.doubtful(&["link", id, "loss"]) {
        let inside = burst.loss;
        report(
            checked,
            &["link", id, "burst", "loss"],
            "burst-below-mean",
            text!(
                "突发段内丢包 {inside} 不高于长期平均 {mean}",
                "the loss {inside} in a bad stretch is not above the long-run {mean}"
            ),
            text!("应高于 {mean}，最多 100 %", "above {mean}, at most 100 %"),
        );
    }
    Some(burst)
}

/// Reports a time of nothing at `key` of the table at `path`.
fn positive(time: Seconds, path: &[&str], key: &str, example: &str, checked: &mut Checked<'_>) {
    if time.0 <= 0.0 {
        report(
            checked,
            &[path, &[key]].concat(),
            "impossible-number",
            text!("\"{key}\" 必须大于零", "\"{key}\" must be above zero"),
            text!("例如 \"{example}\"", "for example \"{example}\""),
        );
    }
}
