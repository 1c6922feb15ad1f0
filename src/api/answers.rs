//! `/answers`: the answer base over the API, read and written.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::auth::Caller;
use super::extract::{Asked, Body, Named};
use super::page::{Page, PageQuery, cut};
use crate::answers::{AnswerJson, GivenAnswer, acts};
use crate::desk::Desk;
use crate::http::{Problem, path_segment};
use crate::store::answers::{AnswerHistoryRow, AnswerRow};

/// How many of an answer's changes are shown, the newest.
const CHANGES_SHOWN: i64 = 100;

/// An accepted answer: the object of the files, and what superfan knows about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Answer)]
pub(super) struct AnswerView {
    /// The object of the JSON lines files.
    #[serde(flatten)]
    #[schema(value_type = serde_json::Value)]
    answer: AnswerJson,
    /// Which import or person it came from.
    source: String,
    /// Whether it may be sent to a customer.
    sendable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    sendable_reason: Option<String>,
    /// How many customers it helped.
    helped: i64,
    /// How many it did not.
    refused: i64,
    /// `live` or `retired`.
    state: &'static str,
    /// What was done with it, newest first; only where one answer is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<ChangeView>>,
}

/// A change of an answer, and what it said from then on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AnswerChange)]
struct ChangeView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor: String,
    /// `create`, `edit`, `retire` …; `before` for the state before the first change.
    act: String,
    /// The question's title.
    title: String,
    /// The question.
    question: String,
    /// The answer.
    answer: String,
}

impl From<AnswerHistoryRow> for ChangeView {
    fn from(row: AnswerHistoryRow) -> Self {
        let text = |name: &str| row.body[name].as_str().unwrap_or_default().to_owned();
        Self {
            title: text("title"),
            question: text("question"),
            answer: text("answer"),
            at: row.at,
            actor: row.actor,
            act: row.act,
        }
    }
}

impl From<AnswerRow> for AnswerView {
    fn from(row: AnswerRow) -> Self {
        Self {
            source: row.source.clone(),
            sendable: row.may_be_sent(),
            sendable_reason: row.sendable_reason.clone(),
            helped: row.helped,
            refused: row.refused,
            state: if row.live { "live" } else { "retired" },
            history: None,
            answer: row.into(),
        }
    }
}

/// Lists live answers, by id.
#[utoipa::path(
    get, path = "/api/v1/answers", tag = "answers",
    params(PageQuery),
    responses((status = 200, description = "A page of live answers, by id",
               body = Page<AnswerView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<Page<AnswerView>>, Problem> {
    let limit = page.limit()?;
    let after: String = page.cursor()?.unwrap_or_default();
    let rows = desk.store.read().await?.live_answers(&after, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.clone());
    Ok(Json(Page::new(rows.into_iter().map(AnswerView::from).collect(), next)))
}

/// Shows one answer with its history; retired ones too.
#[utoipa::path(
    get, path = "/api/v1/answers/{id}", tag = "answers",
    params(("id" = String, Path, description = "The answer's public id")),
    responses((status = 200, description = "The answer", body = AnswerView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    _: Caller,
    named: Named,
) -> Result<Json<AnswerView>, Problem> {
    let id = named.text();
    let mut tx = desk.store.read().await?;
    // No database keeps U+0000, so no answer's id has it.
    let row = if id.contains('\0') { None } else { tx.answer(id).await? };
    let row = row.ok_or_else(|| Problem::unknown(&format!("answer {id:?}")))?;
    let history = tx.answer_history(id, CHANGES_SHOWN).await?;
    let history = Some(history.into_iter().map(ChangeView::from).collect());
    Ok(Json(AnswerView { history, ..row.into() }))
}

/// Adds an answer; it is searchable within a second.
///
/// The object of the JSON lines files. Without `id` it gets one, without `author` the caller's
/// name, without `lang` the detected language; without `sendable` the classifier judges it.
#[utoipa::path(
    post, path = "/api/v1/answers", tag = "answers",
    request_body = Object,
    responses((status = 201, description = "Added", body = AnswerView),
              (status = 409, description = "There is an answer with this id"),
              (status = 422, description = "A field cannot be used; the detail names it")),
)]
pub(super) async fn add(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(object): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let given = GivenAnswer::read(object)?;
    let mut tx = desk.store.begin().await?;
    let row = acts::create(&mut tx, &desk.stage(), &actor, given).await?;
    tx.commit().await?;
    desk.wakes.answers();
    let place = format!("/api/v1/answers/{}", path_segment(&row.id));
    let headers = [(header::LOCATION, place)];
    Ok((StatusCode::CREATED, headers, Json(AnswerView::from(row))).into_response())
}

/// Changes an answer; what is not named stays, `null` and an empty text clear a field.
///
/// `sendable` is a moderator's word (`null` takes it back), `state` takes the answer out of
/// service (`retired`) or brings it back (`live`).
#[utoipa::path(
    patch, path = "/api/v1/answers/{id}", tag = "answers",
    params(("id" = String, Path, description = "The answer's public id")),
    request_body = Object,
    responses((status = 200, description = "The answer as it is now", body = AnswerView),
              (status = 422, description = "A field cannot be used; the detail names it")),
)]
pub(super) async fn change(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(object): Body<Map<String, Value>>,
) -> Result<Json<AnswerView>, Problem> {
    let GivenAnswer { id, edit } = GivenAnswer::read(object)?;
    if id.is_some_and(|id| id != named.text()) {
        return Err(Problem::unusable(
            "id cannot be changed; add a new answer and retire this one",
        ));
    }
    let mut tx = desk.store.begin().await?;
    let row = acts::edit(&mut tx, &desk.stage(), &actor, named.text(), edit).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Json(row.into()))
}

/// Retires an answer: it is no longer found; its history stays.
#[utoipa::path(
    delete, path = "/api/v1/answers/{id}", tag = "answers",
    params(("id" = String, Path, description = "The answer's public id")),
    responses((status = 200, description = "The retired answer", body = AnswerView)),
)]
pub(super) async fn retire(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
) -> Result<Json<AnswerView>, Problem> {
    let mut tx = desk.store.begin().await?;
    let row = acts::retire(&mut tx, &desk.stage(), &actor, named.text()).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Json(row.into()))
}
