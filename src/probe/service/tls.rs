//! A TLS handshake that is made whatever the certificate is worth, and what that is.
//!
//! A monitor that gives up on a certificate which ran out yesterday reports a server as down that
//! answers everyone who clicks "continue". So the chain is judged after the handshake, out of its
//! time, and the judgement is a finding. That the server has the certificate's key is checked within
//! the handshake: otherwise it would be no TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::end::End;
use super::line::Line;
use crate::error::Error;
use crate::lang::Text;
use crate::probe::{Arrival, Certificate};
use crate::text;

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// The roots that this system trusts.
    #[default]
    System,
    /// Those in this PEM file alone.
    File(PathBuf),
}

impl Trust {
    fn roots(&self) -> Result<RootCertStore, Error> {
        let loaded = match self {
            Trust::System => rustls_native_certs::load_native_certs(),
            Trust::File(path) => rustls_native_certs::load_certs_from_paths(Some(path), None),
        };
        let mut roots = RootCertStore::empty();
        // A system has roots that this or that library cannot read; the others still serve.
        roots.add_parsable_certificates(loaded.certs);
        match self {
            Trust::File(path) if roots.is_empty() => Err(no_roots(path)),
            _ => Ok(roots),
        }
    }
}

fn no_roots(path: &Path) -> Error {
    let path = path.display();
    Error::Argument(text!(
        "{path} 中没有可用的根证书；应为 PEM 格式",
        "{path} has no root certificate that can be used; it should be a PEM file"
    ))
}

/// What makes handshakes and judges certificates.
#[derive(Debug)]
pub(super) struct Tls {
    /// For HTTP, which says so (RFC 7301).
    http: Arc<ClientConfig>,
    plain: Arc<ClientConfig>,
    /// `None` when there is no root to judge by.
    judge: Option<Arc<WebPkiServerVerifier>>,
}

impl Tls {
    pub(super) fn new(trust: &Trust) -> Result<Tls, Error> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::System(text!("无法使用 TLS：{error}", "cannot use TLS: {error}"))
        };
        let provider = Arc::new(ring::default_provider());
        let roots = Arc::new(trust.roots()?);
        let judge = match roots.is_empty() {
            true => None,
            false => Some(
                WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
                    .build()
                    .map_err(|error| failed(&error))?,
            ),
        };
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(KeyOnly(provider)))
            .with_no_client_auth();
        // A resumed handshake is a shorter one: figures would depend on the probe before.
        config.resumption = Resumption::disabled();
        let plain = Arc::new(config.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let http = Arc::new(config);
        Ok(Tls { http, plain, judge })
    }

    /// Makes the handshake over `line` with `host`; says when its last flight came in by the line.
    pub(super) async fn handshake(
        &self,
        line: Line,
        host: &str,
        http: bool,
    ) -> Result<TlsStream<Line>, End> {
        let name = ServerName::try_from(host.to_string()).map_err(|_| End::OurFault)?;
        let config = if http { &self.http } else { &self.plain };
        let connector = TlsConnector::from(config.clone());
        let made = connector.connect(name, line).into_fallible().await;
        made.map_err(|(error, line)| failure(&error, &line))
    }

    /// What the certificate is worth that was shown in `stream`'s handshake for `host`.
    pub(super) fn certificate(&self, stream: &TlsStream<Line>, host: &str) -> Option<Certificate> {
        let chain = stream.get_ref().1.peer_certificates()?;
        let (own, between) = chain.split_first()?;
        let name = ServerName::try_from(host).ok()?;
        let Some(judge) = &self.judge else {
            let untrusted = Text::new(
                "本机没有任何受信任的根证书",
                "this system has no trusted root certificates",
            );
            return Some(Certificate {
                untrusted: Some(untrusted),
                days_left: None,
            });
        };
        let now = UnixTime::now();
        let judged = judge.verify_server_cert(own, between, &name, &[], now);
        Some(Certificate {
            untrusted: judged.err().map(|error| why(&error)),
            days_left: expiry(judge, own).map(|end| days(now, end)),
        })
    }
}

/// How a failed handshake is told: an alert says more than that the line was closed after it.
fn failure(error: &std::io::Error, line: &Line) -> End {
    alert(error).map_or_else(
        || line.failed(),
        |code| End::Said(line.done(Arrival::Alert(code))),
    )
}

/// The alert that an error comes of, if it does.
pub(super) fn alert(error: &std::io::Error) -> Option<u8> {
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}

/// The year 10000, which no certificate lives to see: the last it can name is 9999 (RFC 5280,
/// 4.1.2.5).
const NEVER: u64 = 253_402_300_800;

/// When a certificate expires. The verifier says so of one that has, and looks at that before the
/// chain; so it is asked about a time when every certificate has.
fn expiry(judge: &WebPkiServerVerifier, own: &CertificateDer<'_>) -> Option<UnixTime> {
    let never = UnixTime::since_unix_epoch(Duration::from_secs(NEVER));
    let any = ServerName::try_from("a.invalid").ok()?;
    match judge.verify_server_cert(own, &[], &any, &[], never) {
        Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext {
            not_after,
            ..
        })) => Some(not_after),
        _ => None,
    }
}

/// Whole days from `now` to `end`, rounded down.
fn days(now: UnixTime, end: UnixTime) -> i64 {
    let seconds = i128::from(end.as_secs()) - i128::from(now.as_secs());
    i64::try_from(seconds.div_euclid(86_400)).unwrap_or_default()
}

/// Why a chain is not trusted.
fn why(error: &rustls::Error) -> Text {
    let rustls::Error::InvalidCertificate(error) = error else {
        return text!(
            "证书无法检验：{error}",
            "the certificate cannot be judged: {error}"
        );
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Text::new("证书已过期", "the certificate has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Text::new("证书尚未生效", "the certificate is not valid yet")
        }
        CertificateError::UnknownIssuer => Text::new(
            "不是由受信任的根签发：自签名、私有根，或服务器没有发送中间证书",
            "no trusted root has issued it: it is self-signed, of a private root, or the server does not send the certificates in between",
        ),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let expected = expected.to_str();
            let presented = match presented.is_empty() {
                true => "-".to_string(),
                false => presented.join(", "),
            };
            text!(
                "证书不是给 {expected} 的，而是给 {presented}",
                "the certificate is not for {expected} but for {presented}"
            )
        }
        CertificateError::Revoked => Text::new("证书已被吊销", "the certificate is revoked"),
        CertificateError::BadSignature => Text::new(
            "证书链中有一个签名不对",
            "a signature in the chain of certificates is wrong",
        ),
        other => text!(
            "证书链不合格：{other}",
            "the chain of certificates fails: {other}"
        ),
    }
}

/// Checks that the server has its certificate's key, and of the certificate nothing else.
#[derive(Debug)]
struct KeyOnly(Arc<CryptoProvider>);

impl ServerCertVerifier for KeyOnly {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, own, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, own, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_negative_afterwards() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let day = 86_400;
        assert_eq!(days(at(10 * day), at(40 * day)), 30);
        assert_eq!(days(at(10 * day + 1), at(40 * day)), 29);
        assert_eq!(days(at(10 * day), at(10 * day)), 0);
        // A minute too late is a day that is not there any more.
        assert_eq!(days(at(10 * day + 60), at(10 * day)), -1);
        assert_eq!(days(at(10 * day), at(0)), -10);
    }
}
