//! The longest of many prefixes that holds an address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Prefix;

/// What is known of networks: they are sorted, each with the one around it.
///
/// Prefixes are inside each other or apart. So the last that begins by an address is either the
/// longest that holds it, or lies inside that one: the way there leads outwards only. For 10^6
/// prefixes that is 20 steps of a search and a few outwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry<T> {
    prefix: Prefix,
    /// The shortest step outwards, if there is any.
    around: Option<usize>,
    known: T,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table {
            entries: Vec::new(),
        }
    }
}

impl<T> Table<T> {
    /// A table of these prefixes.
    pub fn new(prefixes: BTreeMap<Prefix, T>) -> Table<T> {
        let mut entries: Vec<Entry<T>> = Vec::with_capacity(prefixes.len());
        // The one read last and all that are around it, innermost last.
        let mut open: Vec<(usize, Prefix)> = Vec::new();
        for (at, (prefix, known)) in prefixes.into_iter().enumerate() {
            while open.pop_if(|(_, outer)| !outer.covers(prefix)).is_some() {}
            let around = open.last().map(|(at, _)| *at);
            open.push((at, prefix));
            entries.push(Entry {
                prefix,
                around,
                known,
            });
        }
        Table { entries }
    }

    /// What is known of the longest prefix that holds an address.
    pub fn get(&self, address: IpAddr) -> Option<&T> {
        let begun = self
            .entries
            .partition_point(|entry| entry.prefix.begins_by(address));
        let mut at = begun.checked_sub(1);
        while let Some(entry) = self.entries.get(at?) {
            if entry.prefix.holds(address) {
                return Some(&entry.known);
            }
            at = entry.around;
        }
        None
    }

    /// The same networks, with something else known of each.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Table<U> {
        let entries = self.entries.into_iter().map(|entry| Entry {
            prefix: entry.prefix,
            around: entry.around,
            known: change(entry.known),
        });
        Table {
            entries: entries.collect(),
        }
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
