//! Table `answer_links`: answers to questions that their source calls the same.

use super::{StoreError, Tx, cells};

impl Tx {
    /// Notes which answers of a source answer the same question as one of it, in place of what was
    /// noted before.
    pub async fn set_answer_links(
        &mut self,
        source: &str,
        source_id: &str,
        same_as: &[String],
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM answer_links WHERE source = $1 AND source_id = $2";
        self.execute(sql, cells![source, source_id]).await?;
        for other in same_as {
            self.execute(
                "INSERT INTO answer_links (source, source_id, same_as) VALUES ($1, $2, $3) \
                 ON CONFLICT (source, source_id, same_as) DO NOTHING",
                cells![source, source_id, other],
            )
            .await?;
        }
        Ok(())
    }

    /// The answers, by their ids in the source, that answer the same question as one of it.
    pub async fn answer_links(
        &mut self,
        source: &str,
        source_id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let rows = self
            .all(
                "SELECT same_as AS other FROM answer_links WHERE source = $1 AND source_id = $2 \
                 UNION SELECT source_id AS other FROM answer_links \
                 WHERE source = $1 AND same_as = $2 ORDER BY other",
                cells![source, source_id],
            )
            .await?;
        rows.iter().map(|row| row.text("other")).collect()
    }
}
