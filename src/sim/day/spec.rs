//! A day in plain numbers: what a simulation of users needs to know, and nothing else. Positions
//! stand for names; whoever lays the day out knows what they mean. Rates are bit/s, work is bits on
//! lanes and seconds at stations, moments are seconds since midnight.

use std::ops::Range;

use crate::qos::Tree;

/// Hours of a day.
pub const HOURS: usize = 24;

/// One working day.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Links, each way by itself. Their lanes are numbered through: lane `l` is in one line's `lanes`.
    pub lines: Vec<Line>,
    /// Ways for transfers: which lanes they pass and what caps them.
    pub paths: Vec<Path>,
    /// Nodes with workers.
    pub stations: Vec<StationSpec>,
    /// Nodes with a limit of sessions.
    pub gates: Vec<Gate>,
    /// Users, those of one population on one journey together.
    pub groups: Vec<Group>,
    /// Traffic of others.
    pub sources: Vec<SourceSpec>,
    /// Links that lose packets in bursts, where sessions pass them.
    pub bursts: Vec<Burst>,
    /// Number of labels that acts carry.
    pub labels: usize,
    /// Wait of a packet in a full class, seconds.
    pub full_queue: f64,
    /// Bytes of the first round trip.
    pub initial_window: f64,
    /// From when to when facts are recorded; whole hours, 0 to 24.
    pub hours: Range<usize>,
    /// Seconds before the first hour that run unrecorded, as the first hour is, so that the day does
    /// not begin on an empty network.
    pub warm_up: f64,
}

/// One link, one way.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its capacity.
    pub capacity: f64,
    /// Its lanes, one for each class; one without classes.
    pub lanes: Range<usize>,
    /// Distinct sets of classes in force; empty without classes. `None`: the rule refuses the
    /// guarantees, and nothing shapes.
    pub trees: Vec<Option<Tree>>,
    /// By hour: which of `trees`.
    pub by_hour: [usize; HOURS],
}

/// How many lanes `lines` have together: one more than the highest number.
pub fn lane_count(lines: &[Line]) -> usize {
    let ends = lines.iter().map(|line| line.lanes.end);
    ends.max().unwrap_or(0)
}

/// What transfers of one kind pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Lanes, each once.
    pub lanes: Vec<usize>,
    /// What one transfer gets at most.
    pub cap: f64,
}

/// How a station takes its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In the order of their coming.
    FirstCome,
    /// All at once: they share the workers.
    Sharing,
}

/// A node with workers.
#[derive(Debug, Clone, Copy)]
pub struct StationSpec {
    /// Workers.
    pub workers: usize,
    /// How it takes its jobs.
    pub order: Order,
}

/// A node that holds sessions.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Sessions at once.
    pub limit: usize,
    /// Its keep-alive, where it is known.
    pub keep_alive: Option<KeepAlive>,
}

/// A session is dropped when so many keep-alives in a row are lost.
#[derive(Debug, Clone, Copy)]
pub struct KeepAlive {
    /// Seconds between two.
    pub every: f64,
    /// Lost in a row, 1 or more.
    pub lost: u32,
}

/// A link whose losses come in bursts (Gilbert 1960, Elliott 1963): it is good, where nothing of this
/// process is lost, or bad.
#[derive(Debug, Clone)]
pub struct Burst {
    /// Names its random numbers: the same name, the same stretches.
    pub name: String,
    /// Position among the links, for the record.
    pub link: usize,
    /// Mean seconds of a good stretch.
    pub good: f64,
    /// Mean seconds of a bad stretch.
    pub bad: f64,
    /// Part of the packets lost in it, one way.
    pub loss: f64,
}

/// Users of one population on one journey.
#[derive(Debug, Clone)]
pub struct Group {
    /// Names their random numbers: the same name, the same users.
    pub name: String,
    /// Their population: its groups together have whole users.
    pub population: String,
    /// How many.
    pub crowd: Crowd,
    /// What they do.
    pub acts: Vec<Act>,
}

/// How many there are.
#[derive(Debug, Clone)]
pub enum Crowd {
    /// Users who think, act and wait.
    Online {
        /// How many want to be online, by hour.
        users: [f64; HOURS],
        /// Mean pause, exponential.
        think: f64,
        /// Their sessions; `None`: they hold none.
        session: Option<Session>,
    },
    /// Users who come, act once and go: arrivals a second by hour.
    Arriving([f64; HOURS]),
}

/// Sessions of a group.
#[derive(Debug, Clone)]
pub struct Session {
    /// Mean length in seconds, exponential.
    pub length: f64,
    /// Gates that must all let it in.
    pub gates: Vec<usize>,
    /// Keep-alives to a gate that pass a link with bursts: positions of both.
    pub watched: Vec<(usize, usize)>,
    /// Gates that drop a session for keep-alives lost one by one, and how often a second, above 0.
    pub singly: Vec<(usize, f64)>,
}

impl Group {
    /// The sessions of its users, if they hold any.
    pub fn session(&self) -> Option<&Session> {
        match &self.crowd {
            Crowd::Online { session, .. } => session.as_ref(),
            Crowd::Arriving(_) => None,
        }
    }
}

impl Session {
    /// How often a second it is dropped for keep-alives lost one by one.
    pub fn singly_dropped(&self) -> f64 {
        // An empty sum of floats is -0, and a time over it is long past.
        let rates = self.singly.iter().map(|(_, rate)| *rate);
        rates.fold(0.0, |sum, rate| sum + rate)
    }
}

/// What a user may do.
#[derive(Debug, Clone)]
pub struct Act {
    /// Whose and what: acts of one label are counted together.
    pub label: usize,
    /// Part of the group's acts.
    pub part: f64,
    /// Standard deviation of the bits over their mean; the law is lognormal.
    pub spread: f64,
    /// What it does, in order.
    pub legs: Vec<Leg>,
    /// Round trips.
    pub trips: Trips,
    /// Seconds in side loops.
    pub loops: f64,
    /// Seconds on the user's own machine and at nodes without workers.
    pub client: f64,
    /// Seconds it takes when nothing has a queue, in the mean.
    pub alone: f64,
}

/// The round trips of an act.
#[derive(Debug, Clone)]
pub struct Trips {
    /// Before anything is asked.
    pub handshakes: f64,
    /// Requests with their answers.
    pub exchanges: f64,
    /// Mean bytes of one exchange in its larger direction.
    pub bytes: f64,
    /// Seconds of one without load.
    pub rtt: f64,
    /// Variance of one, s².
    pub variance: f64,
    /// Lanes whose queue each of them waits in.
    pub lanes: Vec<usize>,
}

/// A part of an act that others are in the way of.
#[derive(Debug, Clone, Copy)]
pub enum Leg {
    /// A transfer.
    Transfer {
        /// Position of its path.
        path: usize,
        /// Mean bits.
        bits: f64,
    },
    /// Work.
    Work {
        /// Position of its station.
        station: usize,
        /// Mean seconds.
        seconds: f64,
        /// Standard deviation over the mean; the law is gamma.
        spread: f64,
    },
}

/// Traffic of others on a lane: it waits for nobody, and what is not let through is lost.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// Names its random numbers.
    pub name: String,
    /// Where.
    pub lane: usize,
    /// From each moment on its mean rate; in order, the first at 0.
    pub rates: Vec<(f64, f64)>,
    /// Standard deviation of its rate over the mean, from window to window; the law is lognormal.
    pub spread: f64,
    /// Seconds of a window.
    pub window: f64,
}
