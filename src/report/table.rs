//! Terminal tables in which wide characters line up.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle,
    TableStyle, Width,
};

/// Terminal cells that a column takes at most: one long reason must not push the rest away.
const WIDEST: u16 = 64;

/// Text that holds where nothing is said, in columns that must not be left out.
pub const NOTHING: &str = "-";

/// A table of text cells. Columns that are empty in every row are not drawn.
#[derive(Debug, Clone, Default)]
pub struct Table {
    heads: Vec<(String, CellAlignment)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Table {
        Table::default()
    }

    /// Adds a column of words.
    pub fn left(mut self, head: impl Into<String>) -> Table {
        self.heads.push((head.into(), CellAlignment::Left));
        self
    }

    /// Adds a column of figures.
    pub fn right(mut self, head: impl Into<String>) -> Table {
        self.heads.push((head.into(), CellAlignment::Right));
        self
    }

    /// Adds a row, one text for each column; missing ones are empty, further ones are not drawn.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|cell| printable(cell.into()))
                .collect(),
        );
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Draws the table, within `columns` terminal cells if they are given and enough for two
    /// characters a column. Every line takes the same number of cells and ends in a newline.
    pub fn draw(&self, columns: Option<u16>) -> String {
        let kept: Vec<usize> = (0..self.heads.len())
            .filter(|&at| {
                self.rows
                    .iter()
                    .any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        if kept.is_empty() {
            return String::new();
        }
        let mut table = comfy_table::Table::new();
        table.load_style(style());
        table.set_header(kept.iter().map(|&at| Cell::new(&self.heads[at].0)));
        for row in &self.rows {
            table.add_row(
                kept.iter()
                    .map(|&at| row.get(at).cloned().unwrap_or_default()),
            );
        }
        for (column, &at) in table.column_iter_mut().zip(&kept) {
            column.set_cell_alignment(self.heads[at].1);
            // A figure apart from its unit, or in two halves, is no figure: words give way.
            column.set_constraint(match self.heads[at].1 {
                CellAlignment::Right => ColumnConstraint::ContentWidth,
                _ => ColumnConstraint::UpperBoundary(Width::Fixed(WIDEST)),
            });
        }
        if let Some(columns) = columns {
            table.set_width(columns);
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        format!("{table}\n")
    }
}

fn style() -> TableStyle {
    TableStyle::new()
        .top_border(LineStyle::new('┌', '─', '┬', '┐'))
        .header_lines(ContentLineStyle::new('│', '│', '│'))
        .header_separator(LineStyle::new('├', '─', '┼', '┤'))
        .content_lines(ContentLineStyle::new('│', '│', '│'))
        .bottom_border(LineStyle::new('└', '─', '┴', '┘'))
}

/// Control characters have no width that a terminal agrees on; a line break inside a cell stays.
fn printable(text: String) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::width;

    fn widths(drawn: &str) -> Vec<usize> {
        let mut widths: Vec<usize> = drawn.lines().map(width).collect();
        widths.dedup();
        widths
    }

    #[test]
    fn every_line_is_as_wide_as_the_others() {
        let mut table = Table::new().left("名称").right("capacity").left("unused");
        table.row(["负载均衡 Nginx", "10 Gbit/s", ""]);
        table.row(["a\tb\u{1b}[1m", "500 Mbit/s*", ""]);
        let drawn = table.draw(None);
        // By hand: two columns, 14 and 11 cells, each with a space on both sides, three lines.
        assert_eq!(widths(&drawn), [14 + 11 + 4 + 3], "{drawn}");
        assert!(!drawn.contains("unused"));
        assert!(drawn.contains("│  10 Gbit/s │"), "{drawn}");
    }

    #[test]
    fn a_narrow_terminal_wraps_cells() {
        let mut table = Table::new().left("依据").left("b");
        table.row([
            "方案里没有给出数值，由我们按典型办公系统假设，待实测替换",
            "x y z",
        ]);
        let drawn = table.draw(Some(40));
        assert!(
            widths(&drawn).len() == 1 && widths(&drawn)[0] <= 40,
            "{drawn}"
        );
    }

    #[test]
    fn one_long_cell_does_not_make_a_wide_table() {
        let mut table = Table::new().left("a").left("b");
        table.row(["x".repeat(500), "y".into()]);
        assert!(widths(&table.draw(None))[0] < 80);
    }
}
