//! Who is there, and what each of them is doing.

use crate::sim::day::spec::{Leg, Spec};

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody: the slot is free.
    Away,
    /// Pausing until the clock calls.
    Thinking,
    /// In a transfer on this path.
    Transfer(u32),
    /// At this station.
    Work(u32),
    /// Done, and gone when the clock calls.
    Leaving,
}

/// A user. Moments are seconds of the trial.
#[derive(Debug, Clone, Copy)]
pub(super) struct User {
    /// Its group.
    pub(super) group: u32,
    pub(super) stage: Stage,
    /// The how many-th of its group: the same person in every scenario.
    pub(super) number: u64,
    /// How many acts it has begun.
    pub(super) turn: u32,
    /// What it is doing: position among the acts of its group.
    pub(super) act: u32,
    /// The leg it is at.
    pub(super) leg: u32,
    /// Whether its session was dropped in the middle of an act.
    pub(super) broken: bool,
    /// When its session ends.
    pub(super) until: f64,
    /// When it is next dropped for keep-alives lost one by one.
    pub(super) dropped: f64,
    /// How often it was.
    pub(super) drops: u32,
    /// When its act began, and its leg.
    pub(super) begun: f64,
    pub(super) leg_begun: f64,
    /// Bits of this act over their mean.
    pub(super) size: f64,
    /// What jitter adds to the round trips, in standard deviations.
    pub(super) jitter: f64,
    /// Pause after this act, in means.
    pub(super) think: f64,
    /// Chance that a packet found a class full when the act began.
    pub(super) full: f64,
    /// Seconds in transfers, being worked on and waiting so far.
    pub(super) transfer: f64,
    pub(super) service: f64,
    pub(super) wait: f64,
}

impl User {
    const NOBODY: User = User {
        group: 0,
        stage: Stage::Away,
        number: 0,
        turn: 0,
        act: 0,
        leg: 0,
        broken: false,
        until: f64::INFINITY,
        dropped: f64::INFINITY,
        drops: 0,
        begun: 0.0,
        leg_begun: 0.0,
        size: 1.0,
        jitter: 0.0,
        think: 0.0,
        full: 0.0,
        transfer: 0.0,
        service: 0.0,
        wait: 0.0,
    };
}

/// All users, in slots that are used again.
#[derive(Debug, Clone)]
pub(super) struct Users {
    all: Vec<User>,
    /// By slot: what is older than this is past.
    stamps: Vec<u32>,
    free: Vec<u32>,
    /// By slot: seconds of work that the act has for each of its legs.
    works: Vec<f64>,
    legs: usize,
    /// By group: how many are there.
    online: Vec<u32>,
}

impl Users {
    pub(super) fn new(spec: &Spec) -> Users {
        let acts = spec.groups.iter().flat_map(|group| &group.acts);
        let works = |legs: &[Leg]| legs.len();
        Users {
            all: Vec::new(),
            stamps: Vec::new(),
            free: Vec::new(),
            works: Vec::new(),
            legs: acts.map(|act| works(&act.legs)).max().unwrap_or(0),
            online: vec![0; spec.groups.len()],
        }
    }

    /// Somebody comes; gives the slot.
    pub(super) fn enter(&mut self, group: usize, number: u64, until: f64) -> u32 {
        let user = User {
            group: group as u32,
            stage: Stage::Thinking,
            number,
            until,
            ..User::NOBODY
        };
        self.online[group] += 1;
        match self.free.pop() {
            Some(slot) => {
                self.all[slot as usize] = user;
                slot
            }
            None => {
                self.all.push(user);
                self.stamps.push(0);
                self.works.resize(self.works.len() + self.legs, 0.0);
                (self.all.len() - 1) as u32
            }
        }
    }

    /// Somebody goes: whatever waits for them is past.
    pub(super) fn exit(&mut self, slot: u32) {
        let user = &mut self.all[slot as usize];
        user.stage = Stage::Away;
        self.online[user.group as usize] -= 1;
        self.free.push(slot);
        self.renew(slot);
    }

    pub(super) fn get(&mut self, slot: u32) -> &mut User {
        &mut self.all[slot as usize]
    }

    /// A new stamp: what was written under the old one is void.
    pub(super) fn renew(&mut self, slot: u32) -> u32 {
        let stamp = &mut self.stamps[slot as usize];
        *stamp = stamp.wrapping_add(1);
        *stamp
    }

    pub(super) fn stamp(&self, slot: u32) -> u32 {
        self.stamps[slot as usize]
    }

    pub(super) fn is_void(&self, slot: u32, stamp: u32) -> bool {
        self.stamps[slot as usize] != stamp
    }

    /// Seconds of work for each leg of the act of the user in `slot`.
    pub(super) fn works(&mut self, slot: u32) -> &mut [f64] {
        let first = slot as usize * self.legs;
        &mut self.works[first..first + self.legs]
    }

    /// Slots of the users of `group` who are there.
    pub(super) fn of(&self, group: usize) -> Vec<u32> {
        let there = self.all.iter().enumerate();
        there
            .filter(|(_, user)| user.stage != Stage::Away && user.group as usize == group)
            .map(|(slot, _)| slot as u32)
            .collect()
    }

    /// How many of `group` are there.
    pub(super) fn online(&self, group: usize) -> usize {
        self.online[group] as usize
    }

    /// Everybody who is there.
    pub(super) fn there(&self) -> impl Iterator<Item = &User> {
        self.all.iter().filter(|user| user.stage != Stage::Away)
    }
}
