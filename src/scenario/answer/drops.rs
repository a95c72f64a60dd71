//! Sessions that are dropped: keep-alives lost on the way to the node that holds the session.

use crate::queueing::OutOfRange;
use crate::queueing::keep_alive::KeepAlive;
use crate::topology::{JourneyAt, NodeAt, Topology};
use crate::units::Fraction;

/// Drops an hour of one session that `node` holds for a user of `journey`.
///
/// A keep-alive and its answer pass the links of the trunk between them. Links with bursts drop it each
/// by itself (two bursts that overlap are not counted as one longer one), and the single losses of all
/// other links together. The load of the links plays no part.
pub(super) fn drops_an_hour(
    topology: &Topology,
    node: NodeAt,
    journey: JourneyAt,
) -> Result<f64, OutOfRange> {
    let Some(watch) = watch(topology, node)? else {
        return Ok(0.0);
    };
    let mut drops = singly_an_hour(topology, node, journey)?;
    for (at, _) in topology[journey].trunk_to(node) {
        let link = &topology[at];
        if let Some(burst) = link.burst {
            drops += watch.in_bursts(link.loss, burst.length, burst.loss)?;
        }
    }
    Ok(drops)
}

/// Of these, those by the losses that links have one by one.
pub(in crate::scenario) fn singly_an_hour(
    topology: &Topology,
    node: NodeAt,
    journey: JourneyAt,
) -> Result<f64, OutOfRange> {
    let Some(watch) = watch(topology, node)? else {
        return Ok(0.0);
    };
    let links = topology[journey].trunk_to(node);
    let single = links.filter(|(at, _)| topology[*at].burst.is_none());
    let kept: f64 = single.map(|(at, _)| 1.0 - topology[at].loss.0).product();
    watch.singly(Fraction(1.0 - kept))
}

/// How `node` watches its sessions, if it does.
fn watch(topology: &Topology, node: NodeAt) -> Result<Option<KeepAlive>, OutOfRange> {
    let own = topology[node].keep_alive;
    own.map(|own| KeepAlive::new(own.every, own.lost))
        .transpose()
}
