//! Table `arrivals`: what is durable and not yet in its conversation.

use std::collections::HashSet;

use jiff::Timestamp;

use super::db::built;
use super::{Cell, Row, Store, StoreError, Tx, cells};
use crate::ids::MessageId;

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id from now on.
    pub id: MessageId,
    /// Channel account.
    pub channel: String,
    /// What makes the event one and the same however often it is delivered.
    pub event_key: String,
    /// The channel's id of the conversation.
    pub conversation: String,
    /// The channel's id of who wrote.
    pub author: String,
    /// The whole message as JSON.
    pub body: String,
    /// When it reached us.
    pub received_at: Timestamp,
}

impl Arrival {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            channel: row.text("channel")?,
            event_key: row.text("event_key")?,
            conversation: row.text("conversation")?,
            author: row.text("author")?,
            body: row.text("body")?,
            received_at: row.time("received_at")?,
        })
    }
}

impl Store {
    /// Keeps what arrived; durable when this returns. True for each that was new, in the order of
    /// `arrivals`. No two may have one event key.
    pub async fn keep_arrivals(&self, arrivals: &[Arrival]) -> Result<Vec<bool>, StoreError> {
        let mut values: Vec<Cell> = Vec::with_capacity(arrivals.len() * 7);
        for arrival in arrivals {
            values.extend(cells![
                arrival.id,
                &arrival.channel,
                &arrival.event_key,
                &arrival.conversation,
                &arrival.author,
                &arrival.body,
                arrival.received_at,
            ]);
        }
        let sql = format!(
            "WITH came (id, channel, event_key, conversation, author, body, received_at) \
             AS (VALUES {}) \
             INSERT INTO arrivals (id, channel, event_key, conversation, author, body, received_at) \
             SELECT * FROM came WHERE NOT EXISTS (SELECT 1 FROM inbox \
               WHERE inbox.channel = came.channel AND inbox.event_key = came.event_key) \
             ON CONFLICT (channel, event_key) DO NOTHING",
            self.placeholders(arrivals.len(), 7)
        );
        let kept = self.execute_alone(built(sql), values).await?;
        if usize::try_from(kept).is_ok_and(|kept| kept == arrivals.len()) {
            return Ok(vec![true; arrivals.len()]);
        }
        let mut tx = self.read().await?;
        let sql = format!(
            "WITH came (id) AS (VALUES {}) SELECT id FROM came \
             WHERE EXISTS (SELECT 1 FROM arrivals WHERE arrivals.id = came.id) \
             OR EXISTS (SELECT 1 FROM inbox WHERE inbox.id = came.id)",
            tx.placeholders(arrivals.len(), 1)
        );
        let ids = arrivals.iter().map(|arrival| arrival.id.into()).collect();
        let rows = tx.all_built(built(sql), ids).await?;
        let kept: HashSet<i64> = rows.iter().map(|row| row.int("id")).collect::<Result<_, _>>()?;
        Ok(arrivals.iter().map(|arrival| kept.contains(&arrival.id.0)).collect())
    }
}

impl Tx {
    /// When the arrival that waits longest reached us.
    pub async fn oldest_arrival(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.one("SELECT received_at FROM arrivals ORDER BY id LIMIT 1", vec![]).await?;
        row.map(|row| row.time("received_at")).transpose()
    }

    /// The arrivals that wait longest, in order; kept for this transaction.
    pub async fn take_arrivals(&mut self, limit: i64) -> Result<Vec<Arrival>, StoreError> {
        let sql = format!("SELECT * FROM arrivals ORDER BY id LIMIT $1{}", self.for_update());
        let rows = self.all_built(built(sql), cells![limit]).await?;
        rows.iter().map(Arrival::read).collect()
    }

    /// Forgets arrivals that are in their conversations.
    pub async fn drop_arrivals(&mut self, arrivals: &[Arrival]) -> Result<(), StoreError> {
        let ids = arrivals.iter().map(|arrival| arrival.id.into()).collect();
        let sql =
            format!("DELETE FROM arrivals WHERE id IN {}", self.placeholders(1, arrivals.len()));
        self.execute_built(built(sql), ids).await?;
        Ok(())
    }
}
