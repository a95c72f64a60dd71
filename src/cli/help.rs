//! Help and the refusal of a command line, in the language of the user.
//!
//! The English side stands where the arguments are declared, as their documentation. The Chinese
//! side is a table keyed by the English sentence, so a sentence that changes loses its translation
//! and a test says so, as it does for an entry that nothing uses.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::builder::styling::Styles;
use clap::builder::{PossibleValue, PossibleValuesParser, StyledStr};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches, ValueEnum};

use super::{Args, Context};
use crate::lang::{Lang, width};
use wrap::wrap;

#[cfg(feature = "plan")]
mod calc;
#[cfg(all(feature = "trace", target_os = "linux"))]
mod lab;
mod manual;
#[cfg(feature = "trace")]
mod ping;
#[cfg(feature = "plan")]
mod plan;
mod refusal;
#[cfg(feature = "plan")]
mod simulate;
#[cfg(feature = "trace")]
mod trace;
mod wrap;

/// Sentences of the whole program, in English without their final period and in Chinese.
const COMMON: &[(&str, &str)] = &[
    (
        "Network path diagnostics and capacity planning from one description of the whole link",
        "依据整条链路的一份描述，诊断网络路径、规划容量",
    ),
    (
        "Language of everything printed (default: from LC_ALL, LC_MESSAGES, LANG)",
        "全部输出所用的语言（缺省：取自 LC_ALL、LC_MESSAGES、LANG）",
    ),
    ("Simplified Chinese", "简体中文"),
    ("English", "英文"),
    (
        "Print help (see more with '--help')",
        "显示帮助（'--help' 更详细）",
    ),
    (
        "Print help (see a summary with '-h')",
        "显示帮助（'-h' 为摘要）",
    ),
    ("Print version", "显示版本"),
];

const TABLES: &[&[(&str, &str)]] = &[
    COMMON,
    manual::SENTENCES,
    #[cfg(feature = "plan")]
    calc::SENTENCES,
    #[cfg(all(feature = "trace", target_os = "linux"))]
    lab::SENTENCES,
    #[cfg(feature = "plan")]
    plan::SENTENCES,
    #[cfg(feature = "plan")]
    simulate::SENTENCES,
    #[cfg(feature = "trace")]
    ping::SENTENCES,
    #[cfg(feature = "trace")]
    trace::SENTENCES,
];

/// Columns of help that goes to no terminal.
const USUAL_COLUMNS: u16 = 100;
/// Spaces before a name and between the names and what is said of them, as clap lays lists out.
const GAPS: usize = 4;
/// Indent of what is said of a name when it stands on a line of its own, as clap does it.
const OWN_LINE: usize = 10;
/// However narrow the terminal, a sentence gets these columns: ten hanzi.
const FEWEST: usize = 20;

/// The language asked for, before anything else of the command line is understood: `--lang`, else
/// `HOPCAST_LANG`, else the locale ([`Lang::from_env`]). What is no language is passed over.
pub(super) fn language(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Lang {
    let named = |name: &str| Lang::from_str(name, false).ok();
    let mut typed = None;
    let mut words = arguments.into_iter().take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let value = match word.to_str() {
            Some("--lang") => words.next(),
            Some(word) => word.strip_prefix("--lang=").map(OsString::from),
            None => None,
        };
        typed = value
            .as_deref()
            .and_then(OsStr::to_str)
            .and_then(named)
            .or(typed);
    }
    typed
        .or_else(|| named(&variable("HOPCAST_LANG")?))
        .unwrap_or_else(|| Lang::from_env(variable))
}

/// The arguments of the process. Help and the version go to standard output, a refusal with what
/// is allowed to standard error; then the exit code is what is left to do.
pub(super) fn arguments(context: &Context) -> Result<Args, ExitCode> {
    let columns = usize::from(context.columns().unwrap_or(USUAL_COLUMNS));
    let mut command = Args::command().term_width(columns);
    if context.lang == Lang::Zh {
        command.build();
        command = translated(command, columns, columns);
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let read = matches.and_then(|mut matches| {
        Args::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    });
    read.map_err(|error| {
        match context.lang {
            Lang::Zh if refusal::is_refusal(&error) => {
                let said = refusal::draw(&error, command.get_styles());
                match context.colour {
                    true => eprint!("{}", said.ansi()),
                    false => eprint!("{said}"),
                }
            }
            // Whoever closed the pipe has seen enough.
            _ => drop(error.print()),
        }
        match error.use_stderr() {
            true => ExitCode::from(refused(std::env::args_os())),
            false => ExitCode::SUCCESS,
        }
    })
}

/// All commands, built, with what their help says in `lang`: not laid out for a terminal, but for a
/// manual or a shell to do so.
pub(super) fn spoken(lang: Lang) -> Command {
    let mut root = Args::command();
    root.build();
    match lang {
        Lang::Zh => retold(root),
        Lang::En => root,
    }
}

/// `command` in Chinese, sentence for sentence.
fn retold(mut command: Command) -> Command {
    if let Some(about) = command.get_about().map(chinese) {
        command = command.about(about);
    }
    if let Some(about) = command.get_long_about().map(chinese) {
        command = command.long_about(about);
    }
    command
        .mut_args(|mut arg| {
            let values: Vec<_> = shown(&arg)
                .into_iter()
                .map(|value| match value.get_help().map(chinese) {
                    Some(help) => value.help(help),
                    None => value,
                })
                .collect();
            if !values.is_empty() {
                arg = arg.value_parser(PossibleValuesParser::new(values));
            }
            if let Some(help) = arg.get_help().map(chinese) {
                arg = arg.help(help);
            }
            match arg.get_long_help().map(chinese) {
                Some(help) => arg.long_help(help),
                None => arg,
            }
        })
        .mut_subcommands(retold)
}

/// Every command of a built tree with its path ("hopcast calc ps"), parents first.
pub(super) fn tree(root: &Command) -> Vec<(String, &Command)> {
    fn walk<'c>(path: String, command: &'c Command, found: &mut Vec<(String, &'c Command)>) {
        found.push((path.clone(), command));
        for command in command.get_subcommands() {
            walk(format!("{path} {}", command.get_name()), command, found);
        }
    }
    let mut found = Vec::new();
    walk(root.get_name().to_string(), root, &mut found);
    found
}

/// The exit code of a command line that cannot be understood.
const REFUSED: u8 = 2;

/// The same of `ping`: fping's.
pub(super) const PING_REFUSED: u8 = 3;

/// The exit code of these arguments, which were refused: by the command that they name.
fn refused(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let mut words = arguments.into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("ping") => return PING_REFUSED,
            Some("--lang") => drop(words.next()),
            Some(option) if option.starts_with('-') => {}
            _ => break,
        }
    }
    REFUSED
}

/// `command`, which is built, with all that its help says in Chinese. A parent's list gives `about`
/// cells to what the command is for.
fn translated(mut command: Command, columns: usize, about: usize) -> Command {
    let template = template(&mut command);
    let lists = Lists::of(&command, columns);
    let short = command.get_about().map(chinese);
    let long = command.get_long_about().map(chinese).or(short.clone());
    if let (Some(short), Some(long)) = (short, long) {
        command = command
            .about(wrap(&short, about, 0))
            .long_about(wrap(&long, columns, 0));
    }
    command
        .help_template(template)
        .subcommand_value_name("命令")
        .next_line_help(lists.own_lines)
        .mut_args(|arg| {
            let cells = match arg.is_positional() {
                true => lists.positionals,
                false => lists.options,
            };
            argument(arg, columns, cells)
        })
        .mut_subcommands(|command| translated(command, columns, lists.commands))
}

/// The page of a command: clap's own, but for the headings, which clap does not let anyone change.
fn template(command: &mut Command) -> String {
    let usage = command.render_usage();
    let styles = command.get_styles();
    let header = styles.get_header();
    let mut page = format!("{{about-with-newline}}\n{}", chinese_usage(&usage, styles));
    let mut list = |any: bool, heading: &str, tag: &str| {
        if any {
            page.push_str(&format!("\n\n{header}{heading}：{header:#}\n{{{tag}}}"));
        }
    };
    list(command.has_subcommands(), "命令", "subcommands");
    list(
        command.get_positionals().next().is_some(),
        "参数",
        "positionals",
    );
    list(true, "选项", "options");
    page
}

/// clap's `Usage: hopcast [OPTIONS] <COMMAND>` with its words in Chinese, styles kept.
fn chinese_usage(usage: &StyledStr, styles: &Styles) -> String {
    let usage = usage.ansi().to_string();
    let form = usage
        .split_once(' ')
        .map_or(usage.as_str(), |(_, form)| form);
    let form = form
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>");
    let title = styles.get_usage();
    format!("{title}用法：{title:#}{form}")
}

/// Cells for what is said of the names in the three lists of a page.
struct Lists {
    commands: usize,
    positionals: usize,
    options: usize,
    /// The names leave too little room: what is said of them stands on lines of its own.
    own_lines: bool,
}

impl Lists {
    /// As clap decides it for English: own lines where the names take more than 40 % of the columns
    /// and a sentence does not fit beside them.
    fn of(command: &Command, columns: usize) -> Lists {
        let mut own_lines = false;
        let mut cells = |rows: Vec<(usize, usize)>| {
            let longest = rows.iter().map(|(name, _)| *name).max().unwrap_or(2);
            let beside = columns.saturating_sub(longest + GAPS);
            let fits = rows.iter().all(|(_, said)| *said <= beside);
            own_lines |= (columns - beside) * 5 > columns * 2 && !fits;
            beside
        };
        let of_command = |command: &Command| {
            let said = command
                .get_about()
                .map_or(0, |about| width(&chinese(about)));
            (width(command.get_name()), said)
        };
        let of_arg = |arg: &Arg| {
            // Before a long name there is room for a short one: "-c, ".
            let room = if arg.get_long().is_some() { 4 } else { 0 };
            (width(&arg.to_string()) + room, width(&in_short(arg)))
        };
        let (positionals, options): (Vec<&Arg>, Vec<&Arg>) = command
            .get_arguments()
            .filter(|arg| !arg.is_hide_set())
            .partition(|arg| arg.is_positional());
        let commands = cells(command.get_subcommands().map(of_command).collect());
        let positionals = cells(positionals.into_iter().map(of_arg).collect());
        let options = cells(options.into_iter().map(of_arg).collect());
        let given = |beside: usize| match own_lines {
            true => columns.saturating_sub(OWN_LINE).max(FEWEST),
            false => beside.max(FEWEST),
        };
        Lists {
            commands: given(commands),
            positionals: given(positionals),
            options: given(options),
            own_lines,
        }
    }
}

/// `arg` with its help in Chinese: `cells` wide for `-h`, on lines of its own for `--help`.
fn argument(arg: Arg, columns: usize, cells: usize) -> Arg {
    let short = wrap(&in_short(&arg), cells, 0);
    let long = in_full(&arg, columns.saturating_sub(OWN_LINE).max(FEWEST));
    // What clap would add to the help, in English, has been said.
    arg.help(short)
        .long_help(long)
        .hide_possible_values(true)
        .hide_default_value(true)
        .hide_env(true)
}

/// What `-h` says of an argument, in Chinese, on one line.
fn in_short(arg: &Arg) -> String {
    let said = arg.get_help().or(arg.get_long_help()).map(chinese);
    let mut parts: Vec<String> = said.into_iter().collect();
    parts.extend(notes(arg));
    parts.extend(in_a_row(&shown(arg)));
    parts.join(" ")
}

/// The names of values, in brackets; `None` when there are none.
fn in_a_row(values: &[PossibleValue]) -> Option<String> {
    let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
    (!names.is_empty()).then(|| format!("[可选值：{}]", names.join("、")))
}

/// What `--help` says of an argument, in Chinese, on lines of `cells`.
fn in_full(arg: &Arg, cells: usize) -> String {
    let said = arg.get_long_help().or(arg.get_help()).map(chinese);
    let mut parts: Vec<String> = said.iter().map(|said| wrap(said, cells, 0)).collect();
    let mut notes = notes(arg);
    let values = shown(arg);
    if values.iter().all(|value| value.get_help().is_none()) {
        notes.extend(in_a_row(&values));
    } else {
        let longest = values.iter().map(|value| width(value.get_name())).max();
        let hang = "- ".len() + longest.unwrap_or(0) + ": ".len();
        let mut list = "可选值：".to_string();
        for value in &values {
            let name = format!("- {}:", value.get_name());
            let said = value.get_help().map(chinese).unwrap_or_default();
            let line = format!("{}{said}", crate::lang::pad_right(&name, hang));
            list.push('\n');
            list.push_str(&wrap(&line, cells, hang));
        }
        parts.push(list);
    }
    if !notes.is_empty() {
        parts.push(notes.join("\n"));
    }
    parts.join("\n\n")
}

/// Variable and default of an argument, each in brackets.
fn notes(arg: &Arg) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(name) = arg.get_env() {
        let name = name.to_string_lossy();
        let value = std::env::var(&*name).unwrap_or_default();
        notes.push(format!("[环境变量：{name}={value}]"));
    }
    let quoted = |value: &str| match value.contains(char::is_whitespace) {
        true => format!("{value:?}"),
        false => value.to_string(),
    };
    let defaults = arg.get_default_values().iter();
    let defaults: Vec<String> = defaults
        .map(|value| quoted(&value.to_string_lossy()))
        .collect();
    if takes_value(arg) && !defaults.is_empty() {
        notes.push(format!("[缺省：{}]", defaults.join(" ")));
    }
    notes
}

/// The values an argument is limited to, those that help shows.
fn shown(arg: &Arg) -> Vec<PossibleValue> {
    let mut values = arg.get_possible_values();
    values.retain(|value| takes_value(arg) && !value.is_hide_set());
    values
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// A text of the help in Chinese, paragraph by paragraph; what has no Chinese stays English.
fn chinese(english: &StyledStr) -> String {
    let english = english.to_string();
    let paragraphs: Vec<Cow<'_, str>> = english
        .split("\n\n")
        .map(|paragraph| translation(paragraph).map_or(paragraph.into(), Cow::from))
        .collect();
    paragraphs.join("\n\n")
}

fn translation(english: &str) -> Option<&'static str> {
    let english = english.trim_end_matches('.');
    let all = TABLES.iter().copied().flatten();
    all.copied()
        .find(|(key, _)| *key == english)
        .map(|(_, chinese)| chinese)
}

#[cfg(test)]
mod tests;
