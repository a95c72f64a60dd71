//! The longest of many prefixes that holds an address.

use std::collections::BTreeMap;

use super::{Origin, Prefix};

/// Prefixes of one family, sorted, each with the one around it.
///
/// Prefixes are inside each other or apart. So the last that begins by an address is either the
/// longest that holds it, or lies inside that one: the way there leads outwards only. For 10^6
/// prefixes that is 20 steps of a search and a few outwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    prefix: Prefix,
    /// The shortest step outwards, if there is any.
    around: Option<usize>,
    origin: Origin,
}

impl Table {
    /// A table of these prefixes.
    pub(super) fn new(prefixes: BTreeMap<Prefix, Origin>) -> Table {
        let mut entries: Vec<Entry> = Vec::with_capacity(prefixes.len());
        // The one read last and all that are around it, innermost last.
        let mut open: Vec<(usize, Prefix)> = Vec::new();
        for (at, (prefix, origin)) in prefixes.into_iter().enumerate() {
            while open.pop_if(|(_, outer)| !outer.covers(prefix)).is_some() {}
            let around = open.last().map(|(at, _)| *at);
            open.push((at, prefix));
            entries.push(Entry {
                prefix,
                around,
                origin,
            });
        }
        Table { entries }
    }

    /// Whose the address of these bits is.
    pub(super) fn origin(&self, bits: u128) -> Option<&Origin> {
        let begun = self
            .entries
            .partition_point(|entry| entry.prefix.begins_by(bits));
        let mut at = begun.checked_sub(1);
        while let Some(entry) = self.entries.get(at?) {
            if entry.prefix.holds(bits) {
                return Some(&entry.origin);
            }
            at = entry.around;
        }
        None
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
