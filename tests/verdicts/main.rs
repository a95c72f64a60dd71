//! `hopcast trace` held to the truth of every world: what it says of each hop, against what the world
//! did by its ledger, by its file and by arithmetic.
//!
//! A verdict holds with 95 % by its own word, so a right tracer may miss one in twenty. Where chance
//! has a hand in it, [`bounds::some_try`] asks several worlds of different seeds; what must never be
//! said is asserted of each of them.

#![cfg(all(feature = "trace", target_os = "linux"))]

use told::{Told, trace, with};
use world::World;

#[path = "../world/mod.rs"]
mod world;

mod answers;
mod bounds;
mod changes;
mod formats;
mod kernel;
mod limits;
mod loss;
mod middleboxes;
mod paths;
mod quotes;
mod signals;
mod sizes;
mod times;
mod told;

/// The world of a file whose server's kernel answers as often as it is asked.
fn built(name: &str) -> Option<World> {
    free(World::build(name)?)
}

/// The same from another seed.
fn seeded(name: &str, seed: u64) -> Option<World> {
    free(World::with(name, |world| world.seed = seed)?)
}

/// Does the same in both address families at once.
fn in_both_families(work: impl Fn(bool) + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(|| work(false));
        work(true);
    });
}

fn free(world: World) -> Option<World> {
    world.server.answer_freely().unwrap();
    Some(world)
}
