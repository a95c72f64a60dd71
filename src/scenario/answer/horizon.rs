//! From one hour to a day, from a day to a horizon.

use super::availability::availability;
use super::figures::Hour;
use super::hour::Model;
use super::lanes::{Lane, Lanes, Lifted, Sharing};
use super::pressure::{Pressure, Resource, level, pressures};
use super::route::{Route, route, usable};
use crate::demand::{Scale, groups};
use crate::queueing::OutOfRange;
use crate::queueing::closed::Solver;
use crate::scenario::Scenario;
use crate::topology::{LinkAt, NodeAt, PopulationAt, Seen, Topology, Watched, Way};
use crate::units::{Fraction, Seconds, YearMonth};

/// One working day of one month.
#[derive(Debug, Clone)]
pub struct Day {
    /// Months since the start.
    pub month: u32,
    /// The month, where the scenario says when it starts.
    pub date: Option<YearMonth>,
    /// How much larger than at the start.
    pub scale: Scale,
    /// Accounts, where a law of growth says how many.
    pub accounts: Option<f64>,
    /// The 24 hours.
    pub hours: Vec<Hour>,
    /// The hour with most users.
    pub busiest: usize,
    /// Queues of arrivals that a node could not serve at once.
    pub queues: Vec<Queue>,
}

impl Day {
    /// Minutes of the day in which a lane is asked for more than it has.
    pub fn congestion(&self, lane: Lane) -> f64 {
        let loads = self.hours.iter().flat_map(|hour| &hour.lanes);
        loads
            .filter(|load| load.lane == lane)
            .map(|load| load.congested * 60.0)
            .sum()
    }
}

/// A queue of arrivals that grows over hours and melts again (a fluid of people).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// The node.
    pub node: NodeAt,
    /// The hour at whose end it is longest.
    pub hour: usize,
    /// People in it then.
    pub longest: f64,
    /// Wait of the last of them.
    pub wait: Seconds,
    /// The hour in which it is gone; `None`: not on the same day.
    pub gone: Option<usize>,
}

/// What binds at a month, and what binds once that is lifted.
#[derive(Debug, Clone, Copy)]
pub struct Narrow {
    /// Months since the start.
    pub month: u32,
    /// The fullest resource.
    pub first: Pressure,
    /// The fullest resource when the first has no limit.
    pub next: Option<Pressure>,
}

/// An observation against the model.
#[derive(Debug, Clone, Copy)]
pub struct SeenCheck {
    /// Position in the topology's observations.
    pub observation: usize,
    /// What was seen, in the observation's unit (bit/s or a count).
    pub seen: f64,
    /// What the model says.
    pub model: f64,
    /// Whether the difference is inside the tolerance.
    pub within: bool,
}

/// A threshold that is reached.
#[derive(Debug, Clone, Copy)]
pub struct Alert {
    /// Position in the topology's thresholds.
    pub threshold: usize,
    /// First hour of the first day in which it is reached; `None`: not on the first day.
    pub hour: Option<usize>,
    /// First month in which it is reached; `None`: not in the horizon.
    pub month: Option<u32>,
    /// Highest part of the capacity on the first day.
    pub highest: f64,
}

/// The whole answer to one scenario.
#[derive(Debug, Clone)]
pub struct Answer {
    /// One day for each month, the first at the start.
    pub days: Vec<Day>,
    /// What binds at the start and at the end.
    pub narrow: Vec<Narrow>,
    /// Part of the time that each service works, in the order of the topology's services.
    pub availability: Vec<Fraction>,
    /// Observations against the first day.
    pub seen: Vec<SeenCheck>,
    /// Thresholds over the horizon.
    pub alerts: Vec<Alert>,
    /// What each group's journey costs it.
    pub routes: Vec<Route>,
}

/// Answers `scenario` on the topology that it changed.
pub fn answer(topology: &Topology, scenario: &Scenario) -> Result<Answer, OutOfRange> {
    let plan = Plan::new(topology, Lifted::NOTHING)?;
    let mut model = plan.model(&[]);
    let mut days = Vec::new();
    for month in 0..=scenario.growth.months {
        let day = day(&mut model, scenario, month, days.last())?;
        days.push(day);
    }
    let last = scenario.growth.months;
    let mut months = vec![0];
    if last > 0 {
        months.push(last);
    }
    let mut narrow = Vec::new();
    for month in months {
        let found = pressures(topology, &days[month as usize].hours);
        if let Some(first) = found.first() {
            narrow.push(Narrow {
                month,
                first: *first,
                next: next(topology, scenario, month, first, &mut model.solver)?,
            });
        }
    }
    let services = topology.services.iter();
    Ok(Answer {
        narrow,
        availability: services
            .map(|service| Fraction(availability(topology, service.journey)))
            .collect(),
        seen: seen(topology, &days[0]),
        alerts: alerts(topology, &days),
        days,
        routes: plan.routes,
    })
}

/// Answers one month alone.
pub fn answer_one(topology: &Topology, scenario: &Scenario, month: u32) -> Result<Day, OutOfRange> {
    let plan = Plan::new(topology, Lifted::NOTHING)?;
    day(&mut plan.model(&[]), scenario, month, None)
}

/// Answers one hour (0 to 23) of a day at `scale` alone.
pub fn answer_hour(topology: &Topology, hour: usize, scale: Scale) -> Result<Hour, OutOfRange> {
    let plan = Plan::new(topology, Lifted::NOTHING)?;
    plan.model(&[]).hour(hour, scale)
}

/// What does not change over the horizon.
pub(in crate::scenario) struct Plan<'t> {
    topology: &'t Topology,
    lifted: Lifted<'t>,
    pub(in crate::scenario) lanes: Lanes,
    pub(in crate::scenario) routes: Vec<Route>,
    pub(in crate::scenario) cut_off: Vec<(PopulationAt, f64)>,
}

impl<'t> Plan<'t> {
    /// Lays out every group's route, with some limits of lines `lifted`.
    pub(in crate::scenario) fn new(
        topology: &'t Topology,
        lifted: Lifted<'t>,
    ) -> Result<Plan<'t>, OutOfRange> {
        let lanes = Lanes::new(topology);
        let mut routes = Vec::new();
        let mut cut_off = Vec::new();
        for group in groups(topology, |journey| usable(topology, journey)) {
            match route(topology, &lanes, lifted, group)? {
                Some(route) => routes.push(route),
                None => cut_off.push((group.population, group.part)),
            }
        }
        Ok(Plan {
            topology,
            lifted,
            lanes,
            routes,
            cut_off,
        })
    }

    /// The lane at a position.
    #[cfg(test)]
    pub(super) fn lane(&self, position: usize) -> Lane {
        self.lanes.all[position]
    }

    /// The model of an hour, with the limits of some nodes lifted.
    pub(super) fn model<'m>(&'m self, lifted_nodes: &'m [NodeAt]) -> Model<'m> {
        Model {
            topology: self.topology,
            lanes: &self.lanes,
            routes: &self.routes,
            cut_off: &self.cut_off,
            lifted: self.lifted,
            lifted_nodes,
            sharing: Sharing::new(self.topology, self.lifted),
            solver: Solver::default(),
        }
    }
}

/// How much larger everything is `month` months after the start.
pub(in crate::scenario) fn scale(scenario: &Scenario, month: u32) -> Result<Scale, OutOfRange> {
    let growth = &scenario.growth;
    let months = f64::from(month);
    Ok(Scale {
        accounts: growth.accounts.factor(months)?,
        devices: growth.devices.factor(months)?,
    })
}

/// A day of `month`; the one `before` it is the same where nothing grew.
fn day(
    model: &mut Model<'_>,
    scenario: &Scenario,
    month: u32,
    before: Option<&Day>,
) -> Result<Day, OutOfRange> {
    let growth = &scenario.growth;
    let months = f64::from(month);
    let scale = scale(scenario, month)?;
    let hours = match before.filter(|before| before.scale == scale) {
        Some(before) => before.hours.clone(),
        None => model.hours(scale)?,
    };
    let users = |hour: usize| hours[hour].online + hours[hour].cut_off;
    let busiest = (0..24).fold(0, |best, hour| {
        if users(hour) > users(best) {
            hour
        } else {
            best
        }
    });
    Ok(Day {
        month,
        date: growth.from.map(|from| from.plus(month)),
        scale,
        accounts: growth.accounts.number(months)?,
        queues: queues(&hours),
        busiest,
        hours,
    })
}

/// Follows the people that a node cannot serve at once through the day.
fn queues(hours: &[Hour]) -> Vec<Queue> {
    let mut nodes: Vec<NodeAt> = hours
        .iter()
        .flat_map(|hour| &hour.arrivals)
        .map(|one| one.node)
        .collect();
    nodes.sort();
    nodes.dedup();
    let mut queues = Vec::new();
    for node in nodes {
        let mut waiting = 0.0;
        let mut queue: Option<Queue> = None;
        for (hour, answer) in hours.iter().enumerate() {
            let Some(own) = answer.arrivals.iter().find(|one| one.node == node) else {
                continue;
            };
            waiting = f64::max(0.0, waiting + (own.rate - own.served) * 3600.0);
            if waiting > queue.map_or(0.0, |queue| queue.longest) {
                queue = Some(Queue {
                    node,
                    hour,
                    longest: waiting,
                    wait: Seconds(waiting / own.served.max(f64::MIN_POSITIVE)),
                    gone: None,
                });
            } else if let Some(queue) = queue
                .as_mut()
                .filter(|queue| queue.gone.is_none() && waiting <= 0.0)
            {
                queue.gone = Some(hour);
            }
        }
        queues.extend(queue);
    }
    queues
}

/// What binds once the first is lifted.
fn next(
    topology: &Topology,
    scenario: &Scenario,
    month: u32,
    first: &Pressure,
    solver: &mut Solver,
) -> Result<Option<Pressure>, OutOfRange> {
    let both = |lane: Lane| Way::BOTH.map(|way| Lane { way, ..lane });
    let (mut lanes, mut links, mut nodes): (Vec<Lane>, Vec<LinkAt>, Vec<NodeAt>) =
        Default::default();
    match first.resource {
        Resource::Class(lane) => lanes.extend(both(lane)),
        Resource::Line(link, _) => links.push(link),
        Resource::Servers(node) | Resource::Sessions(node) => nodes.push(node),
    }
    let lifted = Lifted {
        lanes: &lanes,
        links: &links,
    };
    let plan = Plan::new(topology, lifted)?;
    // The solver keeps curves that take longer to draw than a day to answer.
    let mut model = plan.model(&nodes);
    std::mem::swap(&mut model.solver, solver);
    let day = day(&mut model, scenario, month, None);
    std::mem::swap(&mut model.solver, solver);
    let day = day?;
    let found = pressures(topology, &day.hours);
    let same = |pressure: &&Pressure| match (pressure.resource, first.resource) {
        (Resource::Class(a), Resource::Class(b)) => (a.link, a.class) == (b.link, b.class),
        (Resource::Line(a, _), Resource::Line(b, _)) => a == b,
        (a, b) => a == b,
    };
    Ok(found.iter().find(|pressure| !same(pressure)).copied())
}

fn seen(topology: &Topology, day: &Day) -> Vec<SeenCheck> {
    let lane = |link: LinkAt, class: usize| Lane {
        link,
        way: Way::Down,
        class,
    };
    let highest = |of: &dyn Fn(&Hour) -> f64| day.hours.iter().map(of).fold(0.0, f64::max);
    let on =
        |hour: &Hour, wanted: Lane| hour.lanes.iter().find(|load| load.lane == wanted).copied();
    let observations = topology.observations.iter().enumerate();
    let checks = observations.map(|(observation, one)| {
        let (seen, model) = match one.seen {
            Seen::BusyDown(link, class, rate) => {
                let of =
                    |hour: &Hour| on(hour, lane(link, class)).map_or(0.0, |load| load.carried.0);
                (rate.0, highest(&of))
            }
            Seen::PeakDown(link, class, rate) => {
                let of = |hour: &Hour| {
                    on(hour, lane(link, class)).map_or(0.0, |load| load.peak.0.min(load.capacity.0))
                };
                (rate.0, highest(&of))
            }
            Seen::Sessions(node, count) => {
                let of = |hour: &Hour| {
                    let load = hour.sessions.iter().find(|load| load.node == node);
                    load.map_or(0.0, |load| load.held)
                };
                (count, highest(&of))
            }
            Seen::Online(count) => (count, highest(&|hour: &Hour| hour.online)),
        };
        SeenCheck {
            observation,
            seen,
            model,
            within: (model - seen).abs() <= one.tolerance.0 * seen,
        }
    });
    checks.collect()
}

fn alerts(topology: &Topology, days: &[Day]) -> Vec<Alert> {
    let highest_way = |link, hour: &Hour| {
        let ways = Way::BOTH.map(|way| level(topology, hour, Resource::Line(link, way)));
        ways[0].max(ways[1])
    };
    let level = |watched: Watched, hour: &Hour| match watched {
        Watched::Sessions(node) => level(topology, hour, Resource::Sessions(node)),
        Watched::Load(link) => highest_way(link, hour),
    };
    let thresholds = topology.thresholds.iter().enumerate();
    let alerts = thresholds.map(|(threshold, one)| {
        let levels = |day: &Day| -> Vec<f64> {
            day.hours
                .iter()
                .map(|hour| level(one.watched, hour))
                .collect()
        };
        // A level written as 80 % is reached by 80 %, whatever the last bit of the sum says.
        let reached = |level: &f64| *level >= one.at.0 - 1e-9;
        let first = levels(&days[0]);
        Alert {
            threshold,
            hour: first.iter().position(reached),
            month: days
                .iter()
                .find(|day| levels(day).iter().any(reached))
                .map(|day| day.month),
            highest: first.iter().copied().fold(0.0, f64::max),
        }
    });
    alerts.collect()
}
