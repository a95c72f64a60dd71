//! Refusals where Erlang B does not fit: few users, or sessions of several sizes in one pool.

use super::OutOfRange;
use super::range::{between, not_negative};

/// What a finite group of users meets at a pool of session slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engset {
    /// Part of the time in which every slot is taken.
    pub time_congestion: f64,
    /// Part of the attempts refused (an attempt is made by a user who has no session).
    pub call_congestion: f64,
    /// Mean number of slots taken.
    pub carried: f64,
}

/// Most users and slots that one answer walks through.
pub const MOST: u64 = 1_000_000_000;

/// Engset's model: `users` who each offer `per_idle` erlangs while idle, and `slots` session slots.
///
/// `E(n) = a(S-n+1)E(n-1) / (n + a(S-n+1)E(n-1))`, `E(0) = 1`; an attempt sees the pool as it would be
/// without the one who makes it, so call congestion is `E` for `S - 1` users (Engset 1918; Iversen,
/// Teletraffic Engineering, ch. 5). Carried load is the balance `Y = a(S - Y - (S-N)E)`. Any law of
/// session and idle length; refused users go back to being idle.
pub fn engset(users: u64, slots: u64, per_idle: f64) -> Result<Engset, OutOfRange> {
    between(
        ("用户数", "the number of users"),
        users as f64,
        1.0,
        MOST as f64,
    )?;
    between(
        ("会话数", "the number of slots"),
        slots as f64,
        0.0,
        MOST as f64,
    )?;
    let a = not_negative(
        (
            "空闲用户话务量（erl）",
            "the load of an idle user in erlangs",
        ),
        per_idle,
    )?;
    let time_congestion = all_taken(users, slots, a);
    let spare_users = users as f64 - slots.min(users) as f64;
    Ok(Engset {
        time_congestion,
        call_congestion: all_taken(users - 1, slots, a),
        carried: a * (users as f64 - spare_users * time_congestion) / (1.0 + a),
    })
}

fn all_taken(users: u64, slots: u64, a: f64) -> f64 {
    if slots > users {
        return 0.0;
    }
    let mut full = 1.0;
    for n in 1..=slots {
        let up = a * (users - n + 1) as f64 * full;
        full = up / (n as f64 + up);
        if full == 0.0 {
            break;
        }
    }
    full
}

/// Sessions of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calls {
    /// Offered load in erlangs (sessions, not units).
    pub erlangs: f64,
    /// Units of capacity that one session takes, 1 or more.
    pub units: usize,
}

/// Blocking of each class, in the order given, when classes of several sizes share `capacity` units.
///
/// `j q(j) = Σᵢ aᵢ bᵢ q(j - bᵢ)`; class `i` is refused in the states above `C - bᵢ` (Kaufman 1981,
/// Roberts 1981). Exact for Poisson arrivals, any holding time, complete sharing.
pub fn kaufman_roberts(capacity: usize, classes: &[Calls]) -> Result<Vec<f64>, OutOfRange> {
    /// Far below the greatest double, far above any single growth step.
    const TOO_HIGH: f64 = 1e200;
    between(
        ("容量单位数", "the capacity in units"),
        capacity as f64,
        1.0,
        1e8,
    )?;
    for class in classes {
        not_negative(
            ("话务量（erl）", "the offered load in erlangs"),
            class.erlangs,
        )?;
        let most = capacity as f64;
        between(
            ("单次会话占用单位数", "the units of one session"),
            class.units as f64,
            1.0,
            most,
        )?;
        between(
            ("话务量（erl）", "the offered load in erlangs"),
            class.erlangs,
            0.0,
            1e12,
        )?;
    }
    let mut weight = vec![0.0; capacity + 1];
    weight[0] = 1.0;
    for used in 1..=capacity {
        let sum: f64 = classes
            .iter()
            .filter(|class| class.units <= used)
            .map(|class| class.erlangs * class.units as f64 * weight[used - class.units])
            .sum();
        weight[used] = sum / used as f64;
        if weight[used] > TOO_HIGH {
            for earlier in &mut weight[..=used] {
                *earlier /= TOO_HIGH;
            }
        }
    }
    let total: f64 = weight.iter().sum();
    let refused = |class: &Calls| {
        let full: f64 = weight[capacity + 1 - class.units..].iter().sum();
        full / total
    };
    Ok(classes.iter().map(refused).collect())
}

#[cfg(test)]
mod tests {
    use super::super::erlang;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_licence_case_has_the_known_call_congestion() {
        let found = engset(5700, 2350, 2300.0 / 3400.0).unwrap();
        assert!((found.call_congestion / 0.004656018487830341 - 1.0).abs() < 1e-11);
    }

    #[test]
    fn with_a_slot_for_everybody_nobody_is_refused() {
        let found = engset(3, 3, 0.5).unwrap();
        assert_eq!(found.call_congestion, 0.0);
        // Each of three is busy with chance a/(1+a) on its own.
        assert!((found.time_congestion - (1.0f64 / 3.0).powi(3)).abs() < 1e-15);
        assert!((found.carried - 1.0).abs() < 1e-15);
        assert_eq!(engset(3, 9, 0.5).unwrap().time_congestion, 0.0);
    }

    #[test]
    fn a_large_pool_neither_overflows_nor_loses_a_class() {
        let classes = [
            Calls {
                erlangs: 90_000.0,
                units: 1,
            },
            Calls {
                erlangs: 2_000.0,
                units: 10,
            },
        ];
        let refused = kaufman_roberts(100_000, &classes).unwrap();
        // The fluid limit (Kelly 1986): each unit is refused on its own with one chance, and what is
        // carried fills the pool.
        let alone = 1.0 - refused[0];
        assert!((1.0 - refused[1] - alone.powi(10)).abs() < 1e-3);
        let carried = 90_000.0 * alone + 20_000.0 * (1.0 - refused[1]);
        assert!((carried / 100_000.0 - 1.0).abs() < 1e-3, "{carried}");
    }

    #[test]
    fn arguments_outside_are_refused() {
        assert!(engset(0, 1, 0.1).is_err());
        assert!(engset(5, 1, f64::NAN).is_err());
        assert!(
            kaufman_roberts(
                4,
                &[Calls {
                    erlangs: 1.0,
                    units: 5
                }]
            )
            .is_err()
        );
        assert!(
            kaufman_roberts(
                4,
                &[Calls {
                    erlangs: 1.0,
                    units: 0
                }]
            )
            .is_err()
        );
        assert!(kaufman_roberts(0, &[]).is_err());
    }

    proptest! {
        #[test]
        fn one_class_of_one_unit_is_erlang_b(offered in 0.1..200.0f64, servers in 1usize..150) {
            let refused = kaufman_roberts(servers, &[Calls { erlangs: offered, units: 1 }])?[0];
            let wanted = erlang::blocking(offered, servers as f64)?;
            prop_assert!((refused - wanted).abs() <= 1e-11 * wanted);
        }

        #[test]
        fn many_users_are_a_poisson_stream(offered in 1.0..50.0f64, slots in 1u64..60) {
            let users = 2_000_000;
            let found = engset(users, slots, offered / users as f64)?;
            let wanted = erlang::blocking(offered, slots as f64)?;
            prop_assert!((found.call_congestion - wanted).abs() < 1e-4);
        }

        #[test]
        fn accepted_attempts_are_carried(users in 1u64..200, slots in 0u64..60, a in 0.0..3.0f64) {
            let found = engset(users, slots, a)?;
            let accepted = a * (users as f64 - found.carried) * (1.0 - found.call_congestion);
            prop_assert!((accepted - found.carried).abs() < 1e-9 * (1.0 + found.carried));
        }
    }
}
