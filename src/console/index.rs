//! The search index: which generation serves, which others are kept, how far each node is; building
//! it anew, what its exam found, and going back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use superfan_index::{GenerationInfo, GenerationState};

use super::Console;
use super::error::{ConsoleError, page};
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::Moment;
use crate::answers::{ExamReport, IndexWork, ask_index};
use crate::desk::Desk;
use crate::store::index_state::IndexWorkRow;

/// How much past work is shown.
const WORK_SHOWN: i64 = 5;

/// The index.
#[derive(Debug, Template)]
#[template(path = "console/index.html")]
pub(super) struct IndexPage {
    pub frame: Frame,
    pub generations: Vec<Generation>,
    /// The latest work asked for, newest first.
    pub work: Vec<Work>,
    /// What the latest exam found.
    pub exam: Option<ExamReport>,
    pub n_golden: i64,
    pub nodes: Vec<Node>,
    /// The last change of the answers.
    pub last_seq: i64,
}

/// One generation.
#[derive(Clone, Debug)]
pub(super) struct Generation {
    pub number: u64,
    pub state: &'static str,
    pub is_serving: bool,
    pub n_answers: u64,
    /// On disk, in MiB.
    pub size: String,
    pub built: Option<Moment>,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub kind: &'static str,
    pub state: String,
    pub progress: String,
    pub asked_by: String,
    pub at: Moment,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub generation: i64,
    /// How many changes it has not applied yet.
    pub n_behind: i64,
    pub seen: Moment,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let index = Arc::clone(desk.search.index());
    // Looks into the folders of the index.
    let generations = tokio::task::spawn_blocking(move || index.generations()).await;
    let generations = generations.unwrap_or_default();
    let mut tx = desk.store.read().await?;
    let last_seq = tx.last_answer_seq().await?;
    let now = desk.clock.now();
    let nodes = tx.index_states().await?.into_iter().map(|state| Node {
        name: state.node,
        generation: state.generation,
        n_behind: (last_seq - state.seq).max(0),
        seen: Moment::new(state.at, now),
    });
    let work = tx.latest_index_work(WORK_SHOWN).await?;
    let frame = Frame::new(&mut tx, desk, &me, "index").await?.following(&"index");
    page(&IndexPage {
        frame: frame.after(query.done.as_deref()),
        generations: generations.iter().rev().map(|info| generation(info, now)).collect(),
        exam: work.iter().find_map(|row| serde_json::from_str(&row.report).ok()),
        work: work.into_iter().map(|row| work_view(row, now)).collect(),
        n_golden: tx.count_golden_questions().await?,
        nodes: nodes.collect(),
        last_seq,
    })
}

pub(super) async fn rebuild(
    State(console): State<Console>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    ask(&console.desk, &me, IndexWork::Rebuild).await
}

pub(super) async fn check(
    State(console): State<Console>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    ask(&console.desk, &me, IndexWork::Check).await
}

pub(super) async fn rollback(
    State(console): State<Console>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    ask(&console.desk, &me, IndexWork::Rollback).await
}

async fn ask(desk: &Desk, me: &Me, work: IndexWork) -> Result<Response, ConsoleError> {
    let mut tx = desk.store.begin().await?;
    ask_index(&mut tx, &desk.stage(), &me.actor(), work).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Redirect::to(&format!("/index?done={}", work.as_str())).into_response())
}

fn work_view(row: IndexWorkRow, now: Timestamp) -> Work {
    Work {
        kind: match row.kind.as_str() {
            "rebuild" => "Rebuild",
            "check" => "Trial build",
            _ => "Rollback",
        },
        at: Moment::new(row.asked_at, now),
        state: row.state,
        progress: row.progress,
        asked_by: row.asked_by,
    }
}

fn generation(info: &GenerationInfo, now: Timestamp) -> Generation {
    Generation {
        number: info.number,
        state: match info.state {
            GenerationState::Building => "being built",
            GenerationState::Built => "built, not in service",
            GenerationState::Serving => "in service",
            GenerationState::Previous => "kept to go back to",
        },
        is_serving: info.state == GenerationState::Serving,
        n_answers: info.answers,
        size: format!("{}.{}", info.bytes >> 20, (info.bytes >> 10) % 1024 * 10 / 1024),
        built: info
            .built_at
            .and_then(|at| Timestamp::try_from(at).ok())
            .map(|at| Moment::new(at, now)),
    }
}
