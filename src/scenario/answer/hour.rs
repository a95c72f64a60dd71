//! One hour: who is there, what each lane and server carries, how long everything takes.
//!
//! The order of the steps is the order of the code: sessions are refused; what everybody would do
//! without queues is the *offered* load; the sharing rule turns offered loads into the capacity that
//! each lane has for its own users; mean-value analysis lets the users wait there, so that overload
//! slows them down; what they then do is the *carried* load.

use statrs::distribution::{ContinuousCDF, Normal};

use super::drops::drops_an_hour;
use super::figures::{ActTime, Arrivals, Hour, LaneLoad, ServerLoad, SessionLoad};
use super::lanes::{Lanes, Lifted, Loads, Sharing, WIDE};
use super::network::{Chain, Flow, Network, chain, present, users};
use super::route::Route;
use super::times::{Spread, mixture};
use crate::demand::{Scale, background};
use crate::queueing::closed::Solver;
use crate::queueing::link::gaussian;
use crate::queueing::{OutOfRange, erlang};
use crate::topology::{Crowd, NodeAt, PopulationAt, Profile, Topology, Traffic, TrafficRate};
use crate::units::{BitRate, Fraction};

/// What stays the same from hour to hour.
pub(super) struct Model<'t> {
    pub(super) topology: &'t Topology,
    pub(super) lanes: &'t Lanes,
    pub(super) routes: &'t [Route],
    pub(super) cut_off: &'t [(PopulationAt, f64)],
    pub(super) lifted: Lifted<'t>,
    /// Nodes with workers without end, and nodes without a session limit.
    pub(super) lifted_nodes: &'t [NodeAt],
    pub(super) sharing: Sharing,
    pub(super) solver: Solver,
}

/// An hour in the model's own terms.
pub(super) struct Solved<'t> {
    pub(super) sessions: Vec<SessionLoad>,
    pub(super) loads: Loads,
    pub(super) chains: Vec<Chain<'t>>,
    /// What each chain gets, in their order.
    pub(super) flows: Vec<Flow>,
}

impl<'t> Model<'t> {
    /// The 24 hours of a day at `scale`.
    pub(super) fn hours(&mut self, scale: Scale) -> Result<Vec<Hour>, OutOfRange> {
        let mut hours: Vec<Hour> = Vec::with_capacity(24);
        for hour in 0..24 {
            // Nights and other stretches repeat themselves.
            let same = (0..hour).find(|&earlier| self.alike(earlier, hour));
            hours.push(match same {
                Some(earlier) => hours[earlier].clone(),
                None => self.hour(hour, scale)?,
            });
        }
        Ok(hours)
    }

    /// Whether everything that depends on the hour is equal in two of them.
    fn alike(&self, a: usize, b: usize) -> bool {
        let shape = |profile: &Profile| profile.hours[a] == profile.hours[b];
        let covered = |traffic: &Traffic| match &traffic.rate {
            TrafficRate::Volume { window, .. } => window.cover(a) == window.cover(b),
            TrafficRate::Shaped { .. } => true,
        };
        self.topology.profiles.iter().all(shape)
            && self.topology.traffic.iter().all(covered)
            && self.sharing.alike(a, b)
    }

    /// The answer for `hour` (0 to 23) of a day at `scale`.
    pub(super) fn hour(&mut self, hour: usize, scale: Scale) -> Result<Hour, OutOfRange> {
        let Solved {
            sessions,
            loads,
            chains,
            flows,
        } = self.solve(hour, scale)?;
        let cut_off = self
            .cut_off
            .iter()
            .map(|&(at, part)| users(self.topology, at, hour, scale) * part);
        Ok(Hour {
            online: chains
                .iter()
                .zip(&flows)
                .map(|(chain, flow)| present(chain, flow))
                .sum(),
            // An empty sum of floats is -0.
            cut_off: cut_off.fold(0.0, |sum, users| sum + users),
            servers: self.server_loads(&chains, &flows),
            times: self.times(&chains, &flows),
            arrivals: self.arrivals(&chains),
            lanes: self.lane_loads(&chains, &flows, &loads)?,
            sessions,
        })
    }

    /// Solves an hour.
    pub(super) fn solve(&mut self, hour: usize, scale: Scale) -> Result<Solved<'t>, OutOfRange> {
        let topology = self.topology;
        let (sessions, admitted) = self.sessions(hour, scale)?;
        let chains: Vec<Chain<'t>> = self
            .routes
            .iter()
            .zip(&admitted)
            .map(|(route, admitted)| chain(topology, route, hour, scale, *admitted))
            .collect();
        let others = self
            .lanes
            .background(topology, &background(topology, hour, scale));
        let loads = self.loads(&chains, others, hour);
        let network = Network::new(self, &chains, &loads)?;
        let solution = self
            .solver
            .solve(&network.stations, &network.closed, &network.open)?;
        Ok(Solved {
            flows: network.flows(&chains, &solution, &loads),
            sessions,
            loads,
            chains,
        })
    }

    /// Requests that a node works on at once.
    pub(super) fn workers(&self, node: NodeAt) -> f64 {
        let own = &self.topology[node];
        match self.lifted_nodes.contains(&node) {
            true => WIDE,
            false => own.workers_working() as f64,
        }
    }

    /// Sessions at every limited node, and the part of each route's users that is let in.
    fn sessions(
        &self,
        hour: usize,
        scale: Scale,
    ) -> Result<(Vec<SessionLoad>, Vec<f64>), OutOfRange> {
        let topology = self.topology;
        let mut admitted = vec![1.0; self.routes.len()];
        let mut loads = Vec::new();
        for (position, node) in topology.nodes.iter().enumerate() {
            let at = NodeAt(position);
            let Some(limit) = node.sessions_working() else {
                continue;
            };
            // A population without a session length passes the node and holds no session there.
            let passes = |route: &Route| {
                let walk = route.group.journey.map(|journey| &topology[journey]);
                topology[route.group.population].session.is_some()
                    && walk.is_some_and(|walk| walk.visits(at))
            };
            let through = || {
                self.routes
                    .iter()
                    .enumerate()
                    .filter(|(_, route)| passes(route))
            };
            let limit = match self.lifted_nodes.contains(&at) {
                true => WIDE,
                false => limit,
            };
            let mut offered = 0.0;
            let mut attempts = 0.0;
            let mut dropped = 0.0;
            for (_, route) in through() {
                let population = &topology[route.group.population];
                let wanted =
                    users(topology, route.group.population, hour, scale) * route.group.part;
                offered += wanted;
                let length = population.session.map_or(f64::INFINITY, |length| length.0);
                attempts += wanted / length.max(1.0) * 3600.0;
                if let Some(journey) = route.group.journey {
                    dropped += wanted * drops_an_hour(topology, at, journey)?;
                }
            }
            // Ten deviations of room refuse less than exp(-50) (Chernoff's bound of Poisson's law):
            // not worth a recursion over every session.
            let roomy = offered <= limit - 10.0 * limit.sqrt();
            let refused = match roomy || offered <= 0.0 {
                true => 0.0,
                false => erlang::blocking(offered, limit)?,
            };
            for (route, _) in through() {
                admitted[route] *= 1.0 - refused;
            }
            loads.push(SessionLoad {
                node: at,
                limit,
                offered,
                held: offered * (1.0 - refused),
                refused: Fraction(refused),
                refused_an_hour: attempts * refused,
                dropped_an_hour: dropped * (1.0 - refused),
            });
        }
        Ok((loads, admitted))
    }

    /// What everybody would send, and what each lane could give.
    fn loads(&mut self, chains: &[Chain<'_>], others: Vec<f64>, hour: usize) -> Loads {
        let spread = self.topology.peak.background_spread;
        let mut offered = others.clone();
        let mut variance: Vec<f64> = others.iter().map(|rate| (rate * spread).powi(2)).collect();
        for chain in chains {
            for asked in &chain.route.lanes {
                offered[asked.lane] += chain.unqueued * asked.bits;
                variance[asked.lane] += chain.unqueued * asked.variance;
            }
        }
        let capacity =
            self.sharing
                .capacities(self.topology, self.lanes, hour, &offered, self.lifted);
        let deviation: Vec<f64> = variance.into_iter().map(f64::sqrt).collect();
        let full = offered.iter().zip(&capacity).zip(&deviation);
        Loads {
            full: full
                .map(|((offered, capacity), deviation)| exceeds(*capacity, *offered, *deviation))
                .collect(),
            full_queue: self.topology.transport.full_queue.0,
            others,
            offered,
            capacity,
            deviation,
        }
    }

    /// Lanes that are asked for something.
    fn lane_loads(
        &self,
        chains: &[Chain<'_>],
        flows: &[Flow],
        loads: &Loads,
    ) -> Result<Vec<LaneLoad>, OutOfRange> {
        let mut carried = loads.others.clone();
        for (chain, flow) in chains.iter().zip(flows) {
            for asked in &chain.route.lanes {
                carried[asked.lane] += flow.throughput * asked.bits;
            }
        }
        let asked = (0..carried.len()).filter(|&lane| loads.offered[lane] > 0.0);
        let load = |lane: usize| {
            let offered = BitRate(loads.offered[lane]);
            let deviation = BitRate(loads.deviation[lane]);
            Ok(LaneLoad {
                lane: self.lanes.all[lane],
                capacity: BitRate(loads.capacity[lane]),
                offered,
                carried: BitRate(carried[lane].min(loads.capacity[lane])),
                deviation,
                peak: gaussian(offered, deviation, self.topology.peak.exceeded)?,
                congested: loads.full[lane],
            })
        };
        asked.map(load).collect()
    }

    fn server_loads(&self, chains: &[Chain<'_>], flows: &[Flow]) -> Vec<ServerLoad> {
        let mut loads: Vec<ServerLoad> = Vec::new();
        for (chain, flow) in chains.iter().zip(flows) {
            for &(node, work) in &chain.route.work {
                let offered = chain.unqueued * work;
                let carried = flow.throughput * work;
                match loads.iter_mut().find(|load| load.node == node) {
                    Some(load) => {
                        load.offered += offered;
                        load.carried += carried;
                    }
                    None => loads.push(ServerLoad {
                        node,
                        workers: self.workers(node),
                        offered,
                        carried,
                    }),
                }
            }
        }
        loads.sort_by_key(|load| load.node);
        loads
    }

    fn arrivals(&self, chains: &[Chain<'_>]) -> Vec<Arrivals> {
        // By node: arrivals that it must serve, and what it can serve of them.
        let mut asked: Vec<(NodeAt, f64, f64)> = Vec::new();
        let arriving = chains
            .iter()
            .filter(|chain| matches!(chain.crowd, Crowd::Arriving { .. }));
        for (chain, act) in
            arriving.flat_map(|chain| chain.route.acts.iter().map(move |act| (chain, act)))
        {
            for &(position, work) in &act.work {
                let (node, _) = chain.route.work[position];
                let rate = chain.unqueued * act.part;
                let most = self.workers(node) / work;
                match asked.iter_mut().find(|(at, ..)| *at == node) {
                    // Several kinds of work share the node by their rates.
                    Some((_, sum, served)) => {
                        let whole = *sum + rate;
                        if whole > 0.0 {
                            *served = whole / (*sum / *served + rate / most);
                        }
                        *sum = whole;
                    }
                    None => asked.push((node, rate, most)),
                }
            }
        }
        let arrivals =
            asked
                .into_iter()
                .map(|(node, rate, served)| Arrivals { node, rate, served });
        arrivals.collect()
    }

    fn times(&self, chains: &[Chain<'_>], flows: &[Flow]) -> Vec<ActTime> {
        let mut times = Vec::new();
        let mut parts: Vec<(f64, Spread)> = Vec::new();
        for (position, population) in self.topology.populations.iter().enumerate() {
            let at = PopulationAt(position);
            for &(transaction, _) in &population.mix {
                parts.clear();
                let mut endless = false;
                let mine = chains
                    .iter()
                    .zip(flows)
                    .filter(|(chain, _)| chain.route.group.population == at);
                for (chain, flow) in mine {
                    let mut acts = chain.route.acts.iter().zip(&flow.times);
                    match acts.find(|(act, _)| act.transaction == transaction) {
                        Some((_, Some(spread))) => parts.push((chain.route.group.part, *spread)),
                        Some((_, None)) => endless = true,
                        None => {}
                    }
                }
                times.push(ActTime {
                    population: at,
                    transaction,
                    time: (!endless && !parts.is_empty()).then(|| mixture(&parts)),
                });
            }
        }
        times
    }
}

/// Chance that a normal rate is above `capacity`.
fn exceeds(capacity: f64, mean: f64, deviation: f64) -> f64 {
    /// Nine deviations away the chance is below 1e-18.
    const NEVER: f64 = 9.0;
    let room = capacity - mean;
    match room.abs() < NEVER * deviation {
        true => Normal::standard().sf(room / deviation),
        false => f64::from(u8::from(room < 0.0)),
    }
}
