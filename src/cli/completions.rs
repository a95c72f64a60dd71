//! `hopcast completions`: what a shell needs to complete commands and options.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::{Context, help};
use crate::error::Error;

/// Print the completions of a shell.
///
/// For example, in ~/.bashrc: source <(hopcast completions bash).
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, context: &Context) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    let mut command = help::spoken(context.lang);
    clap_complete::generate(args.shell, &mut command, "hopcast", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::lang::Lang;

    #[test]
    fn every_shell_is_told_every_command_and_long_option() {
        for (shell, lang) in Shell::value_variants()
            .iter()
            .flat_map(|shell| [(shell, Lang::Zh), (shell, Lang::En)])
        {
            let mut command = help::spoken(lang);
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "hopcast", &mut script);
            let script = String::from_utf8(script).unwrap();
            for (path, command) in help::tree(&command) {
                let name = path.split(' ').next_back().unwrap();
                assert!(script.contains(name), "{shell}: {path}");
                for long in command.get_arguments().filter_map(clap::Arg::get_long) {
                    assert!(script.contains(long), "{shell}: {path} --{long}");
                }
            }
        }
    }

    #[test]
    fn descriptions_are_in_the_language_asked_for() {
        let script = |lang| {
            let mut script = Vec::new();
            let mut command = help::spoken(lang);
            clap_complete::generate(Shell::Zsh, &mut command, "hopcast", &mut script);
            String::from_utf8(script).unwrap()
        };
        assert!(script(Lang::En).contains("Print the completions of a shell"));
        assert!(script(Lang::Zh).contains("输出某种 shell 的补全脚本"));
        assert!(!script(Lang::Zh).contains("Print the completions"));
    }
}
