//! Sequence numbers that say which probe they are of.
//!
//! A SYN's sequence number is all of it that comes back for certain: in the acknowledgement of an
//! answer, and in the eight bytes that every ICMP error quotes. The n-th probe is given the number n,
//! shuffled by a key: nobody who has not seen the probe can guess it better than by chance, whatever
//! the key looks like, and no two of 2^32 probes have the same.

use std::collections::VecDeque;

use super::super::tag::Tag;
use super::super::{Sequence, Target};
use crate::units::Moment;

/// Probes that are remembered. A guessed number meets one of them once in 65,536 times.
const REMEMBERED: usize = 1 << 16;

/// Rounds of the shuffle. Three make a permutation that cannot be told from a random one by who
/// chooses what goes in, four by who chooses what comes out as well (Luby and Rackoff, 1988).
const ROUNDS: [u64; 4] = [1, 2, 3, 4];

/// A SYN that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its sequence number.
    pub(super) number: u32,
    /// To whom, and which one.
    pub(super) probe: (Target, Sequence),
    /// How far it might go.
    pub(super) distance: u8,
    /// From which port.
    pub(super) port: u16,
    /// Bytes that it carried.
    pub(super) length: u16,
    /// Its checksum.
    pub(super) checksum: u16,
    /// When it was handed to the kernel.
    pub(super) sent: Moment,
    /// When it left, as the kernel says.
    pub(super) left: Option<Moment>,
}

/// The numbers given out, and for what.
#[derive(Debug)]
pub(super) struct Numbers {
    tag: Tag,
    /// The number of the first that is remembered.
    first: u32,
    sent: VecDeque<Sent>,
    /// What SYNs have carried, in bytes, other than nothing.
    lengths: Vec<u16>,
}

impl Numbers {
    /// None given out yet.
    pub(super) fn new(tag: Tag) -> Numbers {
        Numbers {
            tag,
            first: 0,
            sent: VecDeque::new(),
            lengths: Vec::new(),
        }
    }

    /// The sequence number of the next SYN; it stays the next until [`Numbers::add`].
    pub(super) fn next(&self) -> u32 {
        shuffle(self.tag, self.first.wrapping_add(self.sent.len() as u32))
    }

    /// Takes note that the next one was sent.
    pub(super) fn add(&mut self, sent: Sent) {
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        if sent.length != 0 && !self.lengths.contains(&sent.length) {
            self.lengths.push(sent.length);
        }
        self.sent.push_back(sent);
    }

    /// Takes note of when the SYN with this sequence number left. It cannot have left before it was
    /// sent; such a stamp is not used.
    pub(super) fn left(&mut self, sequence: u32, port: u16, at: Moment) {
        let index = self.index(sequence);
        let sent = index.and_then(|index| self.sent.get_mut(index));
        if let Some(sent) = sent.filter(|sent| sent.port == port && at >= sent.sent) {
            sent.left = Some(at);
        }
    }

    /// The SYN with this sequence number, if it is remembered and left from `port`.
    pub(super) fn find(&self, sequence: u32, port: u16) -> Option<&Sent> {
        let sent = self.sent.get(self.index(sequence)?)?;
        (sent.port == port).then_some(sent)
    }

    /// Where a sequence number would stand among those remembered.
    fn index(&self, sequence: u32) -> Option<usize> {
        usize::try_from(unshuffle(self.tag, sequence).wrapping_sub(self.first)).ok()
    }

    /// The SYN that `number` comes after, in an acknowledgement or in a reset by our own kernel, and
    /// that left from `port`. What the SYN carried may be counted or left out.
    pub(super) fn find_before(&self, number: u32, port: u16) -> Option<&Sent> {
        let alone = number.wrapping_sub(1);
        let mut lengths = self.lengths.iter();
        self.find(alone, port).or_else(|| {
            lengths.find_map(|length| {
                let sent = self.find(alone.wrapping_sub((*length).into()), port)?;
                (sent.length == *length).then_some(sent)
            })
        })
    }
}

/// What one round adds to a half (the finaliser of SplitMix64, Steele and others, 2014).
fn mixed(tag: Tag, round: u64, half: u16) -> u16 {
    let mut word = tag.0 ^ (round << 16 | u64::from(half)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (word ^ word >> 31) as u16
}

/// A Feistel network on the two halves of `number`: a permutation, whatever the rounds add.
fn shuffle(Tag(tag): Tag, number: u32) -> u32 {
    let halves = ((number >> 16) as u16, number as u16);
    let (high, low) = ROUNDS.iter().fold(halves, |(high, low), round| {
        (low, high ^ mixed(Tag(tag), *round, low))
    });
    u32::from(high) << 16 | u32::from(low)
}

/// The same backwards.
fn unshuffle(Tag(tag): Tag, number: u32) -> u32 {
    let halves = ((number >> 16) as u16, number as u16);
    let (high, low) = ROUNDS.iter().rev().fold(halves, |(high, low), round| {
        (low ^ mixed(Tag(tag), *round, high), high)
    });
    u32::from(high) << 16 | u32::from(low)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn sent(sequence: u32, port: u16, length: u16) -> Sent {
        Sent {
            number: 0,
            probe: (Target(0), Sequence(sequence)),
            distance: 1,
            port,
            length,
            checksum: 0,
            sent: Moment(5),
            left: None,
        }
    }

    #[test]
    fn a_departure_before_the_sending_is_not_believed() {
        let mut numbers = Numbers::new(Tag(1));
        let number = numbers.next();
        numbers.add(sent(1, 7, 0));
        let left = |numbers: &Numbers| numbers.find(number, 7).unwrap().left;
        numbers.left(number, 7, Moment(4));
        numbers.left(number, 8, Moment(6));
        numbers.left(number ^ 1, 7, Moment(6));
        assert_eq!(left(&numbers), None);
        numbers.left(number, 7, Moment(6));
        assert_eq!(left(&numbers), Some(Moment(6)));
    }

    #[test]
    fn the_latest_are_remembered_and_found_by_number_and_port() {
        let mut numbers = Numbers::new(Tag(0));
        let mut given = Vec::new();
        let count = REMEMBERED as u32 + 3;
        for sequence in 0..count {
            given.push(numbers.next());
            numbers.add(sent(sequence, 7, 0));
        }
        assert_eq!(given.iter().collect::<HashSet<_>>().len(), given.len());
        assert!(
            given[..3]
                .iter()
                .all(|number| numbers.find(*number, 7).is_none())
        );
        for sequence in [3, 4, count - 1] {
            let number = given[sequence as usize];
            assert_eq!(numbers.find(number, 7), Some(&sent(sequence, 7, 0)));
            assert_eq!(numbers.find(number, 8), None);
        }
        assert_eq!(numbers.find(numbers.next(), 7), None);
    }

    #[test]
    fn an_acknowledgement_may_count_what_was_carried() {
        let mut numbers = Numbers::new(Tag(5));
        let given = [0, 100, 50].map(|length| {
            let number = numbers.next();
            numbers.add(sent(length.into(), 7, length));
            number
        });
        let found = |which: usize, after: u32| {
            let found = numbers.find_before(given[which].wrapping_add(after), 7);
            found.map(|sent| sent.length)
        };
        assert_eq!(
            (found(0, 1), found(1, 1), found(2, 1)),
            (Some(0), Some(100), Some(50))
        );
        assert_eq!((found(1, 101), found(2, 51)), (Some(100), Some(50)));
        // Not what others carried, nor the number itself.
        assert_eq!(
            (found(0, 101), found(1, 51), found(2, 101)),
            (None, None, None)
        );
        assert_eq!((found(0, 0), found(1, 100)), (None, None));
    }

    /// Of random numbers, a bit is set half of the time: over n of them within 6 standard deviations
    /// of n / 2, which is sqrt(n) / 2.
    #[test]
    fn even_a_poor_tag_leaves_nothing_to_guess() {
        let count = 4096;
        for tag in [0, 1, 2, u64::MAX] {
            let numbers: Vec<u32> = (0..count).map(|number| shuffle(Tag(tag), number)).collect();
            let steps = numbers.windows(2).map(|two| two[1] ^ two[0]);
            for words in [numbers.clone(), steps.collect()] {
                for bit in 0..32 {
                    let ones = words.iter().filter(|word| **word >> bit & 1 == 1).count() as f64;
                    let n = words.len() as f64;
                    assert!(
                        (ones - n / 2.0).abs() < 6.0 * n.sqrt() / 2.0,
                        "{tag} {bit} {ones}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_shuffle_has_a_way_back(tag: u64, number: u32) {
            prop_assert_eq!(unshuffle(Tag(tag), shuffle(Tag(tag), number)), number);
            prop_assert_eq!(shuffle(Tag(tag), unshuffle(Tag(tag), number)), number);
        }
    }
}
