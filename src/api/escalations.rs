//! `/escalations`: what waits for a human, claimed, answered and closed over the API.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::conversations::CustomerView;
use super::extract::{Asked, Body, Named, storable};
use super::page::{Page, PageQuery, cut, word};
use crate::desk::Desk;
use crate::escalation::{self, Words};
use crate::experts::concerns;
use crate::http::Problem;
use crate::ids::{ConversationId, EscalationId, PersonId};
use crate::people::Actor;
use crate::store::Tx;
use crate::store::customers::Customer;
use crate::store::escalations::EscalationRow;
use crate::store::people::PersonRow;
use crate::vocabulary::{EscalationState, Outcome, Reason};
use crate::wakes::News;

/// The longest idempotency key that is kept, in bytes.
const LONGEST_KEY: usize = 255;

/// Which escalations are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EscalationQuery {
    /// `open`, `claimed` or `closed`; all without.
    state: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A conversation waiting for a human, or that waited.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Escalation)]
pub(super) struct EscalationView {
    /// `esc_…`
    #[schema(value_type = String)]
    id: EscalationId,
    /// What the customer reads after `#`.
    number: i64,
    /// `conv_…`
    #[schema(value_type = String)]
    conversation_id: ConversationId,
    /// Channel account.
    channel: String,
    /// Whose question.
    customer: Option<CustomerView>,
    /// The question, in the original.
    question: String,
    /// Why the bot did not answer.
    #[schema(value_type = String)]
    reason: Reason,
    /// `open`, `claimed` or `closed`.
    #[schema(value_type = String)]
    state: EscalationState,
    /// 0 is the most urgent, 3 the usual.
    priority: i64,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// The owner's display name.
    claimed_by: Option<String>,
    /// How it ended.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
}

/// Words to a customer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct ReplyBody {
    /// Light Markdown.
    text: String,
}

/// How to close.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(super) struct CloseBody {
    /// `solved` (the default), `no_answer`, `spam` or `duplicate`.
    #[serde(default = "solved")]
    #[schema(value_type = Option<String>)]
    outcome: Outcome,
}

fn solved() -> Outcome {
    Outcome::Solved
}

/// Nothing needs to be said.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(super) struct EmptyBody {}

/// A reply that was queued.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Queued)]
pub(super) struct QueuedView {
    /// `out_…`, its first part; `drf_…` where a moderator reads an expert's words first.
    message_id: String,
}

/// Lists escalations, newest first; an expert reads those that concern them.
#[utoipa::path(
    get, path = "/api/v1/escalations", tag = "escalations",
    params(EscalationQuery, PageQuery),
    responses((status = 200, description = "A page of escalations", body = Page<EscalationView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<EscalationQuery>,
) -> Result<Json<Page<EscalationView>>, Problem> {
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let state: Option<EscalationState> = word("state", query.state.as_ref())?;
    let mut tx = desk.store.read().await?;
    let rows = tx.escalations(state, cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let mut theirs = Vec::with_capacity(rows.len());
    for row in rows {
        if concerns(&mut tx, &actor, &row).await? {
            theirs.push(row);
        }
    }
    Ok(Json(Page::new(views(&mut tx, theirs).await?, next)))
}

/// Claims an escalation, or renews one's own claim.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/claim", tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "It is yours", body = EscalationView),
              (status = 409, description = "Another has it, or it is closed; `owner` says who")),
)]
pub(super) async fn claim(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<EscalationView>, Problem> {
    let id = named.id("escalation")?;
    let mut tx = desk.store.begin().await?;
    let row = escalation::claim(&mut tx, &desk.stage(), &actor, id).await?;
    let view = one(&mut tx, row).await?;
    tx.commit().await?;
    tell(&desk, view.conversation_id);
    Ok(Json(view))
}

/// Sends a person's words to the customer; claims the escalation if nobody has it.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/reply", tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`"),
           ("Idempotency-Key" = Option<String>, Header,
            description = "The same key again is the same reply")),
    request_body = ReplyBody,
    responses((status = 202, description = "Queued", body = QueuedView),
              (status = 409, description = "Another has it, or it is closed; `owner` says who")),
)]
pub(super) async fn reply(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    headers: HeaderMap,
    Body(body): Body<ReplyBody>,
) -> Result<(StatusCode, Json<QueuedView>), Problem> {
    let id: EscalationId = named.id("escalation")?;
    let key = idempotency_key(&headers)?;
    let kept_under = key.map(|key| format!("reply:{id}:{key}"));
    let mut tx = desk.store.begin().await?;
    if let Some(message_id) = answered_before(&mut tx, &actor, kept_under.as_deref()).await? {
        return Ok((StatusCode::ACCEPTED, Json(QueuedView { message_id })));
    }
    let text = storable(&body.text);
    let words = Words::own(&text, key);
    let stage = desk.stage();
    let message_id = escalation::reply(&mut tx, &stage, &actor, id, words).await?.id();
    if let Some(key) = &kept_under {
        tx.keep_idempotent_answer(&owner_of_keys(&actor), key, &message_id, stage.now).await?;
    }
    let conversation = tx.escalation(id).await?.map(|row| row.conversation_id);
    tx.commit().await?;
    desk.wakes.outbox();
    if let Some(conversation) = conversation {
        tell(&desk, conversation);
    }
    Ok((StatusCode::ACCEPTED, Json(QueuedView { message_id })))
}

/// Closes an escalation and hands the conversation back to the bot.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/close", tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = CloseBody,
    responses((status = 200, description = "It is closed", body = EscalationView),
              (status = 409, description = "Another has it, or it is closed; `owner` says who")),
)]
pub(super) async fn close(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<CloseBody>,
) -> Result<Json<EscalationView>, Problem> {
    let id = named.id("escalation")?;
    let mut tx = desk.store.begin().await?;
    escalation::close(&mut tx, &desk.stage(), &actor, id, body.outcome).await?;
    let row = tx.escalation(id).await?.ok_or_else(|| Problem::unknown("such escalation"))?;
    let view = one(&mut tx, row).await?;
    tx.commit().await?;
    tell(&desk, view.conversation_id);
    Ok(Json(view))
}

fn tell(desk: &Desk, conversation: ConversationId) {
    desk.wakes.tell(News::Queue);
    desk.wakes.tell(News::Conversation(conversation));
}

/// The `Idempotency-Key` header. Errors: 400 if it cannot be kept.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    key.map(Some)
        .ok_or_else(|| Problem::unreadable("Idempotency-Key is 1 to 255 visible ASCII characters"))
}

async fn answered_before(
    tx: &mut Tx,
    actor: &Actor,
    key: Option<&str>,
) -> Result<Option<String>, Problem> {
    let Some(key) = key else {
        return Ok(None);
    };
    Ok(tx.idempotent_answer(&owner_of_keys(actor), key).await?)
}

/// Two people of one name do not share keys.
fn owner_of_keys(actor: &Actor) -> String {
    actor.owner_id().to_string()
}

async fn one(tx: &mut Tx, row: EscalationRow) -> Result<EscalationView, Problem> {
    let view = views(tx, vec![row]).await?.pop();
    view.ok_or_else(Problem::internal)
}

async fn views(tx: &mut Tx, rows: Vec<EscalationRow>) -> Result<Vec<EscalationView>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.customer_id).collect();
    let customers = tx.customers_by_id(&ids).await?;
    let people = tx.people().await?;
    let view = |row| view(row, &customers, &people);
    Ok(rows.into_iter().map(view).collect())
}

fn view(row: EscalationRow, customers: &[Customer], people: &[PersonRow]) -> EscalationView {
    let customer = customers.iter().find(|customer| customer.id == row.customer_id);
    let owner_name = |owner: PersonId| {
        let person = people.iter().find(|person| person.id == owner);
        person.map_or_else(|| Actor::api().name, |person| person.name.clone())
    };
    EscalationView {
        id: row.id,
        number: row.number,
        conversation_id: row.conversation_id,
        channel: row.channel,
        customer: customer.map(CustomerView::from),
        question: row.question,
        reason: row.reason,
        state: row.state,
        priority: row.priority,
        opened_at: row.opened_at,
        claimed_by: row.claimed_by.map(owner_name),
        outcome: row.outcome,
    }
}
