//! A network of our own to try programs against: two network namespaces, and between them a path in
//! user space that treats packets as a description says.
//!
//! Real packets of real programs go over it, and what it does to them is known, so a measurement can
//! be held to the truth. It needs the right to make namespaces and TUN devices (Linux).

pub mod emulator;
pub mod namespace;
mod netlink;
mod packets;
mod tun;
