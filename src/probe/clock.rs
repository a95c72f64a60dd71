//! The tracer's clock: monotonic, with kernel receive stamps (wall clock) brought onto it.
//!
//! A stamp is not subtracted from a sending time: that difference would span the whole flight, and
//! any step of the wall clock in it would corrupt the figure. Only the stamp's *age* at the time of
//! reading is used, a few microseconds as a rule, and only when the wall clock has kept pace with
//! the monotonic one since the last look.

use std::time::{Duration, Instant, SystemTime};

use super::Stamp;
use crate::units::Moment;

/// Disagreement of the two clocks that two readings one after the other can explain.
const READING_SLACK: Duration = Duration::from_micros(50);

/// Readings of both clocks that lie no further apart than this are taken at once.
const READING_APART: Duration = Duration::from_nanos(400);

/// At most so many readings for one look.
const READINGS: usize = 4;

/// How far a wall clock may be slewed against the monotonic one: one part in this many. (Linux
/// slews both alike; 500 ppm is the most that NTP asks for, and this is twice that.)
const SLEW: u32 = 1000;

/// A monotonic clock that starts at [`Moment`] 0 and knows the wall clock's offset to it.
#[derive(Debug, Clone)]
pub struct Clock {
    start: Instant,
    seen: Pair,
    steps: u64,
}

/// Both clocks, read together: time since the run began and since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    mono: Duration,
    wall: Duration,
}

/// A look at both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    now: Pair,
    kept_pace: bool,
}

impl Pair {
    /// Whether the wall clock moved as far as the monotonic one since `earlier`.
    fn kept_pace_since(self, earlier: Pair) -> bool {
        let passed = self.mono.saturating_sub(earlier.mono);
        let expected = earlier.wall.saturating_add(passed);
        self.wall.abs_diff(expected) <= READING_SLACK + passed / SLEW
    }

    /// The monotonic time at which the wall clock showed `stamp`; `None` when that lies in the
    /// future or before the run.
    fn mono_at(self, stamp: Duration) -> Option<Duration> {
        let age = self.wall.checked_sub(stamp)?;
        self.mono.checked_sub(age)
    }
}

impl Default for Clock {
    fn default() -> Clock {
        let start = Instant::now();
        let seen = read(start);
        Clock {
            start,
            seen,
            steps: 0,
        }
    }
}

/// Both clocks. The wall clock is read between two readings of the other; when those lie apart,
/// this process was put aside in between, and the narrowest of a few readings is taken.
fn read(start: Instant) -> Pair {
    let reading = || {
        let before = start.elapsed();
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let apart = start.elapsed().saturating_sub(before);
        let wall = wall.unwrap_or(Duration::ZERO);
        let mono = before + apart / 2;
        (apart, Pair { mono, wall })
    };
    let mut best = reading();
    for _ in 1..READINGS {
        if best.0 <= READING_APART {
            break;
        }
        let again = reading();
        if again.0 < best.0 {
            best = again;
        }
    }
    best.1
}

fn moment(mono: Duration) -> Moment {
    Moment::default() + mono
}

impl Clock {
    /// The present moment.
    pub fn now(&self) -> Moment {
        moment(self.start.elapsed())
    }

    /// The instant of a moment, to hand to a timer.
    pub fn instant(&self, moment: Moment) -> Instant {
        self.start + Duration::from_nanos(moment.0)
    }

    /// When a packet came in that the kernel stamped with wall-clock time `stamp` (since 1970) and
    /// that is being read now. Without a stamp, or when the wall clock was set meanwhile, it is the
    /// moment of reading.
    pub fn received(&mut self, stamp: Option<Duration>) -> (Moment, Stamp) {
        let look = self.look();
        self.place(look, stamp)
    }

    /// Looks at both clocks, once for all stamps that have just been read together.
    pub fn look(&mut self) -> Look {
        let now = read(self.start);
        let earlier = std::mem::replace(&mut self.seen, now);
        Look {
            now,
            kept_pace: now.kept_pace_since(earlier),
        }
    }

    /// When that happened which the kernel stamped with `stamp`, as [`Clock::received`] says, for
    /// what had been read just before `look`.
    pub fn place(&mut self, look: Look, stamp: Option<Duration>) -> (Moment, Stamp) {
        let Some(stamp) = stamp else {
            return (moment(look.now.mono), Stamp::User);
        };
        // What came after a look has been read after it: the clocks are looked at again.
        let is_later = look.now.mono_at(stamp).is_none();
        let look = if is_later { self.look() } else { look };
        match look.now.mono_at(stamp) {
            Some(mono) if look.kept_pace => (moment(mono), Stamp::Kernel),
            _ => {
                self.steps += 1;
                (moment(look.now.mono), Stamp::User)
            }
        }
    }

    /// How many stamps were not used because the wall clock had been set.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(mono_ms: u64, wall_ms: u64) -> Pair {
        Pair {
            mono: Duration::from_millis(mono_ms),
            wall: Duration::from_millis(wall_ms),
        }
    }

    #[test]
    fn a_stamp_read_late_still_tells_when_the_packet_came() {
        let now = pair(1000, 50_000);
        let stamp = Duration::from_millis(49_995);
        assert_eq!(now.mono_at(stamp), Some(Duration::from_millis(995)));
        assert_eq!(now.mono_at(Duration::from_millis(50_001)), None);
        assert_eq!(now.mono_at(Duration::from_millis(48_999)), None);
    }

    #[test]
    fn a_clock_that_was_set_does_not_keep_pace() {
        let earlier = pair(1000, 50_000);
        assert!(pair(2000, 51_000).kept_pace_since(earlier));
        // 1 ms in 1 s is the allowed slew.
        assert!(pair(2000, 51_001).kept_pace_since(earlier));
        assert!(!pair(2000, 51_002).kept_pace_since(earlier));
        assert!(!pair(2000, 50_998).kept_pace_since(earlier));
        assert!(!pair(1001, 3_650_001).kept_pace_since(earlier));
    }

    #[test]
    fn a_stamp_of_after_the_look_is_no_step_of_the_clock() {
        let mut clock = Clock::default();
        let look = clock.look();
        std::thread::sleep(Duration::from_millis(2));
        let stamp = read(clock.start);
        let (at, by) = clock.place(look, Some(stamp.wall));
        assert_eq!((by, clock.steps()), (Stamp::Kernel, 0));
        let off = moment(stamp.mono)
            .since(at)
            .max(at.since(moment(stamp.mono)));
        assert!(off < Duration::from_millis(1), "{off:?}");
    }

    #[test]
    fn a_step_either_way_spoils_no_time_and_is_over_with_the_next_look() {
        let hour = Duration::from_secs(3600);
        let set: [fn(Duration, Duration) -> Duration; 2] =
            [|wall, by| wall + by, |wall, by| wall - by];
        for set in set {
            let mut clock = Clock::default();
            // As if the wall clock had shown another hour at the last look, and was set since.
            clock.seen.wall = set(clock.seen.wall, hour);
            for (by, steps) in [(Stamp::User, 1), (Stamp::Kernel, 1)] {
                let before = clock.now();
                let stamp = read(clock.start).wall;
                let (at, told) = clock.received(Some(stamp));
                assert_eq!((told, clock.steps()), (by, steps));
                // The stamp may be off by what two readings of two clocks are.
                assert!(at + READING_SLACK >= before && at <= clock.now());
            }
        }
    }

    #[test]
    fn moments_of_readings_do_not_run_backwards() {
        let mut clock = Clock::default();
        let before = clock.now();
        let (received, stamp) = clock.received(None);
        assert!(before <= received && received <= clock.now());
        assert_eq!(stamp, Stamp::User);
        let ahead = Duration::from_secs(1 << 40);
        assert_eq!(clock.received(Some(ahead)).1, Stamp::User);
        assert_eq!(clock.steps(), 1);
    }
}
