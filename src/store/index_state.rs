//! Tables `index_state` and `index_work`: how far each node's index is, and work asked of it.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};

/// How far a node's index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexStateRow {
    /// The node.
    pub node: String,
    /// The generation it serves.
    pub generation: i64,
    /// The answers' change sequence it has applied.
    pub seq: i64,
    /// When it said so.
    pub at: Timestamp,
}

/// Work on the index asked by another process, carried out by the one that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexWorkRow {
    /// Its id.
    pub id: i64,
    /// `rebuild`, `check` or `rollback`.
    pub kind: String,
    /// `asked`, `running`, `done`, `failed`.
    pub state: String,
    /// The last progress line or the failure.
    pub progress: String,
    /// What the exam found, as JSON; empty where there was none.
    pub report: String,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
}

impl IndexWorkRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?,
            kind: row.text("kind")?,
            state: row.text("state")?,
            progress: row.text("progress")?,
            report: row.text("report")?,
            asked_by: row.text("asked_by")?,
            asked_at: row.time("asked_at")?,
        })
    }
}

impl Tx {
    /// Says how far this node's index is.
    pub async fn set_index_state(&mut self, state: &IndexStateRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO index_state (node, generation, seq, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (node) DO UPDATE SET generation = excluded.generation, \
             seq = excluded.seq, at = excluded.at",
            cells![&state.node, state.generation, state.seq, state.at],
        )
        .await?;
        Ok(())
    }

    /// How far each node's index is.
    pub async fn index_states(&mut self) -> Result<Vec<IndexStateRow>, StoreError> {
        let rows = self.all("SELECT * FROM index_state ORDER BY node", vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(IndexStateRow {
                    node: row.text("node")?,
                    generation: row.int("generation")?,
                    seq: row.int("seq")?,
                    at: row.time("at")?,
                })
            })
            .collect()
    }

    /// Forgets how far indexes were: for the new owner of the only one.
    pub async fn clear_index_states(&mut self) -> Result<(), StoreError> {
        self.execute("DELETE FROM index_state", vec![]).await?;
        Ok(())
    }

    /// Asks for work on the index.
    pub async fn ask_index_work(
        &mut self,
        id: i64,
        kind: &str,
        asked_by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO index_work (id, kind, state, progress, asked_by, asked_at) \
             VALUES ($1, $2, 'asked', '', $3, $4)",
            cells![id, kind, asked_by, now],
        )
        .await?;
        Ok(())
    }

    /// Whether work waits for somebody to take it.
    pub async fn has_index_work(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM index_work WHERE state = 'asked'";
        Ok(self.count(sql, vec![]).await? > 0)
    }

    /// Takes the oldest work that nobody does.
    pub async fn take_index_work(&mut self) -> Result<Option<IndexWorkRow>, StoreError> {
        let sql = format!(
            "UPDATE index_work SET state = 'running' WHERE id = (SELECT id FROM index_work \
             WHERE state = 'asked' ORDER BY id LIMIT 1{}) AND state = 'asked' RETURNING *",
            self.skip_locked()
        );
        let rows = self.all_built(super::db::built(sql), vec![]).await?;
        rows.first().map(IndexWorkRow::read).transpose()
    }

    /// Puts work that a dead process left running back.
    pub async fn free_index_work(&mut self) -> Result<(), StoreError> {
        self.execute("UPDATE index_work SET state = 'asked' WHERE state = 'running'", vec![])
            .await?;
        Ok(())
    }

    /// Says how work is going, or (`done`, `failed`) how it ended.
    pub async fn set_index_work(
        &mut self,
        id: i64,
        state: &str,
        progress: &str,
        ended_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE index_work SET state = $2, progress = $3, ended_at = $4 WHERE id = $1",
            cells![id, state, progress, ended_at],
        )
        .await?;
        Ok(())
    }

    /// Keeps what the exam found.
    pub async fn set_index_report(&mut self, id: i64, report: &str) -> Result<(), StoreError> {
        self.execute("UPDATE index_work SET report = $2 WHERE id = $1", cells![id, report]).await?;
        Ok(())
    }

    /// One piece of work.
    pub async fn index_work(&mut self, id: i64) -> Result<Option<IndexWorkRow>, StoreError> {
        let row = self.one("SELECT * FROM index_work WHERE id = $1", cells![id]).await?;
        row.as_ref().map(IndexWorkRow::read).transpose()
    }
}
