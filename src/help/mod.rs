//! `/help`: the answers that may be sent, for people who would rather look themselves.
//!
//! In: a question or an answer's id. Out: pages that need no script, with whoever wrote the answer,
//! its licence and the way to the team. Must not know: SQL, what is decided for customers.

mod answer;
mod fans;
mod search;
mod text;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::desk::Desk;
use crate::http::{AddressLimit, Problem};

/// What the handlers need.
#[derive(Clone, Debug)]
struct Help {
    desk: Desk,
    looks: Arc<AddressLimit>,
}

/// `/help`, `/help/answers/{id}` and, by setting, `/help/fans`.
pub fn router(desk: Desk) -> Router {
    // Typing a question asks several times a second; 300 at once are a few people behind one
    // address.
    let looks = Arc::new(AddressLimit::new(&desk.clock, 300, Duration::from_millis(100)));
    Router::new()
        .route("/help", get(search::show))
        .route("/help/answers/{id}", get(answer::show))
        .route("/help/fans", get(fans::show))
        .method_not_allowed_fallback(wrong_method)
        .with_state(Help { desk, looks })
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the help page is only read")
}

/// Which way a language is written.
fn direction(lang: &str) -> &'static str {
    if lang.starts_with("ar") { "rtl" } else { "ltr" }
}

/// The brand as pages show it; empty without one.
fn brand(desk: &Desk) -> &str {
    let brand = desk.config.rules.brand.as_str();
    if brand == "our" { "" } else { brand }
}
