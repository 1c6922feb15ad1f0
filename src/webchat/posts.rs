//! What browsers post: a new session, a message, a press.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use superfan_bots::webchat::{Visitor, decode};
use superfan_bots::{Content, ReceiveError};

use super::origin::ensure_ours;
use super::{CHANNEL, Chat, session, token_of};
use crate::http::{Problem, caller, first_language};
use crate::ids::MessageId;
use crate::people::{digest, random_token};
use crate::webhooks::not_stored;

/// The longest id a page may give a message or a button, in bytes.
const LONGEST_ID: usize = 128;

/// A session that was opened.
#[derive(Debug, Serialize)]
pub(super) struct Opened {
    /// Its public id: the conversation's `external_id`.
    session: String,
    /// What proves that it is the caller's; never shown again.
    token: String,
}

/// A message that is durable.
#[derive(Debug, Serialize)]
pub(super) struct Posted {
    /// `msg_…`, the same for the same `client_id`.
    message_id: MessageId,
}

/// What a post may carry besides the message.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    token: Option<String>,
}

/// Opens a session.
pub(super) async fn open_session(
    State(chat): State<Chat>,
    request: Request,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    let (parts, _) = request.into_parts();
    ensure_ours(&parts, &chat.desk.config)?;
    chat.limits.sessions.check(caller(&parts, &chat.desk))?;
    let session = format!("ses_{}", &random_token()[..22]);
    let token = random_token();
    let lang = language(&parts.headers);
    let mut tx = chat.desk.store.begin().await?;
    let now = chat.desk.clock.now();
    tx.add_chat_session(&digest(&token), &session, lang.as_deref(), now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Opened { session, token })))
}

fn language(headers: &HeaderMap) -> Option<String> {
    first_language(headers).map(|lang| lang.chars().take(35).collect())
}

/// Takes a message or a press: stored before it is answered, once per `client_id`.
pub(super) async fn post_message(
    State(chat): State<Chat>,
    request: Request,
) -> Result<(StatusCode, Json<Posted>), Problem> {
    let (parts, body) = request.into_parts();
    let desk = &chat.desk;
    ensure_ours(&parts, &desk.config)?;
    chat.limits.messages.check(caller(&parts, desk))?;
    let given = token_of(&parts);
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await?;
    let envelope: Envelope = match serde_json::from_slice(&body) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => Envelope::default(),
        Err(error) => return Err(Problem::unreadable(format!("the body is not JSON: {error}"))),
    };
    let session = session(desk, given.or(envelope.token).as_deref()).await?;
    let visitor = Visitor { session: &session.id, lang: session.lang.as_deref() };
    let message = decode(&body, visitor, desk.clock.now()).map_err(|error| unusable(&error))?;
    let press = match &message.content {
        Content::Press { button } => Some(button),
        _ => None,
    };
    let ids = [message.message_id.as_ref(), message.reply_to.as_ref(), press];
    if ids.into_iter().flatten().any(|id| id.len() > LONGEST_ID) {
        return Err(Problem::unusable(format!("an id is longer than {LONGEST_ID} bytes")));
    }
    let stored = desk.inbox.store(CHANNEL, message).await.map_err(|error| not_stored(&error))?;
    Ok((StatusCode::ACCEPTED, Json(Posted { message_id: stored.id })))
}

fn unusable(error: &ReceiveError) -> Problem {
    let (ReceiveError::Unverified(reason) | ReceiveError::Undecodable(reason)) = error;
    Problem::unusable(reason.clone())
}
