//! The terminal itself: taken and given back, whatever happens; its keys; and the signals that
//! concern it.

use std::fs::File;
use std::io::{self, BufWriter, PipeReader, PipeWriter, Read, Stdout, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, Signal as Number};
use nix::unistd::Pid;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::ResetColor;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Rect};
use ratatui::{Terminal, TerminalOptions, Viewport};
use terminal_size::terminal_size_of;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::keys::{Key, keys};

/// Columns and rows of a terminal that does not say how large it is.
const USUAL: (u16, u16) = (80, 24);

/// Whether the terminal is ours at present.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back if it is ours: its modes, its screen, its cursor.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Whoever closed the terminal needs nothing back.
        let _ = execute!(stdout(), ResetColor, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// A terminal taken for drawing. It is given back when this is dropped, and before a panic is told.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal at standard input and output.
    pub fn take() -> io::Result<Screen> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let tell = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                tell(panic);
            }));
        });
        let viewport = Viewport::Fixed(size());
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, stdout()));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport })?;
        let mut screen = Screen { terminal };
        screen.take_again()?;
        Ok(screen)
    }

    /// Takes the terminal after somebody else had it, and draws everything anew the next time.
    pub fn take_again(&mut self) -> io::Result<()> {
        // Raw mode is entered from whatever the modes are now, and they are what is given back.
        disable_raw_mode()?;
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(stdout(), EnterAlternateScreen, Hide)?;
        self.repaint()
    }

    /// Draws everything anew the next time.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.terminal.resize(size())
    }

    /// Draws a picture of the size that the terminal has now, and puts the cursor where `picture`
    /// says, if anywhere.
    pub fn draw(
        &mut self,
        picture: impl FnOnce(Rect, &mut Buffer) -> Option<Position>,
    ) -> io::Result<()> {
        let size = size();
        if size != self.terminal.get_frame().area() {
            self.terminal.resize(size)?;
        }
        let drawn = self.terminal.draw(|frame| {
            let area = frame.area();
            if let Some(cursor) = picture(area, frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        });
        drawn.map(drop)
    }

    /// Gives the terminal back, stops this process and those with it as ctrl-z does, and takes the
    /// terminal again when somebody continues us.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        // The kernel does not stop a group that nobody would continue.
        signal::kill(Pid::from_raw(0), Number::SIGTSTP)?;
        self.take_again()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.terminal.backend_mut().flush();
        give_back();
    }
}

fn size() -> Rect {
    let told = terminal_size_of(stdout()).map(|(width, height)| (width.0, height.0));
    let (width, height) = told
        .filter(|(width, height)| *width > 0 && *height > 0)
        .unwrap_or(USUAL);
    Rect::new(0, 0, width, height)
}

/// The keys of the terminal at standard input, read by a thread of its own: tokio has no safe way to
/// wait for a terminal.
#[derive(Debug)]
pub struct Keyboard {
    typed: UnboundedReceiver<Vec<Key>>,
    /// Closed, it ends the thread, which then leaves to others what is typed next.
    _open: PipeWriter,
}

impl Keyboard {
    /// Listens to standard input from now on.
    pub fn listen() -> io::Result<Keyboard> {
        let input = File::from(stdin().as_fd().try_clone_to_owned()?);
        let (closed, open) = io::pipe()?;
        let (send, typed) = unbounded_channel();
        let read = move || {
            // An error is an end: the terminal is gone.
            let _ = read(input, &closed, &send);
        };
        std::thread::Builder::new()
            .name("keys".to_string())
            .spawn(read)?;
        Ok(Keyboard { typed, _open: open })
    }

    /// The next keys; `None` when there will be none any more. Dropped while it waits, it loses
    /// none.
    pub async fn next(&mut self) -> Option<Vec<Key>> {
        self.typed.recv().await
    }
}

/// Hands over what is typed until `closed` is, or nobody takes it any more.
fn read(mut input: File, closed: &PipeReader, send: &UnboundedSender<Vec<Key>>) -> io::Result<()> {
    loop {
        let mut look = [
            PollFd::new(closed.as_fd(), PollFlags::POLLIN),
            PollFd::new(input.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut look, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            looked => looked?,
        };
        let [ending, _] = look.map(|fd| fd.any().unwrap_or(true));
        if ending {
            return Ok(());
        }
        let mut bytes = [0; 256];
        let length = input.read(&mut bytes)?;
        let read = bytes.get(..length).unwrap_or_default();
        if read.is_empty() || send.send(keys(read)).is_err() {
            return Ok(());
        }
    }
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To end, by the signal of this number.
    End(i32),
    /// To draw in another size.
    Resize,
    /// To take the terminal again: we were stopped and continued.
    Continue,
}

/// The signals that concern a terminal.
#[derive(Debug)]
pub struct Signals {
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
    resize: Stream,
    continued: Stream,
}

impl Signals {
    /// Listens to them from now on: they no longer end the process by themselves, not even later.
    /// Must be called inside a tokio runtime.
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            resize: signal(SignalKind::window_change())?,
            continued: signal(SignalKind::from_raw(Number::SIGCONT as i32))?,
        })
    }

    /// The next one. Dropped while it waits, it loses none.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::End(Number::SIGINT as i32),
            _ = self.terminate.recv() => Asked::End(Number::SIGTERM as i32),
            _ = self.hangup.recv() => Asked::End(Number::SIGHUP as i32),
            _ = self.resize.recv() => Asked::Resize,
            _ = self.continued.recv() => Asked::Continue,
        }
    }
}
