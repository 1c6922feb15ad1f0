//! Table `golden_questions`, and questions of the base itself to stand in for it.

use super::{Row, StoreError, Tx, cells};

/// A question that a new generation of the index is examined with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenRow {
    /// As a customer would ask it.
    pub question: String,
    /// Language to expect, BCP 47.
    pub lang: Option<String>,
    /// The answer that is right; `None` where only changes are watched.
    pub answer_id: Option<String>,
}

impl GoldenRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            question: row.text("question")?,
            lang: row.opt_text("lang")?,
            answer_id: row.opt_text("answer_id")?,
        })
    }
}

impl Tx {
    /// Puts these golden questions in place of those there are.
    pub async fn set_golden_questions(&mut self, rows: &[GoldenRow]) -> Result<(), StoreError> {
        self.execute("DELETE FROM golden_questions", vec![]).await?;
        for (place, row) in (0_i64..).zip(rows) {
            self.execute(
                "INSERT INTO golden_questions (place, question, lang, answer_id) \
                 VALUES ($1, $2, $3, $4)",
                cells![place, &row.question, &row.lang, &row.answer_id],
            )
            .await?;
        }
        Ok(())
    }

    /// How many golden questions there are.
    pub async fn count_golden_questions(&mut self) -> Result<i64, StoreError> {
        self.count("SELECT COUNT(*) AS n FROM golden_questions", vec![]).await
    }

    /// The golden questions; an answer that is out of service is not expected any more.
    pub async fn golden_questions(&mut self) -> Result<Vec<GoldenRow>, StoreError> {
        let rows = self
            .all(
                "SELECT g.question, g.lang, a.id AS answer_id FROM golden_questions g \
                 LEFT JOIN answers a ON a.id = g.answer_id AND a.state = 'live' ORDER BY g.place",
                vec![],
            )
            .await?;
        rows.iter().map(GoldenRow::read).collect()
    }

    /// Some of the base's own questions with their answers, always the same ones.
    pub async fn sample_questions(&mut self, limit: i64) -> Result<Vec<GoldenRow>, StoreError> {
        let rows = self
            .all(
                // The digest of the content scatters, so its order is as good as chance.
                "SELECT title AS question, lang, id AS answer_id FROM answers \
                 WHERE state = 'live' AND title <> '' ORDER BY hash, id LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(GoldenRow::read).collect()
    }
}
