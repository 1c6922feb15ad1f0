//! Around every request: a log line, a time limit, security headers, and a panic that stays inside.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;

use super::Problem;

/// How long a request may take until its answer begins; streams go on as long as they like.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// What a page may load and where it may stand, unless it says so itself.
const USUAL_POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; \
                            base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Logs a request: its method and the pattern of its address, never the address itself, since
/// links and queries carry tokens.
pub(super) async fn logged(request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let path = pattern.as_ref().map_or("unknown address", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    let took_ms = start.elapsed().as_millis();
    if status.is_server_error() {
        tracing::warn!(%method, path, status = status.as_u16(), took_ms, "{method} {path}: {status}");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), took_ms, "{method} {path}: {status}");
    }
    response
}

/// Answers 500 where a handler panics.
pub(super) async fn unbroken(request: Request, next: Next) -> Response {
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a request panicked; the line above says where");
        Problem::internal().into_response()
    })
}

/// Ends a request that takes too long to come in or to be answered.
pub(super) async fn bounded(request: Request, next: Next) -> Response {
    tokio::time::timeout(LONGEST_REQUEST, next.run(request)).await.unwrap_or_else(|_| {
        let detail = "the request took longer than 30 seconds";
        Problem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response()
    })
}

/// Sets the headers that keep pages from being framed, sniffed or scripted by others.
pub(super) async fn secured(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut usual = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    usual(header::CONTENT_SECURITY_POLICY, USUAL_POLICY);
    usual(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    usual(header::REFERRER_POLICY, "same-origin");
    response
}
