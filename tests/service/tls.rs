//! TLS handshakes.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hopcast::probe::service::{Service, Trust};
use hopcast::probe::{Answer, Arrival, Certificate, Stamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version,
};

use crate::{CONNECT, LOCALHOST, Part, Setup, ms, phases, say, serve, whole};

/// Keys and certificates that a test makes for itself.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

fn day(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap() * 86_400)
}

/// Whole days since 1970.
fn today() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    i64::try_from(since.as_secs() / 86_400).unwrap()
}

/// A certificate for `name`, valid from 30 days ago until the beginning of the day that is `days`
/// from now.
fn params(name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_string()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + day(today() - 30);
    params.not_after = epoch + day(today() + days);
    params
}

impl Authority {
    pub(crate) fn named(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut root = params(name, 1000);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let folder = tempfile::tempdir().unwrap();
        let pem = root.self_signed(&key).unwrap().pem();
        std::fs::write(folder.path().join("root.pem"), pem).unwrap();
        let issuer = Issuer::new(root, key);
        Authority { issuer, folder }
    }

    /// Trusts this authority and no other.
    pub(crate) fn trust(&self) -> Trust {
        Trust::File(self.folder.path().join("root.pem"))
    }

    pub(crate) fn setup(&self) -> Setup {
        Setup {
            trust: self.trust(),
            ..Setup::plain()
        }
    }

    /// What a server of `name` needs.
    pub(crate) fn certify(&self, name: &str, days: i64) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let own = params(name, days).signed_by(&key, &self.issuer).unwrap();
        config(own.der(), &key, &[&version::TLS13, &version::TLS12])
    }
}

fn config(
    own: &CertificateDer<'static>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.clone()], key.into());
    Arc::new(config.unwrap())
}

/// A connection over which the handshake has been made, if the client went along, after a `wait` since
/// it was asked for.
pub(crate) fn shake(
    config: &Arc<ServerConfig>,
    stream: TcpStream,
    wait: Duration,
) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    stream.peek(&mut [0]).ok()?;
    std::thread::sleep(wait);
    let session = ServerConnection::new(config.clone()).unwrap();
    let mut stream = StreamOwned::new(session, stream);
    stream.conn.complete_io(&mut stream.sock).ok()?;
    Some(stream)
}

fn server(address: IpAddr, config: Arc<ServerConfig>, wait: Duration) -> SocketAddr {
    serve(address, move |stream| {
        if let Some(stream) = shake(&config, stream, wait) {
            crate::drain(stream.sock);
        }
    })
}

fn ask(at: SocketAddr, name: &str) -> Service {
    Service::tls(name, at.port()).at(at.ip())
}

#[test]
fn a_handshake_is_timed_apart_from_its_connection() {
    let authority = Authority::named("a root");
    for versions in [&version::TLS12, &version::TLS13] {
        let key = KeyPair::generate().unwrap();
        let own = params("www.a.example", 40).signed_by(&key, &authority.issuer);
        let config = config(own.unwrap().der(), &key, &[versions]);
        let at = server(LOCALHOST, config, ms(40));
        let handshake: Part = ("tls", |_, phases| phases.tls, ms(40));
        let service = ask(at, "www.a.example");
        let parts = [CONNECT, handshake, whole(ms(40))];
        let replies = authority.setup().check(&service, &parts);
        for (took, reply) in replies {
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Tls));
            assert_eq!((reply.responder, reply.stamp), (LOCALHOST, Stamp::Kernel));
            let parts = phases(&reply);
            assert!(parts.connect.unwrap() + parts.tls.unwrap() <= took);
            assert_eq!(
                (parts.resolve, parts.first_byte, parts.rest),
                (None, None, None)
            );
        }
    }
}

/// What is found of the certificate that a server with `config` shows to whoever asks for `name`.
fn found(setup: &Setup, config: Arc<ServerConfig>, name: &str) -> Certificate {
    let at = server(LOCALHOST, config, Duration::ZERO);
    let (_, reply) = setup.answered(ask(at, name));
    assert_eq!(reply.answer, Answer::Arrived(Arrival::Tls));
    reply.detail.unwrap().certificate.unwrap()
}

/// `found` when the day does not change meanwhile: midnight `days` from now is as many whole days
/// away, less the part of today that is over.
fn check_days(days: i64, found: impl Fn() -> Certificate) -> Certificate {
    loop {
        let before = today();
        let certificate = found();
        if today() == before {
            assert_eq!(certificate.days_left, Some(days - 1));
            return certificate;
        }
    }
}

#[test]
fn a_certificate_of_a_trusted_root_is_trusted() {
    let authority = Authority::named("a root");
    let certificate = check_days(40, || {
        let config = authority.certify("www.a.example", 40);
        found(&authority.setup(), config, "www.a.example")
    });
    assert_eq!(certificate.untrusted, None);
    let config = authority.certify("127.0.0.1", 40);
    let certificate = found(&authority.setup(), config, "127.0.0.1");
    assert_eq!(certificate.untrusted, None);
}

#[test]
fn why_a_certificate_is_not_trusted_is_found_and_the_handshake_made() {
    let authority = Authority::named("a root");
    let setup = authority.setup();
    let name = "www.a.example";

    let expired = check_days(-5, || found(&setup, authority.certify(name, -5), name));
    assert_eq!(expired.untrusted.unwrap().en, "the certificate has expired");

    let other = check_days(40, || {
        found(&setup, authority.certify("b.example", 40), name)
    });
    let why = other.untrusted.unwrap();
    for text in [why.en, why.zh] {
        assert!(text.contains(name) && text.contains("b.example"), "{text}");
    }

    let key = KeyPair::generate().unwrap();
    let own = params(name, 40).self_signed(&key).unwrap();
    let own = config(own.der(), &key, &[&version::TLS13]);
    let self_signed = check_days(40, || found(&setup, own.clone(), name));
    let why = self_signed.untrusted.unwrap().en;
    assert!(why.contains("self-signed"), "{why}");

    let stranger = Authority::named("another root");
    let foreign = check_days(40, || found(&setup, stranger.certify(name, 40), name));
    assert!(foreign.untrusted.unwrap().en.contains("no trusted root"));
}

#[test]
fn an_alert_is_told_with_its_code() {
    // RFC 8446, 5.1 and 6: record type 21, version, length 2, fatal, 40 handshake failure, 112
    // unrecognised name.
    for code in [40, 112] {
        let at = serve(LOCALHOST, move |stream| {
            say(stream, &[21, 3, 3, 0, 2, 2, code])
        });
        let services = [
            ask(at, "www.a.example"),
            Service::http(&format!("https://{at}/")).unwrap(),
        ];
        for service in services {
            let (_, reply) = Setup::plain().answered(service);
            assert_eq!(reply.answer, Answer::Arrived(Arrival::Alert(code)));
        }
    }
}

#[test]
fn a_server_without_its_certificates_key_is_no_tls_server() {
    let authority = Authority::named("a root");
    let (own_key, other_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let own = params("www.a.example", 40).signed_by(&own_key, &authority.issuer);
    // A server's library refuses such a pair, so the certificate of one is put into the mouth of
    // another by a resolver.
    let key = PrivatePkcs8KeyDer::from(other_key.serialize_der());
    let key = ring::default_provider()
        .key_provider
        .load_private_key(key.into())
        .unwrap();
    let pair = tokio_rustls::rustls::sign::CertifiedKey::new(vec![own.unwrap().der().clone()], key);
    let resolver = tokio_rustls::rustls::sign::SingleCertAndKey::from(pair);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    let at = server(LOCALHOST, Arc::new(config), Duration::ZERO);
    let (_, reply) = authority.setup().answered(ask(at, "www.a.example"));
    assert_eq!(reply.answer, Answer::Arrived(Arrival::Unintelligible));
}

#[test]
fn a_file_without_roots_is_refused_before_anything_is_asked() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"no certificate").unwrap();
    let path = file.path().to_path_buf();
    for path in [path.clone(), path.with_extension("missing")] {
        let shown = path.display().to_string();
        let opened = crate::block_on(async {
            let service = Service::tls("www.a.example", 443).at(LOCALHOST);
            let manner = crate::patient(ms(100));
            let clock = hopcast::probe::clock::Clock::default();
            let server = hopcast::probe::names::Server::System;
            hopcast::probe::service::ServiceNetwork::open(
                vec![service],
                manner,
                &Trust::File(path),
                server,
                clock,
            )
        });
        assert!(opened.unwrap_err().to_string().contains(&shown));
    }
}
