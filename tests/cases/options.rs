//! Every option with the values at its bounds, which are taken, and those beyond, which are refused
//! before anything is sent.

use super::*;
use crate::world::{file, run};

/// An option, values that are taken, and values that are not.
type Bounds<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

const TRACE: [Bounds<'_>; 24] = [
    (
        "-c",
        &["1", "30"],
        &["0", "-1", "x", "1.5", "4294967296", ""],
    ),
    (
        "-i",
        &["0.01", "1", "86400"],
        &["0", "0.009", "-1", "86401", "inf", "nan", "x"],
    ),
    ("-m", &["6", "255"], &["0", "256", "x"]),
    ("-f", &["1", "6", "30"], &["0", "31", "256", "x"]),
    (
        "-Z",
        &["0.1", "86400"],
        &["0", "0.009", "-1", "86401", "nan"],
    ),
    ("-G", &["1", "86400"], &["-1", "86401", "nan", "x"]),
    ("-s", &["48", "9216"], &["47", "9217", "-1", "x"]),
    ("-Q", &["0", "184", "255"], &["256", "-1", "x"]),
    ("-P", &["1", "65535"], &["0", "65536", "http", "-1"]),
    ("-L", &["1", "65535"], &["0", "65536", "x"]),
    (
        "-a",
        &["192.0.2.1", "2001:db8::1"],
        &["192.0.2", "host", ""],
    ),
    ("-I", &["eth0"], &[""]),
    ("-o", &["LSDRNBAVWGJMXI", "LS NABWV"], &["Z", "LSZ", ""]),
    (
        "--method",
        &["udp", "icmp", "tcp", "syn"],
        &["sctp", "UDP", ""],
    ),
    ("--ports", &["fixed", "classic"], &["paris", ""]),
    ("--flows", &["1", "1024"], &["0", "1025", "x"]),
    (
        "--hop-rate",
        &["0.001", "1", "1000000"],
        &["0", "-1", "1000001", "nan", "x"],
    ),
    ("--service", &["1", "65535"], &["0", "65536", "x"]),
    (
        "--format",
        &[
            "table", "json", "csv", "raw", "pretty", "markdown", "dot", "flows", "stream", "probes",
        ],
        &["xml", ""],
    ),
    (
        "--seed",
        &["0", "18446744073709551615"],
        &["-1", "18446744073709551616", "x"],
    ),
    ("--lang", &["zh", "en"], &["fr", ""]),
    ("--mtu", &["576", "9216"], &["575", "9217", "x"]),
    ("--atlas", &[], &["/nonexistent/atlas.csv"]),
    ("--journey", &["there"], &["back"]),
];

/// Options without a value that are taken, and what does not go together.
const TOGETHER: &[&str] = &[
    "-r",
    "-w",
    "-u",
    "-M",
    "-n",
    "-z",
    "-j",
    "-C",
    "-l",
    "-4",
    "-6",
    "--ecmp",
    "-rwn",
    "-f 6 -m 6",
    "-rwc 3",
];
const APART: &[&str] = &[
    "-f 7 -m 6",
    "-4 -6",
    "-u -T",
    "-u --method icmp",
    "-j -C",
    "-j -l",
    "-C --format csv",
    "-n -b",
    "--ecmp --flows 2",
    "--service 80 --no-service",
    "--live -r",
    "--live -j",
    "--live --mtu",
    "--method icmp -P 80",
    "--method icmp -L 80",
    "--method echo -P 80",
    "-x",
    "--nope",
];

#[test]
fn options_of_trace_take_what_is_within_their_bounds_and_refuse_the_rest() {
    let file = file("chain");
    // The model answers: nothing is sent, and no time passes.
    let lab = ["trace", "--lab", "--topology", file.to_str().unwrap()];
    let journey = ["--journey", "there"];
    let ended = |more: &[&str], taken: bool| {
        let own = more.iter().any(|word| word.starts_with("--journey"));
        let output = run::hopcast(&[&lab[..], if own { &[] } else { &journey }, more].concat());
        let code = output.status.code();
        let says = (!output.stdout.is_empty(), !output.stderr.is_empty());
        let expected = (Some(if taken { 0 } else { 2 }), (taken, !taken));
        assert_eq!((code, says), expected, "{more:?} {}", said(&output));
    };
    for (option, good, bad) in TRACE {
        for (values, taken) in [(good, true), (bad, false)] {
            for value in values {
                ended(&[format!("{option}={value}").as_str()], taken);
            }
        }
    }
    for (all, taken) in [(TOGETHER, true), (APART, false)] {
        for words in all {
            ended(&words.split(' ').collect::<Vec<_>>(), taken);
        }
    }
}

/// fping's options: each by itself beside one host that replies.
const PING: [Bounds<'_>; 19] = [
    ("-b", &["0", "20", "1000"], &["-1", "65488", "x"]),
    ("-B", &["1", "1.5", "5"], &["0.9", "5.1", "x", "nan"]),
    ("-c", &["1"], &["0", "-1", "x", "4294967296"]),
    ("-C", &["1"], &["0", "x"]),
    ("-H", &["1", "255"], &["0", "256", "x"]),
    ("-i", &["0", "0.1", "10"], &["-1", "x", "nan"]),
    (
        "-O",
        &["0", "255", "0x00", "0xff"],
        &["256", "0x100", "-1", "x", "0x"],
    ),
    ("-p", &["0", "0.5", "1000"], &["-1", "x"]),
    ("-Q", &["0.1", "1"], &["0", "0.09", "86401", "x"]),
    ("-r", &["0", "3"], &["-1", "x"]),
    ("-t", &["50", "2000"], &["-1", "x"]),
    ("-x", &["1"], &["0", "x"]),
    ("-S", &["127.0.0.1"], &["127.0.0", "x", ""]),
    ("-I", &["lo"], &[""]),
    ("-f", &[], &["/nonexistent/hosts"]),
    ("--method", &["icmp", "udp"], &["sctp", ""]),
    ("--query", &[], &["example"]),
    ("--url", &[], &["http://127.0.0.1/"]),
    ("--trust", &[], &["/nonexistent/roots"]),
];
const PING_TOGETHER: &[&str] = &[
    "-a",
    "-A",
    "-D -c1",
    "-e",
    "-m",
    "-M",
    "-n",
    "-N -Q1 -c1",
    "-o -c1",
    "-q",
    "-R",
    "-s",
    "-u",
    "-4",
    "--json -c1",
    "-a -e -A",
    "-c1 -q -s -o",
];
const PING_APART: &[&str] = &[
    "-a -u",
    "-c1 -C1",
    "-c1 -l",
    "-C1 -l",
    "-4 -6",
    "-N",
    "-P 80",
    "--method tcp",
    "--method syn",
    "-z",
    "--nope",
    "-f - -g",
    "-g",
];

#[test]
fn options_of_ping_take_what_is_within_their_bounds_and_refuse_the_rest() {
    let Some(world) = built("lossy") else { return };
    let ended = |more: &[&str], taken: bool| {
        let args = [&["ping"], more, &["127.0.0.1"]].concat();
        let output = world.hopcast_as_root(&args);
        // fping's code for a bad argument.
        let expected = Some(if taken { 0 } else { 3 });
        assert_eq!(output.status.code(), expected, "{more:?} {}", said(&output));
        let refused = !taken && output.stdout.is_empty() && !output.stderr.is_empty();
        assert_eq!(refused, !taken, "{more:?} {}", said(&output));
    };
    // Ports answer in the world's client, which is alone there.
    world.client.answer_freely().unwrap();
    for (option, good, bad) in PING {
        for (values, taken) in [(good, true), (bad, false)] {
            for value in values {
                ended(&[format!("{option}={value}").as_str()], taken);
            }
        }
    }
    for (all, taken) in [(PING_TOGETHER, true), (PING_APART, false)] {
        for words in all {
            ended(&words.split(' ').collect::<Vec<_>>(), taken);
        }
    }
}
