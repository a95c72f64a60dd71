//! Erlang's two formulas for any offered load and any number of servers, whole or fractional.
//!
//! No factorial is ever formed: both follow from the recursion in the number of servers, whose terms
//! are all positive, so it loses no digits at a million erlangs.

use super::OutOfRange;
use super::range::{between, inside, not_negative, positive};

const OFFERED: (&str, &str) = ("话务量（erl）", "the offered load in erlangs");
const SERVERS: (&str, &str) = ("服务台数", "the number of servers");
/// One recursion step costs a few nanoseconds: the limit keeps every answer within seconds.
pub const MOST_SERVERS: f64 = 1e9;

/// Erlang B: the part of sessions refused when `offered` erlangs meet `servers` and nobody waits.
///
/// `1/B(n) = 1 + n/A · 1/B(n-1)`, `B(0) = 1` (Erlang 1917). A fractional number of servers continues
/// it by `1/B(r) = A ∫₀^∞ e^{-At} (1+t)^r dt` (Jagerman 1974) for the fractional part `r` and the same
/// recursion upward. Holds for Poisson arrivals and any law of holding time; `offered` ≥ 0,
/// `servers` from 0 to [`MOST_SERVERS`].
pub fn blocking(offered: f64, servers: f64) -> Result<f64, OutOfRange> {
    not_negative(OFFERED, offered)?;
    between(SERVERS, servers, 0.0, MOST_SERVERS)?;
    Ok(b(offered, servers))
}

/// Erlang C: the chance that an arrival must wait when nobody is refused.
///
/// `C = B / (1 - ρ(1 - B))` with `ρ = A/R` (Erlang 1917). Holds for Poisson arrivals and exponential
/// service, `offered` below `servers`; `servers` above 0.
pub fn waiting(offered: f64, servers: f64) -> Result<f64, OutOfRange> {
    not_negative(OFFERED, offered)?;
    positive(SERVERS, servers)?;
    between(SERVERS, servers, 0.0, MOST_SERVERS)?;
    let load = offered / servers;
    if load >= 1.0 {
        return Err(OutOfRange::Overload { load });
    }
    Ok(c_from_b(b(offered, servers), load))
}

/// The smallest whole number of servers that refuses at most `target` of `offered` erlangs.
///
/// The recursion of [`blocking`] run until it falls to the target; `target` strictly between 0 and 1.
pub fn servers_for_blocking(offered: f64, target: f64) -> Result<u64, OutOfRange> {
    between(OFFERED, offered, 0.0, MOST_SERVERS / 2.0)?;
    inside(("目标呼损", "the target of blocking"), target)?;
    let (mut refused, mut servers) = (1.0, 0u64);
    while refused > target {
        servers += 1;
        refused = offered * refused / (servers as f64 + offered * refused);
    }
    Ok(servers)
}

/// The smallest whole number of servers at which at most `target` of the arrivals wait.
pub fn servers_for_waiting(offered: f64, target: f64) -> Result<u64, OutOfRange> {
    between(OFFERED, offered, 0.0, MOST_SERVERS / 2.0)?;
    inside(("目标等待概率", "the target of waiting"), target)?;
    let (mut refused, mut servers) = (1.0, 0u64);
    loop {
        servers += 1;
        refused = offered * refused / (servers as f64 + offered * refused);
        let load = offered / servers as f64;
        if load < 1.0 && c_from_b(refused, load) <= target {
            return Ok(servers);
        }
    }
}

/// Erlang C out of Erlang B at the same point; `load` below 1.
pub(super) fn c_from_b(b: f64, load: f64) -> f64 {
    b / (1.0 - load * (1.0 - b))
}

/// Erlang B of checked arguments.
pub(super) fn b(offered: f64, servers: f64) -> f64 {
    if offered == 0.0 {
        return if servers == 0.0 { 1.0 } else { 0.0 };
    }
    let whole = servers.floor();
    let mut refused = fractional(offered, servers - whole);
    let mut server = servers - whole;
    for _ in 0..whole as u64 {
        server += 1.0;
        refused = offered * refused / (server + offered * refused);
        if refused == 0.0 {
            break;
        }
    }
    refused
}

/// Erlang B for `0 ≤ servers < 1` as the integral `1/B = ∫₀^∞ e^{-u} (1 + u/A)^r du`.
///
/// The trapezoid rule after `u = exp(x - e^{-x})` (Takahasi and Mori 1974) converges exponentially:
/// the integrand and all its derivatives vanish at both ends. With step 1/16 the test below finds it
/// good to 1e-13 against the closed form at `r = 1` and a second formula at `r = 1/2`.
fn fractional(offered: f64, servers: f64) -> f64 {
    if servers == 0.0 {
        return 1.0;
    }
    const STEP: f64 = 1.0 / 16.0;
    let sum: f64 = (-64..=72)
        .map(|k| {
            let x = f64::from(k) * STEP;
            let back = (-x).exp();
            let u = (x - back).exp();
            let height = (-u + servers * (u / offered).ln_1p()).exp();
            height * u * (1.0 + back)
        })
        .sum();
    1.0 / (sum * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, wanted: f64, relative: f64) {
        assert!(
            (found - wanted).abs() <= relative * wanted.abs(),
            "found {found}, wanted {wanted}"
        );
    }

    /// `Γ(3/2, A) = √A e^{-A} + √π/2 erfc(√A)` gives `1/B(1/2) = 1 + √π/2 · erfcx(√A)/√A`, here with
    /// erfc from the statistics library.
    #[test]
    fn the_integral_agrees_with_the_closed_forms_at_one_half_and_one() {
        for offered in [0.01, 0.5, 1.0, 7.0, 25.0] {
            let root = f64::sqrt(offered);
            let erfc = statrs::function::erf::erfc(root);
            let inverse = 1.0 + 0.5 * std::f64::consts::PI.sqrt() * offered.exp() * erfc / root;
            close(b(offered, 0.5), 1.0 / inverse, 2e-10);
        }
        for offered in [1e-4, 0.01, 1.0, 30.0, 1e4, 1e8] {
            // The integrand at r = 1, where 1/B = 1 + 1/A, through the same rule.
            close(fractional(offered, 1.0), offered / (1.0 + offered), 1e-13);
        }
    }

    #[test]
    fn fractional_servers_satisfy_the_recursion() {
        for (offered, servers) in [(3.0, 4.25), (45.0, 50.5), (0.2, 1.9)] {
            let below = b(offered, servers - 1.0);
            let wanted = offered * below / (servers + offered * below);
            close(b(offered, servers), wanted, 1e-13);
        }
    }

    #[test]
    fn a_million_erlangs_take_no_time_and_meet_the_large_limit() {
        let started = std::time::Instant::now();
        let refused = blocking(1e6, 1e6).unwrap();
        assert!(started.elapsed().as_secs_f64() < 2.0);
        // B(A, A) = 1/(√(πA/2) + 2/3 + √(2π)/(24√A) + …), Jagerman 1974.
        let root = 1e3;
        let series = root * (std::f64::consts::PI / 2.0).sqrt()
            + 2.0 / 3.0
            + (2.0 * std::f64::consts::PI).sqrt() / (24.0 * root);
        close(refused, 1.0 / series, 1e-8);
        assert_eq!(blocking(10.0, 1e6), Ok(0.0));
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(blocking(-1.0, 3.0).is_err());
        assert!(blocking(f64::NAN, 3.0).is_err());
        assert!(blocking(1.0, f64::INFINITY).is_err());
        assert_eq!(waiting(5.0, 4.0), Err(OutOfRange::Overload { load: 1.25 }));
        assert!(waiting(0.0, 0.0).is_err());
        assert!(servers_for_blocking(10.0, 0.0).is_err());
        assert_eq!(servers_for_blocking(0.0, 0.5), Ok(1));
    }

    proptest! {
        #[test]
        fn more_servers_refuse_less_and_more_load_refuses_more(
            offered in 0.01..300.0f64, servers in 0.0..300.0f64, more in 0.01..5.0f64,
        ) {
            let here = blocking(offered, servers)?;
            prop_assert!(here > 0.0 && here <= 1.0 || here == 0.0 && servers > 100.0);
            prop_assert!(blocking(offered, servers + more)? <= here);
            prop_assert!(blocking(offered + more, servers)? >= here);
        }

        #[test]
        fn the_inverse_is_the_smallest_that_meets_the_target(
            offered in 0.0..3000.0f64, target in 1e-6..0.5f64,
        ) {
            let servers = servers_for_blocking(offered, target)?;
            prop_assert!(blocking(offered, servers as f64)? <= target);
            prop_assert!(blocking(offered, servers as f64 - 1.0)? > target);
        }

        #[test]
        fn waiting_is_at_least_blocking(load in 0.0..0.999f64, servers in 0.1..200.0f64) {
            let waits = waiting(load * servers, servers)?;
            prop_assert!(waits >= blocking(load * servers, servers)? - 1e-15 && waits <= 1.0);
        }

        #[test]
        fn the_waiting_inverse_agrees(offered in 0.1..500.0f64, target in 1e-4..0.9f64) {
            let servers = servers_for_waiting(offered, target)? as f64;
            prop_assert!(waiting(offered, servers)? <= target);
            let fewer = waiting(offered, servers - 1.0);
            prop_assert!(servers == 1.0 || fewer.is_err() || fewer? > target);
        }
    }
}
