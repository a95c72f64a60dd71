//! One GET request, its answer read to the end or as far as was asked; no redirect is followed.

use std::error::Error;
use std::pin::pin;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;

use super::ask::Request;
use super::end::{End, Said};
use super::line::{Carried, Noting};
use super::tls;
use crate::probe::{Arrival, Content, Detail};

/// What servers find in their logs.
const AGENT: &str = concat!("hopcast/", env!("CARGO_PKG_VERSION"));

/// Sends `request` over what is `carried` and reads the answer.
pub(super) async fn get<C: Carried + Send + 'static>(
    request: &Request,
    carried: C,
    detail: &mut Detail,
) -> Result<Said, End> {
    let asked = carried.line().now();
    let noting = Noting {
        carried,
        first: None,
    };
    // Nothing is sent yet: this only fails for faults of our own.
    let handshake = http1::handshake(TokioIo::new(noting)).await;
    let (mut sender, mut connection) = handshake.map_err(|_| End::OurFault)?;
    let message = hyper::Request::get(&*request.path)
        .header(HOST, &request.authority)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| End::OurFault)?;
    let exchange = async {
        let answer = sender.send_request(message).await?;
        let status = answer.status().as_u16();
        let mut body = pin!(answer.into_body());
        let mut content = Content::default();
        while content.bytes <= request.body
            && let Some(frame) = body.frame().await
        {
            let data = frame?.into_data().unwrap_or_default();
            content.bytes += data.len() as u64;
        }
        content.cut = content.bytes > request.body;
        Ok((status, content))
    };
    // The connection may end before its answer has been read out of it, and the other way round.
    let driven = async {
        let _ = (&mut connection).await;
        std::future::pending().await
    };
    let ended: Result<(u16, Content), hyper::Error> = tokio::select! {
        biased;
        ended = exchange => ended,
        ended = driven => ended,
    };
    let noting = connection.into_parts().io.into_inner();
    let line = noting.carried.line();
    let phases = detail.phases.get_or_insert_default();
    phases.first_byte = noting.first.map(|first| first.since(asked));
    let (status, content) = ended.map_err(|error| match (received_alert(&error), &error) {
        (Some(code), _) => End::Said(line.done(Arrival::Alert(code))),
        (None, error) if error.is_parse() => End::Said(line.done(Arrival::Unintelligible)),
        _ => line.failed(),
    })?;
    phases.rest = noting.first.map(|first| line.heard().since(first));
    detail.content = Some(content);
    Ok(line.done(Arrival::Http(status)))
}

/// The TLS alert that a failure comes of, if it does: a server that wants a certificate of ours says
/// so only after the handshake.
fn received_alert(error: &hyper::Error) -> Option<u8> {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.find_map(|cause| tls::alert(cause.downcast_ref()?))
}
