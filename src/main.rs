//! The `hopcast` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hopcast::cli::main()
}
