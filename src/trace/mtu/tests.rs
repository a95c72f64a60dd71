//! The search against modelled paths: links with an MTU each, routers that say so or not.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::probe::{Arrival, Detail, Stamp};

/// A path whose link to hop `i` (from 0) takes `mtus[i]` bytes; the routers of `mute` say nothing of
/// packets that are too large, those of `vague` do not say what would pass.
#[derive(Debug, Clone)]
struct Path {
    mtus: Vec<u16>,
    mute: bool,
    vague: bool,
    own: u16,
    /// Whether the target answers once a second and no more.
    sparing: bool,
    /// Of replies by number, which are lost.
    lost: fn(u32) -> bool,
}

impl Path {
    fn new(mtus: &[u16]) -> Path {
        Path {
            mtus: mtus.to_vec(),
            mute: false,
            vague: false,
            own: 9000,
            sparing: false,
            lost: |_| false,
        }
    }

    /// What comes back to a probe: from which hop (from 1) and what.
    fn answer(&self, probe: &Probe) -> Option<(u8, Answer, Option<u32>)> {
        let last = self.mtus.len();
        for (at, mtu) in self.mtus.iter().enumerate() {
            if probe.size > *mtu {
                let said = (!self.vague).then_some(u32::from(*mtu));
                let too_big = Answer::Unreachable { kind: 3, code: 4 };
                return (!self.mute).then_some((at as u8, too_big, said));
            }
            if usize::from(probe.distance) == at + 1 && at + 1 < last {
                return Some((at as u8 + 1, Answer::Passed, None));
            }
        }
        Some((last as u8, Answer::Arrived(Arrival::Echo), None))
    }

    fn search(&self, largest: u16) -> PathMtu {
        self.timed(largest).0
    }

    /// What is found, and when.
    fn timed(&self, largest: u16) -> (PathMtu, Moment) {
        let mut search = MtuSearch::new(68, largest, self.mtus.len() as u8);
        let mut now = Moment(0);
        let mut replies: VecDeque<Reply> = VecDeque::new();
        let (mut count, mut earned) = (0, now);
        loop {
            while let Some(probe) = search.poll_probe(now) {
                if probe.size > self.own {
                    search.handle_sent(&probe, Err(Text::same("message too long")));
                    continue;
                }
                search.handle_sent(&probe, Ok(now));
                count += 1;
                let answer = self.answer(&probe).filter(|_| !(self.lost)(count));
                // A sparing target says nothing before a second has passed.
                let at_target = answer.is_some_and(|(hop, ..)| hop as usize == self.mtus.len());
                let spent = self.sparing && at_target && now < earned;
                if let Some((hop, answer, mtu)) = answer.filter(|_| !spent) {
                    if at_target {
                        earned = now + Duration::from_secs(1);
                    }
                    let responder = IpAddr::from([192, 0, 2, hop]);
                    let when = (now + Duration::from_millis(5), Stamp::Model);
                    let mut reply = Reply::plain(Some(probe.id()), responder, answer, when);
                    reply.detail = mtu.map(|mtu| {
                        Box::new(Detail {
                            mtu: Some(mtu),
                            ..Detail::default()
                        })
                    });
                    replies.push_back(reply);
                }
            }
            match (replies.pop_front(), search.poll_wake(now)) {
                (Some(reply), _) => {
                    now = now.max(reply.received);
                    search.handle_reply(&reply);
                }
                (None, Some(wake)) => {
                    assert!(wake > now, "a driver would spin");
                    now = wake;
                }
                (None, None) => return (search.found().clone(), now),
            }
        }
    }
}

#[test]
fn a_path_without_a_narrow_link_takes_two_probes() {
    let found = Path::new(&[1500, 1500, 1500]).search(1500);
    assert_eq!(
        (found.mtu, found.too_large, found.sent),
        (Some(1500), None, 2)
    );
}

#[test]
fn what_a_router_says_is_tried_and_believed() {
    let found = Path::new(&[1500, 1400, 1500]).search(1500);
    assert_eq!((found.mtu, found.too_large), (Some(1400), Some(1401)));
    let told = TooBig {
        responder: [192, 0, 2, 1].into(),
        size: 1500,
        passes: Some(1400),
    };
    assert_eq!((found.told, found.black_hole), (vec![told], None));
}

#[test]
fn a_black_hole_is_found_and_located() {
    let path = Path {
        mute: true,
        ..Path::new(&[1500, 1500, 1413, 1500, 1500])
    };
    let found = path.search(1500);
    assert_eq!((found.mtu, found.too_large), (Some(1413), Some(1414)));
    // The router at distance 2 still answers; the link behind it is the narrow one.
    assert_eq!(found.black_hole, Some(Some((2, [192, 0, 2, 2].into()))));
    assert!(found.told.is_empty());
}

#[test]
fn a_black_hole_is_found_soon_and_a_sparing_target_is_given_time() {
    let path = Path {
        mute: true,
        ..Path::new(&[1500, 1400, 1500, 1500])
    };
    let (found, took) = path.timed(1500);
    assert_eq!((found.mtu, found.too_large), (Some(1400), Some(1401)));
    // Six sizes that do not pass and two distances behind the hole: each costs three waits of 250 ms, or
    // a second more where an answer was heard just before.
    assert!(took < Moment(12_000_000_000), "{took:?}");
    let sparing = Path {
        sparing: true,
        ..path
    };
    assert_eq!(sparing.search(1500).mtu, Some(1400));
}

#[test]
fn this_hosts_own_limit_is_said_to_be_its_own() {
    let path = Path {
        own: 1500,
        ..Path::new(&[9000, 9000])
    };
    let found = path.search(9000);
    assert_eq!(found.mtu, Some(1500));
    assert!(found.own_limit.is_some() && found.black_hole.is_none());
}

#[test]
fn a_target_that_never_answers_has_no_mtu() {
    let path = Path {
        lost: |_| true,
        ..Path::new(&[1500])
    };
    let found = path.search(1500);
    assert_eq!((found.mtu, found.sent), (None, TRIES));
}

proptest! {
    #[test]
    fn the_narrowest_link_is_the_answer(
        mtus in prop::collection::vec(100u16..9000, 1..12), mute: bool, vague: bool, lossy: bool,
    ) {
        // One reply in three lost at most: fewer than TRIES in a row.
        let lost = if lossy { |count: u32| count % 3 == 1 } else { |_| false };
        let path = Path { mute, vague, lost, ..Path::new(&mtus) };
        let found = path.search(9000);
        let narrowest = mtus.iter().copied().min();
        prop_assert_eq!(found.mtu, narrowest);
        let first = mtus.iter().position(|mtu| Some(*mtu) == narrowest).unwrap();
        let hole = (mute && mtus.len() > 1).then(|| {
            (first > 0).then(|| (first as u8, IpAddr::from([192, 0, 2, first as u8])))
        });
        prop_assert_eq!(found.black_hole, hole);
    }
}
