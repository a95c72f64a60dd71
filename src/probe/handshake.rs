//! How long the kernel found that a TCP handshake took.

use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::socket::getsockopt;

use super::sockopt::TcpInfo;

/// Where `tcpi_rtt` stands, the smoothed round trip in microseconds.
const ROUND_TRIP: usize = 17;

/// Where `tcpi_total_retrans` stands.
const SENT_AGAIN: usize = 25;

/// How long the handshake of a connection took over which nothing has been sent yet: the one sample
/// of its round trip (RFC 6298, 2.2), taken when SYN-ACK came and not when we looked. `None` when the
/// SYN was sent again: which of them was answered is not known.
pub(super) fn round_trip(socket: &impl AsFd) -> Option<Duration> {
    let info = getsockopt(socket, TcpInfo).ok()?;
    let (took, again) = (*info.get(ROUND_TRIP)?, *info.get(SENT_AGAIN)?);
    (took > 0 && again == 0).then(|| Duration::from_micros(took.into()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_handshake_is_timed_by_the_kernel_however_late_we_look() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let began = Instant::now();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let seen = began.elapsed();
        std::thread::sleep(Duration::from_millis(20));
        let took = round_trip(&stream).unwrap();
        assert!(
            took <= seen + Duration::from_micros(1),
            "{took:?} of {seen:?}"
        );
    }
}
