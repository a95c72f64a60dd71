//! Random numbers that are the same for ever: named streams of ChaCha8, and the laws drawn by them.
//!
//! A stream is keyed by (seed, replication, component). Two scenarios compared under one seed
//! therefore see the same arrivals and the same sizes (common random numbers), and a component that
//! draws once more disturbs no other. Logarithms and exponentials come from a library in Rust, since
//! those of two operating systems differ in the last digit.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The random numbers of one component in one replication.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `component` in replication `replication` under `seed`: ChaCha8's key is the
    /// seed and the replication, its stream the 64-bit FNV-1a hash of the name.
    pub fn new(seed: u64, replication: u64, component: &str) -> Stream {
        let mut rng = ChaCha8Rng::from_seed(key(seed, replication, 0));
        rng.set_stream(hash(component));
        Stream(rng)
    }

    /// Poisson with mean `mean`: how many exponential gaps fit into it. O(mean) draws.
    pub fn poisson(&mut self, mean: f64) -> usize {
        let mut left = mean - self.exponential();
        let mut count = 0;
        while left > 0.0 {
            count += 1;
            left -= self.exponential();
        }
        count
    }

    /// Between 0 and 1 and never either: the middles of 2^53 equal parts.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) * 2f64.powi(-53)
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal: G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29 (1958) 610, one of the pair.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

/// The random numbers of many alike: each member has its own for each of its turns, wherever it
/// stands and whenever its turn comes.
#[derive(Debug, Clone)]
pub struct Family(Stream);

impl Family {
    /// The family `name` in replication `replication` under `seed`. Its key holds the hash of its
    /// name, which no [`Stream`] by itself has there.
    pub fn new(seed: u64, replication: u64, name: &str) -> Family {
        Family(Stream(ChaCha8Rng::from_seed(key(
            seed,
            replication,
            hash(name),
        ))))
    }

    /// The numbers of `member` at its turn number `turn`: the first 128 follow each other, the
    /// next turn's come after them.
    pub fn turn(&mut self, member: u64, turn: u64) -> &mut Stream {
        const WORDS: u128 = 256;
        self.0.0.set_stream(member);
        self.0.0.set_word_pos(u128::from(turn) * WORDS);
        &mut self.0
    }
}

/// ChaCha8's key: seed, replication and the hash of a family, if it is for one.
fn key(seed: u64, replication: u64, family: u64) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&replication.to_le_bytes());
    key[16..24].copy_from_slice(&family.to_le_bytes());
    key
}

/// 64-bit FNV-1a.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A law of positive numbers with mean 1: sizes, service times, gaps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Always 1.
    Constant,
    /// Exponential.
    Exponential,
    /// exp of a normal; `sigma` is the deviation of the logarithm.
    Lognormal {
        /// Deviation of the natural logarithm.
        sigma: f64,
    },
    /// Gamma, a sum of exponentials where `shape` is whole: its deviation is 1 / √shape.
    Gamma {
        /// Shape.
        shape: f64,
    },
    /// Pareto with index `alpha`, above 1.
    Pareto {
        /// Tail index.
        alpha: f64,
    },
}

impl Law {
    /// The law of service times whose deviation is `spread`: constant at 0, exponential at 1, gamma
    /// between and beyond. Gamma, because it alone passes through both of these; its tail is
    /// exponential, as that of the times that people take on telephones and at counters.
    pub fn service(spread: f64) -> Law {
        match spread {
            0.0 => Law::Constant,
            1.0 => Law::Exponential,
            _ => Law::Gamma {
                shape: 1.0 / (spread * spread),
            },
        }
    }

    /// One number.
    pub fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Law::Constant => 1.0,
            Law::Exponential => stream.exponential(),
            Law::Lognormal { sigma } => libm::exp(sigma * stream.normal() - sigma * sigma / 2.0),
            Law::Gamma { shape } if shape < 1.0 => {
                // A gamma of shape + 1 times u^(1/shape) has this shape; its mean is shape.
                let above = shape + 1.0;
                let part = libm::exp(-stream.exponential() / shape);
                above * Law::Gamma { shape: above }.draw(stream) * part / shape
            }
            Law::Gamma { shape } => gamma(shape, stream) / shape,
            // Inverse of 1 - (x / least)^-alpha, whose mean is least alpha / (alpha - 1).
            Law::Pareto { alpha } => {
                (alpha - 1.0) / alpha * libm::exp(stream.exponential() / alpha)
            }
        }
    }
}

/// Gamma with mean `shape`, 1 or more, by rejection: G. Marsaglia, W. W. Tsang, ACM Trans. Math.
/// Softw. 26 (2000) 363.
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    let middle = shape - 1.0 / 3.0;
    let scale = 1.0 / (9.0 * middle).sqrt();
    loop {
        let normal = stream.normal();
        let root = 1.0 + scale * normal;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        let bound = normal * normal / 2.0 + middle * (1.0 - cube + libm::log(cube));
        if libm::log(stream.uniform()) < bound {
            return middle * cube;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Summary;

    fn summary(law: impl Fn(&mut Stream) -> f64) -> Summary {
        let mut stream = Stream::new(1, 0, "law");
        let mut summary = Summary::default();
        (0..200_000).for_each(|_| assert!(summary.push(law(&mut stream))));
        summary
    }

    #[test]
    fn laws_have_their_mean_and_deviation() {
        // Within five standard errors of 200,000 draws: 0.0112 deviations.
        for (law, deviation) in [
            (Law::Constant, 0.0),
            (Law::Exponential, 1.0),
            (Law::Lognormal { sigma: 0.5 }, (0.25f64.exp() - 1.0).sqrt()),
            (Law::service(0.0), 0.0),
            (Law::service(1.0), 1.0),
            (Law::service(0.5), 0.5),
            (Law::service(0.9), 0.9),
            (Law::service(1.5), 1.5),
            // alpha 4: mean 1 and variance 1 / (alpha (alpha - 2)).
            (Law::Pareto { alpha: 4.0 }, (1.0f64 / 8.0).sqrt()),
        ] {
            let summary = summary(|stream| law.draw(stream));
            let error = (summary.mean().unwrap() - 1.0).abs();
            assert!(error <= 0.0112 * deviation, "{law:?} {error}");
            let seen = summary.deviation().unwrap();
            assert!(
                (seen - deviation).abs() <= 0.05 * deviation,
                "{law:?} {seen}"
            );
        }
        let normal = summary(Stream::normal);
        assert!(normal.mean().unwrap().abs() < 0.0112);
        assert!((normal.deviation().unwrap() - 1.0).abs() < 0.01);
        let uniform = summary(Stream::uniform);
        assert!((uniform.mean().unwrap() - 0.5).abs() < 0.0112 / 12f64.sqrt());
        assert!(uniform.min().unwrap() > 0.0 && uniform.max().unwrap() < 1.0);
    }

    #[test]
    fn gamma_laws_are_those_of_their_sums_and_squares() {
        let below = |law: Law, bound: f64| {
            let mut stream = Stream::new(2, 0, "gamma");
            let hits = (0..200_000).filter(|_| law.draw(&mut stream) < bound);
            hits.count() as f64 / 200_000.0
        };
        // Five standard errors of a part of 200,000: at most 0.0056.
        for (shape, bound, part) in [
            // Two exponentials of mean 1/2: 1 - (1 + 2x) exp(-2x).
            (2.0, 0.5, 1.0 - 2.0 * (-1.0f64).exp()),
            (2.0, 2.0, 1.0 - 5.0 * (-4.0f64).exp()),
            // Four of mean 1/4, at the mean: 1 - exp(-4) (1 + 4 + 8 + 64/6).
            (4.0, 1.0, 1.0 - (13.0 + 64.0 / 6.0) * (-4.0f64).exp()),
            // The square of a standard normal: below 1 in 68.27 % of cases, below 4 in 95.45 %.
            (0.5, 1.0, 0.682_689),
            (0.5, 4.0, 0.954_500),
            // Shape 1 is the exponential law.
            (1.0, 1.0, 1.0 - (-1.0f64).exp()),
        ] {
            let seen = below(Law::Gamma { shape }, bound);
            assert!(
                (seen - part).abs() < 0.0056,
                "{shape} {bound}: {seen} {part}"
            );
        }
    }

    #[test]
    fn a_stream_is_its_key_and_streams_are_not_alike() {
        let draws = |seed, replication, name| {
            let mut stream = Stream::new(seed, replication, name);
            [stream.uniform(), stream.uniform()]
        };
        assert_eq!(draws(7, 3, "arrivals"), draws(7, 3, "arrivals"));
        let others = [
            draws(8, 3, "arrivals"),
            draws(7, 4, "arrivals"),
            draws(7, 3, "sizes"),
        ];
        for other in others {
            assert_ne!(other, draws(7, 3, "arrivals"));
        }
        // Unlike is not enough: streams must not move together. Correlation of 10,000 pairs.
        let (mut a, mut b) = (Stream::new(1, 0, "a"), Stream::new(1, 0, "b"));
        let products = (0..10_000).map(|_| (a.uniform() - 0.5) * (b.uniform() - 0.5));
        assert!((products.sum::<f64>() * 12.0 / 1e4).abs() < 0.05);
    }

    #[test]
    fn the_numbers_are_chacha_s_own() {
        // Key, stream and the 64-bit words of ChaCha8 as its library gives them, put together here.
        let mut key = [0u8; 32];
        (key[0], key[8]) = (7, 3);
        let mut rng = ChaCha8Rng::from_seed(key);
        // FNV-1a of "a" is published: 0xaf63dc4c8601ec8c.
        rng.set_stream(0xaf63_dc4c_8601_ec8c);
        let expected = ((rng.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
        assert_eq!(Stream::new(7, 3, "a").uniform(), expected);
    }
}
