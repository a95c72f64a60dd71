//! Which way a network was opened, and why the others were not.

use std::io;
use std::path::PathBuf;

use crate::lang::Text;
use crate::text;

/// A way to send probes and to hear of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// UDP datagrams; ICMP errors from the socket's error queue. Needs no privilege.
    Udp,
    /// The same, and the errors in full from a raw socket beside. Needs `CAP_NET_RAW`.
    UdpRaw,
    /// TCP connection attempts; ICMP errors from the socket's error queue. Needs no privilege.
    Connect,
    /// The same, and times and errors in full from raw sockets beside. Needs `CAP_NET_RAW`.
    ConnectRaw,
    /// TCP SYNs by a raw socket. Needs `CAP_NET_RAW`.
    RawSyn,
    /// ICMP echo by a raw socket. Needs `CAP_NET_RAW`.
    RawEcho,
    /// ICMP echo by a datagram socket, as ping has it: needs a group that
    /// `net.ipv4.ping_group_range` names.
    PingSocket,
}

impl Means {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Means::Udp => "udp",
            Means::UdpRaw => "udp-raw",
            Means::Connect => "tcp",
            Means::ConnectRaw => "tcp-raw",
            Means::RawSyn => "syn",
            Means::RawEcho => "icmp-raw",
            Means::PingSocket => "icmp-datagram",
        }
    }

    /// Whether it sees the headers that errors quote in full.
    pub fn sees_quotes(self) -> bool {
        match self {
            Means::UdpRaw | Means::ConnectRaw | Means::RawSyn | Means::RawEcho => true,
            Means::Udp | Means::Connect | Means::PingSocket => false,
        }
    }
}

/// How a network's sockets were had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The way that is used.
    pub used: Means,
    /// The ways that were not, each with the reason and, where a permission is missing, the command
    /// that grants it.
    pub others: Vec<(Means, Text)>,
}

impl Way {
    /// A way without an alternative.
    pub fn only(used: Means) -> Way {
        let others = Vec::new();
        Way { used, others }
    }
}

/// The command that lets this program open raw sockets.
pub fn raw_grant() -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hopcast"));
    format!(
        "setcap cap_net_raw+p {}",
        quoted(&program.display().to_string())
    )
}

/// The command that lets every user open ping sockets.
pub fn ping_grant() -> &'static str {
    "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\""
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Why a raw socket was not had, and what grants it.
pub fn no_raw(why: &io::Error) -> Text {
    let grant = raw_grant();
    text!(
        "不能打开原始套接字（{why}）；管理员可执行 {grant}",
        "no raw socket ({why}); an administrator can run {grant}"
    )
}

/// Why a ping socket was not had, and what grants it.
pub fn no_ping(why: &io::Error) -> Text {
    let grant = ping_grant();
    text!(
        "不能打开 ICMP 数据报套接字（{why}）；管理员可执行 {grant}",
        "no ICMP datagram socket ({why}); an administrator can run {grant}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_this_very_program() {
        let program = std::env::current_exe().unwrap();
        assert!(raw_grant().ends_with(&quoted(&program.display().to_string())));
    }

    #[test]
    fn a_path_with_blanks_and_quotes_is_one_word_to_a_shell() {
        for path in ["/opt/a b/hopcast", "/opt/it's/hopcast", "/opt/$x;y/hopcast"] {
            let echo = format!("printf %s {}", quoted(path));
            let output = std::process::Command::new("sh")
                .args(["-c", &echo])
                .output();
            assert_eq!(output.unwrap().stdout, path.as_bytes());
        }
        assert_eq!(quoted("/usr/bin/hopcast-1.0"), "/usr/bin/hopcast-1.0");
    }
}
