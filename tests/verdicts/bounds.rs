//! What chance can do: a test that holds here fails by chance once in a million times.

/// Where tests that hold cut off.
const ONE_IN_A_MILLION: f64 = 1e-6;

/// The chance of `k` or fewer of `n` where each has the chance `p`.
pub fn at_most(k: u64, n: u64, p: f64) -> f64 {
    let mut term = (1.0 - p).powi(n as i32);
    let mut sum = term;
    for i in 0..k.min(n) {
        term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    sum.min(1.0)
}

/// That `k` of `n` is what comes of a chance `p`, neither too few nor too many.
pub fn plausible(k: u64, n: u64, p: f64) {
    let low = at_most(k, n, p);
    let high = 1.0 - k.checked_sub(1).map_or(0.0, |fewer| at_most(fewer, n, p));
    assert!(
        low >= ONE_IN_A_MILLION && high >= ONE_IN_A_MILLION,
        "{k} of {n} where {p} was to be"
    );
}

/// Whether `end` per cent is an end of Wilson's 95 % interval for `k` of `n`: it solves
/// (p - k/n)² = z² p (1 - p) / n.
pub fn solves_wilson(end: f64, k: u64, n: u64) -> bool {
    let (p, n, z) = (end / 100.0, n as f64, 1.959_964);
    let (left, right) = ((p - k as f64 / n).powi(2), z * z * p * (1.0 - p) / n);
    // Ends are told to a thousandth of a per cent.
    (left - right).abs() < 4e-5
}

/// That a try is right. One that is right with the chance `p` at least is given as many tries, each
/// with its number, as make it miss all of them once in a million times.
pub fn some_try(p: f64, mut right: impl FnMut(u64) -> Result<(), String>) {
    let tries = (ONE_IN_A_MILLION.ln() / (1.0 - p).ln()).ceil() as u64;
    let mut missed = Vec::new();
    for number in 1..=tries {
        match right(number) {
            Ok(()) => return,
            Err(why) => missed.push(why),
        }
    }
    panic!("none of {tries} tries is right:\n{}", missed.join("\n"));
}

/// An outcome of [`some_try`]: right, or what was told.
pub fn so(right: bool, told: &impl ToString) -> Result<(), String> {
    right.then_some(()).ok_or_else(|| told.to_string())
}

#[test]
fn the_tails_are_those_of_coins() {
    // Ten coins: (1 + 10 + 45) of 1024 show two heads or fewer.
    assert!((at_most(2, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-12);
    assert!((at_most(10, 10, 0.3) - 1.0).abs() < 1e-12);
    // 0 of 10: 0 and z² / (n + z²) solve the equation.
    assert!(solves_wilson(0.0, 0, 10) && solves_wilson(27.753, 0, 10));
    assert!(!solves_wilson(20.0, 0, 10));
}
