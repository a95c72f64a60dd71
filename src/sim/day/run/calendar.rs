//! Clocks that are set and strike in order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What a clock was set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strike {
    /// A user has something to do, unless the stamp is past.
    User(u32, u32),
    /// Somebody comes to a group, unless the stamp is past.
    Arrival(u32, u32),
    /// A window of other traffic begins, or its mean changes.
    Window(u32),
    /// A link turns bad.
    Burst(u32),
    /// An hour begins.
    Hour,
    /// A second is over.
    Second,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    at: f64,
    /// The how many-th it was to be set: of one moment, the earlier set strikes first.
    number: u64,
    strike: Strike,
}

impl Ord for Entry {
    /// The earliest is the greatest, for [`BinaryHeap`] gives the greatest first.
    fn cmp(&self, other: &Entry) -> Ordering {
        let by_moment = other.at.total_cmp(&self.at);
        by_moment.then_with(|| other.number.cmp(&self.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

/// All clocks that are set.
#[derive(Debug, Clone, Default)]
pub(super) struct Calendar {
    entries: BinaryHeap<Entry>,
    set: u64,
}

impl Calendar {
    /// Sets a clock.
    pub(super) fn set(&mut self, at: f64, strike: Strike) {
        let number = self.set;
        self.set += 1;
        self.entries.push(Entry { at, number, strike });
    }

    /// When the next strikes; infinite when none is set.
    pub(super) fn due(&self) -> f64 {
        self.entries.peek().map_or(f64::INFINITY, |next| next.at)
    }

    /// Takes the next.
    pub(super) fn next(&mut self) -> Option<Strike> {
        self.entries.pop().map(|entry| entry.strike)
    }
}
