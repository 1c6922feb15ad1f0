//! What gaps came to in a span of time, for a month's page.

use jiff::Timestamp;

use super::erase::ERASED;
use super::{StoreError, Tx, cells};
use crate::ids::GapId;

/// Questions of gaps that count.
const COUNTS: &str = "e.opened_at >= $1 AND e.opened_at < $2 AND e.question <> $3 \
    AND (e.outcome IS NULL OR e.outcome NOT IN ('spam', 'duplicate'))";

impl Tx {
    /// The gaps with most questions in a span, the largest first.
    pub async fn largest_gaps(
        &mut self,
        (from, to): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<(GapId, i64)>, StoreError> {
        let sql = format!(
            "SELECT m.gap_id, COUNT(*) AS n FROM gap_members m \
             JOIN escalations e ON e.id = m.escalation_id WHERE {COUNTS} \
             GROUP BY m.gap_id ORDER BY n DESC, m.gap_id LIMIT $4"
        );
        let rows = self.all_built(super::db::built(sql), cells![from, to, ERASED, limit]).await?;
        rows.iter().map(|row| Ok((row.int("gap_id")?.into(), row.int("n")?))).collect()
    }

    /// How many questions of a gap were asked in a span.
    pub async fn count_in_gap(
        &mut self,
        gap: GapId,
        span: (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        self.counted(Some(gap), span).await
    }

    /// How many questions of all gaps were asked in a span.
    pub async fn count_in_gaps(&mut self, span: (Timestamp, Timestamp)) -> Result<i64, StoreError> {
        self.counted(None, span).await
    }

    async fn counted(
        &mut self,
        gap: Option<GapId>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM gap_members m JOIN escalations e \
             ON e.id = m.escalation_id WHERE {COUNTS} AND ($4 = 0 OR m.gap_id = $4)"
        );
        let gap = gap.map_or(0, |gap| gap.0);
        let rows = self.all_built(super::db::built(sql), cells![from, to, ERASED, gap]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    /// What customers asked about a gap in a span, the newest first, with their names, which must
    /// not be shown.
    pub async fn words_in_gap(
        &mut self,
        gap: GapId,
        (from, to): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let sql = format!(
            "SELECT e.question, u.name FROM gap_members m JOIN escalations e \
             ON e.id = m.escalation_id LEFT JOIN customers u ON u.id = e.customer_id \
             WHERE {COUNTS} AND m.gap_id = $4 ORDER BY e.id DESC LIMIT $5"
        );
        let cells = cells![from, to, ERASED, gap, limit];
        let rows = self.all_built(super::db::built(sql), cells).await?;
        rows.iter().map(|row| Ok((row.text("question")?, row.opt_text("name")?))).collect()
    }
}
