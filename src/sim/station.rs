//! Servers: jobs that wait for one in the order they came, or share them; and sessions, which are
//! servers that nobody waits for.

use std::collections::{BinaryHeap, VecDeque};

use super::double_double::DoubleDouble;
use super::lane::{Ending, NO_USER};
use super::pool::{Limit, Pool, Tally};

/// A station of equal servers, each doing one second of work a second. Events must come in the order
/// of time: before anything happens at a moment, [`Station::end`] must have given all that is due.
#[derive(Debug, Clone)]
pub struct Station {
    service: Service,
    servers: usize,
    tally: Tally,
    /// Seconds in which all servers were busy.
    full: f64,
    set: DoubleDouble,
}

#[derive(Debug, Clone)]
enum Service {
    FirstCome {
        room: usize,
        served: BinaryHeap<Ending>,
        waiting: VecDeque<(u32, f64)>,
    },
    Sharing(Pool),
}

impl Station {
    /// `servers` servers, one or more, which take jobs in the order in which they come; as many as
    /// `room` wait, and whoever finds no room is refused.
    pub fn first_come(servers: usize, room: usize) -> Station {
        Station::of(
            servers,
            Service::FirstCome {
                room,
                served: BinaryHeap::with_capacity(servers.min(1 << 16)),
                waiting: VecDeque::new(),
            },
        )
    }

    /// `limit` sessions at once; whoever comes then is refused.
    pub fn sessions(limit: usize) -> Station {
        Station::first_come(limit, 0)
    }

    /// `servers` servers that all jobs share equally, none of them having more than one.
    pub fn sharing(servers: usize) -> Station {
        let pool = Pool::new(servers as f64, f64::INFINITY);
        Station::of(servers, Service::Sharing(pool))
    }

    fn of(servers: usize, service: Service) -> Station {
        Station {
            service,
            servers,
            tally: Tally::default(),
            full: 0.0,
            set: DoubleDouble::ZERO,
        }
    }

    /// How many jobs there are, waiting or served.
    pub fn jobs(&self) -> usize {
        match &self.service {
            Service::FirstCome {
                served, waiting, ..
            } => served.len() + waiting.len(),
            Service::Sharing(pool) => pool.jobs(),
        }
    }

    /// Job number `job` comes at `now` with `work` seconds of work, zero or more; whether it is let
    /// in.
    pub fn arrive(&mut self, now: DoubleDouble, job: u32, work: f64) -> bool {
        self.sync(now);
        match &mut self.service {
            Service::Sharing(pool) => pool.arrive(now, job, work, Limit::Rate(1.0)),
            Service::FirstCome {
                room,
                served,
                waiting,
            } => {
                if served.len() < self.servers {
                    served.push(ending(now + work, job));
                } else if waiting.len() < *room {
                    waiting.push_back((job, work));
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// The moment of the next ending.
    pub fn due(&self) -> DoubleDouble {
        match &self.service {
            Service::Sharing(pool) => pool.due(),
            Service::FirstCome { served, .. } => {
                served.peek().map_or(DoubleDouble::NEVER, |next| next.at)
            }
        }
    }

    /// Ends the job that is due, at [`Station::due`]; gives its number, or nothing when none is.
    pub fn end(&mut self) -> Option<u32> {
        let now = self.due();
        if !now.is_finite() {
            return None;
        }
        self.sync(now);
        match &mut self.service {
            Service::Sharing(pool) => pool.end(),
            Service::FirstCome {
                served, waiting, ..
            } => {
                let ended = served.pop()?;
                if let Some((job, work)) = waiting.pop_front() {
                    served.push(ending(now + work, job));
                }
                Some(ended.job)
            }
        }
    }

    /// What has gone through up to the last event; work is seconds of service.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What has gone through up to `now`, which is not before the last event.
    pub fn tally_at(&mut self, now: DoubleDouble) -> Tally {
        self.sync(now);
        self.tally
    }

    /// Seconds up to the last event in which all servers were busy.
    pub fn full(&self) -> f64 {
        self.full
    }

    /// Seconds from zero to the last event.
    pub fn elapsed(&self) -> f64 {
        self.set.nearest()
    }

    /// Counts the time up to `now`.
    fn sync(&mut self, now: DoubleDouble) {
        let (jobs, passed) = (self.jobs(), now - self.set);
        self.set = now;
        self.tally.job_seconds += passed * jobs as f64;
        self.tally.work += passed * jobs.min(self.servers) as f64;
        if jobs > 0 {
            self.tally.busy += passed;
        }
        if jobs >= self.servers {
            self.full += passed;
        }
    }
}

fn ending(at: DoubleDouble, job: u32) -> Ending {
    Ending {
        at,
        job,
        user: NO_USER,
        stamp: 0,
    }
}
