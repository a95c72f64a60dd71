//! MPLS label stacks in ICMP errors (RFC 4950): what a labelled packet bore when it could not go on.

use super::extension::Object;
use super::u32_at;

/// The class of a label stack object.
pub const CLASS: u8 = 1;
/// Its only type: the incoming stack.
pub const INCOMING: u8 = 1;

/// One MPLS label stack entry (RFC 3032 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// 20 bits of label.
    pub label: u32,
    /// 3 bits of traffic class (RFC 5462).
    pub class: u8,
    /// Whether it is the last of the stack.
    pub bottom: bool,
    /// Its own TTL.
    pub ttl: u8,
}

impl Label {
    fn parse(word: u32) -> Label {
        Label {
            label: word >> 12,
            class: (word >> 9 & 7) as u8,
            bottom: word >> 8 & 1 == 1,
            ttl: word as u8,
        }
    }

    fn emit(self) -> u32 {
        let label = self.label & 0xf_ffff;
        let class = u32::from(self.class & 7);
        label << 12 | class << 9 | u32::from(self.bottom) << 8 | u32::from(self.ttl)
    }
}

/// The stack in `object`, outermost label first; `None` when it is something else or no whole words.
pub fn parse(object: &Object<'_>) -> Option<Vec<Label>> {
    let stack = (object.class, object.kind) == (CLASS, INCOMING);
    if !stack || !object.payload.len().is_multiple_of(4) {
        return None;
    }
    let words = (0..object.payload.len()).step_by(4);
    words
        .map(|at| u32_at(object.payload, at).map(Label::parse))
        .collect()
}

/// The payload of an object that holds `stack`.
pub fn emit(stack: &[Label]) -> Vec<u8> {
    stack
        .iter()
        .flat_map(|label| label.emit().to_be_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label() -> impl Strategy<Value = Label> {
        (0u32..1 << 20, 0u8..8, any::<bool>(), any::<u8>()).prop_map(
            |(label, class, bottom, ttl)| Label {
                label,
                class,
                bottom,
                ttl,
            },
        )
    }

    fn object(payload: &[u8]) -> Object<'_> {
        Object {
            class: CLASS,
            kind: INCOMING,
            payload,
        }
    }

    #[test]
    fn an_entry_as_rfc_3032_draws_it() {
        // Label 20 bits, class 3, bottom 1, TTL 8: 16000 = 03e80 hex, class 5, bottom, TTL 254.
        let entry = Label {
            label: 16_000,
            class: 5,
            bottom: true,
            ttl: 254,
        };
        let bytes = [0x03, 0xe8, 0x0b, 0xfe];
        assert_eq!(emit(&[entry]), bytes);
        assert_eq!(parse(&object(&bytes)), Some(vec![entry]));
        assert_eq!(parse(&object(&bytes[..3])), None);
        assert_eq!(
            parse(&Object {
                class: 2,
                ..object(&bytes)
            }),
            None
        );
        assert_eq!(
            parse(&Object {
                kind: 2,
                ..object(&bytes)
            }),
            None
        );
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_read(stack in prop::collection::vec(label(), 0..6)) {
            prop_assert_eq!(parse(&object(&emit(&stack))), Some(stack));
        }
    }
}
