//! What the Linux kernel knows better than we do: when data came in, and why a connection failed.

use std::io::{self, IoSliceMut};
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};

use crate::probe::Answer;
use crate::probe::errqueue::{Batch, News, Queue};

/// Room for a timespec and a counter with their headers.
const CONTROL: usize = 128;

/// Reads what there is into `room` and says when it came in (wall clock, since 1970), where the
/// kernel stamped it: of several segments the last. `WouldBlock` when there is nothing.
pub(super) fn read(
    socket: &impl AsRawFd,
    room: &mut [u8],
) -> io::Result<(usize, Option<Duration>)> {
    let mut control = [0; CONTROL];
    let mut parts = [IoSliceMut::new(room)];
    let flags = MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
    let stamp = message.cmsgs()?.find_map(|part| match part {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
        _ => None,
    });
    Ok((message.bytes, stamp))
}

/// An ICMP error that has come for `socket`: what it says, who sent it, and its stamp.
pub(super) fn icmp(socket: &impl AsRawFd) -> Option<(Answer, IpAddr, Option<Duration>)> {
    let mut said = None;
    let read = Batch::of(1).read(socket, Queue::Errors, |heard| {
        if let News::Icmp(answer, from, _) = heard.news {
            said = Some((answer, from, heard.stamp));
        }
    });
    read.ok().and(said)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::SystemTime;

    use socket2::Type;

    use super::*;
    use crate::probe::manner::Manner;
    use crate::probe::socket::{Stamping, ask_for};
    use crate::probe::tag::Tag;

    #[test]
    fn data_is_stamped_when_it_comes_and_not_when_it_is_read() {
        let wall = || {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap()
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let manner = Manner::plain(Tag(1));
        ask_for(&stream, false, Type::STREAM, &manner).unwrap();
        let _stamping = Stamping::start().unwrap();
        let before = wall();
        listener.accept().unwrap().0.write_all(b"hello").unwrap();
        let sent = wall();
        std::thread::sleep(Duration::from_millis(20));
        let mut room = [0; 8];
        let (count, stamp) = read(&stream, &mut room).unwrap();
        assert_eq!(&room[..count], b"hello");
        // Over loopback the data is in when the write returns.
        let stamp = stamp.unwrap();
        assert!(
            before <= stamp && stamp <= sent,
            "{before:?} {stamp:?} {sent:?}"
        );
        assert_eq!(read(&stream, &mut room).unwrap(), (0, None));
    }
}
