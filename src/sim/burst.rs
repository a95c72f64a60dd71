//! Stretches in which a link loses packets, and the sessions that they drop.
//!
//! E. N. Gilbert, Bell Syst. Tech. J. 39 (1960) 1253, and E. O. Elliott, 42 (1963) 1977: a line is
//! good or bad for times that are exponential, and loses packets while it is bad. A session sends a
//! keep-alive every so often and is given up when so many in a row are lost, so a stretch that is
//! long enough drops sessions however idle the line is.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::day::spec::{Burst, KeepAlive};
use super::random::Stream;

/// The bad stretches of one link, in their order.
#[derive(Debug, Clone)]
pub struct Stretches {
    stream: Stream,
    good: f64,
    bad: f64,
    /// When the next bad stretch begins.
    start: f64,
}

/// A stretch in which a link is bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// When it begins, seconds from the beginning.
    pub start: f64,
    /// How long it is, seconds.
    pub length: f64,
}

impl Stretches {
    /// The stretches of `burst` under a seed. The process is in its steady state at moment 0: the link
    /// is bad then as often as ever, and what is left of that stretch is as long as a whole one.
    pub fn new(burst: &Burst, seed: u64, replication: u64) -> Stretches {
        let mut stream = Stream::new(seed, replication, &format!("burst {}", burst.name));
        let bad_part = burst.bad / (burst.good + burst.bad);
        let is_bad = stream.uniform() < bad_part;
        let first = burst.good * stream.exponential();
        Stretches {
            stream,
            good: burst.good,
            bad: burst.bad,
            start: if is_bad { 0.0 } else { first },
        }
    }

    /// The next bad stretch.
    pub fn bad(&mut self) -> Stretch {
        let length = self.bad * self.stream.exponential();
        let stretch = Stretch {
            start: self.start,
            length,
        };
        self.start += length + self.good * self.stream.exponential();
        stretch
    }
}

/// Chance that a bad stretch of `length` seconds, in which each packet is lost with chance `loss` one
/// way, drops a session with this keep-alive. Where in its interval the session stands when the stretch
/// begins is uniform; a keep-alive is lost when the request or its answer is.
pub fn drop_chance(length: f64, keep_alive: &KeepAlive, loss: f64) -> f64 {
    let intervals = length / keep_alive.every;
    let fewer = intervals.floor();
    let one_more = intervals - fewer;
    let lost = 1.0 - (1.0 - loss) * (1.0 - loss);
    let [few, more] = run_chances(fewer, keep_alive.lost, lost);
    few + one_more * (more - few)
}

/// Chances that among `trials` trials, and among one more, a run of `run` in a row succeeds, where each
/// succeeds with chance `chance`.
///
/// A first run that ends at trial n follows a failure, and no run before that: W. Feller, An
/// Introduction to Probability Theory I (1968), XIII.7.
fn run_chances(trials: f64, run: u32, chance: f64) -> [f64; 2] {
    /// From here on what is left shrinks by the same factor each time.
    const SETTLED: f64 = 10_000.0;
    let run = run as usize;
    let whole: f64 = std::iter::repeat_n(chance, run).product();
    // Chances that no run has ended by trial n - run - 1, ..., n - 1.
    let mut none = VecDeque::from(vec![1.0; run + 1]);
    let [mut last, mut next] = [1.0; 2];
    for n in 1..=trials.min(SETTLED) as usize + 1 {
        let before = none.pop_front().unwrap_or(1.0);
        let ends = match n.cmp(&run) {
            Ordering::Less => 0.0,
            Ordering::Equal => whole,
            Ordering::Greater => before * (1.0 - chance) * whole,
        };
        last = next;
        next = f64::max(last - ends, 0.0);
        none.push_back(next);
    }
    if trials > SETTLED && last > 0.0 {
        let factor = next / last;
        last *= libm::pow(factor, trials - SETTLED);
        next = last * factor;
    }
    [1.0 - last, 1.0 - next]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::keep_alive;
    use crate::stats::Summary;
    use crate::units::{Fraction, Seconds};

    fn burst(good: f64, bad: f64) -> Burst {
        Burst {
            name: "line".to_string(),
            link: 0,
            good,
            bad,
            loss: 1.0,
        }
    }

    #[test]
    fn stretches_are_bad_for_the_stated_part_of_the_time() {
        // Alternating exponentials: with N stretches the part's deviation is
        // π(1 - π) √(2/N), here 0.2 · 0.8 · 0.01; five of them.
        let mut stretches = Stretches::new(&burst(8.0, 2.0), 1, 0);
        let mut bad = 0.0;
        let mut end = 0.0;
        for _ in 0..20_000 {
            let stretch = stretches.bad();
            assert!(stretch.start >= end);
            end = stretch.start + stretch.length;
            bad += stretch.length;
        }
        assert!((bad / end - 0.2).abs() < 5.0 * 0.0016, "{}", bad / end);
    }

    #[test]
    fn the_first_moment_is_bad_as_often_as_any() {
        let begins_bad = |replication| {
            let mut stretches = Stretches::new(&burst(7.0, 3.0), 5, replication);
            stretches.bad().start == 0.0
        };
        let bad = (0..4000).filter(|&replication| begins_bad(replication));
        // Five standard errors of 0.3 over 4000: 0.036.
        let part = bad.count() as f64 / 4000.0;
        assert!((part - 0.3).abs() < 0.036, "{part}");
    }

    #[test]
    fn stretches_are_their_seed_and_name() {
        let first = |burst: &Burst, seed| Stretches::new(burst, seed, 0).bad();
        let line = burst(8.0, 2.0);
        assert_eq!(first(&line, 1), first(&line, 1));
        assert_ne!(first(&line, 1), first(&line, 2));
        let other = Burst {
            name: "other".to_string(),
            ..line.clone()
        };
        assert_ne!(first(&line, 1), first(&other, 1));
    }

    fn every_10_s(lost: u32) -> KeepAlive {
        KeepAlive { every: 10.0, lost }
    }

    #[test]
    fn a_stretch_in_which_all_is_lost_drops_by_its_length_alone() {
        // Three in a row need two whole intervals between the first and the last; with 27 s
        // seven in ten positions have the third in it, from 30 s on all do.
        for (length, chance) in [
            (0.0, 0.0),
            (19.999, 0.0),
            (20.0, 0.0),
            (25.0, 0.5),
            (27.0, 0.7),
            (30.0, 1.0),
            (1e9, 1.0),
        ] {
            let found = drop_chance(length, &every_10_s(3), 1.0);
            assert!((found - chance).abs() < 1e-12, "{length}: {found}");
        }
        // One: every stretch that has a keep-alive in it.
        assert!((drop_chance(4.0, &every_10_s(1), 1.0) - 0.4).abs() < 1e-12);
        assert_eq!(drop_chance(12.0, &every_10_s(1), 1.0), 1.0);
    }

    #[test]
    fn a_stretch_in_which_half_is_lost_drops_as_all_its_outcomes_say() {
        // Loss of 1/2 one way: 3/4 for request and answer together. Count every outcome of n.
        let among = |n: u32, run: u32| -> f64 {
            let ones = (1u32 << run) - 1;
            let holds = |bits: u32| (0..=n - run).any(|at| bits >> at & ones == ones);
            let weight = |bits: u32| 3f64.powf(f64::from(bits.count_ones())) / 4f64.powf(n.into());
            (0..1u32 << n).filter(|&bits| holds(bits)).map(weight).sum()
        };
        for run in 1..=4 {
            for n in run..=12 {
                let length = 10.0 * f64::from(n);
                let found = drop_chance(length, &every_10_s(run), 0.5);
                assert!((found - among(n, run)).abs() < 1e-12, "{run} of {n}");
                let between = drop_chance(length + 2.5, &every_10_s(run), 0.5);
                let mixed = 0.75 * among(n, run) + 0.25 * among(n + 1, run);
                assert!(
                    (between - mixed).abs() < 1e-12,
                    "{run} of {n} and a quarter"
                );
            }
        }
    }

    #[test]
    fn a_very_long_stretch_is_as_exact_as_its_trials() {
        // One in a row is a geometric law: 1 - (1 - p)^n, p = 2e-7 - 1e-14.
        let loss = 1e-7;
        let lost: f64 = 2.0 * loss - loss * loss;
        for trials in [9_999.0, 10_001.0, 5_000_000.0f64] {
            let exact = -f64::exp_m1(trials * f64::ln_1p(-lost));
            let found = drop_chance(10.0 * trials, &every_10_s(1), loss);
            assert!(
                (found - exact).abs() < 1e-8 * exact.max(1e-3),
                "{trials}: {found} {exact}"
            );
        }
    }

    /// Mean of [`drop_chance`] over exponential lengths of mean `bad`, by Simpson's rule between the
    /// points where it bends: whole intervals.
    fn mean_drop_chance(bad: f64, keep_alive: &KeepAlive, loss: f64) -> f64 {
        let density = |length: f64| (-length / bad).exp() / bad;
        let value = |length: f64| density(length) * drop_chance(length, keep_alive, loss);
        let intervals = (40.0 * bad / keep_alive.every).ceil() as usize;
        let parts = 64;
        let step = keep_alive.every / parts as f64;
        let points = intervals * parts;
        let simpson = (0..=points).map(|point| {
            let weight = match point {
                0 => 1.0,
                point if point == points => 1.0,
                point if point % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * value(point as f64 * step)
        });
        simpson.sum::<f64>() * step / 3.0
    }

    #[test]
    fn stretches_far_apart_drop_as_often_as_the_closed_form_says() {
        for (bad, lost, loss) in [(5.0, 3, 1.0), (20.0, 3, 0.6), (60.0, 2, 0.3), (4.0, 1, 0.9)] {
            let chance = mean_drop_chance(bad, &every_10_s(lost), loss);
            let watch = keep_alive::KeepAlive::new(Seconds(10.0), lost).unwrap();
            // Bad for a billionth of the time.
            let long_run = Fraction(1e-9 * loss);
            let drops = watch
                .in_bursts(long_run, Seconds(bad), Fraction(loss))
                .unwrap();
            let wanted = drops / (3600.0 * 1e-9 / bad);
            assert!((chance - wanted).abs() < 1e-5 * wanted, "{chance} {wanted}");
        }
    }

    /// Seconds until a session that begins on a good line is dropped, keep-alive by keep-alive.
    fn until_dropped(burst: &Burst, keep_alive: &KeepAlive, replication: u64) -> f64 {
        let mut stretches = Stretches::new(burst, 11, replication);
        let mut luck = Stream::new(11, replication, "luck");
        let mut stretch = stretches.bad();
        let start = stretch.start + stretch.length;
        let (mut sent, mut row) = (0.0, 0);
        loop {
            sent += 1.0;
            let now = start + sent * keep_alive.every;
            while stretch.start + stretch.length <= now {
                stretch = stretches.bad();
            }
            let arrives = |luck: &mut Stream| luck.uniform() >= burst.loss;
            let kept = now < stretch.start || arrives(&mut luck) && arrives(&mut luck);
            row = if kept { 0 } else { row + 1 };
            if row == keep_alive.lost {
                return now - start;
            }
        }
    }

    #[test]
    fn sessions_last_as_long_as_the_closed_form_says() {
        // Good stretches of a few intervals, so that runs of losses reach over them too.
        let burst = Burst {
            loss: 0.7,
            ..burst(40.0, 15.0)
        };
        let mut summary = Summary::default();
        for replication in 0..4000 {
            assert!(summary.push(until_dropped(&burst, &every_10_s(3), replication)));
        }
        let watch = keep_alive::KeepAlive::new(Seconds(10.0), 3).unwrap();
        let long_run = Fraction(0.7 * 15.0 / 55.0);
        let drops = watch
            .in_bursts(long_run, Seconds(15.0), Fraction(0.7))
            .unwrap();
        let (mean, deviation) = (summary.mean().unwrap(), summary.deviation().unwrap());
        // Four standard errors.
        let room = 4.0 * deviation / 4000f64.sqrt();
        let wanted = 3600.0 / drops;
        assert!((mean - wanted).abs() < room, "{mean} {wanted} {room}");
        assert!(room < 0.1 * wanted);
    }
}
