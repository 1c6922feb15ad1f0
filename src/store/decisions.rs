//! Tables `decisions` and `feedback`: what the answerer did and what the customer said of it.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId};
use crate::vocabulary::{Action, Reason, Verdict};

/// One decision, as stored.
#[derive(Clone, Debug)]
pub struct DecisionRow {
    /// Its id; buttons carry it.
    pub id: DecisionId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Whose question.
    pub customer_id: CustomerId,
    /// Channel account.
    pub channel: String,
    /// The question as it was read, a burst joined.
    pub question: String,
    /// Its language.
    pub lang: String,
    /// What was done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Calibrated probability that the best answer is right.
    pub confidence: f64,
    /// The line it had to clear.
    pub line: f64,
    /// The index generation that was used.
    pub generation: i64,
    /// The answer sent, or those offered, in order.
    pub answer_ids: Vec<String>,
    /// The match card as JSON.
    pub card: serde_json::Value,
    /// What the customer said.
    pub feedback: Option<Verdict>,
    /// When.
    pub at: Timestamp,
}

impl DecisionRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let feedback = row.opt_text("feedback")?;
        Ok(Self {
            id: row.int("id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
            customer_id: row.int("customer_id")?.into(),
            channel: row.text("channel")?,
            question: row.text("question")?,
            lang: row.text("lang")?,
            action: row.word("decisions", "action")?,
            reason: row.word("decisions", "reason")?,
            confidence: row.real("confidence")?,
            line: row.real("line")?,
            generation: row.int("generation")?,
            answer_ids: row.json("decisions", "answer_ids")?,
            card: row.json("decisions", "card")?,
            feedback: feedback.and_then(|word| word.parse().ok()),
            at: row.time("at")?,
        })
    }
}

/// A decision without its match card.
#[derive(Clone, Copy, Debug)]
pub struct DecisionLine {
    /// What was done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Calibrated probability that the best answer is right.
    pub confidence: f64,
    /// The line it had to clear.
    pub line: f64,
    /// What the customer said.
    pub feedback: Option<Verdict>,
    /// When.
    pub at: Timestamp,
}

impl DecisionLine {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let feedback = row.opt_text("feedback")?;
        Ok(Self {
            action: row.word("decisions", "action")?,
            reason: row.word("decisions", "reason")?,
            confidence: row.real("confidence")?,
            line: row.real("line")?,
            feedback: feedback.and_then(|word| word.parse().ok()),
            at: row.time("at")?,
        })
    }
}

impl Tx {
    /// The latest decisions of a conversation without their cards, oldest first.
    pub async fn decision_lines(
        &mut self,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<DecisionLine>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM (SELECT id, action, reason, confidence, line, feedback, at \
                 FROM decisions WHERE conversation_id = $1 ORDER BY id DESC LIMIT $2) AS latest \
                 ORDER BY id",
                cells![conversation, limit],
            )
            .await?;
        rows.iter().map(DecisionLine::read).collect()
    }

    /// Keeps a decision.
    pub async fn add_decision(&mut self, decision: &DecisionRow) -> Result<(), StoreError> {
        let answer_ids = serde_json::json!(decision.answer_ids).to_string();
        self.execute(
            "INSERT INTO decisions (id, conversation_id, customer_id, channel, question, lang, \
             action, reason, confidence, line, generation, answer_ids, card, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            cells![
                decision.id,
                decision.conversation_id,
                decision.customer_id,
                &decision.channel,
                &decision.question,
                &decision.lang,
                decision.action,
                decision.reason,
                decision.confidence,
                decision.line,
                decision.generation,
                answer_ids,
                decision.card.to_string(),
                decision.at,
            ],
        )
        .await?;
        Ok(())
    }

    /// One decision.
    pub async fn decision(&mut self, id: DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        let row = self.one("SELECT * FROM decisions WHERE id = $1", cells![id]).await?;
        row.as_ref().map(DecisionRow::read).transpose()
    }

    /// The latest decisions for a customer in a conversation, newest first.
    pub async fn recent_decisions(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
        limit: i64,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM decisions WHERE conversation_id = $1 AND customer_id = $2 \
                 ORDER BY id DESC LIMIT $3",
                cells![conversation, customer, limit],
            )
            .await?;
        rows.iter().map(DecisionRow::read).collect()
    }

    /// Every decision of a conversation, oldest first.
    pub async fn decisions_of(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM decisions WHERE conversation_id = $1 ORDER BY id",
                cells![conversation],
            )
            .await?;
        rows.iter().map(DecisionRow::read).collect()
    }

    /// Records what the customer said of a decision; false if they had said something before.
    pub async fn add_feedback(
        &mut self,
        decision: &DecisionRow,
        customer: CustomerId,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let answer_id = decision.answer_ids.first().map(String::as_str);
        let added = self
            .execute(
                "INSERT INTO feedback (decision_id, customer_id, verdict, answer_id, at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (decision_id, customer_id) DO NOTHING",
                cells![decision.id, customer, verdict, answer_id, now],
            )
            .await?;
        if added == 1 {
            self.execute(
                "UPDATE decisions SET feedback = $2 WHERE id = $1",
                cells![decision.id, verdict],
            )
            .await?;
        }
        Ok(added == 1)
    }
}
