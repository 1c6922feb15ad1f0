//! Table `calibrations`, and the feedback they are fitted to.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{CalibrationId, ConversationId, CustomerId};
use crate::vocabulary::{Action, Verdict};

/// A calibration fitted to the brand's own feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibrationRow {
    /// Its id.
    pub id: CalibrationId,
    /// Digest of the shipped calibration that it was fitted from.
    pub shipped: String,
    /// The calibration, as the index writes it.
    pub body: String,
    /// How many judgements it was fitted to.
    pub n_judged: i64,
    /// Whether it counts.
    pub in_force: bool,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A decision that somebody judged.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedRow {
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Whose question.
    pub customer_id: CustomerId,
    /// The question.
    pub question: String,
    /// What was done.
    pub action: Action,
    /// The confidence of the best hit then.
    pub confidence: f64,
    /// What was sent, or offered.
    pub answer_ids: Vec<String>,
    /// The match card.
    pub card: serde_json::Value,
    /// What the customer said.
    pub said: Option<Verdict>,
    /// What a person replied to the escalation instead.
    pub reply: Option<String>,
}

/// What customers said of automatic answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Answers that helped.
    pub n_helped: i64,
    /// All that somebody judged.
    pub n: i64,
}

impl Tx {
    /// Keeps a calibration; in force, it takes the place of the one before.
    pub async fn add_calibration(&mut self, row: &CalibrationRow) -> Result<(), StoreError> {
        if row.in_force {
            self.use_calibration(None).await?;
        }
        self.execute(
            "INSERT INTO calibrations (id, shipped, body, n_judged, in_force, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            cells![row.id, &row.shipped, &row.body, row.n_judged, row.in_force, row.made_at],
        )
        .await?;
        Ok(())
    }

    /// Puts a calibration in force; `None` is the shipped one. False if there is none such.
    pub async fn use_calibration(&mut self, id: Option<CalibrationId>) -> Result<bool, StoreError> {
        self.execute("UPDATE calibrations SET in_force = 0 WHERE in_force = 1", vec![]).await?;
        let Some(id) = id else { return Ok(true) };
        let sql = "UPDATE calibrations SET in_force = 1 WHERE id = $1";
        Ok(self.execute(sql, cells![id]).await? == 1)
    }

    /// Every calibration, newest first.
    pub async fn calibrations(&mut self) -> Result<Vec<CalibrationRow>, StoreError> {
        let rows = self.all("SELECT * FROM calibrations ORDER BY id DESC", vec![]).await?;
        rows.iter().map(CalibrationRow::read).collect()
    }

    /// The calibration in force; `None` for the shipped one.
    pub async fn calibration_in_force(&mut self) -> Result<Option<CalibrationRow>, StoreError> {
        let sql = "SELECT * FROM calibrations WHERE in_force = 1 ORDER BY id DESC LIMIT 1";
        let row = self.one(sql, vec![]).await?;
        row.as_ref().map(CalibrationRow::read).transpose()
    }

    /// The newest judged decisions, newest first: those a customer spoke on, and escalations that
    /// a person replied to.
    pub async fn judged_decisions(&mut self, limit: i64) -> Result<Vec<JudgedRow>, StoreError> {
        let rows = self
            .all(
                "SELECT d.*, (SELECT MIN(o.text) FROM outbox AS o WHERE o.decision_id = d.id \
                 AND o.kind = 'human' AND o.part = 0) AS reply FROM decisions AS d \
                 WHERE d.feedback IN ('helped', 'refused') OR (d.action = 'escalate' AND EXISTS \
                 (SELECT 1 FROM outbox AS o WHERE o.decision_id = d.id AND o.kind = 'human')) \
                 ORDER BY d.id DESC LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(JudgedRow::read).collect()
    }

    /// What customers said of the newest automatic answers that they judged.
    pub async fn said_of_answers(
        &mut self,
        since: Timestamp,
        limit: i64,
    ) -> Result<Said, StoreError> {
        let row = self
            .one(
                "SELECT COUNT(*) AS n, \
                 CAST(COALESCE(SUM(CASE WHEN feedback = 'helped' THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 AS n_helped FROM (SELECT feedback FROM decisions WHERE action = 'answer' AND \
                 feedback IN ('helped', 'refused') AND at >= $1 ORDER BY id DESC LIMIT $2) AS told",
                cells![since, limit],
            )
            .await?;
        let Some(row) = row else { return Ok(Said::default()) };
        Ok(Said { n_helped: row.int("n_helped")?, n: row.int("n")? })
    }
}

impl CalibrationRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            shipped: row.text("shipped")?,
            body: row.text("body")?,
            n_judged: row.int("n_judged")?,
            in_force: row.flag("in_force")?,
            made_at: row.time("made_at")?,
        })
    }
}

impl JudgedRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            conversation_id: row.int("conversation_id")?.into(),
            customer_id: row.int("customer_id")?.into(),
            question: row.text("question")?,
            action: row.word("decisions", "action")?,
            confidence: row.real("confidence")?,
            answer_ids: row.json("decisions", "answer_ids")?,
            card: row.json("decisions", "card")?,
            said: row.opt_text("feedback")?.and_then(|word| word.parse().ok()),
            reply: row.opt_text("reply")?,
        })
    }
}
