//! Table `chat_sessions`, browsers that opened the web chat, and what such a browser is shown.

use jiff::Timestamp;

use super::inbox::StoredMessage;
use super::outbox::DeliveryRow;
use super::{StoreError, Tx, cells};
use crate::ids::{ConversationId, DeliveryId, MessageId};

impl Tx {
    /// Keeps a web chat session.
    pub async fn add_chat_session(
        &mut self,
        token_hash: &str,
        session: &str,
        lang: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO chat_sessions (token_hash, session, lang, created_at) \
             VALUES ($1, $2, $3, $4)",
            cells![token_hash, session, lang, now],
        )
        .await?;
        Ok(())
    }

    /// The session (and its language) behind a web chat token.
    pub async fn chat_session(
        &mut self,
        token_hash: &str,
    ) -> Result<Option<(String, Option<String>)>, StoreError> {
        let row = self
            .one(
                "SELECT session, lang FROM chat_sessions WHERE token_hash = $1",
                cells![token_hash],
            )
            .await?;
        row.map(|row| Ok((row.text("session")?, row.opt_text("lang")?))).transpose()
    }

    /// What the customer said after a message of theirs, oldest first.
    pub async fn said_after(
        &mut self,
        conversation: ConversationId,
        after: MessageId,
        limit: i64,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM inbox WHERE conversation_id = $1 AND id > $2 \
                 AND kind IN ('text', 'command') ORDER BY id LIMIT $3",
                cells![conversation, after, limit],
            )
            .await?;
        rows.iter().map(StoredMessage::read).collect()
    }

    /// What was sent after a given moment and row, in the order of sending.
    ///
    /// Not in the order of ids: a person's words overtake, and a dead row may be sent again.
    pub async fn sent_after(
        &mut self,
        conversation: ConversationId,
        (at, id): (i64, DeliveryId),
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE conversation_id = $1 AND state = 'sent' \
                 AND (settled_at > $2 OR (settled_at = $2 AND id > $3)) \
                 ORDER BY settled_at, id LIMIT $4",
                cells![conversation, at, id, limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }
}
