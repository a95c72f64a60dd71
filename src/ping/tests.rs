//! Runs over a network of scripted targets, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{pending, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use proptest::prelude::*;

use super::event::What;
use super::record::Standing;
use super::settings::{Mode, Settings};
use super::*;
use crate::lang::Text;
use crate::probe::{Answer, Arrival, Probe, Reply, Sequence, Stamp, Target, Troubles};
use crate::units::Moment;

const ECHO: Answer = Answer::Arrived(Arrival::Echo);
const HOST_UNREACHABLE: Answer = Answer::Unreachable { kind: 3, code: 1 };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn at(milliseconds: u64) -> Moment {
    Moment::default() + ms(milliseconds)
}

/// What a target does with a probe: after how long it says what. `None` keeps it from leaving.
type Script = dyn Fn(u32, u32) -> Option<Vec<(Duration, Answer)>>;

/// Answers by a script; notes what was sent when.
struct Scripted {
    script: Box<Script>,
    now: Moment,
    /// How long this process is put aside when it next waits after so many probes.
    stall: Duration,
    stall_after: usize,
    coming: BinaryHeap<Reverse<(Moment, u32, u32, bool)>>,
    sent: Vec<(Moment, u32)>,
}

fn network(script: impl Fn(u32, u32) -> Option<Vec<(Duration, Answer)>> + 'static) -> Scripted {
    Scripted {
        script: Box::new(script),
        now: Moment::default(),
        stall: Duration::ZERO,
        stall_after: 0,
        coming: BinaryHeap::new(),
        sent: Vec::new(),
    }
}

impl Network for Scripted {
    fn now(&self) -> Moment {
        self.now
    }

    fn send(&mut self, probe: Probe) -> Result<Moment, Text> {
        let (Target(target), Sequence(sequence)) = probe.id();
        let said = (self.script)(target, sequence).ok_or(Text::same("no route"))?;
        for (delay, answer) in said {
            let reply = (self.now + delay, target, sequence, answer == ECHO);
            self.coming.push(Reverse(reply));
        }
        self.sent.push((self.now, target));
        Ok(self.now)
    }

    fn receive(&mut self, until: Moment) -> impl Future<Output = Result<Option<Reply>, Error>> {
        if self.sent.len() >= self.stall_after {
            self.now = self.now + std::mem::take(&mut self.stall);
        }
        let due = self.coming.peek().map(|Reverse(next)| next.0);
        if due.is_none_or(|due| due > until.max(self.now)) {
            self.now = self.now.max(until);
            return ready(Ok(None));
        }
        let reply = self
            .coming
            .pop()
            .map(|Reverse((when, target, sequence, echo))| {
                self.now = self.now.max(when);
                let answer = if echo { ECHO } else { HOST_UNREACHABLE };
                let probe = Some((Target(target), Sequence(sequence)));
                Reply::plain(probe, address(target), answer, (when, Stamp::Model))
            });
        ready(Ok(reply))
    }

    fn troubles(&self) -> Troubles {
        Troubles::default()
    }
}

fn address(target: u32) -> IpAddr {
    let [.., a, b] = target.to_be_bytes();
    Ipv4Addr::new(192, 0, a, b).into()
}

/// Notes what it sees.
#[derive(Default)]
struct Noted {
    events: Vec<Event>,
    /// Attempted and received of the first target in each interval.
    intervals: Vec<(u64, u64)>,
    /// How many events had come about when of every target something was known.
    known: Option<usize>,
    /// Stops the run when this many events have come about.
    enough: Option<usize>,
}

impl Watch for Noted {
    fn event(&mut self, _: &Pinger, event: &Event) {
        self.events.push(event.clone());
    }

    fn known(&mut self, _: &Pinger) {
        assert_eq!(self.known.replace(self.events.len()), None);
    }

    fn interval(&mut self, pinger: &Pinger) {
        let span = pinger.records()[0].interval();
        self.intervals.push((span.attempted, span.received));
    }

    fn status(&mut self, _: &Pinger) {}

    fn shown(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn requested(&mut self) -> Request {
        match self.enough {
            Some(enough) if self.events.len() >= enough => Request::Stop,
            _ => pending().await,
        }
    }
}

fn counting(count: u32) -> Settings {
    Settings {
        mode: Mode::Count(count),
        period: ms(100),
        gap: ms(10),
        patience: ms(500),
        distance: 64,
        keep: true,
        report_every: None,
    }
}

fn asking(retries: u32) -> Settings {
    Settings {
        mode: Mode::Alive {
            retries,
            backoff: 1.5,
        },
        ..counting(0)
    }
}

fn watched(
    settings: Settings,
    targets: usize,
    network: &mut Scripted,
    noted: &mut Noted,
) -> Pinger {
    let mut pinger = Pinger::new(settings, vec![0; targets]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(run(&mut pinger, network, noted)).unwrap();
    pinger
}

fn ran(settings: Settings, targets: usize, network: &mut Scripted) -> (Pinger, Vec<Event>) {
    let mut noted = Noted::default();
    let pinger = watched(settings, targets, network, &mut noted);
    (pinger, noted.events)
}

fn after(delay: Duration) -> Option<Vec<(Duration, Answer)>> {
    Some(vec![(delay, ECHO)])
}

fn counts(pinger: &Pinger, target: usize) -> (u64, u64, u64, u64) {
    let total = pinger.records()[target].total;
    (total.answered, total.late, total.lost, total.unsent)
}

#[test]
fn probes_leave_a_gap_apart_and_to_each_target_once_a_period() {
    let mut network = network(|_, _| after(ms(3)));
    let (pinger, events) = ran(counting(3), 2, &mut network);
    let expected = [(0, 0), (10, 1), (100, 0), (110, 1), (200, 0), (210, 1)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
    assert_eq!(counts(&pinger, 1), (3, 0, 0, 0));
    assert_eq!(pinger.took(network.now), ms(213));
    assert_eq!(events.len(), 6);
}

#[test]
fn more_targets_than_gaps_in_a_period_take_turns() {
    let mut network = network(|_, _| after(ms(3)));
    ran(counting(2), 20, &mut network);
    // A probe every 10 ms: each of the twenty gets its second after 200 ms, not 100.
    assert!(
        network
            .sent
            .windows(2)
            .all(|pair| pair[1].0.since(pair[0].0) == ms(10))
    );
    let of = |target| network.sent.iter().filter(move |sent| sent.1 == target);
    assert!((0..20).all(|target| of(target).count() == 2));
}

#[test]
fn a_silent_target_is_asked_again_and_waited_for_longer() {
    let mut network = network(|target, _| match target {
        0 => after(ms(3)),
        _ => Some(Vec::new()),
    });
    let (pinger, events) = ran(asking(2), 2, &mut network);
    // 500, 750 and 1125 ms after the first at 10.
    let expected = [(0, 0), (10, 1), (510, 1), (1260, 1)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
    let given_up = events.last().unwrap();
    assert_eq!((given_up.at, &given_up.what), (at(2385), &What::GivenUp));
    assert_eq!(events.len(), 2);
    let standing = |target: usize| pinger.records()[target].standing;
    assert_eq!(standing(0), Standing::Alive);
    assert_eq!(standing(1), Standing::Unreachable);
    assert_eq!((pinger.traffic().timeouts, pinger.traffic().sent), (3, 4));
}

#[test]
fn a_reply_after_the_retry_shows_that_the_target_lives() {
    let mut network = network(|_, sequence| match sequence {
        0 => after(ms(700)),
        _ => Some(Vec::new()),
    });
    let (pinger, events) = ran(asking(3), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 1, 0, 0));
    assert!(matches!(
        events[..],
        [Event {
            what: What::Answered { late: true, round_trip, .. },
            ..
        }] if round_trip == ms(700)
    ));
    // The retry under way is not waited for.
    assert_eq!(network.now, at(700));
}

#[test]
fn the_last_late_reply_is_late_and_not_lost() {
    let mut network = network(|_, _| after(ms(650)));
    let settings = Settings {
        period: ms(300),
        ..counting(5)
    };
    let (pinger, events) = ran(settings, 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 5, 0, 0));
    assert_eq!(pinger.records()[0].total.times.max(), Some(650e6));
    let timed_out = events.iter().filter(|event| event.what == What::TimedOut);
    assert_eq!(timed_out.count(), 5);
    // The last left at 1200 and came back at 1850; nothing was waited for after it.
    assert_eq!(network.now, at(1850));
}

#[test]
fn a_target_that_falls_silent_is_waited_for_three_times_its_worst() {
    let mut network = network(|_, sequence| match sequence {
        0 => after(ms(650)),
        _ => Some(Vec::new()),
    });
    let settings = Settings {
        period: ms(300),
        ..counting(5)
    };
    let (pinger, _) = ran(settings, 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 1, 4, 0));
    assert_eq!(network.now, at(1200 + 3 * 650));
}

#[test]
fn nobody_waits_longer_than_asked_for_a_target_that_never_replied() {
    let mut network = network(|_, _| Some(Vec::new()));
    let (pinger, _) = ran(counting(2), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (0, 0, 2, 0));
    assert_eq!(network.now, at(600));
}

#[test]
fn a_reply_read_late_is_in_time_if_it_came_in_time() {
    let mut network = network(|_, _| after(ms(20)));
    network.stall = ms(5000);
    let (pinger, events) = ran(counting(1), 1, &mut network);
    assert_eq!(counts(&pinger, 0), (1, 0, 0, 0));
    assert_eq!(events.len(), 1);
}

#[test]
fn nothing_is_missing_while_replies_are_unread() {
    // More than are taken at once.
    let mut network = network(|_, _| after(ms(20)));
    (network.stall, network.stall_after) = (ms(5000), 5 * BATCH);
    let settings = Settings {
        gap: Duration::ZERO,
        ..counting(1)
    };
    let (pinger, events) = ran(settings, 5 * BATCH, &mut network);
    assert!((0..5 * BATCH).all(|target| counts(&pinger, target) == (1, 0, 0, 0)));
    assert_eq!(events.len(), 5 * BATCH);
}

#[test]
fn who_replies_before_its_turn_comes_again_is_not_asked_again() {
    let mut network = network(|target, _| match target {
        0 => after(ms(550)),
        _ => after(ms(3)),
    });
    let settings = Settings {
        gap: ms(300),
        ..asking(3)
    };
    ran(settings, 3, &mut network);
    // Given up for the first time at 500, it has to wait for the gap to end at 600.
    let expected = [(0, 0), (300, 1), (600, 2)];
    assert_eq!(network.sent, expected.map(|(ms, target)| (at(ms), target)));
}

#[test]
fn turns_missed_altogether_are_not_made_up_for() {
    let mut network = network(|_, _| after(ms(1)));
    network.stall = ms(950);
    ran(counting(4), 1, &mut network);
    // Not sent while put aside: the turns of 100 to 900. The turn of 100 is taken late.
    let times: Vec<_> = network.sent.iter().map(|sent| sent.0).collect();
    assert_eq!(times, [at(0), at(950), at(1050), at(1150)]);
}

#[test]
fn a_turn_taken_a_little_late_does_not_delay_the_next() {
    let mut network = network(|_, _| after(ms(1)));
    network.stall = ms(130);
    ran(counting(3), 1, &mut network);
    let times: Vec<_> = network.sent.iter().map(|sent| sent.0).collect();
    assert_eq!(times, [at(0), at(130), at(200)]);
}

#[test]
fn further_replies_are_duplicates_and_errors_are_no_replies() {
    let mut network = network(|target, _| match target {
        0 => Some(vec![(ms(1), ECHO), (ms(2), ECHO), (ms(3), ECHO)]),
        _ => Some(vec![(ms(1), HOST_UNREACHABLE)]),
    });
    let (pinger, events) = ran(counting(4), 2, &mut network);
    let [first, second] = [0, 1].map(|target: usize| &pinger.records()[target]);
    assert_eq!(counts(&pinger, 0), (4, 0, 0, 0));
    assert_eq!(
        (first.total.duplicates, first.total.times.max()),
        (8, Some(1e6))
    );
    assert_eq!(counts(&pinger, 1), (0, 0, 4, 0));
    assert_eq!(second.total.errors, 4);
    assert_eq!(second.error, Some((address(1), HOST_UNREACHABLE)));
    assert_eq!(pinger.traffic().replies, 12);
    let errors = events.iter().filter(|event| {
        matches!(
            event.what,
            What::Error {
                answer: HOST_UNREACHABLE,
                ..
            }
        )
    });
    assert_eq!(errors.count(), 4);
}

#[test]
fn what_never_left_is_not_lost_but_does_not_look_fine_either() {
    let script = |target, _| if target == 0 { None } else { after(ms(1)) };
    let (pinger, events) = ran(counting(3), 2, &mut network(script));
    let total = pinger.records()[0].total;
    assert_eq!((total.unsent, total.lost, total.loss()), (3, 0, None));
    let span = total.span();
    assert_eq!((span.attempted, span.received), (3, 0));
    assert_eq!(span.percent(span.missing()), 100);
    // The same reason is told once.
    let told = events
        .iter()
        .filter(|event| matches!(event.what, What::Unsent(_)));
    assert_eq!(told.count(), 1);
    // Asked whether it is alive, there is no use in trying again.
    let mut network = network(script);
    let (pinger, _) = ran(asking(3), 2, &mut network);
    assert_eq!(pinger.records()[0].standing, Standing::Unreachable);
    assert_eq!(network.now, at(11));
}

#[test]
fn replies_to_nothing_of_ours_are_counted() {
    let mut pinger = Pinger::new(counting(2), vec![0]);
    let mut told = |probe| {
        let when = (at(1), Stamp::Model);
        pinger.handle_reply(&Reply::plain(probe, address(0), ECHO, when))
    };
    assert_eq!(told(None), None);
    assert_eq!(told(Some((Target(0), Sequence(0)))), None);
    assert_eq!(told(Some((Target(7), Sequence(0)))), None);
    assert_eq!(pinger.traffic().unmatched, 3);
    assert_eq!(pinger.traffic().replies, 0);
}

#[test]
fn what_is_under_way_at_the_end_is_in_no_count() {
    let mut noted = Noted {
        enough: Some(3),
        ..Noted::default()
    };
    let settings = Settings {
        mode: Mode::Loop,
        ..counting(0)
    };
    let mut network = network(|_, _| after(ms(250)));
    let pinger = watched(settings, 1, &mut network, &mut noted);
    // The third came back at 450; the fourth and fifth had left at 300 and 400.
    assert_eq!(counts(&pinger, 0), (3, 0, 0, 0));
    assert_eq!(pinger.traffic().sent, 5);
}

#[test]
fn the_first_figures_are_known_as_soon_as_each_target_has_one() {
    // At 3 the first replies, at 10 the second cannot be reached, the third is late and missed at
    // 520: by then the first has replied to all of its six.
    let mut network = network(|target, _| match target {
        0 => after(ms(3)),
        1 => None,
        _ => after(ms(700)),
    });
    let mut noted = Noted::default();
    watched(counting(6), 3, &mut network, &mut noted);
    let third = |event: &Event| event.target == Target(2) && event.what == What::TimedOut;
    let first = noted.events.iter().position(third).unwrap();
    assert_eq!(noted.known, Some(first + 1));
}

#[test]
fn intervals_add_up_and_a_late_reply_counts_when_it_comes() {
    let settings = Settings {
        patience: ms(50),
        report_every: Some(ms(200)),
        ..counting(6)
    };
    // Probe 1 leaves at 100, is missed at 150, and is answered at 350.
    let mut network = network(|_, sequence| match sequence {
        1 => after(ms(250)),
        _ => after(ms(10)),
    });
    let mut noted = Noted::default();
    let pinger = watched(settings, 1, &mut network, &mut noted);
    // At 200: probe 0 answered, 1 missed. At 400: 2 and 3 answered, and the late one.
    assert_eq!(noted.intervals, [(2, 1), (2, 3)]);
    let (rest, all) = (
        pinger.records()[0].interval(),
        pinger.records()[0].total.span(),
    );
    assert_eq!((rest.attempted, rest.received), (2, 2));
    assert_eq!((all.attempted, all.received), (6, 6));
    assert_eq!(counts(&pinger, 0), (5, 1, 0, 0));
}

#[test]
fn a_long_loop_keeps_no_more_than_a_short_one() {
    let mut noted = Noted {
        enough: Some(100_000),
        ..Noted::default()
    };
    let settings = Settings {
        mode: Mode::Loop,
        keep: false,
        ..counting(0)
    };
    // Every seventh is lost.
    let mut network = network(|_, sequence| match sequence % 7 {
        0 => Some(Vec::new()),
        _ => after(ms(20)),
    });
    let pinger = watched(settings, 1, &mut network, &mut noted);
    let record = &pinger.records()[0];
    assert!(record.window.len() <= 200, "{}", record.window.len());
    assert!(record.trips.list().is_none());
    let (answered, _, lost, _) = counts(&pinger, 0);
    assert_eq!(answered + lost, 100_000);
    assert_eq!(lost, 100_000 / 7 + 1);
}

proptest! {
    /// Whatever comes back when: every probe has one fate, and the times are those that were.
    #[test]
    fn every_probe_has_one_fate(
        script in prop::collection::vec(
            prop::collection::vec(prop::option::of((1u64..900, 0u8..3)), 1..12), 1..5,
        ),
    ) {
        let most = script.iter().map(Vec::len).max().unwrap_or(0);
        let targets = script.len();
        let said = script.clone();
        let plan = move |target: u32, sequence: u32| {
            let probe = said[target as usize].get(sequence as usize).copied().flatten();
            Some(probe.map_or(Vec::new(), |(delay, more)| {
                (0..=u64::from(more)).map(|n| (ms(delay + n), ECHO)).collect()
            }))
        };
        let (pinger, _) = ran(counting(most as u32), targets, &mut network(plan));
        for (target, probes) in script.iter().enumerate() {
            let (answered, late, lost, unsent) = counts(&pinger, target);
            prop_assert_eq!(answered + late + lost, most as u64);
            prop_assert_eq!(unsent, 0);
            let told = probes.iter().flatten();
            let in_time = told.clone().filter(|(delay, _)| *delay <= 500).count();
            prop_assert_eq!(answered, in_time as u64);
            prop_assert!(late <= told.count() as u64 - answered);
            let list: Vec<_> = pinger.records()[target].trips.list().unwrap().collect();
            prop_assert_eq!(list.len(), most);
            for (kept, probe) in list.iter().zip(probes) {
                if let Some((delay, _)) = probe && *delay <= 500 {
                    prop_assert_eq!(*kept, Some(ms(*delay)));
                }
            }
        }
    }
}
