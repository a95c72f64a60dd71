//! Mean-value analysis: throughput and times where people wait for an answer before they ask again.
//!
//! A population that waits slows itself down, so an overloaded system settles instead of growing
//! without bound. Stations share their capacity equally (processor sharing) among those present, each
//! with a greatest rate of its own; a pool of `c` servers is `capacity` c with `max_rate` 1, a link is
//! its bit rate with the per-user cap. Closed chains cycle with a pause; open chains arrive and leave.
//!
//! # The approximation
//!
//! A customer of chain `r` sees at a station the mean number present less its own share,
//! `q = Q - Q_r / max(N_r, 1)` (the arrival theorem as Bard 1979 and Schweitzer 1979 approximate it).
//! It then takes
//!
//! `T = work/max_rate · (1 + g(q)/R)`, `R = capacity/max_rate`,
//!
//! where `g` is the mean number beyond the free servers. An open M/M/R queue with mean number `q` at
//! load `v` has `g = C(R, Rv)/(1-v)`, `C` Erlang's; that queue's numbers spread as those of an
//! unlimited population. A finite one spreads less: with `z = 1 - Σ Q_r²/max(N_r,1) / Q`, the variance
//! of "here or elsewhere" over its mean, `g` moves towards its least value:
//! `g(q) = z C/(1-v) + (1-z) max(q - (R-1), 0)`.
//!
//! So one server gives `g = q`, Schweitzer's rule; a large population gives M/G/R-PS and Erlang C; one
//! customer alone waits for nobody; saturation gives `X → capacity/work`. Chains with different
//! `max_rate` at one station each see it through their own `R` at a common `v`, the load at which
//! their open queues together hold the mean number seen.
//!
//! # Against the exact
//!
//! What the tests measure and hold, as error of throughput:
//!
//! | case | worst | where |
//! |---|---|---|
//! | one chain over pools of 1 to 30 servers | -6.3 % | one server, three users who pause as long as they are served |
//! | the same, ten users a server or more | 1.5 % | |
//! | three chains at single servers, pauses from six times the largest service | 5.3 % | |
//! | the same, pauses as long as a service | 10.6 % | one customer beside a crowd |
//! | the same, no pauses | 23.6 % | one customer beside twenty-five |
//!
//! The last three are Schweitzer's own errors: at single servers the two agree to 1e-6. Chains with
//! **different** caps at one station, and pools served first come first served with work far from
//! exponential, lie outside product form: there is no exact value to hold them to.
//!
//! More capacity never lowers the throughput of a single chain. With several chains it can lower
//! another's, in truth as here: what one station lets through, the next receives.

mod curve;
mod linear;
mod newton;
mod open;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::curve::Curve;
use super::OutOfRange;
use super::range::{between, not_negative, positive};

/// Something that shares its capacity equally among those present.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// Work units per second: bits for a link, server-seconds for a pool (its number of servers). 0 is a
    /// station that is down.
    pub capacity: f64,
}

/// The work that one cycle of a chain asks of one station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// Index of the station.
    pub station: usize,
    /// Work units per cycle, 0 or more.
    pub work: f64,
    /// The greatest rate, in work units per second, that one customer alone can get, above 0; more than
    /// the capacity means the capacity.
    pub max_rate: f64,
}

/// Customers who pause, visit every station in turn, and start again.
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    /// Mean number of customers, 0 or more, whole or not.
    pub population: f64,
    /// All pure delay of one cycle in seconds: the pause and every latency.
    pub think: f64,
    /// Work per cycle.
    pub visits: Vec<Visit>,
}

/// Customers who arrive, visit every station in the order given, and leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Arrivals per second.
    pub rate: f64,
    /// Work per arrival.
    pub visits: Vec<Visit>,
}

/// What a chain gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Cycles (or departures) per second.
    pub throughput: f64,
    /// Mean time at each visit in seconds, in the order of the visits; `None` where it never ends: the
    /// station is down, or swamped by open chains.
    pub sojourn: Vec<Option<f64>>,
}

/// What a station carries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    /// Work units per second.
    pub work: f64,
    /// Part of the capacity in use; 1 where `saturated`.
    pub utilisation: f64,
    /// Mean number present; `None` where it grows for ever.
    pub number: Option<f64>,
    /// Open chains alone ask for the whole capacity or more, or the station is down and asked for.
    pub saturated: bool,
}

/// The answer to a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// One per closed chain, in the order given.
    pub closed: Vec<Flow>,
    /// One per open chain, in the order given.
    pub open: Vec<Flow>,
    /// One per station.
    pub stations: Vec<Carried>,
    /// Newton steps made.
    pub iterations: usize,
}

/// Solves networks and keeps the Erlang C curves it has drawn (one per distinct `capacity/max_rate`, in
/// the order of 0.1 ms each), so that a thousand hours of one system cost one set of curves.
#[derive(Debug, Clone, Default)]
pub struct Solver {
    curves: Vec<Curve>,
    by_servers: HashMap<u64, usize>,
}

/// Solves one network; for many that share their stations keep a [`Solver`].
pub fn solve(
    stations: &[Station],
    closed: &[Closed],
    open: &[Open],
) -> Result<Solution, OutOfRange> {
    Solver::default().solve(stations, closed, open)
}

/// One visit with work to do, ready for the iteration.
#[derive(Debug, Clone, Copy)]
struct Leg {
    chain: usize,
    visit: usize,
    station: usize,
    /// Index among the groups.
    group: usize,
    /// Time in seconds when nobody else is there.
    alone: f64,
    /// Part of the capacity that one cycle a second takes.
    load: f64,
}

/// Visits to one station that see it as the same number of servers.
#[derive(Debug, Clone, Copy)]
struct Group {
    station: usize,
    curve: usize,
}

impl Solver {
    /// Solves the network of `stations` under `closed` and `open` chains.
    ///
    /// Where open chains alone ask for a station's whole capacity it is `saturated`: they carry on in
    /// proportion to what they asked, each later visit of theirs at the reduced rate, and since the crowd
    /// there grows for ever, closed chains that visit it get nothing. A chain with work at a station of
    /// capacity 0 gets nothing either.
    ///
    /// # Errors
    /// An argument outside its range (a negative or infinite number, an unknown station, a cycle that
    /// takes no time), or an iteration that does not settle.
    pub fn solve(
        &mut self,
        stations: &[Station],
        closed: &[Closed],
        open: &[Open],
    ) -> Result<Solution, OutOfRange> {
        for station in stations {
            not_negative(("站点容量", "the capacity of a station"), station.capacity)?;
        }
        for chain in closed {
            not_negative(("人数", "the population"), chain.population)?;
            not_negative(("停顿时间（s）", "the pause in seconds"), chain.think)?;
            check_visits(&chain.visits, stations.len())?;
            let spent: f64 = chain.think + chain.visits.iter().map(|visit| visit.work).sum::<f64>();
            positive(
                (
                    "一个周期的时间与工作量之和",
                    "the time and work of one cycle",
                ),
                spent,
            )?;
        }
        for chain in open {
            not_negative(("到达率（/s）", "the arrival rate per second"), chain.rate)?;
            check_visits(&chain.visits, stations.len())?;
        }
        let admitted = open::admit(stations, open);
        let mut groups = Vec::new();
        let mut legs_of = |solver: &mut Solver, chains: &[&[Visit]]| {
            let mut legs = Vec::new();
            for (chain, visits) in chains.iter().enumerate() {
                for (at, visit) in visits.iter().enumerate() {
                    let capacity = stations[visit.station].capacity;
                    if visit.work == 0.0 || admitted.saturated[visit.station] || capacity == 0.0 {
                        continue;
                    }
                    let rate = visit.max_rate.min(capacity);
                    legs.push(Leg {
                        chain,
                        visit: at,
                        station: visit.station,
                        group: solver.group(&mut groups, visit.station, capacity / rate),
                        alone: visit.work / rate,
                        load: visit.work / capacity,
                    });
                }
            }
            legs
        };
        let closed_visits: Vec<&[Visit]> = closed.iter().map(|chain| &chain.visits[..]).collect();
        let open_visits: Vec<&[Visit]> = open.iter().map(|chain| &chain.visits[..]).collect();
        let closed_legs = legs_of(self, &closed_visits);
        let open_legs = legs_of(self, &open_visits);
        let blocked = |visit: &Visit| {
            visit.work > 0.0
                && (admitted.saturated[visit.station] || stations[visit.station].capacity == 0.0)
        };
        let network = newton::Network {
            stations: stations.len(),
            curves: &self.curves,
            groups: &groups,
            population: closed
                .iter()
                .map(|chain| match chain.visits.iter().any(blocked) {
                    true => 0.0,
                    false => chain.population,
                })
                .collect(),
            think: closed.iter().map(|chain| chain.think).collect(),
            closed: &closed_legs,
            open: &open_legs,
            open_rates: open_legs
                .iter()
                .map(|leg| admitted.rates[leg.chain][leg.visit])
                .collect(),
        };
        let settled = network.settle()?;

        let flow = |visits: &[Visit], throughput: f64| Flow {
            throughput,
            sojourn: visits
                .iter()
                .map(|visit| (!blocked(visit)).then_some(0.0))
                .collect(),
        };
        let mut answer = Solution {
            closed: closed
                .iter()
                .zip(&settled.throughput)
                .map(|(chain, &throughput)| flow(&chain.visits, throughput))
                .collect(),
            open: open
                .iter()
                .zip(&admitted.leaving)
                .map(|(chain, &throughput)| flow(&chain.visits, throughput))
                .collect(),
            stations: stations
                .iter()
                .zip(&admitted.saturated)
                .map(|(station, &saturated)| Carried {
                    work: if saturated { station.capacity } else { 0.0 },
                    utilisation: if saturated { 1.0 } else { 0.0 },
                    number: (!saturated).then_some(0.0),
                    saturated,
                })
                .collect(),
            iterations: settled.iterations,
        };
        let mut carry = |leg: &Leg, rate: f64, sojourn: f64| {
            let station = &mut answer.stations[leg.station];
            station.utilisation += rate * leg.load;
            station.work += rate * leg.load * stations[leg.station].capacity;
            station.number = station.number.map(|number| number + rate * sojourn);
        };
        for (leg, &sojourn) in closed_legs.iter().zip(&settled.closed_sojourn) {
            carry(leg, settled.throughput[leg.chain], sojourn);
            answer.closed[leg.chain].sojourn[leg.visit] = Some(sojourn);
        }
        for (at, leg) in open_legs.iter().enumerate() {
            carry(leg, network.open_rates[at], settled.open_sojourn[at]);
            answer.open[leg.chain].sojourn[leg.visit] = Some(settled.open_sojourn[at]);
        }
        // A station that is down holds everybody who came for it.
        for chain in closed.iter().filter(|chain| chain.population > 0.0) {
            for visit in chain.visits.iter().filter(|visit| blocked(visit)) {
                let station = &mut answer.stations[visit.station];
                (station.saturated, station.utilisation, station.number) = (true, 1.0, None);
            }
        }
        Ok(answer)
    }

    /// The index of the group of `station` at `servers`, made when there is none.
    fn group(&mut self, groups: &mut Vec<Group>, station: usize, servers: f64) -> usize {
        let known = groups.iter().position(|group| {
            group.station == station && self.curves[group.curve].servers == servers
        });
        known.unwrap_or_else(|| {
            let curves = &mut self.curves;
            let curve = *self.by_servers.entry(servers.to_bits()).or_insert_with(|| {
                curves.push(Curve::new(servers));
                curves.len() - 1
            });
            groups.push(Group { station, curve });
            groups.len() - 1
        })
    }
}

fn check_visits(visits: &[Visit], stations: usize) -> Result<(), OutOfRange> {
    for visit in visits {
        let last = stations as f64 - 1.0;
        between(
            ("站点序号", "the index of a station"),
            visit.station as f64,
            0.0,
            last,
        )?;
        not_negative(("工作量", "the work of a visit"), visit.work)?;
        positive(
            ("单用户最大速率", "the greatest rate of one customer"),
            visit.max_rate,
        )?;
    }
    Ok(())
}
