//! Drafts in the outbox, and table `draft_verdicts`: what the bot would say where people release
//! it first, and what they said of it.

use jiff::Timestamp;

use super::outbox::DeliveryRow;
use super::{StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DeliveryId};

/// How many drafted answers of a channel were judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// All of them.
    pub n: i64,
    /// Those that were released as they were.
    pub n_right: i64,
}

impl Tx {
    /// Makes a row that is due a draft: it waits for somebody to release it and holds up nothing.
    pub async fn make_draft(&mut self, id: DeliveryId, reason: &str) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET draft = 1, reason = $2 WHERE id = $1 AND state = 'due'",
            cells![id, reason],
        )
        .await?;
        Ok(())
    }

    /// The first parts of drafts, oldest first.
    pub async fn drafts(&mut self, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE draft = 1 AND state = 'due' AND part = 0 \
                 ORDER BY id LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// How many replies wait for release, by channel. First words before an answer that waits too
    /// leave with it, and count with it.
    pub async fn draft_counts(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT channel, COUNT(*) AS n FROM outbox AS one WHERE draft = 1 \
                 AND state = 'due' AND part = 0 AND (kind <> 'greeting' OR NOT EXISTS \
                 (SELECT 1 FROM outbox AS other WHERE other.draft = 1 AND other.state = 'due' \
                 AND other.conversation_id = one.conversation_id AND other.kind <> 'greeting')) \
                 GROUP BY channel ORDER BY channel",
                vec![],
            )
            .await?;
        rows.iter().map(|row| Ok((row.text("channel")?, row.int("n")?))).collect()
    }

    /// Every draft that belongs to the same reply as a given one, in order: its parts, wherever
    /// they go.
    pub async fn drafts_with(&mut self, row: &DeliveryRow) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE draft = 1 AND state = 'due' AND channel = $1 \
                 AND cause = $2 AND kind = $3 AND (conversation_id = $4 OR decision_id = $5) \
                 ORDER BY id",
                cells![
                    &row.channel,
                    &row.cause,
                    &row.kind,
                    row.conversation_id,
                    row.decision_id.map_or(0, |id| id.0)
                ],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// The first words to a customer that were drafted before an answer to them.
    pub async fn drafted_greetings(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE conversation_id = $1 AND draft = 1 \
                 AND state = 'due' AND kind = 'greeting' ORDER BY id",
                cells![conversation],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Lets a draft leave; false if it is none any more.
    pub async fn release_draft(
        &mut self,
        id: DeliveryId,
        (person, now): (&str, Timestamp),
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE outbox SET draft = 0, released_by = $2, reason = NULL, due_at = $3 \
                 WHERE id = $1 AND draft = 1 AND state = 'due'",
                cells![id, person, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Whether a customer said something in a conversation after a moment.
    pub async fn wrote_since(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM inbox WHERE conversation_id = $1 AND customer_id = $2 \
                 AND received_at > $3 AND text IS NOT NULL",
                cells![conversation, customer, since],
            )
            .await?;
        Ok(n > 0)
    }

    /// Keeps what a person said of a drafted answer; the first word counts.
    pub async fn judge_draft(
        &mut self,
        row: &DeliveryRow,
        is_right: bool,
        (person, now): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO draft_verdicts (delivery_id, channel, is_right, person, at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (delivery_id) DO NOTHING",
            cells![row.id, &row.channel, is_right, person, now],
        )
        .await?;
        Ok(())
    }

    /// What people said of a channel's drafted answers.
    pub async fn judged_drafts(&mut self, channel: &str) -> Result<Judged, StoreError> {
        let row = self
            .one(
                "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(is_right), 0) AS BIGINT) AS n_right \
                 FROM draft_verdicts WHERE channel = $1",
                cells![channel],
            )
            .await?;
        let Some(row) = row else { return Ok(Judged::default()) };
        Ok(Judged { n: row.int("n")?, n_right: row.int("n_right")? })
    }

    /// Whether the settings say that a channel starts in shadow; what an admin decided since counts
    /// more.
    pub async fn set_starts_in_shadow(
        &mut self,
        name: &str,
        starts: bool,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, starts_in_shadow) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET starts_in_shadow = excluded.starts_in_shadow",
            cells![name, starts],
        )
        .await?;
        Ok(())
    }

    /// An admin's word on whether people release what the bot would say.
    pub async fn set_shadow(&mut self, name: &str, shadow: bool) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, shadow) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET shadow = excluded.shadow",
            cells![name, shadow],
        )
        .await?;
        Ok(())
    }
}
