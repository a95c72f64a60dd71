//! A connection that knows when the kernel took in what is read from it, and how it broke.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::end::{End, Said};
use super::kernel;
use crate::probe::clock::Clock;
use crate::probe::{Answer, Arrival, Stamp};
use crate::units::Moment;

/// A TCP connection to a service.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    to: SocketAddr,
    clock: Clock,
    /// When the latest data came in.
    heard: (Moment, Stamp),
    broken: Option<Said>,
}

impl Line {
    /// A line over which nothing has come yet.
    pub(super) fn new(stream: TcpStream, to: SocketAddr, mut clock: Clock) -> Line {
        Line {
            stream,
            to,
            heard: clock.received(None),
            clock,
            broken: None,
        }
    }

    /// The present moment.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// When the latest data came in.
    pub(super) fn heard(&self) -> Moment {
        self.heard.0
    }

    /// The exchange is done: its answer came with the latest data.
    pub(super) fn done(&self, arrival: Arrival) -> Said {
        Said {
            answer: Answer::Arrived(arrival),
            responder: self.to.ip(),
            when: self.heard,
            steps: self.clock.steps(),
        }
    }

    /// The exchange has failed: because the line broke, or else because of what came over it.
    pub(super) fn failed(&self) -> End {
        let said = self.broken.clone();
        End::Said(said.unwrap_or_else(|| self.done(Arrival::Unintelligible)))
    }

    /// Keeps how the line broke; what breaks later is a consequence.
    pub(super) fn break_off(&mut self, arrival: Arrival) {
        if self.broken.is_some() {
            return;
        }
        let heard = kernel::icmp(&self.stream);
        let (answer, responder, stamp) =
            heard.unwrap_or((Answer::Arrived(arrival), self.to.ip(), None));
        self.broken = Some(Said::now(answer, responder, stamp, &mut self.clock));
    }

    /// Takes what has come; 0 bytes when the other side has closed.
    fn take(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let stream = &self.stream;
        let taken = stream.try_io(Interest::READABLE, || kernel::read(stream, room));
        match &taken {
            Ok((0, _)) => self.break_off(Arrival::Closed),
            Ok((_, stamp)) => self.heard = self.clock.received(*stamp),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.break_off(Arrival::Reset),
        }
        taken.map(|(count, _)| count)
    }

    /// Reads until `room` is full.
    pub(super) async fn fill(&mut self, room: &mut [u8]) -> Result<(), End> {
        let mut buffer = ReadBuf::new(room);
        while buffer.remaining() > 0 {
            let before = buffer.remaining();
            let read = std::future::poll_fn(|cx| Pin::new(&mut *self).poll_read(cx, &mut buffer));
            let read = read.await;
            if read.is_err() || buffer.remaining() == before {
                return Err(self.failed());
            }
        }
        Ok(())
    }

    /// Writes all of `bytes`.
    pub(super) async fn say(&mut self, mut bytes: &[u8]) -> Result<(), End> {
        while !bytes.is_empty() {
            let written = std::future::poll_fn(|cx| Pin::new(&mut *self).poll_write(cx, bytes));
            match written.await {
                Ok(count) if count > 0 => bytes = bytes.get(count..).unwrap_or_default(),
                _ => return Err(self.failed()),
            }
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            match self.take(buffer.initialize_unfilled()) {
                Ok(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        if written.is_err() {
            self.break_off(Arrival::Reset);
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A line, or what is carried over one.
pub(super) trait Carried: AsyncRead + AsyncWrite + Unpin {
    /// The line itself.
    fn line(&self) -> &Line;
}

impl Carried for Line {
    fn line(&self) -> &Line {
        self
    }
}

impl Carried for TlsStream<Line> {
    fn line(&self) -> &Line {
        self.get_ref().0
    }
}

/// Notes when the first byte of the answer itself came: over TLS other records may come before it.
#[derive(Debug)]
pub(super) struct Noting<C> {
    pub(super) carried: C,
    pub(super) first: Option<Moment>,
}

impl<C: Carried> AsyncRead for Noting<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.carried).poll_read(cx, buffer));
        if buffer.filled().len() > before && self.first.is_none() {
            self.first = Some(self.carried.line().heard());
        }
        Poll::Ready(read)
    }
}

impl<C: Carried> AsyncWrite for Noting<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.carried).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carried).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carried).poll_shutdown(cx)
    }
}
