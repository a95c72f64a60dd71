//! A network of our own to try programs against: two network namespaces, and between them a path in
//! user space that treats packets as a description says.
//!
//! Real packets of real programs go over it, and what it does to them is known ([`ledger`]), so a
//! measurement can be held to the truth. [`world`] is the description, `transit` carries packets
//! through it in any time that it is told, [`emulator`] does so in real time between two devices,
//! and [`Lab`] is the whole: it needs the right to make namespaces and TUN devices (Linux).

use std::fs::File;
use std::io;
use std::process::{Child, Command};
use std::sync::Arc;

use emulator::Emulator;
use namespace::{EVERYWHERE, Namespace, alone};
use responder::Responder;
use world::World;

use crate::error::Error;

mod bucket;
pub mod emulator;
mod filter;
mod flow;
mod forge;
pub mod ledger;
mod line;
mod names;
pub mod namespace;
mod netlink;
mod packet;
mod responder;
pub mod rights;
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
    _responder: Responder,
}

impl Lab {
    /// Builds and starts a world. Fails without the right to make namespaces and TUN devices
    /// ([`rights`]), with what would grant it.
    pub fn start(world: World) -> Result<Lab, Error> {
        let world = Arc::new(world);
        let namespace = || Namespace::new().map_err(|error| rights::refused(&error));
        let (client, server) = (namespace()?, namespace()?);
        let near = end(&client, &world, World::CLIENT)?;
        let far = end(&server, &world, world.server())?;
        for block in &world.blocks {
            server
                .claim(*block)
                .map_err(|error| rights::failed(&error))?;
        }
        let responder = Responder::start(&server, &world);
        let emulator = Emulator::start(Arc::clone(&world), near, far);
        Ok(Lab {
            client,
            server,
            world,
            emulator: emulator.map_err(|error| rights::failed(&error))?,
            _responder: responder.map_err(|error| rights::failed(&error))?,
        })
    }

    /// Starts a program in the client's namespace. Whether it knows the nodes by their names is told
    /// beside it; where the system refuses that, there are addresses only.
    pub fn spawn(&self, command: &mut Command) -> io::Result<(Child, bool)> {
        self.client.run(|| {
            let named = names::give(&self.world).is_ok();
            Ok((command.spawn()?, named))
        })?
    }

    /// What has truly happened so far.
    pub fn ledger(&self) -> ledger::Ledger {
        self.emulator.ledger()
    }
}

/// An end of the path: a device with the node's addresses and everything else behind it.
fn end(namespace: &Namespace, world: &World, node: usize) -> Result<File, Error> {
    let device = namespace.tun(DEVICE, world.mtu_of_end(node));
    let device = device.map_err(|error| rights::no_device(&error))?;
    // Nodes on the way that can be talked to live with the server.
    let lives = |at: &usize| *at == node || node == world.server() && world.is_served(*at);
    // The server first: from its address goes what names no other.
    let nodes = (0..world.nodes.len()).rev().filter(lives);
    let mut addresses = nodes.flat_map(|at| &world.nodes[at].addresses).copied();
    let give = |address| namespace.address(DEVICE, alone(address));
    let lead = |everywhere| namespace.route(everywhere, DEVICE, None);
    let given = addresses.try_for_each(give);
    let led = given.and_then(|()| EVERYWHERE.into_iter().try_for_each(lead));
    led.map_err(|error| rights::failed(&error))?;
    Ok(device)
}
