//! A few linear equations, as many as a network has stations.

/// Solves `matrix · x = right` by elimination with row exchange; `matrix` row by row.
pub(super) fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for column in 0..n {
        let size = |row: &usize| matrix[row * n + column].abs();
        let pivot = (column..n)
            .max_by(|a, b| size(a).total_cmp(&size(b)))
            .unwrap_or(column);
        if pivot != column {
            for at in 0..n {
                matrix.swap(column * n + at, pivot * n + at);
            }
            right.swap(column, pivot);
        }
        let (above, below) = matrix.split_at_mut((column + 1) * n);
        let above = &above[column * n..];
        let (head, tail) = right.split_at_mut(column + 1);
        for (row, value) in below.chunks_exact_mut(n).zip(tail) {
            let factor = row[column] / above[column];
            if factor != 0.0 {
                for (cell, top) in row[column..].iter_mut().zip(&above[column..]) {
                    *cell -= factor * top;
                }
                *value -= factor * head[column];
            }
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n)
            .map(|at| matrix[row * n + at] * right[at])
            .sum();
        right[row] = (right[row] - known) / matrix[row * n + row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_exchanged_when_the_first_pivot_is_nothing() {
        // y + 2z = 8, x + z = 4, 2x + y = 4 has x = 1, y = 2, z = 3.
        let matrix = vec![0.0, 1.0, 2.0, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0];
        let found = solve(matrix, vec![8.0, 4.0, 4.0]);
        for (found, wanted) in found.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }
}
