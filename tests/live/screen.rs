//! The little of a terminal that a drawn screen needs to be read back: cells, the cursor, clearing
//! (ECMA-48: CUP, ED, SGR; xterm: private mode 1049).

use unicode_width::UnicodeWidthChar;

/// A screen of cells; a wide character stands in its first one, and the second is empty.
pub struct Screen {
    cells: Vec<Vec<String>>,
    cursor: (usize, usize),
    /// Whether the full screen is entered.
    pub full: bool,
    /// Whether it is entered but not cleared yet: what is written is meant for another screen.
    stale: bool,
    /// Whether the cursor is shown.
    pub cursor_shown: bool,
    /// What was written while it was not.
    pub plain: String,
}

impl Screen {
    /// The screen that `written` leaves.
    pub fn read(written: &str, (columns, rows): (usize, usize)) -> Screen {
        let mut screen = Screen {
            cells: vec![vec![" ".to_string(); columns]; rows],
            cursor: (0, 0),
            full: false,
            stale: false,
            cursor_shown: true,
            plain: String::new(),
        };
        let mut rest = written;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c != '\u{1b}' {
                screen.character(c);
                continue;
            }
            let Some(body) = rest.strip_prefix('[') else {
                continue;
            };
            let Some(length) = body.find(|c: char| ('@'..='~').contains(&c)) else {
                break;
            };
            screen.command(&body[..length], &body[length..=length]);
            rest = &body[length + 1..];
        }
        screen
    }

    fn character(&mut self, c: char) {
        if !self.full {
            self.plain.push(c);
            return;
        }
        if self.stale {
            return;
        }
        let (x, y) = self.cursor;
        let width = c.width().unwrap_or(0);
        let row = self.cells.get_mut(y).expect("the cursor is on the screen");
        if width == 0 {
            row[x.saturating_sub(1)].push(c);
            return;
        }
        assert!(x + width <= row.len(), "{c} at {x} of row {y} sticks out");
        row[x] = c.to_string();
        if width == 2 {
            row[x + 1] = String::new();
        }
        self.cursor.0 += width;
    }

    fn command(&mut self, parameters: &str, name: &str) {
        match (parameters, name) {
            ("?1049", "h") => {
                (self.full, self.stale) = (true, true);
                self.clear();
            }
            ("?1049", "l") => {
                self.full = false;
                self.plain.clear();
            }
            ("?25", "h") => self.cursor_shown = true,
            ("?25", "l") => self.cursor_shown = false,
            (_, "H") => {
                let mut numbers = parameters
                    .split(';')
                    .map(|number| number.parse().unwrap_or(1));
                let (row, column): (usize, usize) =
                    (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
                self.cursor = (column - 1, row - 1);
            }
            // Only ever from the top left: the whole screen.
            (_, "J") => {
                self.stale = false;
                self.clear();
            }
            (_, "m") => {}
            _ => panic!("an unknown command: {parameters}{name}"),
        }
    }

    fn clear(&mut self) {
        for cell in self.cells.iter_mut().flatten() {
            *cell = " ".to_string();
        }
    }

    /// Its rows as text, without the spaces at their ends.
    pub fn rows(&self) -> Vec<String> {
        let rows = self.cells.iter().map(|row| row.concat());
        rows.map(|row| row.trim_end().to_string()).collect()
    }
}
