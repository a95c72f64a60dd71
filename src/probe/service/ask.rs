//! What is asked of a service, as users write it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hickory_resolver::proto::rr::{Name, RecordType};
use hyper::Uri;

use crate::error::Error;
use crate::text;

/// Bytes of an HTTP body that are read unless [`Service::reading`] says otherwise: enough to tell
/// how fast the answer comes, little enough to ask for every second.
pub const BODY: u64 = 1 << 20;

/// A service of one target, and what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its host as it was named: what certificates and virtual hosts go by.
    pub(super) host: String,
    /// Its host's address; `None` where every exchange begins by asking for it.
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
    pub(super) ask: Ask,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// A DNS question.
    Dns(Question),
    /// A TLS handshake.
    Tls,
    /// An HTTP request.
    Http(Request),
}

/// A DNS question and how it is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) kind: RecordType,
    pub(super) tcp: bool,
}

/// A GET request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) tls: bool,
    /// The value of the Host field (RFC 9110, 7.2).
    pub(super) authority: String,
    pub(super) path: String,
    /// Bytes of the body that are read.
    pub(super) body: u64,
}

impl Service {
    /// The name server at `server`, asked for the records of type `kind` ("A", "AAAA", "MX" ...) of
    /// `name`: in one datagram, or over TCP.
    pub fn dns(server: SocketAddr, name: &str, kind: &str, tcp: bool) -> Result<Service, Error> {
        let name = Name::from_utf8(name).map_err(|error| {
            Error::Argument(text!(
                "\"{name}\" 不是域名：{error}",
                "\"{name}\" is no domain name: {error}"
            ))
        })?;
        let kind = RecordType::from_str(&kind.to_ascii_uppercase()).map_err(|_| {
            Error::Argument(text!(
                "\"{kind}\" 不是 DNS 记录类型；例如 A、AAAA、MX、TXT",
                "\"{kind}\" is no type of DNS records; for example A, AAAA, MX, TXT"
            ))
        })?;
        Ok(Service {
            host: server.ip().to_string(),
            address: Some(server.ip()),
            port: server.port(),
            ask: Ask::Dns(Question { name, kind, tcp }),
        })
    }

    /// A TLS handshake with `host`, an address or the name that its certificate should have.
    pub fn tls(host: &str, port: u16) -> Service {
        let host = bare(host);
        Service {
            address: host.parse().ok(),
            host: host.to_string(),
            port,
            ask: Ask::Tls,
        }
    }

    /// A GET request for `url`, `http:` or `https:`. Redirects are not followed.
    pub fn http(url: &str) -> Result<Service, Error> {
        let wrong = || {
            Error::Argument(text!(
                "\"{url}\" 不是可以请求的网址；应写成 http://主机/路径 或 https://主机:端口/路径",
                "\"{url}\" is no URL that can be asked for; write http://host/path or https://host:port/path"
            ))
        };
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().ok_or_else(wrong)?;
        // A password has no place in a probe's command line.
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(wrong());
        }
        let usual = if tls { 443 } else { 80 };
        let written = authority.as_str().strip_prefix(authority.host());
        let port = match written.and_then(|port| port.strip_prefix(':')) {
            Some(port) if !port.is_empty() => port.parse().map_err(|_| wrong())?,
            _ => usual,
        };
        let host = bare(authority.host());
        let query = uri.query().map(|query| format!("?{query}"));
        let path = format!("{}{}", uri.path(), query.unwrap_or_default());
        Ok(Service {
            address: host.parse().ok(),
            host: host.to_string(),
            port,
            ask: Ask::Http(Request {
                tls,
                authority: match port == usual {
                    true => authority.host().to_string(),
                    false => format!("{}:{port}", authority.host()),
                },
                path,
                body: BODY,
            }),
        })
    }

    /// The same at a known address: no exchange begins by asking for it.
    pub fn at(self, address: IpAddr) -> Service {
        let address = Some(address);
        Service { address, ..self }
    }

    /// The same, reading at most `body` bytes of an HTTP answer's body.
    pub fn reading(mut self, body: u64) -> Service {
        if let Ask::Http(request) = &mut self.ask {
            request.body = body;
        }
        self
    }

    /// The host as it was named.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port asked.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is, when that need not be asked for.
    pub(super) fn known(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.address?, self.port))
    }

    /// Whether an exchange with it has a TLS handshake.
    pub(super) fn has_tls(&self) -> bool {
        match &self.ask {
            Ask::Dns(_) => false,
            Ask::Tls => true,
            Ask::Http(request) => request.tls,
        }
    }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    let inside = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inside.unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_whom_to_ask_for_what() {
        for (url, host, port, tls, authority, path) in [
            ("http://a.example", "a.example", 80, false, "a.example", "/"),
            (
                "https://a.example/x?y=1#z",
                "a.example",
                443,
                true,
                "a.example",
                "/x?y=1",
            ),
            (
                "http://a.example:80/",
                "a.example",
                80,
                false,
                "a.example",
                "/",
            ),
            (
                "https://a.example:80/",
                "a.example",
                80,
                true,
                "a.example:80",
                "/",
            ),
            (
                "http://[2001:db8::1]:8080/b",
                "2001:db8::1",
                8080,
                false,
                "[2001:db8::1]:8080",
                "/b",
            ),
            (
                "HTTP://192.0.2.1?q",
                "192.0.2.1",
                80,
                false,
                "192.0.2.1",
                "/?q",
            ),
        ] {
            let service = Service::http(url).unwrap();
            assert_eq!((service.host(), service.port()), (host, port), "{url}");
            assert_eq!(service.address, host.parse().ok());
            let Ask::Http(request) = service.reading(7).ask else {
                panic!("{url}")
            };
            assert_eq!((request.tls, request.body), (tls, 7));
            assert_eq!(
                (request.authority.as_str(), request.path.as_str()),
                (authority, path)
            );
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_the_form_of_one() {
        for url in [
            "",
            "a.example",
            "/path",
            "ftp://a.example",
            "http://",
            "http:///x",
            "http://:80/",
            "http://user:secret@a.example/",
            "http://a.example:99999/",
            "http://a b/",
        ] {
            let error = Service::http(url).unwrap_err();
            assert!(
                error.to_string().contains("http://host/path"),
                "{url}: {error}"
            );
        }
    }

    #[test]
    fn questions_are_checked() {
        let server = "[::1]:5353".parse().unwrap();
        let service = Service::dns(server, "例子.example", "mx", true).unwrap();
        assert_eq!((service.host(), service.port()), ("::1", 5353));
        assert!(!service.has_tls());
        assert!(Service::dns(server, "a..b", "A", false).is_err());
        assert!(Service::dns(server, &"x".repeat(64), "A", false).is_err());
        assert!(Service::dns(server, "a.example", "B", false).is_err());
        let service = Service::tls("[::1]", 443);
        assert_eq!(
            (service.host(), service.address),
            ("::1", Some(server.ip()))
        );
    }
}
