//! Users as closed chains and arrivals as open ones, lanes and servers as stations: the network that
//! mean-value analysis solves, built from one hour's loads and read back.

use super::hour::Model;
use super::lanes::Loads;
use super::route::{Act, Asked, Route};
use super::times::{Spread, spread};
use crate::demand::{Scale, crowd};
use crate::queueing::OutOfRange;
use crate::queueing::closed::{Closed, Flow as Taken, Open, Solution, Station, Visit};
use crate::queueing::response::{mean_full, queue};
use crate::topology::{Crowd, NodeAt, PopulationAt, Topology};

/// A chain of the analysis: one route with its crowd in this hour.
pub(super) struct Chain<'r> {
    pub(super) route: &'r Route,
    pub(super) crowd: Crowd,
    /// Transactions a second if nothing had a queue.
    pub(super) unqueued: f64,
}

/// Users of a population at an hour; of arrivals, those who arrive in it (they hold no session).
pub(super) fn users(topology: &Topology, at: PopulationAt, hour: usize, scale: Scale) -> f64 {
    match crowd(topology, &topology[at], hour, scale) {
        Crowd::Online { users, .. } => users,
        Crowd::Arriving { .. } => 0.0,
    }
}

pub(super) fn chain<'r>(
    topology: &Topology,
    route: &'r Route,
    hour: usize,
    scale: Scale,
    admitted: f64,
) -> Chain<'r> {
    let population = &topology[route.group.population];
    let part = route.group.part * admitted;
    let (crowd, unqueued) = match crowd(topology, population, hour, scale) {
        Crowd::Online { users, think } => {
            let users = users * part;
            let cycle = think.0 + route.alone;
            (Crowd::Online { users, think }, users / cycle)
        }
        Crowd::Arriving { rate } => {
            let rate = rate * part;
            (Crowd::Arriving { rate }, rate.0)
        }
    };
    Chain {
        route,
        crowd,
        unqueued,
    }
}

/// Users of a chain who are there; of arrivals those who are being served or wait, as far as their
/// number has an end.
pub(super) fn present(chain: &Chain<'_>, flow: &Flow) -> f64 {
    if let Crowd::Online { users, .. } = chain.crowd {
        return users;
    }
    let timed = chain.route.acts.iter().zip(&flow.times);
    let busy =
        timed.map(|(act, time)| act.part * time.map_or(act.alone(), |spread| spread.total()));
    flow.throughput * busy.sum::<f64>()
}

/// What a chain gets: its transactions a second, how much longer than alone each unit of work takes,
/// and what that makes of its transactions.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) throughput: f64,
    /// Seconds a bit beyond the time alone, in the order of [`Route::lanes`]; `None`: never ends.
    pub(super) lanes: Vec<Option<f64>>,
    /// Stretch of a service, in the order of [`Route::work`]; `None`: never ends.
    pub(super) servers: Vec<Option<f64>>,
    /// Times of the transactions, in the order of [`Route::acts`]; `None`: never ends.
    pub(super) times: Vec<Option<Spread>>,
}

/// Who asks for a lane.
#[derive(Debug, Clone, Copy, Default)]
struct Crowded {
    /// Rate of them all at once, each at the rate that one can get, bit/s.
    at_once: f64,
    /// Bits a second that they ask for.
    rate: f64,
    /// Transfers that this keeps under way when nothing holds them back.
    under_way: f64,
}

impl Crowded {
    fn add(&mut self, chain: &Chain<'_>, asked: &Asked) {
        let users = match chain.crowd {
            Crowd::Online { users, .. } => users,
            Crowd::Arriving { .. } => f64::INFINITY,
        };
        self.at_once += users * asked.cap;
        self.rate += chain.unqueued * asked.bits;
        self.under_way += chain.unqueued * asked.bits / asked.cap;
    }

    /// Chance that a packet finds the lane's queue full: never where all of them fit in at once.
    fn full(&self, capacity: f64, offered: f64, others: f64) -> Result<f64, OutOfRange> {
        if self.at_once + others <= capacity * (1.0 + 1e-9) {
            return Ok(0.0);
        }
        if offered >= capacity {
            return Ok(1.0);
        }
        let sharers = capacity * self.under_way / self.rate;
        mean_full(sharers.max(1.0), offered / capacity)
    }
}

/// The stations that have a queue, and the chains as the analysis wants them.
pub(super) struct Network {
    pub(super) stations: Vec<Station>,
    /// By lane: its station, where it has a queue.
    of_lane: Vec<Option<usize>>,
    /// By node: its station, where somebody asks for its workers.
    of_node: Vec<Option<usize>>,
    /// By lane: chance that a packet finds its queue full.
    full: Vec<f64>,
    pub(super) closed: Vec<Closed>,
    pub(super) open: Vec<Open>,
}

impl Network {
    pub(super) fn new(
        model: &Model<'_>,
        chains: &[Chain<'_>],
        loads: &Loads,
    ) -> Result<Network, OutOfRange> {
        let mut network = Network {
            stations: Vec::new(),
            of_lane: vec![None; loads.offered.len()],
            of_node: vec![None; model.topology.nodes.len()],
            full: vec![0.0; loads.offered.len()],
            closed: Vec::new(),
            open: Vec::new(),
        };
        let mut fastest = vec![0.0f64; loads.offered.len()];
        let mut crowds = vec![Crowded::default(); loads.offered.len()];
        let mut worked = vec![false; model.topology.nodes.len()];
        for chain in chains.iter().filter(|chain| chain.unqueued > 0.0) {
            for asked in &chain.route.lanes {
                fastest[asked.lane] = fastest[asked.lane].max(asked.cap);
                crowds[asked.lane].add(chain, asked);
            }
            for (node, _) in &chain.route.work {
                worked[node.0] = true;
            }
        }
        for (lane, fastest) in fastest.into_iter().enumerate() {
            let capacity = loads.capacity[lane];
            if fastest > 0.0 && has_queue(loads.offered[lane], capacity, fastest) {
                network.of_lane[lane] = Some(network.stations.len());
                network.stations.push(Station { capacity });
                network.full[lane] =
                    crowds[lane].full(capacity, loads.offered[lane], loads.others[lane])?;
            }
        }
        for node in (0..worked.len()).filter(|&node| worked[node]) {
            network.of_node[node] = Some(network.stations.len());
            network.stations.push(Station {
                capacity: model.workers(NodeAt(node)),
            });
        }
        for chain in chains {
            let visits = network.visits(chain.route);
            match chain.crowd {
                Crowd::Online { users, think } => network.closed.push(Closed {
                    population: users,
                    think: network.pause(chain.route, think.0, &visits, loads),
                    visits,
                }),
                Crowd::Arriving { rate } => network.open.push(Open {
                    rate: rate.0,
                    visits,
                }),
            }
        }
        // Others' traffic in a class that users share: bits that arrive one by one.
        for (lane, &rate) in loads.others.iter().enumerate() {
            if let Some(station) = network.of_lane[lane].filter(|_| rate > 0.0) {
                network.open.push(Open {
                    rate,
                    visits: vec![Visit {
                        station,
                        work: 1.0,
                        // A class that is left nothing is a station that is down, at any rate.
                        max_rate: loads.capacity[lane].max(1.0),
                    }],
                });
            }
        }
        Ok(network)
    }

    /// Mean work of one transaction of a route at every station with a queue: its lanes in their
    /// order, then its nodes in theirs.
    fn visits(&self, route: &Route) -> Vec<Visit> {
        let lanes = route.lanes.iter().filter_map(|asked| {
            Some(Visit {
                station: self.of_lane[asked.lane]?,
                work: asked.bits,
                max_rate: asked.cap,
            })
        });
        let nodes = route.work.iter().filter_map(|&(node, work)| {
            Some(Visit {
                station: self.of_node[node.0]?,
                work,
                max_rate: 1.0,
            })
        });
        lanes.chain(nodes).collect()
    }

    /// What each chain gets, from the solution of this network.
    pub(super) fn flows(
        &self,
        chains: &[Chain<'_>],
        solution: &Solution,
        loads: &Loads,
    ) -> Vec<Flow> {
        let (mut closed, mut open) = (solution.closed.iter(), solution.open.iter());
        let flows = chains.iter().map(|chain| {
            let taken = match chain.crowd {
                Crowd::Online { .. } => closed.next(),
                Crowd::Arriving { .. } => open.next(),
            };
            self.flow(chain.route, taken, loads)
        });
        flows.collect()
    }

    fn flow(&self, route: &Route, taken: Option<&Taken>, loads: &Loads) -> Flow {
        let mut sojourns = taken.into_iter().flat_map(|taken| taken.sojourn.iter());
        let mut next = || sojourns.next().copied().flatten();
        let lanes = route
            .lanes
            .iter()
            .map(|asked| match self.of_lane[asked.lane] {
                Some(_) => next().map(|time| f64::max(0.0, time / asked.bits - 1.0 / asked.cap)),
                None => Some(0.0),
            });
        let lanes = lanes.collect();
        let servers = route
            .work
            .iter()
            .map(|(node, work)| match self.of_node[node.0] {
                Some(_) => next().map(|time| time / work),
                None => Some(1.0),
            });
        let mut flow = Flow {
            throughput: taken.map_or(0.0, |taken| taken.throughput),
            lanes,
            servers: servers.collect(),
            times: Vec::new(),
        };
        flow.times = route
            .acts
            .iter()
            .map(|act| spread(act, &flow, self.queue(route, act, loads)))
            .collect();
        flow
    }
    /// The pause of a cycle and everything in it that is not at a station. A transfer passes several
    /// lanes at once and takes its time alone only once: what the stations count is taken off. (Where
    /// people pause for less than that, their cycle comes out too long by the rest.)
    fn pause(&self, route: &Route, think: f64, visits: &[Visit], loads: &Loads) -> f64 {
        let counted: f64 = visits.iter().map(|visit| visit.work / visit.max_rate).sum();
        let waits = route
            .acts
            .iter()
            .map(|act| act.part * act.fixed.rounds * self.queue(route, act, loads));
        (think + route.alone + waits.sum::<f64>() - counted).max(0.0)
    }

    /// Mean wait of a round trip of `act` in the queues of the classes that it passes.
    fn queue(&self, route: &Route, act: &Act, loads: &Loads) -> f64 {
        let lanes = act.bits.iter().map(|&(at, _)| route.lanes[at].lane);
        let full = 1.0 - lanes.map(|lane| 1.0 - self.full[lane]).product::<f64>();
        queue(full, loads.full_queue, route.rtt.0)
    }
}

/// Whether users can get in each other's way on a lane. With 50 users' rates fitting side by side
/// and at most 30 % in use, the chance that all are taken is below 1e-9 (Erlang C): no queue.
fn has_queue(offered: f64, capacity: f64, fastest: f64) -> bool {
    offered > 0.3 * capacity || capacity < 50.0 * fastest
}
