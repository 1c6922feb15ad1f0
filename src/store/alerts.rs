//! What staff were told, and by which medium: columns of `escalations` and `incidents`.

use jiff::Timestamp;

use super::escalations::EscalationRow;
use super::incidents::IncidentRow;
use super::{StoreError, Tx, cells};
use crate::ids::{EscalationId, IncidentId};

/// How staff are told; each medium keeps its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A signed webhook.
    Webhook,
    /// Mail.
    Mail,
}

impl Tx {
    /// Escalations nobody took since `before` and nobody was told about yet, oldest first.
    pub async fn overdue_escalations(
        &mut self,
        medium: Medium,
        before: Timestamp,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let sql = match medium {
            Medium::Webhook => {
                "SELECT * FROM escalations WHERE state = 'open' AND opened_at <= $1 \
                 AND alerted_at IS NULL ORDER BY id LIMIT 100"
            }
            Medium::Mail => {
                "SELECT * FROM escalations WHERE state = 'open' AND opened_at <= $1 \
                 AND mailed_at IS NULL ORDER BY id LIMIT 100"
            }
        };
        let rows = self.all(sql, cells![before]).await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// Remembers that staff were told of an escalation that waits.
    pub async fn mark_alerted(
        &mut self,
        medium: Medium,
        id: EscalationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = match medium {
            Medium::Webhook => "UPDATE escalations SET alerted_at = $2 WHERE id = $1",
            Medium::Mail => "UPDATE escalations SET mailed_at = $2 WHERE id = $1",
        };
        self.execute(sql, cells![id, now]).await?;
        Ok(())
    }

    /// Incidents that are not over and nobody was told about yet, the newest first.
    pub async fn untold_incidents(
        &mut self,
        medium: Medium,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = match medium {
            Medium::Webhook => {
                "SELECT * FROM incidents WHERE state IN ('noticed', 'open') \
                 AND alerted_at IS NULL ORDER BY id DESC LIMIT 100"
            }
            Medium::Mail => {
                "SELECT * FROM incidents WHERE state IN ('noticed', 'open') \
                 AND mailed_at IS NULL ORDER BY id DESC LIMIT 100"
            }
        };
        let rows = self.all(sql, Vec::new()).await?;
        rows.iter().map(IncidentRow::read).collect()
    }

    /// Remembers that staff were told of an incident.
    pub async fn mark_incident_told(
        &mut self,
        medium: Medium,
        id: IncidentId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = match medium {
            Medium::Webhook => "UPDATE incidents SET alerted_at = $2 WHERE id = $1",
            Medium::Mail => "UPDATE incidents SET mailed_at = $2 WHERE id = $1",
        };
        self.execute(sql, cells![id, now]).await?;
        Ok(())
    }
}
