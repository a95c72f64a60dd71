//! Services instead of echo.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

use super::*;

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
