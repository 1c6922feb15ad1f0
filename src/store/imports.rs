//! Tables `staged_answers` and `imports`, and answers written many at a time.

use std::collections::HashSet;

use jiff::Timestamp;

use super::answers::AnswerRow;
use super::db::built;
use super::{Cell, Row, StoreError, Tx, cells};

/// An answer of a running import, waiting to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRow {
    /// Its id in the source.
    pub source_id: String,
    /// Digest of what the source says.
    pub hash: String,
    /// The answer as JSON; empty when the store has the same already.
    pub body: String,
}

/// What the store knows of an answer of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAnswer {
    /// Its public id.
    pub id: String,
    /// Its id in the source.
    pub source_id: String,
    /// Digest of what the source said; empty once the source no longer had it.
    pub hash: String,
    /// Whether it is in use.
    pub live: bool,
}

impl KnownAnswer {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            source_id: row.text("source_id")?,
            hash: row.text("hash")?,
            live: row.text("state")? == "live",
        })
    }
}

/// The last finished import of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The source.
    pub source: String,
    /// The format it was read as.
    pub format: String,
    /// Where it was read from.
    pub path: String,
    /// `done`.
    pub state: String,
    /// Its summary, JSON.
    pub summary: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was applied.
    pub ended_at: Option<Timestamp>,
}

/// Columns of [`Tx::put_answers`].
const COLUMNS: usize = 23;

impl Tx {
    /// Puts answers of a source aside until they are applied. No two may have the same id.
    pub async fn stage_answers(
        &mut self,
        source: &str,
        rows: &[StagedRow],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let values = rows.iter().flat_map(|r| cells![source, &r.source_id, &r.hash, &r.body]);
        let sql = format!(
            "INSERT INTO staged_answers (source, source_id, hash, body) VALUES {} \
             ON CONFLICT (source, source_id) DO UPDATE SET hash = excluded.hash, \
             body = excluded.body",
            self.placeholders(rows.len(), 4)
        );
        self.all_built(built(sql), values.collect()).await?;
        Ok(())
    }

    /// How many answers of a source wait to be applied.
    pub async fn count_staged(&mut self, source: &str) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM staged_answers WHERE source = $1";
        self.count(sql, cells![source]).await
    }

    /// Staged answers that differ from the store, after a source id, by it.
    pub async fn staged_changes(
        &mut self,
        source: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<StagedRow>, StoreError> {
        let rows = self
            .all(
                "SELECT source_id, hash, body FROM staged_answers \
                 WHERE source = $1 AND source_id > $2 AND body <> '' ORDER BY source_id LIMIT $3",
                cells![source, after, limit],
            )
            .await?;
        let read = |row: &Row| {
            Ok(StagedRow {
                source_id: row.text("source_id")?,
                hash: row.text("hash")?,
                body: row.text("body")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Empties the staging of a source.
    pub async fn clear_staged(&mut self, source: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM staged_answers WHERE source = $1", cells![source]).await?;
        Ok(())
    }

    /// Takes the answers of a source that were applied out of its staging: up to a source id.
    pub async fn clear_staged_up_to(&mut self, source: &str, id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM staged_answers WHERE source = $1 AND source_id <= $2";
        self.execute(sql, cells![source, id]).await?;
        Ok(())
    }

    /// What the store knows of these answers of a source.
    pub async fn known_answers(
        &mut self,
        source: &str,
        source_ids: &[&str],
    ) -> Result<Vec<KnownAnswer>, StoreError> {
        if source_ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = cells![source];
        values.extend(source_ids.iter().map(|id| Cell::from(*id)));
        let sql = format!(
            "SELECT id, source_id, hash, state FROM answers WHERE source = $1 \
             AND source_id IN ({})",
            list(2, source_ids.len())
        );
        let rows = self.all_built(built(sql), values).await?;
        rows.iter().map(KnownAnswer::read).collect()
    }

    /// Which of these public ids are in use.
    pub async fn answer_ids_in_use(&mut self, ids: &[&str]) -> Result<HashSet<String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let values = ids.iter().map(|id| Cell::from(*id)).collect();
        let sql = format!("SELECT id FROM answers WHERE id IN ({})", list(1, ids.len()));
        let rows = self.all_built(built(sql), values).await?;
        rows.iter().map(|row| row.text("id")).collect()
    }

    /// How many answers of a source are live.
    pub async fn count_of_source(&mut self, source: &str) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM answers WHERE source = $1 AND state = 'live'";
        self.count(sql, cells![source]).await
    }

    /// Takes `n` numbers of the answers' change sequence; returns the one before the first.
    pub async fn take_answer_seqs(&mut self, n: i64) -> Result<i64, StoreError> {
        let sql = "UPDATE counters SET value = value + $1 WHERE name = 'answers' RETURNING value";
        let row = self.one(sql, cells![n]).await?;
        let row = row.ok_or_else(|| StoreError::Inconsistent {
            table: "counters",
            detail: "no counter answers".to_owned(),
        })?;
        Ok(row.int("value")? - n)
    }

    /// Adds answers or replaces what their source says of them; what people and customers said
    /// of them stays. No two may have the same id.
    pub async fn put_answers(&mut self, answers: &[AnswerRow]) -> Result<(), StoreError> {
        if answers.is_empty() {
            return Ok(());
        }
        let values = answers.iter().flat_map(cells_of).collect();
        let sql = format!(
            "INSERT INTO answers (id, source, source_id, lang, title, question, answer, author, \
             author_url, asker, url, licence, product, tags, votes, asked_at, accepted_at, \
             sendable, sendable_reason, state, hash, seq, created_at, updated_at) \
             SELECT column1, column2, column3, column4, column5, column6, column7, column8, \
             column9, column10, column11, column12, column13, column14, column15, column16, \
             column17, column18, column19, column20, column21, column22, column23, column23 \
             FROM (VALUES {}) AS given WHERE TRUE \
             ON CONFLICT (id) DO UPDATE SET lang = excluded.lang, title = excluded.title, \
             question = excluded.question, answer = excluded.answer, author = excluded.author, \
             author_url = excluded.author_url, asker = excluded.asker, url = excluded.url, \
             licence = excluded.licence, product = excluded.product, tags = excluded.tags, \
             votes = excluded.votes, asked_at = excluded.asked_at, \
             accepted_at = excluded.accepted_at, sendable = excluded.sendable, \
             sendable_reason = excluded.sendable_reason, state = excluded.state, \
             hash = excluded.hash, seq = excluded.seq, updated_at = excluded.updated_at",
            self.placeholders(answers.len(), COLUMNS)
        );
        self.all_built(built(sql), values).await?;
        Ok(())
    }

    /// Retires the live answers of a source that are not staged; returns how many.
    ///
    /// They lose their digest: an answer without one left with its source, and comes back with
    /// it, while one that a person retired stays retired.
    pub async fn retire_unstaged(
        &mut self,
        source: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let before = self.take_answer_seqs(0).await?;
        let n_rows = self
            .execute(
                "UPDATE answers SET state = 'retired', hash = '', seq = $2 + gone.place, \
                 updated_at = $3 FROM (SELECT id AS gone_id, \
                 ROW_NUMBER() OVER (ORDER BY id) AS place FROM answers AS every \
                 WHERE source = $1 AND state = 'live' AND NOT EXISTS (SELECT 1 \
                 FROM staged_answers WHERE staged_answers.source = every.source \
                 AND staged_answers.source_id = every.source_id)) AS gone \
                 WHERE answers.id = gone.gone_id",
                cells![source, before, now],
            )
            .await?;
        let n_rows = i64::try_from(n_rows).unwrap_or(i64::MAX);
        self.take_answer_seqs(n_rows).await?;
        Ok(n_rows)
    }

    /// Keeps the last import of a source.
    pub async fn set_import(&mut self, import: &ImportRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO imports (source, format, path, state, summary, started_at, ended_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source) DO UPDATE SET \
             format = excluded.format, path = excluded.path, state = excluded.state, \
             summary = excluded.summary, started_at = excluded.started_at, \
             ended_at = excluded.ended_at",
            cells![
                &import.source,
                &import.format,
                &import.path,
                &import.state,
                &import.summary,
                import.started_at,
                import.ended_at,
            ],
        )
        .await?;
        Ok(())
    }

    /// The last import of every source.
    pub async fn imports(&mut self) -> Result<Vec<ImportRow>, StoreError> {
        let rows = self.all("SELECT * FROM imports ORDER BY source", vec![]).await?;
        let read = |row: &Row| {
            Ok(ImportRow {
                source: row.text("source")?,
                format: row.text("format")?,
                path: row.text("path")?,
                state: row.text("state")?,
                summary: row.text("summary")?,
                started_at: row.time("started_at")?,
                ended_at: row.opt_time("ended_at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn cells_of(answer: &AnswerRow) -> Vec<Cell> {
    cells![
        &answer.id,
        &answer.source,
        &answer.source_id,
        &answer.lang,
        &answer.title,
        &answer.question,
        &answer.answer,
        &answer.author,
        &answer.author_url,
        &answer.asker,
        &answer.url,
        &answer.licence,
        &answer.product,
        serde_json::json!(answer.tags).to_string(),
        answer.votes,
        answer.asked_at,
        answer.accepted_at,
        answer.sendable,
        &answer.sendable_reason,
        if answer.live { "live" } else { "retired" },
        &answer.hash,
        answer.seq,
        answer.updated_at,
    ]
}

/// `$from, …`: so many placeholders.
fn list(from: usize, n: usize) -> String {
    (from..from + n).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}
