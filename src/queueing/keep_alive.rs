//! How often a session that is watched by keep-alives is dropped, by losses that come singly or in
//! bursts.
//!
//! A session sends a keep-alive every so often and is given up when so many in a row are lost, each in
//! its request or in its answer. On a line that loses packets singly such a run is rare, however many
//! are lost; on one that loses the same part in bursts it is as frequent as the bursts that are long
//! enough. Load plays no part.

use super::OutOfRange;
use super::range::{between, inside};
use crate::units::{Fraction, Seconds};

/// A session is dropped when `lost` keep-alives in a row, one `every` so often, are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeepAlive {
    every: f64,
    lost: i32,
}

/// Passes a time that is neither so short nor so long that it means something else.
fn time(zh: &'static str, en: &'static str, found: Seconds) -> Result<f64, OutOfRange> {
    between((zh, en), found.0, 1e-6, 1e9)
}

/// Chance that a request or its answer is lost where each is with chance `loss`.
fn either(loss: f64) -> f64 {
    loss * (2.0 - loss)
}

/// `1 + r + ... + r^(n-1)`, which loses no digits near 1.
fn powers(r: f64, n: i32) -> f64 {
    (0..n).fold(0.0, |sum, _| sum * r + 1.0)
}

impl KeepAlive {
    /// `every` above 0, `lost` from 1 to 100.
    pub fn new(every: Seconds, lost: u32) -> Result<KeepAlive, OutOfRange> {
        let what = ("连续丢失的保活数", "the number of keep-alives in a row");
        Ok(KeepAlive {
            every: time("保活间隔（s）", "the interval in seconds", every)?,
            lost: between(what, f64::from(lost), 1.0, 100.0)? as i32,
        })
    }

    /// Drops an hour of an established session over a path that loses each packet with chance `loss`
    /// one way, independently of the others.
    ///
    /// A first run of m, each lost with chance ρ, takes `(1 - ρᵐ) / ((1 - ρ) ρᵐ)` trials in the mean
    /// (W. Feller, An Introduction to Probability Theory I, 1968, XIII.7).
    pub fn singly(&self, loss: Fraction) -> Result<f64, OutOfRange> {
        let what = ("丢包率", "the loss");
        let lost = either(between(what, loss.0, 0.0, 1.0)?);
        Ok(3600.0 / self.every * lost.powi(self.lost) / powers(lost, self.lost))
    }

    /// Drops an hour of an established session over a path whose losses come in bursts: bad stretches
    /// of mean length `length` in which each packet is lost with chance `within` one way, good ones in
    /// which none is, both exponential (Gilbert 1960). `loss` is the long-run mean: the path is bad for
    /// the part π = loss / within of the time, below 1.
    ///
    /// Seen at keep-alives the line is a chain of two states. With `e = exp(-T (1/good + 1/bad))` a bad
    /// line is bad at the next one with chance `β = π + (1 - π) e`; with p the chance that a keep-alive
    /// is lost while it is bad, `r = β p`, and the mean number of keep-alives until a session that
    /// starts on a good line is dropped follows from the chain's linear equations:
    /// `(1/π) (e / (1 - e) + (1 + r + ... + rᵐ⁻¹) / (p rᵐ⁻¹))`. Exact; where bad stretches are far
    /// shorter than the interval it is that of independent losses, and where good ones are far longer
    /// it is the rate of bad stretches times the chance that one drops a session.
    pub fn in_bursts(
        &self,
        loss: Fraction,
        length: Seconds,
        within: Fraction,
    ) -> Result<f64, OutOfRange> {
        let what = ("突发段内丢包率", "the loss in a bad stretch");
        let within = between(what, within.0, 0.0, 1.0)?;
        let what = ("坏段所占时间", "the bad part of the time");
        if loss.0 == 0.0 {
            return Ok(0.0);
        }
        let bad = inside(what, loss.0 / within)?;
        let length = time(
            "坏段平均长度（s）",
            "the mean bad stretch in seconds",
            length,
        )?;
        let forgotten = -f64::exp_m1(-self.every / (length * (1.0 - bad)));
        let stays = bad + (1.0 - bad) * (1.0 - forgotten);
        let lost = either(within);
        let again = stays * lost;
        let run = lost * again.powi(self.lost - 1);
        let keep_alives = powers(again, self.lost) * forgotten + run * (1.0 - forgotten);
        Ok(3600.0 / self.every * bad * run * forgotten / keep_alives)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(every: f64, lost: u32) -> KeepAlive {
        KeepAlive::new(Seconds(every), lost).unwrap()
    }

    fn close(found: f64, wanted: f64, part: f64) {
        assert!(
            (found - wanted).abs() <= part * wanted,
            "{found}, not {wanted}"
        );
    }

    #[test]
    fn single_losses_by_hand() {
        let singly = |lost, loss| watch(10.0, lost).singly(Fraction(loss)).unwrap();
        // One in a row: each of 360 an hour, lost with chance 1 - 0.9².
        close(singly(1, 0.1), 360.0 * 0.19, 1e-12);
        // Three in a row at 0.19: 1 / (1/0.19 + 1/0.19² + 1/0.19³) of them.
        let trials = 1.0 / 0.19 + 1.0 / 0.0361 + 1.0 / 0.006_859;
        close(singly(3, 0.1), 360.0 / trials, 1e-12);
        // All lost: dropped after every three.
        close(singly(3, 1.0), 120.0, 1e-12);
        assert_eq!(singly(3, 0.0), 0.0);
    }

    /// Good stretches so long that each bad one stands by itself: its part of the time over its
    /// length is how often it comes.
    const RARE: f64 = 1e-9;

    fn rare(every: f64, lost: u32, length: f64, within: f64) -> f64 {
        let loss = Fraction(RARE * within);
        let drops = watch(every, lost).in_bursts(loss, Seconds(length), Fraction(within));
        drops.unwrap() / (3600.0 * RARE / length)
    }

    #[test]
    fn a_long_outage_drops_by_its_length_alone() {
        // Everything is lost: a stretch of mean b has a keep-alive in it with chance
        // E[min(1, L/T)] = (b/T) (1 - e^(-T/b)), and each further one with chance e^(-T/b).
        for (every, length) in [(10.0, 2.0), (10.0, 10.0), (10.0, 60.0), (5.0, 300.0f64)] {
            let first = length / every * -f64::exp_m1(-every / length);
            let further = (-every / length).exp();
            for lost in [1, 2, 3, 6] {
                let chance = first * further.powi(lost as i32 - 1);
                close(rare(every, lost, length, 1.0), chance, 1e-6);
            }
        }
    }

    #[test]
    fn a_lossy_stretch_drops_when_a_run_is_in_it() {
        // Half is lost one way, 3/4 of the keep-alives. The number of them in a stretch that has one
        // is geometric with q = e^(-T/b); for two in a row, by the state after each:
        // a = p q (p + (1-p) q a) + (1-p) q a.
        let (every, length) = (10.0, 25.0f64);
        let (p, q) = (0.75, (-every / length).exp());
        let run = p * q * p / (1.0 - p * q * (1.0 - p) * q - (1.0 - p) * q);
        let first = length / every * (1.0 - q);
        close(rare(every, 2, length, 0.5), first * run, 1e-6);
    }

    #[test]
    fn very_short_bursts_are_independent_losses() {
        // Bad for 4 % of the time, a thousandth of an interval at once: each keep-alive is lost with
        // chance 0.04 · 3/4, and nothing is remembered.
        for lost in [1, 2, 3] {
            let watch = watch(10.0, lost);
            let drops = watch.in_bursts(Fraction(0.02), Seconds(0.01), Fraction(0.5));
            let trials: f64 = (1..=lost as i32).map(|n| 0.03f64.powi(-n)).sum();
            close(drops.unwrap(), 360.0 / trials, 1e-9);
        }
    }

    #[test]
    fn the_same_loss_drops_a_session_only_when_it_comes_in_bursts() {
        let watch = watch(10.0, 3);
        let loss = Fraction(0.004);
        let singly = watch.singly(loss).unwrap();
        let bursts = watch.in_bursts(loss, Seconds(20.0), Fraction(1.0)).unwrap();
        assert!(bursts > 100.0 * singly, "{bursts} {singly}");
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(KeepAlive::new(Seconds(0.0), 3).is_err());
        assert!(KeepAlive::new(Seconds(10.0), 0).is_err());
        let watch = watch(10.0, 3);
        assert!(watch.singly(Fraction(1.1)).is_err());
        let bursts = |loss, length, within| {
            watch.in_bursts(Fraction(loss), Seconds(length), Fraction(within))
        };
        assert_eq!(bursts(0.0, 2.0, 1.0), Ok(0.0));
        assert!(bursts(0.5, 2.0, 0.5).is_err());
        assert!(bursts(0.1, 0.0, 0.5).is_err());
        assert!(bursts(0.1, 2.0, 0.0).is_err());
        // At the ends of the range nothing overflows.
        for drops in [bursts(1e-300, 1e9, 1.0), bursts(0.999_999, 1e-6, 1.0)] {
            assert!(drops.is_ok_and(|drops| drops.is_finite() && drops >= 0.0));
        }
    }
}
