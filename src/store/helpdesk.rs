//! Tables `helpdesk_events`, `helpdesk_tickets`: what the brand's own desk is to be told of
//! escalations, and what it calls them.

use jiff::Timestamp;
use superfan_bots::helpdesk::DeskEvent;

use super::db::built;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{DeskEventId, EscalationId};
use crate::vocabulary::DeliveryState;

/// Something the desk is to be told.
#[derive(Clone, Debug)]
pub struct DeskEventRow {
    /// Its id, the same on every repeat.
    pub id: DeskEventId,
    /// About which escalation.
    pub escalation_id: EscalationId,
    /// What happened.
    pub event: DeskEvent,
    /// `due`, `sent` or `dead`.
    pub state: DeliveryState,
    /// Why it waits or was given up, in words.
    pub reason: Option<String>,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when it has been tried; three days later it is given up.
    pub since: Timestamp,
}

impl DeskEventRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            escalation_id: row.int("escalation_id")?.into(),
            event: row.json("helpdesk_events", "body")?,
            state: row.word("helpdesk_events", "state")?,
            reason: row.opt_text("reason")?,
            due_at: row.time("due_at")?,
            attempts: row.int("attempts")?,
            since: row.time("since")?,
        })
    }
}

/// Of one escalation the desk is told in order, so only its oldest open event counts.
const FIRST_OF_ITS_ESCALATION: &str = "NOT EXISTS (SELECT 1 FROM helpdesk_events b \
     WHERE b.escalation_id = e.escalation_id AND b.id < e.id AND b.state = 'due')";

impl Tx {
    /// Adds an event; the same cause is told once.
    pub async fn add_desk_event(
        &mut self,
        id: DeskEventId,
        escalation: EscalationId,
        cause: &str,
        event: &DeskEvent,
    ) -> Result<(), StoreError> {
        let body = serde_json::to_string(event).map_err(|error| StoreError::Inconsistent {
            table: "helpdesk_events",
            detail: error.to_string(),
        })?;
        self.execute(
            "INSERT INTO helpdesk_events (id, escalation_id, cause, body, state, due_at, since, \
             created_at) VALUES ($1, $2, $3, $4, 'due', $5, $5, $5) \
             ON CONFLICT (escalation_id, cause) DO NOTHING",
            cells![id, escalation, cause, body, event.at],
        )
        .await?;
        Ok(())
    }

    /// Takes the event that is due longest; nobody else takes it before `until`.
    pub async fn take_desk_event(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<DeskEventRow>, StoreError> {
        let sql = format!(
            "UPDATE helpdesk_events SET attempts = attempts + 1, due_at = $2 WHERE id = (SELECT \
             e.id FROM helpdesk_events e WHERE e.state = 'due' AND e.due_at <= $1 AND \
             {FIRST_OF_ITS_ESCALATION} ORDER BY e.due_at, e.id LIMIT 1{}) AND state = 'due' \
             AND due_at <= $1 RETURNING *",
            self.skip_locked()
        );
        let rows = self.all_built(built(sql), cells![now, until]).await?;
        rows.first().map(DeskEventRow::read).transpose()
    }

    /// When the next event is due.
    pub async fn next_desk_event(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!(
            "SELECT MIN(e.due_at) AS at FROM helpdesk_events e WHERE e.state = 'due' AND \
             {FIRST_OF_ITS_ESCALATION}"
        );
        let rows = self.all_built(built(sql), vec![]).await?;
        rows.first().map_or(Ok(None), |row| row.opt_time("at"))
    }

    /// Ends an event as `sent` or `dead`.
    pub async fn settle_desk_event(
        &mut self,
        id: DeskEventId,
        state: DeliveryState,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE helpdesk_events SET state = $2, reason = $3 WHERE id = $1",
            cells![id, state, reason],
        )
        .await?;
        Ok(())
    }

    /// Lets an event wait, with the reason.
    pub async fn postpone_desk_event(
        &mut self,
        id: DeskEventId,
        due_at: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE helpdesk_events SET due_at = $2, reason = $3 WHERE id = $1 AND state = 'due'",
            cells![id, due_at, reason],
        )
        .await?;
        Ok(())
    }

    /// A person has an event that waits or was given up tried again; false if it is neither.
    pub async fn retry_desk_event(
        &mut self,
        id: DeskEventId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE helpdesk_events SET state = 'due', due_at = $2, since = $2, \
                 reason = 'sent again by a person' WHERE id = $1 AND state IN ('due', 'dead')",
                cells![id, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// What the desk was and is to be told of an escalation, oldest first.
    pub async fn desk_events_of(
        &mut self,
        escalation: EscalationId,
    ) -> Result<Vec<DeskEventRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM helpdesk_events WHERE escalation_id = $1 ORDER BY id",
                cells![escalation],
            )
            .await?;
        rows.iter().map(DeskEventRow::read).collect()
    }

    /// Events in a state, oldest first.
    pub async fn desk_events(
        &mut self,
        state: DeliveryState,
        limit: i64,
    ) -> Result<Vec<DeskEventRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM helpdesk_events WHERE state = $1 ORDER BY id LIMIT $2",
                cells![state, limit],
            )
            .await?;
        rows.iter().map(DeskEventRow::read).collect()
    }

    /// How many events are in a state.
    pub async fn count_desk_events(&mut self, state: DeliveryState) -> Result<i64, StoreError> {
        self.count("SELECT COUNT(*) AS n FROM helpdesk_events WHERE state = $1", cells![state])
            .await
    }

    /// What the desk calls an escalation.
    pub async fn desk_ticket(
        &mut self,
        escalation: EscalationId,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT ticket FROM helpdesk_tickets WHERE escalation_id = $1";
        let row = self.one(sql, cells![escalation]).await?;
        row.map(|row| row.text("ticket")).transpose()
    }

    /// Remembers what the desk calls an escalation.
    pub async fn set_desk_ticket(
        &mut self,
        escalation: EscalationId,
        ticket: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO helpdesk_tickets (escalation_id, ticket) VALUES ($1, $2) \
             ON CONFLICT (escalation_id) DO UPDATE SET ticket = excluded.ticket",
            cells![escalation, ticket],
        )
        .await?;
        Ok(())
    }

    /// The escalation behind one of the desk's tickets.
    pub async fn escalation_of_ticket(
        &mut self,
        ticket: &str,
    ) -> Result<Option<EscalationId>, StoreError> {
        let sql = "SELECT escalation_id FROM helpdesk_tickets WHERE ticket = $1";
        let row = self.one(sql, cells![ticket]).await?;
        row.map(|row| Ok(row.int("escalation_id")?.into())).transpose()
    }
}
