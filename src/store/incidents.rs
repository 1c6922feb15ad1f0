//! Tables `incidents`, `incident_told`: gaps that many asked about at once.

use jiff::Timestamp;

use super::escalations::EscalationRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{CustomerId, GapId, IncidentId};
use crate::vocabulary::IncidentState;

/// A gap that many asked about at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// Its id.
    pub id: IncidentId,
    /// What is asked.
    pub gap_id: GapId,
    /// Where it stands.
    pub state: IncidentState,
    /// How many asked within the hour when it was noticed.
    pub n: i64,
    /// What everybody who waits reads; empty says it in the bot's own words.
    pub text: String,
    /// When it was noticed.
    pub noticed_at: Timestamp,
    /// When staff were told.
    pub alerted_at: Option<Timestamp>,
    /// When its state changed last.
    pub changed_at: Timestamp,
}

impl IncidentRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            gap_id: row.int("gap_id")?.into(),
            state: row.word("incidents", "state")?,
            n: row.int("n")?,
            text: row.text("text")?,
            noticed_at: row.time("noticed_at")?,
            alerted_at: row.opt_time("alerted_at")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

impl Tx {
    /// Keeps an incident as it is now.
    pub async fn put_incident(&mut self, row: &IncidentRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO incidents (id, gap_id, state, n, text, noticed_at, alerted_at, \
             changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
             state = excluded.state, n = excluded.n, text = excluded.text, \
             alerted_at = excluded.alerted_at, changed_at = excluded.changed_at",
            cells![
                row.id,
                row.gap_id,
                row.state,
                row.n,
                &row.text,
                row.noticed_at,
                row.alerted_at,
                row.changed_at,
            ],
        )
        .await?;
        Ok(())
    }

    /// One incident.
    pub async fn incident(&mut self, id: IncidentId) -> Result<Option<IncidentRow>, StoreError> {
        let row = self.one("SELECT * FROM incidents WHERE id = $1", cells![id]).await?;
        row.as_ref().map(IncidentRow::read).transpose()
    }

    /// Those that are not over, the newest first.
    pub async fn incidents(&mut self) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = "SELECT * FROM incidents WHERE state IN ('noticed', 'open') \
                   ORDER BY id DESC LIMIT 100";
        let rows = self.all(sql, Vec::new()).await?;
        rows.iter().map(IncidentRow::read).collect()
    }

    /// All of them, the newest first, after one.
    pub async fn incidents_after(
        &mut self,
        after: Option<IncidentId>,
        limit: i64,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = "SELECT * FROM incidents WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let rows = self.all(sql, cells![after.map_or(i64::MAX, |id| id.0), limit]).await?;
        rows.iter().map(IncidentRow::read).collect()
    }

    /// Whether a gap has an incident that is not over, or had one since `since`.
    pub async fn had_incident(&mut self, gap: GapId, since: Timestamp) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM incidents WHERE gap_id = $1 \
                 AND (state IN ('noticed', 'open') OR changed_at > $2)",
                cells![gap, since],
            )
            .await?;
        Ok(n > 0)
    }

    /// How many different customers asked about a gap between two times.
    pub async fn askers_of_gap(
        &mut self,
        gap: GapId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        self.count(
            "SELECT COUNT(DISTINCT e.customer_id) AS n FROM escalations e \
             JOIN gap_members m ON m.escalation_id = e.id \
             WHERE m.gap_id = $1 AND e.opened_at > $2 AND e.opened_at <= $3",
            cells![gap, from, to],
        )
        .await
    }

    /// Those who wait with an incident, whom nobody has, and who were not told, oldest first.
    pub async fn untold_of_incident(
        &mut self,
        incident: &IncidentRow,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT e.* FROM escalations e JOIN gap_members m ON m.escalation_id = e.id \
                 WHERE m.gap_id = $1 AND e.state = 'open' AND NOT EXISTS (SELECT 1 \
                 FROM incident_told t WHERE t.incident_id = $2 AND t.customer_id = e.customer_id) \
                 ORDER BY e.id LIMIT $3",
                cells![incident.gap_id, incident.id, limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// Notes that a customer was told; false if they were before.
    pub async fn add_told(
        &mut self,
        id: IncidentId,
        customer: CustomerId,
    ) -> Result<bool, StoreError> {
        let added = self
            .execute(
                "INSERT INTO incident_told (incident_id, customer_id) VALUES ($1, $2) \
                 ON CONFLICT (incident_id, customer_id) DO NOTHING",
                cells![id, customer],
            )
            .await?;
        Ok(added == 1)
    }

    /// How many customers were told.
    pub async fn count_told(&mut self, id: IncidentId) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM incident_told WHERE incident_id = $1";
        self.count(sql, cells![id]).await
    }
}
