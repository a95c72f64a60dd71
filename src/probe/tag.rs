//! How a probe is known again: a payload that no other process writes, with the sequence in it.
//!
//! ```text
//! 0               8            12           16         17
//! +---------------+------------+------------+----------+------------+
//! | tag, random   | target,    | sequence,  | distance | padding, 0 |
//! | per process   | big-endian | big-endian |          |            |
//! +---------------+------------+------------+----------+------------+
//! ```
//!
//! Ports stay the same for every probe of a flow, so that routers which spread flows by their ports
//! keep them on one path; the payload is what tells probes apart. A router quotes it back inside
//! its ICMP error (RFC 1812, 4.3.2.3 asks for as much as fits into 576 bytes, RFC 4443 for 1280).
//! Old routers quote the 8 bytes of RFC 792 only; [`Tag::read`] then finds nothing.

use super::{Probe, Sequence, Target};

/// Bytes of a payload that must come back for its probe to be known.
pub const LENGTH: usize = 17;

/// What a payload says of its probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// To whom it went.
    pub target: Target,
    /// Which one it was.
    pub sequence: Sequence,
    /// How far it might go.
    pub distance: u8,
}

/// What marks the payloads of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag(pub u64);

impl Tag {
    /// The payload of `probe`, `length` bytes long, at least [`LENGTH`].
    pub fn write(self, probe: Probe, length: usize) -> Vec<u8> {
        let mut payload = vec![0; length.max(LENGTH)];
        self.fill(probe, &mut payload);
        payload
    }

    /// Writes `probe` at the beginning of `payload`, as far as there is room.
    pub fn fill(self, probe: Probe, payload: &mut [u8]) {
        let target = probe.target.0.to_be_bytes();
        let sequence = probe.sequence.0.to_be_bytes();
        let tag = self.0.to_be_bytes();
        let written = tag.iter().chain(&target).chain(&sequence);
        let written = written.chain(std::slice::from_ref(&probe.distance));
        for (to, from) in payload.iter_mut().zip(written) {
            *to = *from;
        }
    }

    /// Whether `payload`, perhaps cut short, begins otherwise than ours do.
    pub fn contradicts(self, payload: &[u8]) -> bool {
        self.0
            .to_be_bytes()
            .iter()
            .zip(payload)
            .any(|(ours, theirs)| ours != theirs)
    }

    /// The probe in a whole packet of ours, whatever headers come before its payload.
    pub fn find(self, packet: &[u8]) -> Option<Written> {
        let tag = self.0.to_be_bytes();
        let at = packet.windows(tag.len()).position(|bytes| bytes == tag)?;
        self.read(packet.get(at..)?)
    }

    /// The probe in `payload`; `None` when it is cut short or not ours.
    pub fn read(self, payload: &[u8]) -> Option<Written> {
        let (tag, rest) = payload.split_first_chunk()?;
        let (target, rest) = rest.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let written = Written {
            target: Target(u32::from_be_bytes(*target)),
            sequence: Sequence(u32::from_be_bytes(*sequence)),
            distance: *rest.first()?,
        };
        (u64::from_be_bytes(*tag) == self.0).then_some(written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            tag: u64, target: u32, sequence: u32, distance: u8, length in 0usize..1500,
        ) {
            let (target, sequence) = (Target(target), Sequence(sequence));
            let probe = Probe { target, ..Probe::plain(sequence, distance) };
            let payload = Tag(tag).write(probe, length);
            prop_assert_eq!(payload.len(), length.max(LENGTH));
            let written = Written { target, sequence, distance };
            prop_assert_eq!(Tag(tag).read(&payload), Some(written));
            prop_assert_eq!(Tag(tag ^ 1).read(&payload), None);
            prop_assert_eq!(Tag(tag).read(&payload[..LENGTH - 1]), None);
            prop_assert!(!Tag(tag).contradicts(&payload[..length.min(LENGTH)]));
            prop_assert!(Tag(tag ^ 1).contradicts(&payload));
            let packet = [&[0x45; 42], &payload[..]].concat();
            prop_assert_eq!(Tag(tag).find(&packet), Some(written));
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..64), tag: u64) {
            let ours = bytes.len() >= LENGTH && bytes[..8] == tag.to_be_bytes();
            prop_assert_eq!(Tag(tag).read(&bytes).is_some(), ours);
        }
    }
}
