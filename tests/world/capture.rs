//! What is on the wire, by tcpdump: a second opinion on times and packets.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hopcast::lab::namespace::Namespace;

use super::{not_run, run};

/// A running capture of one device.
pub struct Capture {
    tcpdump: Child,
    folder: tempfile::TempDir,
}

/// A captured packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Wall-clock time in ns since 1970, as the kernel stamped it.
    pub at: u64,
    /// Its bytes from the IP header on.
    pub packet: Vec<u8>,
}

impl Capture {
    /// Captures what passes a device of a namespace. `None`, with a line that says so, where
    /// tcpdump is not installed.
    pub fn start(namespace: &Namespace, device: &str) -> Option<Capture> {
        let folder = tempfile::tempdir().expect("a folder for the capture");
        let file = folder.path().join("packets");
        let mut command = Command::new("tcpdump");
        // As root it would change to a user who may not write here.
        command.args(["-i", device, "-n", "-U", "-Z", "root", "-B", "8192"]);
        command
            .args(["--time-stamp-precision=nano", "-w"])
            .arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        let Ok(mut tcpdump) = run::inside(namespace, || command.spawn()) else {
            not_run("tcpdump is not installed: nothing is compared with a capture");
            return None;
        };
        let said = tcpdump.stderr.take().expect("it was asked for");
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let listens = lines.any(|line| line.contains("listening on"));
        assert!(listens, "tcpdump ended before it listened");
        // Whatever it says later must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        Some(Capture { tcpdump, folder })
    }

    /// The packets so far, once `enough` of them are there or nothing more comes within a second.
    pub fn stop(mut self, enough: impl Fn(&[Captured]) -> bool) -> Vec<Captured> {
        let deadline = Instant::now() + Duration::from_secs(1);
        loop {
            let bytes = std::fs::read(self.folder.path().join("packets")).unwrap_or_default();
            let packets = parse(&bytes);
            if enough(&packets) || Instant::now() > deadline {
                self.tcpdump.kill().expect("our own child can be ended");
                self.tcpdump.wait().expect("a child can be waited for");
                return packets;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Reads a pcap file with times in ns, whose packets begin with an IP header (TUN devices) or with
/// an Ethernet header, which is taken off.
fn parse(bytes: &[u8]) -> Vec<Captured> {
    const RAW: u32 = 101;
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    };
    let mut found = Vec::new();
    let Some(head) = word(0) else {
        return found;
    };
    assert_eq!(head, 0xa1b2_3c4d, "a pcap file with ns");
    let skipped = if word(20) == Some(RAW) { 0 } else { 14 };
    let mut at = 24;
    while let (Some(s), Some(ns), Some(length)) = (word(at), word(at + 4), word(at + 8)) {
        let begin = at + 16;
        let end = begin + length as usize;
        let Some(packet) = bytes.get(begin + skipped..end) else {
            break;
        };
        found.push(Captured {
            at: u64::from(s) * 1_000_000_000 + u64::from(ns),
            packet: packet.to_vec(),
        });
        at = end;
    }
    found
}
