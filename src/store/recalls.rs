//! Tables `recalls` and `amendments`, and who got an answer.

use jiff::Timestamp;
use superfan_bots::Amendment;

use super::outbox::DeliveryRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, DeliveryId, RecallId};
use crate::vocabulary::{DeliveryState, RecallKind, RecallState};

/// What the outbox calls rows of recalls.
pub const RECALL: &str = "recall";

/// An answer that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallRow {
    /// Its id.
    pub id: RecallId,
    /// The answer.
    pub answer_id: String,
    /// Why, in one word.
    pub kind: RecallKind,
    /// Why, in words.
    pub reason: String,
    /// Where it stands.
    pub state: RecallState,
    /// Who started it.
    pub actor: Option<String>,
    /// When it was offered.
    pub offered_at: Timestamp,
    /// When somebody started it.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// The last conversation that was gone through.
    pub cursor: ConversationId,
    /// Conversations in which nothing can or may be said.
    pub n_left_alone: i64,
}

/// How many conversations of a channel got an answer, in how many messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Channel account.
    pub channel: String,
    /// Conversations.
    pub n_conversations: i64,
    /// Messages.
    pub n_messages: i64,
}

impl RecallRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            answer_id: row.text("answer_id")?,
            kind: row.word("recalls", "kind")?,
            reason: row.text("reason")?,
            state: row.word("recalls", "state")?,
            actor: row.opt_text("actor")?,
            offered_at: row.time("offered_at")?,
            started_at: row.opt_time("started_at")?,
            ended_at: row.opt_time("ended_at")?,
            cursor: row.int("cursor")?.into(),
            n_left_alone: row.int("n_left_alone")?,
        })
    }
}

impl Tx {
    /// Keeps a recall; a known one is replaced.
    pub async fn put_recall(&mut self, recall: &RecallRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO recalls (id, answer_id, kind, reason, state, actor, offered_at, \
             started_at, ended_at, cursor, n_left_alone) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET \
             kind = excluded.kind, reason = excluded.reason, state = excluded.state, \
             actor = excluded.actor, started_at = excluded.started_at, \
             ended_at = excluded.ended_at, cursor = excluded.cursor, \
             n_left_alone = excluded.n_left_alone",
            cells![
                recall.id,
                &recall.answer_id,
                recall.kind,
                &recall.reason,
                recall.state,
                &recall.actor,
                recall.offered_at,
                recall.started_at,
                recall.ended_at,
                recall.cursor,
                recall.n_left_alone,
            ],
        )
        .await?;
        Ok(())
    }

    /// One recall.
    pub async fn recall(&mut self, id: RecallId) -> Result<Option<RecallRow>, StoreError> {
        let row = self.one("SELECT * FROM recalls WHERE id = $1", cells![id]).await?;
        row.as_ref().map(RecallRow::read).transpose()
    }

    /// The recall of an answer in a state, if there is one.
    pub async fn recall_of(
        &mut self,
        answer: &str,
        state: RecallState,
    ) -> Result<Option<RecallRow>, StoreError> {
        let sql = "SELECT * FROM recalls WHERE answer_id = $1 AND state = $2 ORDER BY id DESC \
                   LIMIT 1";
        let row = self.one(sql, cells![answer, state]).await?;
        row.as_ref().map(RecallRow::read).transpose()
    }

    /// Recalls in a state (or any), newest first.
    pub async fn recalls(
        &mut self,
        state: Option<RecallState>,
        limit: i64,
    ) -> Result<Vec<RecallRow>, StoreError> {
        self.recalls_after(state, None, limit).await
    }

    /// Those of them that come after one.
    pub async fn recalls_after(
        &mut self,
        state: Option<RecallState>,
        after: Option<RecallId>,
        limit: i64,
    ) -> Result<Vec<RecallRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM recalls WHERE ($1 = '' OR state = $1) AND id < $2 \
                 ORDER BY id DESC LIMIT $3",
                cells![
                    state.map_or("", RecallState::as_str),
                    after.map_or(i64::MAX, |id| id.0),
                    limit
                ],
            )
            .await?;
        rows.iter().map(RecallRow::read).collect()
    }

    /// How many recalls are in a state.
    pub async fn count_recalls(&mut self, state: RecallState) -> Result<i64, StoreError> {
        self.count("SELECT COUNT(*) AS n FROM recalls WHERE state = $1", cells![state]).await
    }

    /// Who got an answer, by channel.
    pub async fn reach_of(&mut self, answer: &str) -> Result<Vec<Reach>, StoreError> {
        let rows = self
            .all(
                "SELECT channel, COUNT(DISTINCT conversation_id) AS n_conversations, \
                 COUNT(*) AS n_messages FROM outbox WHERE answer_id = $1 \
                 AND state IN ('sent', 'sending', 'uncertain') AND kind <> 'recall' \
                 GROUP BY channel ORDER BY n_conversations DESC, channel",
                cells![answer],
            )
            .await?;
        let read = |row: &Row| {
            Ok(Reach {
                channel: row.text("channel")?,
                n_conversations: row.int("n_conversations")?,
                n_messages: row.int("n_messages")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Conversations after one in which an answer was given before a time, by id.
    pub async fn conversations_with(
        &mut self,
        answer: &str,
        (after, before): (ConversationId, Timestamp),
        limit: i64,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let rows = self
            .all(
                "SELECT DISTINCT conversation_id FROM outbox WHERE answer_id = $1 \
                 AND conversation_id > $2 AND created_at <= $3 AND kind <> 'recall' \
                 AND state IN ('sent', 'uncertain') ORDER BY conversation_id LIMIT $4",
                cells![answer, after, before, limit],
            )
            .await?;
        rows.iter().map(|row| Ok(row.int("conversation_id")?.into())).collect()
    }

    /// The messages that carried an answer into a conversation before a time, in order.
    pub async fn messages_with(
        &mut self,
        answer: &str,
        conversation: ConversationId,
        before: Timestamp,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE answer_id = $1 AND conversation_id = $2 \
                 AND created_at <= $3 AND kind <> 'recall' AND state IN ('sent', 'uncertain') \
                 ORDER BY id",
                cells![answer, conversation, before],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Whether an answer is on its way to somebody, whom a recall has to wait for.
    pub async fn is_on_its_way(&mut self, answer: &str) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE answer_id = $1 \
                   AND state IN ('due', 'sending') AND kind <> 'recall'";
        Ok(self.count(sql, cells![answer]).await? > 0)
    }

    /// Rows of a recall by channel and state.
    pub async fn recall_progress(
        &mut self,
        id: RecallId,
    ) -> Result<Vec<(String, DeliveryState, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT channel, state, COUNT(*) AS n FROM outbox WHERE kind = 'recall' \
                 AND cause = $1 GROUP BY channel, state ORDER BY channel, state",
                cells![id.to_string()],
            )
            .await?;
        let read =
            |row: &Row| Ok((row.text("channel")?, row.word("outbox", "state")?, row.int("n")?));
        rows.iter().map(read).collect()
    }

    /// Rows of a recall that did not arrive, with the reason.
    pub async fn recall_failures(
        &mut self,
        id: RecallId,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE kind = 'recall' AND cause = $1 \
                 AND state IN ('dead', 'uncertain') ORDER BY id LIMIT $2",
                cells![id.to_string(), limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Makes a row of the outbox a change of an earlier message.
    pub async fn set_amendment(
        &mut self,
        delivery: DeliveryId,
        amendment: &Amendment,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO amendments (delivery_id, body) VALUES ($1, $2)",
            cells![delivery, serde_json::json!(amendment).to_string()],
        )
        .await?;
        Ok(())
    }

    /// The change of an earlier message that a row of the outbox is, if it is one.
    pub async fn amendment(
        &mut self,
        delivery: DeliveryId,
    ) -> Result<Option<Amendment>, StoreError> {
        let sql = "SELECT body FROM amendments WHERE delivery_id = $1";
        let row = self.one(sql, cells![delivery]).await?;
        row.map(|row| row.json("amendments", "body")).transpose()
    }

    /// Whether an answer is in service.
    pub async fn is_in_service(&mut self, answer: &str) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM answers WHERE id = $1 AND state = 'live'";
        Ok(self.count(sql, cells![answer]).await? > 0)
    }

    /// Rows with answers of the bot that wait to be sent although the answer left service.
    pub async fn unsent_of_retired(&mut self, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT o.* FROM outbox o JOIN answers a ON a.id = o.answer_id \
                 AND a.state <> 'live' WHERE o.state = 'due' AND o.kind = 'answer' \
                 ORDER BY o.id LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }
}
