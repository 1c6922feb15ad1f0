//! What cases are made of: a customer's decisions, escalations and deliveries, read together.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId};
use crate::vocabulary::{Action, Outcome, Reason, Role, Verdict};

/// A decision as a case needs it: without its card.
#[derive(Clone, Debug, PartialEq)]
pub struct SaidRow {
    /// Its id.
    pub id: DecisionId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Channel account.
    pub channel: String,
    /// The question as it was read.
    pub question: String,
    /// Its language.
    pub lang: String,
    /// What was done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The answer sent, or those offered.
    pub answer_ids: Vec<String>,
    /// What the customer said of it.
    pub feedback: Option<Verdict>,
    /// When it was decided.
    pub at: Timestamp,
}

/// An escalation as a case needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedRow {
    /// The decision that opened it.
    pub decision_id: Option<DecisionId>,
    /// When.
    pub opened_at: Timestamp,
    /// When a person last replied.
    pub replied_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How.
    pub outcome: Option<Outcome>,
    /// The role of whoever replied last; `None` for nobody and for actors that are no person.
    pub role: Option<Role>,
    /// The accepted answer that they sent; `None` for words of their own.
    pub answer_id: Option<String>,
}

/// When something about a decision happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionTime {
    /// Which decision.
    pub id: DecisionId,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Customers of whom something new was decided, said or done from `from` on and before
    /// `to`, each as often as that, in the order of time.
    pub async fn case_news(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        limit: i64,
    ) -> Result<Vec<(CustomerId, Timestamp)>, StoreError> {
        let rows = self
            .all(
                "SELECT customer_id, at FROM ( \
                 SELECT customer_id, at FROM decisions WHERE at >= $1 AND at < $2 UNION \
                 SELECT customer_id, at FROM feedback WHERE at >= $1 AND at < $2 UNION \
                 SELECT customer_id, replied_at AS at FROM escalations \
                 WHERE replied_at >= $1 AND replied_at < $2 UNION \
                 SELECT customer_id, closed_at AS at FROM escalations \
                 WHERE closed_at >= $1 AND closed_at < $2) AS news ORDER BY at LIMIT $3",
                cells![from, to, limit],
            )
            .await?;
        rows.iter().map(|row| Ok((row.int("customer_id")?.into(), row.time("at")?))).collect()
    }

    /// The latest decisions for a customer whose words are kept, oldest first.
    pub async fn said_of(
        &mut self,
        customer: CustomerId,
        limit: i64,
    ) -> Result<Vec<SaidRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM (SELECT id, conversation_id, channel, question, lang, action, \
                 reason, answer_ids, feedback, at FROM decisions WHERE customer_id = $1 \
                 AND question <> $2 ORDER BY id DESC LIMIT $3) AS latest ORDER BY id",
                cells![customer, super::erase::ERASED, limit],
            )
            .await?;
        rows.iter().map(SaidRow::read).collect()
    }

    /// The escalations of a customer that a decision from `from` on opened.
    pub async fn passed_of(
        &mut self,
        customer: CustomerId,
        from: DecisionId,
    ) -> Result<Vec<PassedRow>, StoreError> {
        let rows = self
            .all(
                "SELECT e.decision_id, e.opened_at, e.replied_at, e.closed_at, e.outcome, \
                 e.answer_id, p.role FROM escalations AS e LEFT JOIN people AS p ON p.id = e.replied_by \
                 WHERE e.customer_id = $1 AND e.decision_id >= $2 ORDER BY e.id",
                cells![customer, from],
            )
            .await?;
        rows.iter().map(PassedRow::read).collect()
    }

    /// When the first message behind each decision of a customer arrived, from `from` on.
    pub async fn received_for(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
        from: Timestamp,
    ) -> Result<Vec<DecisionTime>, StoreError> {
        let rows = self
            .all(
                "SELECT decision_id AS id, MIN(received_at) AS at FROM inbox \
                 WHERE conversation_id = $1 AND customer_id = $2 AND handled_at >= $3 \
                 AND decision_id IS NOT NULL GROUP BY decision_id",
                cells![conversation, customer, from],
            )
            .await?;
        rows.iter().map(DecisionTime::read).collect()
    }

    /// When the first answer of each decision of a conversation was sent: the bot's, or
    /// (`by_people`) a person's.
    pub async fn sent_for(
        &mut self,
        conversation: ConversationId,
        from: Timestamp,
        by_people: bool,
    ) -> Result<Vec<DecisionTime>, StoreError> {
        let kinds = if by_people { ["human", "human"] } else { ["answer", "choices"] };
        let rows = self
            .all(
                "SELECT decision_id AS id, MIN(settled_at) AS at FROM outbox \
                 WHERE conversation_id = $1 AND created_at >= $2 AND state = 'sent' \
                 AND kind IN ($3, $4) AND decision_id IS NOT NULL AND settled_at IS NOT NULL \
                 GROUP BY decision_id",
                cells![conversation, from, kinds[0], kinds[1]],
            )
            .await?;
        rows.iter().map(DecisionTime::read).collect()
    }
}

impl SaidRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
            channel: row.text("channel")?,
            question: row.text("question")?,
            lang: row.text("lang")?,
            action: row.word("decisions", "action")?,
            reason: row.word("decisions", "reason")?,
            answer_ids: row.json("decisions", "answer_ids")?,
            feedback: row.opt_text("feedback")?.and_then(|word| word.parse().ok()),
            at: row.time("at")?,
        })
    }
}

impl PassedRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            decision_id: row.opt_int("decision_id")?.map(DecisionId),
            opened_at: row.time("opened_at")?,
            replied_at: row.opt_time("replied_at")?,
            closed_at: row.opt_time("closed_at")?,
            outcome: row.opt_text("outcome")?.and_then(|word| word.parse().ok()),
            role: row.opt_text("role")?.and_then(|word| word.parse().ok()),
            answer_id: row.opt_text("answer_id")?,
        })
    }
}

impl DecisionTime {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { id: row.int("id")?.into(), at: row.time("at")? })
    }
}
