//! Names for addresses of a world: a hosts file that only the tried program sees.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use super::world::World;

/// Where programs look names up before they ask a name server.
const HOSTS: &str = "/etc/hosts";

/// The hosts file of a world behind the one that is there.
fn hosts(world: &World, before: &str) -> String {
    let target = [false, true].map(|ipv6| world.target(ipv6));
    let line = |(at, node): (usize, &super::world::Node)| {
        // The server is called by the addresses that lead to it.
        let addresses = match at == world.server() {
            true => target.iter().flatten().copied().collect(),
            false => node.addresses.clone(),
        };
        let names = node.names.join(" ");
        let lines = addresses.into_iter();
        lines.map(move |address| format!("{address} {names}\n"))
    };
    let lines: String = world.nodes.iter().enumerate().flat_map(line).collect();
    format!("{}\n{lines}", before.trim_end())
}

/// Gives the calling thread, and every program it starts, the world's names. Fails where the system
/// allows no mounts of one's own; then there are addresses only.
pub(super) fn give(world: &World) -> io::Result<()> {
    let text = hosts(world, &fs::read_to_string(HOSTS).unwrap_or_default());
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none = None::<&str>;
    // Nothing that is mounted here may be seen outside.
    let flags = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, flags, none)?;
    let own = format!("hopcast-hosts-{}", std::process::id());
    let path = std::env::temp_dir().join(own);
    let written = write_new(&path, &text);
    let bound = written.and_then(|()| {
        let bound = mount(Some(&path), HOSTS, none, MsFlags::MS_BIND, none);
        bound.map_err(io::Error::from)
    });
    // What is mounted stays without its first name.
    let _ = fs::remove_file(&path);
    bound
}

/// Writes a file that was not there: nobody else's file, and no link of somebody else's.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o644);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_called_by_its_names() {
        let text = "world = 1\nname = { zh = \"甲\", en = \"a\" }\npath = \"client -> r1 -> server\"\n\
                    [client]\naddress = [\"10.0.0.1\"]\n[server]\naddress = [\"10.0.9.1\"]\n\
                    [router.r1]\naddress = [\"10.0.1.1\"]\npublic = [\"203.0.113.80\"]\n";
        let world = World::parse(Path::new("w.toml"), text.to_string()).unwrap();
        let expected = "127.0.0.1 localhost\n10.0.0.1 client\n10.0.1.1 r1\n203.0.113.80 server\n";
        assert_eq!(hosts(&world, "127.0.0.1 localhost\n\n"), expected);
    }
}
