//! What a journey costs one group of users before anybody else is on it: round trips, loss, the
//! rate that one user can get, and the work that each transaction asks of lanes and servers.

use crate::demand::{Group, bytes_on_steps};
use crate::queueing::OutOfRange;
use crate::queueing::link::Transfers;
use crate::queueing::response::mean_rounds;
use crate::queueing::tcp::{Connection, window_limit};
use crate::topology::{
    ControlName, JourneyAt, LinkAt, NodeAt, Population, Topology, Transaction, TransactionAt, Way,
};
use crate::units::{BitRate, Bytes, Fraction, Seconds};

use super::lanes::{Lanes, Lifted};

/// One transaction of one group.
#[derive(Debug, Clone)]
pub struct Act {
    /// The transaction.
    pub transaction: TransactionAt,
    /// Part of the group's transactions.
    pub part: f64,
    /// Bits on lanes, by position in [`Route::lanes`], each once.
    pub bits: Vec<(usize, f64)>,
    /// Service time at nodes with workers in seconds, by position in [`Route::work`], each once.
    pub work: Vec<(usize, f64)>,
    /// Time that nobody else changes: round trips, side loops, own machine, work without a queue.
    pub fixed: Fixed,
    /// Standard deviation of the bits over their mean.
    pub spread: f64,
    /// Standard deviation of a node's service time over its mean.
    pub work_spread: f64,
    /// Seconds that the user's own transfer takes alone, up and down together.
    pub transfer: f64,
}

impl Act {
    /// Time of a transaction when nothing has a queue, seconds.
    pub(in crate::scenario) fn alone(&self) -> f64 {
        let fixed = &self.fixed;
        let work = self.work.iter().map(|(_, work)| work).sum::<f64>();
        fixed.trips + fixed.loops + fixed.client + self.transfer + work
    }
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

/// What one transaction of a group asks of a lane, in the mean over its mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// The lane.
    pub lane: usize,
    /// Bits of one transaction.
    pub bits: f64,
    /// Rate that one user can get there, bit/s.
    pub cap: f64,
    /// Variance of the lane's rate over the peak's window for one transaction a second, (bit/s)².
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
    /// Rate that one user can get when alone, up and down.
    pub cap: [BitRate; 2],
    /// What binds that rate, up and down.
    pub bound: [Bound; 2],
    /// The transactions.
    pub acts: Vec<Act>,
    /// Every lane that is asked for something, once.
    pub lanes: Vec<Asked>,
    /// Seconds of service of one transaction at nodes with workers, in the mean over the mix.
    pub work: Vec<(NodeAt, f64)>,
    /// Seconds of a transaction when nothing has a queue, in the mean over the mix.
    pub alone: f64,
}

/// What binds the rate of one user who is alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The user's own access.
    Access,
    /// A line of the journey, or the ceiling of the user's class on it.
    Line,
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
    lifted: Lifted<'_>,
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
    let lost = |links: &mut dyn Iterator<Item = (LinkAt, Way)>| {
        let kept = links.map(|(link, _)| 1.0 - topology[link].loss.0);
        Fraction(1.0 - kept.product::<f64>())
    };
    let loss = lost(&mut walk.trunk_back());
    let loss_up = lost(&mut walk.trunk_out());
    let lines = |links: &mut dyn Iterator<Item = (LinkAt, Way)>| {
        let limits = links.map(|(link, way)| line(topology, lanes, lifted, population, link, way));
        limits.fold(WIDEST, |a, b| [a[0].min(b[0]), a[1].min(b[1])])
    };
    let up = cap(
        topology,
        population,
        lines(&mut walk.trunk_out()),
        rtt,
        loss_up,
    )?;
    let down = cap(
        topology,
        population,
        lines(&mut walk.trunk_back()),
        rtt,
        loss,
    )?;
    let mut route = Route {
        group,
        rtt,
        loss,
        cap: [up.0, down.0],
        bound: [up.1, down.1],
        acts: Vec::new(),
        lanes: Vec::new(),
        work: Vec::new(),
        alone: 0.0,
    };
    for &(at, part) in population.mix.iter().filter(|(_, part)| *part > 0.0) {
        let act = act(topology, lanes, &mut route, at, part, jitter)?;
        route.alone += part * act.alone();
        route.acts.push(act);
    }
    Ok(Some(route))
}

/// No limit by a line, nor for each user.
const WIDEST: [BitRate; 2] = [BitRate(f64::INFINITY); 2];

/// What one user can get of a link at most: of its line and class, and by its per-user limit.
fn line(
    topology: &Topology,
    lanes: &Lanes,
    lifted: Lifted<'_>,
    population: &Population,
    link: LinkAt,
    way: Way,
) -> [BitRate; 2] {
    let [mut whole, mut each] = WIDEST;
    if !lifted.links.contains(&link) {
        whole = topology[link].capacity[way.at()];
    }
    let lane = lanes.all[lanes.of(topology, link, way, &population.class)];
    let policy = topology[link].policy.map(|at| &topology[at]);
    if let Some(class) = policy.and_then(|policy| policy.classes.get(lane.class)) {
        // A ceiling of some hours is the sharing rule's business, hour by hour.
        let always = class.enabled && class.active.is_none() && !lifted.lanes.contains(&lane);
        if let Some(ceiling) = class.ceiling[way.at()].filter(|_| always) {
            whole = whole.min(ceiling);
        }
        each = class.per_user.unwrap_or(each);
    }
    [whole, each]
}

/// The rate that one user alone gets over lines that let `whole` pass, and `each` user at most, and
/// what binds it.
fn cap(
    topology: &Topology,
    population: &Population,
    [whole, each]: [BitRate; 2],
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
    at_most(whole, Bound::Line);
    at_most(each, Bound::PerUser);
    Ok(least)
}

/// Lays out one transaction of `route`, and adds to the route what it asks for.
fn act(
    topology: &Topology,
    lanes: &Lanes,
    route: &mut Route,
    at: TransactionAt,
    part: f64,
    jitter: f64,
) -> Result<Act, OutOfRange> {
    let transaction = &topology[at];
    let population = &topology[route.group.population];
    let mut act = Act {
        transaction: at,
        part,
        bits: Vec::new(),
        work: Vec::new(),
        fixed: Fixed::default(),
        spread: transaction.spread,
        work_spread: transaction.work_spread,
        transfer: transaction.bytes[0].bits() / route.cap[0].0
            + transaction.bytes[1].bits() / route.cap[1].0,
    };
    for asked in bits_on_lanes(topology, lanes, route, at)? {
        let known = route.lanes.iter().position(|own| own.lane == asked.lane);
        let mean = Asked {
            bits: part * asked.bits,
            variance: part * asked.variance,
            ..asked
        };
        let position = match known {
            Some(position) => {
                let own = &mut route.lanes[position];
                own.bits += mean.bits;
                own.variance += mean.variance;
                position
            }
            None => {
                route.lanes.push(mean);
                route.lanes.len() - 1
            }
        };
        act.bits.push((position, asked.bits));
    }
    let mut unqueued = 0.0;
    for &(node, time) in transaction.work.iter().filter(|(_, time)| time.0 > 0.0) {
        if topology[node].workers.is_none() {
            unqueued += time.0;
            continue;
        }
        let position = match route.work.iter().position(|(own, _)| *own == node) {
            Some(position) => position,
            None => {
                route.work.push((node, 0.0));
                route.work.len() - 1
            }
        };
        route.work[position].1 += part * time.0;
        act.work.push((position, time.0));
    }
    let rounds = rounds(transaction, topology.transport.initial_window)?;
    let walk = route.group.journey.map(|journey| &topology[journey]);
    let tours = walk.into_iter().flat_map(|walk| {
        let taken = transaction.loops.iter();
        taken.flat_map(|&number| walk.side_loop(number))
    });
    act.fixed = Fixed {
        rounds,
        trips: rounds * route.rtt.0,
        loops: tours.map(|(link, _)| topology[link].delay.0).sum(),
        client: transaction.client.0 * population.client + unqueued,
        variance: rounds * jitter,
    };
    Ok(act)
}

/// What one transaction asks of lanes, each lane once.
fn bits_on_lanes(
    topology: &Topology,
    lanes: &Lanes,
    route: &Route,
    at: TransactionAt,
) -> Result<Vec<Asked>, OutOfRange> {
    let class = &topology[route.group.population].class;
    let mut all: Vec<Asked> = Vec::new();
    let Some(journey) = route.group.journey else {
        return Ok(all);
    };
    for (link, way, bytes) in bytes_on_steps(topology, at, journey) {
        let lane = lanes.of(topology, link, way, class);
        match all.iter_mut().find(|own| own.lane == lane) {
            Some(own) => own.bits += bytes.bits(),
            None => all.push(Asked {
                lane,
                bits: bytes.bits(),
                cap: 0.0,
                variance: 0.0,
            }),
        }
    }
    let out: Vec<_> = topology[journey].trunk_out().collect();
    for asked in &mut all {
        let lane = lanes.all[asked.lane];
        let outward = out.contains(&(lane.link, lane.way));
        let each = route.cap[usize::from(!outward)];
        // One transaction a second of these bits.
        let transfers = Transfers {
            mean: BitRate(asked.bits),
            size: Bytes(asked.bits / 8.0),
            cv: topology[at].spread,
            each,
        };
        asked.cap = each.0;
        asked.variance = transfers.deviation(topology.peak.window)?.0.powi(2);
    }
    Ok(all)
}

/// Mean round trips of a transaction: its handshakes, and for each exchange those of the larger
/// direction's bytes.
fn rounds(transaction: &Transaction, initial_window: Bytes) -> Result<f64, OutOfRange> {
    let exchanges = f64::from(transaction.exchanges);
    let [up, down] = transaction.bytes;
    let each = Bytes(up.max(down).0 / exchanges);
    let of_each = mean_rounds(each, transaction.spread, initial_window)?;
    Ok(f64::from(transaction.handshakes) + exchanges * of_each)
}
