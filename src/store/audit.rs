//! Table `audit`: who did what to what.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};

/// One act of a person.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Who.
    pub actor: String,
    /// What: `claim`, `reply`, `pause` …
    pub act: String,
    /// To what: an id or a name.
    pub object: String,
    /// More, never customers' text.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Keeps an act.
    pub async fn add_audit(&mut self, id: i64, act: &AuditRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO audit (id, actor, act, object, detail, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            cells![id, &act.actor, &act.act, &act.object, &act.detail, act.at],
        )
        .await?;
        Ok(())
    }

    /// The latest acts, newest first.
    pub async fn audit(&mut self, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        let rows = self.all("SELECT * FROM audit ORDER BY id DESC LIMIT $1", cells![limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(AuditRow {
                    actor: row.text("actor")?,
                    act: row.text("act")?,
                    object: row.text("object")?,
                    detail: row.text("detail")?,
                    at: row.time("at")?,
                })
            })
            .collect()
    }
}
