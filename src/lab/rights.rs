//! The rights that a lab needs, how to get them without being root, and what to say when they are
//! missing: the command that grants them.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid};

use crate::error::Error;
use crate::lang::Text;
use crate::text;

/// Where TUN devices are made.
const TUN: &str = "/dev/net/tun";

/// Makes this process root of a user namespace of its own, unless it is root already: what
/// `unshare -Ur` does. To be called while the process has one thread.
pub fn gain() -> Result<(), Error> {
    if Uid::effective().is_root() {
        return Ok(());
    }
    let (user, group) = (Uid::effective(), Gid::effective());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|error| refused(&error.into()))?;
    let map = |file: &str, text: String| fs::write(format!("/proc/self/{file}"), text);
    map("uid_map", format!("0 {user} 1"))
        .and_then(|()| map("setgroups", "deny".to_string()))
        .and_then(|()| map("gid_map", format!("0 {group} 1")))
        .map_err(|error| refused(&error))
}

/// Why namespaces could not be made, with the command that allows it here.
pub(super) fn refused(error: &io::Error) -> Error {
    let is = |variable: &str, value: &str| {
        let found = fs::read_to_string(format!("/proc/sys/{variable}"));
        found.is_ok_and(|found| found.trim() == value)
    };
    let root = fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| is_whole(&map));
    let command = if root && Uid::effective().is_root() {
        return Error::System(text!(
            "不能建立网络命名空间（{error}）：本进程没有 CAP_SYS_ADMIN。容器里请用\
             \n  docker run --cap-add=SYS_ADMIN --cap-add=NET_ADMIN --device=/dev/net/tun …",
            "no network namespace can be made ({error}): this process lacks CAP_SYS_ADMIN. For a container:\
             \n  docker run --cap-add=SYS_ADMIN --cap-add=NET_ADMIN --device=/dev/net/tun …"
        ));
    } else if is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    } else if is("kernel/unprivileged_userns_clone", "0") {
        "sudo sysctl kernel.unprivileged_userns_clone=1"
    } else if is("user/max_user_namespaces", "0") {
        "sudo sysctl user.max_user_namespaces=10000"
    } else {
        "sudo hopcast lab …"
    };
    Error::System(text!(
        "没有 root 权限，本机也不允许用户命名空间（{error}）。可以这样放行：\n  {command}",
        "without root, and this machine allows no user namespace ({error}). This allows it:\n  {command}"
    ))
}

/// Whether a map of users is the one that maps everybody to himself: no user namespace is between.
fn is_whole(map: &str) -> bool {
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// Why no TUN device could be made.
pub(super) fn no_device(error: &io::Error) -> Error {
    let (zh, en, command) = match error.kind() {
        io::ErrorKind::NotFound => (
            "不存在",
            "is not there",
            format!("sudo modprobe tun; ls {TUN}"),
        ),
        io::ErrorKind::PermissionDenied => {
            let command = format!("sudo chmod 0666 {TUN}");
            (
                "不允许本用户打开",
                "may not be opened by this user",
                command,
            )
        }
        _ => (
            "不能使用",
            "cannot be used",
            "sudo modprobe tun".to_string(),
        ),
    };
    Error::System(text!(
        "{TUN} {zh}（{error}）。可以这样解决：\n  {command}",
        "{TUN} {en} ({error}). This helps:\n  {command}"
    ))
}

/// Anything else that the system refused while a lab was built.
pub(super) fn failed(error: &io::Error) -> Error {
    Error::System(Text::new(
        format!("不能搭起实验网络：{error}"),
        format!("the lab could not be built: {error}"),
    ))
}
