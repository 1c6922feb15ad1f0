//! `/deliveries`: the outbox over the API.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::{Asked, Body, Named};
use super::page::{Page, PageQuery, cut, word};
use crate::desk::Desk;
use crate::http::Problem;
use crate::ids::{ConversationId, DeliveryId};
use crate::outbox;
use crate::store::Tx;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::DeliveryState;
use crate::wakes::News;

/// Which rows are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryQuery {
    /// `due`, `sending`, `sent`, `uncertain` or `dead`; all without.
    state: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// One part of a reply in the outbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OutboxRow)]
pub(super) struct OutboxView {
    /// `out_…`
    #[schema(value_type = String)]
    id: DeliveryId,
    /// `conv_…`
    #[schema(value_type = String)]
    conversation_id: ConversationId,
    /// Channel account.
    channel: String,
    /// `greeting`, `answer`, `choices`, `question`, `notice` or `human`.
    kind: String,
    /// `due`, `sending`, `sent`, `uncertain` or `dead`.
    #[schema(value_type = String)]
    state: DeliveryState,
    /// Why it is held, uncertain or dead, in words.
    reason: Option<String>,
    /// When it may leave, or was to leave.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// How often it was tried.
    attempts: i64,
}

impl From<DeliveryRow> for OutboxView {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            channel: row.channel,
            kind: row.kind,
            state: row.state,
            reason: row.reason,
            due_at: row.due_at,
            attempts: row.attempts,
        }
    }
}

/// Lists rows of the outbox, newest first.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "deliveries",
    params(DeliveryQuery, PageQuery),
    responses((status = 200, description = "A page of the outbox", body = Page<OutboxView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<DeliveryQuery>,
) -> Result<Json<Page<OutboxView>>, Problem> {
    actor.oversees()?;
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let state: Option<DeliveryState> = word("state", query.state.as_ref())?;
    let rows = desk.store.read().await?.deliveries(state, cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page::new(rows.into_iter().map(OutboxView::from).collect(), next)))
}

/// Sends a dead or uncertain row again.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = String, Path, description = "`out_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "It is due again", body = OutboxView),
              (status = 409, description = "It is neither dead nor uncertain")),
)]
pub(super) async fn retry(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<OutboxView>, Problem> {
    let id: DeliveryId = named.id("delivery")?;
    let mut tx = desk.store.begin().await?;
    outbox::retry(&mut tx, &desk.stage(), &actor, id).await?;
    done(&desk, tx, id).await
}

/// How a draft is released.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseBody {
    /// Although the customer wrote on since it was drafted.
    #[serde(default)]
    anyway: bool,
}

/// Releases a reply that was drafted in shadow.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/release", tag = "deliveries",
    params(("id" = String, Path, description = "`out_…`")),
    request_body = ReleaseBody,
    responses((status = 200, description = "It is on its way", body = OutboxView),
              (status = 409, description = "It is no draft, or the customer wrote on")),
)]
pub(super) async fn release(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<ReleaseBody>,
) -> Result<Json<OutboxView>, Problem> {
    let id: DeliveryId = named.id("delivery")?;
    let mut tx = desk.store.begin().await?;
    outbox::release(&mut tx, &desk.stage(), &actor, id, body.anyway).await?;
    done(&desk, tx, id).await
}

/// Why a draft is dropped.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscardBody {
    /// It was wrong: the question waits for a person. Otherwise nobody needs it any more.
    #[serde(default)]
    wrong: bool,
}

/// Drops a reply that was drafted in shadow.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/discard", tag = "deliveries",
    params(("id" = String, Path, description = "`out_…`")),
    request_body = DiscardBody,
    responses((status = 200, description = "It will not be sent", body = OutboxView),
              (status = 409, description = "It is no draft")),
)]
pub(super) async fn discard(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<DiscardBody>,
) -> Result<Json<OutboxView>, Problem> {
    let id: DeliveryId = named.id("delivery")?;
    let mut tx = desk.store.begin().await?;
    outbox::discard(&mut tx, &desk.stage(), &actor, id, body.wrong).await?;
    desk.wakes.tell(News::Queue);
    done(&desk, tx, id).await
}

/// Commits what was done to a row and tells everybody.
async fn done(desk: &Desk, mut tx: Tx, id: DeliveryId) -> Result<Json<OutboxView>, Problem> {
    let row = tx.delivery(id).await?.ok_or_else(|| Problem::unknown("such delivery"))?;
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Conversation(row.conversation_id));
    Ok(Json(row.into()))
}
