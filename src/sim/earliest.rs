//! Which of several is due first: a tournament, so that one change costs O(log n) matches.

use super::double_double::DoubleDouble;

/// Moments of a fixed number of things, and which is the earliest; at one moment the lower index.
#[derive(Debug, Clone)]
pub(super) struct Earliest {
    due: Vec<DoubleDouble>,
    /// Winners: the children of node k are 2k and 2k + 1, the thing i is node `leaves` + i.
    winners: Vec<u32>,
    leaves: usize,
}

impl Earliest {
    /// `count` things, none of them due.
    pub(super) fn new(count: usize) -> Earliest {
        let leaves = count.next_power_of_two();
        let mut earliest = Earliest {
            due: vec![DoubleDouble::NEVER; leaves],
            winners: vec![0; leaves],
            leaves,
        };
        for node in (1..leaves).rev() {
            earliest.play(node);
        }
        earliest
    }

    /// The first that is due, and when.
    pub(super) fn first(&self) -> (usize, DoubleDouble) {
        let first = self.winner(1);
        (first, self.due[first])
    }

    /// Thing `at` is now due at `due`.
    pub(super) fn set(&mut self, at: usize, due: DoubleDouble) {
        self.due[at] = due;
        let mut node = (at + self.leaves) / 2;
        while node > 0 {
            self.play(node);
            node /= 2;
        }
    }

    fn play(&mut self, node: usize) {
        let (left, right) = (self.winner(2 * node), self.winner(2 * node + 1));
        let right_wins = self.due[right] < self.due[left];
        self.winners[node] = if right_wins { right } else { left } as u32;
    }

    fn winner(&self, node: usize) -> usize {
        match node.checked_sub(self.leaves) {
            Some(thing) => thing,
            None => self.winners[node] as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_is_what_a_search_finds(
            count in 1usize..20, changes in prop::collection::vec((0usize..20, 0u32..6), 0..60),
        ) {
            let mut earliest = Earliest::new(count);
            let mut plain = vec![f64::INFINITY; count];
            for (at, due) in changes {
                let (at, due) = (at % count, if due == 5 { f64::INFINITY } else { f64::from(due) });
                plain[at] = due;
                earliest.set(at, DoubleDouble::from(due));
                let least = plain.iter().copied().fold(f64::INFINITY, f64::min);
                let first = plain.iter().position(|due| *due == least).unwrap();
                prop_assert_eq!(earliest.first(), (first, DoubleDouble::from(least)));
            }
        }
    }
}
