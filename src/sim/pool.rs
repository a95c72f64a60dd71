//! Processor sharing: jobs that share one rate equally, none of them above its own cap.
//!
//! Jobs with one cap share a `Lane`, so the state of the pool is one clock and one heap for each
//! distinct cap, however many jobs there are. The rate is filled into the lanes like water, the
//! narrowest first. An event costs O(log n) for n jobs and a step for each distinct cap.
//!
//! The jobs of one user may be capped together: with m of them in hand each has the cap/m, so all
//! users with m jobs share a lane, where a user stands as one entry, its own next ending. A user
//! whose m changes moves from lane to lane at the cost of one entry, not of m.

use super::double_double::DoubleDouble;
use super::lane::{Ending, Lane, NO_USER};
use super::users::Users;

/// What holds a job back, beside its share of the pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Nothing.
    None,
    /// A greatest rate of its own: a window, an access link, one server.
    Rate(f64),
    /// The limit of its user, which the user's other jobs in this pool share.
    User(u32),
}

/// What has gone through a pool or a source.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Work done: bits carried, seconds of service.
    pub work: f64,
    /// Integral of the number of jobs over time, seconds: the sum of all sojourns once all have
    /// ended (Little's law).
    pub job_seconds: f64,
    /// Seconds in which there was a job.
    pub busy: f64,
}

/// Jobs sharing a rate.
#[derive(Debug, Clone)]
pub struct Pool {
    rate: f64,
    user_limit: f64,
    /// By cap, the narrowest first; none is empty.
    lanes: Vec<Lane>,
    /// Memory of lanes that have emptied.
    spare: Vec<Lane>,
    users: Users,
    jobs: usize,
    /// The next ending, and the lane of it.
    due: (DoubleDouble, usize),
    busy_since: DoubleDouble,
    tally: Tally,
}

impl Pool {
    /// A pool of `rate` work per second, zero or more, in which one user has at most `user_limit`,
    /// more than zero (infinite where users are not limited).
    pub fn new(rate: f64, user_limit: f64) -> Pool {
        Pool {
            rate,
            user_limit,
            lanes: Vec::new(),
            spare: Vec::new(),
            users: Users::default(),
            jobs: 0,
            due: (DoubleDouble::NEVER, 0),
            busy_since: DoubleDouble::ZERO,
            tally: Tally::default(),
        }
    }

    /// The rate that is shared, work per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> usize {
        self.jobs
    }

    /// Whether no job has come yet.
    pub fn is_fresh(&self) -> bool {
        self.jobs == 0 && self.tally == Tally::default()
    }

    /// The moment of the next ending if nothing else happens before.
    pub fn due(&self) -> DoubleDouble {
        self.due.0
    }

    /// What all its jobs could use together, work per second; infinite when one is not capped.
    pub fn demand(&self) -> f64 {
        let wants = self.lanes.iter().map(|lane| lane.cap * lane.jobs as f64);
        wants.sum()
    }

    /// What has gone through up to `now`, which is not before the last event.
    pub fn tally(&self, now: DoubleDouble) -> Tally {
        let mut tally = self.tally;
        for lane in &self.lanes {
            let job_seconds = lane.since(now) * lane.jobs as f64;
            tally.job_seconds += job_seconds;
            tally.work += job_seconds * lane.speed;
        }
        if self.jobs > 0 {
            tally.busy += now - self.busy_since;
        }
        tally
    }

    /// Shares another rate from `now` on.
    pub fn set_rate(&mut self, now: DoubleDouble, rate: f64) {
        self.rate = rate;
        self.settle(now);
    }

    /// Takes in job number `job` with `work` to do, zero or more.
    pub fn arrive(&mut self, now: DoubleDouble, job: u32, work: f64, limit: Limit) {
        if self.jobs == 0 {
            self.busy_since = now;
        }
        self.jobs += 1;
        match limit {
            Limit::User(user) if self.user_limit.is_finite() => {
                let slot = self.users.enter(user);
                self.leave(now, slot);
                self.users.add(slot, job, work);
                self.join(now, slot);
            }
            Limit::Rate(cap) => self.join_alone(now, job, work, cap),
            Limit::None | Limit::User(_) => self.join_alone(now, job, work, f64::INFINITY),
        }
        self.settle(now);
    }

    /// Ends the job that is due, at [`Pool::due`]; gives its number, or nothing when none is.
    pub fn end(&mut self) -> Option<u32> {
        let (now, at) = self.due;
        if !now.is_finite() {
            return None;
        }
        self.sync_lane(at, now);
        let lane = self.lanes.get_mut(at)?;
        let ending = lane.end()?;
        self.jobs -= 1;
        if ending.user == NO_USER {
            lane.jobs -= 1;
            self.tidy(at);
        } else {
            // All the user's jobs leave the lane, and those that remain join the next.
            self.leave(now, ending.user);
            self.users.remove_first(ending.user);
            self.join(now, ending.user);
        }
        if self.jobs == 0 {
            self.tally.busy += now - self.busy_since;
        }
        self.settle(now);
        Some(ending.job)
    }

    fn join_alone(&mut self, now: DoubleDouble, job: u32, work: f64, cap: f64) {
        let at = self.lane(now, cap);
        let lane = &mut self.lanes[at];
        lane.jobs += 1;
        lane.expect(Ending {
            at: lane.clock() + work,
            job,
            user: NO_USER,
            stamp: 0,
        });
    }

    /// Lets a user's jobs into the lane of their number; a user without any is forgotten.
    fn join(&mut self, now: DoubleDouble, slot: u32) {
        let jobs = self.users.jobs(slot);
        if jobs == 0 {
            return self.users.exit(slot);
        }
        let at = self.lane(now, self.user_limit / jobs as f64);
        let lane = &mut self.lanes[at];
        lane.jobs += jobs;
        lane.expect(self.users.join(slot, lane.clock()));
    }

    /// Takes a user's jobs out of their lane.
    fn leave(&mut self, now: DoubleDouble, slot: u32) {
        let jobs = self.users.jobs(slot);
        if jobs == 0 {
            return;
        }
        let at = self.lane(now, self.user_limit / jobs as f64);
        let lane = &mut self.lanes[at];
        lane.jobs -= jobs;
        self.users.leave(slot, lane.clock());
        self.tidy(at);
    }

    /// The lane for `cap` with its clock at `now`, begun if there is none.
    fn lane(&mut self, now: DoubleDouble, cap: f64) -> usize {
        match self.lanes.binary_search_by(|lane| lane.cap.total_cmp(&cap)) {
            Ok(at) => {
                self.sync_lane(at, now);
                at
            }
            Err(at) => {
                let mut lane = self.spare.pop().unwrap_or_default();
                lane.begin(now, cap);
                self.lanes.insert(at, lane);
                at
            }
        }
    }

    fn sync_lane(&mut self, at: usize, now: DoubleDouble) {
        let lane = &mut self.lanes[at];
        let passed = lane.since(now);
        if passed == 0.0 {
            return;
        }
        lane.sync(now);
        let job_seconds = passed * lane.jobs as f64;
        self.tally.job_seconds += job_seconds;
        self.tally.work += job_seconds * lane.speed;
    }

    /// Throws a lane's void endings away, and the lane if it is empty.
    fn tidy(&mut self, at: usize) {
        self.lanes[at].prune(|ending| self.users.is_void(ending));
        if self.lanes[at].jobs == 0 {
            let lane = self.lanes.remove(at);
            self.spare.push(lane);
        }
    }

    /// Fills the rate into the lanes, the narrowest first, and finds the next ending.
    fn settle(&mut self, now: DoubleDouble) {
        let (mut rate, mut jobs) = (self.rate, self.jobs as f64);
        let mut level = None;
        self.due = (DoubleDouble::NEVER, 0);
        for at in 0..self.lanes.len() {
            let (cap, here) = (self.lanes[at].cap, self.lanes[at].jobs as f64);
            let speed = level.unwrap_or_else(|| {
                let fair = rate.max(0.0) / jobs;
                if cap > fair {
                    level = Some(fair);
                }
                rate -= cap * here;
                jobs -= here;
                fair.min(cap)
            });
            if speed != self.lanes[at].speed {
                self.sync_lane(at, now);
                self.lanes[at].speed = speed;
            }
            let due = self.lanes[at].due();
            if due < self.due.0 {
                self.due = (due, at);
            }
        }
    }
}
