//! `/answers`: the answer base over the API.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::extract::{Asked, Named};
use super::page::{Page, PageQuery, cut};
use crate::answers::AnswerJson;
use crate::desk::Desk;
use crate::http::Problem;
use crate::store::answers::AnswerRow;

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

/// Shows one answer; retired ones too.
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
    Ok(Json(one(&desk, named.text()).await?.into()))
}

async fn one(desk: &Desk, id: &str) -> Result<AnswerRow, Problem> {
    // No database keeps U+0000, so no answer's id has it.
    let row = if id.contains('\0') { None } else { desk.store.read().await?.answer(id).await? };
    row.ok_or_else(|| Problem::unknown(&format!("answer {id:?}")))
}
