//! The cases by which other path tracers test themselves (trippy, mtr, NextTrace, fping, ttl), where
//! nothing else here holds them yet. `tests/CASES.md` lists them all, each with the test that holds it.

#![cfg(all(feature = "trace", target_os = "linux"))]

use told::{Told, said, with};
use world::World;

#[allow(dead_code, reason = "shared with another test")]
#[path = "../verdicts/told.rs"]
mod told;
#[path = "../world/mod.rs"]
mod world;

mod ends;
mod interfaces;
mod methods;
mod options;
mod wire;

/// The world of a file whose server's kernel answers as often as it is asked, and lets every user
/// echo.
fn built(name: &str) -> Option<World> {
    let world = World::build(name)?;
    world.server.answer_freely().unwrap();
    world.client.allow_echo_sockets().unwrap();
    Some(world)
}
