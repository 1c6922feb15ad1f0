//! Scripts and styles of the public pages, embedded in the binary.
//!
//! In: a file's name. Out: the file, with a tag so that browsers fetch it once per version. Must
//! not know: pages, the store.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/webchat"]
struct Webchat;

#[derive(RustEmbed)]
#[folder = "assets/help"]
struct Help;

/// `/assets/webchat/…` and `/assets/help/…`.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/assets/webchat/{file}", get(serve::<Webchat>))
        .route("/assets/help/{file}", get(serve::<Help>))
}

async fn serve<E: RustEmbed>(Path(name): Path<String>, headers: HeaderMap) -> Response {
    embedded::<E>(&name, &headers)
}

/// The script that puts the chat on other sites.
pub(crate) fn widget(headers: &HeaderMap) -> Response {
    embedded::<Webchat>("widget.js", headers)
}

/// One embedded file; 304 where the browser has this version, 404 where there is none.
fn embedded<E: RustEmbed>(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = E::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let about = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    (about, [(header::CONTENT_TYPE, kind)], file.data.into_owned()).into_response()
}
