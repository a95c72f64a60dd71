//! TUN devices. The kernel makes one by `ioctl` alone, which no safe wrapper covers: this is the one
//! file of the library that may be unsafe.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

use nix::libc;

/// Bytes of `struct ifreq` on 64-bit Linux, the larger one; the name comes first, then the flags.
type Request = [u8; 40];

nix::ioctl_write_ptr_bad!(set_interface, libc::TUNSETIFF, Request);

/// Makes the device `name` in the namespace that the calling thread is in. The file is read and
/// written without waiting, one IP packet at a time; the device goes when it is closed.
pub(super) fn open(name: &str) -> io::Result<File> {
    let mut options = File::options();
    let options = options.read(true).write(true);
    let device = options
        .custom_flags(libc::O_NONBLOCK)
        .open("/dev/net/tun")?;
    let mut request: Request = [0; 40];
    let named = request.iter_mut().take(libc::IFNAMSIZ - 1);
    named.zip(name.bytes()).for_each(|(to, from)| *to = from);
    let flags = (libc::IFF_TUN | libc::IFF_NO_PI) as u16;
    request[libc::IFNAMSIZ..][..2].copy_from_slice(&flags.to_ne_bytes());
    // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which is no longer than a Request, and
    // the descriptor is open as long as `device` lives.
    unsafe { set_interface(device.as_raw_fd(), &request) }?;
    Ok(device)
}
