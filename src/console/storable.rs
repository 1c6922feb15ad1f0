//! U+0000 as browsers write it becomes U+FFFD, since no database keeps it.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// U+0000 and U+FFFD in what a form sends. A literal `%00` is written `%2500`, so nothing else is hit.
const NONE: &str = "%00";
const UNKNOWN: &str = "%EF%BF%BD";

/// A form's body.
pub(super) fn body(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let has_any = text.contains(NONE) || text.contains('\0');
    has_any.then(|| text.replace(NONE, UNKNOWN).replace('\0', UNKNOWN))
}

/// A request's query.
pub(super) async fn query(mut request: Request) -> Request {
    let uri = request.uri();
    if uri.query().is_some_and(|query| query.contains(NONE)) {
        let query = uri.query().unwrap_or_default().replace(NONE, UNKNOWN);
        let mut parts = uri.clone().into_parts();
        let whole = format!("{}?{query}", uri.path()).parse::<PathAndQuery>();
        parts.path_and_query = whole.ok().or(parts.path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
