//! What ICMP errors carry behind the quoted packet (RFC 4884, 7 and 8): objects, each of a class.

use super::interface::Interface;
use super::mpls::{self, Label};
use super::{checksum, put_u16, u16_at};

/// Bytes of the quoted packet before extensions: padded up to this, and exactly this long in messages
/// of those who put extensions there before RFC 4884 gave the quote a length.
pub const QUOTED: usize = 128;

/// The version of RFC 4884 7, in the upper four bits.
const VERSION: u8 = 2;
/// Bytes of the structure's header, and of each object's.
const HEADER: usize = 4;

/// What stands behind a quoted packet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions<'a> {
    /// Whether the message tells the quote's length (RFC 4884 4), as all should. Without, they stand
    /// where [`QUOTED`] bytes end (RFC 4884 5.5).
    pub announced: bool,
    /// The objects, in their order.
    pub objects: Vec<Object<'a>>,
}

/// One object (RFC 4884 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// What it tells of: [`mpls::CLASS`], [`super::interface::CLASS`] or another.
    pub class: u8,
    /// In which form; the "C-type".
    pub kind: u8,
    /// Its content.
    pub payload: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// The whole structure in `bytes`. `None` when it is of another version, its checksum is wrong,
    /// or its objects do not end where it does. A checksum of 0 is none; it is taken only where the
    /// message says that extensions are here.
    pub fn parse(bytes: &'a [u8], announced: bool) -> Option<Extensions<'a>> {
        let (header, mut rest) = bytes.split_at_checked(HEADER)?;
        let unchecked = u16_at(header, 2)? == 0;
        let right = match unchecked {
            true => announced,
            false => checksum::of(bytes) == 0,
        };
        if !right || *header.first()? >> 4 != VERSION {
            return None;
        }
        let mut objects = Vec::new();
        while !rest.is_empty() {
            let length = usize::from(u16_at(rest, 0)?);
            let (object, behind) = rest.split_at_checked(length)?;
            objects.push(Object {
                class: *object.get(2)?,
                kind: *object.get(3)?,
                payload: object.get(HEADER..)?,
            });
            rest = behind;
        }
        Some(Extensions { announced, objects })
    }

    /// The structure as bytes, with its checksum. Objects that are too long for one are left out.
    pub fn emit(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION << 4, 0, 0, 0];
        for object in &self.objects {
            if let Ok(length) = u16::try_from(HEADER + object.payload.len()) {
                bytes.extend(length.to_be_bytes());
                bytes.extend([object.class, object.kind]);
                bytes.extend(object.payload);
            }
        }
        let sum = checksum::never_zero(checksum::of(&bytes));
        put_u16(&mut bytes, 2, sum);
        bytes
    }

    /// The MPLS labels that the packet bore, outermost first.
    pub fn labels(&self) -> Vec<Label> {
        self.objects
            .iter()
            .filter_map(mpls::parse)
            .flatten()
            .collect()
    }

    /// The interfaces that the router tells of.
    pub fn interfaces(&self) -> Vec<Interface> {
        self.objects.iter().filter_map(Interface::parse).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::interface::{self, Role};
    use super::*;

    /// Class, type and content of objects. The content is of any length, as nothing forbids it.
    pub(in crate::packet) fn objects() -> impl Strategy<Value = Vec<(u8, u8, Vec<u8>)>> {
        let payload = prop::collection::vec(any::<u8>(), 0..24);
        prop::collection::vec((any::<u8>(), any::<u8>(), payload), 0..4)
    }

    pub(in crate::packet) fn extensions(
        objects: &[(u8, u8, Vec<u8>)],
        announced: bool,
    ) -> Extensions<'_> {
        let objects = objects.iter().map(|(class, kind, payload)| Object {
            class: *class,
            kind: *kind,
            payload,
        });
        Extensions {
            announced,
            objects: objects.collect(),
        }
    }

    #[test]
    fn a_structure_with_a_label_computed_by_hand() {
        // Version 2; object of 8 bytes, class 1, type 1: label 16000, class 0, bottom, TTL 1.
        // 2000 + 0008 + 0101 + 03e8 + 0101 = 25f2, whose complement is da0d.
        let bytes = [0x20, 0, 0xda, 0x0d, 0, 8, 1, 1, 0x03, 0xe8, 0x01, 0x01];
        let read = Extensions::parse(&bytes, true).unwrap();
        let label = Label {
            label: 16_000,
            class: 0,
            bottom: true,
            ttl: 1,
        };
        assert_eq!(read.labels(), [label]);
        assert_eq!(read.emit(), bytes);
        assert_eq!(read.interfaces(), []);
    }

    #[test]
    fn labels_and_interfaces_stand_side_by_side() {
        let label = |label, bottom| Label {
            label,
            class: 0,
            bottom,
            ttl: 255,
        };
        let stack = mpls::emit(&[label(17, false), label(18, true)]);
        let interface = Interface {
            role: Role::Outgoing,
            index: None,
            address: Some([10, 0, 0, 1].into()),
            name: Some("ge-0/0/1".to_string()),
            mtu: None,
        };
        let (kind, told) = interface.emit();
        let extensions = Extensions {
            announced: true,
            objects: vec![
                Object {
                    class: mpls::CLASS,
                    kind: mpls::INCOMING,
                    payload: &stack,
                },
                Object {
                    class: interface::CLASS,
                    kind,
                    payload: &told,
                },
            ],
        };
        let bytes = extensions.emit();
        let read = Extensions::parse(&bytes, true).unwrap();
        assert_eq!(read.labels(), [label(17, false), label(18, true)]);
        assert_eq!(read.interfaces(), [interface]);
    }

    #[test]
    fn no_checksum_is_taken_only_where_extensions_are_announced() {
        let mut bytes = Extensions::default().emit();
        bytes[2..].fill(0);
        assert!(Extensions::parse(&bytes, true).is_some());
        assert_eq!(Extensions::parse(&bytes, false), None);
        bytes[0] = 1 << 4;
        assert_eq!(Extensions::parse(&bytes, true), None);
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(objects in objects(), announced: bool) {
            let expected = extensions(&objects, announced);
            let bytes = expected.emit();
            for length in 0..bytes.len() {
                // A part may be right in itself by chance; it never claims more than it holds.
                if let Some(read) = Extensions::parse(&bytes[..length], announced) {
                    prop_assert!(read.objects.len() <= objects.len());
                    prop_assert!(expected.objects.starts_with(&read.objects));
                }
            }
            prop_assert_eq!(Extensions::parse(&bytes, announced), Some(expected));
        }

        #[test]
        fn one_changed_byte_is_noticed(objects in objects(), at: prop::sample::Index, by in 1u8..) {
            let mut bytes = extensions(&objects, true).emit();
            prop_assume!(u16_at(&bytes, 2) != Some(0));
            let at = at.index(bytes.len());
            bytes[at] ^= by;
            // Only a change that leaves no checksum at all could pass.
            prop_assume!(u16_at(&bytes, 2) != Some(0));
            prop_assert_eq!(Extensions::parse(&bytes, true), None);
        }

        #[test]
        fn any_bytes_can_be_read(
            mut bytes in prop::collection::vec(any::<u8>(), 4..100), announced: bool,
        ) {
            bytes[0] = VERSION << 4;
            bytes[2..4].fill(0);
            let sum = checksum::of(&bytes);
            put_u16(&mut bytes, 2, sum);
            if let Some(read) = Extensions::parse(&bytes, announced) {
                let lengths = read.objects.iter().map(|object| HEADER + object.payload.len());
                prop_assert_eq!(HEADER + lengths.sum::<usize>(), bytes.len());
                read.labels();
                read.interfaces();
            }
        }
    }
}
