//! Table `thanks`: letters of thanks on their way to the forum.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::vocabulary::ThanksState;

/// A letter that somebody sent to the forum; one for each author and month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThanksRow {
    /// The author, as the base names them.
    pub author: String,
    /// `2026-11`.
    pub month: String,
    /// The forum.
    pub source: String,
    /// Where it stands.
    pub state: ThanksState,
    /// Only the author reads it.
    pub is_private: bool,
    /// How it names the author.
    pub named: String,
    /// The topic's title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Our own name for the topic.
    pub name: String,
    /// The topic's id there.
    pub topic: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// What stands in the way, in words.
    pub trouble: Option<String>,
    /// How often posting was tried; after the first, the forum is asked whether it is there.
    pub tries: i64,
    /// When it is to be posted.
    pub due_at: Timestamp,
    /// When it was last decided.
    pub at: Timestamp,
}

impl ThanksRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            author: row.text("author")?,
            month: row.text("month")?,
            source: row.text("source")?,
            state: row.word("thanks", "state")?,
            is_private: row.flag("private")?,
            named: row.text("named")?,
            title: row.text("title")?,
            text: row.text("text")?,
            name: row.text("name")?,
            topic: row.opt_text("topic")?,
            url: row.opt_text("url")?,
            trouble: row.opt_text("trouble")?,
            tries: row.int("tries")?,
            due_at: row.time("due_at")?,
            at: row.time("at")?,
        })
    }
}

impl Tx {
    /// Sends a letter on its way; false where one of that month is on its way or there. One that
    /// failed goes again under its own name, so that a late arrival is noticed.
    pub async fn send_thanks(&mut self, row: &ThanksRow) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "INSERT INTO thanks (author, month, source, state, private, named, title, text, \
                 name, due_at, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                 ON CONFLICT (author, month) DO UPDATE SET state = excluded.state, \
                 private = excluded.private, named = excluded.named, title = excluded.title, \
                 text = excluded.text, trouble = NULL, due_at = excluded.due_at, at = excluded.at \
                 WHERE thanks.state = 'failed'",
                cells![
                    &row.author,
                    &row.month,
                    &row.source,
                    row.state,
                    row.is_private,
                    &row.named,
                    &row.title,
                    &row.text,
                    &row.name,
                    row.due_at,
                    row.at,
                ],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Keeps where a letter stands.
    pub async fn settle_thanks(&mut self, row: &ThanksRow) -> Result<(), StoreError> {
        self.execute(
            "UPDATE thanks SET state = $3, topic = $4, url = $5, trouble = $6, due_at = $7 \
             WHERE author = $1 AND month = $2",
            cells![
                &row.author,
                &row.month,
                row.state,
                &row.topic,
                &row.url,
                &row.trouble,
                row.due_at
            ],
        )
        .await?;
        Ok(())
    }

    /// The letter that was sent to an author for a month, if one was.
    pub async fn sent_thanks(
        &mut self,
        author: &str,
        month: &str,
    ) -> Result<Option<ThanksRow>, StoreError> {
        let sql = "SELECT * FROM thanks WHERE author = $1 AND month = $2";
        let row = self.one(sql, cells![author, month]).await?;
        row.as_ref().map(ThanksRow::read).transpose()
    }

    /// The letter that is to be posted to a forum next, also if that is not due yet.
    pub async fn next_thanks(&mut self, source: &str) -> Result<Option<ThanksRow>, StoreError> {
        let row = self
            .one(
                "SELECT * FROM thanks WHERE source = $1 AND state = 'posting' \
                 ORDER BY due_at, author, month LIMIT 1",
                cells![source],
            )
            .await?;
        row.as_ref().map(ThanksRow::read).transpose()
    }

    /// Counts an attempt to post before it is made; false if another was quicker.
    pub async fn try_thanks(&mut self, row: &ThanksRow) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE thanks SET tries = tries + 1 WHERE author = $1 AND month = $2 \
                 AND state = 'posting' AND tries = $3",
                cells![&row.author, &row.month, row.tries],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Whether an author has answers from a source: their name is known there.
    pub async fn writes_in(&mut self, author: &str, source: &str) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM answers WHERE author = $1 AND source = $2";
        Ok(self.count(sql, cells![author, source]).await? > 0)
    }
}
