//! The live view on a real terminal: what it shows, and that the terminal is given back as it was,
//! however it ends.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

mod screen;

use screen::Screen;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program on a terminal of its own.
struct Session {
    child: std::process::Child,
    /// The side of the person at the terminal.
    person: File,
    /// The side of the program, kept open to look at its modes.
    terminal: OwnedFd,
    /// As it was before the program.
    before: Termios,
    seen: Arc<Mutex<Vec<u8>>>,
    /// Columns and rows.
    size: (usize, usize),
}

impl Session {
    fn start(program: &str, args: &[&str]) -> Session {
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(&size, None).unwrap();
        let before = tcgetattr(&pty.slave).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = Command::new(program);
        command.args(args).env_clear().env("TERM", "xterm");
        command.stdin(end()).stdout(end()).stderr(end());
        // Its own group: a suspended program stops those that it belongs to.
        let child = command.process_group(0).spawn().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut person = File::from(pty.master);
        let mut eyes = person.try_clone().unwrap();
        let sight = seen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length) = eyes.read(&mut bytes) {
                sight.lock().unwrap().extend_from_slice(&bytes[..length]);
            }
        });
        person.flush().unwrap();
        Session {
            child,
            person,
            terminal: pty.slave,
            before,
            seen,
            size: (80, 24),
        }
    }

    fn hopcast(args: &[&str]) -> Session {
        Session::start(env!("CARGO_BIN_EXE_hopcast"), args)
    }

    /// What is on the screen now.
    fn screen(&self) -> Screen {
        let seen = self.seen.lock().unwrap();
        Screen::read(&String::from_utf8_lossy(&seen), self.size)
    }

    /// Waits until the full screen is as `right` wants it, and gives its rows.
    fn wait_until(&self, right: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            let rows = screen.rows();
            if screen.full && right(&rows) {
                return rows;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "shown:\n{}\n{}", rows.join("\n"), screen.plain);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the full screen shows all of `wanted`.
    fn wait_for(&self, wanted: &[&str]) {
        let shown = |wanted: &str, rows: &[String]| rows.iter().any(|row| row.contains(wanted));
        self.wait_until(|rows| wanted.iter().all(|wanted| shown(wanted, rows)));
    }

    /// Waits until the full screen is left.
    fn wait_until_left(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.screen().full {
            assert!(Instant::now() < deadline, "the full screen is not left");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn press(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    fn resize(&mut self, (columns, rows): (u16, u16)) {
        let size = nix::libc::winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let terminal = self.terminal.as_raw_fd();
        // SAFETY: the descriptor is open and the request takes a pointer to a `winsize`.
        let set = unsafe { nix::libc::ioctl(terminal, nix::libc::TIOCSWINSZ, &size) };
        assert_eq!(set, 0);
        self.size = (columns.into(), rows.into());
        // What was written for another size is no longer to be read.
        self.seen.lock().unwrap().clear();
        self.seen.lock().unwrap().extend_from_slice(b"\x1b[?1049h");
        self.signal(Signal::SIGWINCH);
        std::thread::sleep(Duration::from_millis(200));
    }

    fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    fn modes_are_as_before(&self) -> bool {
        tcgetattr(self.terminal.as_fd()).unwrap() == self.before
    }

    /// Waits for the end, checks that the terminal is as it was, and gives what was written on it
    /// after the full screen was left.
    fn end(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                panic!(
                    "it does not end; shown:\n{}",
                    self.screen().rows().join("\n")
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(self.modes_are_as_before());
        // What was written last needs a moment to come through.
        let written = || self.seen.lock().unwrap().len();
        let mut before = None;
        while before.replace(written()) != Some(written()) {
            std::thread::sleep(Duration::from_millis(200));
        }
        let screen = self.screen();
        assert!(!screen.full && screen.cursor_shown);
        (status, screen.plain)
    }
}

#[test]
fn the_screen_shows_the_hop_and_q_gives_the_terminal_back_and_prints_the_report() {
    for (lang, head, method) in [("en", "Verdict", "Method"), ("zh", "判断", "方式")] {
        let mut session =
            Session::hopcast(&["--lang", lang, "trace", "127.0.0.1", "--live", "-i", "0.2"]);
        session.wait_for(&["1 127.0.0.1", "StDev", head, "0.0%"]);
        assert!(!session.modes_are_as_before(), "raw mode");
        session.press("q");
        let (status, after) = session.end();
        assert_eq!(status.code(), Some(0), "{after}");
        assert!(
            after.contains("HOST: ") && after.contains("1.|-- 127.0.0.1"),
            "{after}"
        );
        assert!(after.contains(method), "{after}");
    }
}

#[test]
fn signals_give_the_terminal_back_and_are_told_in_the_exit_code() {
    for (signal, code) in [
        (Signal::SIGTERM, 143),
        (Signal::SIGHUP, 129),
        (Signal::SIGINT, 0),
    ] {
        let session = Session::hopcast(&["trace", "127.0.0.1", "--live"]);
        session.wait_for(&["0.0%"]);
        session.signal(signal);
        let (status, after) = session.end();
        assert_eq!(status.code(), Some(code), "{signal}: {after}");
        assert!(after.contains("HOST: "), "{after}");
    }
}

#[test]
fn ctrl_z_stops_it_with_the_terminal_given_back_and_it_comes_back() {
    let mut session = Session::hopcast(&["trace", "127.0.0.1", "--live"]);
    session.wait_for(&["0.0%"]);
    session.press("\u{1a}");
    let stopped = waitpid(session.pid(), Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(session.pid(), Signal::SIGTSTP));
    assert!(session.modes_are_as_before());
    session.wait_until_left();
    session.signal(Signal::SIGCONT);
    // Everything is drawn anew.
    session.wait_for(&["1 127.0.0.1", "StDev"]);
    assert!(!session.modes_are_as_before());
    session.press("\u{3}");
    assert_eq!(session.end().0.code(), Some(0));
}

#[test]
fn a_new_size_is_drawn_in_and_keys_are_answered() {
    let mut session = Session::hopcast(&["--lang", "en", "trace", "127.0.0.1", "--live"]);
    session.wait_for(&["0.0%"]);
    session.press("?");
    session.wait_for(&["quit and print the report"]);
    session.press("xp");
    session.wait_for(&["PAUSED"]);
    // Smaller is drawn over a corner of the screen that is read back; larger needs a larger one.
    session.resize((20, 5));
    session.wait_for(&["Loss%"]);
    session.resize((1, 1));
    session.resize((200, 50));
    session.wait_for(&["tab target"]);
    session.press(" q");
    assert_eq!(session.end().0.code(), Some(0));
}

#[test]
fn pausing_stops_the_rounds_and_counting_anew_forgets_them() {
    let mut session =
        Session::hopcast(&["--lang", "en", "trace", "127.0.0.1", "--live", "-i", "0.1"]);
    session.wait_for(&["rounds 1-"]);
    session.press("p");
    session.wait_for(&["PAUSED"]);
    // What was under way has come in by then.
    std::thread::sleep(Duration::from_millis(400));
    let before = session.screen().rows();
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(session.screen().rows(), before);
    session.press(" ");
    session.wait_until(|rows| rows[0] != before[0] && !rows[0].contains("PAUSED"));
    session.press("r");
    session.wait_until(|rows| rows[0].contains("rounds ") && !rows[0].contains("rounds 1-"));
    session.press("q");
    let (status, after) = session.end();
    assert_eq!(status.code(), Some(0), "{after}");
}

/// The model of a path, watched without a network: Chinese names, a silent hop, and a report that
/// says that it is simulated.
#[test]
fn the_lab_is_watched_in_real_time() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/topology/zhaozhengyi.toml");
    let mut session = Session::hopcast(&[
        "--lang",
        "zh",
        "trace",
        "--lab",
        "--topology",
        file,
        "--journey",
        "internet",
        "--live",
    ]);
    session.wait_for(&["仿真", "达梦数据库", "深信服 VPN", "不应答"]);
    session.press("q");
    let (status, after) = session.end();
    assert_eq!(status.code(), Some(0), "{after}");
    assert!(
        after.contains("仿真：") && after.contains("达梦数据库"),
        "{after}"
    );
}

/// Not a test of its own: what the next one runs on a terminal.
#[test]
#[ignore = "takes the terminal and panics"]
fn panics_with_the_terminal_taken() {
    let _screen = hopcast::live::terminal::Screen::take().unwrap();
    panic!("told after all");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let program = std::env::current_exe().unwrap();
    let args = [
        "--exact",
        "panics_with_the_terminal_taken",
        "--ignored",
        "--nocapture",
    ];
    let session = Session::start(program.to_str().unwrap(), &args);
    let (status, after) = session.end();
    assert_eq!(status.code(), Some(101));
    assert!(after.contains("told after all"), "{after}");
}

#[test]
fn without_a_terminal_it_says_what_it_needs() {
    let binary = env!("CARGO_BIN_EXE_hopcast");
    let output = Command::new(binary)
        .args(["--lang", "en", "trace", "127.0.0.1", "--live"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
    assert!(said.contains("needs terminals at standard input"), "{said}");
    assert!(output.stdout.is_empty());
}
