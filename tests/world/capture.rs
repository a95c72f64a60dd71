//! What is on the wire, seen by a packet socket: the second opinion on every time that is told.

use std::io::IoSliceMut;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hopcast::lab::namespace::Namespace;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::run;

/// Every protocol, in the byte order of the network (`ETH_P_ALL`, packet(7)).
const ALL: i32 = 0x0003u16.to_be() as i32;

/// A packet from its IP header on, and when the kernel saw it, since 1970.
pub struct Captured {
    pub at: Duration,
    pub packet: Vec<u8>,
}

/// A running capture of all that enters and leaves a namespace.
pub struct Capture {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<Captured>>,
}

impl Capture {
    /// Begins; what is sent from now on is seen.
    pub fn start(namespace: &Namespace) -> Capture {
        let socket = run::inside(namespace, || {
            let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(ALL)));
            let socket = socket.expect("whoever may make a namespace may capture in it");
            setsockopt(&socket, sockopt::ReceiveTimestampns, &true).expect("stamps");
            socket.set_recv_buffer_size(8 << 20).expect("a buffer");
            let patience = Some(Duration::from_millis(20));
            socket.set_read_timeout(patience).expect("a time-out");
            socket
        });
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut seen = Vec::new();
            // What has been queued when the capture is stopped is still read.
            while let Some(captured) = take(&socket, stopped.load(Ordering::Relaxed)) {
                seen.extend(captured);
            }
            seen
        });
        Capture { stop, thread }
    }

    /// Ends, with all that was seen.
    pub fn stop(self) -> Vec<Captured> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the capture does not panic")
    }
}

/// The next packet; `Some(None)` when there is none at present, `None` when there is none and no
/// more is wanted.
fn take(socket: &Socket, stopped: bool) -> Option<Option<Captured>> {
    let mut packet = vec![0; 2048];
    let mut control = [0; 128];
    let mut parts = [IoSliceMut::new(&mut packet)];
    let flags = MsgFlags::empty();
    let Ok(message) = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)
    else {
        return (!stopped).then_some(None);
    };
    let stamp = message
        .cmsgs()
        .expect("control messages")
        .find_map(|part| match part {
            ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
            _ => None,
        });
    let length = message.bytes;
    packet.truncate(length);
    Some(stamp.map(|at| Captured { at, packet }))
}
