//! Chinese and English as equals: every sentence a user can read exists in both.
//!
//! [`Text`] is a sentence said in both languages at once, so neither can be forgotten: the compiler
//! asks for both. Words that appear in more than one table live in [`words`].

use std::fmt;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

pub mod words;

/// The language of everything printed: tables, charts, problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The language that the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG`
    /// that is set and not empty decides, as POSIX orders them; Chinese when it starts with `zh`.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Lang {
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| var(name))
            .find(|value| !value.is_empty());
        match asked {
            Some(value) if value.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
            _ => Lang::En,
        }
    }

    /// Picks one of two fixed texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// One sentence or name, said in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its two sides.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A text that reads the same in both languages: an id, a number with its unit.
    pub fn same(both: impl fmt::Display) -> Text {
        let both = both.to_string();
        Text {
            zh: both.clone(),
            en: both,
        }
    }

    /// `texts` one after another, with a gap between them.
    pub fn join<'a>(texts: impl IntoIterator<Item = &'a Text>, zh: &str, en: &str) -> Text {
        let (all_zh, all_en): (Vec<&str>, Vec<&str>) = texts
            .into_iter()
            .map(|text| (text.zh.as_str(), text.en.as_str()))
            .unzip();
        Text::new(all_zh.join(zh), all_en.join(en))
    }

    /// The side for `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// Builds a [`Text`] from two format strings over the same arguments in scope.
#[macro_export]
macro_rules! text {
    ($zh:literal, $en:literal $(,)?) => {
        $crate::lang::Text {
            zh: format!($zh),
            en: format!($en),
        }
    };
}

/// Cells that `text` takes in a terminal: a hanzi takes two.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Pads `text` with spaces on its right to `cells` terminal cells; a longer text is left as it is.
pub fn pad_right(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Pads `text` with spaces on its left to `cells` terminal cells; a longer text is left as it is.
pub fn pad_left(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let env = |pairs: &'static [(&str, &str)]| {
            Lang::from_env(move |name| {
                let pair = pairs.iter().find(|(key, _)| *key == name)?;
                Some(pair.1.to_string())
            })
        };
        assert_eq!(env(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(env(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(env(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), Lang::Zh);
        assert_eq!(env(&[]), Lang::En);
    }

    #[test]
    fn texts_join_on_both_sides() {
        let texts = [Text::new("甲", "a"), Text::new("乙", "b")];
        assert_eq!(Text::join(&texts, "、", ", "), Text::new("甲、乙", "a, b"));
        assert_eq!(Text::join(&[], "、", ", "), Text::default());
    }

    #[test]
    fn hanzi_take_two_cells() {
        assert_eq!(width("网关 a"), 6);
        assert_eq!(pad_right("网关", 6), "网关  ");
        assert_eq!(pad_left("网关", 6), "  网关");
        assert_eq!(pad_left("四个汉字", 6), "四个汉字");
    }
}
