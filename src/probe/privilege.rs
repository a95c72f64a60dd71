//! The one capability that raw sockets need, held no longer than it takes to open them.
//!
//! Capabilities belong to threads: both functions are for `main`, before it starts any other.

use caps::{CapSet, Capability};

use crate::error::Error;
use crate::text;

/// Whether `CAP_NET_RAW` can be used.
pub fn net_raw_permitted() -> bool {
    caps::has_cap(None, CapSet::Permitted, Capability::CAP_NET_RAW).unwrap_or(false)
}

/// Does `open` with `CAP_NET_RAW` in effect where it is permitted; what it was before, it is after.
pub(super) fn with_net_raw<T>(open: impl FnOnce() -> T) -> T {
    let held = caps::has_cap(None, CapSet::Effective, Capability::CAP_NET_RAW).unwrap_or(false);
    if held || !net_raw_permitted() {
        return open();
    }
    // Where it cannot be raised, the opening says what is missing.
    let raised = caps::raise(None, CapSet::Effective, Capability::CAP_NET_RAW).is_ok();
    let opened = open();
    if raised {
        // It stays permitted until `give_up`, so nothing is risked that was not before.
        let _ = caps::drop(None, CapSet::Effective, Capability::CAP_NET_RAW);
    }
    opened
}

/// Gives up every capability for good, and the way to new ones (`no_new_privs`). Sockets that are
/// open stay usable. A root user stays the owner of what is root's, but no longer reads or writes
/// what is not: files are read before, and output is opened.
pub fn give_up() -> Result<(), Error> {
    let refused = |what: &dyn std::fmt::Display| {
        Error::System(text!(
            "无法放弃权限：{what}",
            "cannot give up privileges: {what}"
        ))
    };
    nix::sys::prctl::set_no_new_privs().map_err(|error| refused(&error))?;
    // The effective set before the permitted one, which must not be smaller.
    for set in [
        CapSet::Ambient,
        CapSet::Effective,
        CapSet::Inheritable,
        CapSet::Permitted,
    ] {
        caps::clear(None, set).map_err(|error| refused(&error))?;
    }
    Ok(())
}
