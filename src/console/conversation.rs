//! Conversations: the latest ones, and one from its first line to its last.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::thread::{self, Entry, Side};
use super::words::{self, Moment};
use crate::ids::ConversationId;
use crate::vocabulary::EscalationState;

const SHOWN: i64 = 50;

/// The latest conversations.
#[derive(Debug, Template)]
#[template(path = "console/conversations.html")]
pub(super) struct ConversationsPage {
    pub frame: Frame,
    pub items: Vec<Item>,
    pub channels: Vec<(String, String)>,
    pub channel: String,
    /// The address of the next page.
    pub more: Option<String>,
}

/// One conversation in the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: String,
    pub customer: String,
    pub channel: String,
    pub state: &'static str,
    pub last: Moment,
}

/// One conversation.
#[derive(Debug, Template)]
#[template(path = "console/conversation.html")]
pub(super) struct ConversationPage {
    pub frame: Frame,
    pub id: String,
    pub customer: String,
    pub lang: Option<String>,
    pub channel: String,
    pub external_id: String,
    /// Who started it.
    pub customer_id: String,
    pub is_group: bool,
    pub state: &'static str,
    pub cut_off: Option<String>,
    pub thread: Vec<Entry>,
    pub escalations: Vec<Escalated>,
}

/// One of its escalations.
#[derive(Clone, Debug)]
pub(super) struct Escalated {
    pub id: String,
    pub number: i64,
    pub state: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    channel: String,
    before: Option<String>,
}

pub(super) async fn list(
    State(console): State<Console>,
    me: Me,
    Query(filter): Query<Filter>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let before: Option<ConversationId> = filter.before.as_deref().and_then(|id| id.parse().ok());
    let channel = Some(filter.channel.as_str()).filter(|name| !name.is_empty());
    let rows = tx.conversations(channel, None, before, SHOWN).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n == SHOWN);
    let last = rows.last().map(|row| row.id).filter(|_| is_full);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let customer = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
        items.push(Item {
            id: row.id.to_string(),
            customer: customer.unwrap_or_else(|| "Customer".to_owned()),
            channel: label(&desk.channels, &row.channel),
            state: words::with_whom(row.state),
            last: Moment::new(row.last_inbound_at, desk.clock.now()),
        });
    }
    let names = desk.channels.names();
    page(&ConversationsPage {
        frame: Frame::new(&mut tx, desk, &me, "conversations").await?,
        items,
        more: last.map(|id| format!("/conversations?channel={}&before={id}", filter.channel)),
        channels: names.into_iter().map(|n| (label(&desk.channels, &n), n)).collect(),
        channel: filter.channel,
    })
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let not_found = || ConsoleError::NotFound(format!("conversation {id}"));
    let conversation_id: ConversationId = id.parse().map_err(|_| not_found())?;
    let mut tx = desk.store.read().await?;
    let row = tx.conversation(conversation_id).await?.ok_or_else(not_found)?;
    let customer = tx.customer(row.customer_id).await?;
    let escalations = tx.escalations_in(row.id, SHOWN).await?;
    let frame = Frame::new(&mut tx, desk, &me, "conversations").await?;
    let name = customer.as_ref().and_then(|customer| customer.name.clone());
    page(&ConversationPage {
        frame: frame.following(&row.id),
        id: row.id.to_string(),
        customer_id: row.customer_id.to_string(),
        customer: name.unwrap_or_else(|| "Customer".to_owned()),
        lang: customer.as_ref().and_then(|customer| customer.lang.clone()),
        channel: label(&desk.channels, &row.channel),
        external_id: row.external_id.clone(),
        is_group: row.is_group(),
        state: words::with_whom(row.state),
        cut_off: row.closed_reason.clone(),
        thread: thread::load(&mut tx, desk, &row, customer.as_ref()).await?,
        escalations: escalations
            .into_iter()
            .map(|escalation| Escalated {
                id: escalation.id.to_string(),
                number: escalation.number,
                state: match (escalation.state, escalation.outcome) {
                    (EscalationState::Closed, Some(outcome)) => words::outcome(outcome).to_owned(),
                    (state, _) => state.to_string(),
                },
            })
            .collect(),
    })
}
