//! One link's classes out of the files of `hopcast share`, for commands that bring traffic of their
//! own: what the file says of demand is not read.

use std::path::Path;

use crate::error::{Error, Problem, Severity, Sources};
use crate::lang::Text;
use crate::qos::{Class, Preset, Rules};
use crate::text;
use crate::units::BitRate;

/// The classes of one link, which make a tree.
#[derive(Debug)]
pub(in crate::cli) struct Policy {
    pub(in crate::cli) link: BitRate,
    pub(in crate::cli) classes: Vec<Class>,
    pub(in crate::cli) preset: Preset,
    pub(in crate::cli) rules: Rules,
    pub(in crate::cli) sources: Sources,
    pub(in crate::cli) warnings: Vec<Problem>,
}

/// Reads the policy in `path`; `link` replaces the rate that the file says.
///
/// # Errors
/// An unreadable file; all that is wrong in it, more than one link and a line behind the link too.
pub(in crate::cli) fn policy(path: &Path, link: Option<BitRate>) -> Result<Policy, Error> {
    let mut written = super::read(path, None)?;
    let mut problems = std::mem::take(&mut written.problems);
    if let Some(other) = written.cases.get(1) {
        let message = Text::new("文件里有多条链路", "the file has several links");
        let help = Text::new(
            "一个文件一条链路：各行的 mix 与 rep 相同",
            "one link: the same mix and rep in every row",
        );
        problems.push(Problem::error("several-links", Some(other.whole()), message).help(help));
    }
    let mut case = written.cases.drain(..).next().unwrap_or_default();
    case.link = link.or(case.link);
    if let Some(line) = case.line {
        let message = text!(
            "链路之后还有 {line} 的线路，谁在那里丢包全凭偶然",
            "behind the link there is a line of {line}, where it is chance who loses"
        );
        let help = Text::new(
            "删去 line，或以线路的速率作为 --link",
            "no line, or the line's rate as --link",
        );
        problems.push(Problem::error("line-behind", Some(case.whole()), message).help(help));
    }
    if !case.broken {
        match case.tree(written.rules) {
            Ok(tree) => problems.extend(super::leaks(&case, &tree)),
            Err(found) => problems.extend(found),
        }
    }
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    match case.link.filter(|_| !problems.iter().any(is_error)) {
        Some(link) => Ok(Policy {
            link,
            classes: case.classes,
            preset: written.preset,
            rules: written.rules,
            sources: written.sources,
            warnings: problems,
        }),
        None => Err(Error::Problems {
            sources: written.sources,
            problems,
        }),
    }
}
