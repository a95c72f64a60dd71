//! What went wrong, where, and what is allowed instead.
//!
//! Two shapes: a [`Problem`] is one finding in a file that somebody wrote (all of a file's problems
//! are collected before anything is said); an [`Error`] is why a command could not go on. Nothing
//! in here ends the process: `cli` turns an error into an exit code.

use std::ops::Range;
use std::path::{Path, PathBuf};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource,
    Severity as Level,
};
use serde::Serialize;

use crate::lang::{Lang, Text};
use crate::text;

/// How bad a problem is: an error stops the work, a warning is said and the work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file means something doubtful; it is used as written.
    Warning,
    /// The file cannot be used.
    Error,
}

/// Which of the files read so far: an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// Bytes `span` of file `file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Byte range of the text that is meant.
    pub span: Range<usize>,
}

/// One finding in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name of the kind of problem, e.g. `unknown-key`.
    pub code: &'static str,
    /// Where it stands; `None` only when no text can be shown (an empty file).
    pub place: Option<Place>,
    /// What was found.
    pub message: Text,
    /// What is allowed, or how to mend it.
    pub help: Option<Text>,
}

impl Problem {
    /// An error at `place`.
    pub fn error(code: &'static str, place: Option<Place>, message: Text) -> Problem {
        Problem {
            severity: Severity::Error,
            code,
            place,
            message,
            help: None,
        }
    }

    /// A warning at `place`.
    pub fn warning(code: &'static str, place: Option<Place>, message: Text) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, place, message)
        }
    }

    /// The same problem with a line on what is allowed.
    pub fn help(mut self, help: Text) -> Problem {
        self.help = Some(help);
        self
    }
}

/// The files read so far, kept so that problems can show their text.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<(PathBuf, String)>,
}

impl Sources {
    /// Keeps a file's text and gives its id.
    pub fn add(&mut self, path: PathBuf, text: String) -> FileId {
        self.files.push((path, text));
        FileId(self.files.len() - 1)
    }

    /// The path a file was read from.
    pub fn path(&self, file: FileId) -> &Path {
        &self.files[file.0].0
    }

    /// A file's whole text.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0].1
    }

    /// One-based line and column (in characters) of the start of `place`.
    pub fn line_column(&self, place: &Place) -> (usize, usize) {
        let text = self.text(place.file);
        let mut start = place.span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

/// A problem as data, for `--json`.
#[derive(Debug, Serialize)]
pub struct ProblemRow {
    /// File as it was named on the command line or in `extends`.
    pub file: Option<String>,
    /// One-based line.
    pub line: Option<usize>,
    /// One-based column, in characters.
    pub column: Option<usize>,
    /// Error or warning.
    pub severity: Severity,
    /// Stable name of the kind of problem.
    pub code: &'static str,
    /// What was found, both languages.
    pub message: Text,
    /// What is allowed, both languages.
    pub help: Option<Text>,
}

/// A problem as a row of plain data.
pub fn row(sources: &Sources, problem: &Problem) -> ProblemRow {
    let position = problem
        .place
        .as_ref()
        .map(|place| sources.line_column(place));
    ProblemRow {
        file: problem
            .place
            .as_ref()
            .map(|place| sources.path(place.file).display().to_string()),
        line: position.map(|(line, _)| line),
        column: position.map(|(_, column)| column),
        severity: problem.severity,
        code: problem.code,
        message: problem.message.clone(),
        help: problem.help.clone(),
    }
}

/// Draws a problem for a person: message, file:line:column, the text underlined, what is allowed.
pub fn draw(sources: &Sources, problem: &Problem, lang: Lang, colour: bool) -> String {
    let mut diagnostic = MietteDiagnostic::new(problem.message.get(lang))
        .with_code(problem.code)
        .with_severity(match problem.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        });
    if let Some(help) = &problem.help {
        diagnostic = diagnostic.with_help(help.get(lang));
    }
    let mut report = None;
    let drawable = |place: &&Place| fits_a_terminal(sources.text(place.file), &place.span);
    if let Some(place) = problem.place.as_ref().filter(drawable) {
        let text = sources.text(place.file);
        let end = place.span.end.min(text.len());
        let start = place.span.start.min(end);
        diagnostic = diagnostic.with_label(LabeledSpan::new_primary_with_span(None, start..end));
        report = Some(NamedSource::new(
            sources.path(place.file).display().to_string(),
            text.to_string(),
        ));
    }
    let mut drawn = String::new();
    let report = match report {
        Some(source) => miette::Report::new(diagnostic).with_source_code(source),
        None => {
            if let Some(place) = &problem.place {
                let (line, column) = sources.line_column(place);
                let path = sources.path(place.file).display();
                drawn = format!("{path}:{line}:{column}\n");
            }
            miette::Report::new(diagnostic)
        }
    };
    let theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false);
    match handler.render_report(&mut drawn, report.as_ref()) {
        Ok(()) => drawn,
        // A span that the renderer cannot place must not hide the message itself.
        Err(_) => format!("{}: {}\n", problem.code, problem.message.get(lang)),
    }
}

/// Whether the lines about `span` are short enough to be drawn: the renderer gives up on columns past
/// 65,535, and nobody reads a line of thousands.
fn fits_a_terminal(text: &str, span: &Range<usize>) -> bool {
    const LONGEST: usize = 2_000;
    let bytes = text.as_bytes();
    let end = span.end.min(bytes.len());
    let start = span.start.min(end);
    let near = |bytes: &[u8]| {
        bytes
            .split(|byte| *byte == b'\n')
            .take(2)
            .map(<[u8]>::len)
            .max()
    };
    let before: Vec<u8> = bytes[..start]
        .iter()
        .rev()
        .take(2 * LONGEST)
        .copied()
        .collect();
    let after = &bytes[end..];
    let inside = bytes[start..end]
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::len)
        .max();
    [
        near(&before),
        near(&after[..after.len().min(2 * LONGEST)]),
        inside,
    ]
    .iter()
    .all(|longest| longest.unwrap_or(0) <= LONGEST)
}

/// Why a command could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The files were read and have problems, errors among them.
    #[error("{} problem(s)", problems.len())]
    Problems {
        /// The files, to show the text of.
        sources: Sources,
        /// All that was found, warnings too.
        problems: Vec<Problem>,
    },
    /// An argument, or a combination of arguments, that cannot be answered.
    #[error("{}", .0.en)]
    Argument(Text),
    /// The network or the system refused.
    #[error("{}", .0.en)]
    System(Text),
    /// Whoever read our output has closed it (`hopcast … | head`): nothing is left to say.
    #[error("output closed")]
    Closed,
}

impl Error {
    /// A file error with its path.
    pub fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Error {
        Error::File {
            path: path.into(),
            source,
        }
    }

    /// The whole message in `lang`, ready to print.
    pub fn draw(&self, lang: Lang, colour: bool) -> String {
        match self {
            Error::File { path, source } => match lang {
                Lang::Zh => format!("无法读写文件 {}：{source}\n", path.display()),
                Lang::En => format!("cannot read or write {}: {source}\n", path.display()),
            },
            Error::Problems { sources, problems } => problems
                .iter()
                .map(|problem| draw(sources, problem, lang, colour))
                .collect(),
            Error::Argument(text) | Error::System(text) => format!("{}\n", text.get(lang)),
            Error::Closed => String::new(),
        }
    }
}

/// The name in `known` that `found` most likely stands for, if any is close enough.
pub fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(found, name), name))
        .filter(|(distance, name)| {
            *distance <= 1 + name.chars().count().min(found.chars().count()) / 3
        })
        .min()
        .map(|(_, name)| name)
}

/// What to write instead of `found`: the nearest of `known`, or all of them.
pub fn choices(found: &str, known: &[&str]) -> Text {
    match did_you_mean(found, known.iter().copied()) {
        Some(near) => text!("是不是 \"{near}\"？", "did you mean \"{near}\"?"),
        None if known.is_empty() => Text::new("这里一个也没有", "there is none here"),
        None => {
            let listed = known.join(", ");
            text!("可用：{listed}", "known: {listed}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters_not_bytes() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml".into(), "名 = 1\n容量 = x\n".into());
        let at = sources.text(file).find('x').unwrap();
        let place = Place {
            file,
            span: at..at + 1,
        };
        assert_eq!(sources.line_column(&place), (2, 6));
    }

    #[test]
    fn suggestions_are_close_names_only() {
        let known = ["capacity", "delay", "loss"];
        assert_eq!(did_you_mean("capcity", known), Some("capacity"));
        assert_eq!(did_you_mean("dealy", known), Some("delay"));
        assert_eq!(did_you_mean("owner", known), None);
    }

    #[test]
    fn a_line_too_long_to_draw_is_named_by_its_place() {
        let mut sources = Sources::default();
        let text = format!("a = 1\nb = \"{}\" x\n", "y".repeat(70_000));
        let at = text.find('x').unwrap();
        let file = sources.add("a.toml".into(), text);
        let place = Place {
            file,
            span: at..at + 1,
        };
        let problem = Problem::error("syntax", Some(place), Text::same("m"));
        // Five characters before the 70,000, a quote and a space after them: the 70,008th.
        let drawn = draw(&sources, &problem, Lang::En, false);
        assert!(drawn.starts_with("a.toml:2:70008\n"), "{drawn}");
        assert!(drawn.len() < 1000);
    }

    #[test]
    fn a_span_past_the_end_still_draws() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml".into(), "x".into());
        let place = Place { file, span: 40..50 };
        let problem = Problem::error("syntax", Some(place), Text::same("m"));
        assert!(draw(&sources, &problem, Lang::En, false).contains('m'));
    }
}
