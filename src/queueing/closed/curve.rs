//! Erlang C as a function of load at one number of servers, as a table that is fast to read.
//!
//! Mean-value analysis asks for Erlang C a thousand times per network and always at the same few
//! numbers of servers, where the exact recursion takes one step per server. In `x = -√R ln v` (`v` the
//! load) the curve is smooth and nearly the same for every `R`; its derivatives follow from the
//! differential equation `dB/dA = B(R/A - 1 + B)`, so 8 nodes per unit of `x` with quintic Hermite
//! interpolation read it to 1e-9 (tested against the recursion).

use super::super::erlang;

const PER_UNIT: f64 = 8.0;
/// Past the last node the chance to wait is below this and read as 0.
const NEGLIGIBLE: f64 = 1e-10;

/// Erlang C and what follows from it at one load, per [`Curve::at`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// `C/(1-v)`: mean number of others ahead of an arrival, beyond the free servers.
    pub(super) excess: f64,
    /// Derivative of `excess` by load.
    pub(super) excess_slope: f64,
    /// Mean number present, `Rv + v C/(1-v)`.
    pub(super) number: f64,
    /// Derivative of `number` by load.
    pub(super) number_slope: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Curve {
    pub(super) servers: f64,
    root: f64,
    /// Chance to wait and its first two derivatives by `x`, each scaled to the width of a cell.
    nodes: Vec<[f64; 3]>,
}

impl Curve {
    /// The curve for `servers` from 1.
    pub(super) fn new(servers: f64) -> Curve {
        let root = servers.sqrt();
        let mut nodes = Vec::new();
        // One server waits with chance v itself: no table.
        if servers > 1.0 {
            let mut waits = 1.0;
            while waits >= NEGLIGIBLE {
                let node = node(servers, root, nodes.len() as f64 / PER_UNIT);
                nodes.push(node);
                waits = node[0];
            }
        }
        Curve {
            servers,
            root,
            nodes,
        }
    }

    /// Reads the curve at the load `v` with `v/(1-v) = ratio`: the ratio keeps its digits near full load.
    pub(super) fn at(&self, ratio: f64) -> Point {
        let free = 1.0 / (1.0 + ratio);
        let v = ratio * free;
        let (waits, slope) = self.waits(v);
        let excess = waits / free;
        let excess_slope = (slope + excess) / free;
        Point {
            excess,
            excess_slope,
            number: v * (self.servers + excess),
            number_slope: self.servers + excess + v * excess_slope,
        }
    }

    /// Chance to wait and its derivative by load.
    fn waits(&self, v: f64) -> (f64, f64) {
        if self.nodes.is_empty() {
            return (v, 1.0);
        }
        if v <= 0.0 {
            return (0.0, 0.0);
        }
        let x = -self.root * v.ln() * PER_UNIT;
        let cell = x as usize;
        let (Some(&[y0, d0, s0]), Some(&[y1, d1, s1])) =
            (self.nodes.get(cell), self.nodes.get(cell + 1))
        else {
            return (0.0, 0.0);
        };
        let t = x - cell as f64;
        // Quintic Hermite in powers of t: the first three are the left node's, the rest close the gap
        // to the right node's value, slope and curvature.
        let value = y1 - (y0 + d0 + s0 / 2.0);
        let gradient = d1 - (d0 + s0);
        let bend = s1 - s0;
        let c3 = 10.0 * value - 4.0 * gradient + 0.5 * bend;
        let c4 = -15.0 * value + 7.0 * gradient - bend;
        let c5 = 6.0 * value - 3.0 * gradient + 0.5 * bend;
        let read = y0 + t * (d0 + t * (s0 / 2.0 + t * (c3 + t * (c4 + t * c5))));
        let by_t = d0 + t * (s0 + t * (3.0 * c3 + t * (4.0 * c4 + t * 5.0 * c5)));
        (read.max(0.0), -by_t * self.root * PER_UNIT / v)
    }
}

/// Chance to wait at `x` with its derivatives, in cells.
fn node(servers: f64, root: f64, x: f64) -> [f64; 3] {
    let v = (-x / root).exp();
    let offered = servers * v;
    // From here on the integral is cheaper than a recursion step per server.
    let b = if servers > 300.0 {
        blocking_near_load_one(offered, servers)
    } else {
        erlang::b(offered, servers)
    };
    // All derivatives by x: dA/dx = -A/√R, dB/dA from the differential equation.
    let b1 = -(b / root) * (servers - offered + offered * b);
    let v1 = -v / root;
    let offered1 = servers * v1;
    let b2 = -(b1 / root) * (servers - offered + offered * b)
        - (b / root) * (-offered1 + offered1 * b + offered * b1);
    let v2 = v / (root * root);
    // C = B/D, D = 1 - v(1 - B).
    let d = 1.0 - v * (1.0 - b);
    let d1 = -v1 * (1.0 - b) + v * b1;
    let d2 = -v2 * (1.0 - b) + 2.0 * v1 * b1 + v * b2;
    let c = b / d;
    let c1 = (b1 - c * d1) / d;
    let c2 = (b2 - 2.0 * c1 * d1 - c * d2) / d;
    [c, c1 / PER_UNIT, c2 / (PER_UNIT * PER_UNIT)]
}

/// Erlang B for many servers and a load up to 1, in a time that does not depend on their number.
///
/// `1/B = ∫ e^{-u} (1 + u/A)^R du` has its weight within some `√R` of 0, so `u = √R exp(x - e^{-x})`
/// and the trapezoid rule.
fn blocking_near_load_one(offered: f64, servers: f64) -> f64 {
    const STEP: f64 = 1.0 / 16.0;
    let root = servers.sqrt();
    let sum: f64 = (-64..=72)
        .map(|k| {
            let x = f64::from(k) * STEP;
            let back = (-x).exp();
            let u = root * (x - back).exp();
            (servers * (u / offered).ln_1p() - u).exp() * u * (1.0 + back)
        })
        .sum();
    1.0 / (sum * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Greatest absolute error of a chance read off a curve.
    const READ_ERROR: f64 = 1e-9;

    #[test]
    fn the_integral_for_many_servers_is_the_recursion() {
        for servers in [300.5, 1000.0, 20_000.25] {
            for x in [0.0, 0.5, 2.0, 5.0, 6.5] {
                let offered = servers - x * f64::sqrt(servers);
                let (found, wanted) = (
                    blocking_near_load_one(offered, servers),
                    erlang::b(offered, servers),
                );
                assert!(
                    (found / wanted - 1.0).abs() < 1e-10,
                    "{servers} {x}: {found} {wanted}"
                );
            }
        }
    }

    #[test]
    fn reading_is_within_the_stated_error_of_the_recursion() {
        let mut worst: f64 = 0.0;
        for servers in [
            1.0, 1.03, 1.5, 2.0, 2.7, 5.0, 13.75, 50.0, 300.0, 301.5, 2500.0, 100_000.0,
        ] {
            let curve = Curve::new(servers);
            for i in 1..400 {
                // Half of the loads spread out, half where the curve rises.
                let v = if i % 2 == 0 {
                    f64::from(i) / 400.0
                } else {
                    (1.0 - f64::from(i) / 50.0 / f64::sqrt(servers)).max(0.001)
                };
                let wanted = erlang::c_from_b(erlang::b(servers * v, servers), v);
                let (found, slope) = curve.waits(v);
                let error = (found - wanted).abs();
                assert!(error <= READ_ERROR, "{servers} {v}: {found} {wanted}");
                worst = worst.max(error);
                let h = 1e-5 / servers;
                if v + h < 1.0 && wanted > 1e-4 {
                    let change = (curve.waits(v + h).0 - curve.waits(v - h).0) / (2.0 * h);
                    assert!(
                        (slope / change - 1.0).abs() < 1e-4,
                        "{servers} {v}: {slope} {change}"
                    );
                }
            }
        }
        println!("worst reading error {worst:e}");
    }
}
