//! Programs run to their end, and what that took.

use std::io;
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub wall: Duration,
    pub cpu: Duration,
    /// The most memory that was in use, in KiB.
    pub memory: f64,
    /// As `wait` gives it: 0 when all went well.
    pub status: i32,
    /// Its standard error output.
    pub said: String,
}

/// Runs a program to its end, or interrupts it after a while.
pub fn run(command: &[&str], lasts: Option<Duration>) -> io::Result<Ended> {
    let (program, args) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C").stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = command.spawn()?;
    let process = i32::try_from(child.id()).map_err(io::Error::other)?;
    if let Some(lasts) = lasts {
        thread::sleep(lasts);
        // SAFETY: a plain call; the child is ours and has not been waited for.
        unsafe { libc::kill(process, libc::SIGINT) };
    }
    let said = io::read_to_string(child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?)?;
    let (status, usage) = wait(process)?;
    let length = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    Ok(Ended {
        wall: began.elapsed(),
        cpu: length(usage.ru_utime) + length(usage.ru_stime),
        memory: usage.ru_maxrss as f64,
        status,
        said,
    })
}

/// Waits for a child to end; gives its status and what it used.
fn wait(process: i32) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to room of the right size that outlives the call, and a usage of
    // zeroes is a usage.
    let (done, usage) = unsafe {
        let done = libc::wait4(process, &raw mut status, 0, usage.as_mut_ptr());
        (done, usage.assume_init())
    };
    match done == process {
        true => Ok((status, usage)),
        false => Err(io::Error::last_os_error()),
    }
}

/// The middle figure of several runs; of none there is none.
pub fn median<R>(runs: &[R], figure: impl Fn(&R) -> f64) -> Option<f64> {
    let mut figures: Vec<f64> = runs.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
