//! Positive numbers in buckets of equal ratio: quantiles to half a percent in a memory that does not
//! grow, each bucket with the sums of what its numbers consist of.

/// Relative width of a bucket.
pub const WIDTH: f64 = 0.005;

/// Times with their `PARTS` parts, all in seconds.
#[derive(Debug, Clone, Default)]
pub struct Histogram<const PARTS: usize> {
    count: u64,
    sum: f64,
    buckets: Vec<Bucket<PARTS>>,
}

/// Numbers that are alike.
#[derive(Debug, Clone, Copy)]
struct Bucket<const PARTS: usize> {
    count: u64,
    parts: [f64; PARTS],
}
