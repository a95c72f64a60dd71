//! What open chains carry when they ask for more than there is.

use super::{Open, Station};

/// Rates that open chains can keep up, and the stations they swamp.
pub(super) struct Admitted {
    /// Per open chain and visit: arrivals per second at that visit.
    pub(super) rates: Vec<Vec<f64>>,
    /// Per open chain: departures per second after the last visit.
    pub(super) leaving: Vec<f64>,
    /// Per station: open chains alone ask for its capacity or more.
    pub(super) saturated: Vec<bool>,
}

/// Thins each chain, visit by visit, to the part that every overloaded station passes on. A station
/// passes `capacity / asked` of every chain alike.
///
/// Chains may feed each other's overload round a loop, so the shares are found by repetition, half of
/// the way each time, until no share moves or for a fixed number of rounds.
pub(super) fn admit(stations: &[Station], open: &[Open]) -> Admitted {
    /// Passing on exactly what the next station can take must count as filling it, whatever the rounding.
    const FULL: f64 = 1.0 - 1e-9;
    let mut share = vec![1.0; stations.len()];
    let mut saturated = vec![false; stations.len()];
    let mut admitted = thin(open, &share);
    for round in 0..200 {
        let mut asked = vec![0.0; stations.len()];
        for (chain, rates) in open.iter().zip(&admitted.0) {
            for (visit, rate) in chain.visits.iter().zip(rates) {
                asked[visit.station] += rate * visit.work;
            }
        }
        let mut moved: f64 = 0.0;
        for (k, station) in stations.iter().enumerate() {
            let over = asked[k] > 0.0 && asked[k] >= FULL * station.capacity;
            let wanted = if over {
                (station.capacity / asked[k]).min(1.0)
            } else {
                1.0
            };
            let next = if round == 0 {
                wanted
            } else {
                (share[k] + wanted) / 2.0
            };
            moved = moved.max((next - share[k]).abs());
            share[k] = next;
            saturated[k] = over;
        }
        admitted = thin(open, &share);
        if moved < 1e-12 {
            break;
        }
    }
    Admitted {
        rates: admitted.0,
        leaving: admitted.1,
        saturated,
    }
}

fn thin(open: &[Open], share: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut leaving = Vec::with_capacity(open.len());
    let rates = open
        .iter()
        .map(|chain| {
            let mut rate = chain.rate;
            let arriving = chain.visits.iter().map(|visit| {
                let here = rate;
                if visit.work > 0.0 {
                    rate *= share[visit.station];
                }
                here
            });
            let arriving = arriving.collect();
            leaving.push(rate);
            arriving
        })
        .collect();
    (rates, leaving)
}
