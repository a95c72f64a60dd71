//! `hopcast lab` as its users run it: a program in the network of a file.

#![cfg(all(feature = "trace", target_os = "linux"))]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use hopcast::lab::world::Service;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use world::{World, file, run, takes};

mod world;

fn lab(args: &[&str]) -> Output {
    run::hopcast_as_root(&[&["lab"], args].concat())
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn path(name: &str) -> String {
    file(name).to_str().unwrap().to_string()
}

/// Runs a shell's line in the lab of a file. `None` where no lab can be built.
fn line(name: &str, line: &str) -> Option<Output> {
    // Building one says whether it is allowed, or fails in CI.
    World::build("chain")?;
    Some(lab(&[&path(name), "--", "sh", "-c", line]))
}

#[test]
fn without_a_program_the_nodes_are_shown_and_no_right_is_needed() {
    for (lang, round_trip, silent) in [("en", "20 ms", "silent"), ("zh", "20 ms", "不应答")] {
        let output = run::hopcast(&["lab", &path("chain"), "--lang", lang]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let said = out(&output);
        let line = |word: &str| said.lines().find(|line| line.contains(word)).unwrap();
        assert!(line("10.77.6.1").contains("fd77:6::1") && line("10.77.6.1").contains(round_trip));
        assert!(line("10.77.3.1").contains(silent), "{said}");
        assert!(!said.contains("RFC 5737"));
    }
}

#[test]
fn addresses_that_nobody_wrote_are_from_the_ranges_for_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("bare.toml");
    let text = fs::read_to_string(file("chain")).unwrap();
    let kept = text.lines().filter(|line| !line.contains("10.77.2.1"));
    fs::write(&bare, kept.collect::<Vec<_>>().join("\n")).unwrap();
    let bare = bare.to_str().unwrap();
    let said = out(&lab(&[bare, "--lang", "en"]));
    let r2 = said.lines().find(|line| line.contains("router 2")).unwrap();
    assert!(
        r2.contains("192.0.2.1 *") && r2.contains("2001:db8:ffff::1 *"),
        "{said}"
    );
    assert!(said.contains("* no address is written"));
    assert!(out(&lab(&[bare, "--lang", "zh"])).contains("* 文件里没有写地址"));
}

#[test]
fn the_exit_code_and_the_output_are_the_programs() {
    let Some(output) = line("chain", "echo from inside; exit 7") else {
        return;
    };
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(7), "from inside\n")
    );
    // Which node has which address is said beside it.
    assert!(err(&output).contains("10.77.4.1"));
    let output = line("chain", "kill -9 $$").unwrap();
    assert_eq!(output.status.code(), Some(128 + 9));
}

#[test]
fn nodes_are_known_by_name_and_only_inside() {
    let Some(output) = line("labels", "cat /etc/hosts") else {
        return;
    };
    let hosts = out(&output);
    for expected in ["10.0.3.1 r3\n", "fd00:3::1 r3\n", "10.0.99.1 server\n"] {
        assert!(hosts.contains(expected), "{hosts}{}", err(&output));
    }
    assert!(
        !fs::read_to_string("/etc/hosts")
            .unwrap()
            .contains("10.0.3.1 r3")
    );
    let output = line("gateway", "cat /etc/hosts").unwrap();
    assert!(
        out(&output).contains("203.0.113.80 server\n"),
        "{}",
        out(&output)
    );
}

#[test]
fn hopcast_itself_traces_the_modelled_link() {
    if World::build("chain").is_none() {
        return;
    }
    let binary = env!("CARGO_BIN_EXE_hopcast");
    let trace = ["--", binary, "trace", "server", "-c", "1", "--json"];
    let output = lab(&[&[path("chain").as_str()], &trace[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let report: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let hubs = report["report"]["hubs"].as_array().unwrap();
    let hosts: Vec<&str> = hubs
        .iter()
        .map(|hub| hub["host"].as_str().unwrap())
        .collect();
    let six = [
        "fd77:1::1",
        "fd77:2::1",
        "???",
        "fd77:4::1",
        "fd77:5::1",
        "fd77:6::1",
    ];
    let four = [
        "10.77.1.1",
        "10.77.2.1",
        "???",
        "10.77.4.1",
        "10.77.5.1",
        "10.77.6.1",
    ];
    assert!(hosts == six || hosts == four, "{hosts:?}");
}

#[test]
fn services_answer_on_their_ports_and_speak_http_where_they_should() {
    let served = |world: &mut hopcast::lab::world::World| {
        let (r2, server) = (world.node("r2").unwrap(), world.server());
        world.services = [(r2, 443, false), (server, 80, true), (server, 443, false)]
            .map(|(node, port, http)| Service { node, port, http })
            .to_vec();
    };
    let Some(world) = World::with("silent", served) else {
        return;
    };
    for ipv6 in [false, true] {
        let (server, r2) = (world.target(ipv6), world.address("r2", ipv6));
        let connect = |to, port| {
            run::inside(&world.client, || {
                let start = Instant::now();
                let stream = TcpStream::connect_timeout(&(to, port).into(), Duration::from_secs(1));
                stream.map(|stream| (stream, start.elapsed()))
            })
        };
        let (mut stream, took) = connect(server, 80).unwrap();
        assert!(took >= Duration::from_millis(10), "{took:?}");
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        connect(server, 443).unwrap();
        assert!(connect(server, 81).is_err());
        // A node on the way is nearer, and has no port but its own.
        takes(4..10, || connect(r2, 443).unwrap().1);
        assert!(connect(r2, 80).is_err());
    }
}

#[test]
fn a_request_to_end_goes_to_the_program() {
    if World::build("chain").is_none() {
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopcast"));
    let line = "trap 'echo asked to end; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    command.args(["lab", &path("chain"), "--", "sh", "-c", line]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    stdout.read_exact(&mut ready).unwrap();
    // The program may be ready a moment before hopcast is.
    thread::sleep(Duration::from_millis(200));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "asked to end\n");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_user_without_rights_gets_a_lab_or_the_command_that_grants_it() {
    // The copy that nobody runs may not read the test's own folder: the file is copied too.
    let folder = tempfile::tempdir().unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), open).unwrap();
    let copy = folder.path().join("chain.toml");
    fs::copy(file("chain"), &copy).unwrap();
    for (lang, helps) in [("en", "This"), ("zh", "可以这样")] {
        let path = copy.to_str().unwrap();
        let output = run::hopcast(&["lab", path, "--lang", lang, "--", "true"]);
        let said = err(&output);
        match output.status.code() {
            Some(0) => assert!(said.contains("10.77.6.1"), "{said}"),
            Some(2) => assert!(said.contains(helps) && said.contains("sudo"), "{said}"),
            other => panic!("{other:?}: {said}"),
        }
    }
}

#[test]
fn what_cannot_be_built_is_said_in_both_languages() {
    let topology = format!("{}/topology/zhaozhengyi.toml", env!("CARGO_MANIFEST_DIR"));
    let (chain, labels) = (path("chain"), path("labels"));
    let several: &[&str] = &[&topology, "--", "true"];
    let unknown: &[&str] = &[&chain, "--journey", "where", "--", "true"];
    let chosen: &[&str] = &[&labels, "--journey", "there", "--", "true"];
    let missing: &[&str] = &["no-such-file.toml", "--", "true"];
    for (args, en, zh) in [
        (
            several,
            "choose one by --journey: internet",
            "请用 --journey 选一条：internet",
        ),
        (
            unknown,
            "has no journey \"where\"; known: there",
            "没有路径 \"where\"；可用：there",
        ),
        (chosen, "leave --journey out", "去掉 --journey"),
        (missing, "no-such-file.toml", "no-such-file.toml"),
    ] {
        for (lang, expected) in [("en", en), ("zh", zh)] {
            let output = lab(&[&["--lang", lang], args].concat());
            assert_eq!(output.status.code(), Some(2), "{}", err(&output));
            assert!(err(&output).contains(expected), "{}", err(&output));
        }
    }
    if World::build("chain").is_some() {
        let output = lab(&[&chain, "--lang", "en", "--", "/no/such/program"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            err(&output).contains("cannot run /no/such/program"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn a_faulty_world_file_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.toml");
    let text = fs::read_to_string(file("labels")).unwrap();
    fs::write(
        &wrong,
        text.replace("24001", "1048577")
            .replace("r4 -> server", "r5 -> server"),
    )
    .unwrap();
    let output = lab(&[wrong.to_str().unwrap(), "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    let said = err(&output);
    for expected in [
        "wrong.toml:5",
        "no node \"r5\"",
        "did you mean",
        "0 … 1048575",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}
