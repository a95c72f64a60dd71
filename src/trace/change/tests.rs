//! Chances of runs, counted by hand and by trying all orders.

use super::*;

fn looks(faces: &[u8]) -> Vec<Look> {
    let look = |(round, face): (usize, &u8)| Look {
        round: round as u32,
        sent: Moment(0),
        face: Face::Length(*face),
    };
    faces.iter().enumerate().map(look).collect()
}

fn runs(faces: &[u8]) -> usize {
    faces.chunk_by(|a, b| a == b).count()
}

/// All different orders of some faces.
fn orders(faces: &[u8]) -> Vec<Vec<u8>> {
    if faces.is_empty() {
        return vec![Vec::new()];
    }
    let mut kinds = faces.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let mut all = Vec::new();
    for first in kinds {
        let mut rest = faces.to_vec();
        let at = rest.iter().position(|face| *face == first).unwrap();
        rest.remove(at);
        all.extend(
            orders(&rest)
                .into_iter()
                .map(|tail| [vec![first], tail].concat()),
        );
    }
    all
}

#[test]
fn the_chance_is_the_part_of_all_orders_with_so_few_runs() {
    for faces in [
        &[1, 1, 1, 1, 2, 2, 2][..],
        &[1, 1, 2, 2, 2, 1, 1, 1],
        &[1, 2, 1, 2, 1],
        &[1, 1, 1, 2, 2, 3, 3],
        &[1, 1, 1, 1, 1, 1, 2],
    ] {
        let orders = orders(faces);
        let few = orders
            .iter()
            .filter(|order| runs(order) <= runs(faces))
            .count();
        let part = few as f64 / orders.len() as f64;
        let told = chance(&looks(faces));
        assert!((told - part).abs() < 1e-9, "{faces:?}: {told} for {part}");
    }
    // Three routers that come back are judged as the most frequent and all others.
    let (faces, two) = ([1, 1, 2, 3, 1, 1, 1], [1, 1, 2, 2, 1, 1, 1]);
    assert!((chance(&looks(&faces)) - chance(&looks(&two))).abs() < 1e-12);
    assert_eq!(chance(&looks(&[1, 1, 1])), 1.0);
    assert_eq!(chance(&[]), 1.0);
}
