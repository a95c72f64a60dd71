//! A network of our own to try programs against: two network namespaces, and between them a path in
//! user space that treats packets as a description says.
//!
//! Real packets of real programs go over it, and what it does to them is known ([`ledger`]), so a
//! measurement can be held to the truth. [`world`] is the description, [`transit`] carries packets
//! through it in any time that it is told, [`emulator`] does so in real time between two devices,
//! and [`Lab`] is the whole: it needs the right to make namespaces and TUN devices (Linux).

use std::fs::File;
use std::io;
use std::sync::Arc;

use emulator::Emulator;
use namespace::{EVERYWHERE, Namespace, alone};
use world::World;

mod bucket;
pub mod emulator;
mod filter;
mod flow;
mod forge;
pub mod ledger;
mod line;
pub mod namespace;
mod netlink;
mod packet;
mod transit;
mod translate;
mod tun;
pub mod world;

/// The device of either end.
const DEVICE: &str = "path0";

/// A running world. It stops when dropped; programs that run in it then have no network.
#[derive(Debug)]
pub struct Lab {
    /// Where programs are tried.
    pub client: Namespace,
    /// What they talk to: its kernel answers, and what runs in it.
    pub server: Namespace,
    /// The description.
    pub world: Arc<World>,
    emulator: Emulator,
}

impl Lab {
    /// Builds and starts a world. Fails without the right to make namespaces and TUN devices.
    pub fn start(world: World) -> io::Result<Lab> {
        let world = Arc::new(world);
        let (client, server) = (Namespace::new()?, Namespace::new()?);
        let near = end(&client, &world, World::CLIENT)?;
        let far = end(&server, &world, world.server())?;
        for block in &world.blocks {
            server.claim(*block)?;
        }
        let emulator = Emulator::start(Arc::clone(&world), near, far)?;
        Ok(Lab {
            client,
            server,
            world,
            emulator,
        })
    }

    /// What has truly happened so far.
    pub fn ledger(&self) -> ledger::Ledger {
        self.emulator.ledger()
    }
}

/// An end of the path: a device with the node's addresses and everything else behind it.
fn end(namespace: &Namespace, world: &World, node: usize) -> io::Result<File> {
    let device = namespace.tun(DEVICE, world.mtu_of_end(node))?;
    for address in &world.nodes[node].addresses {
        namespace.address(DEVICE, alone(*address))?;
    }
    for everywhere in EVERYWHERE {
        namespace.route(everywhere, DEVICE, None)?;
    }
    Ok(device)
}
