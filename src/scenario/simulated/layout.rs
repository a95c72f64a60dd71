//! From names to positions: what of a topology the simulation needs, and nothing else.

use std::ops::Range;

use super::Laid;
use crate::demand::{Group, Scale, crowd};
use crate::lang::Text;
use crate::queueing::OutOfRange;
use crate::scenario::answer::{self, Lifted, Plan, Route, Sharing};
use crate::sim::day::spec::{
    self, Act, Crowd, Gate, HOURS, Leg, Line, Order, Path, Session, SourceSpec, Spec, StationSpec,
    Trips,
};
use crate::text;
use crate::topology::{
    self, LinkAt, NodeAt, OrderName, PopulationAt, Topology, TrafficRate, TransactionAt, Way,
};
use crate::units::{Bytes, ClockRange};

/// Seconds before the first hour, so that the day does not begin on an empty network. Users come
/// already thinking, so what must settle are queues: a few cycles of a minute.
const WARM_UP: f64 = 900.0;

pub(super) struct Layout<'t> {
    topology: &'t Topology,
    plan: &'t Plan<'t>,
    scale: Scale,
    paths: Vec<Path>,
    labels: Vec<(PopulationAt, TransactionAt)>,
    stations: Vec<NodeAt>,
    gates: Vec<NodeAt>,
    bursts: Vec<LinkAt>,
}

impl<'t> Layout<'t> {
    pub(super) fn new(topology: &'t Topology, plan: &'t Plan<'t>, scale: Scale) -> Layout<'t> {
        let gates = (0..topology.nodes.len()).map(NodeAt);
        Layout {
            topology,
            plan,
            scale,
            paths: Vec::new(),
            labels: Vec::new(),
            stations: Vec::new(),
            gates: gates
                .filter(|&at| topology[at].sessions.is_some())
                .collect(),
            bursts: Vec::new(),
        }
    }

    pub(super) fn lay_out(mut self, month: u32, hours: Range<usize>) -> Result<Laid, OutOfRange> {
        let topology = self.topology;
        let plan = self.plan;
        let groups = plan.routes.iter().map(|route| self.group(route));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        bounded(&groups)?;
        let transport = &topology.transport;
        let spec = Spec {
            lines: self.lines(),
            sources: self.sources(),
            stations: self.stations.iter().map(|&at| self.station(at)).collect(),
            gates: self.gates.iter().map(|&at| self.gate(at)).collect(),
            bursts: self.bursts.iter().map(|&at| self.burst(at)).collect(),
            groups,
            labels: self.labels.len(),
            full_queue: transport.full_queue.0,
            initial_window: transport.initial_window.0,
            hours,
            warm_up: WARM_UP,
            paths: self.paths,
        };
        Ok(Laid {
            spec,
            labels: self.labels,
            lanes: plan.lanes.all.clone(),
            stations: self.stations,
            gates: self.gates,
            groups: plan.routes.iter().map(|route| route.group).collect(),
            bursts: self.bursts,
            cut_off: plan.cut_off.clone(),
            month,
            scale: self.scale,
        })
    }

    fn lines(&self) -> Vec<Line> {
        let topology = self.topology;
        let sharing = Sharing::new(topology, Lifted::NOTHING);
        let links = (0..topology.links.len()).map(LinkAt);
        let ways = links.flat_map(|link| Way::BOTH.map(|way| (link, way)));
        let line = |(link, way)| {
            let (trees, by_hour) = sharing.of(link, way).unwrap_or_default();
            Line {
                capacity: topology[link].capacity[way.at()].0,
                lanes: self.plan.lanes.on(topology, link, way),
                trees,
                by_hour,
            }
        };
        ways.map(line).collect()
    }

    fn station(&self, at: NodeAt) -> StationSpec {
        let node = &self.topology[at];
        StationSpec {
            workers: node.workers_working() as usize,
            order: match node.order {
                OrderName::FirstCome => Order::FirstCome,
                OrderName::Sharing => Order::Sharing,
            },
        }
    }

    /// A node's sessions, less those of its machines that are out of service.
    fn gate(&self, at: NodeAt) -> Gate {
        let node = &self.topology[at];
        Gate {
            limit: node.sessions_working().unwrap_or(0.0) as usize,
            keep_alive: node.keep_alive.map(|keep_alive| spec::KeepAlive {
                every: keep_alive.every.0,
                lost: keep_alive.lost,
            }),
        }
    }

    fn group(&mut self, route: &Route) -> Result<spec::Group, OutOfRange> {
        let topology = self.topology;
        let Group {
            population: at,
            journey,
            part,
        } = route.group;
        let population = &topology[at];
        let on = journey.map_or("", |journey| topology[journey].id.as_str());
        let by_hour: [topology::Crowd; HOURS] =
            std::array::from_fn(|hour| crowd(topology, population, hour, self.scale));
        let crowd = match population.crowd {
            topology::Crowd::Arriving { .. } => Crowd::Arriving(by_hour.map(|crowd| match crowd {
                topology::Crowd::Arriving { rate } => rate.0 * part,
                topology::Crowd::Online { .. } => 0.0,
            })),
            topology::Crowd::Online { think, .. } => Crowd::Online {
                users: by_hour.map(|crowd| match crowd {
                    topology::Crowd::Online { users, .. } => users * part,
                    topology::Crowd::Arriving { .. } => 0.0,
                }),
                think: think.0,
                session: match population.session {
                    None => None,
                    Some(length) => Some(Session {
                        length: length.0,
                        gates: self.gates_of(route),
                        watched: self.bursts_of(route),
                        singly: self.singly(route)?,
                    }),
                },
            },
        };
        Ok(spec::Group {
            name: format!("{}/{on}", population.id),
            population: population.id.clone(),
            crowd,
            acts: route.acts.iter().map(|act| self.act(route, act)).collect(),
        })
    }

    /// How often a second each gate drops a session for keep-alives lost one by one, where it does.
    fn singly(&self, route: &Route) -> Result<Vec<(usize, f64)>, OutOfRange> {
        let Some(journey) = route.group.journey else {
            return Ok(Vec::new());
        };
        let mut drops = Vec::new();
        for gate in self.gates_of(route) {
            let an_hour = answer::singly_an_hour(self.topology, self.gates[gate], journey)?;
            if an_hour > 0.0 {
                drops.push((gate, an_hour / 3600.0));
            }
        }
        Ok(drops)
    }

    fn gates_of(&self, route: &Route) -> Vec<usize> {
        let walk = route.group.journey.map(|journey| &self.topology[journey]);
        let passes = |node: NodeAt| walk.is_some_and(|walk| walk.visits(node));
        let own = self.gates.iter().enumerate();
        own.filter(|(_, node)| passes(**node))
            .map(|(gate, _)| gate)
            .collect()
    }

    /// For each gate that watches its sessions, the links with bursts that its keep-alives pass.
    fn bursts_of(&mut self, route: &Route) -> Vec<(usize, usize)> {
        let topology = self.topology;
        let mut pairs = Vec::new();
        let Some(walk) = route.group.journey.map(|journey| &topology[journey]) else {
            return pairs;
        };
        for gate in self.gates_of(route) {
            let node = self.gates[gate];
            if topology[node].keep_alive.is_none() {
                continue;
            }
            for (at, _) in walk.trunk_to(node) {
                if topology[at].good().is_some() {
                    pairs.push((gate, position(&mut self.bursts, at)));
                }
            }
        }
        pairs
    }

    fn burst(&self, at: LinkAt) -> spec::Burst {
        let link = &self.topology[at];
        let burst = link.burst.zip(link.good());
        let (bad, good, loss) = burst.map_or((0.0, f64::INFINITY, 0.0), |(burst, good)| {
            (burst.length.0, good.0, burst.loss.0)
        });
        spec::Burst {
            name: link.id.clone(),
            link: at.0,
            good,
            bad,
            loss,
        }
    }

    fn act(&mut self, route: &Route, act: &answer::Act) -> Act {
        let transaction = &self.topology[act.transaction];
        let [up, down] = transaction.bytes;
        let exchanges = f64::from(transaction.exchanges);
        let lanes = act.bits.iter().map(|&(at, _)| route.lanes[at].lane);
        Act {
            label: position(&mut self.labels, (route.group.population, act.transaction)),
            part: act.part,
            spread: act.spread,
            legs: self.legs(route, act),
            trips: Trips {
                handshakes: f64::from(transaction.handshakes),
                exchanges,
                bytes: up.max(down).0 / exchanges,
                rtt: route.rtt.0,
                variance: act.fixed.variance / act.fixed.rounds,
                lanes: lanes.collect(),
            },
            loops: act.fixed.loops,
            client: act.fixed.client,
            alone: act.alone(),
        }
    }

    /// What an act does in order: the request goes up and round the side loops, the nodes work, the
    /// answer comes down.
    fn legs(&mut self, route: &Route, act: &answer::Act) -> Vec<Leg> {
        let topology = self.topology;
        let transaction = &topology[act.transaction];
        let class = topology[route.group.population].class.as_str();
        let mut legs = Vec::new();
        let Some(walk) = route.group.journey.map(|journey| &topology[journey]) else {
            return legs;
        };
        let [up, down] = transaction.bytes;
        let [cap_up, cap_down] = route.cap.map(|cap| cap.0);
        legs.extend(self.transfer(class, walk.trunk_out(), Some(cap_up), up));
        for &number in &transaction.loops {
            legs.extend(self.transfer(class, walk.side_loop(number), None, transaction.loop_bytes));
        }
        for &(at, seconds) in &act.work {
            let station = position(&mut self.stations, route.work[at].0);
            let spread = act.work_spread;
            legs.push(Leg::Work {
                station,
                seconds,
                spread,
            });
        }
        legs.extend(self.transfer(class, walk.trunk_back(), Some(cap_down), down));
        legs
    }

    /// A transfer of `bytes` over `links`, at most at `cap`; without one, servers send to each other,
    /// as fast as the narrowest link lets them. Nothing where there is nothing to pass. A walk that
    /// comes to a link a second time the same way sends the bytes over it again: a transfer of its own.
    fn transfer(
        &mut self,
        class: &str,
        links: impl Iterator<Item = (LinkAt, Way)>,
        cap: Option<f64>,
        bytes: Bytes,
    ) -> Vec<Leg> {
        let topology = self.topology;
        let mut passed: Vec<Vec<usize>> = Vec::new();
        let mut narrowest = f64::INFINITY;
        for (link, way) in links.filter(|_| bytes.0 > 0.0) {
            let lane = self.plan.lanes.of(topology, link, way, class);
            narrowest = narrowest.min(topology[link].capacity[way.at()].0);
            match passed.last_mut().filter(|lanes| !lanes.contains(&lane)) {
                Some(lanes) => lanes.push(lane),
                None => passed.push(vec![lane]),
            }
        }
        let cap = cap.unwrap_or(narrowest);
        let legs = passed.into_iter().map(|lanes| Leg::Transfer {
            path: position(&mut self.paths, Path { lanes, cap }),
            bits: bytes.bits(),
        });
        legs.collect()
    }

    fn sources(&self) -> Vec<SourceSpec> {
        let topology = self.topology;
        let mut sources = Vec::new();
        for traffic in &topology.traffic {
            let factor = if traffic.grows {
                self.scale.accounts
            } else {
                1.0
            };
            for way in Way::BOTH {
                let rates = match &traffic.rate {
                    TrafficRate::Shaped { peak, profile } => {
                        let hours = topology[*profile].hours.iter().enumerate();
                        hours
                            .map(|(hour, part)| (hour as f64 * 3600.0, peak[way.at()].0 * part))
                            .collect()
                    }
                    TrafficRate::Volume {
                        volume,
                        window,
                        way: own,
                    } if *own == way => on_and_off(*window, volume.bits()),
                    TrafficRate::Volume { .. } => Vec::new(),
                };
                if rates.iter().all(|(_, rate)| *rate <= 0.0) {
                    continue;
                }
                let links = traffic.links.iter();
                for &link in links.filter(|link| !topology[**link].failed) {
                    sources.push(SourceSpec {
                        // One name on all its links: it is the same traffic that passes them.
                        name: format!("{}/{way:?}", traffic.id),
                        lane: self.plan.lanes.of(topology, link, way, &traffic.class),
                        rates: rates
                            .iter()
                            .map(|(at, rate)| (*at, rate * factor))
                            .collect(),
                        spread: topology.peak.background_spread,
                        window: topology.peak.window.0,
                    });
                }
            }
        }
        sources
    }
}

/// Users at once, and arrivals a second, that one trial follows at most: beyond, memory and time have no
/// end, and the analytic answer is as good.
const MOST_USERS: f64 = 2e7;
const MOST_ARRIVALS: f64 = 1e5;

/// Refuses a crowd that is too large to follow one by one.
fn bounded(groups: &[spec::Group]) -> Result<(), OutOfRange> {
    let mut most = [0.0f64; 2];
    for hour in 0..HOURS {
        let mut sums = [0.0; 2];
        for group in groups {
            match &group.crowd {
                Crowd::Online { users, session, .. } => {
                    sums[0] += users[hour];
                    sums[1] += session.as_ref().map_or(0.0, |own| users[hour] / own.length);
                }
                Crowd::Arriving(rates) => sums[1] += rates[hour],
            }
        }
        most = [most[0].max(sums[0]), most[1].max(sums[1])];
    }
    let online = Text::new("在线用户数", "the number of users online");
    let arrivals = Text::new(
        "每秒到来的用户和会话数",
        "users and sessions that come a second",
    );
    for (what, found, limit) in [
        (online, most[0], MOST_USERS),
        (arrivals, most[1], MOST_ARRIVALS),
    ] {
        if found > limit {
            return Err(OutOfRange::Argument {
                what,
                found,
                allowed: text!(
                    "至多 {limit}，才能逐一仿真",
                    "at most {limit} to be followed one by one"
                ),
            });
        }
    }
    Ok(())
}

/// A volume of `bits` spread evenly over its stretch of the day, to the minute.
fn on_and_off(window: ClockRange, bits: f64) -> Vec<(f64, f64)> {
    let rate = bits / (f64::from(window.minutes()) * 60.0);
    let seconds = |minutes: u16| f64::from(minutes) * 60.0;
    let (from, to) = (seconds(window.from.minutes), seconds(window.to.minutes));
    match from < to {
        true => vec![(0.0, 0.0), (from, rate), (to, 0.0)],
        false => vec![(0.0, rate), (to, 0.0), (from, rate)],
    }
}

/// The position of `item` in `all`, where it is put if it is new.
fn position<T: PartialEq>(all: &mut Vec<T>, item: T) -> usize {
    match all.iter().position(|own| *own == item) {
        Some(known) => known,
        None => {
            all.push(item);
            all.len() - 1
        }
    }
}
