//! Round trips counted in bins whose width grows with the value: bounded however long a run lasts.
//!
//! Below 2^`BITS` ns every nanosecond has a bin; above, each doubling of the value is divided into
//! 2^`BITS` bins of equal width (the layout of Gil Tene's HdrHistogram). A quantile read from it is
//! off by less than one bin: 1 part in 2^`BITS`, about 3 %.

use std::time::Duration;

/// Bins for each doubling, as a power of two.
const BITS: u32 = 5;

/// Values of 2^40 ns (18 minutes) and more share the last bin.
const TOP: u32 = 40;

/// How many bins there are.
const BINS: usize = ((TOP - BITS + 1) << BITS) as usize;

/// Counts of round trips, about 4.6 KiB.
#[derive(Debug, Clone)]
pub struct Histogram {
    bins: Box<[u32]>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram {
            bins: vec![0; BINS].into(),
            count: 0,
        }
    }
}

/// The bin of a value.
fn bin(nanos: u64) -> usize {
    let nanos = nanos.min((1 << TOP) - 1);
    let octave = nanos.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    let row = u64::from(octave) << BITS;
    (row + (nanos >> octave)) as usize
}

/// The least value of a bin, and that of the next.
fn edges(bin: usize) -> (f64, f64) {
    let octave = (bin >> BITS).saturating_sub(1);
    let within = bin - (octave << BITS);
    let width = (1u64 << octave) as f64;
    (within as f64 * width, (within + 1) as f64 * width)
}

impl Histogram {
    /// Counts one round trip.
    pub fn push(&mut self, round_trip: Duration) {
        let nanos = u64::try_from(round_trip.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.bins.get_mut(bin(nanos)) {
            *count = count.saturating_add(1);
            self.count += 1;
        }
    }

    /// The `p` quantile in nanoseconds, `p` from 0 to 1: the value at position `(n - 1) p` of the
    /// sorted sample, as [`quantile`](crate::stats::quantile) has it, taking the values of a bin as
    /// spread evenly over it. `None` of nothing and of a `p` out of range.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let last = self.count.checked_sub(1)?;
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        let position = last as f64 * p;
        let mut before = 0.0;
        for (bin, count) in self
            .bins
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let count = f64::from(*count);
            if position < before + count {
                let (low, high) = edges(bin);
                return Some(low + (high - low) * (position - before) / count);
            }
            before += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for value in values {
            histogram.push(Duration::from_nanos(*value));
        }
        histogram
    }

    proptest! {
        #[test]
        fn a_value_lies_between_the_edges_of_its_bin(nanos in 0u64..1 << TOP) {
            let (low, high) = edges(bin(nanos));
            prop_assert!(low <= nanos as f64 && (nanos as f64) < high);
            prop_assert!(high - low <= (nanos as f64 / 32.0).max(1.0));
        }

        #[test]
        fn a_quantile_is_off_by_less_than_a_bin(
            mut values in prop::collection::vec(1u64..1 << 36, 1..200), p in 0.0..=1.0f64,
        ) {
            let found = filled(&values).quantile(p).unwrap();
            values.sort_unstable();
            let position = (values.len() - 1) as f64 * p;
            let below = values[position.floor() as usize] as f64;
            let above = values[position.ceil() as usize] as f64;
            prop_assert!(found >= below - below / 32.0 - 1.0, "{found} {below}");
            prop_assert!(found <= above + above / 32.0 + 1.0, "{found} {above}");
        }
    }

    #[test]
    fn bins_follow_each_other_without_gap() {
        for at in 1..BINS {
            assert_eq!(edges(at - 1).1, edges(at).0);
        }
        assert_eq!(edges(BINS - 1).1, (1u64 << TOP) as f64);
    }

    #[test]
    fn small_values_are_exact_and_huge_ones_are_kept() {
        // Position 1 of three is the second value.
        assert_eq!(filled(&[3, 7, 9]).quantile(0.5), Some(7.0));
        assert!(filled(&[u64::MAX]).quantile(1.0).unwrap() >= (1u64 << (TOP - 1)) as f64);
        assert_eq!(filled(&[]).quantile(0.5), None);
        assert_eq!(filled(&[1]).quantile(1.1), None);
    }
}
