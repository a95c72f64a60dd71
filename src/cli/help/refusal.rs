//! A command line that cannot be understood, said in Chinese: what was found, what is allowed.

use clap::builder::StyledStr;
use clap::builder::styling::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::chinese_usage;
use crate::units::UnitError;

/// Whether `error` refuses the command line; else it is a page that was asked for, or the help in
/// place of a command, which clap prints as they are.
pub(super) fn is_refusal(error: &clap::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// The whole refusal, styled. Kinds that hopcast's arguments hardly meet keep clap's text
/// behind a line in Chinese.
pub(super) fn draw(error: &clap::Error, styles: &Styles) -> StyledStr {
    let red = styles.get_error();
    let Some(mut out) = sentence(error, styles) else {
        let said = error.render();
        let said = said.ansi();
        return format!("{red}错误：{red:#}无法理解命令行；解析器的说明如下\n{said}").into();
    };
    out = format!("{red}错误：{red:#}{out}");
    let tips = tips(error, styles);
    if !tips.is_empty() {
        out.push('\n');
        let green = styles.get_valid();
        for tip in tips {
            out.push_str(&format!("\n  {green}提示：{green:#}{tip}"));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = chinese_usage(usage, styles);
        out.push_str("\n\n");
        out.push_str(&usage);
    }
    let literal = styles.get_literal();
    out.push_str(&format!("\n\n详见 {literal}--help{literal:#}。\n"));
    out.into()
}

/// What was found, and the values that are allowed; `None` for a kind without a sentence here.
fn sentence(error: &clap::Error, styles: &Styles) -> Option<String> {
    let invalid = styles.get_invalid();
    let wrong = |text: &str| format!("'{invalid}{text}{invalid:#}'");
    let one = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let arg = one(ContextKind::InvalidArg).map(wrong);
    let value = one(ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => match one(ContextKind::InvalidArg)?.starts_with('-') {
            true => format!("不认识参数 {}", arg?),
            false => format!("多出了参数 {}", arg?),
        },
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 {}", wrong(one(ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingSubcommand => {
            let parent = wrong(one(ContextKind::InvalidSubcommand)?);
            let known = values(error, ContextKind::ValidSubcommand, "可用命令", styles);
            format!("{parent} 之后还需要一个命令{known}")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = rows(error.get(ContextKind::InvalidArg)?, styles);
            format!("缺少必需的参数：{missing}")
        }
        ErrorKind::InvalidValue => {
            let known = values(error, ContextKind::ValidValue, "可选值", styles);
            match value? {
                "" => format!("参数 {} 需要一个值，但没有给出{known}", arg?),
                value => format!("参数 {} 不能是 {}{known}", arg?, wrong(value)),
            }
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(reason);
            let why = why.map_or(String::new(), |why| format!("：{why}"));
            format!("参数 {} 不能是 {}{why}", arg?, wrong(value?))
        }
        ErrorKind::TooManyValues => {
            format!("参数 {} 的值 {} 是多余的", arg?, wrong(value?))
        }
        ErrorKind::ArgumentConflict => {
            let first = match arg {
                Some(arg) => format!("参数 {arg}"),
                None => format!("命令 {}", wrong(one(ContextKind::InvalidSubcommand)?)),
            };
            let prior = error.get(ContextKind::PriorArg);
            match prior {
                Some(same) if Some(same) == error.get(ContextKind::InvalidArg) => {
                    format!("{first} 只能出现一次")
                }
                Some(ContextValue::String(prior)) => {
                    format!("{first} 不能与 {} 同时使用", wrong(prior))
                }
                Some(several @ ContextValue::Strings(_)) => {
                    format!("{first} 不能与下列参数同时使用：{}", rows(several, styles))
                }
                _ => format!("{first} 不能与其余的某个参数同时使用"),
            }
        }
        ErrorKind::InvalidUtf8 => "有一个参数不是有效的 UTF-8".to_string(),
        _ => return None,
    })
}

/// Why a value was refused: by our units in Chinese, by the standard library's numbers likewise.
fn reason(source: &(dyn std::error::Error + 'static)) -> String {
    if let Some(unit) = source.downcast_ref::<UnitError>() {
        return format!("{}；{}", unit.message.zh, unit.allowed.zh);
    }
    if source.is::<std::num::ParseIntError>() {
        return "应为整数".to_string();
    }
    if source.is::<std::num::ParseFloatError>() {
        return "应为数字".to_string();
    }
    let said = source.to_string();
    match said.split_once(" is not in ") {
        // clap's numbers with a range, e.g. "0 is not in 1..=255".
        Some((_, range)) => format!("允许 {range}"),
        None => said,
    }
}

/// One line for each text of a context.
fn rows(context: &ContextValue, styles: &Styles) -> String {
    let green = styles.get_valid();
    let row = |text: &String| format!("\n  {green}{text}{green:#}");
    match context {
        ContextValue::Strings(texts) => texts.iter().map(row).collect(),
        other => row(&other.to_string()),
    }
}

/// A line of the texts allowed, empty where clap lists none.
fn values(error: &clap::Error, kind: ContextKind, heading: &str, styles: &Styles) -> String {
    let green = styles.get_valid();
    match error.get(kind) {
        Some(ContextValue::Strings(known)) if !known.is_empty() => {
            let known: Vec<_> = known
                .iter()
                .map(|text| format!("{green}{text}{green:#}"))
                .collect();
            format!("\n  [{heading}：{}]", known.join("、"))
        }
        _ => String::new(),
    }
}

/// What may have been meant.
fn tips(error: &clap::Error, styles: &Styles) -> Vec<String> {
    let green = styles.get_valid();
    let right = |text: &str| format!("'{green}{text}{green:#}'");
    let mut tips = Vec::new();
    for (kind, what) in [
        (ContextKind::SuggestedSubcommand, "命令"),
        (ContextKind::SuggestedArg, "参数"),
        (ContextKind::SuggestedValue, "值"),
    ] {
        let near: Vec<String> = match error.get(kind) {
            Some(ContextValue::String(one)) => vec![right(one)],
            Some(ContextValue::Strings(some)) => some.iter().map(|one| right(one)).collect(),
            _ => Vec::new(),
        };
        if !near.is_empty() {
            tips.push(format!("相近的{what}：{}", near.join("、")));
        }
    }
    if let Some(ContextValue::StyledStrs(said)) = error.get(ContextKind::Suggested) {
        tips.extend(said.iter().map(|tip| advice(&tip.to_string(), right)));
    }
    tips
}

/// clap's ready-made advice in Chinese; it comes as a sentence whose quoted parts are the matter.
fn advice(english: &str, right: impl Fn(&str) -> String) -> String {
    let parts: Vec<&str> = english.split('\'').collect();
    match parts.as_slice() {
        ["to pass ", value, " as a value, use ", form, ""] => {
            format!("要把 {} 作为值，请写 {}", right(value), right(form))
        }
        ["", known, " exists"] => format!("有 {}", right(known)),
        [
            "subcommand ",
            command,
            " exists; to use it, remove the ",
            dashes,
            " before it",
        ] => {
            format!(
                "有命令 {}；使用时请去掉它前面的 {}",
                right(command),
                right(dashes)
            )
        }
        _ => english.to_string(),
    }
}
