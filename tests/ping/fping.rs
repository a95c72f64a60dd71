//! The lines and exit codes of fping.

use std::process::{Command, Stdio};

use super::*;

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
