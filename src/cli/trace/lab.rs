//! The model of a topology file answers instead of a network.

use super::args::TraceArgs;
use super::open::{Doors, Start};
use crate::error::Error;
use crate::lang::Text;
use crate::probe::Arrival;
use crate::probe::fake::FakeNetwork;
use crate::probe::joined::Joined;
use crate::probe::opened::Opened;
use crate::text;
use crate::trace::engine::Settings;
use crate::trace::plan::Plan;
use crate::trace::report::MethodUsed;

/// The plan up to the node asked for, and what a run over its model is made with.
pub(super) fn open(
    args: &TraceArgs,
    settings: Settings,
    plan: Plan,
) -> Result<(Plan, Start), Error> {
    let plan = match args.hosts.as_slice() {
        [] => plan,
        [host] => plan.until(host)?,
        _ => {
            return Err(Error::Argument(Text::new(
                "--lab 一次只追踪一个节点",
                "--lab traces one node at a time",
            )));
        }
    };
    if plan.hops.is_empty() {
        return Err(Error::Argument(Text::new(
            "这条路径没有任何一步，无可追踪",
            "this journey has no step: nothing to trace",
        )));
    }
    let seed = args.seed;
    let model = FakeNetwork::new(plan.model(), Arrival::PortClosed, seed);
    let network: Doors = Joined {
        path: Opened::Fake(Box::new(model)),
        service: None,
    };
    let start = Start {
        network,
        settings: Settings {
            expected: u8::try_from(plan.hops.len()).ok(),
            sparing_target: false,
            ..settings
        },
        method: MethodUsed {
            name: "model",
            port: None,
            what: text!(
                "拓扑文件的模型，虚拟时间，种子 {seed}",
                "the model of the topology file, virtual time, seed {seed}"
            ),
            others: Vec::new(),
            sees_hops: true,
            sees_quotes: false,
        },
        service: None,
        target_limited: false,
        own_services: false,
    };
    Ok((plan, start))
}
