//! Answers that are taken back: what is offered, whom it reaches, how far it is; and reporting one
//! as wrong.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::answers::known;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{Moment, start_of};
use crate::desk::Desk;
use crate::http::path_segment;
use crate::ids::RecallId;
use crate::recall;
use crate::store::recalls::{Reach, RecallRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{DeliveryState, RecallKind, RecallState, Role};

/// How many recalls, and failures of one, a page shows.
const SHOWN: i64 = 100;

/// The recalls.
#[derive(Debug, Template)]
#[template(path = "console/recalls.html")]
pub(super) struct RecallsPage {
    pub frame: Frame,
    pub items: Vec<Item>,
}

/// One recall in the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: String,
    pub title: String,
    pub state: RecallState,
    pub words: &'static str,
    pub reason: String,
    pub at: Moment,
}

/// One recall.
#[derive(Debug, Template)]
#[template(path = "console/recall.html")]
pub(super) struct RecallPage {
    pub frame: Frame,
    pub item: Item,
    pub answer_id: String,
    pub lang: String,
    pub answer: String,
    pub actor: Option<String>,
    pub reach: Vec<ReachView>,
    pub progress: Vec<ProgressView>,
    pub n_left_alone: i64,
    pub failures: Vec<Failure>,
}

/// Reporting an answer.
#[derive(Debug, Template)]
#[template(path = "console/wrong.html")]
pub(super) struct WrongPage {
    pub frame: Frame,
    pub answer_id: String,
    pub lang: String,
    pub title: String,
    pub answer: String,
    pub reach: Vec<ReachView>,
}

/// Who got an answer on one channel, and what can be done there.
#[derive(Clone, Debug)]
pub(super) struct ReachView {
    pub channel: String,
    pub n_conversations: i64,
    pub n_messages: i64,
    pub how: &'static str,
}

/// How far a recall is on one channel.
#[derive(Clone, Debug, Default)]
pub(super) struct ProgressView {
    pub channel: String,
    pub n_waiting: i64,
    pub n_done: i64,
    pub n_failed: i64,
}

/// A message that could not be taken back.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub conversation_id: String,
    pub channel: String,
    pub reason: String,
}

impl RecallPage {
    fn is_offered(&self) -> bool {
        self.item.state == RecallState::Offered
    }

    fn is_running(&self) -> bool {
        self.item.state == RecallState::Running
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WrongForm {
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    correction: String,
}

pub(super) async fn list(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let mut items = Vec::new();
    for row in tx.recalls(None, SHOWN).await? {
        items.push(item(&mut tx, &row, desk.clock.now()).await?);
    }
    let frame = Frame::new(&mut tx, desk, &me, "recalls").await?.after(query.done.as_deref());
    page(&RecallsPage { frame, items })
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let id = parse(&id)?;
    let mut tx = desk.store.read().await?;
    let row = tx.recall(id).await?;
    let row = row.ok_or_else(|| ConsoleError::NotFound(format!("recall {id}")))?;
    let answer = tx.answer(&row.answer_id).await?;
    let failures = tx.recall_failures(id, SHOWN).await?;
    let failure = |row: crate::store::outbox::DeliveryRow| Failure {
        conversation_id: row.conversation_id.to_string(),
        channel: label(&desk.channels, &row.channel),
        reason: row.reason.unwrap_or_default(),
    };
    page(&RecallPage {
        item: item(&mut tx, &row, desk.clock.now()).await?,
        lang: answer.as_ref().map(|answer| answer.lang.clone()).unwrap_or_default(),
        answer: answer.map(|answer| answer.answer).unwrap_or_default(),
        reach: reach(&mut tx, desk, &row.answer_id).await?,
        progress: progress(&mut tx, desk, id).await?,
        n_left_alone: row.n_left_alone,
        failures: failures.into_iter().map(failure).collect(),
        frame: Frame::new(&mut tx, desk, &me, "recalls").await?.after(query.done.as_deref()),
        answer_id: row.answer_id,
        actor: row.actor,
    })
}

pub(super) async fn ask_wrong(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Moderator)?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let row = known(&mut tx, &id).await?;
    page(&WrongPage {
        reach: reach(&mut tx, desk, &row.id).await?,
        frame: Frame::new(&mut tx, desk, &me, "answers").await?,
        title: start_of(if row.title.is_empty() { &row.question } else { &row.title }, 120),
        answer_id: row.id,
        lang: row.lang,
        answer: row.answer,
    })
}

pub(super) async fn report_wrong(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<WrongForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let stage = desk.stage();
    let row = recall::report_wrong(&mut tx, &stage, &me.actor(), &id, &form.reason).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Redirect::to(&format!("/recalls/{}?done=wrong", row.id)).into_response())
}

pub(super) async fn confirm(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<ConfirmForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let id = parse(&id)?;
    let mut tx = desk.store.begin().await?;
    let correction = Some(form.correction.as_str());
    recall::confirm(&mut tx, &desk.stage(), &me.actor(), id, correction).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(Redirect::to(&format!("/recalls/{id}?done=recall")).into_response())
}

pub(super) async fn dismiss(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    recall::dismiss(&mut tx, &desk.stage(), &me.actor(), parse(&id)?).await?;
    tx.commit().await?;
    Ok(Redirect::to("/recalls?done=dismissed").into_response())
}

/// Where an answer is reported as wrong.
pub(super) fn wrong_path(answer: &str) -> String {
    format!("/answers/{}/wrong", path_segment(answer))
}

fn parse(id: &str) -> Result<RecallId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("recall {id}")))
}

async fn item(tx: &mut Tx, row: &RecallRow, now: Timestamp) -> Result<Item, StoreError> {
    let answer = tx.answer(&row.answer_id).await?;
    let title = answer.map(|row| if row.title.is_empty() { row.question } else { row.title });
    Ok(Item {
        id: row.id.to_string(),
        title: start_of(&title.unwrap_or_else(|| row.answer_id.clone()), 120),
        state: row.state,
        words: match row.kind {
            RecallKind::Withdrawn => "no longer accepted",
            RecallKind::Corrected => "says something else now",
            RecallKind::Wrong => "reported as wrong",
        },
        reason: row.reason.clone(),
        at: Moment::new(row.ended_at.or(row.started_at).unwrap_or(row.offered_at), now),
    })
}

async fn reach(tx: &mut Tx, desk: &Desk, answer: &str) -> Result<Vec<ReachView>, StoreError> {
    let view = |reach: Reach| ReachView {
        how: how(desk, &reach.channel),
        channel: label(&desk.channels, &reach.channel),
        n_conversations: reach.n_conversations,
        n_messages: reach.n_messages,
    };
    Ok(tx.reach_of(answer).await?.into_iter().map(view).collect())
}

/// What can be done on a channel, in words.
fn how(desk: &Desk, channel: &str) -> &'static str {
    let Some(adapter) = desk.channels.adapter(channel) else {
        return "nothing: the channel is no longer configured";
    };
    let address = superfan_bots::ReplyAddress { value: String::new(), expires_at: None };
    let amends = adapter.amends(&address);
    match (amends.edit, amends.delete) {
        (true, _) => "their messages are edited",
        (false, true) => "public posts are deleted; others get one correction",
        (false, false) => "they get one correction",
    }
}

async fn progress(tx: &mut Tx, desk: &Desk, id: RecallId) -> Result<Vec<ProgressView>, StoreError> {
    let mut views: Vec<ProgressView> = Vec::new();
    for (channel, state, n) in tx.recall_progress(id).await? {
        let channel = label(&desk.channels, &channel);
        if views.last().is_none_or(|view| view.channel != channel) {
            views.push(ProgressView { channel, ..ProgressView::default() });
        }
        let Some(view) = views.last_mut() else { continue };
        match state {
            DeliveryState::Due | DeliveryState::Sending => view.n_waiting += n,
            DeliveryState::Sent => view.n_done += n,
            DeliveryState::Uncertain | DeliveryState::Dead => view.n_failed += n,
        }
    }
    Ok(views)
}
