//! `hopcast lab`: the network that a file describes, to try programs in.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::net::IpAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus};

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

use super::Context;
use crate::error::Error;
use crate::lab::world::{Made, World};
use crate::lab::{Lab, rights};
use crate::lang::Text;
use crate::report::lab::table;
use crate::text;
use crate::topology::{self, JourneyAt, Topology};

/// Build the network that a file describes, and run a program in it.
///
/// The path is made on this machine, in namespaces of its own; nothing is sent outside. The program
/// runs where the journey begins, and the node where it turns answers on its ports. Needs root or a
/// machine that allows user namespaces.
#[derive(Debug, Args)]
pub(super) struct LabArgs {
    /// A topology file, or a world file.
    file: PathBuf,
    /// The journey to build (default: the only one).
    #[arg(long, value_name = "ID")]
    journey: Option<String>,
    /// Seed of everything that is drawn by lot.
    #[arg(long)]
    seed: Option<u64>,
    /// What to run, with its arguments (default on a terminal: $SHELL; else the nodes are shown and
    /// nothing is run).
    #[arg(last = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

/// Exit: what the program's is; 128 and the signal that ended it. 2: it could not be run.
pub(super) fn run(args: &LabArgs, context: &Context) -> Result<ExitCode, Error> {
    let (world, made) = args.world()?;
    let shown = table(&world, &made, context.lang, context.columns());
    let Some((program, arguments)) = args.program() else {
        context.print(&shown)?;
        return Ok(ExitCode::SUCCESS);
    };
    rights::gain()?;
    let lab = Lab::start(world)?;
    // So that ping needs no rights there; where it cannot be had, ping says so itself.
    let _ = lab.client.allow_echo_sockets();
    // Standard output is the program's.
    eprint!("{shown}");
    let mut command = Command::new(&program);
    let (child, named) = lab.spawn(command.args(arguments)).map_err(|error| {
        let program = program.to_string_lossy();
        Error::Argument(text!(
            "不能运行 {program}：{error}",
            "cannot run {program}: {error}"
        ))
    })?;
    if !named {
        let said = text!(
            "本机不允许改用自己的 hosts 文件：请用地址，不要用节点名",
            "this machine allows no hosts file of our own: use addresses, not the names of nodes"
        );
        eprintln!("{}", said.get(context.lang));
    }
    let status = wait(child).map_err(|error| Error::System(Text::same(error)))?;
    Ok(ExitCode::from(code(status)))
}

impl LabArgs {
    /// The world of the file, and the addresses that were made up for it.
    fn world(&self) -> Result<(World, HashSet<IpAddr>), Error> {
        if World::is_in(&self.file)? {
            if self.journey.is_some() {
                return Err(Error::Argument(Text::new(
                    "实验网络文件里没有路径可选：去掉 --journey",
                    "a world file has no journeys to choose from: leave --journey out",
                )));
            }
            let mut world = World::load(&self.file)?;
            world.seed = self.seed.unwrap_or(world.seed);
            return Ok((world, HashSet::new()));
        }
        let topology = topology::load(&self.file)?.topology;
        let journey = journey(&topology, &self.file, self.journey.as_deref())?;
        let Made { world, addresses } = World::along(&topology, journey, self.seed.unwrap_or(1))
            .ok_or_else(|| {
                Error::Argument(Text::new(
                    "这条路径没有任何一步，无网可搭",
                    "this journey has no step: nothing to build",
                ))
            })?;
        Ok((world, addresses))
    }

    /// What to run; nothing where nobody says and nobody could type.
    fn program(&self) -> Option<(OsString, Vec<OsString>)> {
        if let Some((program, arguments)) = self.command.split_first() {
            return Some((program.clone(), arguments.to_vec()));
        }
        let shell = || std::env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
        std::io::stdin()
            .is_terminal()
            .then(|| (shell(), Vec::new()))
    }
}

/// The journey called `id`, or the only one.
fn journey(topology: &Topology, path: &Path, id: Option<&str>) -> Result<JourneyAt, Error> {
    let found = match (id, topology.journeys.len()) {
        (Some(id), _) => topology.journey(id),
        (None, 1) => Some(JourneyAt(0)),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let journeys = topology.journeys.iter();
        let known: Vec<&str> = journeys.map(|journey| journey.id.as_str()).collect();
        let (path, known) = (path.display(), known.join(", "));
        Error::Argument(match id {
            Some(id) => text!(
                "{path} 没有路径 \"{id}\"；可用：{known}",
                "{path} has no journey \"{id}\"; known: {known}"
            ),
            None if topology.journeys.is_empty() => {
                text!("{path} 没有写任何路径", "{path} has no journey")
            }
            None => text!(
                "{path} 有多条路径，请用 --journey 选一条：{known}",
                "{path} has several journeys; choose one by --journey: {known}"
            ),
        })
    })
}

/// Waits for the program. What a terminal's keys send goes to it as to us, and is its to answer;
/// a request to end is passed on to it.
fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    let pid = i32::try_from(child.id()).map(Pid::from_raw);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build()?;
    runtime.block_on(async {
        let mut keys = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::quit())?,
        ];
        let mut end = signal(SignalKind::terminate())?;
        let [interrupt, quit] = &mut keys;
        let mut ended = tokio::task::spawn_blocking(move || child.wait());
        loop {
            tokio::select! {
                status = &mut ended => return status?,
                _ = interrupt.recv() => {}
                _ = quit.recv() => {}
                _ = end.recv() => {
                    if let Ok(pid) = pid {
                        // A program that has just ended needs no signal.
                        let _ = kill(pid, Signal::SIGTERM);
                    }
                }
            }
        }
    })
}

/// The exit code of a program, as a shell gives it.
fn code(status: ExitStatus) -> u8 {
    let signal = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(signal).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
