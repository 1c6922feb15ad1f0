//! What platforms' rules ask of the tables: who summoned us, what was said already, what was spent.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::outbox::DeliveryRow;
use super::{StoreError, Tx, cells};
use crate::ids::{ConversationId, DeliveryId, MessageId};

impl Tx {
    /// Whether something was said for this cause that takes the place of a waiting sign: greetings
    /// and people's words stand beside it, drafts may never leave.
    pub async fn ends_waiting(
        &mut self,
        conversation: ConversationId,
        cause: &str,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE conversation_id = $1 AND cause = $2 \
                   AND kind NOT IN ('greeting', 'human') AND draft = 0 AND state <> 'dead'";
        Ok(self.count(sql, cells![conversation, cause]).await? > 0)
    }

    /// The platform's id of the newest message in a conversation that addressed us; with
    /// `message`, of that one only.
    pub async fn summons(
        &mut self,
        conversation: ConversationId,
        message: Option<MessageId>,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT channel_message_id FROM inbox WHERE conversation_id = $1 \
                 AND ($2 = 0 OR id = $2) AND channel_message_id IS NOT NULL \
                 AND body LIKE '%\"addressed\":true%' ORDER BY id DESC LIMIT 1",
                cells![conversation, message.map_or(0, |message| message.0)],
            )
            .await?;
        row.map_or(Ok(None), |row| row.opt_text("channel_message_id"))
    }

    /// How many other automatic replies to the same message were handed to the platform.
    pub async fn other_replies(&mut self, row: &DeliveryRow) -> Result<i64, StoreError> {
        self.count(
            "SELECT COUNT(*) AS n FROM outbox WHERE conversation_id = $1 AND cause = $2 \
             AND kind <> $3 AND priority > 0 AND state IN ('sending', 'sent', 'uncertain')",
            cells![row.conversation_id, &row.cause, &row.kind],
        )
        .await
    }

    /// The platform's id of the part before this one, where a reply has several.
    pub async fn part_before(&mut self, row: &DeliveryRow) -> Result<Option<String>, StoreError> {
        let before = self
            .one(
                "SELECT channel_message_id FROM outbox WHERE conversation_id = $1 AND cause = $2 \
                 AND kind = $3 AND part = $4",
                cells![row.conversation_id, &row.cause, &row.kind, row.part - 1],
            )
            .await?;
        before.map_or(Ok(None), |row| row.opt_text("channel_message_id"))
    }

    /// Remembers that the attempt under way may have arrived.
    pub async fn mark_in_doubt(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET in_doubt_since = COALESCE(in_doubt_since, sending_since) \
             WHERE id = $1",
            cells![id],
        )
        .await?;
        Ok(())
    }

    /// Adds to what a channel cost on the day of `at`, in US dollars; less than nothing gives back.
    pub async fn add_spend(
        &mut self,
        channel: &str,
        at: Timestamp,
        dollars: f64,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO spend (channel, day, micros) VALUES ($1, $2, $3) \
             ON CONFLICT (channel, day) DO UPDATE SET micros = spend.micros + excluded.micros",
            cells![channel, day(at), micros(dollars)],
        )
        .await?;
        Ok(())
    }

    /// What a channel cost on the day of `at`, in US dollars.
    pub async fn spent(&mut self, channel: &str, at: Timestamp) -> Result<f64, StoreError> {
        let row = self
            .one(
                "SELECT micros FROM spend WHERE channel = $1 AND day = $2",
                cells![channel, day(at)],
            )
            .await?;
        let micros = row.map_or(Ok(0), |row| row.int("micros"))?;
        Ok(dollars(micros.max(0)))
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

#[expect(clippy::cast_possible_truncation, reason = "prices are a few dollars")]
fn micros(dollars: f64) -> i64 {
    (dollars * 1e6).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "a day costs less than nine billion dollars")]
fn dollars(micros: i64) -> f64 {
    micros as f64 / 1e6
}
