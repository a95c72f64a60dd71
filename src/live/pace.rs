//! When to draw: soon after something changed, not too often, and never so often that reckoning the
//! figures takes more than its share of a processor.

use std::time::{Duration, Instant};

/// Replies come in crowds: what follows this soon is drawn together.
const CROWD: Duration = Duration::from_millis(50);

/// The least time between two pictures, unless a key was pressed.
const TICK: Duration = Duration::from_millis(250);

/// Reckoning rests so many times as long as it takes: it gets one part in 100 of a processor.
const REST: u32 = 100;

/// The longest that figures may be out of date.
const STALE: Duration = Duration::from_secs(3);

/// When to draw, and whether to reckon the figures anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// When the facts changed that are not drawn yet.
    changed: Option<Instant>,
    /// Whether a key or a signal asks for a picture.
    asked: bool,
    /// When the last picture was begun.
    drawn: Instant,
    /// When figures may be reckoned again.
    rested: Instant,
}

impl Pace {
    /// Draws at once.
    pub(super) fn new(now: Instant) -> Pace {
        Pace {
            changed: Some(now),
            asked: true,
            drawn: now,
            rested: now,
        }
    }

    /// The facts changed.
    pub(super) fn changed(&mut self, now: Instant) {
        self.changed.get_or_insert(now);
    }

    /// A picture is wanted at once.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// Figures are wanted at once, however long they take.
    pub(super) fn ask_figures(&mut self, now: Instant) {
        self.changed(now);
        self.rested = now;
        self.asked = true;
    }

    /// When the next picture is due, if any.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.asked {
            true => Some(self.drawn),
            false => {
                let changed = self.changed?;
                Some((changed + CROWD).max(self.drawn + TICK).max(self.rested))
            }
        }
    }

    /// A picture is begun; whether with new figures.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        self.asked = false;
        self.drawn = now;
        let figures = self.changed.is_some() && now >= self.rested;
        if figures {
            self.changed = None;
        }
        figures
    }

    /// Reckoning the figures took so long, until now.
    pub(super) fn took(&mut self, length: Duration, now: Instant) {
        self.rested = now + length.saturating_mul(REST).min(STALE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_crowd_of_replies_is_one_picture_and_ticks_are_kept() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(pace.due(), Some(start));
        assert!(pace.begin(start));
        assert_eq!(pace.due(), None);
        for at in [1000, 1001, 1040] {
            pace.changed(start + MS(at));
        }
        assert_eq!(pace.due(), Some(start + MS(1050)));
        assert!(pace.begin(start + MS(1050)));
        pace.changed(start + MS(1060));
        assert_eq!(pace.due(), Some(start + MS(1300)));
    }

    #[test]
    fn a_key_is_answered_at_once_and_does_not_reckon_out_of_turn() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!(pace.begin(start));
        // 10 ms of reckoning rest for 100 times as long.
        pace.took(MS(10), start + MS(5));
        pace.changed(start + MS(10));
        assert_eq!(pace.due(), Some(start + MS(1005)));
        pace.ask();
        assert!(pace.due().unwrap() <= start + MS(10));
        assert!(!pace.begin(start + MS(10)));
        assert_eq!(pace.due(), Some(start + MS(1005)));
        pace.ask_figures(start + MS(20));
        assert!(pace.begin(start + MS(20)));
        // However long it takes, figures are never older than three seconds and a picture.
        pace.took(MS(500), start + MS(520));
        pace.changed(start + MS(530));
        assert_eq!(pace.due(), Some(start + MS(3520)));
    }
}
