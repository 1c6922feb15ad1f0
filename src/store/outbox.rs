//! Table `outbox`: what is to be sent, one row per part.

use jiff::Timestamp;
use superfan_bots::Part;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId, DeliveryId};
use crate::vocabulary::DeliveryState;

/// A part to enqueue.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id; also the idempotency key at the platform.
    pub id: DeliveryId,
    /// Where to.
    pub conversation_id: ConversationId,
    /// Channel account.
    pub channel: String,
    /// What it answers: the same cause never enqueues the same kind and part twice.
    pub cause: String,
    /// The reply's kind.
    pub kind: String,
    /// Which part, from 0.
    pub part: i64,
    /// 0 for a person's words, 1 for the bot's.
    pub priority: i64,
    /// Display name of the person who wrote it; `None` for the bot.
    pub author: Option<String>,
    /// The answer it carries.
    pub answer_id: Option<String>,
    /// The decision behind it.
    pub decision_id: Option<DecisionId>,
    /// What to send.
    pub payload: Part,
    /// Why it waits for somebody to release it; `None` if it need not.
    pub draft: Option<&'static str>,
    /// When it may leave.
    pub due_at: Timestamp,
    /// Now.
    pub created_at: Timestamp,
}

/// A part in the outbox.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// Where to.
    pub conversation_id: ConversationId,
    /// Channel account.
    pub channel: String,
    /// What it answers.
    pub cause: String,
    /// The reply's kind.
    pub kind: String,
    /// Which part.
    pub part: i64,
    /// 0 for a person's words, 1 for the bot's.
    pub priority: i64,
    /// Who wrote it, if a person.
    pub author: Option<String>,
    /// The answer it carries.
    pub answer_id: Option<String>,
    /// The decision behind it.
    pub decision_id: Option<DecisionId>,
    /// What to send.
    pub payload: Part,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it is held, uncertain or dead, in words.
    pub reason: Option<String>,
    /// When it may leave.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it reached its last state.
    pub settled_at: Option<Timestamp>,
    /// The platform's id of it.
    pub channel_message_id: Option<String>,
    /// Since when an earlier attempt may have arrived.
    pub in_doubt_since: Option<Timestamp>,
    /// It waits for somebody to release it.
    pub is_draft: bool,
    /// Who released it.
    pub released_by: Option<String>,
}

impl DeliveryRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
            channel: row.text("channel")?,
            cause: row.text("cause")?,
            kind: row.text("kind")?,
            part: row.int("part")?,
            priority: row.int("priority")?,
            author: row.opt_text("author")?,
            answer_id: row.opt_text("answer_id")?,
            decision_id: row.opt_int("decision_id")?.map(DecisionId),
            payload: row.json("outbox", "payload")?,
            state: row.word("outbox", "state")?,
            reason: row.opt_text("reason")?,
            due_at: row.time("due_at")?,
            attempts: row.int("attempts")?,
            created_at: row.time("created_at")?,
            settled_at: row.opt_time("settled_at")?,
            channel_message_id: row.opt_text("channel_message_id")?,
            in_doubt_since: row.opt_time("in_doubt_since")?,
            is_draft: row.flag("draft")?,
            released_by: row.opt_text("released_by")?,
        })
    }
}

impl Tx {
    /// Enqueues a part; false if the same one was enqueued before.
    pub async fn enqueue(&mut self, new: &NewDelivery) -> Result<bool, StoreError> {
        let payload = serde_json::to_string(&new.payload).map_err(|error| {
            StoreError::Inconsistent { table: "outbox", detail: error.to_string() }
        })?;
        let added = self
            .execute(
                "INSERT INTO outbox (id, conversation_id, channel, cause, kind, part, priority, \
                 author, answer_id, decision_id, payload, text, weight, state, due_at, created_at, \
                 draft, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
                 $14, $15, $16, $17, $18) \
                 ON CONFLICT (conversation_id, cause, kind, part) DO NOTHING",
                cells![
                    new.id,
                    new.conversation_id,
                    &new.channel,
                    &new.cause,
                    &new.kind,
                    new.part,
                    new.priority,
                    &new.author,
                    &new.answer_id,
                    new.decision_id,
                    payload,
                    &new.payload.text,
                    new.payload.weight,
                    DeliveryState::Due,
                    new.due_at,
                    new.created_at,
                    new.draft.is_some(),
                    new.draft,
                ],
            )
            .await?;
        Ok(added == 1)
    }

    /// The id of a part that was enqueued before.
    pub async fn enqueued(&mut self, new: &NewDelivery) -> Result<Option<DeliveryId>, StoreError> {
        let row = self
            .one(
                "SELECT id FROM outbox WHERE conversation_id = $1 AND cause = $2 AND kind = $3 \
                 AND part = $4",
                cells![new.conversation_id, &new.cause, &new.kind, new.part],
            )
            .await?;
        row.map(|row| Ok(row.int("id")?.into())).transpose()
    }

    /// Rows of a channel that may leave now, people's words first; per conversation only the
    /// first, and none while another of its rows is being sent.
    pub async fn due_deliveries(
        &mut self,
        channel: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox o WHERE channel = $1 AND state = 'due' AND due_at <= $2 \
                 AND draft = 0 AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.conversation_id = \
                 o.conversation_id AND (b.state = 'sending' OR (b.state = 'due' AND b.draft = 0 \
                 AND (b.priority < o.priority OR (b.priority = o.priority AND b.id < o.id))))) \
                 ORDER BY priority, due_at, id LIMIT $3",
                cells![channel, now, limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Takes a row to send it; false if somebody else did, or it is no longer due.
    pub async fn take_delivery(
        &mut self,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE outbox SET state = 'sending', sending_since = $2, reason = NULL, \
                 attempts = attempts + 1 WHERE id = $1 AND state = 'due'",
                cells![id, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Marks a row that was being sent as sent.
    pub async fn mark_sent(
        &mut self,
        id: DeliveryId,
        channel_message_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET state = 'sent', settled_at = $2, reason = NULL, \
             channel_message_id = $3 WHERE id = $1",
            cells![id, now, channel_message_id],
        )
        .await?;
        Ok(())
    }

    /// Puts a row (back) to `due` at a time, with the reason why it waits.
    pub async fn postpone(
        &mut self,
        id: DeliveryId,
        due_at: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET state = 'due', due_at = $2, reason = $3 \
             WHERE id = $1 AND state IN ('due', 'sending')",
            cells![id, due_at, reason],
        )
        .await?;
        Ok(())
    }

    /// Ends a row as `uncertain` or `dead`, with the reason.
    pub async fn settle(
        &mut self,
        id: DeliveryId,
        state: DeliveryState,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET state = $2, reason = $3, settled_at = $4, draft = 0 \
             WHERE id = $1 AND state IN ('due', 'sending', 'uncertain')",
            cells![id, state, reason, now],
        )
        .await?;
        Ok(())
    }

    /// Ends every waiting row of a conversation.
    pub async fn settle_waiting(
        &mut self,
        conversation: ConversationId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(
            "UPDATE outbox SET state = 'dead', reason = $2, settled_at = $3, draft = 0 \
             WHERE conversation_id = $1 AND state = 'due'",
            cells![conversation, reason, now],
        )
        .await
    }

    /// Ends what the bot still wanted to say to one customer in a conversation.
    ///
    /// What it says to others in a group stays, and so does the answer to a command, which belongs
    /// to no decision.
    pub async fn settle_bots_words(
        &mut self,
        (conversation, customer): (ConversationId, CustomerId),
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(
            "UPDATE outbox SET state = 'dead', reason = $3, settled_at = $4, draft = 0 \
             WHERE conversation_id = $1 AND state = 'due' AND priority > 0 AND \
             (kind = 'greeting' OR decision_id IN (SELECT id FROM decisions \
             WHERE conversation_id = $1 AND customer_id = $2))",
            cells![conversation, customer, reason, now],
        )
        .await
    }

    /// A person sends a dead or uncertain row again; false if it was neither.
    pub async fn retry_delivery(
        &mut self,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE outbox SET state = 'due', due_at = $2, attempts = 0, settled_at = NULL, \
                 reason = 'sent again by a person', priority = 0 \
                 WHERE id = $1 AND state IN ('dead', 'uncertain')",
                cells![id, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Rows left in `sending` by a process that is gone.
    pub async fn interrupted_deliveries(
        &mut self,
        channel: &str,
        before: Timestamp,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE channel = $1 AND state = 'sending' \
                 AND sending_since <= $2 ORDER BY id",
                cells![channel, before],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// The earliest time at which a channel has something due that waits for nothing else: a row
    /// behind another of its conversation does not count, however long it has been due.
    pub async fn next_due(&mut self, channel: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .one(
                "SELECT MIN(due_at) AS at FROM outbox o WHERE channel = $1 AND state = 'due' \
                 AND draft = 0 AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.conversation_id = \
                 o.conversation_id AND (b.state = 'sending' OR (b.state = 'due' AND b.draft = 0 \
                 AND (b.priority < o.priority OR (b.priority = o.priority AND b.id < o.id)))))",
                cells![channel],
            )
            .await?;
        row.map_or(Ok(None), |row| row.opt_time("at"))
    }

    /// One row.
    pub async fn delivery(&mut self, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
        let row = self.one("SELECT * FROM outbox WHERE id = $1", cells![id]).await?;
        row.as_ref().map(DeliveryRow::read).transpose()
    }

    /// Rows in a state (or any), newest first, older than `before`.
    pub async fn deliveries(
        &mut self,
        state: Option<DeliveryState>,
        before: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE ($1 = '' OR state = $1) AND id < $2 \
                 ORDER BY id DESC LIMIT $3",
                cells![
                    state.map_or("", DeliveryState::as_str),
                    before.map_or(i64::MAX, |id| id.0),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// The rows of a conversation after a given one, oldest first.
    pub async fn deliveries_of(
        &mut self,
        conversation: ConversationId,
        after: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM (SELECT * FROM outbox WHERE conversation_id = $1 AND id > $2 \
                 ORDER BY id DESC LIMIT $3) AS latest ORDER BY id",
                cells![conversation, after.map_or(0, |id| id.0), limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Rows per channel and state, and the age of the oldest one due, for the metrics.
    pub async fn outbox_counts(
        &mut self,
    ) -> Result<Vec<(String, DeliveryState, i64, Timestamp)>, StoreError> {
        let rows = self
            .all(
                "SELECT channel, state, COUNT(*) AS n, MIN(due_at) AS oldest FROM outbox \
                 GROUP BY channel, state",
                vec![],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let state = row.word("outbox", "state")?;
                Ok((row.text("channel")?, state, row.int("n")?, row.time("oldest")?))
            })
            .collect()
    }
}
