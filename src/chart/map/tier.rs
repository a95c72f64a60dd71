//! Which column each node stands in.

use super::{Map, MapLink};

/// Columns of the nodes. Stated tiers are packed; a node without one follows its nearest neighbour
/// that has one, and where none is stated the first node begins.
pub(super) fn columns(map: &Map) -> Vec<usize> {
    let mut tiers: Vec<u32> = map.nodes.iter().filter_map(|node| node.tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    let packed = |tier: u32| tiers.iter().position(|own| *own == tier);
    let mut columns: Vec<Option<usize>> = map.nodes.iter().map(|node| packed(node.tier?)).collect();
    let mut next: Vec<usize> = (0..columns.len())
        .filter(|node| columns[*node].is_some())
        .collect();
    loop {
        while !next.is_empty() {
            let mut found = Vec::new();
            for node in next {
                for other in neighbours(&map.links, node) {
                    if columns[other].is_none() {
                        columns[other] = columns[node].map(|column| column + 1);
                        found.push(other);
                    }
                }
            }
            next = found;
        }
        // A part of the network that nothing stated reaches begins at the left.
        match columns.iter().position(Option::is_none) {
            Some(node) => {
                columns[node] = Some(0);
                next = vec![node];
            }
            None => return columns.into_iter().flatten().collect(),
        }
    }
}

fn neighbours(links: &[MapLink], node: usize) -> impl Iterator<Item = usize> {
    links.iter().filter_map(move |link| match node {
        _ if link.from == node => Some(link.to),
        _ if link.to == node => Some(link.from),
        _ => None,
    })
}
