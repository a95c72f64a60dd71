//! The path of each flow, one line each: where flows part, routers spread load.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Look, cells};
use crate::probe::Flow;
use crate::text;
use crate::trace::report::Report;

/// The whole report.
pub(super) fn flows(report: &Report, look: &Look) -> String {
    let of = |report: &Report| -> BTreeSet<Flow> {
        let hops = report.rows.iter().flat_map(|row| &row.hop.flows);
        hops.map(|own| own.flow).collect()
    };
    let mut out = String::new();
    for flow in of(report) {
        let hops = report.rows.iter().map(|row| {
            let own = row.hop.flows.iter().find(|own| own.flow == flow);
            let hosts = own.into_iter().flat_map(|own| &own.responders);
            let hosts: Vec<String> = hosts
                .map(|address| cells::host(report, *address, look))
                .collect();
            match hosts.is_empty() {
                true => "???".to_string(),
                false => hosts.join(" | "),
            }
        });
        let path = hops.collect::<Vec<_>>().join(" > ");
        let number = flow.0;
        let head = text!("流 {number}：", "Flow {number}: ");
        let _ = writeln!(out, "{}{path}", head.get(look.lang));
    }
    out
}
