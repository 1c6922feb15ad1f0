//! What a browser is shown, live: server-sent events read from the store.
//!
//! `message` is everything said on both sides, in order and once; `typing` whether an answer is
//! being looked for; `state` who the conversation is with. A message's event id says how far both
//! sides were shown, so `Last-Event-ID` goes on from there.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::origin::ensure_ours;
use super::{CHANNEL, Chat, Session, session, token_of};
use crate::desk::Desk;
use crate::http::{Problem, caller};
use crate::ids::{ConversationId, DeliveryId, MessageId};
use crate::store::inbox::StoredMessage;
use crate::store::outbox::DeliveryRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::ConversationState;
use crate::wakes::News;

/// How long a hint may be missed.
const POLL: Duration = Duration::from_secs(2);
/// How often a quiet stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many messages of each side are read at once.
const AT_ONCE: i64 = 200;

/// Streams what is said in a session.
pub(super) async fn stream(
    State(chat): State<Chat>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let (parts, _) = request.into_parts();
    ensure_ours(&parts, &chat.desk.config)?;
    chat.limits.streams.check(caller(&parts, &chat.desk))?;
    let session = session(&chat.desk, token_of(&parts).as_deref()).await?;
    let last = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let shown = last.and_then(|id| id.parse().ok()).unwrap_or_default();
    let closed = chat.desk.wakes.streams_closed();
    let feed = Feed::new(chat.desk, session, shown);
    let events = stream::unfold(feed, |mut feed| async {
        let event = feed.next().await;
        Some((Ok::<_, Infallible>(event), feed))
    })
    .take_until(closed);
    // Proxies that collect answers would hold every event back.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))))
}

/// How far both sides of a conversation were shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    said: i64,
    sent_at: i64,
    sent: i64,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.said, self.sent_at, self.sent)
    }
}

impl FromStr for Shown {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.').map(str::parse);
        let mut next = || numbers.next().and_then(Result::ok).ok_or(());
        Ok(Self { said: next()?, sent_at: next()?, sent: next()? })
    }
}

/// One browser's stream.
struct Feed {
    desk: Desk,
    session: Session,
    news: Receiver<News>,
    conversation: Option<ConversationId>,
    shown: Shown,
    typing: bool,
    state: Option<ConversationState>,
    waiting: VecDeque<Event>,
    is_new: bool,
}

impl Feed {
    fn new(desk: Desk, session: Session, shown: Shown) -> Self {
        let news = desk.wakes.news();
        Self {
            desk,
            session,
            news,
            conversation: None,
            shown,
            typing: false,
            state: None,
            waiting: VecDeque::new(),
            is_new: true,
        }
    }

    /// The next event, however long that takes.
    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return event;
            }
            if !self.is_new {
                self.hint().await;
            }
            self.is_new = false;
            if let Err(error) = self.look().await {
                tracing::warn!("could not read what to show in the web chat: {error}");
            }
        }
    }

    /// Waits until something happened in this conversation, or long enough.
    async fn hint(&mut self) {
        let conversation = self.conversation;
        let news = &mut self.news;
        let concerns = async {
            loop {
                match news.recv().await {
                    Ok(News::Conversation(id)) if conversation.is_none_or(|own| own == id) => break,
                    Err(RecvError::Lagged(_)) => break,
                    // Only when the desk is gone; the poll goes on until the connection ends.
                    Err(RecvError::Closed) => std::future::pending().await,
                    Ok(_) => {}
                }
            }
        };
        // Running out of patience is a reason to look as well.
        let _ = tokio::time::timeout(POLL, concerns).await;
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let mut tx = self.desk.store.read().await?;
        let found = tx.conversations(Some(CHANNEL), Some(&self.session.id), None, 1).await?.pop();
        let state = found.as_ref().map_or(ConversationState::Bot, |found| found.state);
        self.conversation = found.map(|found| found.id);
        let mut is_thinking = false;
        if let Some(conversation) = self.conversation {
            self.read_messages(&mut tx, conversation).await?;
            let has_new = !tx.new_messages(conversation, 1).await?.is_empty();
            is_thinking = has_new && state == ConversationState::Bot;
        }
        if is_thinking != self.typing {
            self.typing = is_thinking;
            self.tell("typing", &json!({ "typing": is_thinking }));
        }
        if self.state != Some(state) {
            self.state = Some(state);
            self.tell("state", &json!({ "state": state }));
        }
        Ok(())
    }

    /// Queues what both sides said since, in the order of time.
    async fn read_messages(
        &mut self,
        tx: &mut Tx,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        let mut said: VecDeque<StoredMessage> =
            tx.said_after(conversation, MessageId(self.shown.said), AT_ONCE).await?.into();
        let sent_until = (self.shown.sent_at, DeliveryId(self.shown.sent));
        let mut sent: VecDeque<DeliveryRow> =
            tx.sent_after(conversation, sent_until, AT_ONCE).await?.into();
        loop {
            let said_first = match (said.front(), sent.front()) {
                (Some(message), Some(row)) => message.received_at <= sent_time(row),
                (said, _) => said.is_some(),
            };
            if said_first {
                let Some(message) = said.pop_front() else { break };
                self.shown.said = message.id.0;
                self.show(&came_in(&message));
            } else {
                let Some(row) = sent.pop_front() else { break };
                self.shown.sent_at = sent_time(&row).as_millisecond();
                self.shown.sent = row.id.0;
                self.show(&went_out(row));
            }
        }
        Ok(())
    }

    fn show(&mut self, message: &Value) {
        let event = Event::default().event("message").id(self.shown.to_string());
        self.waiting.push_back(event.data(message.to_string()));
    }

    fn tell(&mut self, event: &str, data: &Value) {
        self.waiting.push_back(Event::default().event(event).data(data.to_string()));
    }
}

fn sent_time(row: &DeliveryRow) -> jiff::Timestamp {
    row.settled_at.unwrap_or(row.created_at)
}

fn came_in(message: &StoredMessage) -> Value {
    json!({
        "id": message.id,
        "direction": "in",
        "client_id": message.message.message_id,
        "text": message.text,
        "at": message.received_at,
    })
}

/// What the adapter rendered for the page, under its id; a press names it as `message_id`.
fn went_out(row: DeliveryRow) -> Value {
    let at = sent_time(&row);
    let mut message = row.payload.payload;
    if let Some(fields) = message.as_object_mut() {
        fields.insert("id".to_owned(), json!(row.id));
        fields.insert("direction".to_owned(), json!("out"));
        fields.insert("at".to_owned(), json!(at));
    }
    message
}
