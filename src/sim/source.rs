//! A source that sends at a rate of its own and does not wait for anybody: a fluid with a queue.
//!
//! What a class is not granted waits in its queue; what the queue does not hold is lost. When the
//! source falls silent the queue drains at what the class is granted, and those bits count: a
//! source on for half of the time gets more than half of its share ([`crate::qos::over_bursts`]).

use super::double_double::DoubleDouble;
use super::pool::Tally;

/// A rate into a queue of limited length.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// What the queue holds, bits.
    queue: f64,
    /// What the source sends now, bit/s.
    sending: f64,
    /// What the class is granted now, bit/s.
    granted: f64,
    /// Whether it was granted less than it sent and its queue has not drained since.
    waiting: bool,
    /// Bits in the queue at `set`.
    backlog: f64,
    set: DoubleDouble,
    tally: Tally,
    lost: f64,
}

impl Source {
    /// A silent source in front of a queue of so many bits.
    pub(super) fn new(queue: f64) -> Source {
        Source {
            queue,
            sending: 0.0,
            granted: 0.0,
            waiting: false,
            backlog: 0.0,
            set: DoubleDouble::ZERO,
            tally: Tally::default(),
            lost: 0.0,
        }
    }

    /// What the class is granted.
    pub(super) fn granted(&self) -> f64 {
        self.granted
    }

    /// Sends at `rate` from `now` on.
    pub(super) fn send(&mut self, now: DoubleDouble, rate: f64) {
        self.sync(now);
        self.sending = rate;
    }

    /// The class is granted `rate` from `now` on.
    pub(super) fn grant(&mut self, now: DoubleDouble, rate: f64) {
        self.sync(now);
        self.granted = rate;
        self.waiting |= rate < self.sending;
    }

    /// What it could use: while its queue is not empty, as much as it is let.
    pub(super) fn demand(&self) -> f64 {
        match self.waiting {
            true => f64::INFINITY,
            false => self.sending,
        }
    }

    /// When its queue will have drained.
    pub(super) fn due(&self) -> DoubleDouble {
        match self.waiting && self.granted > self.sending {
            true => self.set + self.backlog / (self.granted - self.sending),
            false => DoubleDouble::NEVER,
        }
    }

    /// Its queue is empty, at [`Source::due`].
    pub(super) fn drain(&mut self) {
        self.sync(self.due());
        (self.backlog, self.waiting) = (0.0, false);
    }

    /// Bits carried and seconds with something to send, and the bits lost.
    pub(super) fn tally(&self, now: DoubleDouble) -> (Tally, f64) {
        let mut at_now = self.clone();
        at_now.sync(now);
        (at_now.tally, at_now.lost)
    }

    fn sync(&mut self, now: DoubleDouble) {
        let passed = now - self.set;
        self.set = now;
        let carried = match self.waiting {
            true => self.granted,
            false => self.sending,
        };
        self.tally.work += carried * passed;
        if self.waiting || self.sending > 0.0 {
            self.tally.busy += passed;
        }
        let backlog = (self.backlog + (self.sending - carried) * passed).max(0.0);
        self.backlog = backlog.min(self.queue);
        self.lost += backlog - self.backlog;
    }
}
