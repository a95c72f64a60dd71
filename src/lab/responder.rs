//! Somebody at the server to talk to: TCP ports that take connections, and a minimal HTTP.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv6Addr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::namespace::Namespace;
use super::world::{Service, World};

/// Longest wait before looking whether to stop, in ms.
const GLANCE: u16 = 50;
/// How long a connection on which nothing comes is held open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a request's head, at most.
const LONGEST_HEAD: usize = 16_384;

/// Open ports; they close when dropped, connections when their clients close them.
#[derive(Debug)]
pub(super) struct Responder {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Responder {
    /// Opens the ports of a world in the server's namespace, each at its node's own addresses.
    pub(super) fn start(server: &Namespace, world: &World) -> io::Result<Responder> {
        let open = |(address, service): (IpAddr, &Service)| {
            let listener = TcpListener::bind((address, service.port))?;
            listener.set_nonblocking(true)?;
            Ok((listener, service.http))
        };
        let everywhere = [IpAddr::from(Ipv6Addr::UNSPECIFIED)];
        let places = world.services.iter().flat_map(|own| {
            let all = own.node == world.server() && !world.blocks.is_empty();
            let at = if all {
                &everywhere[..]
            } else {
                &world.nodes[own.node].addresses
            };
            at.iter().map(move |address| (*address, own))
        });
        let places: Vec<_> = places.collect();
        let ports =
            server.run(|| places.into_iter().map(open).collect::<io::Result<Vec<_>>>())??;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("server".to_string());
        let thread = thread.spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                turn(&ports);
            }
        })?;
        Ok(Responder {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for connections and takes them all.
fn turn(ports: &[(TcpListener, bool)]) {
    let polled = ports.iter();
    let mut polled: Vec<PollFd<'_>> = polled
        .map(|(port, _)| PollFd::new(port.as_fd(), PollFlags::POLLIN))
        .collect();
    // An interruption is only a shorter wait.
    let _ = poll(&mut polled, PollTimeout::from(GLANCE));
    for (port, http) in ports {
        while let Ok((stream, _)) = port.accept() {
            let http = *http;
            // Without a thread to spare the connection is closed at once.
            let _ = thread::Builder::new().spawn(move || {
                // A client that goes away in the middle has had enough.
                let _ = serve(stream, http);
            });
        }
    }
}

/// Serves one connection to its end.
fn serve(mut stream: TcpStream, http: bool) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        if !http {
            continue;
        }
        head.extend_from_slice(&buffer[..length]);
        if head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            return stream.write_all(&answer(&head));
        }
        if head.len() > LONGEST_HEAD {
            return Ok(());
        }
    }
}

/// The answer to a request: 200 and one line (RFC 9110; a HEAD has no body).
fn answer(head: &[u8]) -> Vec<u8> {
    let body = "hopcast lab\n";
    let length = body.len();
    let headers = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let body = if head.starts_with(b"HEAD ") { "" } else { body };
    [headers.as_bytes(), body.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_told_is_the_bodys() {
        let said = String::from_utf8(answer(b"GET / HTTP/1.1\r\n\r\n")).unwrap();
        let (headers, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains(&format!("Content-Length: {}", body.len())));
        assert!(answer(b"HEAD / HTTP/1.1\r\n\r\n").ends_with(b"\r\n\r\n"));
    }
}
