//! Tables `answers`, `answer_history`, `staged_answers`, `imports`.

use jiff::Timestamp;

use super::sources::Quote;
use super::wishes::Wish;
use super::{Row, StoreError, Tx, cells};

/// An accepted answer as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Public id.
    pub id: String,
    /// Which import or person it came from.
    pub source: String,
    /// Its id there.
    pub source_id: String,
    /// BCP 47.
    pub lang: String,
    /// The question's title.
    pub title: String,
    /// The question.
    pub question: String,
    /// The answer, light Markdown.
    pub answer: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Their profile.
    pub author_url: Option<String>,
    /// Who asked.
    pub asker: Option<String>,
    /// Where it stands.
    pub url: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Votes there.
    pub votes: i64,
    /// When the question was asked.
    pub asked_at: Option<Timestamp>,
    /// When the answer was accepted.
    pub accepted_at: Option<Timestamp>,
    /// Whether it may be sent, by the classifier.
    pub sendable: bool,
    /// Why not.
    pub sendable_reason: Option<String>,
    /// A moderator's word on it, which counts more.
    pub sendable_by_hand: Option<bool>,
    /// How many customers it helped.
    pub helped: i64,
    /// How many it did not.
    pub refused: i64,
    /// `false` once retired.
    pub live: bool,
    /// Digest of what the source says, to see changes.
    pub hash: String,
    /// The change sequence at its last change.
    pub seq: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How much of it may be quoted, by its source; read with it, never written with it.
    pub quote: Quote,
    /// How its author wants to be named; read with it, never written with it.
    pub wish: Wish,
}

/// Reads answers together with what their source lets us quote.
macro_rules! answers_where {
    ($rest:literal) => {
        concat!(
            "SELECT answers.*, sources.quote, author_wishes.shown_as FROM answers \
             LEFT JOIN sources ON sources.source = answers.source \
             LEFT JOIN author_wishes ON author_wishes.author = answers.author WHERE ",
            $rest
        )
    };
}
pub(super) use answers_where;

/// A state of an answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHistoryRow {
    /// Its place in the change sequence.
    pub seq: i64,
    /// Who brought it about.
    pub actor: String,
    /// By which act; `before` for the state before the first.
    pub act: String,
    /// `title`, `question` and `answer`.
    pub body: serde_json::Value,
    /// When.
    pub at: Timestamp,
}

impl AnswerRow {
    /// Whether it may be sent to a customer.
    pub fn may_be_sent(&self) -> bool {
        self.live && self.sendable_by_hand.unwrap_or(self.sendable)
    }

    /// Who is named for it: its author, as they want to be.
    pub fn credited(&self) -> Option<&str> {
        self.wish.name(self.author.as_deref())
    }

    /// Where its author's profile is, if they are named as there.
    pub fn credited_url(&self) -> Option<&String> {
        self.author_url.as_ref().filter(|_| self.wish == Wish::AsWritten)
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            source: row.text("source")?,
            source_id: row.text("source_id")?,
            lang: row.text("lang")?,
            title: row.text("title")?,
            question: row.text("question")?,
            answer: row.text("answer")?,
            author: row.opt_text("author")?,
            author_url: row.opt_text("author_url")?,
            asker: row.opt_text("asker")?,
            url: row.opt_text("url")?,
            licence: row.opt_text("licence")?,
            product: row.opt_text("product")?,
            tags: row.json("answers", "tags")?,
            votes: row.int("votes")?,
            asked_at: row.opt_time("asked_at")?,
            accepted_at: row.opt_time("accepted_at")?,
            sendable: row.flag("sendable")?,
            sendable_reason: row.opt_text("sendable_reason")?,
            sendable_by_hand: row.opt_int("sendable_by_hand")?.map(|flag| flag != 0),
            helped: row.int("helped")?,
            refused: row.int("refused")?,
            live: row.text("state")? == "live",
            hash: row.text("hash")?,
            seq: row.int("seq")?,
            updated_at: row.time("updated_at")?,
            quote: Quote::read(row)?,
            wish: Wish::read(row)?,
        })
    }
}

impl Tx {
    /// Adds or replaces an answer; its `seq` must be fresh ([`Tx::next_answer_seq`]).
    pub async fn put_answer(&mut self, answer: &AnswerRow) -> Result<(), StoreError> {
        self.put_answers(std::slice::from_ref(answer)).await?;
        // Imports leave a moderator's word alone; only an act on one answer sets it.
        self.execute(
            "UPDATE answers SET sendable_by_hand = $2 WHERE id = $1",
            cells![&answer.id, answer.sendable_by_hand],
        )
        .await?;
        Ok(())
    }

    /// The next number of the answers' change sequence.
    pub async fn next_answer_seq(&mut self) -> Result<i64, StoreError> {
        self.next_number("answers").await
    }

    /// The number of the newest change; 0 while there is none.
    pub async fn last_answer_seq(&mut self) -> Result<i64, StoreError> {
        self.count("SELECT COALESCE(MAX(seq), 0) AS n FROM answers", vec![]).await
    }

    /// One answer.
    pub async fn answer(&mut self, id: &str) -> Result<Option<AnswerRow>, StoreError> {
        let row = self.one(answers_where!("id = $1"), cells![id]).await?;
        row.as_ref().map(AnswerRow::read).transpose()
    }

    /// Answers by id, in the order asked; unknown ones are left out.
    pub async fn answers_by_id(&mut self, ids: &[String]) -> Result<Vec<AnswerRow>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.answer(id).await?);
        }
        Ok(found)
    }

    /// Gives every answer a fresh place in the change sequence, in the same order.
    pub async fn count_answers_as_changed(&mut self) -> Result<(), StoreError> {
        let last = self.last_answer_seq().await?;
        let before = self.take_answer_seqs(last).await?;
        self.execute("UPDATE answers SET seq = seq + $1", cells![before]).await?;
        Ok(())
    }

    /// Answers changed after `seq`, in the order of their changes; retired ones too.
    pub async fn answers_after(
        &mut self,
        seq: i64,
        limit: i64,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let rows =
            self.all(answers_where!("seq > $1 ORDER BY seq LIMIT $2"), cells![seq, limit]).await?;
        rows.iter().map(AnswerRow::read).collect()
    }

    /// How many answers changed after `seq`, retired ones too.
    pub async fn count_answers_after(&mut self, seq: i64) -> Result<i64, StoreError> {
        self.count("SELECT COUNT(*) AS n FROM answers WHERE seq > $1", cells![seq]).await
    }

    /// Live answers after an id, by id: a page of the whole base.
    pub async fn live_answers(
        &mut self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let rows = self
            .all(
                answers_where!("state = 'live' AND id > $1 ORDER BY id LIMIT $2"),
                cells![after, limit],
            )
            .await?;
        rows.iter().map(AnswerRow::read).collect()
    }

    /// How many answers are live.
    pub async fn count_answers(&mut self) -> Result<i64, StoreError> {
        self.count("SELECT COUNT(*) AS n FROM answers WHERE state = 'live'", vec![]).await
    }

    /// One more customer was helped, or not helped, by an answer.
    pub async fn count_verdict(
        &mut self,
        id: &str,
        helped: i64,
        refused: i64,
        seq: i64,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE answers SET helped = helped + $2, refused = refused + $3, seq = $4 \
             WHERE id = $1",
            cells![id, helped, refused, seq],
        )
        .await?;
        Ok(())
    }

    /// Keeps what an answer says after an act; a state that is kept already stays as it is.
    pub async fn add_answer_history(
        &mut self,
        answer: &AnswerRow,
        actor: &str,
        act: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let body = serde_json::json!({
            "title": answer.title, "question": answer.question, "answer": answer.answer,
        });
        self.execute(
            "INSERT INTO answer_history (answer_id, seq, actor, act, body, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (answer_id, seq) DO NOTHING",
            cells![&answer.id, answer.seq, actor, act, body.to_string(), now],
        )
        .await?;
        Ok(())
    }

    /// What was done with an answer and what it said then, newest first.
    pub async fn answer_history(
        &mut self,
        id: &str,
        limit: i64,
    ) -> Result<Vec<AnswerHistoryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM answer_history WHERE answer_id = $1 ORDER BY seq DESC LIMIT $2",
                cells![id, limit],
            )
            .await?;
        let read = |row: &Row| {
            Ok(AnswerHistoryRow {
                seq: row.int("seq")?,
                actor: row.text("actor")?,
                act: row.text("act")?,
                body: row.json("answer_history", "body")?,
                at: row.time("at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
