//! `hopcast ping` as its users and their scripts run it: the lines and exit codes of fping, which is
//! run beside it where it is installed, and replies that come late, twice or not at all.
//!
//! All packets stay on loopback. Echo needs a raw socket: where that is not allowed the tests say
//! what they did not run; with `CI` set, that is a failure.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

/// What a run said and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            out: text(&output.stdout),
            err: text(&output.stderr),
            code: output.status.code(),
        }
    }

    /// The same with every time as T and every time of day as CLOCK. Counts, percentages and
    /// addresses stay.
    fn masked(&self) -> Said {
        Said {
            out: masked(&self.out),
            err: masked(&self.err),
            code: self.code,
        }
    }
}

fn masked(text: &str) -> String {
    let word = |word: &str| {
        let is_clock = word.starts_with('[') && word.matches(':').count() == 2;
        match word.parse::<IpAddr>() {
            Ok(_) => word.to_string(),
            Err(_) if is_clock => "[CLOCK]".to_string(),
            Err(_) => times_masked(word),
        }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Every number with a decimal point as T.
fn times_masked(word: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut masked = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(is_number) {
        let end = rest[start..].find(|c| !is_number(c));
        let end = end.map_or(rest.len(), |length| start + length);
        let number = &rest[start..end];
        masked.push_str(&rest[..start]);
        masked.push_str(if number.contains('.') { "T" } else { number });
        rest = &rest[end..];
    }
    masked + rest
}

fn hopcast(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    command
        .arg("ping")
        .args(args)
        .env_clear()
        .env("LC_ALL", "C");
    command.stdin(Stdio::null());
    command
}

fn said(args: &[&str]) -> Said {
    Said::of(&hopcast(args).output().expect("hopcast starts"))
}

fn json(args: &[&str]) -> Value {
    let said = said(args);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// Whether echo can be sent here; says so if not.
fn may_echo() -> bool {
    let said = said(&["-c1", "-q", "127.0.0.1"]);
    or_say_so(said.code != Some(4), &said.err)
}

fn or_say_so(can: bool, why: &str) -> bool {
    assert!(
        can || std::env::var_os("CI").is_none(),
        "not allowed in CI: {why}"
    );
    if !can {
        let test = thread::current().name().unwrap_or("a test").to_string();
        // Written past the harness, which hides what a passing test says by `eprintln!`.
        let said = format!("{test} NOT RUN: {why}; run as root\n");
        let _ = std::io::stderr().write_all(said.as_bytes());
    }
    can
}

/// A case: arguments, then what is to be said on both streams, masked, and the exit code.
type Case = (&'static str, &'static str, &'static str, i32);

/// From the manual of fping and from how its lines are read.
const ON_LOOPBACK: &[Case] = &[
    ("127.0.0.1 ::1", "127.0.0.1 is alive\n::1 is alive\n", "", 0),
    ("-e 127.0.0.1", "127.0.0.1 is alive (T ms)\n", "", 0),
    ("-a -e 127.0.0.1", "127.0.0.1 (T ms)\n", "", 0),
    ("-A localhost", "127.0.0.1 is alive\n", "", 0),
    (
        "-R -H 3 -O 0x10 -M 127.0.0.1",
        "127.0.0.1 is alive\n",
        "",
        0,
    ),
    ("-u 127.0.0.1", "", "", 0),
    ("-q 127.0.0.1", "", "", 0),
    ("-a -q 127.0.0.1", "127.0.0.1\n", "", 0),
    ("-a -g 127.0.0.8/30", "127.0.0.9\n127.0.0.10\n", "", 0),
    (
        "-a -g 127.0.0.1 127.0.0.3",
        "127.0.0.1\n127.0.0.2\n127.0.0.3\n",
        "",
        0,
    ),
    (
        "-c2 -p20 127.0.0.1 127.0.0.200",
        "127.0.0.1   : [0], 64 bytes, T ms (T avg, 0% loss)\n\
         127.0.0.200 : [0], 64 bytes, T ms (T avg, 0% loss)\n\
         127.0.0.1   : [1], 64 bytes, T ms (T avg, 0% loss)\n\
         127.0.0.200 : [1], 64 bytes, T ms (T avg, 0% loss)\n",
        "\n\
         127.0.0.1   : xmt/rcv/%loss = 2/2/0%, min/avg/max = T/T/T\n\
         127.0.0.200 : xmt/rcv/%loss = 2/2/0%, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-D -c1 -b 100 127.0.0.1",
        "[T] 127.0.0.1 : [0], 108 bytes, T ms (T avg, 0% loss)\n",
        "\n127.0.0.1 : xmt/rcv/%loss = 1/1/0%, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-c3 -q -p20 127.0.0.1",
        "",
        "127.0.0.1 : xmt/rcv/%loss = 3/3/0%, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-c2 -a -p20 127.0.0.1",
        "",
        "127.0.0.1 : xmt/rcv/%loss = 2/2/0%, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-o -c2 -q -p20 127.0.0.1",
        "",
        "127.0.0.1 : xmt/rcv/%loss = 2/2/0%, outage(ms) = 0, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-C 3 -q -p20 127.0.0.1 127.0.0.22",
        "",
        "127.0.0.1  : T T T\n127.0.0.22 : T T T\n",
        0,
    ),
    (
        "-c5 -Q1 -p400 127.0.0.1",
        "",
        "[CLOCK]\n\
         127.0.0.1 : xmt/rcv/%loss = 3/3/0%, min/avg/max = T/T/T\n\
         127.0.0.1 : xmt/rcv/%loss = 5/5/0%, min/avg/max = T/T/T\n",
        0,
    ),
    (
        "-s -c2 -q -p20 127.0.0.1",
        "",
        "127.0.0.1 : xmt/rcv/%loss = 2/2/0%, min/avg/max = T/T/T\n\
         \n       1 targets\n       1 alive\n       0 unreachable\n       0 unknown addresses\n\
         \n       0 timeouts (waiting for response)\n       2 ICMP Echos sent\n       \
         2 ICMP Echo Replies received\n       0 other ICMP received\n\
         \n T ms (min round trip time)\n T ms (avg round trip time)\n \
         T ms (max round trip time)\n        T sec (elapsed real time)\n\n",
        0,
    ),
    (
        "-x 2 127.0.0.1 127.0.0.2",
        "Enough hosts reachable (required: 2, reachable: 2)\n",
        "",
        0,
    ),
    (
        "-x 3 127.0.0.1 127.0.0.2",
        "Not enough hosts reachable (required: 3, reachable: 2)\n",
        "",
        1,
    ),
];

/// The same where nobody answers an echo, and one network cannot be reached at all.
const IN_SILENCE: &[Case] = &[
    ("-t50 -r1 127.0.0.1", "127.0.0.1 is unreachable\n", "", 1),
    ("-t50 -r1 -u 127.0.0.1", "127.0.0.1\n", "", 1),
    ("-t50 -r1 -a 127.0.0.1", "", "", 1),
    ("-t50 -r1 -q 127.0.0.1", "", "", 1),
    (
        "-t50 -c2 -p60 127.0.0.1",
        "127.0.0.1 : [0], timed out (NaN avg, 100% loss)\n\
         127.0.0.1 : [1], timed out (NaN avg, 100% loss)\n",
        "\n127.0.0.1 : xmt/rcv/%loss = 2/0/100%\n",
        1,
    ),
    ("-t50 -C2 -q -p60 127.0.0.1", "", "127.0.0.1 : - -\n", 1),
    (
        "-t50 -o -c3 -q -p60 127.0.0.1",
        "",
        "127.0.0.1 : xmt/rcv/%loss = 3/0/100%, outage(ms) = 180\n",
        1,
    ),
    (
        "-t50 -r1 -x 1 127.0.0.1",
        "Not enough hosts reachable (required: 1, reachable: 0)\n",
        "",
        1,
    ),
    (
        "-c2 -q -p20 192.0.2.1",
        "",
        "192.0.2.1 : xmt/rcv/%loss = 2/0/100%\n",
        1,
    ),
    ("-a 192.0.2.1", "", "", 1),
];

/// A namespace of its own in which the kernel answers no echo.
const SILENCE: &str = "ip link set lo up && ip route add unreachable 192.0.2.0/24 && \
                       echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all && exec \"$@\"";

fn in_silence(program: &str, args: &[&str]) -> Said {
    let mut command = Command::new("unshare");
    command
        .args(["-n", "sh", "-c", SILENCE, "sh", program])
        .args(args);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    Said::of(&command.output().expect("unshare starts"))
}

fn fping(args: &[&str]) -> Option<Said> {
    let output = Command::new("fping")
        .args(args)
        .stdin(Stdio::null())
        .output();
    Some(Said::of(&output.ok()?))
}

fn check(case: &Case, program: &str, found: &Said) {
    let (args, out, err, code) = *case;
    let expected = Said {
        out: out.to_string(),
        err: err.to_string(),
        code: Some(code),
    };
    assert_eq!(found.masked(), expected, "{program} {args}: {found:?}");
}

fn words(args: &str) -> Vec<&str> {
    args.split(' ').collect()
}

#[test]
fn lines_and_codes_are_those_of_fping() {
    if !may_echo() {
        return;
    }
    for case in ON_LOOPBACK {
        check(case, "hopcast ping", &said(&words(case.0)));
    }
}

#[test]
fn lines_and_codes_are_those_of_fping_where_nobody_answers() {
    let can = in_silence("true", &[]);
    if !may_echo() || !or_say_so(can.code == Some(0), &can.err) {
        return;
    }
    for case in IN_SILENCE {
        let mut args = vec!["ping"];
        args.extend(words(case.0));
        check(
            case,
            "hopcast",
            &in_silence(env!("CARGO_BIN_EXE_hopcast"), &args),
        );
    }
}

#[test]
fn fping_itself_says_what_is_expected_here() {
    // What it needs is on the machines of those who would change the lines: no notice without it.
    if fping(&["-q", "127.0.0.1"]).is_none_or(|said| said.code != Some(0)) {
        return;
    }
    for case in ON_LOOPBACK {
        if let Some(found) = fping(&words(case.0)) {
            check(case, "fping", &found);
        }
    }
    if in_silence("true", &[]).code == Some(0) {
        for case in IN_SILENCE {
            let mut found = in_silence("fping", &words(case.0));
            // It says on standard error why it could not send, to whoever asks for all.
            found.err = found
                .err
                .lines()
                .filter(|line| !line.contains("while sending"))
                .fold(String::new(), |all, line| all + line + "\n");
            check(case, "fping", &found);
        }
    }
}

#[test]
fn a_fault_of_our_own_side_is_said_with_its_reason() {
    let can = in_silence("true", &[]);
    if !may_echo() || !or_say_so(can.code == Some(0), &can.err) {
        return;
    }
    let hopcast = env!("CARGO_BIN_EXE_hopcast");
    let said = in_silence(hopcast, &["ping", "192.0.2.1"]);
    assert_eq!(
        (said.out.as_str(), said.code),
        ("192.0.2.1 is unreachable\n", Some(1))
    );
    assert!(
        said.err
            .starts_with("192.0.2.1: error while sending ping: "),
        "{said:?}"
    );
    assert!(said.err.contains("No route to host"), "{said:?}");
    let report = in_silence(hopcast, &["ping", "-c2", "-p20", "--json", "192.0.2.1"]);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let target = &report["targets"][0];
    assert_eq!((&target["unsent"], &target["lost"]), (&2.into(), &0.into()));
    assert_eq!(target["loss_percent"], Value::Null);
}

#[test]
fn a_name_without_an_address_is_its_own_state() {
    // A family that the address is not of: nobody is asked.
    let said = said(&["-4", "::1", "--json"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
    if !may_echo() {
        return;
    }
    let found = Said::of(&hopcast(&["-4", "::1", "127.0.0.1"]).output().unwrap());
    assert_eq!(
        (found.out.as_str(), found.code),
        ("127.0.0.1 is alive\n", Some(2))
    );
    assert!(
        found.err.starts_with("::1: ") && found.err.contains("IPv4"),
        "{found:?}"
    );
    let report = json(&["-4", "::1", "127.0.0.1", "-q", "--json"]);
    assert_eq!(report["all"]["unknown"], 1);
    assert_eq!(report["targets"][1]["state"], "unknown");
    assert!(report["targets"][1]["fault"]["zh"].is_string());
    // Enough is enough, whatever else was asked for.
    let enough = Said::of(
        &hopcast(&["-4", "-x1", "::1", "127.0.0.1"])
            .output()
            .unwrap(),
    );
    assert_eq!(enough.code, Some(0));
}

#[test]
fn bad_arguments_are_3_and_a_refusing_system_is_4() {
    for args in [
        "-c0 127.0.0.1",
        "-a -u 127.0.0.1",
        "-c1 -l 127.0.0.1",
        "-d -n 127.0.0.1",
        "-B 9 127.0.0.1",
        "-b 70000 127.0.0.1",
        "-H 300 127.0.0.1",
        "-O 300 127.0.0.1",
        "-x 0 127.0.0.1",
        "-i x 127.0.0.1",
        "-S foo 127.0.0.1",
        "-g 127.0.0.1",
        "-g 127.0.0.1/33",
        "-g 10.0.0.0/8",
        "-g 127.0.0.4 127.0.0.1",
        "-f list 127.0.0.1",
        "--method tcp 127.0.0.1",
        "--method syn 127.0.0.1",
        "--method dns 127.0.0.1",
        "--method dns --query a..b 127.0.0.1",
        "--method http --url nonsense 127.0.0.1",
        "--method http --url http://127.0.0.1/ -P 80",
        "--method tls --url https://127.0.0.1/",
        "--trust roots.pem 127.0.0.1",
        "--nonsense",
    ] {
        let found = said(&words(args));
        assert_eq!(
            (found.out.as_str(), found.code),
            ("", Some(3)),
            "{args}: {found:?}"
        );
        assert!(!found.err.is_empty());
        let mut chinese = words(args);
        chinese.extend(["--lang", "zh"]);
        let found = said(&chinese);
        assert_eq!(found.code, Some(3), "{args}");
        assert!(
            found.err.chars().any(|c| ('一'..='龥').contains(&c)),
            "{args}: {found:?}"
        );
    }
    assert_eq!(said(&["-f", "/no/such/list"]).code, Some(4));
    // Nobody here has this address.
    assert_eq!(
        said(&["-S", "192.0.2.1", "--method", "udp", "127.0.0.1"]).code,
        Some(4)
    );
}

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

#[test]
fn a_permission_that_is_missing_is_named_with_the_command_that_grants_it() {
    // In a new network namespace ping sockets are for nobody, and here raw ones are not either.
    let bare = ["--bounding-set=-all", "--inh-caps=-all"];
    let run = |program: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-n", "setpriv"]).args(bare).args(program);
        command.env("LC_ALL", "C").stdin(Stdio::null());
        Said::of(&command.output().expect("unshare starts"))
    };
    let can = run(&["true"]);
    if !or_say_so(can.code == Some(0), &can.err) {
        return;
    }
    for (lang, grant) in [("en", "an administrator can run"), ("zh", "管理员可执行")] {
        let hopcast = env!("CARGO_BIN_EXE_hopcast");
        let said = run(&[hopcast, "ping", "127.0.0.1", "--lang", lang]);
        assert_eq!((said.out.as_str(), said.code), ("", Some(4)));
        assert_eq!(said.err.matches(grant).count(), 2, "{said:?}");
        assert!(said.err.contains("setcap cap_net_raw"), "{said:?}");
        assert!(said.err.contains("ping_group_range"), "{said:?}");
    }
}

/// A service on loopback that handles each connection so; its port.
fn serve(handle: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(handle));
    port
}

/// The first target of a run as JSON.
fn target(args: &[&str]) -> Value {
    let report = json(&[&["-c2", "-p50", "--json", "127.0.0.1"], args].concat());
    report["targets"][0].clone()
}

/// Says that two of two replies said `answer`, none late or lost.
fn check_answers(target: &Value, answer: &str) {
    let expected = serde_json::json!({ answer: 2 });
    assert_eq!(target["answers"], expected, "{target:#}");
    assert_eq!(
        (&target["lost"], &target["answered"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn an_http_service_tells_its_status_and_when_the_parts_were_done() {
    const PAUSE: Duration = Duration::from_millis(40);
    let port = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        thread::sleep(PAUSE);
        let _ = stream.write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n:(");
    });
    let url = format!("http://127.0.0.1:{port}/health");
    for args in [
        &["--method", "http", "-P", &port][..],
        &["--method", "http", "--url", &url],
    ] {
        let target = target(args);
        check_answers(&target, "http-503");
        // The server waits between the request and the first byte, and nowhere else.
        let first = target["phases"]["first_byte"]["best_ms"].as_f64().unwrap();
        assert!((40.0..200.0).contains(&first), "{target:#}");
        let whole = target["times"]["best_ms"].as_f64().unwrap();
        assert!(whole >= first && target["phases"]["connect"]["best_ms"].as_f64().unwrap() < 40.0);
        assert_eq!(target["phases"]["tls"], Value::Null);
        assert_eq!(target["certificate"], Value::Null);
    }
    // The host of the URL is asked when no other is named.
    let shown = said(&["-c1", "-e", "--method", "http", "--url", &url]).masked();
    let line =
        "127.0.0.1 : [0], http 503, T ms (T avg, 0% loss) (connect T, first_byte T, rest T ms)\n";
    assert_eq!((shown.out.as_str(), shown.code), (line, Some(0)));
}

#[test]
fn refused_reset_closed_and_silent_are_not_the_same() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = closed.local_addr().unwrap().port().to_string();
    drop(closed);
    let reset = serve(|stream| {
        socket2::SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    });
    let ended = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
    });
    let garbled = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"SSH-2.0-x\r\n");
    });
    let cases = [
        (&refused, "refused"),
        (&reset, "reset"),
        (&ended, "closed"),
        (&garbled, "unintelligible"),
    ];
    for (port, answer) in cases {
        check_answers(&target(&["--method", "http", "-P", port]), answer);
    }
    let silent = serve(|stream| {
        thread::sleep(Duration::from_secs(5));
        drop(stream);
    });
    let target = target(&["--method", "tls", "-P", &silent, "-t", "100"]);
    assert_eq!(
        (&target["lost"], &target["answers"]),
        (&2.into(), &serde_json::json!({}))
    );
}

#[test]
fn a_name_server_tells_its_response_code() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    thread::spawn(move || {
        let mut bytes = [0; 512];
        while let Ok((count, from)) = server.recv_from(&mut bytes) {
            // A response (RFC 1035, 4.1.1): no such name, nothing but the question.
            let mut answer = bytes[..count.min(12)].to_vec();
            answer.extend(&bytes[12..count]);
            (answer[2], answer[3]) = (answer[2] | 0x80, 3);
            let _ = server.send_to(&answer, from);
        }
    });
    let args = [
        "--method",
        "dns",
        "--query",
        "nobody.example/AAAA",
        "-P",
        &port,
    ];
    check_answers(&target(&args), "dns-3");
}

#[test]
fn a_certificate_is_said_once_to_be_untrusted_and_is_trusted_when_that_is_asked_for() {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_string()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, own.cert.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into());
    let config = Arc::new(config.unwrap());
    let port = serve(move |mut stream| {
        let mut server = ServerConnection::new(config.clone()).unwrap();
        while server.is_handshaking() && server.complete_io(&mut stream).is_ok() {}
        let _ = stream.read(&mut [0; 1024]);
    });
    let args = ["--method", "tls", "-P", &port];
    let untrusted = target(&args);
    check_answers(&untrusted, "tls");
    assert!(
        untrusted["certificate"]["untrusted"]["en"].is_string(),
        "{untrusted:#}"
    );
    assert!(untrusted["phases"]["tls"]["mean_ms"].as_f64().unwrap() > 0.0);
    let trust = [&args[..], &["--trust", roots.to_str().unwrap()]].concat();
    let trusted = target(&trust);
    assert_eq!(
        trusted["certificate"]["untrusted"],
        Value::Null,
        "{trusted:#}"
    );
    let told = said(&[&["-c2", "-p50", "127.0.0.1"], &args[..]].concat());
    assert_eq!(
        told.err.matches("certificate not trusted").count(),
        1,
        "{told:?}"
    );
    assert_eq!(told.code, Some(0));
}

#[test]
fn a_syn_finds_a_port_open_or_closed() {
    if !may_echo() {
        return;
    }
    let open = serve(drop);
    check_answers(&target(&["--method", "syn", "-P", &open]), "connected");
}
