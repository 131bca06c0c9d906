//! The worker's local port: `/metrics` for Prometheus, `/ready` and `/live` for whoever starts and stops workers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::meters::Meters;
use crate::failure::Failure;

/// How long a peer may take to say what it wants, and until it has read the answer.
const PATIENCE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(10)];
/// How many peers there may be at once; others wait. Each takes an open file, which the broker's connection needs, too.
const PEERS: usize = 64;
/// How long to wait after an error of the operating system, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers at this address until the runtime ends; gives the address, whose port may have been chosen by the system.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn serve(address: SocketAddr, meters: Arc<Meters>) -> Result<SocketAddr, Failure> {
    let wrong = |error| Failure::failed(format!("cannot listen at {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(wrong)?;
    let address = listener.local_addr().map_err(wrong)?;
    let peers = Arc::new(Semaphore::new(PEERS));
    tokio::spawn(async move {
        loop {
            // The semaphore is never closed.
            let peer = Arc::clone(&peers).acquire_owned().await;
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let meters = Arc::clone(&meters);
            tokio::spawn(async move {
                let _peer = peer;
                let service = service_fn(|request| {
                    let response = answer(&request, &meters);
                    async move { Ok::<_, Infallible>(response) }
                });
                let [head, whole] = PATIENCE;
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(head)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                // A peer that goes away, talks nonsense or does not listen is its own affair.
                let _ = timeout(whole, connection).await;
            });
        }
    });
    Ok(address)
}

fn answer(request: &Request<Incoming>, meters: &Meters) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned());
    }
    match request.uri().path() {
        "/metrics" => {
            let mut response = text(StatusCode::OK, meters.text());
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
            response
        }
        "/ready" => said(meters.is_ready(), "ready\n", "not ready\n"),
        "/live" => said(meters.is_live(), "live\n", "stuck in a message\n"),
        _ => text(StatusCode::NOT_FOUND, "there are /metrics, /ready and /live\n".to_owned()),
    }
}

fn said(is: bool, yes: &str, no: &str) -> Response<Full<Bytes>> {
    if is {
        text(StatusCode::OK, yes.to_owned())
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, no.to_owned())
    }
}

fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}
