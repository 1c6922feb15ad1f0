//! Drafts: what the bot would say on a channel in shadow, one at a time, released with one key.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{Moment, percent, start_of};
use crate::desk::Desk;
use crate::ids::DeliveryId;
use crate::outbox as acts;
use crate::people::ActError;
use crate::store::outbox::DeliveryRow;
use crate::store::{StoreError, Tx};
use crate::wakes::News;

const SHOWN: i64 = 50;

/// The drafts that wait.
#[derive(Debug, Template)]
#[template(path = "console/drafts.html")]
pub(super) struct DraftsPage {
    pub frame: Frame,
    /// The one that is looked at.
    pub draft: Option<DraftView>,
    /// Those after it.
    pub others: Vec<Line>,
}

/// One draft with all that is needed to judge it.
#[derive(Clone, Debug)]
pub(super) struct DraftView {
    pub id: String,
    pub conversation_id: String,
    pub customer: String,
    pub channel: String,
    pub lang: String,
    pub question: String,
    pub text: String,
    /// How sure the bot is, in words.
    pub confidence: Option<String>,
    pub at: Moment,
    /// The customer said more since it was drafted.
    pub wrote_on: bool,
    /// Why the last act was refused.
    pub error: Option<String>,
}

/// One more draft.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub id: String,
    pub start: String,
    pub channel: String,
    pub at: Moment,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    id: Option<String>,
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Release {
    /// The person saw that the customer wrote on.
    anyway: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rewrite {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Discard {
    /// `yes` where the answer was wrong.
    #[serde(default)]
    wrong: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let id = query.id.as_deref().and_then(|id| id.parse().ok());
    render(&console.desk, &me, id, (query.done.as_deref(), None)).await
}

pub(super) async fn release(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Release>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    let anyway = form.anyway.is_some();
    match acts::release(&mut tx, &desk.stage(), &me.actor(), id, anyway).await {
        Ok(()) => settled(desk, tx, "released").await,
        Err(error) => refused(desk, &me, id, error).await,
    }
}

pub(super) async fn rewrite(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Rewrite>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    match acts::rewrite(&mut tx, &desk.stage(), &me.actor(), id, &form.text).await {
        Ok(_) => settled(desk, tx, "replied").await,
        Err(error) => refused(desk, &me, id, error).await,
    }
}

pub(super) async fn discard(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Discard>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let wrong = form.wrong == "yes";
    let mut tx = desk.store.begin().await?;
    match acts::discard(&mut tx, &desk.stage(), &me.actor(), id, wrong).await {
        Ok(()) => settled(desk, tx, if wrong { "handed" } else { "dropped" }).await,
        Err(error) => refused(desk, &me, id, error).await,
    }
}

async fn settled(desk: &Desk, tx: Tx, done: &str) -> Result<Response, ConsoleError> {
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    Ok(Redirect::to(&format!("/drafts?done={done}")).into_response())
}

/// A refusal that the person can do something about is shown beside the draft.
async fn refused(
    desk: &Desk,
    me: &Me,
    id: DeliveryId,
    error: ActError,
) -> Result<Response, ConsoleError> {
    match error {
        ActError::Conflict { reason, .. } | ActError::Invalid { reason } => {
            render(desk, me, Some(id), (None, Some(reason))).await
        }
        error => Err(error.into()),
    }
}

async fn render(
    desk: &Desk,
    me: &Me,
    id: Option<DeliveryId>,
    (done, error): (Option<&str>, Option<String>),
) -> Result<Response, ConsoleError> {
    let mut tx = desk.store.read().await?;
    let mut rows = tx.drafts(SHOWN).await?;
    // The first words before an answer leave with it; alone they need no look.
    let answered: Vec<_> =
        rows.iter().filter(|row| !is_greeting(row)).map(|row| row.conversation_id).collect();
    rows.retain(|row| !is_greeting(row) || !answered.contains(&row.conversation_id));
    let at = rows.iter().position(|row| Some(row.id) == id).unwrap_or(0);
    let first = (at < rows.len()).then(|| rows.remove(at));
    let now = desk.clock.now();
    let line = |row: &DeliveryRow| Line {
        id: row.id.to_string(),
        start: start_of(&row.payload.text, 120),
        channel: label(&desk.channels, &row.channel),
        at: Moment::new(row.created_at, now),
    };
    let others = rows.iter().map(line).collect();
    let mut draft = match first {
        Some(row) => Some(view(&mut tx, desk, &row).await?),
        None => None,
    };
    if let Some(draft) = &mut draft {
        draft.error = error;
    }
    let frame = Frame::new(&mut tx, desk, me, "drafts").await?.following(&"queue");
    page(&DraftsPage { frame: frame.after(done), draft, others })
}

async fn view(tx: &mut Tx, desk: &Desk, row: &DeliveryRow) -> Result<DraftView, StoreError> {
    let decision = match row.decision_id {
        Some(id) => tx.decision(id).await?,
        None => None,
    };
    let customer = match &decision {
        Some(decision) => tx.customer(decision.customer_id).await?,
        None => None,
    };
    let wrote_on = match &decision {
        Some(decision) => {
            tx.wrote_since(row.conversation_id, decision.customer_id, row.created_at).await?
        }
        None => false,
    };
    let parts = tx.drafts_with(row).await?;
    let texts = parts.iter().filter(|part| part.conversation_id == row.conversation_id);
    let texts: Vec<&str> = texts.map(|part| part.payload.text.as_str()).collect();
    let confidence = decision.as_ref().map(|decision| decision.confidence);
    Ok(DraftView {
        id: row.id.to_string(),
        conversation_id: row.conversation_id.to_string(),
        customer: customer.and_then(|c| c.name).unwrap_or_else(|| "Customer".to_owned()),
        channel: label(&desk.channels, &row.channel),
        lang: decision.as_ref().map(|decision| decision.lang.clone()).unwrap_or_default(),
        question: decision.map(|decision| decision.question).unwrap_or_default(),
        text: texts.join("\n\n"),
        confidence: confidence.filter(|sure| *sure > 0.0).map(percent),
        at: Moment::new(row.created_at, desk.clock.now()),
        wrote_on,
        error: None,
    })
}

fn is_greeting(row: &DeliveryRow) -> bool {
    row.kind == superfan_bots::ReplyKind::Greeting.as_str()
}

fn known(id: &str) -> Result<DeliveryId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("draft {id}")))
}
