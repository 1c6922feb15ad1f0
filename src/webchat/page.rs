//! The page itself and the script that puts it on other sites.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::Chat;
use super::origin::policy;
use crate::assets;
use crate::http::{Problem, preferred_language};
use crate::public_words::{PublicWords, public_words};

/// What the page is opened with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opening {
    /// A question to start with.
    #[serde(default)]
    q: String,
    /// The language of the labels, if not the browser's.
    #[serde(default)]
    lang: String,
}

#[derive(Template)]
#[template(path = "webchat/chat.html")]
struct ChatPage<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
    question: &'a str,
}

/// Shows the chat; the script does the rest.
pub(super) async fn chat(
    State(Chat { desk, .. }): State<Chat>,
    headers: HeaderMap,
    Query(opening): Query<Opening>,
) -> Result<Response, Problem> {
    let lang = preferred_language(&opening.lang, &headers);
    let brand = desk.config.rules.brand.as_str();
    let page = ChatPage {
        words: public_words(lang),
        lang,
        dir: if lang == "ar" { "rtl" } else { "ltr" },
        brand: if brand == "our" { "" } else { brand },
        question: &opening.q,
    };
    let html = page.render().map_err(|_| Problem::internal())?;
    let headers = [(header::CONTENT_SECURITY_POLICY, policy(&desk.config))];
    Ok((headers, Html(html)).into_response())
}

/// The script for other sites: a button that opens the page in a frame.
pub(super) async fn widget(headers: HeaderMap) -> Response {
    assets::widget(&headers)
}
