//! The greatest rate of one TCP connection.

use clap::Args;

use super::Answer;
use crate::error::Error;
use crate::lang::Text;
use crate::queueing::tcp;
use crate::units::{BitRate, Bytes, Fraction, Seconds};

#[derive(Debug, Args)]
struct Path {
    /// Maximum segment size.
    #[arg(long, default_value = "1460 B")]
    mss: Bytes,
    /// Round-trip time, e.g. "40 ms".
    #[arg(long)]
    rtt: Seconds,
    /// Packet loss rate, e.g. "0.01 %".
    #[arg(long)]
    loss: Fraction,
}

impl Path {
    fn connection(&self) -> Result<tcp::Connection, Error> {
        Ok(tcp::Connection::new(self.mss, self.rtt, self.loss)?)
    }
}

fn rate(answer: Answer, rate: BitRate) -> Answer {
    answer.with(
        "throughput",
        Text::new("吞吐率", "throughput"),
        rate.0,
        "bit/s",
    )
}

#[derive(Debug, Args)]
pub(super) struct Mathis {
    #[command(flatten)]
    path: Path,
}

impl Mathis {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let answer = Answer::approximate(
            Text::new(
                "Mathis：轻微丢包下的 TCP 速率",
                "Mathis: TCP rate under light loss",
            ),
            "Mathis, Semke, Mahdavi and Ott 1997, constant √(3/2)",
            Text::new(
                "Reno，长连接，丢包率低于约 1 %，窗口不受限；不适用于 BBR",
                "Reno, long transfers, loss below about 1 %, window not limiting; not for BBR",
            ),
        );
        Ok(rate(answer, self.path.connection()?.mathis()))
    }
}

#[derive(Debug, Args)]
pub(super) struct Pftk {
    #[command(flatten)]
    path: Path,
    /// Segments per acknowledgement.
    #[arg(long, default_value_t = 2.0)]
    acked: f64,
    /// First retransmission timeout.
    #[arg(long, default_value = "200 ms")]
    timeout: Seconds,
}

impl Pftk {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let answer = Answer::approximate(
            Text::new("PFTK：含超时的 TCP 速率", "PFTK: TCP rate with timeouts"),
            "Padhye, Firoiu, Towsley and Kurose 1998",
            Text::new(
                "Reno，长连接，同一轮内丢包相关，窗口不受限；不适用于 BBR",
                "Reno, long transfers, losses correlated within a round, window not limiting; not for BBR",
            ),
        );
        let throughput = self.path.connection()?.pftk(self.acked, self.timeout)?;
        Ok(rate(answer, throughput))
    }
}

#[derive(Debug, Args)]
pub(super) struct Cubic {
    #[command(flatten)]
    path: Path,
}

impl Cubic {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let connection = self.path.connection()?;
        let answer = Answer::approximate(
            Text::new("CUBIC：丢包下的 TCP 速率", "CUBIC: TCP rate under loss"),
            "RFC 9438 section 5.1 eq. 6 and section 4.3, C = 0.4, β = 0.7",
            Text::new(
                "长连接，等间隔丢包，窗口不受限；不适用于 BBR",
                "long transfers, evenly spaced loss, window not limiting; not for BBR",
            ),
        )
        .with(
            "cubic_window",
            Text::new("三次曲线的平均窗口", "mean window of the cubic law"),
            connection.cubic_window(),
            "segments",
        )
        .with(
            "reno_window",
            Text::new("窗口下限（Reno）", "window never below (Reno)"),
            connection.reno_window(),
            "segments",
        );
        Ok(rate(answer, connection.cubic()))
    }
}

#[derive(Debug, Args)]
pub(super) struct Window {
    /// Receive window, e.g. "64 KiB".
    #[arg(long)]
    window: Bytes,
    /// Round-trip time, e.g. "40 ms".
    #[arg(long)]
    rtt: Seconds,
}

impl Window {
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let throughput = tcp::window_limit(self.window, self.rtt)?;
        let answer = Answer::exact(
            Text::new(
                "接收窗口限制的 TCP 速率",
                "TCP rate that the receive window allows",
            ),
            "window / RTT (RFC 9293 section 3.8)",
            Text::new(
                "上限：每个往返最多发送一个窗口",
                "an upper bound: one window each round trip",
            ),
        );
        Ok(rate(answer, throughput))
    }
}
