//! The fonts that every figure is measured and drawn with: the embedded ones, and one of the user's
//! own in front of them.
//!
//! A character that no font has would be drawn as nothing or as a box without any error, so every
//! text is checked before it is drawn ([`Fonts::check`]).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ab_glyph::{Font, FontArc, FontVec};
use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontResolver, Options};

use crate::error::Error;
use crate::text;

/// Noto Sans CJK SC (OFL 1.1), subset to GB 2312; see `font/README.md`.
static REGULAR: &[u8] = include_bytes!("font/NotoSansCJKsc-Regular-gb2312.otf");
static BOLD: &[u8] = include_bytes!("font/NotoSansCJKsc-Bold-gb2312.otf");

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Body text.
    Regular,
    /// Titles and emphasis.
    Bold,
}

/// One face: its outlines for measuring, its id for the renderer.
#[derive(Debug, Clone)]
struct Face {
    font: FontArc,
    id: ID,
}

impl Face {
    fn has(&self, c: char) -> bool {
        self.font.glyph_id(c).0 != 0
    }
}

/// The fonts in the order in which they are asked for a character. No font of the machine is ever
/// used, so a figure looks the same everywhere.
#[derive(Debug, Clone)]
pub struct Fonts {
    database: Arc<Database>,
    /// Family name written into text-form SVG. It must be the font's own: a renderer drops the text
    /// of a family it does not know without a word.
    family: String,
    user: Option<Face>,
    regular: Face,
    bold: Face,
}

impl Fonts {
    /// The embedded Noto Sans CJK SC, Regular and Bold.
    pub fn embedded() -> Result<Fonts, Error> {
        let mut database = Database::new();
        let (regular, family) = load(&mut database, REGULAR)?;
        let (bold, _) = load(&mut database, BOLD)?;
        Ok(Fonts {
            database: Arc::new(database),
            family,
            user: None,
            regular,
            bold,
        })
    }

    /// The user's font file before the embedded fonts, where there is one.
    pub fn of(file: Option<&Path>) -> Result<Fonts, Error> {
        match file {
            Some(path) => Fonts::with_file(path),
            None => Fonts::embedded(),
        }
    }

    /// A font file of the user's (`.otf`, `.ttf`, `.ttc`) before the embedded ones: it draws every
    /// character that it has, in one weight. Of a collection the first face named SC or CN is
    /// taken, else the first.
    pub fn with_file(path: &Path) -> Result<Fonts, Error> {
        let data = std::fs::read(path).map_err(|source| Error::file(path, source))?;
        let shown = path.display();
        let unusable = || {
            Error::Argument(text!(
                "{shown} 不是可用的字体；可用 .otf、.ttf、.ttc",
                "{shown} is not a usable font; allowed are .otf, .ttf and .ttc"
            ))
        };
        let fonts = Fonts::embedded()?;
        let mut database = Database::clone(&fonts.database);
        let ids = database.load_font_source(Source::Binary(Arc::new(data.clone())));
        let named = |id: ID, suffix: &str| {
            database.face(id).is_some_and(|face| {
                let names = face.families.iter();
                names.clone().any(|(name, _)| name.ends_with(suffix))
            })
        };
        let simplified = |id: &&ID| named(**id, " SC") || named(**id, " CN");
        let id = *ids
            .iter()
            .find(simplified)
            .or(ids.first())
            .ok_or_else(unusable)?;
        let info = database.face(id).ok_or_else(unusable)?;
        let (family, _) = info.families.first().ok_or_else(unusable)?;
        let family = family.clone();
        let font = FontVec::try_from_vec_and_index(data, info.index).map_err(|_| unusable())?;
        Ok(Fonts {
            database: Arc::new(database),
            family,
            user: Some(Face {
                font: font.into(),
                id,
            }),
            ..fonts
        })
    }

    /// The family name for text-form SVG.
    pub(super) fn family(&self) -> &str {
        &self.family
    }

    /// An error that names every character of `texts` that no font has.
    pub(super) fn check<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let missing: BTreeSet<char> = texts
            .into_iter()
            .flat_map(str::chars)
            .filter(|&c| self.face(c, Weight::Regular).is_none())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let listed = missing
            .iter()
            .map(|c| format!("{} (U+{:04X})", c.escape_debug(), *c as u32))
            .collect::<Vec<_>>()
            .join(", ");
        Err(Error::Argument(text!(
            "字体中没有这些字：{listed}；请用 --font FILE 指定含有它们的字体文件",
            "the font lacks these characters: {listed}; name a font file that has them with --font FILE"
        )))
    }

    /// Width of `text` at `size`, in the units of `size`. The embedded fonts carry no kerning, so
    /// this is the sum of the advances.
    pub(super) fn width(&self, text: &str, size: f64, weight: Weight) -> f64 {
        text.chars().map(|c| self.advance(c, size, weight)).sum()
    }

    fn advance(&self, c: char, size: f64, weight: Weight) -> f64 {
        let face = self.face(c, weight).unwrap_or(&self.regular);
        let glyph = face.font.glyph_id(c);
        let em = face.font.units_per_em().unwrap_or(1000.0);
        f64::from(face.font.h_advance_unscaled(glyph)) / f64::from(em) * size
    }

    /// `text`, cut with an ellipsis when it is wider than `room`.
    pub(super) fn fit(&self, text: &str, size: f64, weight: Weight, room: f64) -> String {
        let ellipsis = self.width("…", size, weight);
        let (mut width, mut kept) = (0.0, 0);
        for (at, c) in text.char_indices() {
            if width + ellipsis <= room {
                kept = at;
            }
            width += self.advance(c, size, weight);
            if width > room {
                return format!("{}…", text[..kept].trim_end());
            }
        }
        text.to_string()
    }

    /// `text` in at most `lines` lines no wider than `room`; what is left over is cut with an
    /// ellipsis. Lines break at spaces and beside hanzi, never before closing punctuation.
    pub(super) fn wrap(
        &self,
        text: &str,
        size: f64,
        weight: Weight,
        room: f64,
        lines: usize,
    ) -> Vec<String> {
        let mut done: Vec<String> = Vec::new();
        let (mut line, mut width) = (String::new(), 0.0);
        let pieces = pieces(text);
        for (at, piece) in pieces.iter().enumerate() {
            if done.len() + 1 >= lines {
                line.push_str(&pieces[at..].concat());
                break;
            }
            let wider = width + self.width(piece.trim_end(), size, weight);
            if wider > room && !line.is_empty() {
                done.push(self.fit(line.trim_end(), size, weight, room));
                (line, width) = (String::new(), 0.0);
            }
            line.push_str(piece);
            width += self.width(piece, size, weight);
        }
        if !line.trim_end().is_empty() {
            done.push(self.fit(line.trim_end(), size, weight, room));
        }
        done
    }

    /// What the renderer must know so that it draws with these fonts and no others.
    pub(super) fn options(&self) -> Options<'static> {
        let (user, regular, bold) = (
            self.user.as_ref().map(|face| face.id),
            self.regular.id,
            self.bold.id,
        );
        Options {
            fontdb: Arc::clone(&self.database),
            font_family: self.family.clone(),
            font_resolver: FontResolver {
                select_font: Box::new(move |font, _| {
                    let embedded = if font.weight() >= 600 { bold } else { regular };
                    Some(user.unwrap_or(embedded))
                }),
                // Only a user's font has gaps that an embedded one can fill.
                select_fallback: Box::new(move |_, used, _| {
                    (!used.contains(&regular) && !used.contains(&bold)).then_some(regular)
                }),
            },
            ..Options::default()
        }
    }

    /// The face that draws `c`, as [`Fonts::options`] tells the renderer to choose.
    fn face(&self, c: char, weight: Weight) -> Option<&Face> {
        let embedded = match (&self.user, weight) {
            (None, Weight::Bold) => &self.bold,
            _ => &self.regular,
        };
        self.user
            .as_ref()
            .filter(|face| face.has(c))
            .or(Some(embedded).filter(|face| face.has(c)))
    }
}

fn load(database: &mut Database, data: &'static [u8]) -> Result<(Face, String), Error> {
    let broken = || Error::System(text!("内置字体已损坏", "the embedded font is damaged"));
    let ids = database.load_font_source(Source::Binary(Arc::new(data)));
    let id = *ids.first().ok_or_else(broken)?;
    let info = database.face(id).ok_or_else(broken)?;
    let (family, _) = info.families.first().ok_or_else(broken)?;
    let font = FontArc::try_from_slice(data).map_err(|_| broken())?;
    Ok((Face { font, id }, family.clone()))
}

/// `text` cut where a line may break: after a space and on either side of a hanzi, but never before
/// closing punctuation nor after an opening bracket.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for c in text.chars() {
        let may_break = before.is_some_and(|b| {
            let beside_hanzi = wide(b) || wide(c);
            (b == ' ' && c != ' ') || (beside_hanzi && !closing(c) && !opening(b) && c != ' ')
        });
        match pieces.last_mut() {
            Some(last) if !may_break => last.push(c),
            _ => pieces.push(c.to_string()),
        }
        before = Some(c);
    }
    pieces
}

fn wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

fn closing(c: char) -> bool {
    "，。、；：！？）》」』】”’％…,.;:!?)]}%‰".contains(c)
}

fn opening(c: char) -> bool {
    "（《「『【“‘([{".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_glyph_is_an_error_that_names_it() {
        let fonts = Fonts::embedded().unwrap();
        fonts.check(["肇政易 250 Mbit/s ≤ ①→②"]).unwrap();
        let error = fonts
            .check(["龘村", "a\u{1}", "龘"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("龘 (U+9F98)"), "{error}");
        assert!(error.contains("(U+0001)"), "{error}");
        assert!(error.contains("--font FILE"), "{error}");
        assert_eq!(error.matches("9F98").count(), 1, "{error}");
        assert!(!error.contains('村'), "{error}");
    }

    #[test]
    fn the_font_holds_all_of_gb_2312_level_one_and_two_ends() {
        let fonts = Fonts::embedded().unwrap();
        // First and last hanzi of level 1 (by pinyin) and of level 2 (by radical).
        fonts.check(["啊座亍齄"]).unwrap();
    }

    #[test]
    fn a_hanzi_is_one_em_wide() {
        let fonts = Fonts::embedded().unwrap();
        assert_eq!(fonts.width("肇政易", 20.0, Weight::Regular), 60.0);
        assert!(fonts.width("iii", 20.0, Weight::Regular) < 30.0);
        assert_eq!(fonts.width("", 20.0, Weight::Bold), 0.0);
    }

    #[test]
    fn a_long_text_is_cut_to_its_room() {
        let fonts = Fonts::embedded().unwrap();
        let cut = fonts.fit("肇庆市政务服务数据管理局", 10.0, Weight::Regular, 60.0);
        assert_eq!(cut, "肇庆市政务…");
        assert!(fonts.width(&cut, 10.0, Weight::Regular) <= 60.0);
        assert_eq!(fonts.fit("短", 10.0, Weight::Regular, 60.0), "短");
        assert_eq!(fonts.fit("任何字", 10.0, Weight::Regular, 1.0), "…");
    }

    #[test]
    fn lines_break_at_spaces_and_beside_hanzi_never_before_a_full_stop() {
        let fonts = Fonts::embedded().unwrap();
        let wrap = |text, room, lines| fonts.wrap(text, 10.0, Weight::Regular, room, lines);
        assert_eq!(wrap("数据管理局。", 50.0, 3), ["数据管理", "局。"]);
        assert_eq!(wrap("one two", 30.0, 3), ["one", "two"]);
        assert_eq!(wrap("带宽250M够", 30.0, 3), ["带宽", "250M", "够"]);
        assert_eq!(
            wrap("数据管理局数据管理局", 40.0, 2),
            ["数据管理", "局数据…"]
        );
        assert_eq!(wrap("", 40.0, 2), Vec::<String>::new());
        assert_eq!(wrap("   ", 40.0, 2), Vec::<String>::new());
    }

    #[test]
    fn a_users_font_is_asked_first_and_a_wrong_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.otf");
        std::fs::write(&path, BOLD).unwrap();
        let fonts = Fonts::with_file(&path).unwrap();
        let embedded = Fonts::embedded().unwrap();
        // The user's only face is bold, so regular text is measured as bold.
        assert_eq!(
            fonts.width("Mbit", 10.0, Weight::Regular),
            embedded.width("Mbit", 10.0, Weight::Bold)
        );
        let wrong = folder.path().join("wrong.otf");
        std::fs::write(&wrong, b"not a font").unwrap();
        let error = Fonts::with_file(&wrong).unwrap_err().to_string();
        assert!(error.contains("wrong.otf"), "{error}");
        assert!(Fonts::with_file(&folder.path().join("absent.otf")).is_err());
    }
}
