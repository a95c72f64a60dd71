//! What was typed: bytes of a terminal in, keys out, and what each key is for.
//!
//! The bytes are those that terminals of the VT100 family send (ECMA-48, 5.4; xterm, "PC-Style
//! Function Keys"). What is no key known here is passed over.

use crate::lang::Text;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A printable character.
    Char(char),
    /// A letter held down with ctrl, as a small letter.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// Tab.
    Tab,
    /// Tab with shift.
    BackTab,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

/// The keys in what one read from a terminal gave. A lone escape at its end is the escape key:
/// terminals send the bytes of a function key together.
pub fn keys(mut bytes: &[u8]) -> Vec<Key> {
    let mut keys = Vec::new();
    while let Some((key, taken)) = key(bytes) {
        keys.extend(key);
        bytes = bytes.get(taken..).unwrap_or_default();
    }
    keys
}

/// The first key, if it is one, and how many bytes it takes; `None` at the end.
fn key(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let (first, rest) = bytes.split_first()?;
    let one = |key| Some((Some(key), 1));
    match first {
        0x1b => Some(escaped(rest)),
        b'\r' | b'\n' => one(Key::Enter),
        b'\t' => one(Key::Tab),
        0x08 | 0x7f => one(Key::Backspace),
        0x01..=0x1a => one(Key::Ctrl(char::from(first - 1 + b'a'))),
        0x00..=0x1f => Some((None, 1)),
        _ => Some(character(bytes)),
    }
}

/// The key after an escape, and the bytes of both.
fn escaped(rest: &[u8]) -> (Option<Key>, usize) {
    match rest {
        [] | [0x1b, ..] => (Some(Key::Escape), 1),
        [b'[', rest @ ..] => {
            // Parameters and intermediates, then one final byte.
            let middle = rest.iter().take_while(|byte| matches!(byte, 0x20..=0x3f));
            let length = middle.count();
            let parameter = rest.first().filter(|_| length == 1);
            let key = match (rest.get(length), parameter) {
                (Some(b'Z'), _) => Some(Key::BackTab),
                (Some(b'~'), Some(b'1' | b'7')) => Some(Key::Home),
                (Some(b'~'), Some(b'4' | b'8')) => Some(Key::End),
                (Some(b'~'), Some(b'5')) => Some(Key::PageUp),
                (Some(b'~'), Some(b'6')) => Some(Key::PageDown),
                (Some(last), _) => arrow(*last),
                _ => None,
            };
            (key, 2 + length + 1)
        }
        [b'O', last, ..] => (arrow(*last), 3),
        // A character held down with alt.
        [_, ..] => (None, 1 + character(rest).1),
    }
}

fn arrow(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

/// One character of UTF-8; a byte that begins none is passed over.
fn character(bytes: &[u8]) -> (Option<Key>, usize) {
    let longest = bytes.len().min(4);
    let whole = (1..=longest).find_map(|length| str::from_utf8(bytes.get(..length)?).ok());
    match whole.and_then(|text| text.chars().next()) {
        Some(c) => (Some(Key::Char(c)), c.len_utf8()),
        None => (None, 1),
    }
}

/// The keys and what they are for, as the help shows them.
pub fn help() -> Vec<(&'static str, Text)> {
    vec![
        (
            "q  ctrl-c",
            Text::new("退出并打印报告", "quit and print the report"),
        ),
        ("p", Text::new("暂停探测", "pause probing")),
        ("space", Text::new("继续探测", "go on probing")),
        ("r  c", Text::new("从现在起重新统计", "count anew from now")),
        (
            "j k  ↓ ↑",
            Text::new(
                "选择一跳（Esc：回到自动选择）",
                "choose a hop (Esc: chosen for you again)",
            ),
        ),
        (
            "enter",
            Text::new("放大或收起所选一跳", "enlarge the chosen hop, and back"),
        ),
        (
            "tab",
            Text::new(
                "下一个目标（shift-tab：上一个）",
                "next target (shift-tab: the one before)",
            ),
        ),
        (
            "d",
            Text::new(
                "切换显示：数字、历史、节点",
                "display: figures, history, nodes",
            ),
        ),
        (
            "J",
            Text::new("切换时延列与抖动列", "columns of latency or of jitter"),
        ),
        (
            "o",
            Text::new("选择列（mtr 的字母）", "choose columns (mtr's letters)"),
        ),
        (
            "n",
            Text::new(
                "域名开关（会询问域名服务器）",
                "names on or off (asks name servers)",
            ),
        ),
        (
            "e",
            Text::new(
                "MPLS 标签和接口开关",
                "MPLS labels and interfaces on or off",
            ),
        ),
        ("i", Text::new("设置扫描间隔", "set the interval of sweeps")),
        (
            "z",
            Text::new(
                "自治域：没有数据源，不可用",
                "AS numbers: no data given, not available",
            ),
        ),
        (
            "u  t",
            Text::new(
                "切换探测方式：运行中不可用，请重新启动",
                "change the method: not available live, start anew",
            ),
        ),
        (
            "ctrl-z",
            Text::new("挂起（fg 回来）", "suspend (fg comes back)"),
        ),
        ("ctrl-l", Text::new("重画屏幕", "draw the screen anew")),
        (
            "h  ?",
            Text::new("本帮助；按任意键关闭", "this help; any key closes it"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_terminals_send_is_understood() {
        let read = |text: &str| keys(text.as_bytes());
        assert_eq!(read("qJ?"), ['q', 'J', '?'].map(Key::Char));
        assert_eq!(read("\u{1b}[A\u{1b}OB"), [Key::Up, Key::Down]);
        assert_eq!(
            read("\u{1b}[5~\u{1b}[6~\u{1b}[H\u{1b}[4~\u{1b}[Z"),
            [
                Key::PageUp,
                Key::PageDown,
                Key::Home,
                Key::End,
                Key::BackTab
            ]
        );
        assert_eq!(read("\u{3}\u{1a}"), [Key::Ctrl('c'), Key::Ctrl('z')]);
        assert_eq!(read("\t\r\u{7f}"), [Key::Tab, Key::Enter, Key::Backspace]);
        assert_eq!(read("\u{1b}"), [Key::Escape]);
        assert_eq!(read("\u{1b}\u{1b}[A"), [Key::Escape, Key::Up]);
        assert_eq!(read("中"), [Key::Char('中')]);
    }

    #[test]
    fn what_is_no_key_is_passed_over_whole() {
        // F5, an arrow with shift, a mouse report, alt-x: none of their bytes may act as a letter.
        let read = |text: &str| keys(text.as_bytes());
        assert_eq!(read("\u{1b}[15~q"), [Key::Char('q')]);
        assert_eq!(read("\u{1b}[1;2Cq"), [Key::Char('q')]);
        assert_eq!(read("\u{1b}[<0;3;4Mq"), [Key::Char('q')]);
        assert_eq!(read("\u{1b}xq"), [Key::Char('q')]);
        assert_eq!(keys(&[0xff, 0xe4, b'q']), [Key::Char('q')]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(keys(&bytes).len() <= bytes.len());
        }
    }
}
