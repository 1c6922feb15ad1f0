//! `POST /helpdesk/webhook`: what people did in the desk, verified, then done here as acts.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use superfan_bots::helpdesk::FromDesk;
use superfan_bots::{ReceiveError, WebhookRequest};

use crate::desk::Desk;
use crate::escalation::{self, Words};
use crate::http::Problem;
use crate::ids::EscalationId;
use crate::people::{ActError, Actor};
use crate::store::Tx;
use crate::vocabulary::{EscalationState, Outcome};
use crate::wakes::News;

/// The largest delivery that is read, in bytes.
const LARGEST_DELIVERY: usize = 1024 * 1024;
/// Whose idempotency keys these are.
const KEYS_OF: &str = "helpdesk";

/// Where the brand's desk posts to.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/helpdesk/webhook", post(deliver))
        .layer(DefaultBodyLimit::max(LARGEST_DELIVERY))
        .with_state(desk)
}

#[derive(Debug, Serialize)]
struct Taken {
    /// `stored`, `duplicate` or `ignored`.
    status: &'static str,
}

async fn deliver(
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Taken>, Problem> {
    let help_desk = desk.help_desk.as_ref();
    let help_desk = help_desk.ok_or_else(|| Problem::unknown("help desk set up here"))?;
    let request = WebhookRequest { headers, query: String::new(), body };
    let received = help_desk.receive(&request, desk.clock.now()).map_err(|error| {
        tracing::warn!("refused a delivery of {}: {error}", help_desk.name());
        match error {
            ReceiveError::Unverified(_) => Problem::unauthorised(error.to_string()),
            ReceiveError::Undecodable(_) => Problem::unreadable(error.to_string()),
        }
    })?;
    let mut status = "ignored";
    for one in received {
        status = take(&desk, one).await?;
    }
    Ok(Json(Taken { status }))
}

/// Does what was done there. Errors: 409 where a person here has it, or a reply comes too late;
/// the desk shows that to whoever wrote it.
async fn take(desk: &Desk, one: FromDesk) -> Result<&'static str, Problem> {
    let (FromDesk::Reply { ticket, .. } | FromDesk::Closed { ticket }) = &one;
    let mut tx = desk.store.begin().await?;
    let Some(id) = tx.escalation_of_ticket(ticket).await? else {
        return Ok("ignored");
    };
    let is_new = match &one {
        FromDesk::Reply { key, author, text, .. } => {
            reply(&mut tx, desk, (id, key), (author, text)).await?
        }
        FromDesk::Closed { .. } => close(&mut tx, desk, id).await?,
    };
    if !is_new {
        return Ok("duplicate");
    }
    let conversation = tx.escalation(id).await?.map(|row| row.conversation_id);
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    if let Some(conversation) = conversation {
        desk.wakes.tell(News::Conversation(conversation));
    }
    Ok("stored")
}

async fn reply(
    tx: &mut Tx,
    desk: &Desk,
    (id, key): (EscalationId, &str),
    (author, text): (&str, &str),
) -> Result<bool, ActError> {
    if tx.idempotent_answer(KEYS_OF, key).await?.is_some() {
        return Ok(false);
    }
    let (stage, actor) = (desk.stage(), Actor::help_desk(author));
    let text = text.replace('\0', "\u{FFFD}");
    let words = Words::own(&text, Some(key));
    let replied = escalation::reply(tx, &stage, &actor, id, words).await?;
    let answer = replied.id();
    tx.keep_idempotent_answer(KEYS_OF, key, &answer, stage.now).await?;
    Ok(true)
}

async fn close(tx: &mut Tx, desk: &Desk, id: EscalationId) -> Result<bool, ActError> {
    let row = tx.escalation(id).await?;
    if row.is_none_or(|row| row.state == EscalationState::Closed) {
        return Ok(false);
    }
    let actor = Actor::help_desk("the help desk");
    escalation::close(tx, &desk.stage(), &actor, id, Outcome::Solved).await?;
    Ok(true)
}
