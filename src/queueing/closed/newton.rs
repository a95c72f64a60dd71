//! The fixed point of the mean-value equations, by Newton's method on the load each station shows.
//!
//! Unknown is, per station, the load `v` of the open queue that stands for it. Its equation says that the
//! mean number of that queue is the number the chains bring when each is slowed as that queue slows.
//! Newton's step takes in all that follows from `v`; the own shares, spreads and mixtures, which matter
//! for few customers only, are renewed after each step. Large populations of one cap then minimise a
//! convex function, so the answer is unique; for the rest it is found, or said not to settle.

use std::iter::zip;

use super::super::OutOfRange;
use super::curve::{Curve, Point};
use super::linear;
use super::{Group, Leg};

const MOST_STEPS: usize = 500;
/// Relative change of loads and numbers below which the iteration has settled.
const SETTLED: f64 = 1e-9;
/// Steps after which a network counts as slow and is helped along; most settle in eight.
const PATIENCE: usize = 16;

pub(super) struct Network<'a> {
    pub(super) stations: usize,
    pub(super) curves: &'a [Curve],
    pub(super) groups: &'a [Group],
    pub(super) population: Vec<f64>,
    pub(super) think: Vec<f64>,
    pub(super) closed: &'a [Leg],
    pub(super) open: &'a [Leg],
    /// Per open leg, arrivals per second.
    pub(super) open_rates: Vec<f64>,
}

pub(super) struct Settled {
    pub(super) throughput: Vec<f64>,
    pub(super) closed_sojourn: Vec<f64>,
    pub(super) open_sojourn: Vec<f64>,
    pub(super) iterations: usize,
}

/// What one step knows and the next one starts from.
struct State {
    /// Per station: `v/(1-v)` for the load `v` of the open queue that stands for it.
    ratio: Vec<f64>,
    /// Per closed leg: mean number present.
    number: Vec<f64>,
    /// Per group: part of its station's carried load.
    part: Vec<f64>,
    /// Per station: variance over mean of the number present, 0 to 1.
    spread: Vec<f64>,
}

impl State {
    /// Every number in one row, each of them 0 or more.
    fn all(&mut self) -> impl Iterator<Item = &mut f64> {
        let shares = self.part.iter_mut().chain(&mut self.spread);
        self.ratio.iter_mut().chain(&mut self.number).chain(shares)
    }
}

/// The last two moves of every number, to see where a slow iteration is going.
///
/// The own shares and mixtures lag one step behind the loads. Where few customers of very different
/// caps meet, that makes each move a fixed part `f` of the last; Aitken's rule then adds what all
/// later moves would: `f/(1-f)` of the last.
#[derive(Default)]
struct Moves {
    start: Vec<f64>,
    last: Vec<f64>,
}

impl Moves {
    fn before(&mut self, state: &mut State) {
        self.start = state.all().map(|value| *value).collect();
    }

    fn after(&mut self, state: &mut State, leap: bool) {
        let moves: Vec<f64> = zip(state.all(), &self.start)
            .map(|(now, start)| *now - start)
            .collect();
        if leap {
            for (value, (now, last)) in zip(state.all(), zip(&moves, &self.last)) {
                let part = now / last;
                if part.abs() < 0.99 {
                    *value = (*value + now * part / (1.0 - part)).max(*value / 8.0);
                }
            }
            for spread in &mut state.spread {
                *spread = spread.min(1.0);
            }
        }
        self.last = moves;
    }
}

/// The open queues that stand for the stations.
struct Shown {
    /// Per group: the queue as it sees its station.
    points: Vec<Point>,
    /// Per station: number and its derivative by load, mixed over its groups.
    whole: Vec<(f64, f64)>,
}

/// The equations at one state.
struct Equations {
    throughput: Vec<f64>,
    /// Per closed leg: how many times longer than alone, and its derivative by the station's load.
    stretch: Vec<(f64, f64)>,
    open_stretch: Vec<(f64, f64)>,
    /// Per station: carried part of capacity by all chains.
    carried: Vec<f64>,
    /// Per station: what the open queue's load lacks; 0 at the solution.
    residual: Vec<f64>,
    /// Per station: derivative of the residual by the station's own load, throughputs held.
    stiffness: Vec<f64>,
    /// Per closed leg: derivative of its station's residual by its chain's throughput.
    weight: Vec<f64>,
}

impl Network<'_> {
    /// Iterates until loads and numbers stand still.
    pub(super) fn settle(&self) -> Result<Settled, OutOfRange> {
        let mut state = self.start();
        let mut moves = Moves::default();
        for iterations in 1..=MOST_STEPS {
            let equations = self.equations(&state);
            if iterations > PATIENCE {
                moves.before(&mut state);
            }
            let moved = self.step(&mut state, &equations);
            if iterations > PATIENCE {
                moves.after(&mut state, iterations % 8 == 0);
            }
            if moved < SETTLED {
                return Ok(Settled {
                    closed_sojourn: zip(self.closed, &equations.stretch)
                        .map(|(leg, (stretch, _))| leg.alone * stretch)
                        .collect(),
                    open_sojourn: zip(self.open, &equations.open_stretch)
                        .map(|(leg, (stretch, _))| leg.alone * stretch)
                        .collect(),
                    throughput: equations.throughput,
                    iterations,
                });
            }
        }
        Err(OutOfRange::Unsettled {
            iterations: MOST_STEPS,
        })
    }

    /// As if nobody met anybody: the right answer at low load and a fair start elsewhere.
    fn start(&self) -> State {
        let throughput = self.throughput(&vec![(1.0, 0.0); self.closed.len()]);
        let mut state = State {
            ratio: vec![0.0; self.stations],
            number: Vec::with_capacity(self.closed.len()),
            part: vec![0.0; self.groups.len()],
            spread: vec![1.0; self.stations],
        };
        let mut load = vec![0.0; self.groups.len()];
        let mut open = vec![0.0; self.stations];
        for (leg, rate) in zip(self.open, &self.open_rates) {
            open[leg.station] += rate * leg.load;
            load[leg.group] += rate * leg.load;
        }
        for leg in self.closed {
            load[leg.group] += throughput[leg.chain] * leg.load;
            state.ratio[leg.station] += throughput[leg.chain] * leg.load;
            state.number.push(throughput[leg.chain] * leg.alone);
        }
        for (group, (part, load)) in zip(self.groups, zip(&mut state.part, load)) {
            let whole = state.ratio[group.station] + open[group.station];
            // Where nobody goes, any mixture stands for nothing.
            *part = if whole > 0.0 { load / whole } else { 1.0 };
        }
        for (ratio, open) in zip(&mut state.ratio, open) {
            // What the closed chains ask for can exceed the capacity, what the open ones do cannot.
            let asked = *ratio + open;
            *ratio = asked / (1.0 - asked.min(0.8).max(open));
        }
        state
    }

    fn throughput(&self, stretch: &[(f64, f64)]) -> Vec<f64> {
        let mut cycle = self.think.clone();
        for (leg, (stretch, _)) in zip(self.closed, stretch) {
            cycle[leg.chain] += leg.alone * stretch;
        }
        let rates = zip(&self.population, cycle);
        // A chain without customers may have a cycle that takes no time.
        let rates = rates.map(|(n, cycle)| if *n == 0.0 { 0.0 } else { n / cycle });
        rates.collect()
    }

    fn equations(&self, state: &State) -> Equations {
        let shown = self.shown(state);
        let points = &shown.points;
        let own = self.own_numbers(state);
        let stretch: Vec<(f64, f64)> = zip(self.closed, own)
            .map(|(leg, own)| self.stretch(leg, own, &shown, state))
            .collect();
        let open_stretch: Vec<(f64, f64)> = self
            .open
            .iter()
            .map(|leg| self.stretch(leg, 0.0, &shown, state))
            .collect();
        let throughput = self.throughput(&stretch);

        // Per station over all legs: load carried, number brought (each slowed as it sees the station),
        // and number that the open queue at the same load would hold, with their derivatives.
        let mut carried = vec![0.0; self.stations];
        let mut brought = vec![(0.0, 0.0); self.stations];
        let mut stands_for = vec![(0.0, 0.0); self.stations];
        let closed = zip(self.closed, &stretch).map(|(leg, s)| (leg, throughput[leg.chain], *s));
        let open = zip(zip(self.open, &self.open_rates), &open_stretch)
            .map(|((leg, rate), stretch)| (leg, *rate, *stretch));
        for (leg, rate, (stretch, slope)) in closed.chain(open) {
            let (k, point) = (leg.station, &points[leg.group]);
            carried[k] += rate * leg.load;
            brought[k].0 += rate * leg.alone * stretch;
            brought[k].1 += rate * leg.alone * slope;
            stands_for[k].0 += rate * leg.load * point.number;
            stands_for[k].1 += rate * leg.load * point.number_slope;
        }
        let mut residual = vec![0.0; self.stations];
        let mut stiffness = vec![1.0; self.stations];
        for k in 0..self.stations {
            if brought[k].0 > 0.0 {
                residual[k] = stands_for[k].0 / brought[k].0 - carried[k];
                stiffness[k] = stands_for[k].1 / brought[k].0
                    - stands_for[k].0 / brought[k].0 * (brought[k].1 / brought[k].0);
            } else {
                residual[k] = state.ratio[k] / (1.0 + state.ratio[k]);
            }
        }
        let weight = zip(self.closed, &stretch).map(|(leg, (stretch, _))| {
            let (stands, brings) = (stands_for[leg.station].0, brought[leg.station].0);
            if brings == 0.0 {
                return 0.0;
            }
            let number = points[leg.group].number;
            leg.load * (number / brings - 1.0) - stands / brings * (leg.alone * stretch / brings)
        });
        let weight = weight.collect();
        Equations {
            throughput,
            stretch,
            open_stretch,
            carried,
            residual,
            stiffness,
            weight,
        }
    }

    fn shown(&self, state: &State) -> Shown {
        let mut whole = vec![(0.0, 0.0); self.stations];
        let points = zip(self.groups, &state.part).map(|(group, part)| {
            let point = self.curves[group.curve].at(state.ratio[group.station]);
            let sum = &mut whole[group.station];
            sum.0 += part * point.number;
            sum.1 += part * point.number_slope;
            point
        });
        Shown {
            points: points.collect(),
            whole,
        }
    }

    /// Per closed leg: the mean number at its station that is its own chain's share of one customer.
    fn own_numbers(&self, state: &State) -> Vec<f64> {
        let mut own = vec![0.0; self.population.len() * self.stations];
        for (leg, number) in zip(self.closed, &state.number) {
            own[leg.chain * self.stations + leg.station] +=
                number / self.population[leg.chain].max(1.0);
        }
        let of = |leg: &Leg| own[leg.chain * self.stations + leg.station];
        self.closed.iter().map(of).collect()
    }

    /// How many times longer than alone `leg` takes when it sees the station less `own`, and the
    /// derivative of that by the station's load.
    fn stretch(&self, leg: &Leg, own: f64, shown: &Shown, state: &State) -> (f64, f64) {
        /// A stretch this near 1 is 1.
        const ALONE: f64 = 1e-11;
        /// An own share up to this many `√R`, and up to this part of the number seen times ten, is taken
        /// off to first order: what that neglects is below a millionth of the stretch.
        const SMALL: f64 = 1e-3;
        let point = &shown.points[leg.group];
        let servers = self.curves[self.groups[leg.group].curve].servers;
        let spread = state.spread[leg.station];
        let certain = point.number - (servers - 1.0);
        if point.excess < ALONE && certain <= 0.0 {
            return (1.0, 0.0);
        }
        let mut seen = *point;
        let mut pace = 1.0;
        if own > 0.0 {
            let whole = shown.whole[leg.station];
            let (number, slope) = whole;
            if own <= SMALL * servers.sqrt().min(10.0 * number) {
                let back = own / slope;
                seen.excess -= point.excess_slope * back;
                seen.number -= point.number_slope * back;
            } else {
                let (ratio, slope_there) = self.without(leg.station, whole, own, state);
                seen = self.curves[self.groups[leg.group].curve].at(ratio);
                pace = slope / slope_there;
            }
        }
        let certain = seen.number - (servers - 1.0);
        let (certain, certain_slope) = match certain > 0.0 {
            true => (certain, seen.number_slope),
            false => (0.0, 0.0),
        };
        let beyond = spread * seen.excess + (1.0 - spread) * certain;
        let slope = spread * seen.excess_slope + (1.0 - spread) * certain_slope;
        (1.0 + beyond / servers, slope * pace / servers)
    }

    /// The ratio at which the open queue that stands for `station` holds `own` less than `number`, and
    /// the derivative of its number by load there.
    fn without(
        &self,
        station: usize,
        (number, mut slope): (f64, f64),
        own: f64,
        state: &State,
    ) -> (f64, f64) {
        let wanted = (number - own).max(0.0);
        let mut ratio = state.ratio[station];
        let mut here = number;
        // The number is a straight line in the ratio for one server and nearly one at high load.
        for _ in 0..60 {
            let free = 1.0 / (1.0 + ratio);
            let next = (ratio - (here - wanted) / (slope * free * free)).max(ratio / 16.0);
            let moved = (next - ratio).abs();
            ratio = next;
            // The next step would move by about the square of this.
            if moved <= 1e-5 * (1.0 + ratio) {
                break;
            }
            (here, slope) = (0.0, 0.0);
            for (group, part) in zip(self.groups, &state.part) {
                if group.station == station {
                    let point = self.curves[group.curve].at(ratio);
                    here += part * point.number;
                    slope += part * point.number_slope;
                }
            }
        }
        (ratio, slope)
    }

    /// One Newton step; gives the largest relative move of any ratio or number.
    fn step(&self, state: &mut State, now: &Equations) -> f64 {
        let k = self.stations;
        let mut matrix = vec![0.0; k * k];
        for (at, stiffness) in now.stiffness.iter().enumerate() {
            matrix[at * k + at] = *stiffness;
        }
        // dX_r / dv(l) = -X_r²/N_r Σ alone_rl stretch'_rl: a longer cycle is a slower one.
        // Most stations are too idle for their load to be felt: only the others make columns.
        let mut felt = vec![false; k];
        let mut slowed = vec![0.0; self.population.len() * k];
        for (leg, (_, slope)) in zip(self.closed, &now.stretch) {
            slowed[leg.chain * k + leg.station] += leg.alone * slope;
            felt[leg.station] |= *slope > 0.0;
        }
        let felt: Vec<usize> = (0..k).filter(|at| felt[*at]).collect();
        for (leg, weight) in zip(self.closed, &now.weight) {
            let (x, n) = (now.throughput[leg.chain], self.population[leg.chain]);
            if x > 0.0 {
                let rate = -x * x / n * weight;
                let row = &mut matrix[leg.station * k..][..k];
                let slowed = &slowed[leg.chain * k..][..k];
                for &at in &felt {
                    row[at] += rate * slowed[at];
                }
            }
        }
        let change = linear::solve(matrix, now.residual.iter().map(|r| -r).collect());
        let mut moved: f64 = 0.0;
        for (ratio, change) in state.ratio.iter_mut().zip(change) {
            let grown = 1.0 + *ratio;
            let next = (*ratio + change * grown * grown).clamp(*ratio / 8.0, 8.0 * *ratio + 0.1);
            moved = moved.max((next - *ratio).abs() / (1e-6 + next));
            *ratio = next;
        }
        let mut present = vec![0.0; k];
        let mut clumped = vec![0.0; k];
        let mut load = vec![0.0; self.groups.len()];
        for (at, (leg, (stretch, _))) in zip(self.closed, &now.stretch).enumerate() {
            let x = now.throughput[leg.chain];
            let number = x * leg.alone * stretch;
            moved = moved.max((number - state.number[at]).abs() / (1e-6 + number));
            state.number[at] = number;
            present[leg.station] += number;
            load[leg.group] += x * leg.load;
        }
        for ((leg, rate), (stretch, _)) in zip(zip(self.open, &self.open_rates), &now.open_stretch)
        {
            present[leg.station] += rate * leg.alone * stretch;
            load[leg.group] += rate * leg.load;
        }
        for ((leg, own), number) in zip(zip(self.closed, self.own_numbers(state)), &state.number) {
            clumped[leg.station] += number * own;
        }
        for at in 0..k {
            if present[at] > 0.0 {
                state.spread[at] = (1.0 - clumped[at] / present[at]).clamp(0.0, 1.0);
            }
        }
        for (group, (part, load)) in zip(self.groups, zip(&mut state.part, load)) {
            if now.carried[group.station] > 0.0 {
                *part = load / now.carried[group.station];
            }
        }
        moved
    }
}
