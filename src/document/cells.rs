//! Where the cells of a CSV file stand, which its reader does not tell.

use std::ops::Range;

/// Byte ranges of the cells of the row that begins at or after `start`, as they stand in the text,
/// quotes included.
pub fn spans(text: &str, start: usize) -> Vec<Range<usize>> {
    let skipped = |c: char| matches!(c, '\n' | '\r' | '\u{feff}');
    let rest = text.get(start..).unwrap_or_default();
    let mut begin = start + rest.find(|c| !skipped(c)).unwrap_or(0);
    let mut spans = Vec::new();
    let mut quoted = false;
    let from = begin;
    for (offset, c) in text[from..].char_indices() {
        let at = from + offset;
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                spans.push(begin..at);
                begin = at + 1;
            }
            '\n' | '\r' if !quoted => {
                spans.push(begin..at);
                return spans;
            }
            _ => {}
        }
    }
    spans.push(begin..text.len());
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_with_their_quotes_and_without_line_ends() {
        let text = "\u{feff}a,名称\r\n\n\"x, \"\"y\"\"\",,z";
        let cells = |start| -> Vec<&str> {
            let spans = spans(text, start).into_iter();
            spans.map(|span| &text[span]).collect()
        };
        assert_eq!(cells(0), ["a", "名称"]);
        let second = text.find("\r\n").unwrap();
        assert_eq!(cells(second), ["\"x, \"\"y\"\"\"", "", "z"]);
    }
}
