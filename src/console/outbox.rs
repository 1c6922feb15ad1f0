//! Replies that have not arrived for certain: uncertain, dead, and due with the reason.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::beside::DeskLine;
use super::delivery::{ChannelContext, DeliveryView};
use super::error::{ConsoleError, page};
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{self, Moment};
use crate::desk::Desk;
use crate::ids::DeliveryId;
use crate::outbox as acts;
use crate::store::outbox::DeliveryRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::DeliveryState;
use crate::wakes::News;

const SHOWN: i64 = 100;

/// The outbox.
#[derive(Debug, Template)]
#[template(path = "console/outbox.html")]
pub(super) struct OutboxPage {
    pub frame: Frame,
    pub state: DeliveryState,
    pub tabs: Vec<StateTab>,
    pub items: Vec<Item>,
    /// What the brand's help desk has not taken, and how people call it.
    pub help_desk: Option<(&'static str, Vec<DeskLine>)>,
}

/// One state with how many rows it has.
#[derive(Clone, Debug)]
pub(super) struct StateTab {
    pub state: DeliveryState,
    pub title: &'static str,
    pub n: i64,
}

/// One part of a reply.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub delivery: DeliveryView,
    pub conversation_id: String,
    pub channel: String,
    pub author: String,
    pub start: String,
    pub created: Moment,
    pub attempts: i64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    state: Option<DeliveryState>,
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Back {
    /// The page the button stood on, a path of ours.
    #[serde(default)]
    back: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let tabs = tabs(&mut tx).await?;
    // Without a wish, the first state that needs somebody.
    let busy = tabs.iter().find(|tab| tab.n > 0).map_or(DeliveryState::Uncertain, |tab| tab.state);
    let state = query.state.unwrap_or(busy);
    let rows = tx.deliveries(Some(state), None, SHOWN).await?;
    let mut contexts: HashMap<String, ChannelContext> = HashMap::new();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        if !contexts.contains_key(&row.channel) {
            let channel = tx.channel(&row.channel).await?;
            let context = ChannelContext::new(&desk.channels, &row.channel, channel);
            contexts.insert(row.channel.clone(), context);
        }
        items.push(item(&row, &contexts[&row.channel], desk));
    }
    let frame = Frame::new(&mut tx, desk, &me, "outbox").await?.following(&"queue");
    let help_desk = untold(&mut tx, desk).await?;
    page(&OutboxPage { frame: frame.after(query.done.as_deref()), state, tabs, items, help_desk })
}

/// What waits for the brand's help desk, and what was given up.
async fn untold(
    tx: &mut Tx,
    desk: &Desk,
) -> Result<Option<(&'static str, Vec<DeskLine>)>, StoreError> {
    let Some(help_desk) = &desk.help_desk else { return Ok(None) };
    let mut rows = tx.desk_events(DeliveryState::Dead, SHOWN).await?;
    rows.extend(tx.desk_events(DeliveryState::Due, SHOWN).await?);
    let lines = rows.iter().map(|row| DeskLine::new(row, desk)).collect();
    Ok(Some((help_desk.name(), lines)))
}

pub(super) async fn tell_again(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let id = id.parse().map_err(|_| ConsoleError::NotFound(format!("event {id}")))?;
    let mut tx = desk.store.begin().await?;
    crate::helpdesk::retry(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/outbox?done=retried").into_response())
}

pub(super) async fn retry(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Back>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    acts::retry(&mut tx, &desk.stage(), &me.actor(), id).await?;
    settled(desk, tx, id).await?;
    desk.wakes.outbox();
    Ok(back(&form, "retried"))
}

pub(super) async fn arrived(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Back>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    acts::confirm_arrived(&mut tx, &desk.stage(), &me.actor(), id).await?;
    settled(desk, tx, id).await?;
    Ok(back(&form, "arrived"))
}

async fn settled(desk: &Desk, mut tx: Tx, id: DeliveryId) -> Result<(), StoreError> {
    let row = tx.delivery(id).await?;
    tx.commit().await?;
    if let Some(row) = row {
        desk.wakes.tell(News::Conversation(row.conversation_id));
    }
    desk.wakes.tell(News::Queue);
    Ok(())
}

/// Back to the conversation or card it was done from; anywhere else is the outbox.
fn back(form: &Back, done: &str) -> Response {
    let known = ["/conversations/", "/escalations/"];
    let is_ours = known.iter().any(|start| form.back.starts_with(start));
    let is_plain = !form.back.contains(['?', '#', '\\', '\r', '\n']);
    let target = if is_ours && is_plain { form.back.as_str() } else { "/outbox" };
    Redirect::to(&format!("{target}?done={done}")).into_response()
}

fn known(id: &str) -> Result<DeliveryId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("delivery {id}")))
}

fn item(row: &DeliveryRow, channel: &ChannelContext, desk: &Desk) -> Item {
    let now = desk.clock.now();
    Item {
        delivery: DeliveryView::new(row, channel, now),
        conversation_id: row.conversation_id.to_string(),
        channel: channel.label.clone(),
        author: row.author.clone().unwrap_or_else(|| "Bot".to_owned()),
        start: words::start_of(&row.payload.text, 160),
        created: Moment::new(row.created_at, now),
        attempts: row.attempts,
    }
}

async fn tabs(tx: &mut Tx) -> Result<Vec<StateTab>, StoreError> {
    let counts = tx.outbox_counts().await?;
    let n = |state| counts.iter().filter(|(_, s, ..)| *s == state).map(|(_, _, n, _)| n).sum();
    let tab = |(state, title)| StateTab { state, title, n: n(state) };
    let titles = [
        (DeliveryState::Uncertain, "Uncertain"),
        (DeliveryState::Dead, "Not sent"),
        (DeliveryState::Due, "Waiting"),
        (DeliveryState::Sending, "Being sent"),
        (DeliveryState::Sent, "Sent"),
    ];
    Ok(titles.into_iter().map(tab).collect())
}
