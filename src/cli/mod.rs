//! What was typed, in; an exit code, out. One command, one file.
//!
//! Exit codes: 0 the question was answered; 1 it was answered and the answer is bad (problems in a
//! file, nothing answered a trace); 2 it could not be asked (bad arguments, unreadable file); 130 a
//! simulation was interrupted and said what it knew. Only `ping` has codes of its own: fping's.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::lang::Lang;

#[cfg(feature = "plan")]
mod calc;
#[cfg(feature = "plan")]
mod check;
#[cfg(feature = "plan")]
mod compare;
mod completions;
mod help;
#[cfg(all(feature = "trace", target_os = "linux"))]
mod lab;
#[cfg(all(feature = "trace", unix))]
mod live;
mod man;
#[cfg(feature = "trace")]
mod ping;
#[cfg(feature = "plan")]
mod schema;
#[cfg(feature = "plan")]
mod share;
#[cfg(feature = "plan")]
mod show;
#[cfg(feature = "plan")]
mod simulate;
#[cfg(feature = "trace")]
mod trace;

/// hopcast: where does it hurt on the path, whose is it, will this change fix it, and until when?
#[derive(Debug, Parser)]
#[command(name = "hopcast", version, about, disable_help_subcommand = true)]
pub struct Args {
    /// Language of everything printed (default: from LC_ALL, LC_MESSAGES, LANG).
    #[arg(long, global = true, value_enum, env = "HOPCAST_LANG")]
    pub lang: Option<Lang>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One closed form: refusals, waits, sharing, TCP rates, growth; with its source.
    #[cfg(feature = "plan")]
    Calc(calc::CalcArgs),
    #[cfg(feature = "plan")]
    Check(check::CheckArgs),
    #[cfg(feature = "plan")]
    Compare(compare::CompareArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    #[cfg(feature = "trace")]
    Ping(Box<ping::PingArgs>),
    #[cfg(all(feature = "trace", target_os = "linux"))]
    Lab(lab::LabArgs),
    #[cfg(feature = "plan")]
    Schema(schema::SchemaArgs),
    /// What each class of a link is granted, and why.
    #[cfg(feature = "plan")]
    Share(share::ShareArgs),
    #[cfg(feature = "plan")]
    Show(show::ShowArgs),
    #[cfg(feature = "plan")]
    Simulate(simulate::SimulateArgs),
    #[cfg(feature = "trace")]
    Trace(Box<trace::TraceArgs>),
}

/// What every command needs to know of its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Language of everything printed.
    pub lang: Lang,
    /// Whether problems may be drawn in colour.
    pub colour: bool,
}

impl Context {
    /// Terminal cells that tables may take: `COLUMNS` where it is set (POSIX), else the width of
    /// the terminal; `None` when the output goes elsewhere.
    pub fn columns(&self) -> Option<u16> {
        let said = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse().ok());
        let terminal = || Some(terminal_size::terminal_size_of(std::io::stdout())?.0.0);
        said.or_else(terminal).filter(|&columns| columns > 0)
    }

    /// Prints to standard output. A closed pipe is [`Error::Closed`].
    pub fn print(&self, text: &str) -> Result<(), Error> {
        let mut out = std::io::stdout().lock();
        let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        printed.map_err(|source| match source.kind() {
            std::io::ErrorKind::BrokenPipe => Error::Closed,
            _ => Error::file("<stdout>", source),
        })
    }
}

/// Local time with its offset, as mtr prints it.
#[cfg(feature = "trace")]
fn local_time() -> String {
    let now = jiff::Zoned::now();
    now.strftime("%Y-%m-%dT%H:%M:%S%z").to_string()
}

/// Reads the arguments of the process, runs the command and says how it ended.
pub fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let mut context = Context {
        lang: help::language(std::env::args_os(), variable),
        colour: std::io::stderr().is_terminal() && variable("NO_COLOR").is_none(),
    };
    let args = match help::arguments(&context) {
        Ok(args) => args,
        Err(code) => return code,
    };
    context.lang = args.lang.unwrap_or(context.lang);
    match run(&args.command, &context) {
        Ok(code) => code,
        Err(Error::Closed) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("{}", error.draw(context.lang, context.colour));
            match error {
                Error::Problems { .. } => ExitCode::from(1),
                _ => ExitCode::from(2),
            }
        }
    }
}

fn run(command: &Command, context: &Context) -> Result<ExitCode, Error> {
    match command {
        #[cfg(feature = "plan")]
        Command::Calc(args) => calc::run(args, context),
        #[cfg(feature = "plan")]
        Command::Check(args) => check::run(args, context),
        #[cfg(feature = "plan")]
        Command::Compare(args) => compare::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
        #[cfg(feature = "trace")]
        Command::Ping(args) => ping::run(args, context),
        #[cfg(all(feature = "trace", target_os = "linux"))]
        Command::Lab(args) => lab::run(args, context),
        #[cfg(feature = "plan")]
        Command::Schema(args) => schema::run(args, context),
        #[cfg(feature = "plan")]
        Command::Share(args) => share::run(args, context),
        #[cfg(feature = "plan")]
        Command::Show(args) => show::run(args, context),
        #[cfg(feature = "plan")]
        Command::Simulate(args) => simulate::run(args, context),
        #[cfg(feature = "trace")]
        Command::Trace(args) => trace::run(args, context),
    }
}
