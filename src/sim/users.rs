//! The users of a pool that are limited as a whole, each with the jobs it has in hand.

use std::collections::{BinaryHeap, HashMap};

use super::double_double::DoubleDouble;
use super::lane::Ending;

/// One user with jobs in hand, which all move at one speed: a clock as in [`super::lane`].
#[derive(Debug, Clone, Default)]
struct User {
    name: u32,
    /// Work given to each of its jobs so far, up to `joined`.
    clock: DoubleDouble,
    /// Clock of the lane when it joined.
    joined: DoubleDouble,
    /// Counts its departures from lanes.
    stamp: u32,
    /// Its jobs, by its own clock.
    jobs: BinaryHeap<Ending>,
}

/// Users in slots that are used again. The map is only asked, never walked: its order is chance.
#[derive(Debug, Clone, Default)]
pub(super) struct Users {
    slots: Vec<User>,
    free: Vec<u32>,
    by_name: HashMap<u32, u32>,
}

impl Users {
    /// The slot of a user, a new one if the user has no job.
    pub(super) fn enter(&mut self, name: u32) -> u32 {
        *self.by_name.entry(name).or_insert_with(|| {
            let slot = self.free.pop().unwrap_or_else(|| {
                self.slots.push(User::default());
                self.slots.len() as u32 - 1
            });
            let user = &mut self.slots[slot as usize];
            (user.name, user.clock) = (name, DoubleDouble::ZERO);
            slot
        })
    }

    /// Forgets a user who has no job.
    pub(super) fn exit(&mut self, slot: u32) {
        self.by_name.remove(&self.slots[slot as usize].name);
        self.free.push(slot);
    }

    /// How many jobs the user has.
    pub(super) fn jobs(&self, slot: u32) -> usize {
        self.slots[slot as usize].jobs.len()
    }

    /// Gives the user, who is in no lane, a job.
    pub(super) fn add(&mut self, slot: u32, job: u32, work: f64) {
        let user = &mut self.slots[slot as usize];
        user.jobs.push(Ending {
            at: user.clock + work,
            job,
            user: slot,
            stamp: 0,
        });
    }

    /// Ends the user's first job; the clock stands exactly there.
    pub(super) fn remove_first(&mut self, slot: u32) {
        let user = &mut self.slots[slot as usize];
        if let Some(ending) = user.jobs.pop() {
            user.clock = ending.at;
        }
    }

    /// The user's first ending by the clock of the lane that it joins, which stands at `lane`.
    pub(super) fn join(&mut self, slot: u32, lane: DoubleDouble) -> Ending {
        let user = &mut self.slots[slot as usize];
        user.joined = lane;
        let first = user.jobs.peek();
        Ending {
            at: first.map_or(DoubleDouble::NEVER, |first| lane + (first.at - user.clock)),
            job: first.map_or(u32::MAX, |first| first.job),
            user: slot,
            stamp: user.stamp,
        }
    }

    /// Takes the user out of its lane, whose clock stands at `lane`; what it expected there is void.
    pub(super) fn leave(&mut self, slot: u32, lane: DoubleDouble) {
        let user = &mut self.slots[slot as usize];
        user.clock += lane - user.joined;
        user.stamp = user.stamp.wrapping_add(1);
    }

    /// Whether the user has left the lane since this was written.
    pub(super) fn is_void(&self, ending: &Ending) -> bool {
        let user = self.slots.get(ending.user as usize);
        user.is_some_and(|user| user.stamp != ending.stamp)
    }
}
