//! What truly happened in a world: a measurement is right when it says the same.

use super::world::World;

/// Counts since the start, by the indices of [`World::lines`] and [`World::nodes`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// For each line.
    pub lines: Vec<Crossings>,
    /// For each node.
    pub nodes: Vec<Deeds>,
}

/// Packets of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crossings {
    /// That entered it.
    pub entered: u64,
    /// That it lost.
    pub lost: u64,
    /// That its full queue refused.
    pub refused: u64,
    /// That came out twice.
    pub doubled: u64,
    /// That were longer than it takes.
    pub too_long: u64,
}

/// Packets of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deeds {
    /// Whose hops ran out there.
    pub expired: u64,
    /// That it answered, copies not counted.
    pub answered: u64,
    /// That a limit kept it from answering.
    pub limited: u64,
    /// That its filter stopped.
    pub stopped: u64,
    /// Answers that it made up.
    pub forged: u64,
}

impl Ledger {
    pub(super) fn new(world: &World) -> Ledger {
        Ledger {
            lines: vec![Crossings::default(); world.lines.len()],
            nodes: vec![Deeds::default(); world.nodes.len()],
        }
    }
}
