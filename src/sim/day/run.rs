//! One trial of a day: the next thing that happens, again and again.
//!
//! Three things can be next: a transfer ends on the network, a job ends at a station, or a clock
//! strikes (somebody has thought enough, comes, leaves; an hour, a second, a window of other traffic
//! or a burst of losses begins). At one moment they happen in this order, clocks in the order in which
//! they were set: nothing depends on memory addresses or on threads.

mod acts;
mod bursts;
mod calendar;
mod clerk;
mod crowds;
mod others;
mod users;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::record::Record;
use super::spec::{HOURS, Order, Spec};
use crate::sim::double_double::DoubleDouble;
use crate::sim::earliest::Earliest;
use crate::sim::network::Network;
use crate::sim::station::Station;
use bursts::Bursts;
use calendar::{Calendar, Strike};
use clerk::Clerk;
use crowds::Crowds;
use others::Others;
use users::{Stage, Users};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// Events between two looks at whether to stop: a second of a crowded day has more than a user waits
/// for.
const PATIENCE: u64 = 1 << 20;

/// What a caller may look at, and say, while trials run.
#[derive(Debug, Default)]
pub struct Watch {
    /// Set: trials stop at the next second of their day, or after so many events.
    pub stop: AtomicBool,
    /// Seconds of their days that all trials have simulated together, those before recording
    /// included.
    pub simulated: AtomicU64,
}

/// Seconds that a trial of `spec` simulates.
pub fn length(spec: &Spec) -> u64 {
    (spec.hours.len() as f64 * HOUR + spec.warm_up) as u64
}

/// Runs trial `replication` of `spec` under `seed`. When `watch` says stop, the record's `until` says
/// how far it came.
pub fn run(spec: &Spec, seed: u64, replication: u64, watch: &Watch) -> Record {
    let mut day = Day::new(spec, seed, replication);
    day.begin();
    while !day.over {
        day.step(watch);
    }
    debug_assert_eq!(day.imbalance(), None);
    day.clerk.close(spec, &day.users)
}

/// A day in motion.
struct Day<'s> {
    spec: &'s Spec,
    /// Seconds since the trial began.
    now: DoubleDouble,
    /// When recording ends.
    end: f64,
    over: bool,
    network: Network,
    stations: Vec<Station>,
    /// When each station's next job ends.
    due: Earliest,
    /// By station: seconds that the jobs stayed that have ended there.
    stayed: Vec<f64>,
    calendar: Calendar,
    users: Users,
    crowds: Crowds,
    others: Others,
    bursts: Bursts,
    clerk: Clerk,
}

impl<'s> Day<'s> {
    fn new(spec: &'s Spec, seed: u64, replication: u64) -> Day<'s> {
        let stations = spec.stations.iter().map(|station| match station.order {
            Order::FirstCome => Station::first_come(station.workers, usize::MAX),
            Order::Sharing => Station::sharing(station.workers),
        });
        Day {
            spec,
            now: DoubleDouble::ZERO,
            end: length(spec) as f64,
            over: false,
            network: Network::new(&spec.lines, &spec.paths),
            stations: stations.collect(),
            due: Earliest::new(spec.stations.len()),
            stayed: vec![0.0; spec.stations.len()],
            calendar: Calendar::default(),
            users: Users::new(spec),
            crowds: Crowds::new(spec, seed, replication),
            others: Others::new(spec, seed, replication),
            bursts: Bursts::new(spec, seed, replication),
            clerk: Clerk::new(spec),
        }
    }

    /// What does not add up: at every station the integral of the number of jobs is the sum of how long
    /// each of them has stayed (J. D. C. Little, Operations Research 9 (1961) 383), and who is counted
    /// as online is there.
    fn imbalance(&mut self) -> Option<String> {
        let mut stayed = self.stayed.clone();
        let mut there = vec![0; self.spec.groups.len()];
        for user in self.users.there() {
            there[user.group as usize] += 1;
            if let Stage::Work(station) = user.stage {
                stayed[station as usize] += self.now.nearest() - user.leg_begun;
            }
        }
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0);
        for (at, stayed) in stayed.into_iter().enumerate() {
            let jobs = self.stations[at].tally_at(self.now).job_seconds;
            if !near(jobs, stayed) {
                return Some(format!("station {at}: {jobs} but {stayed}"));
            }
        }
        let wrong = (0..there.len()).find(|&group| there[group] != self.users.online(group));
        wrong.map(|group| format!("group {group}: {there:?}"))
    }

    /// The hour whose numbers hold at `at` seconds of the trial: before recording begins, those of its
    /// first hour.
    fn hour(&self, at: f64) -> usize {
        let recorded = (at - self.spec.warm_up).max(0.0);
        (self.spec.hours.start + (recorded / HOUR) as usize).min(HOURS - 1)
    }

    /// Seconds since midnight at moment `at` of the trial, and the other way round.
    fn clock(&self, at: f64) -> f64 {
        self.spec.hours.start as f64 * HOUR - self.spec.warm_up + at
    }

    fn moment(&self, clock: f64) -> f64 {
        clock - self.spec.hours.start as f64 * HOUR + self.spec.warm_up
    }

    /// Sets the clocks and lets the first users in.
    fn begin(&mut self) {
        self.calendar.set(0.0, Strike::Hour);
        for hour in 0..self.spec.hours.len() {
            let at = self.spec.warm_up + hour as f64 * HOUR;
            self.calendar.set(at, Strike::Hour);
        }
        self.calendar.set(0.0, Strike::Second);
        for source in 0..self.spec.sources.len() {
            self.calendar.set(0.0, Strike::Window(source as u32));
        }
        for burst in 0..self.spec.bursts.len() {
            self.expect_burst(burst);
        }
    }

    /// Lets the next thing happen.
    fn step(&mut self, watch: &Watch) {
        let transfer = self.network.due();
        let (station, job) = self.due.first();
        let clock = self.calendar.due();
        self.clerk.record.events += 1;
        if self.clerk.record.events.is_multiple_of(PATIENCE) {
            self.over = watch.stop.load(Ordering::Relaxed);
        }
        if transfer <= job && transfer.nearest() <= clock && transfer.is_finite() {
            self.now = transfer;
            let users = &self.users;
            let ended = self.network.end(|job, stamp| users.is_void(job, stamp));
            if let Some((_, user)) = ended {
                self.transferred(user);
            }
        } else if job.nearest() <= clock && job.is_finite() {
            self.now = job;
            let ended = self.stations[station].end();
            self.due.set(station, self.stations[station].due());
            if let Some(user) = ended {
                self.worked(user);
            }
        } else {
            self.strike(clock, watch);
        }
    }

    /// A clock strikes at `at`.
    fn strike(&mut self, at: f64, watch: &Watch) {
        self.now = self.now.max(DoubleDouble::from(at));
        match self.calendar.next() {
            Some(Strike::User(user, stamp)) => self.called(user, stamp),
            Some(Strike::Arrival(group, stamp)) => self.arrival(group as usize, stamp),
            Some(Strike::Window(source)) => self.window(source as usize, at),
            Some(Strike::Burst(burst)) => self.burst(burst as usize),
            Some(Strike::Hour) => self.on_the_hour(self.hour(at)),
            Some(Strike::Second) => self.second(at, watch),
            None => self.over = true,
        }
    }

    /// Another second is over: the clerk looks at everything.
    fn second(&mut self, at: f64, watch: &Watch) {
        watch.simulated.fetch_add(1, Ordering::Relaxed);
        if at >= self.spec.warm_up {
            self.clerk.second(
                self.now,
                &mut self.network,
                &mut self.stations,
                &self.users,
                self.crowds.held(),
            );
        }
        self.over = at >= self.end || watch.stop.load(Ordering::Relaxed);
        self.calendar.set(at + 1.0, Strike::Second);
    }
}

#[cfg(test)]
mod tests;
