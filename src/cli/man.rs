//! `hopcast man`: a manual page for each command, made from the same sentences as the help.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

use super::{Context, help};
use crate::error::Error;
use crate::files;
use crate::lang::{Lang, Text};

/// Print the manual, or write a page for each command into DIR.
///
/// To read it: hopcast man | man -l -.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder for the pages; without it all pages are printed.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Prints or writes the pages.
pub(super) fn run(args: &ManArgs, context: &Context) -> Result<ExitCode, Error> {
    for (name, page) in pages(context.lang)? {
        match &args.folder {
            Some(folder) => files::write(&folder.join(name), page.as_bytes())?,
            None => context.print(&page)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What `clap_mangen` writes of its own, and the same in Chinese.
const FRAMES: &[(&str, &str)] = &[
    (".SH NAME\n", ".SH 名称\n"),
    (".SH SYNOPSIS\n", ".SH 概要\n"),
    (".SH DESCRIPTION\n", ".SH 说明\n"),
    (".SH OPTIONS\n", ".SH 选项\n"),
    (".SH SUBCOMMANDS\n", ".SH 命令\n"),
    (".SH VERSION\n", ".SH 版本\n"),
    ("\\fIsubcommands\\fR", "\\fI命令\\fR"),
    ("\\fIPossible values:\\fR", "\\fI可选值：\\fR"),
    (" [default: ", " [缺省："),
    ("May also be specified with the ", "也可用环境变量 "),
    (" environment variable. ", " 指定。"),
];

/// Every page with its file name, the program's own first.
fn pages(lang: Lang) -> Result<Vec<(String, String)>, Error> {
    let root = help::spoken(lang);
    let commands = help::tree(&root).into_iter();
    commands.map(|(_, command)| page(command, lang)).collect()
}

fn page(command: &Command, lang: Lang) -> Result<(String, String), Error> {
    let program = concat!("hopcast ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(program).manual("hopcast");
    let mut page = Vec::new();
    let written = man.render(&mut page);
    written.map_err(|source| Error::System(Text::same(source)))?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if lang == Lang::Zh {
        for (english, chinese) in FRAMES {
            page = page.replace(english, chinese);
        }
    }
    Ok((man.get_filename(), page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_every_command_and_its_parent_names_it() {
        for lang in [Lang::Zh, Lang::En] {
            let root = help::spoken(lang);
            let pages = pages(lang).unwrap();
            let find = |path: &str| {
                let name = format!("{}.1", path.replace(' ', "-"));
                let page = pages.iter().find(|(known, _)| *known == name);
                page.unwrap_or_else(|| panic!("no page {name}")).1.clone()
            };
            let tree = help::tree(&root);
            assert_eq!(tree.len(), pages.len());
            assert!(tree.len() > 3);
            for (path, command) in tree {
                let page = find(&path);
                let about = command.get_about().unwrap().to_string();
                // roff wants hyphens and leading dots escaped; words without them stay as they are.
                let words = about.split([' ', '-', '\'', '.', '\\']);
                for word in words.filter(|word| !word.is_empty()) {
                    assert!(page.contains(word), "{path}: {word}");
                }
                if let Some((parent, name)) = path.rsplit_once(' ') {
                    let name = format!("{parent} {name}").replace([' ', '-'], "\\-");
                    assert!(find(parent).contains(&format!("{name}(1)")), "{path}");
                }
            }
        }
    }

    #[test]
    fn the_frame_is_what_the_english_pages_have() {
        let english: String = pages(Lang::En).unwrap().into_iter().map(|p| p.1).collect();
        for (frame, _) in FRAMES {
            assert!(english.contains(frame), "{frame}");
        }
    }

    #[test]
    fn a_chinese_page_keeps_nothing_of_the_english_frame() {
        for (name, page) in pages(Lang::Zh).unwrap() {
            for (english, _) in FRAMES {
                assert!(!page.contains(english), "{name}: {english}");
            }
            for line in page.lines().filter(|line| line.starts_with(".SH ")) {
                assert!(!line.is_ascii(), "{name}: {line}");
            }
        }
    }

    #[test]
    fn a_folder_gets_one_file_for_each_page_and_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let args = ManArgs {
            folder: Some(folder.path().join("man1")),
        };
        let context = Context {
            lang: Lang::En,
            colour: false,
        };
        run(&args, &context).unwrap();
        let mut written: Vec<_> = std::fs::read_dir(folder.path().join("man1"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut named: Vec<_> = pages(Lang::En).unwrap().into_iter().map(|p| p.0).collect();
        written.sort();
        named.sort();
        assert_eq!(written, named);
    }
}
