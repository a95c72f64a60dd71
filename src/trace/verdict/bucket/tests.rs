//! Limits replayed by hand and in whole milliseconds.

use super::*;

/// `count` probes `gap` ms apart, answered as `limit` has it, reckoned in whole milliseconds.
fn limited(count: u64, gap: u64, every: u64, burst: u64) -> Vec<Ask> {
    let (mut saved, mut last) = (burst * every, 0);
    let ask = |number| {
        let at = number * gap;
        saved = (burst * every).min(saved + at - last);
        last = at;
        let answered = saved >= every;
        saved -= if answered { every } else { 0 };
        Ask {
            at: Moment(at * 1_000_000),
            answered,
            own: true,
        }
    };
    (0..count).map(ask).collect()
}

fn pattern(answered: &str, gap: u64) -> Vec<Ask> {
    let ask = |(at, c)| Ask {
        at: Moment(at as u64 * gap * 1_000_000),
        answered: c == '1',
        own: true,
    };
    answered.chars().enumerate().map(ask).collect()
}

#[test]
fn a_linux_router_is_known_by_what_it_leaves_out() {
    // Six at once, one earned while five are asked: 1111111000 then 10000 10000 …
    for (gap, lost) in [(200, 36), (500, 20), (300, 30)] {
        let asks = limited(50, gap, 1000, 6);
        let fit = fit(&asks, true).unwrap();
        let unanswered = asks.iter().filter(|ask| !ask.answered).count() as u64;
        assert_eq!(fit.limit, limit(1_000_000, 6), "{gap}");
        assert_eq!((fit.against, fit.accounted), (0, unanswered), "{gap}");
        assert!(unanswered.abs_diff(lost) <= 2, "{gap}: {unanswered}");
        assert!(fit.times > 1e4, "{gap}: {}", fit.times);
    }
}

#[test]
fn a_router_that_was_asked_before_is_known_all_the_same() {
    // The first thirty probes belong to another run.
    for gap in [200, 500] {
        let asks = &limited(70, gap, 1000, 6)[30..];
        let fit = fit(asks, true).unwrap();
        assert_eq!(fit.limit.every, Duration::from_secs(1), "{gap}");
        assert_eq!(fit.against, 0, "{gap}");
        assert!(fit.times > 100.0, "{gap}: {}", fit.times);
    }
}

#[test]
fn a_target_whose_answers_were_spent_is_excused() {
    // Six errors at once, six more in vain, then one a second: the first of those may be too early.
    let mut asks = pattern(
        &format!("111111000000{}", "0".to_string() + &"1".repeat(40)),
        1000,
    );
    for (at, ask) in asks.iter_mut().enumerate() {
        ask.own = at == 0 || at >= 12;
        ask.at = Moment(at.saturating_sub(11) as u64 * 995_000_000);
    }
    assert_eq!(excused(&asks), 1);
    // Later ones have no such excuse.
    asks[30].answered = false;
    assert_eq!(excused(&asks), 1);
    // At the very edge of the limit one is excused, for as many seconds as answers; not the rest.
    assert_eq!(excused(&pattern("1101111101111011111", 1000)), 1);
    assert_eq!(excused(&pattern("1101111101111011111", 1100)), 0);
}

#[test]
fn other_limits_are_found_too() {
    let found = |asks: &[Ask]| fit(asks, true).unwrap();
    // A Linux router towards an IPv6 /64, asked twenty times a second.
    let fit = found(&limited(60, 50, 250, 6));
    assert_eq!(fit.limit, limit(250_000, 6));
    assert!(fit.times > 1e3, "{}", fit.times);
    let fit = found(&limited(60, 200, 500, 1));
    assert_eq!(fit.limit, limit(500_000, 1));
    assert!(fit.times > 1e3, "{}", fit.times);
}

#[test]
fn the_number_is_counted_by_hand() {
    // Ten asks at 200 ms: 6 saved and 0.2 earned each leave the last three out. Without bursts on
    // the way one of C(10, 3) = 120; weights 1/2, 1/2 and 9/10.
    let asks = limited(10, 200, 1000, 6);
    assert_eq!(asks, pattern("1111111000", 200));
    // One of C(10, 3) = 120 without bursts on the way. Weights: 1/2 for the limit, 9/10 for no
    // contradiction, 1/2 for full savings; those of 5.0 to 6.0 that leave out the same ask begin
    // above 5.8, as the seventh ask finds 1.0 or more: 5.875 is the last of 20 steps.
    let times = |bursts| fit(&asks, bursts).unwrap().times;
    let same = 0.5 + 0.25 / 20.0;
    let spoilt = 0.01;
    let plain = 120.0 * 0.5 * 0.9 * same;
    assert!(
        (plain..plain * (1.0 + spoilt) + 1.0).contains(&times(false)),
        "{}",
        times(false)
    );
    // An outage at the end looks the same, and a chain in which loss hardly ever begins or ends makes
    // it one of two.
    assert!(times(true) < 0.5);
}

#[test]
fn bursts_make_few_runs_likely_and_many_not() {
    // Two runs: one of two sequences in the end. As many as can be: no likelier than at random.
    assert!((ln_likeliest(5, 5, 2) - 0.5f64.ln()).abs() < 1e-4);
    assert!((ln_likeliest(5, 5, 10) + ln_choose(10, 5)).abs() < 1e-9);
    // Against x tried one by one.
    let chance = |x: f64| {
        let sum: f64 = (2..=11)
            .map(|runs| ln_runs(5, 7, runs).exp() * x.powi(runs as i32))
            .sum();
        x.powi(4) / sum
    };
    let best = (1..=10_000)
        .map(|step| chance(f64::from(step) / 10_000.0))
        .fold(0.0, f64::max);
    assert!((ln_likeliest(5, 7, 4) - best.ln()).abs() < 1e-5);
}

#[test]
fn loss_and_outages_are_no_limit() {
    for asks in [
        pattern("10111011111010111101111011", 1000),
        pattern("11111111111100000000000011111", 200),
        pattern("1111111111111111111111111", 200),
    ] {
        let times = fit(&asks, true).map_or(0.0, |fit| fit.times);
        assert!(times < 2.0, "{times}");
    }
}

#[test]
fn one_loss_more_does_not_hide_a_limit() {
    let mut asks = limited(60, 200, 1000, 6);
    asks[3].answered = false;
    let fit = fit(&asks, true).unwrap();
    assert!(fit.against >= 1 && fit.times > 1e3, "{fit:?}");
}

#[test]
fn under_loss_the_number_is_one_at_most_on_average() {
    // All 2^13 sequences of 13 probes at 300 ms, by how many were answered: within each group all are
    // equally likely under random loss.
    let mut sums = [(0.0, 0u32); 14];
    for bits in 0u32..1 << 13 {
        let answered = |at: u32| if (bits >> at) & 1 == 1 { '1' } else { '0' };
        let asks = pattern(&(0..13).map(answered).collect::<String>(), 300);
        let sum = &mut sums[bits.count_ones() as usize];
        sum.0 += fit(&asks, false).map_or(0.0, |fit| fit.times);
        sum.1 += 1;
    }
    for (answered, (sum, count)) in sums.into_iter().enumerate() {
        assert!(
            sum <= f64::from(count),
            "{answered} answered: {sum} of {count}"
        );
    }
}
