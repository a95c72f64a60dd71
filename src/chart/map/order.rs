//! The order inside each column with few crossings, and the spine that the drawing hangs on.

use super::layout::Layout;

impl Layout {
    /// Neighbours of each item in the column before and in the column after.
    pub(super) fn sides(&self) -> Vec<[Vec<usize>; 2]> {
        let mut sides = vec![[Vec::new(), Vec::new()]; self.items.len()];
        for edge in &self.edges {
            for hop in edge.path.windows(2) {
                if self.items[hop[0]].column != self.items[hop[1]].column {
                    sides[hop[0]][1].push(hop[1]);
                    sides[hop[1]][0].push(hop[0]);
                }
            }
        }
        sides
    }

    /// Orders each column by the mean place of its neighbours, sweeping to and fro; keeps the order
    /// as written unless another has fewer crossings.
    pub(super) fn order(&mut self) {
        let sides = self.sides();
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..12 {
            let to_the_right = sweep % 2 == 0;
            let count = self.columns.len();
            for step in 1..count {
                let column = if to_the_right { step } else { count - 1 - step };
                let place = self.places();
                let side = usize::from(!to_the_right);
                let mut keyed: Vec<(f64, usize)> = self.columns[column]
                    .iter()
                    .map(|item| {
                        let near = &sides[*item][side];
                        let sum: f64 = near.iter().map(|other| place[*other]).sum();
                        let mean = sum / near.len() as f64;
                        (if near.is_empty() { place[*item] } else { mean }, *item)
                    })
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Place of each item in its column, 0 at the top to 1 at the bottom.
    fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.items.len()];
        for column in &self.columns {
            for (at, item) in column.iter().enumerate() {
                places[*item] = (at as f64 + 0.5) / column.len() as f64;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let mut hops: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.columns.len()];
        for edge in &self.edges {
            for hop in edge.path.windows(2) {
                hops[self.items[hop[0]].column].push((places[hop[0]], places[hop[1]]));
            }
        }
        let crossed = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
        hops.iter()
            .map(|gap| {
                let pairs = gap.iter().enumerate();
                pairs
                    .map(|(at, a)| gap[at + 1..].iter().filter(|b| crossed(a, b)).count())
                    .sum::<usize>()
            })
            .sum()
    }

    /// Turns the lines inside a column so that they begin at their upper box.
    pub(super) fn stand_upper_first(&mut self) {
        let places = self.places();
        for edge in &mut self.edges {
            let (first, last) = edge.ends();
            let same = self.items[first].column == self.items[last].column;
            if same && places[first] > places[last] {
                edge.path.reverse();
                std::mem::swap(&mut edge.along, &mut edge.against);
                edge.labels.reverse();
            }
        }
    }

    /// The items of the longest way from left to right: most links that alone hold the network
    /// together, then most links. Loops and redundant pairs thus hang beside it.
    pub(super) fn find_spine(&self, nodes: usize) -> Vec<usize> {
        let mut best: Vec<((usize, usize), Option<usize>)> = vec![((0, 0), None); nodes];
        for column in 0..self.columns.len() {
            for (at, edge) in self.edges.iter().enumerate() {
                let (first, last) = edge.ends();
                let across = self.items[last].column > column;
                if self.items[first].column != column || !across {
                    continue;
                }
                let (bridges, links) = best[first].0;
                let way = (bridges + usize::from(self.is_bridge(at, nodes)), links + 1);
                if way > best[last].0 {
                    best[last] = (way, Some(at));
                }
            }
        }
        // The first of the best, so that the order of writing decides between equals.
        let mut end = 0;
        for node in 0..nodes {
            if best[node].0 > best[end].0 {
                end = node;
            }
        }
        let mut spine = Vec::new();
        while let Some(&(_, Some(edge))) = best.get(end) {
            spine.extend(self.edges[edge].path.iter().skip(1));
            end = self.edges[edge].ends().0;
        }
        spine.push(end);
        spine
    }

    /// Whether the network falls apart without this line.
    fn is_bridge(&self, without: usize, nodes: usize) -> bool {
        let (start, goal) = self.edges[without].ends();
        let mut seen = vec![false; nodes];
        let mut next = vec![start];
        while let Some(node) = next.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            for (at, edge) in self.edges.iter().enumerate() {
                let (first, last) = edge.ends();
                if at != without && first == node {
                    next.push(last);
                } else if at != without && last == node {
                    next.push(first);
                }
            }
        }
        !seen[goal]
    }
}
