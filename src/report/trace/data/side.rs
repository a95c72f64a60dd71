//! Side loops as data.

use serde_json::{Map, Value, json};

use super::found::pain;
use super::{figures, node};
use crate::trace::report::Report;
use crate::trace::side::{SideLoop, SideNode};

pub(super) fn side_loop(own: &SideLoop) -> Value {
    json!({
        "of": node(&own.of),
        "walked": own.walked,
        "nodes": own.nodes.iter().map(side_node).collect::<Vec<_>>(),
    })
}

fn side_node(own: &SideNode) -> Value {
    let (asked, obstacle) = match &own.asked {
        Ok(report) => (Some(asked(report)), None),
        Err(why) => (None, Some(why)),
    };
    json!({
        "node": node(&own.node),
        "probe_from": node(&own.before),
        "asked": asked,
        "obstacle": obstacle,
    })
}

/// What a node showed that was asked as a target of its own.
fn asked(report: &Report) -> Value {
    let end = report.rows.last().map(|row| figures(&row.hop.stats));
    let service = report.service.as_ref().map(|service| {
        let mut value = figures(&service.stats);
        let port = report.about.service.map(|service| service.port);
        value.insert("port".into(), port.into());
        value
    });
    let mut all = end.unwrap_or_else(Map::new);
    all.insert("address".into(), report.about.address.to_string().into());
    all.insert("verdict".into(), pain(&report.pain));
    all.insert("service".into(), service.into());
    Value::Object(all)
}
