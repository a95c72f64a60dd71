//! The greatest mean rate of one long TCP connection, by what limits it: loss or window.
//!
//! All of these are laws of loss-based congestion control (Reno, CUBIC). BBR obeys none of the loss
//! formulas: record which control is assumed. Short transfers end before these rates are reached.

use super::OutOfRange;
use super::range::{between, positive};
use crate::units::{BitRate, Bytes, Fraction, Seconds};

/// One connection: what it sends at a time, how far it goes, how often a packet is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connection {
    segment_bits: f64,
    rtt: f64,
    loss: f64,
}

impl Connection {
    /// `segment` and `rtt` above 0; `loss` above 0 and at most 1: without loss the window decides,
    /// see [`window_limit`].
    pub fn new(segment: Bytes, rtt: Seconds, loss: Fraction) -> Result<Connection, OutOfRange> {
        let loss = positive(("丢包率", "the loss rate"), loss.0)?;
        Ok(Connection {
            segment_bits: positive(("报文段字节数", "the segment size in bytes"), segment.0)? * 8.0,
            rtt: round_trip(rtt)?,
            loss: between(("丢包率", "the loss rate"), loss, 0.0, 1.0)?,
        })
    }

    /// `MSS/RTT · √(3/(2p))` (Mathis, Semke, Mahdavi and Ott 1997): Reno, an acknowledgement for each
    /// segment, periodic loss below about 1 %. Too high above that, for it knows no timeouts.
    pub fn mathis(&self) -> BitRate {
        BitRate(self.segment_bits / self.rtt * (1.5 / self.loss).sqrt())
    }

    /// The full model with timeouts (Padhye, Firoiu, Towsley and Kurose 1998, without the
    /// window bound): `MSS / (RTT √(2bp/3) + T₀ min(1, 3√(3bp/8)) p (1 + 32p²))`.
    /// `acked` (b) segments per acknowledgement, usually 2; `timeout` (T₀) at least 0.2 s on Linux.
    pub fn pftk(&self, acked: f64, timeout: Seconds) -> Result<BitRate, OutOfRange> {
        let b = between(
            ("每个确认的报文段数", "the segments per acknowledgement"),
            acked,
            1.0,
            1e3,
        )?;
        let timeout = positive(
            ("重传超时（s）", "the retransmission timeout in seconds"),
            timeout.0,
        )?;
        let p = self.loss;
        let fast = self.rtt * (2.0 * b * p / 3.0).sqrt();
        let slow = timeout * (3.0 * (3.0 * b * p / 8.0).sqrt()).min(1.0) * p * (1.0 + 32.0 * p * p);
        Ok(BitRate(self.segment_bits / (fast + slow)))
    }

    /// CUBIC's mean window in segments as its cubic law alone gives it: `⁴√(C(3+β)/(4(1-β))) (RTT/p)^¾`,
    /// `C = 0.4`, `β = 0.7` (RFC 9438 section 5.1, eq. 6). Deterministic loss, long transfers.
    pub fn cubic_window(&self) -> f64 {
        const C: f64 = 0.4;
        const BETA: f64 = 0.7;
        (C * (3.0 + BETA) / (4.0 * (1.0 - BETA))).powf(0.25) * (self.rtt / self.loss).powf(0.75)
    }

    /// The window that CUBIC never goes below, Reno's `√(3/(2p))` segments (RFC 9438 section 4.3: the
    /// friendly increase `3(1-β)/(1+β)` is chosen to give just this mean).
    pub fn reno_window(&self) -> f64 {
        (1.5 / self.loss).sqrt()
    }

    /// CUBIC's mean rate: the greater of its two windows each round trip.
    pub fn cubic(&self) -> BitRate {
        BitRate(self.cubic_window().max(self.reno_window()) * self.segment_bits / self.rtt)
    }
}

/// The greatest rate that a receive window of `window` allows: one window each round trip.
pub fn window_limit(window: Bytes, rtt: Seconds) -> Result<BitRate, OutOfRange> {
    let window = positive(("接收窗口字节数", "the receive window in bytes"), window.0)?;
    Ok(BitRate(window * 8.0 / round_trip(rtt)?))
}

fn round_trip(rtt: Seconds) -> Result<f64, OutOfRange> {
    positive(("往返时延（s）", "the round-trip time in seconds"), rtt.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn connection(loss: f64, rtt: f64) -> Connection {
        Connection::new(Bytes(1460.0), Seconds(rtt), Fraction(loss)).unwrap()
    }

    #[test]
    fn known_values() {
        let close = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-12);
        let rate = connection(1e-2, 0.04).pftk(2.0, Seconds(0.2)).unwrap();
        close(rate.0, 2_272_338.100_974_571);
        close(connection(1e-6, 0.1).cubic_window(), 5926.115577918006);
    }

    #[test]
    fn arguments_outside_are_refused() {
        let new = |loss| Connection::new(Bytes(1460.0), Seconds(0.04), Fraction(loss));
        assert!(new(0.0).is_err());
        assert!(new(1.1).is_err());
        assert!(new(f64::NAN).is_err());
        assert!(connection(0.1, 0.04).pftk(0.0, Seconds(0.2)).is_err());
        assert!(window_limit(Bytes(1.0), Seconds(0.0)).is_err());
    }

    proptest! {
        #[test]
        fn without_timeouts_and_delayed_acknowledgements_pftk_is_mathis(rtt in 0.001..0.5f64) {
            let connection = connection(1e-12, rtt);
            let ratio = connection.pftk(1.0, Seconds(0.2))?.0 / connection.mathis().0;
            prop_assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
        }

        #[test]
        fn timeouts_only_slow_down_and_loss_too(loss in 1e-6..0.5f64, rtt in 0.001..0.5f64) {
            let here = connection(loss, rtt);
            let worse = connection(loss * 1.5, rtt);
            prop_assert!(here.pftk(1.0, Seconds(0.2))? <= here.mathis());
            prop_assert!(worse.pftk(2.0, Seconds(0.2))? <= here.pftk(2.0, Seconds(0.2))?);
            prop_assert!(worse.cubic() <= here.cubic());
            prop_assert!(here.cubic().0 >= here.mathis().0 * (1.0 - 1e-12));
        }
    }
}
