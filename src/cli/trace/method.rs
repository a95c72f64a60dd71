//! The methods of `hopcast trace`, and what is told of the one used and of the others.

use clap::ValueEnum;

use crate::lang::Text;
use crate::text;
use crate::trace::report::MethodUsed;

/// How to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// UDP datagrams; needs no privilege (Linux).
    Udp,
    /// TCP connection attempts to a port; needs no privilege (Linux).
    Tcp,
    /// ICMP echo to the end host only.
    Echo,
}

/// What is told of a method, and why the others were not used.
pub(super) fn method_used(method: Method, port: Option<u16>) -> MethodUsed {
    let shown = port.unwrap_or_default();
    let linux_only = cfg!(not(target_os = "linux"));
    let why_not = |other: Method| match other {
        _ if linux_only && other != Method::Echo => {
            Text::new("只在 Linux 上可用", "works on Linux only")
        }
        Method::Udp => Text::new("未选用", "another method was asked for"),
        Method::Tcp => Text::new(
            "需要知道一个服务端口（-T -P 端口）",
            "needs the port of a service (-T -P PORT)",
        ),
        Method::Echo => Text::new(
            "只探测目标，看不到中间的跳",
            "sees the end host only, no hop on the way",
        ),
    };
    let what = match method {
        Method::Udp => text!(
            "UDP 端口 {shown}，经套接字错误队列，无需特权",
            "UDP to port {shown} by the socket's error queue, no privilege needed"
        ),
        Method::Tcp => text!(
            "TCP 连接端口 {shown}，经套接字错误队列，无需特权",
            "TCP connections to port {shown} by the socket's error queue, no privilege needed"
        ),
        Method::Echo => text!(
            "ICMP 回显，只探测目标；其用户态计时不如 udp 精确",
            "ICMP echo to the end host only; its user-space clock is coarser than that of udp"
        ),
    };
    let all = [Method::Udp, Method::Tcp, Method::Echo];
    MethodUsed {
        name: method.name(),
        port,
        what,
        others: all
            .into_iter()
            .filter(|other| *other != method)
            .map(|other| (other.name(), why_not(other)))
            .collect(),
        sees_hops: method != Method::Echo,
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Method::Udp => "udp",
            Method::Tcp => "tcp",
            Method::Echo => "echo",
        }
    }
}
