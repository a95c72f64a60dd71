//! Side loops as data.

use serde_json::{Map, Value, json};

use super::found::pain;
use super::{figures, node, responder};
use crate::trace::report::Report;
use crate::trace::side::{SideLoop, SideNode};
use crate::trace::stats::{PathStats, Responder};

pub(super) fn side_loop(own: &SideLoop) -> Value {
    json!({
        "of": node(&own.of),
        "walked": own.walked,
        "nodes": own.nodes.iter().map(side_node).collect::<Vec<_>>(),
    })
}

fn side_node(own: &SideNode) -> Value {
    json!({
        "node": node(&own.node),
        "probe_from": node(&own.before),
        "asked": own.asked.as_deref().map(asked),
        "obstacle": own.obstacle,
    })
}

/// What a node showed that was asked as a target of its own.
fn asked(report: &Report) -> Value {
    let shown = |stats: &PathStats, own: &[Responder]| {
        let mut value = figures(stats);
        let responders = own.iter().map(|own| responder(report, own));
        value.insert("responders".into(), responders.collect());
        value
    };
    let service = report.service.as_ref().map(|service| {
        let mut value = shown(&service.stats, &service.responders);
        let port = report.about.service.map(|service| service.port);
        value.insert("port".into(), port.into());
        value
    });
    let end = report.rows.last().map(|row| &row.hop);
    let mut all = end.map_or_else(Map::new, |end| shown(&end.stats, &end.responders));
    all.insert("address".into(), json!(report.about.address));
    all.insert("verdict".into(), pain(&report.pain));
    all.insert("service".into(), service.into());
    Value::Object(all)
}
