//! Positive numbers in buckets of equal ratio: quantiles to a quarter of a percent in a memory that
//! does not grow with their count, each bucket with the sums of what its numbers consist of.
//!
//! Bucket `k` holds the numbers from `RATIO^k` up to `RATIO^(k+1)`; what is said of one is its
//! geometric middle, at most half a bucket (0.25 %) from any number in it. Only the stretch between
//! the smallest and the largest number is kept. Numbers below a microsecond and above 115 days count
//! as those two, so there are never more than 6,003 buckets: 430 kB with eight parts.

/// Relative width of a bucket.
pub const WIDTH: f64 = 0.005;

/// Numbers that are told apart, in seconds.
const SMALLEST: f64 = 1e-6;
const LARGEST: f64 = 1e7;

/// Times with their `PARTS` parts, all in seconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram<const PARTS: usize> {
    count: u64,
    sum: f64,
    /// Number of the first bucket.
    first: i32,
    buckets: Vec<Bucket<PARTS>>,
}

/// Numbers that are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket<const PARTS: usize> {
    count: u64,
    parts: [f64; PARTS],
}

impl<const PARTS: usize> Bucket<PARTS> {
    const EMPTY: Bucket<PARTS> = Bucket {
        count: 0,
        parts: [0.0; PARTS],
    };
}

/// Natural logarithm of the ratio of a bucket, the same on every machine.
fn log_ratio() -> f64 {
    libm::log1p(WIDTH)
}

fn bucket(time: f64) -> i32 {
    // The range keeps it within a few thousand.
    libm::floor(libm::log(time.clamp(SMALLEST, LARGEST)) / log_ratio()) as i32
}

fn middle(bucket: i32) -> f64 {
    libm::exp((f64::from(bucket) + 0.5) * log_ratio())
}

impl<const PARTS: usize> Histogram<PARTS> {
    /// Takes a time in with its parts. One that is not a number is not taken.
    pub fn push(&mut self, time: f64, parts: [f64; PARTS]) {
        if time.is_nan() {
            return;
        }
        self.count += 1;
        self.sum += time;
        let into = self.at(bucket(time));
        into.count += 1;
        for (sum, part) in into.parts.iter_mut().zip(parts) {
            *sum += part;
        }
    }

    /// Takes in all that `other` holds. Sums depend on the order in their last digit: whoever wants
    /// the same bytes merges in the same order.
    pub fn merge(&mut self, other: &Histogram<PARTS>) {
        self.count += other.count;
        self.sum += other.sum;
        for (number, own) in (other.first..).zip(&other.buckets) {
            let into = self.at(number);
            into.count += own.count;
            for (sum, part) in into.parts.iter_mut().zip(own.parts) {
                *sum += part;
            }
        }
    }

    /// The bucket of a number, made if need be.
    fn at(&mut self, number: i32) -> &mut Bucket<PARTS> {
        if self.buckets.is_empty() {
            self.first = number;
        }
        if number < self.first {
            let before = (self.first - number) as usize;
            self.buckets
                .splice(0..0, std::iter::repeat_n(Bucket::EMPTY, before));
            self.first = number;
        }
        let at = (number - self.first) as usize;
        if at >= self.buckets.len() {
            self.buckets.resize(at + 1, Bucket::EMPTY);
        }
        &mut self.buckets[at]
    }

    /// How many numbers it holds.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their exact mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The means of the parts; `None` of nothing.
    pub fn mean_parts(&self) -> Option<[f64; PARTS]> {
        self.parts_between(0.0, 1.0)
    }

    /// The number that `p` (0 to 1) of them do not exceed, the `⌈p n⌉`th of `n` in order, within half
    /// a bucket; `None` of nothing.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let rank = libm::ceil(p * self.count as f64).max(1.0) as u64;
        let mut below = 0;
        let found = self.buckets.iter().position(|own| {
            below += own.count;
            below >= rank.min(self.count) && own.count > 0
        })?;
        Some(middle(self.first + found as i32))
    }

    /// What the quantile at `p` consists of: it is divided as those numbers are in the mean that lie
    /// around it, between the quantiles `p - r` and `p + r` with `r` half of the way from `p` to the
    /// nearer end and at most 0.02. Its sum is the quantile. `None` of nothing.
    pub fn parts_around(&self, p: f64) -> Option<[f64; PARTS]> {
        let reach = (p.min(1.0 - p) / 2.0).clamp(0.0, 0.02);
        let parts = self.parts_between(p - reach, p + reach)?;
        let whole: f64 = parts.iter().sum();
        let quantile = self.quantile(p)?;
        Some(match whole > 0.0 {
            true => parts.map(|part| part / whole * quantile),
            false => parts,
        })
    }

    /// Mean parts of the numbers between two quantiles. Of a bucket that lies partly between them its
    /// part counts.
    fn parts_between(&self, low: f64, high: f64) -> Option<[f64; PARTS]> {
        let count = self.count as f64;
        // A narrow stretch still holds one number.
        let (from, until) = (
            low * count,
            (high * count).max(low * count + 1.0).min(count),
        );
        let from = from.min(until - 1.0).max(0.0);
        let (mut sums, mut taken, mut below) = ([0.0; PARTS], 0.0, 0.0);
        for own in self.buckets.iter().filter(|own| own.count > 0) {
            let each = own.count as f64;
            let inside = (until.min(below + each) - from.max(below)).max(0.0);
            below += each;
            taken += inside;
            for (sum, part) in sums.iter_mut().zip(own.parts) {
                *sum += part * (inside / each);
            }
        }
        (taken > 0.0).then(|| sums.map(|sum| sum / taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Stream;

    /// Half a bucket, and a little for the rank.
    const HALF: f64 = 0.0026;

    fn near(found: Option<f64>, exact: f64, within: f64) -> bool {
        found.is_some_and(|found| (found / exact - 1.0).abs() <= within)
    }

    #[test]
    fn quantiles_of_an_even_sample_are_exact_to_half_a_bucket() {
        let mut histogram = Histogram::<1>::default();
        // 1 to 100,000 ms in an order that goes up and down: the pth quantile is p * 100 s.
        for at in 0..100_000u32 {
            let time = f64::from(at * 7919 % 100_000 + 1) / 1000.0;
            histogram.push(time, [time]);
        }
        assert_eq!(histogram.count(), 100_000);
        assert!(near(histogram.mean(), 50.0005, 1e-9));
        for p in [0.01, 0.5, 0.95, 0.99, 0.999] {
            assert!(near(histogram.quantile(p), 100.0 * p, HALF), "{p}");
        }
        assert!(near(histogram.quantile(0.0), 0.001, HALF));
        assert!(near(histogram.quantile(1.0), 100.0, HALF));
    }

    #[test]
    fn quantiles_of_an_exponential_law_are_its_logarithms() {
        let mut histogram = Histogram::<0>::default();
        let mut stream = Stream::new(11, 0, "histogram");
        for _ in 0..400_000 {
            histogram.push(stream.exponential(), []);
        }
        for p in [0.5, 0.95, 0.99] {
            // Standard deviation of a sample's quantile: sqrt(p (1-p) / n) / density, four of them.
            let exact = -(1.0f64 - p).ln();
            let chance = 4.0 * (p / (1.0 - p) / 400_000.0).sqrt() / exact;
            assert!(near(histogram.quantile(p), exact, HALF + chance), "{p}");
        }
    }

    #[test]
    fn parts_are_those_of_the_numbers_around() {
        let mut histogram = Histogram::<2>::default();
        // The fast 90 % are all of the first part, the slow 10 % three quarters of the second.
        for at in 0..1000u32 {
            match at < 900 {
                true => histogram.push(1.0, [1.0, 0.0]),
                false => histogram.push(8.0, [2.0, 6.0]),
            }
        }
        let median = histogram.parts_around(0.5).unwrap();
        assert!(median[1] == 0.0 && (median[0] - 1.0).abs() < HALF);
        let late = histogram.parts_around(0.95).unwrap();
        let quantile = histogram.quantile(0.95).unwrap();
        assert!((late[0] - quantile / 4.0).abs() < 1e-12 && near(Some(quantile), 8.0, HALF));
        assert!((late[0] + late[1] - quantile).abs() < 1e-12);
        // 900 of 1 and 100 of 2 are 1100; 100 of 6 are 600.
        let mean = histogram.mean_parts().unwrap();
        assert!((mean[0] - 1.1).abs() < 1e-12 && (mean[1] - 0.6).abs() < 1e-12);
    }

    #[test]
    fn merging_is_pushing_all() {
        let times = [3.0, 0.2, 0.2, 800.0, 1e-9, 1e9, 0.0, 5.0];
        let mut whole = Histogram::<1>::default();
        let (mut one, mut two) = (whole.clone(), whole.clone());
        for (at, time) in times.into_iter().enumerate() {
            whole.push(time, [time]);
            match at < 3 {
                true => one.push(time, [time]),
                false => two.push(time, [time]),
            }
        }
        one.merge(&two);
        assert_eq!(one, whole);
        two.merge(&Histogram::default());
        assert_eq!(two.count(), 5);
    }

    #[test]
    fn the_memory_has_an_end() {
        let mut histogram = Histogram::<0>::default();
        for power in -300..300 {
            histogram.push(10f64.powi(power), []);
        }
        histogram.push(f64::INFINITY, []);
        histogram.push(f64::NAN, []);
        assert_eq!(histogram.count(), 601);
        // ln(1e13) / ln(1.005) = 6001.9 buckets, and the two at the ends.
        assert!(
            histogram.buckets.len() <= 6003,
            "{}",
            histogram.buckets.len()
        );
        assert_eq!(Histogram::<3>::default().quantile(0.5), None);
        assert_eq!(Histogram::<3>::default().mean_parts(), None);
    }
}
