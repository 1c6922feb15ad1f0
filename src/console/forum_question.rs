//! A question on its way to the forum: what would be posted, whether the customer agreed, topics
//! that are there already, who else waits.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use superfan_bots::FoundTopic;

use super::Console;
use super::card::is_web;
use super::delivery::label;
use super::error::{ConsoleError, page, status_of};
use super::escalation::known;
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::start_of;
use crate::bridge::{self, Place, Wording, kept_or_proposed, others_waiting, topics_there};
use crate::desk::Desk;
use crate::forums::Followed;
use crate::ids::EscalationId;
use crate::people::ActError;
use crate::store::bridges::BridgeRow;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{BridgeState, DeliveryState, EscalationState, Role};

/// The page.
#[derive(Debug, Template)]
#[template(path = "console/forum_question.html")]
pub(super) struct ForumQuestionPage {
    pub frame: Frame,
    pub id: String,
    pub number: i64,
    pub lang: String,
    pub question: String,
    pub is_closed: bool,
    /// The forum's name; none where nothing can be asked.
    pub forum: Option<String>,
    pub state: Option<BridgeState>,
    /// Whether the customer agreed.
    pub is_agreed: bool,
    pub standing: Standing,
    pub wording: Wording,
    pub topics: Vec<TopicView>,
    /// Why the forum could not be searched.
    pub search_trouble: Option<String>,
    /// Who seems to wait with the same question.
    pub others: Vec<OtherView>,
    pub error: Option<String>,
}

/// Where a question stands with the forum, for its card.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// In words.
    pub words: &'static str,
    /// Where it can be read.
    pub url: Option<String>,
    /// What stands in the way.
    pub trouble: Option<String>,
}

/// A topic that may ask the same.
#[derive(Clone, Debug)]
pub(super) struct TopicView {
    pub id: String,
    pub title: String,
    pub url: String,
    pub solved: bool,
    pub n_posts: u64,
}

/// Somebody else who waits.
#[derive(Clone, Debug)]
pub(super) struct OtherView {
    pub id: String,
    pub number: i64,
    pub start: String,
    pub channel: String,
}

impl ForumQuestionPage {
    fn may_ask(&self) -> bool {
        let is_new = self.state.is_none_or(|state| state == BridgeState::Ended);
        is_new && self.forum.is_some() && !self.is_closed
    }

    fn may_post(&self) -> bool {
        let waits = matches!(self.state, Some(BridgeState::Agreed | BridgeState::Failed));
        waits && self.is_agreed && !self.is_closed
    }

    fn may_link(&self) -> bool {
        let settled = [BridgeState::Posting, BridgeState::Telling, BridgeState::Told];
        !self.is_closed && self.state.is_none_or(|state| !settled.contains(&state))
    }

    fn may_withdraw(&self) -> bool {
        let over = [BridgeState::Telling, BridgeState::Told, BridgeState::Ended];
        self.state.is_some_and(|state| !over.contains(&state))
    }

    /// Whether others can wait along.
    fn may_join(&self) -> bool {
        let waits = [BridgeState::Agreed, BridgeState::Posting, BridgeState::Open];
        self.state.is_some_and(|state| waits.contains(&state))
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WordingForm {
    title: String,
    text: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct LinkForm {
    topic: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct JoinForm {
    /// Their ids, each followed by a comma or a space.
    #[serde(default)]
    others: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Moderator)?;
    let mut view = build(&console.desk, &me, known(&id)?).await?;
    view.frame = view.frame.after(query.done.as_deref());
    page(&view)
}

pub(super) async fn ask(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<WordingForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let wording = given(&form)?;
        let forum = forum_to_ask(desk)?;
        let mut tx = desk.store.begin().await?;
        let what = (id, forum.source.as_str());
        bridge::ask(&mut tx, &desk.stage(), &me.actor(), what, &wording).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, Some(&form), "forum-asked")).await
}

pub(super) async fn post(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<WordingForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let wording = given(&form)?;
        let mut tx = desk.store.begin().await?;
        bridge::post(&mut tx, &desk.stage(), &me.actor(), id, &wording).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, Some(&form), "forum-posted")).await
}

pub(super) async fn link(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<LinkForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let forum = forum_to_ask(desk)?;
        let topic = form.topic.trim();
        let url = forum.forum.topic_address(topic);
        let mut tx = desk.store.begin().await?;
        let place = Place { source: &forum.source, topic, url: &url };
        bridge::link(&mut tx, &desk.stage(), &me.actor(), id, place).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, None, "forum-linked")).await
}

pub(super) async fn join(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<JoinForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let others: Vec<EscalationId> = form
        .others
        .split([',', ' '])
        .filter(|other| !other.is_empty())
        .map(known)
        .collect::<Result<_, _>>()?;
    let done = async {
        let mut tx = desk.store.begin().await?;
        bridge::join(&mut tx, &desk.stage(), &me.actor(), id, &others).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, None, "forum-joined")).await
}

pub(super) async fn withdraw(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let mut tx = desk.store.begin().await?;
        bridge::withdraw(&mut tx, &desk.stage(), &me.actor(), id).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, None, "forum-left")).await
}

/// The forum that takes questions.
fn forum_to_ask(desk: &Desk) -> Result<&Followed, ActError> {
    let nowhere = || ActError::Invalid { reason: "no forum takes questions".to_owned() };
    desk.forums.to_ask_in().ok_or_else(nowhere)
}

fn given(form: &WordingForm) -> Result<Wording, ActError> {
    // Browsers send line ends as CRLF.
    Wording::checked(&form.title, &form.text.replace("\r\n", "\n"))
}

/// The page again: with what was done, or with why it was not and what was written.
async fn after(
    desk: &Desk,
    me: &Me,
    id: EscalationId,
    (done, form, word): (Result<(), ActError>, Option<&WordingForm>, &str),
) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => {
            desk.wakes.outbox();
            desk.wakes.forums();
            Ok(Redirect::to(&format!("/escalations/{id}/forum?done={word}")).into_response())
        }
        Err(error @ (ActError::Invalid { .. } | ActError::Conflict { .. })) => {
            let mut view = build(desk, me, id).await?;
            if let Some(form) = form {
                view.wording = Wording { title: form.title.clone(), text: form.text.clone() };
            }
            view.error = Some(error.to_string());
            let status: StatusCode = status_of(&error);
            Ok((status, Html(view.render()?)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn build(desk: &Desk, me: &Me, id: EscalationId) -> Result<ForumQuestionPage, ConsoleError> {
    let mut tx = desk.store.read().await?;
    let row = tx.escalation(id).await?;
    let row = row.ok_or_else(|| ConsoleError::NotFound(format!("escalation {id}")))?;
    let known = tx.bridge(id).await?;
    let wording = kept_or_proposed(&mut tx, &row).await?;
    let others = others_waiting(&mut tx, &row).await?;
    let frame = Frame::new(&mut tx, desk, me, "queue").await?;
    let standing = standing(&mut tx, desk, &row).await?.unwrap_or_default();
    drop(tx);
    let (topics, search_trouble) = topics_there(&desk.forums, &wording.title, &row.lang).await;
    let topics = topics.into_iter().map(TopicView::from).collect();
    Ok(ForumQuestionPage {
        frame,
        id: id.to_string(),
        number: row.number,
        lang: row.lang,
        question: row.question,
        is_closed: row.state == EscalationState::Closed,
        forum: desk.forums.to_ask_in().map(|forum| forum.source.clone()),
        state: known.as_ref().map(|row| row.state),
        is_agreed: known.is_some_and(|row| row.agreed_at.is_some()),
        standing,
        wording,
        topics,
        search_trouble,
        others: others.iter().map(|other| other_view(desk, other)).collect(),
        error: None,
    })
}

fn other_view(desk: &Desk, row: &EscalationRow) -> OtherView {
    OtherView {
        id: row.id.to_string(),
        number: row.number,
        start: start_of(&row.question, 120),
        channel: label(&desk.channels, &row.channel),
    }
}

impl From<FoundTopic> for TopicView {
    fn from(topic: FoundTopic) -> Self {
        Self {
            id: topic.id,
            title: topic.title,
            url: topic.url,
            solved: topic.solved,
            n_posts: topic.n_posts,
        }
    }
}

/// Where an escalation stands with the forum; `None` where there is none to ask and none was.
pub(super) async fn standing(
    tx: &mut Tx,
    desk: &Desk,
    row: &EscalationRow,
) -> Result<Option<Standing>, StoreError> {
    let Some(bridge) = tx.bridge(row.id).await? else {
        let none = Standing { words: "The forum was not asked.", ..Standing::default() };
        return Ok(desk.forums.to_ask_in().map(|_| none));
    };
    let trouble = match &bridge.trouble {
        Some(trouble) => Some(trouble.clone()),
        None => undelivered(tx, row, &bridge).await?,
    };
    let url = bridge.url.filter(|url| is_web(url));
    Ok(Some(Standing { words: in_words(bridge.state), url, trouble }))
}

/// Why what the customer was to read has not arrived.
async fn undelivered(
    tx: &mut Tx,
    row: &EscalationRow,
    bridge: &BridgeRow,
) -> Result<Option<String>, StoreError> {
    let cause = match bridge.state {
        BridgeState::Asked => bridge::consent_cause(row.id),
        BridgeState::Telling => bridge::answer_cause(row.id, bridge.round),
        _ => return Ok(None),
    };
    let parts = tx.deliveries_for(row.conversation_id, &cause).await?;
    let held = parts.into_iter().find(|part| part.state != DeliveryState::Sent);
    Ok(held.and_then(|part| Some(format!("{}: {}", part.state, part.reason?))))
}

fn in_words(state: BridgeState) -> &'static str {
    match state {
        BridgeState::Asked => "The customer was asked whether it may be posted.",
        BridgeState::Declined => "The customer does not want it to be posted.",
        BridgeState::Agreed => "The customer agreed; it waits to be read and posted.",
        BridgeState::Posting => "It is being posted.",
        BridgeState::Waiting => "It waits for the same question to be posted for somebody else.",
        BridgeState::Open => "It stands in the forum; nothing is accepted there yet.",
        BridgeState::Telling => "The forum answered; the answer is on its way.",
        BridgeState::Told => "The forum answered, and the customer has the answer.",
        BridgeState::Untold => "The forum answered, and the customer could not be told.",
        BridgeState::Failed => "The forum did not take it.",
        BridgeState::Ended => "Nobody waits for the forum any more.",
    }
}
