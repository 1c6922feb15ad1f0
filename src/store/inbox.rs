//! Table `inbox`: what arrived, once each.

use jiff::Timestamp;
use superfan_bots::{Author, AuthorKind, Content, InboundMessage, Place, ReplyAddress};

use super::db::built;
use super::{Cell, Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId, MessageId};
use crate::vocabulary::InboxState;

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id if it is new.
    pub id: MessageId,
    /// Channel account.
    pub channel: String,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Who wrote.
    pub customer_id: CustomerId,
    /// `text`, `press` …
    pub kind: &'static str,
    /// What a person would read.
    pub text: Option<String>,
    /// What makes the event one and the same however often it is delivered.
    pub event_key: String,
    /// The channel's id of the message.
    pub channel_message_id: Option<String>,
    /// The whole message as JSON.
    pub body: String,
    /// When the platform says it happened.
    pub sent_at: Timestamp,
    /// When it reached us.
    pub received_at: Timestamp,
}

/// A stored message.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    /// Its id; rising in the order of arrival.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Who wrote.
    pub customer_id: CustomerId,
    /// What a person would read.
    pub text: Option<String>,
    /// The whole message.
    pub message: InboundMessage,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: InboxState,
    /// Why handling it failed.
    pub error: Option<String>,
    /// The decision it led to.
    pub decision_id: Option<DecisionId>,
}

impl StoredMessage {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let state = row.word("inbox", "state")?;
        let message = match row.json("inbox", "body") {
            // People must be able to look at what could not be handled.
            Err(_) if state == InboxState::Dead => unreadable(row)?,
            message => message?,
        };
        Ok(Self {
            id: row.int("id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
            customer_id: row.int("customer_id")?.into(),
            text: row.opt_text("text")?,
            message,
            received_at: row.time("received_at")?,
            state,
            error: row.opt_text("error")?,
            decision_id: row.opt_int("decision_id")?.map(DecisionId),
        })
    }
}

/// Stands for a message whose body cannot be read.
fn unreadable(row: &Row) -> Result<InboundMessage, StoreError> {
    let author = Author { id: String::new(), name: None, lang: None, kind: AuthorKind::Person };
    Ok(InboundMessage {
        event_key: row.text("event_key")?,
        conversation: String::new(),
        address: ReplyAddress { value: String::new(), expires_at: None },
        place: Place::Private,
        author,
        message_id: row.opt_text("channel_message_id")?,
        reply_to: None,
        content: Content::Unreadable { what: "unreadable".to_owned() },
        sent_at: row.time("sent_at")?,
    })
}

impl Tx {
    /// Stores messages; one that is there already stays as it is. No two may have one event key.
    pub async fn store_messages(&mut self, messages: &[NewMessage]) -> Result<(), StoreError> {
        let mut values: Vec<Cell> = Vec::with_capacity(messages.len() * 12);
        for new in messages {
            values.extend(cells![
                new.id,
                &new.channel,
                &new.event_key,
                new.conversation_id,
                new.customer_id,
                new.kind,
                &new.text,
                &new.channel_message_id,
                &new.body,
                new.sent_at,
                new.received_at,
                InboxState::New,
            ]);
        }
        let sql = format!(
            "INSERT INTO inbox (id, channel, event_key, conversation_id, customer_id, kind, text, \
             channel_message_id, body, sent_at, received_at, state) VALUES {} \
             ON CONFLICT (channel, event_key) DO NOTHING",
            self.placeholders(messages.len(), 12)
        );
        self.execute_built(built(sql), values).await?;
        Ok(())
    }

    /// The id under which an event was stored.
    pub async fn stored_message_id(
        &mut self,
        channel: &str,
        event_key: &str,
    ) -> Result<Option<MessageId>, StoreError> {
        let row = self
            .one(
                "SELECT id FROM arrivals WHERE channel = $1 AND event_key = $2 UNION ALL \
                 SELECT id FROM inbox WHERE channel = $1 AND event_key = $2 LIMIT 1",
                cells![channel, event_key],
            )
            .await?;
        row.map(|row| Ok(row.int("id")?.into())).transpose()
    }

    /// Messages of a conversation that wait to be handled, in order, up to one that cannot be read.
    ///
    /// Errors: the first of them cannot be read.
    pub async fn new_messages(
        &mut self,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM inbox WHERE conversation_id = $1 AND state = 'new' \
                 ORDER BY id LIMIT $2",
                cells![conversation, limit],
            )
            .await?;
        // A row that cannot be read must not be blamed on those before it.
        let mut messages = Vec::with_capacity(rows.len());
        for row in &rows {
            match StoredMessage::read(row) {
                Ok(message) => messages.push(message),
                Err(error) if messages.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(messages)
    }

    /// The first message of a conversation that waits, whether or not its body can be read: its
    /// id, its author and its words.
    pub async fn first_new_message(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Option<(MessageId, CustomerId, Option<String>)>, StoreError> {
        let row = self
            .one(
                "SELECT id, customer_id, text FROM inbox WHERE conversation_id = $1 \
                 AND state = 'new' ORDER BY id LIMIT 1",
                cells![conversation],
            )
            .await?;
        row.map(|row| {
            Ok((row.int("id")?.into(), row.int("customer_id")?.into(), row.opt_text("text")?))
        })
        .transpose()
    }

    /// Marks a message handled, with the decision it led to.
    pub async fn mark_handled(
        &mut self,
        id: MessageId,
        decision: Option<DecisionId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE inbox SET state = 'handled', decision_id = $2, handled_at = $3 \
             WHERE id = $1 AND state = 'new'",
            cells![id, decision, now],
        )
        .await?;
        Ok(())
    }

    /// Marks a message dead: its handling failed again and again.
    pub async fn mark_message_dead(
        &mut self,
        id: MessageId,
        error: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE inbox SET state = 'dead', error = $2, handled_at = $3 \
             WHERE id = $1 AND state = 'new'",
            cells![id, error, now],
        )
        .await?;
        Ok(())
    }

    /// Messages of a conversation, oldest first.
    pub async fn messages(
        &mut self,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM (SELECT * FROM inbox WHERE conversation_id = $1 \
                 ORDER BY id DESC LIMIT $2) AS latest ORDER BY id",
                cells![conversation, limit],
            )
            .await?;
        rows.iter().map(StoredMessage::read).collect()
    }

    /// How many messages a customer sent since `since`.
    pub async fn messages_since(
        &mut self,
        customer: CustomerId,
        conversation: ConversationId,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        self.count(
            "SELECT COUNT(*) AS n FROM inbox WHERE conversation_id = $1 AND customer_id = $2 \
             AND received_at > $3 AND kind IN ('text', 'command', 'edited')",
            cells![conversation, customer, since],
        )
        .await
    }

    /// What others wrote in a conversation after a message, oldest first.
    pub async fn said_by_others_after(
        &mut self,
        message: &StoredMessage,
        limit: i64,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM inbox WHERE conversation_id = $1 AND id > $2 AND customer_id <> $3 \
                 AND kind = 'text' ORDER BY id LIMIT $4",
                cells![message.conversation_id, message.id, message.customer_id, limit],
            )
            .await?;
        rows.iter().map(StoredMessage::read).collect()
    }

    /// Messages whose handling failed for good, newest first.
    pub async fn dead_messages(&mut self, limit: i64) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM inbox WHERE state = 'dead' ORDER BY id DESC LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(StoredMessage::read).collect()
    }
}
