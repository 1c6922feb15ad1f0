//! `/index`: generations of the search index, and work on them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use superfan_index::{GenerationInfo, GenerationState};
use utoipa::ToSchema;

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::Body;
use crate::answers::{ExamReport, IndexWork, ask_index};
use crate::desk::Desk;
use crate::http::Problem;
use crate::people::Actor;
use crate::store::index_state::IndexWorkRow;

/// How much past work is shown.
const WORK_SHOWN: i64 = 5;

/// The search index of the node that answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Index)]
pub(super) struct IndexView {
    /// The generation in service.
    generation: u64,
    /// Live answers in the store.
    answers: i64,
    /// Changes of answers that are not searchable yet.
    behind: i64,
    /// Every generation that is kept or being built, newest first.
    generations: Vec<GenerationView>,
    /// The latest work asked for, newest first.
    work: Vec<WorkView>,
}

/// One generation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Generation)]
struct GenerationView {
    /// Higher is newer.
    number: u64,
    /// `building`, `built`, `serving` or `previous`.
    state: &'static str,
    /// Answers in it; 0 while it is building.
    answers: u64,
    /// Size on disk in bytes; 0 while it is building.
    bytes: u64,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    built_at: Option<Timestamp>,
}

/// Work on the index.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = IndexWork)]
pub(super) struct WorkView {
    /// `rebuild`, `check` (a rebuild that is dropped after its exam) or `rollback`.
    kind: String,
    /// `asked`, `running`, `done` or `failed`.
    state: String,
    /// How far it is, or how it ended, in words.
    progress: String,
    /// What the exam of the new generation found: questions, both generations' counts, sizes and
    /// times, and the questions whose first answer changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    exam: Option<ExamReport>,
}

/// How to rebuild.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub(super) struct RebuildBody {
    /// Build and examine only, and say what would change.
    #[serde(default)]
    dry_run: bool,
}

impl From<IndexWorkRow> for WorkView {
    fn from(row: IndexWorkRow) -> Self {
        let exam = serde_json::from_str(&row.report).ok();
        Self { kind: row.kind, state: row.state, progress: row.progress, exam }
    }
}

/// Shows the index.
#[utoipa::path(
    get, path = "/api/v1/index", tag = "index",
    responses((status = 200, description = "Generations with state, counts and progress",
               body = IndexView)),
)]
pub(super) async fn show(State(desk): State<Desk>, _: Caller) -> Result<Json<IndexView>, Problem> {
    let index = Arc::clone(desk.search.index());
    let (generation, seq) = (index.generation(), index.seq());
    // Looks into the folders of the index.
    let found = tokio::task::spawn_blocking(move || index.generations()).await;
    let mut generations: Vec<GenerationView> =
        found.map_err(|_| Problem::internal())?.into_iter().map(GenerationView::from).collect();
    generations.sort_by_key(|generation| std::cmp::Reverse(generation.number));
    let mut tx = desk.store.read().await?;
    let last = tx.last_answer_seq().await?;
    Ok(Json(IndexView {
        generation,
        answers: tx.count_answers().await?,
        behind: (last - i64::try_from(seq).unwrap_or(i64::MAX)).max(0),
        generations,
        work: tx.latest_index_work(WORK_SHOWN).await?.into_iter().map(WorkView::from).collect(),
    }))
}

impl From<GenerationInfo> for GenerationView {
    fn from(info: GenerationInfo) -> Self {
        Self {
            number: info.number,
            state: match info.state {
                GenerationState::Building => "building",
                GenerationState::Built => "built",
                GenerationState::Serving => "serving",
                GenerationState::Previous => "previous",
            },
            answers: info.answers,
            bytes: info.bytes,
            built_at: info.built_at.and_then(|at| Timestamp::try_from(at).ok()),
        }
    }
}

/// Builds the next generation beside the one in service, examines it and swaps it in.
#[utoipa::path(
    post, path = "/api/v1/index/rebuild", tag = "index",
    request_body = RebuildBody,
    responses((status = 202, description = "Asked for; `GET /index` shows how far it is",
               body = WorkView)),
)]
pub(super) async fn rebuild(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(body): Body<RebuildBody>,
) -> Result<(StatusCode, Json<WorkView>), Problem> {
    let work = if body.dry_run { IndexWork::Check } else { IndexWork::Rebuild };
    ask(&desk, &actor, work).await
}

/// Puts the generation before back in service.
#[utoipa::path(
    post, path = "/api/v1/index/rollback", tag = "index",
    request_body = EmptyBody,
    responses((status = 202, description = "Asked for; `GET /index` shows how it ended",
               body = WorkView)),
)]
pub(super) async fn rollback(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<(StatusCode, Json<WorkView>), Problem> {
    ask(&desk, &actor, IndexWork::Rollback).await
}

async fn ask(
    desk: &Desk,
    actor: &Actor,
    work: IndexWork,
) -> Result<(StatusCode, Json<WorkView>), Problem> {
    let mut tx = desk.store.begin().await?;
    let row = ask_index(&mut tx, &desk.stage(), actor, work).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok((StatusCode::ACCEPTED, Json(row.into())))
}
