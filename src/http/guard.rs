//! Around every request: a log line, a time limit, security headers, and a panic that stays inside.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;

use super::Problem;

/// How long a request may take until its answer begins; streams go on as long as they like.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// What a page may load and where it may stand, unless it says so itself.
const USUAL_POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; \
                            base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Answers a request inside all of it.
///
/// One layer, not four: every layer of middleware allocates for every request.
pub(super) async fn guarded(request: Request, next: Next) -> Response {
    let seen = Seen::of(&request);
    let answered = tokio::time::timeout(LONGEST_REQUEST, next.run(request));
    let mut response = match AssertUnwindSafe(answered).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            let detail = "the request took longer than 30 seconds";
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response()
        }
        Err(_) => {
            tracing::error!("a request panicked; the line above says where");
            Problem::internal().into_response()
        }
    };
    secure(response.headers_mut());
    seen.log(response.status());
    response
}

/// A request as the log knows it: its method and the pattern of its address, never the address
/// itself, since links and queries carry tokens.
struct Seen {
    method: Method,
    pattern: Option<MatchedPath>,
    start: Instant,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let pattern = request.extensions().get::<MatchedPath>().cloned();
        Self { method: request.method().clone(), pattern, start: Instant::now() }
    }

    fn log(self, status: StatusCode) {
        let Self { method, pattern, start } = self;
        let path = pattern.as_ref().map_or("unknown address", MatchedPath::as_str);
        let took_ms = start.elapsed().as_millis();
        let code = status.as_u16();
        if status.is_server_error() {
            tracing::warn!(%method, path, status = code, took_ms, "{method} {path}: {status}");
        } else {
            tracing::debug!(%method, path, status = code, took_ms, "{method} {path}: {status}");
        }
    }
}

/// Sets the headers that keep pages from being framed, sniffed or scripted by others.
fn secure(headers: &mut HeaderMap) {
    let mut usual = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    usual(header::CONTENT_SECURITY_POLICY, USUAL_POLICY);
    usual(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    usual(header::REFERRER_POLICY, "same-origin");
}
