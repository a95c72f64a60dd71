//! Replies that come late, twice or not at all, and how a run with many of them is told.

use std::io::{Read, Write};
use std::net::UdpSocket;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn lists_have_labels_and_standard_input_is_a_list_too() {
    let server = Server::start(|_| vec![Duration::ZERO]);
    let list = "# 骨干\n127.0.0.1 电信 北京\n\nlocalhost\t# no label\n";
    let args = ["--method", "udp", "-P", &server.port, "-c1", "--json"];
    for more in [&["-f", "-"][..], &[]] {
        let mut command = hopcast(&args);
        command
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(list.as_bytes())
            .unwrap();
        let said = Said::of(&child.wait_with_output().unwrap());
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let targets = report["targets"].as_array().unwrap();
        assert_eq!(targets.len(), 2, "{report:#}");
        assert_eq!(
            (&targets[0]["label"], &targets[1]["label"]),
            (&"电信 北京".into(), &Value::Null)
        );
        assert_eq!(said.code, Some(0));
    }
}

/// A host on loopback that answers datagrams by plan: to number n of them, after these times.
struct Server {
    port: String,
}

impl Server {
    fn start(plan: impl Fn(u32) -> Vec<Duration> + Send + 'static) -> Server {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = socket.local_addr().unwrap().port().to_string();
        thread::spawn(move || {
            let mut buffer = [0; 2000];
            for number in 0.. {
                let (length, from) = socket.recv_from(&mut buffer).unwrap();
                for delay in plan(number) {
                    let (socket, reply) = (socket.try_clone().unwrap(), buffer[..length].to_vec());
                    thread::spawn(move || {
                        thread::sleep(delay);
                        socket.send_to(&reply, from)
                    });
                }
            }
        });
        Server { port }
    }
}

#[test]
fn late_is_not_lost_even_when_it_is_the_last() {
    let server = Server::start(|_| vec![Duration::from_millis(120)]);
    let args = [
        "--method",
        "udp",
        "-P",
        &server.port,
        "-c4",
        "-p50",
        "-t60",
        "127.0.0.1",
    ];
    let found = said(&args);
    assert_eq!(found.code, Some(0));
    assert_eq!(found.out.matches("[late]").count(), 4, "{found:?}");
    assert!(
        found.err.contains("xmt/rcv/%loss = 4/4/0%, min/avg/max = "),
        "{found:?}"
    );
    let report = json(&[&args[..], &["--json"]].concat());
    let target = &report["targets"][0];
    let fates = ["answered", "late", "lost"].map(|fate| target[fate].as_u64());
    assert_eq!(fates, [Some(0), Some(4), Some(0)], "{report:#}");
    assert!(target["times"]["best_ms"].as_f64().unwrap() >= 120.0);
}

#[test]
fn lost_and_doubled_replies_are_counted_apart() {
    // Every third is lost, the others come twice.
    let twice = vec![Duration::ZERO, Duration::from_millis(2)];
    let server = Server::start(move |number| match number % 3 {
        0 => Vec::new(),
        _ => twice.clone(),
    });
    let args = [
        "--method",
        "udp",
        "-P",
        &server.port,
        "-C9",
        "-p30",
        "-t200",
        "127.0.0.1",
    ];
    let report = json(&[&args[..], &["-q", "--json"]].concat());
    let target = &report["targets"][0];
    let fates = ["sent", "answered", "lost", "duplicates"].map(|fate| target[fate].as_u64());
    assert_eq!(fates, [Some(9), Some(6), Some(3), Some(6)], "{report:#}");
    let list = target["round_trips_ms"].as_array().unwrap();
    let lost: Vec<_> = (0..9).filter(|at| list[*at].is_null()).collect();
    assert_eq!(lost, [0, 3, 6]);
    // 1/3: cut to 33, not rounded.
    let found = said(&[
        "--method",
        "udp",
        "-P",
        &server.port,
        "-c9",
        "-p30",
        "-t200",
        "-q",
        "127.0.0.1",
    ]);
    assert!(found.err.contains("xmt/rcv/%loss = 9/6/33%"), "{found:?}");
    assert_eq!(found.err.matches("duplicate for").count(), 6, "{found:?}");
}

#[test]
fn the_keyboard_asks_for_figures_and_ends_a_loop() {
    let server = Server::start(|_| vec![Duration::ZERO]);
    let args = [
        "--method",
        "udp",
        "-P",
        &server.port,
        "-l",
        "-p50",
        "127.0.0.1",
    ];
    let mut child = hopcast(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Lines are there as soon as the replies are, though nobody reads them by a terminal.
    let mut first = [0; 16];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    assert_eq!(&first, b"127.0.0.1 : [0],");
    let process = child.id().to_string();
    for signal in ["-QUIT", "-INT"] {
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
        thread::sleep(Duration::from_millis(120));
    }
    let found = Said::of(&child.wait_with_output().unwrap());
    assert_eq!(found.code, Some(0), "{found:?}");
    let lines: Vec<String> = found.err.lines().map(masked).collect();
    assert_eq!(
        (lines[0].as_str(), lines[1].as_str(), lines[3].as_str()),
        ("", "[CLOCK]", "")
    );
    assert!(
        lines[2].starts_with("127.0.0.1 : xmt/rcv/%loss = "),
        "{found:?}"
    );
    assert!(
        lines[4].starts_with("127.0.0.1 : xmt/rcv/%loss = "),
        "{found:?}"
    );
    assert!(lines[4].contains("/0%, min/avg/max = "), "{found:?}");
    assert_eq!(lines.len(), 5);
}

#[test]
fn intervals_are_lines_of_json_too() {
    let server = Server::start(|_| vec![Duration::ZERO]);
    let said = said(&[
        "--method",
        "udp",
        "-P",
        &server.port,
        "-c5",
        "-p100",
        "-Q0.2",
        "--json",
        "127.0.0.1",
    ]);
    let lines: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (total, intervals) = lines.split_last().unwrap();
    assert!(!intervals.is_empty() && intervals.iter().all(|line| line["kind"] == "interval"));
    assert_eq!(
        (&total["kind"], &total["targets"][0]["sent"]),
        (&"total".into(), &5.into())
    );
    let sent: u64 = intervals
        .iter()
        .map(|line| line["targets"][0]["sent"].as_u64().unwrap())
        .sum();
    assert!(sent <= 5, "{said:?}");
    assert_eq!(said.err, "");
}

#[test]
fn nothing_is_lost_at_full_speed() {
    if !may_echo() {
        return;
    }
    let report = json(&[
        "-g",
        "127.0.1.1",
        "127.0.1.254",
        "-i0",
        "-p1",
        "-c20",
        "-q",
        "--json",
    ]);
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 254);
    for target in targets {
        assert_eq!(target["answered"], 20, "{target:#}");
    }
    assert_eq!(report["troubles"]["overflowed"], 0);
    assert_eq!(report["all"]["unmatched"], 0);
}
