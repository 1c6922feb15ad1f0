//! The web chat's own page, its widget for other sites, and the three calls behind them.
//!
//! In: posts of browsers, as messages into the inbox. Out: server-sent events, read from the store.
//! Must not know: SQL, what a good answer is.

mod events;
mod origin;
mod page;
mod posts;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::http::{AddressLimit, Problem};
use crate::people::digest;

/// The channel account's name.
const CHANNEL: &str = "webchat";
/// The largest post that is read, in bytes: 20,000 characters however they are escaped.
const LARGEST_POST: usize = 256 * 1024;

/// What the handlers need.
#[derive(Clone, Debug)]
struct Chat {
    desk: Desk,
    limits: Arc<Limits>,
}

/// How often one address may do what.
#[derive(Debug)]
struct Limits {
    sessions: AddressLimit,
    messages: AddressLimit,
    streams: AddressLimit,
}

/// `/chat…` and `/widget.js`.
pub fn router(desk: Desk) -> Router {
    let limits = Limits {
        sessions: AddressLimit::new(&desk.clock, 60, Duration::from_secs(2)),
        messages: AddressLimit::new(&desk.clock, 120, Duration::from_millis(500)),
        streams: AddressLimit::new(&desk.clock, 120, Duration::from_millis(500)),
    };
    Router::new()
        .route("/chat", get(page::chat))
        .route("/widget.js", get(page::widget))
        .route("/chat/sessions", post(posts::open_session))
        .route("/chat/messages", post(posts::post_message))
        .route("/chat/events", get(events::stream))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_POST))
        .with_state(Chat { desk, limits: Arc::new(limits) })
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method")
}

/// A browser that proved which session is its own.
#[derive(Clone, Debug)]
struct Session {
    id: String,
    lang: Option<String>,
}

/// Finds the session behind a token. Errors: 401 without a known one.
async fn session(desk: &Desk, token: Option<&str>) -> Result<Session, Problem> {
    let token = token.ok_or_else(|| Problem::unauthorised("the session's token is missing"))?;
    let found = desk.store.read().await?.chat_session(&digest(token)).await?;
    let (id, lang) = found.ok_or_else(|| {
        Problem::unauthorised("this session is not known; post to /chat/sessions for a new one")
    })?;
    Ok(Session { id, lang })
}

/// The token of a request: its `Authorization`, else `token` in its query.
fn token_of(parts: &Parts) -> Option<String> {
    let bearer = crate::http::bearer(parts).map(str::to_owned);
    bearer.or_else(|| {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let mut pairs = url::form_urlencoded::parse(query);
        pairs.find(|(name, _)| name == "token").map(|(_, value)| value.into_owned())
    })
}
