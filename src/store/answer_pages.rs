//! Table `answers`, read page by page for people.

use super::answers::{AnswerRow, answers_where};
use super::{Row, StoreError, Tx, cells};

/// Which answers a page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerFilter {
    /// Only from this source.
    pub source: Option<String>,
    /// Only in this language.
    pub lang: Option<String>,
    /// Only those that may be sent, or may not.
    pub sendable: Option<bool>,
    /// Only retired ones instead of live ones.
    pub retired: bool,
}

impl AnswerFilter {
    /// Whether an answer is among them.
    pub fn holds(&self, answer: &AnswerRow) -> bool {
        let is =
            |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|w| w == value);
        let may_be_sent = answer.sendable_by_hand.unwrap_or(answer.sendable);
        answer.live != self.retired
            && is(&self.source, &answer.source)
            && is(&self.lang, &answer.lang)
            && self.sendable.is_none_or(|wanted| wanted == may_be_sent)
    }
}

/// How many answers share a source and a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerCount {
    /// The source.
    pub source: String,
    /// The language.
    pub lang: String,
    /// How many live ones.
    pub n: i64,
    /// How many of them may be sent.
    pub n_sendable: i64,
}

impl Tx {
    /// Answers that a filter holds, the latest change first, changed before `before`.
    pub async fn answer_page(
        &mut self,
        filter: &AnswerFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let rows = self
            .all(
                answers_where!(
                    "state = $1 AND ($2 = '' OR answers.source = $2) \
                     AND ($3 = '' OR lang = $3) \
                     AND ($4 < 0 OR COALESCE(sendable_by_hand, sendable) = $4) \
                     AND seq < $5 ORDER BY seq DESC LIMIT $6"
                ),
                cells![
                    if filter.retired { "retired" } else { "live" },
                    filter.source.as_deref().unwrap_or_default(),
                    filter.lang.as_deref().unwrap_or_default(),
                    filter.sendable.map_or(-1, i64::from),
                    before.unwrap_or(i64::MAX),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(AnswerRow::read).collect()
    }

    /// Live answers counted by source and language, the largest groups first.
    pub async fn answer_counts(&mut self) -> Result<Vec<AnswerCount>, StoreError> {
        let rows = self
            .all(
                "SELECT source, lang, COUNT(*) AS n, \
                 CAST(SUM(COALESCE(sendable_by_hand, sendable)) AS BIGINT) AS n_sendable \
                 FROM answers WHERE state = 'live' GROUP BY source, lang \
                 ORDER BY n DESC, source, lang",
                vec![],
            )
            .await?;
        let read = |row: &Row| {
            Ok(AnswerCount {
                source: row.text("source")?,
                lang: row.text("lang")?,
                n: row.int("n")?,
                n_sendable: row.int("n_sendable")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
