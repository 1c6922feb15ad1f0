//! Tables `replay_cases` and `replay_judgements`: what a replay would have sent, and whether a
//! person says that it agrees with what was accepted.

use jiff::Timestamp;

use super::replays::ReplayRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::ReplayId;
use crate::vocabulary::{Action, Reason};

/// One question of the history and what a customer would have got.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayCase {
    /// The accepted answer whose question it was.
    pub question_id: String,
    /// Its place in the walk, from 0.
    pub position: i64,
    /// `2026-11`.
    pub month: String,
    /// What would have been done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Calibrated probability of the best answer.
    pub confidence: f64,
    /// What would have been sent; of a short list, the one likest the accepted answer.
    pub sent_id: Option<String>,
    /// Who wrote that.
    pub author: Option<String>,
    /// Whether the forum itself marked the two questions as the same.
    pub linked: bool,
    /// How like the sent text is to the one accepted later, 0..=1.
    pub likeness: f64,
}

/// Cases of one month with the same outcome, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseCount {
    /// `2026-11`.
    pub month: String,
    /// What would have been done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub n: i64,
    /// Of those, how many agree with the forum, by a person, a link or the estimate.
    pub n_agree: i64,
    /// How many of them the forum itself had linked.
    pub n_linked: i64,
    /// How many a person judged.
    pub n_judged: i64,
    /// Of those, how many agree.
    pub n_judged_agree: i64,
}

/// A case with something sent, and a person's word on it.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// The case.
    pub case: ReplayCase,
    /// Whether a person says that both tell the customer the same.
    pub judged: Option<bool>,
}

impl Tx {
    /// Keeps a case; one that is kept already stays as it is.
    pub(super) async fn keep_case(
        &mut self,
        replay: ReplayId,
        case: &ReplayCase,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO replay_cases (replay_id, question_id, position, month, action, reason, \
             confidence, sent_id, author, linked, likeness) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (replay_id, question_id) DO NOTHING",
            cells![
                replay,
                &case.question_id,
                case.position,
                &case.month,
                case.action,
                case.reason,
                case.confidence,
                &case.sent_id,
                &case.author,
                case.linked,
                case.likeness,
            ],
        )
        .await?;
        Ok(())
    }

    /// The cases of a replay by month and outcome, months ascending.
    pub async fn replay_counts(
        &mut self,
        replay: &ReplayRow,
    ) -> Result<Vec<CaseCount>, StoreError> {
        let rows = self
            .all(
                "SELECT month, action, reason, COUNT(*) AS n, COUNT(agrees) AS n_judged, \
                 CAST(SUM(COALESCE(agrees, 0)) AS BIGINT) AS n_judged_agree, \
                 CAST(SUM(linked) AS BIGINT) AS n_linked, \
                 CAST(SUM(COALESCE(agrees, CASE WHEN c.sent_id IS NULL THEN 0 WHEN linked = 1 \
                 THEN 1 WHEN likeness >= $2 THEN 1 ELSE 0 END)) AS BIGINT) AS n_agree \
                 FROM replay_cases AS c LEFT JOIN replay_judgements AS j \
                 ON j.question_id = c.question_id AND j.sent_id = c.sent_id \
                 WHERE replay_id = $1 GROUP BY month, action, reason \
                 ORDER BY month, action, reason",
                cells![replay.id, replay.alike_at],
            )
            .await?;
        let read = |row: &Row| {
            Ok(CaseCount {
                month: row.text("month")?,
                action: row.word("replay_cases", "action")?,
                reason: row.word("replay_cases", "reason")?,
                n: row.int("n")?,
                n_agree: row.int("n_agree")?,
                n_linked: row.int("n_linked")?,
                n_judged: row.int("n_judged")?,
                n_judged_agree: row.int("n_judged_agree")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Who wrote what would have been sent at once, most first, with how often.
    pub async fn replay_authors(
        &mut self,
        id: ReplayId,
    ) -> Result<Vec<(Option<String>, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT author, COUNT(*) AS n FROM replay_cases \
                 WHERE replay_id = $1 AND action = 'answer' GROUP BY author \
                 ORDER BY n DESC, author",
                cells![id],
            )
            .await?;
        rows.iter().map(|row| Ok((row.opt_text("author")?, row.int("n")?))).collect()
    }

    /// Pairs from a position on, in the order of the walk.
    pub async fn replay_pairs(
        &mut self,
        id: ReplayId,
        from: i64,
        limit: i64,
    ) -> Result<Vec<PairRow>, StoreError> {
        let rows = self
            .all(
                "SELECT c.*, agrees FROM replay_cases AS c LEFT JOIN replay_judgements AS j \
                 ON j.question_id = c.question_id AND j.sent_id = c.sent_id \
                 WHERE replay_id = $1 AND c.sent_id IS NOT NULL AND position >= $2 \
                 ORDER BY position LIMIT $3",
                cells![id, from, limit],
            )
            .await?;
        rows.iter().map(PairRow::read).collect()
    }

    /// The next pair from a position on that nobody judged, those sent at once first.
    pub async fn unjudged_pair(
        &mut self,
        id: ReplayId,
        from: i64,
    ) -> Result<Option<PairRow>, StoreError> {
        let row = self
            .one(
                "SELECT c.*, agrees FROM replay_cases AS c LEFT JOIN replay_judgements AS j \
                 ON j.question_id = c.question_id AND j.sent_id = c.sent_id \
                 WHERE replay_id = $1 AND c.sent_id IS NOT NULL AND position >= $2 \
                 AND agrees IS NULL ORDER BY action, position LIMIT 1",
                cells![id, from],
            )
            .await?;
        row.as_ref().map(PairRow::read).transpose()
    }

    /// One pair of a replay.
    pub async fn replay_pair(
        &mut self,
        id: ReplayId,
        question_id: &str,
    ) -> Result<Option<PairRow>, StoreError> {
        let row = self
            .one(
                "SELECT c.*, agrees FROM replay_cases AS c LEFT JOIN replay_judgements AS j \
                 ON j.question_id = c.question_id AND j.sent_id = c.sent_id \
                 WHERE replay_id = $1 AND c.sent_id IS NOT NULL AND c.question_id = $2",
                cells![id, question_id],
            )
            .await?;
        row.as_ref().map(PairRow::read).transpose()
    }

    /// Keeps a person's word on a pair; a later word takes the place of an earlier one.
    pub async fn judge_pair(
        &mut self,
        (question_id, sent_id): (&str, &str),
        agrees: bool,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO replay_judgements (question_id, sent_id, agrees, judged_by, at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (question_id, sent_id) \
             DO UPDATE SET agrees = excluded.agrees, judged_by = excluded.judged_by, \
             at = excluded.at",
            cells![question_id, sent_id, agrees, by, now],
        )
        .await?;
        Ok(())
    }
}

impl PairRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let case = ReplayCase {
            question_id: row.text("question_id")?,
            position: row.int("position")?,
            month: row.text("month")?,
            action: row.word("replay_cases", "action")?,
            reason: row.word("replay_cases", "reason")?,
            confidence: row.real("confidence")?,
            sent_id: row.opt_text("sent_id")?,
            author: row.opt_text("author")?,
            linked: row.flag("linked")?,
            likeness: row.real("likeness")?,
        };
        Ok(Self { case, judged: row.opt_int("agrees")?.map(|agrees| agrees != 0) })
    }
}
