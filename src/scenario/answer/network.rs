//! Users as closed chains and arrivals as open ones, lanes and servers as stations: the network that
//! mean-value analysis solves, built from one hour's loads and read back.

use super::hour::Model;
use super::route::{Act, Route};
use crate::demand::{Scale, crowd};
use crate::queueing::closed::{Closed, Open, Solution, Station, Visit};
use crate::topology::{Crowd, NodeAt, PopulationAt, Topology};
use crate::units::Seconds;

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
            let cycle = think.0
                + route
                    .acts
                    .iter()
                    .map(|act| act.part * alone(route, act))
                    .sum::<f64>();
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

/// Time of a transaction when nothing has a queue, seconds.
pub(super) fn alone(route: &Route, act: &Act) -> f64 {
    let fixed = &act.fixed;
    fixed.trips
        + fixed.loops
        + fixed.client
        + act.transfer / route.cap.0
        + act.work.iter().map(|(_, work)| work).sum::<f64>()
}

/// Users of a chain who are there.
pub(super) fn present(chain: &Chain<'_>, flow: &Taken) -> f64 {
    match chain.crowd {
        Crowd::Online { users, .. } => users,
        Crowd::Arriving { .. } => {
            let busy = |act: &Act| act.part * alone(chain.route, act);
            flow.throughput * chain.route.acts.iter().map(busy).sum::<f64>()
        }
    }
}

/// What a chain gets: its transactions a second, and how much longer than alone each unit of work
/// takes at stations that have a queue.
pub(super) struct Taken {
    pub(super) throughput: f64,
    /// Seconds a bit beyond the time alone, by lane; `None`: never ends.
    pub(super) lanes: Vec<(usize, Option<f64>)>,
    /// Stretch of a service, by node; `None`: never ends.
    pub(super) servers: Vec<(NodeAt, Option<f64>)>,
}

/// The stations that have a queue, and the chains as the analysis wants them.
pub(super) struct Network {
    pub(super) stations: Vec<Station>,
    /// Lane of each of the first stations; the rest are `nodes`.
    lanes: Vec<usize>,
    nodes: Vec<NodeAt>,
    pub(super) closed: Vec<Closed>,
    pub(super) open: Vec<Open>,
}

impl Network {
    pub(super) fn new(
        model: &Model<'_>,
        chains: &[Chain<'_>],
        others: &[f64],
        offered: &[f64],
        capacities: &[f64],
    ) -> Network {
        let mut asked = vec![false; offered.len()];
        let mut fastest = vec![0.0f64; offered.len()];
        let mut nodes: Vec<NodeAt> = Vec::new();
        for chain in chains.iter().filter(|chain| chain.unqueued > 0.0) {
            for act in &chain.route.acts {
                for &(lane, _) in &act.bits {
                    asked[lane] = true;
                    fastest[lane] = fastest[lane].max(chain.route.cap.0);
                }
                nodes.extend(act.work.iter().map(|(node, _)| *node));
            }
        }
        nodes.sort();
        nodes.dedup();
        let lanes: Vec<usize> = (0..offered.len())
            .filter(|&lane| {
                asked[lane] && has_queue(offered[lane], capacities[lane], fastest[lane])
            })
            .collect();
        let mut stations: Vec<Station> = lanes
            .iter()
            .map(|&lane| Station {
                capacity: capacities[lane],
            })
            .collect();
        stations.extend(nodes.iter().map(|&node| Station {
            capacity: model.workers(node),
        }));
        let mut network = Network {
            stations,
            lanes,
            nodes,
            closed: Vec::new(),
            open: Vec::new(),
        };
        for chain in chains {
            let visits = network.visits(chain.route);
            match chain.crowd {
                Crowd::Online { users, think } => network.closed.push(Closed {
                    population: users,
                    think: network.pause(chain.route, think, &visits),
                    visits,
                }),
                Crowd::Arriving { rate } => network.open.push(Open {
                    rate: rate.0,
                    visits,
                }),
            }
        }
        // Others' traffic in a class that users share: bits that arrive one by one.
        for (station, &lane) in network.lanes.iter().enumerate() {
            if others[lane] > 0.0 {
                network.open.push(Open {
                    rate: others[lane],
                    visits: vec![Visit {
                        station,
                        work: 1.0,
                        max_rate: capacities[lane],
                    }],
                });
            }
        }
        network
    }

    /// Mean work of one transaction of a route at every station with a queue.
    fn visits(&self, route: &Route) -> Vec<Visit> {
        let mut visits = Vec::new();
        for (station, &lane) in self.lanes.iter().enumerate() {
            let on = |act: &Act| {
                act.bits
                    .iter()
                    .filter(|(own, _)| *own == lane)
                    .map(|(_, bits)| bits)
                    .sum::<f64>()
            };
            let work = route.acts.iter().map(|act| act.part * on(act)).sum::<f64>();
            if work > 0.0 {
                let max_rate = route.cap.0;
                visits.push(Visit {
                    station,
                    work,
                    max_rate,
                });
            }
        }
        for (position, node) in self.nodes.iter().enumerate() {
            let on = |act: &Act| {
                act.work
                    .iter()
                    .filter(|(own, _)| own == node)
                    .map(|(_, work)| work)
                    .sum::<f64>()
            };
            let work = route.acts.iter().map(|act| act.part * on(act)).sum::<f64>();
            if work > 0.0 {
                let station = self.lanes.len() + position;
                visits.push(Visit {
                    station,
                    work,
                    max_rate: 1.0,
                });
            }
        }
        visits
    }

    /// The pause of a cycle and everything in it that is not at a station. A transfer passes several
    /// lanes at once and takes its time alone only once: what the stations count is taken off.
    fn pause(&self, route: &Route, think: Seconds, visits: &[Visit]) -> f64 {
        let cycle = think.0
            + route
                .acts
                .iter()
                .map(|act| act.part * alone(route, act))
                .sum::<f64>();
        let counted: f64 = visits.iter().map(|visit| visit.work / visit.max_rate).sum();
        (cycle - counted).max(0.0)
    }

    /// What each chain gets, from the solution of this network.
    pub(super) fn flows(&self, chains: &[Chain<'_>], solution: &Solution) -> Vec<Taken> {
        let (mut closed, mut open) = (solution.closed.iter(), solution.open.iter());
        let mut all = Vec::with_capacity(chains.len());
        for chain in chains {
            let flow = match chain.crowd {
                Crowd::Online { .. } => closed.next(),
                Crowd::Arriving { .. } => open.next(),
            };
            let visits = self.visits(chain.route);
            let mut taken = Taken {
                throughput: flow.map_or(0.0, |flow| flow.throughput),
                lanes: Vec::new(),
                servers: Vec::new(),
            };
            let sojourns = flow.into_iter().flat_map(|flow| &flow.sojourn);
            for (visit, sojourn) in visits.iter().zip(sojourns) {
                match visit.station.checked_sub(self.lanes.len()) {
                    None => {
                        let extra = sojourn.map(|time| time / visit.work - 1.0 / visit.max_rate);
                        taken
                            .lanes
                            .push((self.lanes[visit.station], extra.map(|extra| extra.max(0.0))));
                    }
                    Some(node) => {
                        let stretch = sojourn.map(|time| time / visit.work);
                        taken.servers.push((self.nodes[node], stretch));
                    }
                }
            }
            all.push(taken);
        }
        all
    }
}

/// Whether users can get in each other's way on a lane. With 50 users' rates fitting side by side
/// and at most 30 % in use, the chance that all are taken is below 1e-9 (Erlang C): no queue.
fn has_queue(offered: f64, capacity: f64, fastest: f64) -> bool {
    offered > 0.3 * capacity || capacity < 50.0 * fastest
}
