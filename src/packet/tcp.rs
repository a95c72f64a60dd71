//! TCP segments (RFC 9293).

use std::net::IpAddr;

use pnet_packet::tcp::{MutableTcpPacket, TcpFlags, TcpPacket};

use super::{checksum, protocol, put_u16, u16_at};

/// Bytes of a header without options.
pub const HEADER: usize = 20;
/// Where in a segment its checksum is.
const CHECKSUM: usize = 16;
/// Bytes that options can take.
pub const MOST_OPTIONS: usize = 40;

/// Control bit: synchronise sequence numbers.
pub const SYN: u8 = TcpFlags::SYN;
/// Control bit: reset the connection.
pub const RST: u8 = TcpFlags::RST;
/// Control bit: the acknowledgement number counts.
pub const ACK: u8 = TcpFlags::ACK;
/// Control bit: no more data.
pub const FIN: u8 = TcpFlags::FIN;

/// A TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    /// From which port.
    pub source: u16,
    /// To which port.
    pub destination: u16,
    /// Number of the first byte, or of the SYN.
    pub sequence: u32,
    /// Number of the next byte that is expected.
    pub acknowledgement: u32,
    /// The eight control bits.
    pub flags: u8,
    /// Bytes that the sender takes.
    pub window: u16,
    /// Where urgent data ends.
    pub urgent: u16,
    /// Options, in whole words, uninterpreted.
    pub options: &'a [u8],
    /// What it carries.
    pub payload: &'a [u8],
}

impl<'a> Tcp<'a> {
    /// A segment that asks for a connection.
    pub fn syn(source: u16, destination: u16, sequence: u32) -> Tcp<'static> {
        Tcp {
            source,
            destination,
            sequence,
            acknowledgement: 0,
            flags: SYN,
            window: u16::MAX,
            urgent: 0,
            options: &[],
            payload: &[],
        }
    }

    /// Sequence numbers that it takes: a byte of payload, a SYN and a FIN take one each.
    pub fn length(&self) -> u32 {
        let controls = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        controls.wrapping_add(self.payload.len() as u32)
    }

    /// The answer of an open port to this SYN, which numbers its own bytes from `sequence`. It
    /// acknowledges the SYN and not what it carries (RFC 9293 3.10.7.2).
    pub fn syn_ack(&self, sequence: u32) -> Tcp<'static> {
        Tcp {
            acknowledgement: self.sequence.wrapping_add(1),
            flags: SYN | ACK,
            ..Tcp::syn(self.destination, self.source, sequence)
        }
    }

    /// The answer of a closed port (RFC 9293 3.10.7.1); `None` to a reset, which has none.
    pub fn reset(&self) -> Option<Tcp<'static>> {
        if self.flags & RST != 0 {
            return None;
        }
        let from_nothing = Tcp {
            window: 0,
            ..Tcp::syn(self.destination, self.source, 0)
        };
        Some(match self.flags & ACK != 0 {
            true => Tcp {
                sequence: self.acknowledgement,
                flags: RST,
                ..from_nothing
            },
            false => Tcp {
                acknowledgement: self.sequence.wrapping_add(self.length()),
                flags: RST | ACK,
                ..from_nothing
            },
        })
    }

    /// Reads a segment, which takes all of `bytes`. `None` when it is cut short in its header.
    pub fn parse(bytes: &'a [u8]) -> Option<Tcp<'a>> {
        let view = TcpPacket::new(bytes)?;
        let header = usize::from(view.get_data_offset()) * 4;
        Some(Tcp {
            source: view.get_source(),
            destination: view.get_destination(),
            sequence: view.get_sequence(),
            acknowledgement: view.get_acknowledgement(),
            flags: view.get_flags(),
            window: view.get_window(),
            urgent: view.get_urgent_ptr(),
            options: bytes.get(HEADER..header)?,
            payload: bytes.get(header..)?,
        })
    }

    /// The segment as bytes, with the checksum for these addresses. Options are filled up to whole
    /// words (option 0, end of list); more than fit are left out.
    pub fn emit(&self, source: IpAddr, destination: IpAddr) -> Vec<u8> {
        let options = self.options.get(..MOST_OPTIONS).unwrap_or(self.options);
        let header = HEADER + options.len().next_multiple_of(4);
        let mut bytes = Vec::with_capacity(header + self.payload.len());
        bytes.resize(HEADER, 0);
        bytes.extend(options);
        bytes.resize(header, 0);
        bytes.extend(self.payload);
        if let Some(mut view) = MutableTcpPacket::new(&mut bytes) {
            view.set_source(self.source);
            view.set_destination(self.destination);
            view.set_sequence(self.sequence);
            view.set_acknowledgement(self.acknowledgement);
            view.set_data_offset((header / 4) as u8);
            view.set_flags(self.flags);
            view.set_window(self.window);
            view.set_urgent_ptr(self.urgent);
        }
        let sum = checksum::with_addresses(&bytes, protocol::TCP, source, destination);
        put_u16(&mut bytes, CHECKSUM, sum);
        bytes
    }
}

/// The checksum in a segment's bytes; 0 when it is cut short before that.
pub fn checksum(segment: &[u8]) -> u16 {
    u16_at(segment, CHECKSUM).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A segment without options and payload, and options in whole words for it.
    pub(in crate::packet) fn segment() -> impl Strategy<Value = (Tcp<'static>, Vec<u8>)> {
        let head = any::<(u16, u16, u32, u32, u8, u16, u16)>();
        let words = prop::collection::vec(any::<[u8; 4]>(), 0..=10);
        (head, words).prop_map(|(head, words)| {
            let (source, destination, sequence, acknowledgement, flags, window, urgent) = head;
            let segment = Tcp {
                acknowledgement,
                flags,
                window,
                urgent,
                ..Tcp::syn(source, destination, sequence)
            };
            (segment, words.concat())
        })
    }

    #[test]
    fn answers_number_what_they_answer() {
        let syn = Tcp {
            payload: b"hello",
            ..Tcp::syn(1234, 80, u32::MAX)
        };
        let open = syn.syn_ack(7);
        assert_eq!((open.source, open.destination), (80, 1234));
        // ffffffff + 1 wraps to 0; with five bytes more it is 5.
        assert_eq!(
            (open.acknowledgement, open.sequence, open.flags),
            (0, 7, SYN | ACK)
        );
        let closed = syn.reset().unwrap();
        assert_eq!(
            (closed.acknowledgement, closed.sequence, closed.flags),
            (5, 0, RST | ACK)
        );
        // What acknowledges something is reset with the number that it expects.
        let stray = open.reset().unwrap();
        assert_eq!((stray.sequence, stray.flags), (0, RST));
        assert_eq!((stray.source, stray.destination), (1234, 80));
        assert_eq!(stray.reset(), None);
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            (segment, options) in segment(), payload in prop::collection::vec(any::<u8>(), 0..60),
            from: u128, to: u128,
        ) {
            let segment = Tcp { options: &options, payload: &payload, ..segment };
            let (from, to) = (IpAddr::V6(from.into()), IpAddr::V6(to.into()));
            let bytes = segment.emit(from, to);
            prop_assert_eq!(Tcp::parse(&bytes), Some(segment));
            prop_assert_eq!(checksum::with_addresses(&bytes, protocol::TCP, from, to), 0);
            for length in 0..HEADER + options.len() {
                prop_assert_eq!(Tcp::parse(&bytes[..length]), None);
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(segment) = Tcp::parse(&bytes) {
                let length = HEADER + segment.options.len() + segment.payload.len();
                prop_assert_eq!(length, bytes.len());
            }
        }
    }
}
