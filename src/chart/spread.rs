//! Things in a row that must keep a distance, each as near as can be to where it wants to be.

/// One thing: where its middle wants to be, how strongly, and how much room it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    /// Wanted place of the middle.
    pub(super) at: f64,
    /// Strength, above 0.
    pub(super) weight: f64,
    /// Room taken, half on each side.
    pub(super) room: f64,
}

/// Places of the middles, in the order given, that keep every distance and minimise the weighted sum
/// of squared displacements. With the rooms taken out of the wishes this is isotonic regression, done
/// by pooling adjacent violators (Barlow et al. 1972).
pub(super) fn spread(wishes: &[Wish]) -> Vec<f64> {
    let mut before = 0.0;
    let offsets: Vec<f64> = wishes
        .iter()
        .map(|wish| {
            let offset = before + wish.room / 2.0;
            before += wish.room;
            offset
        })
        .collect();
    // Pools of neighbours that must touch: weighted mean, weight, number of members.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (wish, offset) in wishes.iter().zip(&offsets) {
        let mut pool = (wish.at - offset, wish.weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let weight = last.1 + pool.1;
            pool = (
                (last.0 * last.1 + pool.0 * pool.1) / weight,
                weight,
                last.2 + pool.2,
            );
        }
        pools.push(pool);
    }
    pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(pool.0, pool.2))
        .zip(&offsets)
        .map(|(base, offset)| base + offset)
        .collect()
}

/// As [`spread`], with every room inside `low` to `high` as far as they fit.
pub(super) fn spread_within(wishes: &[Wish], low: f64, high: f64) -> Vec<f64> {
    let mut places = spread(wishes);
    let mut limit = high;
    for (place, wish) in places.iter_mut().zip(wishes).rev() {
        *place = place.min(limit - wish.room / 2.0);
        limit = *place - wish.room / 2.0;
    }
    let mut limit = low;
    for (place, wish) in places.iter_mut().zip(wishes) {
        *place = place.max(limit + wish.room / 2.0);
        limit = *place + wish.room / 2.0;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(at: f64, weight: f64) -> Wish {
        Wish {
            at,
            weight,
            room: 10.0,
        }
    }

    #[test]
    fn what_is_apart_stays_and_what_collides_gives_way_evenly() {
        assert_eq!(spread(&[wish(0.0, 1.0), wish(50.0, 1.0)]), [0.0, 50.0]);
        assert_eq!(spread(&[wish(20.0, 1.0), wish(20.0, 1.0)]), [15.0, 25.0]);
        // Three times the weight moves a third as far: 2.5 against 7.5.
        assert_eq!(spread(&[wish(20.0, 3.0), wish(20.0, 1.0)]), [17.5, 27.5]);
    }

    #[test]
    fn all_stay_inside_when_there_is_room() {
        let low = spread_within(&[wish(1.0, 1.0), wish(2.0, 1.0)], 0.0, 100.0);
        assert_eq!(low, [5.0, 15.0]);
        let high = spread_within(&[wish(99.0, 1.0), wish(99.0, 1.0)], 0.0, 100.0);
        assert_eq!(high, [85.0, 95.0]);
    }
}
