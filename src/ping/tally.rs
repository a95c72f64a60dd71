//! Counts of how probes ended, and what the times of those that came back were.

use std::time::Duration;

use crate::stats::{Interval, Summary, wilson};

/// How the probes of one target, or of all, have ended so far. What is still under way is in no
/// count. Late is not lost: the reply came, its time is known and stands among the times.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Answered in time.
    pub answered: u64,
    /// Answered after the time that replies are waited for.
    pub late: u64,
    /// Not answered.
    pub lost: u64,
    /// Never left this host.
    pub unsent: u64,
    /// Further replies to a probe that had been answered.
    pub duplicates: u64,
    /// ICMP errors about probes. They answer nothing: such a probe is lost unless the target answers.
    pub errors: u64,
    /// Round trips in nanoseconds, of the answered and the late.
    pub times: Summary,
}

impl Tally {
    /// Replies that came, in time or late.
    pub fn received(&self) -> u64 {
        self.answered + self.late
    }

    /// Probes that left and have ended.
    pub fn sent(&self) -> u64 {
        self.received() + self.lost
    }

    /// Probes that have ended, among them those that could not leave.
    pub fn attempted(&self) -> u64 {
        self.sent() + self.unsent
    }

    /// Lost of sent, 0 to 1; `None` when nothing was sent.
    pub fn loss(&self) -> Option<f64> {
        (self.sent() > 0).then(|| self.lost as f64 / self.sent() as f64)
    }

    /// What the true loss may be, with 95 % confidence.
    pub fn loss_interval(&self) -> Option<Interval> {
        wilson(self.lost, self.sent())
    }

    /// The same without telling the kinds apart.
    pub fn span(&self) -> Span {
        Span {
            attempted: self.attempted(),
            received: self.received(),
            times: self.times,
        }
    }

    /// Counts a reply.
    pub(super) fn reply(&mut self, round_trip: Duration, late: bool) {
        match late {
            true => self.late += 1,
            false => self.answered += 1,
        }
        self.times.push(round_trip.as_nanos() as f64);
    }
}

/// What a line of fping tells: of a whole run, or of one interval of it. A reply that comes late
/// belongs to the interval in which it came, so an interval may have more replies than probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Probes that have ended.
    pub attempted: u64,
    /// Replies that came.
    pub received: u64,
    /// Round trips in nanoseconds.
    pub times: Summary,
}

impl Span {
    /// Probes without a reply. One that could not leave is among them: to whoever reads the line it
    /// must not look as if nothing were wrong.
    pub fn missing(&self) -> u64 {
        self.attempted.saturating_sub(self.received)
    }

    /// Missing of attempted; below 0 when late replies to probes of an interval before outnumber those
    /// missing. `None` when nothing was attempted.
    pub fn loss(&self) -> Option<f64> {
        let (attempted, received) = (self.attempted as f64, self.received as f64);
        (self.attempted > 0).then(|| 1.0 - received / attempted)
    }

    /// Whole percent of `part` in what was attempted, cut and not rounded, as fping has it; 0 of
    /// nothing.
    pub fn percent(&self, part: u64) -> u64 {
        (part * 100).checked_div(self.attempted).unwrap_or(0)
    }

    /// For how long nothing came back, by the number of missing probes.
    pub fn outage(&self, period: Duration) -> Duration {
        let missing = u32::try_from(self.missing()).unwrap_or(u32::MAX);
        period.saturating_mul(missing)
    }
}

/// Counts over all targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Probes that left.
    pub sent: u64,
    /// Replies of targets, further ones too.
    pub replies: u64,
    /// ICMP errors about probes.
    pub errors: u64,
    /// Probes without a reply in time.
    pub timeouts: u64,
    /// Replies that belong to none of the probes remembered, or do not say to which.
    pub unmatched: u64,
}

/// Times over all replies of all targets, in nanoseconds; all zero when there was none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Overall {
    /// The least.
    pub min: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// The most.
    pub max: f64,
}

impl Overall {
    /// Of these samples together.
    pub(super) fn of<'a>(samples: impl Iterator<Item = &'a Summary>) -> Overall {
        let mut overall = Overall::default();
        let mut count = 0;
        for sample in samples {
            let (Some(min), Some(mean), Some(max)) = (sample.min(), sample.mean(), sample.max())
            else {
                continue;
            };
            overall.min = if count == 0 {
                min
            } else {
                overall.min.min(min)
            };
            overall.max = overall.max.max(max);
            count += sample.count();
            overall.mean += (mean - overall.mean) * sample.count() as f64 / count as f64;
        }
        overall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_weigh_by_their_replies() {
        let sample = |values: &[f64]| {
            let mut sample = Summary::default();
            values.iter().for_each(|value| assert!(sample.push(*value)));
            sample
        };
        let samples = [sample(&[4.0, 8.0, 6.0]), sample(&[]), sample(&[2.0])];
        let overall = Overall::of(samples.iter());
        // (4 + 8 + 6 + 2) / 4.
        assert_eq!((overall.min, overall.mean, overall.max), (2.0, 5.0, 8.0));
        assert_eq!(Overall::of([].iter()), Overall::default());
    }

    #[test]
    fn percents_are_cut_and_late_is_not_lost() {
        let tally = Tally {
            answered: 3,
            late: 1,
            lost: 2,
            unsent: 1,
            ..Tally::default()
        };
        assert_eq!(
            (tally.sent(), tally.attempted(), tally.received()),
            (6, 7, 4)
        );
        assert_eq!(tally.loss(), Some(2.0 / 6.0));
        let span = tally.span();
        // 3 of 7 are missing: 42.86 %.
        assert_eq!((span.missing(), span.percent(span.missing())), (3, 42));
        assert_eq!(
            span.outage(Duration::from_millis(400)),
            Duration::from_millis(1200)
        );
        assert_eq!(Tally::default().span().percent(0), 0);
        assert_eq!(Tally::default().loss_interval(), None);
    }
}
