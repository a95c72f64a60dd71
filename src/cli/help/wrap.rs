//! Lines of Chinese for a terminal: clap breaks lines at spaces only, and Chinese has none.

use unicode_width::UnicodeWidthChar;

use crate::lang::width;

/// Marks that may not begin a line.
const CLOSING: &str = "，。、；：？！）》」』”’…,.;:?!)]}%";
/// Marks that may not end a line.
const OPENING: &str = "（《「『“‘([{";

/// Breaks every line of `text` that takes more than `cells` terminal cells; what follows a break
/// is indented by `hang` spaces. A break falls at a space or beside a wide character, never before
/// a closing mark nor after an opening one; a word longer than the line stays whole. Inside square
/// brackets (a default, a list of values) only spaces and `、` are places to break.
pub(super) fn wrap(text: &str, cells: usize, hang: usize) -> String {
    let mut out = String::new();
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut taken = 0;
        for piece in pieces(line) {
            if taken > hang && taken + width(piece.trim_end()) > cells {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                out.push_str(&" ".repeat(hang));
                taken = hang;
            }
            out.push_str(piece);
            taken += width(piece);
        }
        out.truncate(out.trim_end_matches(' ').len());
    }
    out
}

/// The parts of a line that stay together, each with the spaces after it.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut bracketed) = (0, false);
    for ((_, before), (at, after)) in line.char_indices().zip(line.char_indices().skip(1)) {
        bracketed = before == '[' || bracketed && before != ']';
        if may_break(before, after, bracketed) {
            pieces.push(&line[start..at]);
            start = at;
        }
    }
    pieces.push(&line[start..]);
    pieces
}

fn may_break(before: char, after: char, bracketed: bool) -> bool {
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    let wide = |c: char| UnicodeWidthChar::width(c) == Some(2);
    before == ' ' || before == '、' || !bracketed && (wide(before) || wide(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_beside_hanzi_and_never_before_a_comma() {
        assert_eq!(wrap("链路速率，取代", 8, 0), "链路速\n率，取代");
        assert_eq!(wrap("链路（见图）", 6, 0), "链路\n（见\n图）");
        assert_eq!(wrap("链路速率", 8, 0), "链路速率");
    }

    #[test]
    fn words_and_numbers_stay_whole() {
        assert_eq!(wrap("需要 hopcast 命令", 10, 0), "需要\nhopcast 命\n令");
        assert_eq!(wrap("a very-long-word b", 6, 0), "a\nvery-long-word\nb");
    }

    #[test]
    fn what_stands_in_brackets_breaks_between_values_only() {
        assert_eq!(wrap("轮数 [缺省：10]", 14, 0), "轮数\n[缺省：10]");
        assert_eq!(wrap("[值：一二、三四]", 12, 0), "[值：一二、\n三四]");
    }

    #[test]
    fn a_break_hangs_and_lines_of_the_text_stay() {
        assert_eq!(
            wrap("- udp: 数据报\n- x", 10, 7),
            "- udp: 数\n       据\n       报\n- x"
        );
    }
}
