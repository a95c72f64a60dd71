//! How much of a month a journey works: machines side by side, links and nodes in a row, and a
//! fallback that shares some of them.

use crate::topology::{JourneyAt, LinkAt, NodeAt, Topology};

/// Chance that at least `needs` of `machines` work, each with chance `each` on its own (binomial).
fn at_least(needs: u32, machines: u32, each: f64) -> f64 {
    if needs > machines {
        return 0.0;
    }
    // Summed from the all-work end by the ratio of neighbouring terms: no factorials.
    let mut term = each.powi(machines as i32);
    if each >= 1.0 {
        return 1.0;
    }
    if each <= 0.0 {
        return f64::from(u8::from(needs == 0));
    }
    let mut sum = term;
    for working in (needs..machines).rev() {
        let lost = f64::from(machines - working);
        term *= f64::from(working + 1) / lost * (1.0 - each) / each;
        sum += term;
    }
    sum.min(1.0)
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

/// Part of the time that `journey` or its fallback works, elements failing on their own. What the
/// two share must work in either case. Elements without a stated availability count as always up.
pub(super) fn availability(topology: &Topology, journey: JourneyAt) -> f64 {
    let own = elements(topology, journey);
    let whole = |list: &[Element]| {
        list.iter()
            .map(|&element| works(topology, element))
            .product::<f64>()
    };
    let Some(fallback) = topology[journey].fallback.filter(|at| *at != journey) else {
        return whole(&own);
    };
    let other = elements(topology, fallback);
    let (shared, mine): (Vec<Element>, Vec<Element>) =
        own.iter().partition(|element| other.contains(element));
    let theirs: Vec<Element> = other
        .into_iter()
        .filter(|element| !shared.contains(element))
        .collect();
    whole(&shared) * (1.0 - (1.0 - whole(&mine)) * (1.0 - whole(&theirs)))
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
