//! Trials of the same thing under replications 0, 1, 2, ... of one seed, until what is watched is
//! known well enough; and what several trials say together.
//!
//! Whether to go on is decided after fixed numbers of trials, whatever the number of threads, and
//! results stand in the order of their replications: the same seed gives the same bytes anywhere.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::measure::Estimate;

/// Trials after which it is first asked whether they suffice, and between two such questions.
pub const STEP: usize = 4;

/// Most trials that anybody may ask for.
pub const MOST: u32 = 200;

/// How many trials to run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted {
    /// So many.
    Exactly(usize),
    /// Until half of every watched interval is at most this part of its value, or so many.
    Until {
        /// Part of the value.
        precision: f64,
        /// Trials at most.
        most: usize,
    },
}

impl Wanted {
    /// Trials at most.
    pub fn most(self) -> usize {
        match self {
            Wanted::Exactly(count) => count,
            Wanted::Until { most, .. } => most,
        }
    }

    fn step(self) -> usize {
        match self {
            Wanted::Exactly(count) => count,
            Wanted::Until { .. } => STEP,
        }
    }
}

/// What came of the trials that were run.
#[derive(Debug, Clone)]
pub struct Trials<T> {
    /// By replication, from 0.
    pub results: Vec<T>,
    /// Whether every watched number is as precise as was asked; `None` where nothing was asked.
    pub settled: Option<bool>,
    /// Told to stop before there were as many as wanted, or precise enough.
    pub stopped: bool,
}

/// Runs `trial` for replications 0, 1, 2, ... on rayon's threads until `watched` numbers are precise
/// enough, there are as many as may be, or `stop` is set. A trial that is stopped returns early by
/// itself; what it returns is kept.
pub fn run<T: Send>(
    wanted: Wanted,
    stop: &AtomicBool,
    trial: impl Fn(u64) -> T + Sync,
    watched: impl Fn(&[T]) -> Vec<Estimate>,
) -> Trials<T> {
    let mut results = Vec::new();
    let mut settled = None;
    let stopped = || stop.load(Ordering::Relaxed);
    while results.len() < wanted.most() && !stopped() {
        let from = results.len();
        let until = wanted.most().min(from + wanted.step());
        let more: Vec<T> = (from as u64..until as u64)
            .into_par_iter()
            .map(&trial)
            .collect();
        results.extend(more);
        if let Wanted::Until { precision, .. } = wanted {
            // What was broken off settles nothing.
            let enough = watched(&results).iter().all(|one| precise(one, precision));
            let enough = enough && !stopped();
            settled = Some(enough);
            if enough {
                break;
            }
        }
    }
    Trials {
        stopped: stopped() && results.len() < wanted.most(),
        results,
        settled,
    }
}

/// Whether half of the interval is at most `precision` of the value.
fn precise(estimate: &Estimate, precision: f64) -> bool {
    let half = (estimate.interval.high - estimate.interval.low) / 2.0;
    half <= precision * estimate.value.abs()
}

/// The mean of one value a trial with its 95 % interval: trials are independent of each other.
/// `None` of fewer than two.
pub fn over(values: &[f64]) -> Option<Estimate> {
    around(values, |count| 1.0 / count)
}

/// The mean of one value a trial, and the range in which that of one more trial lies with a chance of
/// 95 %: what was seen on one day is held against this, not against what is known of the mean.
pub fn one_more(values: &[f64]) -> Option<Estimate> {
    around(values, |count| 1.0 + 1.0 / count)
}

/// The mean, and Student's t times the standard deviation times the root of `part` of the count.
fn around(values: &[f64], part: impl Fn(f64) -> f64) -> Option<Estimate> {
    let count = values.len() as f64;
    let t = student(values.len().checked_sub(1)?)?;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let half = t * (squares / (count - 1.0) * part(count)).sqrt();
    Some(Estimate::around(mean, half))
}

/// The mean difference of `of` from `to`, trial by trial: with the same random numbers on both sides
/// what they share cancels, and the interval is far narrower than that of either. Trials that only
/// one side has do not count.
pub fn differences(of: &[f64], to: &[f64]) -> Option<Estimate> {
    let paired: Vec<f64> = of.iter().zip(to).map(|(of, to)| of - to).collect();
    over(&paired)
}

/// 97.5 % quantile of the normal.
const Z: f64 = 1.959_963_984_540_054;

/// 97.5 % quantiles of Student's t with 1, 2, ... degrees of freedom. Constants, so that an interval
/// is the same to the last digit on every machine.
const T: [f64; 30] = [
    12.706_204_736_174_7,
    4.302_652_729_749_46,
    3.182_446_305_283_71,
    2.776_445_105_197_79,
    2.570_581_835_636_32,
    2.446_911_851_144_97,
    2.364_624_251_592_79,
    2.306_004_135_204_17,
    2.262_157_162_798_21,
    2.228_138_851_986_27,
    2.200_985_160_091_64,
    2.178_812_829_667_23,
    2.160_368_656_462_79,
    2.144_786_687_917_80,
    2.131_449_545_559_78,
    2.119_905_299_221_25,
    2.109_815_577_833_32,
    2.100_922_040_241_04,
    2.093_024_054_408_31,
    2.085_963_447_265_86,
    2.079_613_844_727_68,
    2.073_873_067_904_03,
    2.068_657_610_419_05,
    2.063_898_561_628_03,
    2.059_538_552_753_30,
    2.055_529_438_642_87,
    2.051_830_516_480_29,
    2.048_407_141_795_24,
    2.045_229_642_132_70,
    2.042_272_456_301_24,
];

/// 97.5 % quantile of Student's t: from the table, and beyond it by the expansion at the normal
/// (Abramowitz and Stegun 26.7.5), there right to 1e-6. `None` for no degrees of freedom.
fn student(degrees: usize) -> Option<f64> {
    if let Some(t) = T.get(degrees.checked_sub(1)?) {
        return Some(*t);
    }
    let n = degrees as f64;
    let z2 = Z * Z;
    let terms = [
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) / n);
    Some(Z + Z * sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Stream;

    #[test]
    fn students_t_is_that_of_the_queueing_room() {
        for degrees in (1..=60).chain([100, 1000, 9999]) {
            let exact = crate::queueing::student::quantile(0.975, degrees as f64).unwrap();
            let found = student(degrees).unwrap();
            let within = if degrees <= T.len() { 1e-9 } else { 1e-6 };
            assert!(
                (found / exact - 1.0).abs() < within,
                "{degrees}: {found} {exact}"
            );
        }
        assert_eq!(student(0), None);
    }

    #[test]
    fn three_trials_by_hand() {
        // 1, 2, 3: mean 2, variance 1, standard error 1/sqrt(3), t of 2 degrees sqrt(18.512...).
        let found = over(&[1.0, 2.0, 3.0]).unwrap();
        // The quantile of 2 degrees in closed form: (2p - 1) sqrt(2 / (4 p (1 - p))).
        let t = 0.95 * (2.0f64 / (4.0 * 0.975 * 0.025)).sqrt();
        assert!((found.interval.high - 2.0 - t / 3f64.sqrt()).abs() < 1e-9);
        assert_eq!(found.value, 2.0);
        // One more differs by its own deviation of 1 as well: sqrt(1 + 1/3).
        let more = one_more(&[1.0, 2.0, 3.0]).unwrap();
        assert!((more.interval.high - 2.0 - t * (4f64 / 3.0).sqrt()).abs() < 1e-9);
        assert_eq!((over(&[1.0]), over(&[])), (None, None));
    }

    #[test]
    fn what_both_sides_share_cancels() {
        let mut stream = Stream::new(3, 0, "trials");
        let first: Vec<f64> = (0..10).map(|_| 100.0 * stream.exponential()).collect();
        let second: Vec<f64> = first.iter().map(|value| value + 2.0).collect();
        let difference = differences(&second, &first[..7]).unwrap();
        assert!((difference.value - 2.0).abs() < 1e-9);
        assert!(difference.interval.high - difference.interval.low < 1e-9);
    }

    /// A trial's value: a draw around 10 with a deviation of 1.
    fn draw(replication: u64) -> f64 {
        9.0 + Stream::new(1, replication, "draw").exponential()
    }

    #[test]
    fn trials_end_when_they_are_precise_or_many_enough() {
        let never = AtomicBool::new(false);
        let watched = |all: &[f64]| over(all).into_iter().collect();
        let until = |precision, most| {
            let wanted = Wanted::Until { precision, most };
            run(wanted, &never, draw, watched)
        };
        let loose = until(0.5, 40);
        assert_eq!((loose.results.len(), loose.settled), (STEP, Some(true)));
        let tight = until(1e-6, 10);
        assert_eq!((tight.results.len(), tight.settled), (10, Some(false)));
        // As many as the formula needs, found at a multiple of the step.
        let middle = until(0.05, 1000);
        let half = |count: usize| {
            let interval = over(&middle.results[..count]).unwrap().interval;
            (interval.high - interval.low) / 20.0
        };
        let count = middle.results.len();
        assert!(count % STEP == 0 && half(count) < 0.055);
        let exact = run(Wanted::Exactly(7), &never, draw, watched);
        assert_eq!((exact.results.len(), exact.settled), (7, None));
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let never = AtomicBool::new(false);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let wanted = Wanted::Until {
                precision: 0.05,
                most: 64,
            };
            pool.build().unwrap().install(|| {
                run(wanted, &never, draw, |all| over(all).into_iter().collect()).results
            })
        };
        let alone: Vec<f64> = on(1);
        assert_eq!(alone, on(4));
        assert_eq!(alone, (0..alone.len() as u64).map(draw).collect::<Vec<_>>());
    }

    #[test]
    fn a_stop_keeps_what_is_there() {
        let stop = AtomicBool::new(false);
        let trial = |replication| {
            stop.store(replication >= 5, Ordering::Relaxed);
            replication
        };
        let wanted = Wanted::Until {
            precision: 0.0,
            most: 100,
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let ran = pool.install(|| run(wanted, &stop, trial, |_| vec![Estimate::around(1.0, 1.0)]));
        assert_eq!(ran.results, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!((ran.settled, ran.stopped), (Some(false), true));
    }
}
