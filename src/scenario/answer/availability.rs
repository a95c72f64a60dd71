//! How much of a month a journey works: machines side by side, links and nodes in a row, and
//! fallbacks that share some of them.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::topology::{JourneyAt, LinkAt, NodeAt, Topology};

/// Chance that at least `needs` of `machines` work, each with chance `each` on its own (binomial).
fn at_least(needs: u32, machines: u32, each: f64) -> f64 {
    let Some(fewer) = needs.checked_sub(1) else {
        return 1.0;
    };
    let working = Binomial::new(each, u64::from(machines));
    working.map_or(0.0, |working| working.sf(u64::from(fewer)))
}

/// An element of a journey with the part of the time that it works.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    Node(NodeAt),
    Link(LinkAt),
}

fn elements(topology: &Topology, journey: JourneyAt) -> Vec<Element> {
    let mut all = Vec::new();
    for step in &topology[journey].steps {
        let link = step.via.map(|(link, _)| Element::Link(link));
        for element in [Some(Element::Node(step.node)), link].into_iter().flatten() {
            if !all.contains(&element) {
                all.push(element);
            }
        }
    }
    all
}

fn works(topology: &Topology, element: Element) -> f64 {
    match element {
        Element::Node(at) => {
            let node = &topology[at];
            let each = node.availability.map_or(1.0, |part| part.0);
            at_least(node.needs, node.working(), each)
        }
        Element::Link(at) => {
            let link = &topology[at];
            match link.failed {
                true => 0.0,
                false => link.availability.map_or(1.0, |part| part.0),
            }
        }
    }
}

/// Part of the time that `journey` or one of its fallbacks works, elements failing on their own.
/// Elements without a stated availability count as always up.
///
/// By inclusion and exclusion over the chain of fallbacks, for they may share elements: the chance
/// that all journeys of a set work is the product over the elements of their union.
pub(super) fn availability(topology: &Topology, journey: JourneyAt) -> f64 {
    /// A chain this long is taken up to here: every set of journeys is one term of the sum.
    const MOST_FALLBACKS: usize = 10;
    let mut chain = vec![journey];
    while let Some(next) = topology[chain[chain.len() - 1]].fallback {
        if chain.contains(&next) || chain.len() > MOST_FALLBACKS {
            break;
        }
        chain.push(next);
    }
    let elements: Vec<Vec<Element>> = chain.iter().map(|at| elements(topology, *at)).collect();
    let mut sum = 0.0;
    for set in 1..1usize << chain.len() {
        let mut union: Vec<Element> = Vec::new();
        for (_, own) in elements
            .iter()
            .enumerate()
            .filter(|(at, _)| set >> at & 1 == 1)
        {
            union.extend(
                own.iter()
                    .filter(|element| !union.contains(element))
                    .collect::<Vec<_>>(),
            );
        }
        let all: f64 = union
            .iter()
            .map(|element| works(topology, *element))
            .product();
        sum += if set.count_ones() % 2 == 1 { all } else { -all };
    }
    sum.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn machines_side_by_side() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        // One of two: 1 - 0.1^2. Two of three: 3 * 0.9^2 * 0.1 + 0.9^3.
        assert!(close(at_least(1, 2, 0.9), 0.99));
        assert!(close(at_least(2, 3, 0.9), 0.972));
        assert!(close(at_least(3, 3, 0.9), 0.729));
        assert_eq!(at_least(1, 0, 0.9), 0.0);
        assert_eq!(at_least(1, 4, 1.0), 1.0);
        assert_eq!(at_least(1, 4, 0.0), 0.0);
    }
}
