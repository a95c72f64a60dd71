//! What the view shows, as its keys leave it: keys in, state out. No terminal, no network.

use std::time::Duration;

use super::figures::{fields, jitter, letter};
use super::keys::Key;
use crate::lang::Text;
use crate::report::trace::{Field, Fields};
use crate::text;

/// Seconds that an interval may have.
const INTERVALS: std::ops::RangeInclusive<f64> = 0.01..=86_400.0;

/// Characters that an answer to a question may have.
const LONGEST_ANSWER: usize = 40;

/// Rows that a page key moves.
const PAGE: usize = 10;

/// What stands in the table beside the hops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// Figures, then verdict, node and history as far as there is room.
    Figures,
    /// Each hop's recent round trips, as long as the screen is wide.
    History,
    /// Which node a hop is, whose it is, and the verdict.
    Nodes,
}

/// A question to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for.
    pub asked: Asked,
    /// What has been typed so far.
    pub typed: String,
    /// Why the last answer was refused.
    pub refused: Option<Text>,
}

/// What a prompt asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Seconds between two sweeps.
    Interval,
    /// Letters of columns.
    Columns,
}

/// What a key asks of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// End it.
    Quit,
    /// Give the terminal back until somebody continues us.
    Suspend,
    /// Forget what was; figures begin now.
    Reset,
    /// Leave this much time between the starts of two sweeps.
    Interval(Duration),
    /// Draw everything anew.
    Repaint,
}

/// What the keys move among.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// How many targets there are.
    pub targets: usize,
    /// The distances of the hops shown.
    pub distances: Vec<u8>,
    /// The hop that is shown while none has been chosen.
    pub focus: Option<u8>,
}

/// What is shown, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Which target.
    pub target: usize,
    /// Which hop, where one has been chosen.
    pub chosen: Option<u8>,
    /// Whether no probe is sent.
    pub paused: bool,
    /// What stands in the table.
    pub display: Display,
    /// Which figures.
    pub columns: Vec<Field>,
    /// Whether names are shown instead of addresses, where they are known.
    pub names: bool,
    /// Whether MPLS labels are shown.
    pub labels: bool,
    /// Whether the chosen hop has the screen to itself.
    pub enlarged: bool,
    /// Whether the keys are explained.
    pub help: bool,
    /// What the user is being asked.
    pub prompt: Option<Prompt>,
    /// What is said to the last key.
    pub notice: Option<Text>,
    /// Time between the starts of two sweeps.
    pub interval: Duration,
}

impl State {
    /// As the view begins.
    pub fn new(interval: Duration, names: bool) -> State {
        State {
            target: 0,
            chosen: None,
            paused: false,
            display: Display::Figures,
            columns: latency(),
            names,
            labels: false,
            enlarged: false,
            help: false,
            prompt: None,
            notice: None,
            interval,
        }
    }

    /// Takes a key, and says what it asks of the run. An unknown key does nothing.
    pub fn press(&mut self, key: Key, shape: &Shape) -> Option<Action> {
        self.notice = None;
        match key {
            Key::Ctrl('c') => return Some(Action::Quit),
            Key::Ctrl('z') => return Some(Action::Suspend),
            Key::Ctrl('l') => return Some(Action::Repaint),
            _ => {}
        }
        if self.help {
            self.help = false;
            return None;
        }
        match self.prompt.take() {
            Some(prompt) => self.answer(prompt, key),
            None => self.command(key, shape),
        }
    }

    fn command(&mut self, key: Key, shape: &Shape) -> Option<Action> {
        match key {
            Key::Char('q' | 'Q') => return Some(Action::Quit),
            Key::Char('p') => self.paused = true,
            Key::Char(' ') => self.paused = false,
            Key::Char('r' | 'c') => {
                self.notice = Some(Text::new("从现在起重新统计", "Counting anew from now"));
                return Some(Action::Reset);
            }
            Key::Char('d') => {
                self.display = match self.display {
                    Display::Figures => Display::History,
                    Display::History => Display::Nodes,
                    Display::Nodes => Display::Figures,
                }
            }
            Key::Char('J') => {
                self.columns = match self.columns == jitter() {
                    true => latency(),
                    false => jitter(),
                }
            }
            Key::Char('n') => self.names = !self.names,
            Key::Char('e') => self.labels = !self.labels,
            Key::Char('h' | '?') => self.help = true,
            Key::Char('i') => self.ask(Asked::Interval),
            Key::Char('o') => self.ask(Asked::Columns),
            Key::Char('z') => {
                self.notice = Some(Text::new(
                    "自治域不可用：没有给出本地数据，也不联网查询",
                    "No AS numbers: no local data was given, and none is asked for on the network",
                ))
            }
            Key::Char('u' | 't') => {
                self.notice = Some(Text::new(
                    "运行中不能切换探测方式：请退出后用 --method 重新启动",
                    "The method cannot be changed live: quit and start anew with --method",
                ))
            }
            Key::Enter => self.enlarged = !self.enlarged,
            Key::Escape if self.enlarged => self.enlarged = false,
            Key::Escape => self.chosen = None,
            Key::Char('j') | Key::Down => self.choose(shape, |at, _| at + 1),
            Key::Char('k') | Key::Up => self.choose(shape, |at, _| at.saturating_sub(1)),
            Key::PageDown => self.choose(shape, |at, _| at + PAGE),
            Key::PageUp => self.choose(shape, |at, _| at.saturating_sub(PAGE)),
            Key::Home => self.choose(shape, |_, _| 0),
            Key::End => self.choose(shape, |_, last| last),
            Key::Tab => self.turn(shape, 1),
            Key::BackTab => self.turn(shape, shape.targets.saturating_sub(1)),
            _ => {}
        }
        None
    }

    /// Chooses the hop at what `to` makes of the present index and the last.
    fn choose(&mut self, shape: &Shape, to: fn(usize, usize) -> usize) {
        let Some(last) = shape.distances.len().checked_sub(1) else {
            return;
        };
        let present = self.chosen.or(shape.focus);
        let at = shape.distances.iter().position(|own| Some(*own) == present);
        let at = to(at.unwrap_or(last), last).min(last);
        self.chosen = shape.distances.get(at).copied();
    }

    /// Goes `steps` targets on, round and round.
    fn turn(&mut self, shape: &Shape, steps: usize) {
        if shape.targets > 1 {
            self.target = (self.target + steps) % shape.targets;
            self.chosen = None;
        }
    }

    fn ask(&mut self, asked: Asked) {
        let typed = match asked {
            Asked::Interval => self.interval.as_secs_f64().to_string(),
            Asked::Columns => self.columns.iter().copied().map(letter).collect(),
        };
        self.prompt = Some(Prompt {
            asked,
            typed,
            refused: None,
        });
    }

    /// Takes a key into the answer to a prompt, which stays open until enter or escape.
    fn answer(&mut self, mut prompt: Prompt, key: Key) -> Option<Action> {
        prompt.refused = None;
        match key {
            Key::Escape => return None,
            Key::Enter => match self.accept(&prompt) {
                Ok(action) => return action,
                Err(why) => prompt.refused = Some(why),
            },
            Key::Backspace => {
                prompt.typed.pop();
            }
            Key::Ctrl('u') => prompt.typed.clear(),
            Key::Char(c) if prompt.typed.chars().count() < LONGEST_ANSWER => prompt.typed.push(c),
            _ => {}
        }
        self.prompt = Some(prompt);
        None
    }

    /// Does what a prompt was answered with, or says what is allowed.
    fn accept(&mut self, prompt: &Prompt) -> Result<Option<Action>, Text> {
        let typed = prompt.typed.trim();
        match prompt.asked {
            Asked::Interval => {
                let seconds: Option<f64> = typed.parse().ok();
                let (least, most) = (INTERVALS.start(), INTERVALS.end());
                let length = seconds
                    .filter(|seconds| INTERVALS.contains(seconds))
                    .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                    .ok_or_else(|| {
                        text!(
                            "应为 {least} 到 {most} 的秒数",
                            "seconds from {least} to {most}"
                        )
                    })?;
                self.interval = length;
                Ok(Some(Action::Interval(length)))
            }
            Asked::Columns => {
                let columns = fields(typed)?;
                self.columns = match columns.is_empty() {
                    true => latency(),
                    false => columns,
                };
                Ok(None)
            }
        }
    }
}

/// The columns that mtr shows unless told otherwise.
fn latency() -> Vec<Field> {
    Fields::default().iter().collect()
}

#[cfg(test)]
mod tests;
