//! Text on cells: styles, and writing that never leaves its area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::super::figures::Tone;
use crate::lang::width;

/// Styles of the 16 colours that every terminal has, or none of them. What a colour says is said in
/// words or marks too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) colour: bool,
}

impl Ink {
    fn of(self, colour: Color) -> Style {
        match self.colour {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    pub(super) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// For what is read once: heads, keys, axes.
    pub(super) fn faint(self) -> Style {
        self.of(Color::Cyan)
    }

    /// For what must be seen at once.
    pub(super) fn loud(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Good => self.of(Color::Green),
            Tone::Harmless => self.of(Color::Cyan),
            Tone::Doubtful => self.of(Color::Yellow),
            Tone::Bad => self.of(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

/// Writes `text` from cell `x` of row `y` on, inside `area` only and cut with an ellipsis where it
/// is too long; gives the cell behind it.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    text: &str,
    style: Style,
) -> u16 {
    let area = area.intersection(buffer.area);
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return x;
    }
    let room = usize::from(area.right() - x);
    buffer.set_stringn(x, y, cut(text, room), room, style).0
}

/// Writes parts one after another, each with its style.
pub(super) fn line(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    parts: &[(String, Style)],
) -> u16 {
    let write = |x, (text, style): &(String, Style)| put(buffer, area, (x, y), text, *style);
    parts.iter().fold(x, write)
}

/// `text` within so many cells; where it is longer, its end is an ellipsis.
pub(super) fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept) + 1 > cells {
            kept.pop();
            break;
        }
    }
    match cells {
        0 => kept,
        _ => kept + "…",
    }
}

/// `text` on lines of so many cells: broken at spaces, and anywhere beside a wide character.
pub(super) fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let Some(last) = lines.last_mut() else {
            break;
        };
        if width(last) + width(word.trim_end()) <= cells || last.is_empty() {
            last.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    let trimmed = lines.iter().map(|line| line.trim_end().to_string());
    trimmed.collect()
}

/// Pieces between which a line may break, spaces at their ends.
fn words(text: &str) -> Vec<&str> {
    let wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
    let closing = |c: char| "，。；：、）】》！？".contains(c);
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let space = before == Some(' ') && c != ' ';
        let beside_wide = before.is_some() && (wide(before) || wide(Some(c))) && !closing(c);
        if space || beside_wide {
            words.extend(text.get(start..at));
            start = at;
        }
        before = Some(c);
    }
    words.extend(text.get(start..));
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_text_is_cut_to_its_cells() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("汉字汉字", 5), "汉字…");
        assert_eq!(cut("汉字汉字", 4), "汉…");
        assert_eq!(
            (cut("汉字", 1), cut("汉字", 0)),
            ("…".into(), String::new())
        );
    }

    #[test]
    fn lines_break_at_spaces_and_beside_hanzi() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrapped("第 12 跳丢包，延续到目标", 8),
            ["第 12 跳", "丢包，延", "续到目标"]
        );
        assert_eq!(wrapped("", 8), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_written_outside_its_area(
            text in "[a-z 汉字\u{7}é…]{0,40}", x in 0u16..30, y in 0u16..6,
            left in 0u16..20, top in 0u16..4, wide in 0u16..30, high in 0u16..6,
        ) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 5));
            let area = Rect::new(left, top, wide, high);
            put(&mut buffer, area, (x, y), &text, Style::new());
            for row in 0..5 {
                for column in 0..24 {
                    let inside = area.contains((column, row).into());
                    prop_assert!(inside || buffer[(column, row)].symbol() == " ");
                }
            }
        }

        #[test]
        fn cut_text_fits(text in "[a-z汉字]{0,20}", cells in 0usize..30) {
            prop_assert!(width(&cut(&text, cells)) <= cells);
        }

        #[test]
        fn wrapping_loses_nothing(text in "[a-z 汉字，。]{0,60}", cells in 2usize..30) {
            let solid = |text: &str| text.replace(' ', "");
            prop_assert_eq!(solid(&wrapped(&text, cells).concat()), solid(&text));
        }
    }
}
