//! One escalation on one card: the question, what the bot found, why it did not send, the
//! conversation; and claim, reply, close.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::beside::Beside;
use super::card::CardView;
use super::chosen::chosen;
use super::delivery::label;
use super::error::{ConsoleError, page, status_of};
use super::form::{NoFields, Posted};
use super::forum_question::{Standing, standing};
use super::frame::Frame;
use super::moves;
use super::query::Query;
use super::session::Me;
use super::thread::{self, Entry, Side};
use super::words::{self, Moment};
use crate::answerer::small_talk::urgency;
use crate::desk::Desk;
use crate::escalation::{self as acts, Replied, Words};
use crate::experts::concerns;
use crate::ids::{ConversationId, EscalationId};
use crate::people::{ActError, random_token};
use crate::store::conversations::Conversation;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{EscalationState, Outcome, Role};
use crate::wakes::News;
use crate::words::{Key, say};

/// How many earlier escalations of the conversation are listed.
const EARLIER: i64 = 6;

/// The card.
#[derive(Debug, Template)]
#[template(path = "console/escalation.html")]
pub(super) struct EscalationPage {
    pub frame: Frame,
    pub id: String,
    pub number: i64,
    pub question: String,
    pub lang: String,
    pub channel: String,
    pub priority: &'static str,
    /// How the customer sounds, where it stands out.
    pub mood: Option<&'static str>,
    pub opened: Moment,
    /// Until when its owner has put it aside.
    pub snoozed: Option<Moment>,
    /// What whoever passed it on says about it.
    pub note: Option<String>,
    /// The skill it was passed on to.
    pub skill: Option<String>,
    /// Why the bot did not send, in words.
    pub why: &'static str,
    pub customer: String,
    pub conversation_id: String,
    /// Who has it.
    pub owner: Option<String>,
    pub is_mine: bool,
    /// How it ended, if it did.
    pub ended: Option<String>,
    /// Why nothing can be sent there any more.
    pub cut_off: Option<String>,
    /// Until when the platform takes replies, if it limits that.
    pub window: Option<Moment>,
    pub card: CardView,
    pub thread: Vec<Entry>,
    pub earlier: Vec<Earlier>,
    /// The customer's other conversations.
    pub elsewhere: Vec<Elsewhere>,
    /// Who could take it over: id and name.
    pub colleagues: Vec<(String, String)>,
    /// What colleagues know.
    pub skills: Vec<String>,
    /// A question back, in the customer's language.
    pub question_back: String,
    pub beside: Beside,
    /// Where it stands with the forum.
    pub forum: Option<Standing>,
    pub draft: Draft,
}

impl EscalationPage {
    /// Where an answer is chosen; empty for those who may not, or when it is over.
    fn choose(&self) -> String {
        let may = self.frame.is_expert() && self.ended.is_none();
        if may { format!("/escalations/{}", self.id) } else { String::new() }
    }
}

/// Another escalation of the same conversation.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub id: String,
    pub number: i64,
    pub start: String,
    pub state: String,
    pub at: Moment,
}

/// Another conversation of the same customer.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    pub id: String,
    pub channel: String,
    pub state: &'static str,
    pub at: Moment,
}

/// What stands in the reply box.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The accepted answer that it is, if it is one.
    pub answer: String,
    /// The text.
    pub text: String,
    /// The same form sent twice is one reply.
    pub key: String,
    /// Why it was not sent.
    pub error: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    /// Which of the answers to put into the reply box.
    #[serde(rename = "use")]
    answer: Option<String>,
    done: Option<String>,
    offer: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReplyForm {
    text: String,
    #[serde(default)]
    key: String,
    /// The accepted answer that the text is, if it is one.
    #[serde(default)]
    answer: String,
    /// `close` closes it as solved, `ask` asks the customer back.
    #[serde(default)]
    then: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct CloseForm {
    outcome: Outcome,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let id = known(&id)?;
    let mut tx = console.desk.store.read().await?;
    let mut view = build(&mut tx, &console, &me, id).await?;
    if let Some(number) = &query.answer {
        (view.draft.answer, view.draft.text) =
            chosen(&mut tx, &view.card, &view.lang, number).await?;
    }
    view.frame = view.frame.after(query.done.as_deref()).offering(query.offer.as_deref());
    page(&view)
}

pub(super) async fn claim(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    let row = acts::claim(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    tell(desk, row.conversation_id);
    Ok(Redirect::to(&format!("/escalations/{id}?done=claimed")).into_response())
}

pub(super) async fn reply(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<ReplyForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    // Browsers send line ends as CRLF.
    let text = form.text.replace("\r\n", "\n");
    match send(desk, &me, id, &text, &form).await {
        Ok((conversation, replied)) => {
            tell(desk, conversation);
            desk.wakes.outbox();
            desk.wakes.answers();
            Ok(Redirect::to(&after_reply(&me, id, (&form, replied))).into_response())
        }
        Err(ActError::Store(error)) => Err(error.into()),
        Err(error @ ActError::Unknown { .. }) => Err(error.into()),
        // What somebody wrote is never lost.
        Err(error) => {
            let mut tx = desk.store.read().await?;
            let mut view = build(&mut tx, &console, &me, id).await?;
            let (error_text, answer) = (Some(error.to_string()), form.answer);
            view.draft = Draft { text, answer, error: error_text, ..view.draft };
            let status: StatusCode = status_of(&error);
            Ok((status, Html(view.render()?)).into_response())
        }
    }
}

pub(super) async fn close(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<CloseForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    acts::close(&mut tx, &desk.stage(), &me.actor(), id, form.outcome).await?;
    let row = tx.escalation(id).await?.ok_or_else(|| not_found(id))?;
    tx.commit().await?;
    tell(desk, row.conversation_id);
    Ok(Redirect::to("/?done=closed").into_response())
}

/// Replies, and closes where the form says so, in one transaction.
async fn send(
    desk: &Desk,
    me: &Me,
    id: EscalationId,
    text: &str,
    form: &ReplyForm,
) -> Result<(ConversationId, Replied), ActError> {
    let mut tx = desk.store.begin().await?;
    let (stage, actor) = (desk.stage(), me.actor());
    let given = |field: &'_ str| Some(field).filter(|field| !field.is_empty()).map(str::to_owned);
    let (key, answer) = (given(&form.key), given(&form.answer));
    let words = Words { answer: answer.as_deref(), ..Words::own(text, key.as_deref()) };
    let replied = match form.then.as_str() {
        "ask" => acts::ask_back(&mut tx, &stage, &actor, id, words).await?,
        _ => acts::reply(&mut tx, &stage, &actor, id, words).await?,
    };
    if form.then == "close" && matches!(replied, Replied::Queued { .. }) {
        acts::close(&mut tx, &stage, &actor, id, Outcome::Solved).await?;
    }
    let row = tx.escalation(id).await?;
    tx.commit().await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("escalation {id}") })?;
    Ok((row.conversation_id, replied))
}

/// Where a person goes after a reply; what was written anew may become an answer.
fn after_reply(me: &Me, id: EscalationId, (form, replied): (&ReplyForm, Replied)) -> String {
    if matches!(replied, Replied::ForReview { .. }) {
        return format!("/escalations/{id}?done=review");
    }
    let is_new = form.answer.is_empty() && form.then != "ask";
    let offer = is_new && me.person.role >= Role::Moderator;
    let offer = if offer { format!("offer={id}") } else { String::new() };
    match form.then.as_str() {
        "close" if offer.is_empty() => "/next".to_owned(),
        "close" => format!("/next?{offer}"),
        "ask" => format!("/escalations/{id}?done=asked"),
        _ if offer.is_empty() => format!("/escalations/{id}?done=replied"),
        _ => format!("/escalations/{id}?done=replied&{offer}"),
    }
}

pub(super) fn tell(desk: &Desk, conversation: ConversationId) {
    desk.wakes.tell(News::Conversation(conversation));
    desk.wakes.tell(News::Queue);
}

pub(super) fn known(id: &str) -> Result<EscalationId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("escalation {id}")))
}

fn not_found(id: EscalationId) -> ConsoleError {
    ConsoleError::NotFound(format!("escalation {id}"))
}

pub(super) async fn build(
    tx: &mut Tx,
    console: &Console,
    me: &Me,
    id: EscalationId,
) -> Result<EscalationPage, ConsoleError> {
    let desk = &console.desk;
    let row = tx.escalation(id).await?.ok_or_else(|| not_found(id))?;
    if !concerns(tx, &me.actor(), &row).await? {
        me.require(Role::Moderator)?;
    }
    let conversation = tx.conversation(row.conversation_id).await?.ok_or_else(|| not_found(id))?;
    let customer = tx.customer(row.customer_id).await?;
    let frame = Frame::new(tx, desk, me, "queue").await?.following(&conversation.id);
    let now = desk.clock.now();
    let owner = match row.claimed_by {
        Some(owner) => tx.person(owner).await?.map(|person| person.name).or(Some("API".to_owned())),
        None => None,
    };
    let window = conversation.address.expires_at.filter(|at| *at > now);
    let team = moves::Team::around(tx, me).await?;
    Ok(EscalationPage {
        frame,
        id: id.to_string(),
        number: row.number,
        lang: row.lang.clone(),
        channel: label(&desk.channels, &row.channel),
        priority: words::priority(row.priority),
        mood: words::mood(urgency(&row.question).mood),
        opened: Moment::new(row.opened_at, now),
        snoozed: row.snoozed_until.filter(|at| *at > now).map(|at| Moment::new(at, now)),
        note: row.note.clone(),
        skill: row.skill.clone(),
        colleagues: team.colleagues,
        skills: team.skills,
        question_back: say(&row.lang, Key::AskBack, &[]),
        elsewhere: elsewhere(tx, desk, &row).await?,
        why: row.reason.in_words(),
        customer: customer
            .as_ref()
            .and_then(|customer| customer.name.clone())
            .unwrap_or_else(|| "Customer".to_owned()),
        conversation_id: conversation.id.to_string(),
        is_mine: row.state == EscalationState::Claimed && row.claimed_by == Some(me.person.id),
        owner: owner.filter(|_| row.state != EscalationState::Open),
        ended: ended(&row),
        cut_off: conversation.closed_reason.clone(),
        window: window.map(|at| Moment::new(at, now)),
        card: found(tx, &row).await?,
        thread: thread::load(tx, desk, &conversation, customer.as_ref()).await?,
        earlier: earlier(tx, desk, &row).await?,
        beside: Beside::load(tx, console, &row, customer.as_ref()).await?,
        forum: standing(tx, desk, &row).await?,
        draft: Draft { key: random_token(), ..Draft::default() },
        question: row.question,
    })
}

async fn found(tx: &mut Tx, row: &EscalationRow) -> Result<CardView, StoreError> {
    let Some(id) = row.decision_id else {
        return Ok(CardView::default());
    };
    let Some(decision) = tx.decision(id).await? else {
        return Ok(CardView::default());
    };
    let mut card = CardView::new(&decision.card);
    card.refresh(tx).await?;
    Ok(card)
}

fn ended(row: &EscalationRow) -> Option<String> {
    (row.state == EscalationState::Closed)
        .then(|| row.outcome.map_or("closed", words::outcome).to_owned())
}

async fn earlier(
    tx: &mut Tx,
    desk: &Desk,
    row: &EscalationRow,
) -> Result<Vec<Earlier>, StoreError> {
    let rows = tx.escalations_in(row.conversation_id, EARLIER).await?;
    let now = desk.clock.now();
    let view = |other: EscalationRow| Earlier {
        id: other.id.to_string(),
        number: other.number,
        start: words::start_of(&other.question, 80),
        state: ended(&other).unwrap_or_else(|| other.state.to_string()),
        at: Moment::new(other.opened_at, now),
    };
    Ok(rows.into_iter().filter(|other| other.id != row.id).map(view).collect())
}

async fn elsewhere(
    tx: &mut Tx,
    desk: &Desk,
    row: &EscalationRow,
) -> Result<Vec<Elsewhere>, StoreError> {
    let rows = tx.conversations_elsewhere(row.customer_id, row.conversation_id, EARLIER).await?;
    let now = desk.clock.now();
    let view = |other: Conversation| Elsewhere {
        id: other.id.to_string(),
        channel: label(&desk.channels, &other.channel),
        state: words::with_whom(other.state),
        at: Moment::new(other.last_inbound_at, now),
    };
    Ok(rows.into_iter().map(view).collect())
}
