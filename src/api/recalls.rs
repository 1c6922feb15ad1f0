//! `/recalls`: wrong answers, taken back from everyone who got them; and reporting one.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::{Asked, Body, Named, storable};
use super::page::{LARGEST_PAGE, Page, PageQuery, cut, word};
use crate::desk::Desk;
use crate::http::Problem;
use crate::ids::{ConversationId, RecallId};
use crate::recall;
use crate::store::Tx;
use crate::store::recalls::RecallRow;
use crate::vocabulary::{DeliveryState, RecallKind, RecallState};

/// Which recalls are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RecallQuery {
    /// `offered`, `running`, `done` or `dismissed`; all without.
    state: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// An answer that is taken back, or could be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recall)]
pub(super) struct RecallView {
    /// `rcl_…`
    #[schema(value_type = String)]
    id: RecallId,
    /// The answer's public id.
    answer_id: String,
    /// `withdrawn`, `corrected` or `wrong`.
    #[schema(value_type = String)]
    kind: RecallKind,
    /// Why, in words.
    reason: String,
    /// `offered`, `running`, `done` or `dismissed`.
    #[schema(value_type = String)]
    state: RecallState,
    /// Who decided.
    actor: Option<String>,
    /// When it was offered.
    #[schema(value_type = String, format = DateTime)]
    offered_at: Timestamp,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Who got the answer, by channel.
    reach: Vec<ReachView>,
    /// What became of the messages, by channel and state.
    progress: Vec<ProgressView>,
    /// Conversations in which nothing can or may be said.
    left_alone: i64,
    /// What could not be taken back.
    failures: Vec<FailureView>,
}

/// Who got an answer on one channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecallReach)]
pub(super) struct ReachView {
    channel: String,
    conversations: i64,
    messages: i64,
}

/// How many messages of a channel are in a state of delivery.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecallProgress)]
pub(super) struct ProgressView {
    channel: String,
    #[schema(value_type = String)]
    state: DeliveryState,
    n: i64,
}

/// A message that could not be taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecallFailure)]
pub(super) struct FailureView {
    #[schema(value_type = String)]
    conversation_id: ConversationId,
    channel: String,
    reason: Option<String>,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct WrongBody {
    /// In words.
    reason: String,
}

/// What everybody reads instead.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ConfirmBody {
    /// The right answer; without, everybody reads that the old one was wrong.
    correction: Option<String>,
}

/// Lists recalls, the newest first.
#[utoipa::path(
    get, path = "/api/v1/recalls", tag = "recalls",
    params(RecallQuery, PageQuery),
    responses((status = 200, description = "A page of recalls", body = Page<RecallView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<RecallQuery>,
) -> Result<Json<Page<RecallView>>, Problem> {
    actor.oversees()?;
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let state: Option<RecallState> = word("state", query.state.as_ref())?;
    let mut tx = desk.store.read().await?;
    let rows = tx.recalls_after(state, cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&mut tx, row).await?);
    }
    Ok(Json(Page::new(items, next)))
}

/// Shows a recall: whom it reaches, and how far it is.
#[utoipa::path(
    get, path = "/api/v1/recalls/{id}", tag = "recalls",
    params(("id" = String, Path, description = "`rcl_…`")),
    responses((status = 200, description = "The recall", body = RecallView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
) -> Result<Json<RecallView>, Problem> {
    actor.oversees()?;
    let id: RecallId = named.id("recall")?;
    let mut tx = desk.store.read().await?;
    let row = tx.recall(id).await?;
    let row = row.ok_or_else(|| Problem::unknown(&format!("recall {id}")))?;
    Ok(Json(view(&mut tx, row).await?))
}

/// Reports an answer as wrong: it is no longer sent, and a recall is offered.
#[utoipa::path(
    post, path = "/api/v1/answers/{id}/wrong", tag = "recalls",
    params(("id" = String, Path, description = "The answer's public id")),
    request_body = WrongBody,
    responses((status = 200, description = "The recall that waits to be confirmed",
               body = RecallView)),
)]
pub(super) async fn report_wrong(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<WrongBody>,
) -> Result<Json<RecallView>, Problem> {
    let mut tx = desk.store.begin().await?;
    let (answer, reason) = (storable(named.text()), storable(&body.reason));
    let row = recall::report_wrong(&mut tx, &desk.stage(), &actor, &answer, &reason).await?;
    let view = view(&mut tx, row).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Json(view))
}

/// Takes an answer back from everyone who got it.
#[utoipa::path(
    post, path = "/api/v1/recalls/{id}/confirm", tag = "recalls",
    params(("id" = String, Path, description = "`rcl_…`")),
    request_body = ConfirmBody,
    responses((status = 200, description = "It runs", body = RecallView),
              (status = 409, description = "Somebody decided before; `owner` says who")),
)]
pub(super) async fn confirm(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<ConfirmBody>,
) -> Result<Json<RecallView>, Problem> {
    let id: RecallId = named.id("recall")?;
    let correction = body.correction.as_deref().map(storable);
    let mut tx = desk.store.begin().await?;
    let correction = correction.as_deref();
    let row = recall::confirm(&mut tx, &desk.stage(), &actor, id, correction).await?;
    let view = view(&mut tx, row).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Json(view))
}

/// Leaves everyone with the answer they got.
#[utoipa::path(
    post, path = "/api/v1/recalls/{id}/dismiss", tag = "recalls",
    params(("id" = String, Path, description = "`rcl_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "It is left as it is", body = RecallView),
              (status = 409, description = "Somebody decided before; `owner` says who")),
)]
pub(super) async fn dismiss(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<RecallView>, Problem> {
    let id: RecallId = named.id("recall")?;
    let mut tx = desk.store.begin().await?;
    recall::dismiss(&mut tx, &desk.stage(), &actor, id).await?;
    let row = tx.recall(id).await?.ok_or_else(Problem::internal)?;
    let view = view(&mut tx, row).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn view(tx: &mut Tx, row: RecallRow) -> Result<RecallView, Problem> {
    let reach = tx.reach_of(&row.answer_id).await?.into_iter().map(|one| ReachView {
        channel: one.channel,
        conversations: one.n_conversations,
        messages: one.n_messages,
    });
    let progress = tx.recall_progress(row.id).await?;
    let progress =
        progress.into_iter().map(|(channel, state, n)| ProgressView { channel, state, n });
    let failures =
        tx.recall_failures(row.id, LARGEST_PAGE).await?.into_iter().map(|one| FailureView {
            conversation_id: one.conversation_id,
            channel: one.channel,
            reason: one.reason,
        });
    Ok(RecallView {
        id: row.id,
        answer_id: row.answer_id,
        kind: row.kind,
        reason: row.reason,
        state: row.state,
        actor: row.actor,
        offered_at: row.offered_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        reach: reach.collect(),
        progress: progress.collect(),
        left_alone: row.n_left_alone,
        failures: failures.collect(),
    })
}
