//! Programs run in a world: by nobody, or with every right over their namespace.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{fs, thread};

use hopcast::lab::namespace::Namespace;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A user without any right: the one called nobody.
const NOBODY: u32 = 65534;

/// Runs `work` in a namespace that a test has made.
pub fn inside<T: Send>(namespace: &Namespace, work: impl FnOnce() -> T + Send) -> T {
    let done = namespace.run(work);
    done.expect("a namespace that was made can be entered")
}

/// Runs hopcast where this thread is, as a user without rights, for a minute at most. A test that
/// is not run by root has no rights to give up and runs it as it is.
pub fn hopcast(args: &[&str]) -> Output {
    finish(start_hopcast(args))
}

/// Starts hopcast so, and leaves it running.
pub fn start_hopcast(args: &[&str]) -> Child {
    let binary = Path::new(env!("CARGO_BIN_EXE_hopcast"));
    if !may_become_nobody() {
        return start(binary, args, false);
    }
    // The build folder may be closed to others, as /root is: they get a copy.
    let folder = tempfile::tempdir().expect("a folder for the copy");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("our own folder");
    let copy = folder.path().join("hopcast");
    if fs::hard_link(binary, &copy).is_err() {
        fs::copy(binary, &copy).expect("a copy of the binary");
    }
    start(&copy, args, true)
}

/// Runs hopcast where this thread is, with its rights, for a minute at most.
pub fn hopcast_as_root(args: &[&str]) -> Output {
    program(Path::new(env!("CARGO_BIN_EXE_hopcast")), args, false)
}

/// Runs a program where this thread is, for a minute at most.
pub fn program(program: &Path, args: &[&str], as_nobody: bool) -> Output {
    finish(start(program, args, as_nobody))
}

fn start(program: &Path, args: &[&str], as_nobody: bool) -> Child {
    let mut command = Command::new(program);
    if as_nobody {
        // With the user, every capability goes.
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    command.args(args).env_clear().env("LC_ALL", "C");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// All that a program says until it ends. One that takes more than a minute is ended, and fails the
/// test. Its pipes are read meanwhile: they hold less than a long report.
pub fn finish(child: Child) -> Output {
    let id = Pid::from_raw(i32::try_from(child.id()).expect("ids are small"));
    let (tell, told) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        let late = told.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout);
        if late {
            kill(id, Signal::SIGKILL).expect("our own child can be ended");
        }
        late
    });
    let output = child.wait_with_output().expect("its output is there");
    drop(tell);
    assert!(
        !watch.join().expect("it only waits"),
        "it took more than a minute: {output:?}"
    );
    output
}

/// Whether this process is root and knows the user nobody (in a user namespace it may not).
pub fn may_become_nobody() -> bool {
    let root = nix::unistd::Uid::effective().is_root();
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    root && map
        .split_whitespace()
        .nth(2)
        .and_then(|count| count.parse::<u64>().ok())
        > Some(NOBODY.into())
}
