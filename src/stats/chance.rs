//! How likely a thing is to happen by chance alone: counts and exact tests.
//!
//! Chances of rare things are reckoned as logarithms, so that none becomes zero on the way.

/// ln n!, exact to 12 digits: the product itself up to 20, beyond that Stirling's series
/// (NIST DLMF 5.11.1), whose first omitted term is then below 1e-12.
pub fn ln_factorial(n: u64) -> f64 {
    if n <= 20 {
        return (2..=n).map(|k| k as f64).product::<f64>().ln();
    }
    let x = n as f64;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + series
}

/// ln of the number of ways to choose `k` of `n`; of no way, minus infinity.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    match n.checked_sub(k) {
        Some(rest) => ln_factorial(n) - ln_factorial(k) - ln_factorial(rest),
        None => f64::NEG_INFINITY,
    }
}

/// ln of the number of ways to put `a` of one kind and `b` of another, one each at least, in a row of
/// exactly `runs` unbroken runs (A. Wald and J. Wolfowitz, Annals of Mathematical Statistics 11 (1940)
/// 147).
pub fn ln_runs(a: u64, b: u64, runs: u64) -> f64 {
    let split = |n: u64, parts: u64| match (n, parts) {
        (0, _) | (_, 0) => f64::NEG_INFINITY,
        _ => ln_choose(n - 1, parts - 1),
    };
    let (half, more) = (runs / 2, runs.div_ceil(2));
    let (one, other) = (
        split(a, more) + split(b, half),
        split(a, half) + split(b, more),
    );
    let (high, low) = (one.max(other), one.min(other));
    match high == f64::NEG_INFINITY {
        true => high,
        false => high + (low - high).exp().ln_1p(),
    }
}

/// ln of the integral of x^a (1 - x)^b from 0 to 1: the chance of one order of `a` hits and `b`
/// misses, averaged over every probability of a hit alike.
pub fn ln_beta(hits: u64, misses: u64) -> f64 {
    ln_factorial(hits) + ln_factorial(misses) - ln_factorial(hits + misses + 1)
}

/// Fisher's exact test, one side: the chance that at least `hits` of all hits fall among the
/// `trials` of the first group, if they fall on both groups alike (R. A. Fisher, Statistical
/// Methods for Research Workers, 21.02). 1 when a count is impossible.
pub fn fisher(hits: u64, trials: u64, other_hits: u64, other_trials: u64) -> f64 {
    let (all, both) = (hits + other_hits, trials + other_trials);
    if hits > trials || other_hits > other_trials {
        return 1.0;
    }
    let ln_all = ln_choose(both, all);
    let one = |k: u64| (ln_choose(trials, k) + ln_choose(other_trials, all - k) - ln_all).exp();
    tail((hits..=all.min(trials)).map(one))
}

/// The sum of a tail of chances that rise to one peak and fall, as far as they count.
fn tail(chances: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut before) = (0.0, 0.0);
    for chance in chances {
        sum += chance;
        if chance < before && chance < sum * 1e-17 {
            break;
        }
        before = chance;
    }
    f64::min(sum, 1.0)
}

/// The chance that a binomial of `trials` with probability `p` comes to `hits` or more.
pub fn at_least(hits: u64, trials: u64, p: f64) -> f64 {
    let one = |k: u64| {
        let rest = trials - k;
        (ln_choose(trials, k) + k as f64 * p.ln() + rest as f64 * (-p).ln_1p()).exp()
    };
    match hits {
        0 => 1.0,
        _ => tail((hits..=trials).map(one)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
    }

    #[test]
    fn factorials_meet_where_the_formula_changes() {
        for n in 15..200u64 {
            let sum: f64 = (2..=n).map(|k| (k as f64).ln()).sum();
            assert!(close(ln_factorial(n), sum), "{n}");
        }
        // C(52, 5), the hands of poker.
        assert!(close(ln_choose(52, 5), 2_598_960f64.ln()));
        assert_eq!(ln_choose(3, 4), f64::NEG_INFINITY);
    }

    #[test]
    fn runs_are_counted() {
        // Of the 10 rows of three and two: 2 + 3 + 4 + 1 with 2, 3, 4 and 5 runs.
        let counts = [1, 2, 3, 4, 5, 6].map(|runs| ln_runs(3, 2, runs).exp().round());
        assert_eq!(counts, [0.0, 2.0, 3.0, 4.0, 1.0, 0.0]);
        let all: f64 = (2..=41).map(|runs| ln_runs(20, 25, runs).exp()).sum();
        assert!(close(all.ln(), ln_choose(45, 20)));
    }

    #[test]
    fn the_lady_tastes_tea() {
        // Fisher's own example: eight cups, four of each, all told rightly: 1 in 70; three or more
        // rightly: 17 in 70.
        assert!(close(fisher(4, 4, 0, 4), 1.0 / 70.0));
        assert!(close(fisher(3, 4, 1, 4), 17.0 / 70.0));
        assert!(close(fisher(0, 4, 4, 4), 1.0));
        assert_eq!(fisher(5, 4, 0, 4), 1.0);
    }

    proptest! {
        #[test]
        fn the_integral_agrees_with_a_sum(hits in 0u64..30, misses in 0u64..30) {
            let n = 20_000;
            let sum: f64 = (0..n).map(|at| (at as f64 + 0.5) / n as f64)
                .map(|x| x.powi(hits as i32) * (1.0 - x).powi(misses as i32) / n as f64).sum();
            prop_assert!((ln_beta(hits, misses) - sum.ln()).abs() < 1e-4);
        }

        #[test]
        fn chances_of_all_counts_add_up(trials in 1u64..60, other in 1u64..60, part in 0.0..1.0f64) {
            // P(at least k) - P(at least k + 1) over all k is 1, whatever the margins.
            let all = ((trials + other) as f64 * part) as u64;
            let least = all.saturating_sub(other);
            prop_assert!(close(fisher(least, trials, all - least, other), 1.0));
            // A tail is one minus the tail of the other group.
            let k = least + 1;
            if k <= all.min(trials) {
                let above = fisher(k, trials, all - k, other);
                let below = fisher(all - k + 1, other, k - 1, trials);
                prop_assert!(close(above + below, 1.0), "{} {}", above, below);
            }
        }

        #[test]
        fn a_binomial_tail_is_the_sum_of_its_chances(trials in 1u64..40, p in 0.01..0.99f64) {
            let mut term = (1.0 - p).powi(trials as i32);
            let mut tail = 1.0;
            for k in 0..trials {
                prop_assert!((at_least(k, trials, p) - tail).abs() < 1e-9);
                tail -= term;
                term *= (trials - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            }
        }
    }
}
