//! Terminal tables in which wide characters line up.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle,
    TableStyle, Width,
};

use crate::lang::width;

/// Terminal cells that a column takes at most: one long reason must not push the rest away.
const WIDEST: u16 = 64;

/// Cells of four hanzi.
const FEW_HANZI: usize = 8;

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
        let least = self.least(&kept, columns);
        for ((column, &at), least) in table.column_iter_mut().zip(&kept).zip(least) {
            column.set_cell_alignment(self.heads[at].1);
            column.set_constraint(ColumnConstraint::Boundaries {
                lower: Width::Fixed(least),
                upper: Width::Fixed(WIDEST),
            });
        }
        if let Some(columns) = columns {
            table.set_width(columns);
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        format!("{table}\n")
    }

    /// Cells that each of `kept` must have, padding included: so many that no word breaks and no
    /// figure parts from its unit; where that is too much, words give way; then figures too.
    fn least(&self, kept: &[usize], columns: Option<u16>) -> Vec<u16> {
        let fits = |least: &Vec<u16>| {
            let whole: u32 = least.iter().map(|&cells| u32::from(cells) + 1).sum();
            columns.is_none_or(|columns| whole < u32::from(columns))
        };
        let need = |words: bool| kept.iter().map(move |&at| self.need(at, words)).collect();
        let nothing = || vec![0; kept.len()];
        [need(true), need(false)]
            .into_iter()
            .find(fits)
            .unwrap_or_else(nothing)
    }

    /// Cells that column `at` needs for whole figures, and for whole words if they count. Hanzi may
    /// break anywhere, and are still read a few at a time.
    fn need(&self, at: usize, words: bool) -> u16 {
        let (head, alignment) = &self.heads[at];
        let word = |word: &str| match word.is_ascii() && words {
            true => width(word),
            false => width(word).min(FEW_HANZI),
        };
        let longest = |text: &str| text.split_whitespace().map(word).max().unwrap_or(0);
        let text = |text: &str| match alignment {
            CellAlignment::Right => width(text),
            _ => longest(text),
        };
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        let widest = cells.map(|cell| text(cell)).chain([longest(head)]).max();
        u16::try_from(widest.unwrap_or(0) + 2).map_or(WIDEST, |cells| cells.min(WIDEST))
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
        // Figures end in one column: 11 - 9 cells and the padding before the shorter.
        assert!(drawn.contains("│   10 Gbit/s │"), "{drawn}");
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
    fn words_and_figures_stay_whole_where_there_is_room() {
        let mut table = Table::new().left("id").right("capacity").left("reason");
        table.row([
            "identity-verification",
            "10 Gbit/s",
            &"as it is said ".repeat(9),
        ]);
        // 21 + 9 + 6 cells of content at the least, 2 a column around it, 4 lines: 46.
        let drawn = table.draw(Some(46));
        assert!(
            drawn.contains("│ identity-verification │ 10 Gbit/s │"),
            "{drawn}"
        );
        assert_eq!(widths(&drawn), [46], "{drawn}");
    }

    #[test]
    fn one_long_cell_does_not_make_a_wide_table() {
        let mut table = Table::new().left("a").left("b");
        table.row(["x".repeat(500), "y".into()]);
        assert!(widths(&table.draw(None))[0] < 80);
    }
}
