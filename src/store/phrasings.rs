//! Table `phrasings`: what customers asked when an answer helped them, or did not.

use jiff::Timestamp;

use super::db::built;
use super::{Cell, Row, StoreError, Tx, cells};
use crate::ids::{CustomerId, DecisionId, PhrasingId};
use crate::vocabulary::{Lesson, PhrasingWord};

/// The setting that says up to which change of the answers words were erased.
const ERASED_UP_TO: &str = "phrasings_erased_seq";

/// What a customer asked, and what it says of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhrasingRow {
    /// Its id.
    pub id: PhrasingId,
    /// The answer.
    pub answer_id: String,
    /// The decision it comes from.
    pub decision_id: DecisionId,
    /// Who asked.
    pub customer_id: CustomerId,
    /// What, without personal data.
    pub text: String,
    /// What it teaches.
    pub how: Lesson,
    /// A moderator's word on it, which counts more.
    pub word: Option<PhrasingWord>,
    /// When.
    pub at: Timestamp,
}

impl PhrasingRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            answer_id: row.text("answer_id")?,
            decision_id: row.int("decision_id")?.into(),
            customer_id: row.int("customer_id")?.into(),
            text: row.text("text")?,
            how: row.word("phrasings", "how")?,
            word: row.opt_text("word")?.and_then(|word| word.parse().ok()),
            at: row.time("at")?,
        })
    }
}

impl Tx {
    /// Keeps a phrasing; of one decision the last lesson counts, but a choice is not forgotten
    /// because it helped, nor a moderator's word.
    pub async fn put_phrasing(&mut self, new: &PhrasingRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO phrasings (id, answer_id, decision_id, customer_id, text, how, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (answer_id, decision_id) DO UPDATE \
             SET how = CASE WHEN phrasings.how = 'chosen' AND excluded.how = 'helped' \
             THEN 'chosen' ELSE excluded.how END",
            cells![
                new.id,
                &new.answer_id,
                new.decision_id,
                new.customer_id,
                &new.text,
                new.how,
                new.at,
            ],
        )
        .await?;
        Ok(())
    }

    /// The phrasings of an answer, oldest first.
    pub async fn phrasings(&mut self, answer: &str) -> Result<Vec<PhrasingRow>, StoreError> {
        let rows = self
            .all("SELECT * FROM phrasings WHERE answer_id = $1 ORDER BY id", cells![answer])
            .await?;
        rows.iter().map(PhrasingRow::read).collect()
    }

    /// The phrasings of these answers, oldest first.
    pub async fn phrasings_of(&mut self, answers: &[&str]) -> Result<Vec<PhrasingRow>, StoreError> {
        if answers.is_empty() {
            return Ok(Vec::new());
        }
        let marks: Vec<String> = (1..=answers.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT * FROM phrasings WHERE answer_id IN ({}) ORDER BY id",
            marks.join(", ")
        );
        let ids = answers.iter().map(|id| Cell::from(*id)).collect();
        let rows = self.all_built(built(sql), ids).await?;
        rows.iter().map(PhrasingRow::read).collect()
    }

    /// One phrasing.
    pub async fn phrasing(&mut self, id: PhrasingId) -> Result<Option<PhrasingRow>, StoreError> {
        let row = self.one("SELECT * FROM phrasings WHERE id = $1", cells![id]).await?;
        row.as_ref().map(PhrasingRow::read).transpose()
    }

    /// Sets a moderator's word on a phrasing, or (`None`) takes it back.
    pub async fn set_phrasing_word(
        &mut self,
        id: PhrasingId,
        word: Option<PhrasingWord>,
    ) -> Result<(), StoreError> {
        let word = word.map(PhrasingWord::as_str);
        self.execute("UPDATE phrasings SET word = $2 WHERE id = $1", cells![id, word]).await?;
        Ok(())
    }

    /// Takes back what a choice about this decision taught of other answers.
    pub async fn forget_choices(
        &mut self,
        decision: DecisionId,
        except: &str,
    ) -> Result<Vec<String>, StoreError> {
        let rows = self
            .all(
                "DELETE FROM phrasings WHERE decision_id = $1 AND how = 'chosen' \
                 AND answer_id <> $2 RETURNING answer_id",
                cells![decision, except],
            )
            .await?;
        rows.iter().map(|row| row.text("answer_id")).collect()
    }

    /// Erases what a customer asked; the answers that were found by it are indexed anew.
    pub(super) async fn erase_phrasings(&mut self, by: Whose<'_>) -> Result<(), StoreError> {
        let rows = match by {
            Whose::Customer(customer) => {
                self.all(
                    "DELETE FROM phrasings WHERE customer_id = $1 RETURNING answer_id",
                    cells![customer],
                )
                .await?
            }
            Whose::Message(conversation, message) => {
                self.all(
                    "DELETE FROM phrasings WHERE decision_id IN (SELECT decision_id FROM inbox \
                     WHERE conversation_id = $1 AND channel_message_id = $2) RETURNING answer_id",
                    cells![conversation, message],
                )
                .await?
            }
        };
        for row in &rows {
            let answer = row.text("answer_id")?;
            self.touch_answer(&answer).await?;
        }
        if !rows.is_empty() {
            let seq = self.last_answer_seq().await?;
            self.set_setting(ERASED_UP_TO, &seq.to_string()).await?;
        }
        Ok(())
    }

    /// The change of the answers by which customers' words were last erased from some; 0 for none.
    pub async fn erased_phrasings_seq(&mut self) -> Result<i64, StoreError> {
        let seq = self.setting(ERASED_UP_TO).await?;
        Ok(seq.and_then(|seq| seq.parse().ok()).unwrap_or(0))
    }

    /// Gives an answer a fresh place in the change sequence, so that it is indexed anew.
    pub async fn touch_answer(&mut self, answer: &str) -> Result<(), StoreError> {
        let seq = self.next_answer_seq().await?;
        self.execute("UPDATE answers SET seq = $2 WHERE id = $1", cells![answer, seq]).await?;
        Ok(())
    }
}

/// Whose words are erased.
pub(super) enum Whose<'a> {
    /// Everything a customer asked.
    Customer(CustomerId),
    /// What one message of a conversation asked.
    Message(crate::ids::ConversationId, &'a str),
}
