//! Tables `cases` and `case_tallies`: how questions ended, one by one and summed up by day.

use jiff::Timestamp;

use super::db::built;
use super::{Cell, Row, StoreError, Tx, cells};
use crate::ids::{CustomerId, DecisionId};
use crate::vocabulary::{Ending, Handler};

/// How many tallies are written by one statement.
const AT_ONCE: usize = 100;

/// How one who handled a case fared, or (`all`) the case as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// The decision that began the case.
    pub id: DecisionId,
    /// Whose row this is.
    pub handler: Handler,
    /// Whose question.
    pub customer_id: CustomerId,
    /// How it ended.
    pub ending: Ending,
    /// More than two turns, or passed on to a person.
    pub is_complex: bool,
    /// Channel account.
    pub channel: String,
    /// Language of the question.
    pub lang: String,
    /// What the answer is about; empty if unknown.
    pub product: String,
    /// Who wrote the answer; empty if nobody of the community did.
    pub author: String,
    /// The answer's tags.
    pub tags: Vec<String>,
    /// The answer that was given last.
    pub answer_id: Option<String>,
    /// From the question to the first answer that arrived.
    pub waited_ms: Option<i64>,
    /// Presses on *Helped*.
    pub n_helped: i64,
    /// Presses on *Didn't help*.
    pub n_refused: i64,
    /// The day it began, days since 1970 (UTC).
    pub day: i64,
    /// When it began.
    pub at: Timestamp,
}

/// What a tally counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    /// What cases are divided by: `all`, `channel`, `lang`, `product`, `tag`, `author`, `wait`.
    pub dimension: &'static str,
    /// Days since 1970.
    pub day: i64,
    /// The part: a channel's name, a language …
    pub value: String,
    /// Whose figures.
    pub handler: Handler,
    /// Complex cases, or simple ones.
    pub is_complex: bool,
    /// How they ended.
    pub ending: Ending,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases.
    pub n: i64,
    /// Presses on *Helped*.
    pub n_helped: i64,
    /// Presses on *Didn't help*.
    pub n_refused: i64,
}

/// A sum over days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallySum {
    /// The part; a day's number where the sum is by day.
    pub value: String,
    /// Whose figures.
    pub handler: Handler,
    /// Complex cases, or simple ones.
    pub is_complex: bool,
    /// How they ended.
    pub ending: Ending,
    /// How many.
    pub tally: Tally,
}

impl Tx {
    /// The rows of a customer's cases from a decision on, by id.
    pub async fn cases_from(
        &mut self,
        customer: CustomerId,
        from: DecisionId,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM cases WHERE customer_id = $1 AND id >= $2 ORDER BY id, handler",
                cells![customer, from],
            )
            .await?;
        rows.iter().map(CaseRow::read).collect()
    }

    /// Puts a customer's cases from a decision on in the place of those that were there.
    pub async fn replace_cases(
        &mut self,
        customer: CustomerId,
        from: DecisionId,
        cases: &[CaseRow],
    ) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM cases WHERE customer_id = $1 AND id >= $2",
            cells![customer, from],
        )
        .await?;
        for case in cases {
            self.execute(
                "INSERT INTO cases (id, handler, customer_id, ending, is_complex, channel, lang, \
                 product, author, tags, answer_id, waited_ms, n_helped, n_refused, day, at) VALUES \
                 ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                cells![
                    case.id,
                    case.handler,
                    case.customer_id,
                    case.ending,
                    case.is_complex,
                    &case.channel,
                    &case.lang,
                    &case.product,
                    &case.author,
                    serde_json::json!(case.tags).to_string(),
                    &case.answer_id,
                    case.waited_ms,
                    case.n_helped,
                    case.n_refused,
                    case.day,
                    case.at,
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// Adds to tallies; negative numbers take away.
    pub async fn add_to_tallies(
        &mut self,
        tallies: &[(TallyKey, Tally)],
    ) -> Result<(), StoreError> {
        for some in tallies.chunks(AT_ONCE) {
            let mut values: Vec<Cell> = Vec::with_capacity(some.len() * 9);
            for (key, tally) in some {
                values.extend(cells![
                    key.dimension,
                    key.day,
                    &key.value,
                    key.handler,
                    key.is_complex,
                    key.ending,
                    tally.n,
                    tally.n_helped,
                    tally.n_refused,
                ]);
            }
            let sql = format!(
                "INSERT INTO case_tallies (dimension, day, value, handler, is_complex, ending, n, \
                 n_helped, n_refused) VALUES {} \
                 ON CONFLICT (dimension, day, value, handler, is_complex, ending) DO UPDATE \
                 SET n = case_tallies.n + excluded.n, \
                 n_helped = case_tallies.n_helped + excluded.n_helped, \
                 n_refused = case_tallies.n_refused + excluded.n_refused",
                self.placeholders(some.len(), 9)
            );
            self.all_built(built(sql), values).await?;
        }
        Ok(())
    }

    /// The tallies of a dimension over days, both ends included, by part.
    pub async fn tally_sums(
        &mut self,
        dimension: &str,
        days: (i64, i64),
    ) -> Result<Vec<TallySum>, StoreError> {
        let rows = self
            .all(
                "SELECT value, handler, is_complex, ending, CAST(SUM(n) AS BIGINT) AS n, \
                 CAST(SUM(n_helped) AS BIGINT) AS n_helped, \
                 CAST(SUM(n_refused) AS BIGINT) AS n_refused FROM case_tallies \
                 WHERE dimension = $1 AND day >= $2 AND day <= $3 \
                 GROUP BY value, handler, is_complex, ending",
                cells![dimension, days.0, days.1],
            )
            .await?;
        rows.iter().map(TallySum::read).collect()
    }

    /// All cases day by day; the part is the day's number.
    pub async fn tallies_by_day(&mut self, days: (i64, i64)) -> Result<Vec<TallySum>, StoreError> {
        let rows = self
            .all(
                "SELECT CAST(day AS TEXT) AS value, handler, is_complex, ending, n, n_helped, \
                 n_refused FROM case_tallies WHERE dimension = 'all' AND day >= $1 AND day <= $2 \
                 AND handler = 'all' ORDER BY day",
                cells![days.0, days.1],
            )
            .await?;
        rows.iter().map(TallySum::read).collect()
    }
}

impl CaseRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            handler: row.word("cases", "handler")?,
            customer_id: row.int("customer_id")?.into(),
            ending: row.word("cases", "ending")?,
            is_complex: row.flag("is_complex")?,
            channel: row.text("channel")?,
            lang: row.text("lang")?,
            product: row.text("product")?,
            author: row.text("author")?,
            tags: row.json("cases", "tags")?,
            answer_id: row.opt_text("answer_id")?,
            waited_ms: row.opt_int("waited_ms")?,
            n_helped: row.int("n_helped")?,
            n_refused: row.int("n_refused")?,
            day: row.int("day")?,
            at: row.time("at")?,
        })
    }
}

impl TallySum {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            value: row.text("value")?,
            handler: row.word("case_tallies", "handler")?,
            is_complex: row.flag("is_complex")?,
            ending: row.word("case_tallies", "ending")?,
            tally: Tally {
                n: row.int("n")?,
                n_helped: row.int("n_helped")?,
                n_refused: row.int("n_refused")?,
            },
        })
    }
}
