//! Events of pain: from when to when, whom it hit and how much, and what was in the way.
//!
//! A minute of a lane hurts when the lane held its transfers back for half of it or more; of a
//! station, when all workers were busy for half of it and a job or more waited in the mean; of a gate,
//! when it refused a session; of a link that loses packets in bursts, when that dropped one: the link is
//! to be mended, not the node that held the session. Minutes that hurt with short gaps between them are
//! one event.
//! Nothing is in the way of users who are cut off, but every minute of an hour that has them hurts.

use super::loads::length;
use super::{Trial, Value, lane_resource};
use crate::demand::crowd;
use crate::scenario::answer::Resource;
use crate::scenario::simulated::Laid;
use crate::sim::day::spec::HOURS;
use crate::topology::{Crowd, LinkAt, NodeAt, OwnerAt, Topology};

mod event;

use event::event;

/// Part of a minute that makes it one of pain.
const MOST_OF: f64 = 0.5;

/// Jobs that wait in a minute of pain, in the mean.
const WAITING: f64 = 1.0;

/// Minutes without pain that do not end an event.
pub const GAP: usize = 5;

/// What was in the way, with its numbers over the minutes that hurt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// A lane was full.
    Full {
        /// Seconds in which it held transfers back.
        seconds: f64,
        /// Mean rate that it carried, bit/s.
        carried: f64,
    },
    /// Jobs waited at a station.
    Waiting {
        /// Jobs that waited, in the mean.
        jobs: f64,
        /// Workers.
        workers: usize,
    },
    /// A gate refused sessions.
    Refused {
        /// Attempts.
        attempts: u64,
        /// Attempts refused.
        refused: u64,
    },
    /// A link's bursts of loss dropped sessions.
    Dropped {
        /// How many.
        sessions: u64,
    },
}

/// What was in the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Obstacle {
    /// Something that is full.
    Resource(Resource),
    /// A link that loses packets in bursts.
    Bursts(LinkAt),
}

/// Acts of one label that ended while it hurt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Position of the label.
    pub label: usize,
    /// How many ended.
    pub acts: u64,
    /// Their mean time, seconds.
    pub mean: f64,
    /// Mean time of the same acts in minutes without this pain; where those are too few, alone.
    pub usual: f64,
    /// Whether `usual` is the time alone.
    pub alone: bool,
}

impl Hit {
    /// Seconds that all of them together took longer.
    pub fn lost(&self) -> f64 {
        self.acts as f64 * (self.mean - self.usual)
    }
}

/// An event of pain in the ordinary trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Pain {
    /// What was in the way.
    pub obstacle: Obstacle,
    /// Whose it is.
    pub owner: OwnerAt,
    /// When it began, seconds since midnight.
    pub from: f64,
    /// When it ended.
    pub until: f64,
    /// Minutes of it that hurt.
    pub minutes: usize,
    /// How bad it was.
    pub level: Level,
    /// Users of the populations that it hit, at most at once.
    pub users: f64,
    /// Whom, those who lost most first.
    pub hit: Vec<Hit>,
}

impl Pain {
    /// Seconds that users lost to it.
    pub fn lost(&self) -> f64 {
        self.hit.iter().map(Hit::lost).sum()
    }
}

/// All pain of a day.
#[derive(Debug, Clone)]
pub struct Pains {
    /// The ordinary trial: of those that count the one whose minutes of pain are the median (the lower
    /// of two middles, the first of equals).
    pub ordinary: usize,
    /// Its events, in the order of their beginning.
    pub events: Vec<Pain>,
    /// Minutes of pain a day by what was in the way, where there were any in any trial.
    pub by_obstacle: Vec<(Obstacle, Value)>,
    /// Minutes a day in which somebody is cut off.
    pub cut_off: Value,
    /// Minutes a day in which anything hurts.
    pub minutes: Value,
    /// By trial: minutes in which anything hurts.
    pub by_trial: Vec<f64>,
}

/// Something that can hurt: its position among lanes, stations, gates or bursts.
#[derive(Debug, Clone, Copy)]
enum Source {
    Lane(usize),
    Station(usize),
    Gate(usize),
    Burst(usize),
}

impl Pains {
    pub(super) fn new(topology: &Topology, laid: &Laid, trials: &[Trial]) -> Pains {
        let sources = sources(laid);
        // By trial, source and minute.
        let hurting: Vec<Vec<Vec<bool>>> = trials
            .iter()
            .map(|trial| sources.iter().map(|own| minutes(trial, *own)).collect())
            .collect();
        let cut_off: Vec<Vec<bool>> = trials
            .iter()
            .map(|trial| (0..trial.minutes()).map(|minute| is_cut_off(topology, laid, minute)))
            .map(Iterator::collect)
            .collect();
        let both = hurting.iter().zip(&cut_off);
        let by_trial: Vec<f64> = both.map(|(all, cut_off)| any(all, cut_off)).collect();
        let mut order: Vec<usize> = (0..by_trial.len()).collect();
        order.sort_by(|a, b| by_trial[*a].total_cmp(&by_trial[*b]));
        let ordinary = order
            .get(order.len().saturating_sub(1) / 2)
            .copied()
            .unwrap_or(0);
        let mut by_obstacle = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let counts: Vec<f64> = hurting.iter().map(|all| count(&all[at])).collect();
            if counts.iter().any(|count| *count > 0.0) {
                by_obstacle.push((obstacle(topology, laid, *source), Value::over(&counts)));
            }
        }
        let mut events = Vec::new();
        if let (Some(trial), Some(all)) = (trials.get(ordinary), hurting.get(ordinary)) {
            for (source, hurts) in sources.iter().zip(all) {
                let found = runs(hurts).into_iter();
                events.extend(found.map(|run| event(topology, laid, trial, *source, hurts, run)));
            }
        }
        events.sort_by(|a, b| a.from.total_cmp(&b.from));
        Pains {
            ordinary,
            events,
            by_obstacle,
            cut_off: Value::over(&cut_off.iter().map(|own| count(own)).collect::<Vec<f64>>()),
            minutes: Value::over(&by_trial),
            by_trial,
        }
    }
}

fn sources(laid: &Laid) -> Vec<Source> {
    let lanes = (0..laid.lanes.len()).map(Source::Lane);
    let stations = (0..laid.stations.len()).map(Source::Station);
    let gates = (0..laid.gates.len()).map(Source::Gate);
    let bursts = (0..laid.bursts.len()).map(Source::Burst);
    lanes.chain(stations).chain(gates).chain(bursts).collect()
}

/// What people call it.
fn obstacle(topology: &Topology, laid: &Laid, source: Source) -> Obstacle {
    Obstacle::Resource(match source {
        Source::Lane(at) => lane_resource(topology, laid.lanes[at]),
        Source::Station(at) => Resource::Servers(laid.stations[at]),
        Source::Gate(at) => Resource::Sessions(laid.gates[at]),
        Source::Burst(at) => return Obstacle::Bursts(laid.bursts[at]),
    })
}

fn owner(topology: &Topology, obstacle: Obstacle) -> OwnerAt {
    let of_link = |at: LinkAt| topology[at].owner;
    let of_node = |at: NodeAt| topology[at].owner;
    match obstacle {
        Obstacle::Resource(Resource::Class(lane)) => of_link(lane.link),
        Obstacle::Resource(Resource::Line(link, _)) | Obstacle::Bursts(link) => of_link(link),
        Obstacle::Resource(Resource::Servers(node) | Resource::Sessions(node)) => of_node(node),
    }
}

fn some(counts: &[u32], minute: usize) -> bool {
    counts.get(minute).is_some_and(|count| *count > 0)
}

/// Which minutes of a trial hurt.
fn minutes(trial: &Trial, source: Source) -> Vec<bool> {
    let hurts = |minute: usize| {
        let part = |full: &[f32]| {
            let full = full.get(minute).copied().unwrap_or(0.0);
            f64::from(full) / length(trial, minute)
        };
        match source {
            Source::Lane(at) => part(&trial.lanes[at].full) >= MOST_OF,
            Source::Station(at) => {
                let own = &trial.stations[at];
                part(&own.full) >= MOST_OF && part(&own.waiting) >= WAITING
            }
            Source::Gate(at) => some(&trial.gates[at].refused, minute),
            Source::Burst(at) => some(&trial.drops[at], minute),
        }
    };
    (0..trial.minutes()).map(hurts).collect()
}

fn count(hurts: &[bool]) -> f64 {
    hurts.iter().filter(|hurt| **hurt).count() as f64
}

/// Whether a minute of the recorded hours has users who can reach nothing.
fn is_cut_off(topology: &Topology, laid: &Laid, minute: usize) -> bool {
    let hour = (laid.spec.hours.start + minute / 60).min(HOURS - 1);
    laid.cut_off.iter().any(|&(population, part)| {
        let there = match crowd(topology, &topology[population], hour, laid.scale) {
            Crowd::Online { users, .. } => users,
            Crowd::Arriving { rate } => rate.0,
        };
        part * there > 0.0
    })
}

/// Minutes in which anything hurts, or somebody is cut off.
fn any(all: &[Vec<bool>], cut_off: &[bool]) -> f64 {
    let hurts = |minute: &usize| cut_off[*minute] || all.iter().any(|own| own[*minute]);
    (0..cut_off.len()).filter(hurts).count() as f64
}

/// Stretches of minutes that hurt, first and one past the last, with gaps of up to [`GAP`] inside.
fn runs(hurts: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for minute in (0..hurts.len()).filter(|minute| hurts[*minute]) {
        match runs.last_mut().filter(|run| minute - run.1 <= GAP) {
            Some(run) => run.1 = minute + 1,
            None => runs.push((minute, minute + 1)),
        }
    }
    runs
}
