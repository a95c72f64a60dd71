//! What is not the network's fault: names, arguments, permissions, our own side.

use super::*;

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
