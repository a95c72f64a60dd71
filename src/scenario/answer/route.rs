//! What a journey costs one group of users before anybody else is on it: round trips, loss, the
//! rate that one user can get, and the work that each transaction asks of lanes and servers.

use crate::demand::{Group, bytes_on_steps};
use crate::queueing::OutOfRange;
use crate::queueing::tcp::{Connection, window_limit};
use crate::topology::{
    ControlName, JourneyAt, LinkAt, NodeAt, Population, Topology, TransactionAt, Way,
};
use crate::units::{BitRate, Bytes, Fraction, Seconds};

use super::lanes::Lanes;

/// One transaction of one group.
#[derive(Debug, Clone)]
pub struct Act {
    /// The transaction.
    pub transaction: TransactionAt,
    /// Part of the group's transactions.
    pub part: f64,
    /// Bits on lanes.
    pub bits: Vec<(usize, f64)>,
    /// Service time at nodes with workers, seconds.
    pub work: Vec<(NodeAt, f64)>,
    /// Time that nobody else changes: round trips, side loops, own machine, work without a queue.
    pub fixed: Fixed,
    /// Standard deviation of the bits over their mean.
    pub spread: f64,
    /// Bits of the user's own transfer, up and down together.
    pub transfer: f64,
}

/// Parts of the time of a transaction without load, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fixed {
    /// Number of round trips on the trunk, slow start included.
    pub rounds: f64,
    /// Round trips on the trunk.
    pub trips: f64,
    /// Tours of side loops.
    pub loops: f64,
    /// The user's own machine, and work at nodes without workers.
    pub client: f64,
    /// Variance of the delays, s².
    pub variance: f64,
}

/// One group on its journey.
#[derive(Debug, Clone)]
pub struct Route {
    /// Who.
    pub group: Group,
    /// Round-trip time of the trunk without load.
    pub rtt: Seconds,
    /// Packets lost on the way to the user.
    pub loss: Fraction,
    /// Rate that one user can get when alone.
    pub cap: BitRate,
    /// What binds that rate.
    pub bound: Bound,
    /// The transactions.
    pub acts: Vec<Act>,
}

/// What binds the rate of one user who is alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The user's own access.
    Access,
    /// The receive window over the round-trip time.
    Window,
    /// Loss, by the congestion control's formula.
    Loss,
    /// A per-user limit of a policy.
    PerUser,
}

/// Whether every link and node of a journey is in service.
pub fn usable(topology: &Topology, journey: JourneyAt) -> bool {
    let walk = &topology[journey];
    walk.broken.is_none()
        && walk.steps.iter().all(|step| {
            let node = &topology[step.node];
            node.working() >= node.needs.min(node.instances)
        })
}

/// The route of `group`, or `None` when it is cut off.
pub(super) fn route(
    topology: &Topology,
    lanes: &Lanes,
    group: Group,
) -> Result<Option<Route>, OutOfRange> {
    let Some(journey) = group.journey else {
        return Ok(None);
    };
    let population = &topology[group.population];
    let walk = &topology[journey];
    let over = |way: &dyn Fn(LinkAt, Way) -> f64| {
        walk.trunk().map(|(link, own)| way(link, own)).sum::<f64>()
    };
    let delay = over(&|link, _| topology[link].delay.0);
    let jitter = over(&|link, _| topology[link].jitter.0.powi(2));
    let rtt = Seconds(delay + population.access_delay.0);
    let loss = Fraction(
        1.0 - walk
            .trunk_back()
            .map(|(link, _)| 1.0 - topology[link].loss.0)
            .product::<f64>(),
    );
    let (cap, bound) = cap(topology, population, journey, rtt, loss)?;
    let acts = population
        .mix
        .iter()
        .filter(|(_, part)| *part > 0.0)
        .map(|&(at, part)| act(topology, lanes, population, journey, at, part, rtt, jitter))
        .collect();
    Ok(Some(Route {
        group,
        rtt,
        loss,
        cap,
        bound,
        acts,
    }))
}

fn cap(
    topology: &Topology,
    population: &Population,
    journey: JourneyAt,
    rtt: Seconds,
    loss: Fraction,
) -> Result<(BitRate, Bound), OutOfRange> {
    let transport = &topology.transport;
    let mut least = (population.access, Bound::Access);
    let mut at_most = |rate: BitRate, bound: Bound| {
        if rate < least.0 {
            least = (rate, bound);
        }
    };
    if rtt.0 > 0.0 {
        if let Some(window) = population.window {
            at_most(window_limit(window, rtt)?, Bound::Window);
        }
        if loss.0 > 0.0 {
            let connection = Connection::new(transport.segment, rtt, loss)?;
            let rate = match transport.control {
                ControlName::Cubic => connection.cubic(),
                ControlName::Reno if loss.0 < 0.01 => connection.mathis(),
                ControlName::Reno => connection.pftk(2.0, transport.timeout)?,
            };
            at_most(rate, Bound::Loss);
        }
    }
    for (link, _) in topology[journey].steps.iter().filter_map(|step| step.via) {
        let policy = topology[link].policy.map(|at| &topology[at]);
        let limit =
            policy.and_then(|policy| policy.classes.get(policy.class_of(&population.class)));
        if let Some(limit) = limit.and_then(|class| class.per_user) {
            at_most(limit, Bound::PerUser);
        }
    }
    Ok(least)
}

#[allow(clippy::too_many_arguments)]
fn act(
    topology: &Topology,
    lanes: &Lanes,
    population: &Population,
    journey: JourneyAt,
    at: TransactionAt,
    part: f64,
    rtt: Seconds,
    jitter: f64,
) -> Act {
    let transaction = &topology[at];
    let walk = &topology[journey];
    let bits = bytes_on_steps(topology, at, journey)
        .into_iter()
        .map(|(link, way, bytes)| {
            (
                lanes.of(topology, link, way, &population.class),
                bytes.bits(),
            )
        })
        .collect();
    let queued = |node: &NodeAt| topology[*node].workers.is_some();
    let work = transaction.work.iter().filter(|(node, _)| queued(node));
    let unqueued = transaction.work.iter().filter(|(node, _)| !queued(node));
    let rounds = rounds(
        transaction.handshakes,
        transaction.exchanges,
        transaction.bytes,
        topology.transport.initial_window,
    );
    let tours = transaction
        .loops
        .iter()
        .flat_map(|&number| walk.side_loop(number));
    Act {
        transaction: at,
        part,
        bits,
        work: work.map(|(node, time)| (*node, time.0)).collect(),
        fixed: Fixed {
            rounds,
            trips: rounds * rtt.0,
            loops: tours.map(|(link, _)| topology[link].delay.0).sum(),
            client: transaction.client.0 * population.client
                + unqueued.map(|(_, time)| time.0).sum::<f64>(),
            variance: rounds * jitter,
        },
        spread: transaction.spread,
        transfer: transaction.bytes[0].bits() + transaction.bytes[1].bits(),
    }
}

/// Round trips of a transaction: its handshakes, and for each exchange
/// `0.5 + ceil(log2(x / IW + 1))` (slow start doubling from the initial window `IW`, `x` the larger
/// direction's bytes of one exchange).
pub(super) fn rounds(
    handshakes: u32,
    exchanges: u32,
    bytes: [Bytes; 2],
    initial_window: Bytes,
) -> f64 {
    let exchanges = f64::from(exchanges);
    let each = bytes[0].max(bytes[1]).0 / exchanges;
    let slow_start = (each / initial_window.0 + 1.0).log2().ceil();
    f64::from(handshakes) + exchanges * (0.5 + slow_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_by_hand() {
        let window = Bytes(14_000.0);
        // One small exchange: log2(1.07) rounds up to 1.
        assert_eq!(rounds(0, 1, [Bytes(100.0), Bytes(1000.0)], window), 1.5);
        // Windows of 1, 2, 4 are 7 initial windows: exactly three rounds.
        assert_eq!(rounds(0, 1, [Bytes(0.0), Bytes(98_000.0)], window), 3.5);
        assert_eq!(rounds(2, 2, [Bytes(0.0), Bytes(196_000.0)], window), 9.0);
    }
}
