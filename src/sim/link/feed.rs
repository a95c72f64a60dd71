//! What feeds a class: transfers that share it, or a source.

use crate::sim::double_double::DoubleDouble;
use crate::sim::pool::{Pool, Tally};
use crate::sim::source::Source;

/// What feeds a class. Rates are bit/s.
#[derive(Debug, Clone)]
pub(super) enum Feed {
    /// The leaves below.
    Inner,
    /// Transfers.
    Transfers(Pool),
    /// A source.
    Source(Source),
}

impl Feed {
    /// What it could use; infinite for as much as there is.
    pub(super) fn wants(&self) -> f64 {
        match self {
            Feed::Inner => 0.0,
            Feed::Transfers(pool) => pool.demand(),
            Feed::Source(source) => source.demand(),
        }
    }

    /// What it is granted.
    pub(super) fn granted(&self) -> f64 {
        match self {
            Feed::Inner => 0.0,
            Feed::Transfers(pool) => pool.rate(),
            Feed::Source(source) => source.granted(),
        }
    }

    /// Grants it `rate` from `now` on; whether that changes anything.
    pub(super) fn grant(&mut self, now: DoubleDouble, rate: f64) -> bool {
        match self {
            Feed::Inner => false,
            Feed::Transfers(pool) if pool.rate() == rate => false,
            Feed::Transfers(pool) => {
                pool.set_rate(now, rate);
                true
            }
            // Even the same rate may now be less than it sends.
            Feed::Source(source) => {
                source.grant(now, rate);
                true
            }
        }
    }

    /// When something happens in it next.
    pub(super) fn due(&self) -> DoubleDouble {
        match self {
            Feed::Inner => DoubleDouble::NEVER,
            Feed::Transfers(pool) => pool.due(),
            Feed::Source(source) => source.due(),
        }
    }

    /// Lets happen what is due; gives the transfer that ends by it.
    pub(super) fn happen(&mut self) -> Option<u32> {
        match self {
            Feed::Inner => None,
            Feed::Transfers(pool) => pool.end(),
            Feed::Source(source) => {
                source.drain();
                None
            }
        }
    }

    /// What it has carried up to `now`, and the bits that a source has lost.
    pub(super) fn tally(&self, now: DoubleDouble) -> (Tally, f64) {
        match self {
            Feed::Inner => (Tally::default(), 0.0),
            Feed::Transfers(pool) => (pool.tally(now), 0.0),
            Feed::Source(source) => source.tally(now),
        }
    }
}
