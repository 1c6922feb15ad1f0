//! `POST /ask`: what a customer would get for a question, and why.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::extract::Body;
use crate::answerer::ask::{AskError, AskRequest, Asked, ask};
use crate::desk::Desk;
use crate::http::Problem;

/// A question on nobody's behalf.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct AskBody {
    /// The question.
    text: String,
    /// The language to expect, BCP 47.
    lang: Option<String>,
    /// Render the reply as this channel would; all configured ones without.
    channel: Option<String>,
    /// How many hits to show, 1 to 50, default 5.
    top: Option<usize>,
}

/// Asks a question; nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/ask", tag = "answers",
    request_body = AskBody,
    responses((status = 200, body = serde_json::Value,
               description = "`{action, reason, confidence, line, lang, generation, hits, \
                              offered?, card, rendered?}`")),
)]
pub(super) async fn post(
    State(desk): State<Desk>,
    _: Caller,
    Body(body): Body<AskBody>,
) -> Result<Json<Asked>, Problem> {
    let AskBody { text, lang, channel, top } = body;
    let request = AskRequest { text, lang, channel, top };
    let rules = &desk.config.rules;
    Ok(Json(ask(&desk.store, &desk.search, &desk.channels, rules, &request).await?))
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Empty | AskError::UnknownChannel(_) => Self::unusable(error.to_string()),
            AskError::Find(error) => error.into(),
            AskError::Store(error) => error.into(),
        }
    }
}
