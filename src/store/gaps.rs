//! Tables `gaps`, `gap_members`, `gap_months`, `gap_untold`: what the base could not answer.

use jiff::Timestamp;

use super::erase::ERASED;
use super::escalations::EscalationRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{CustomerId, EscalationId, GapId, PersonId};
use crate::vocabulary::GapState;

/// Questions that mean the same and have no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapRow {
    /// Its id; stays when questions come and go.
    pub id: GapId,
    /// The words that name it, separated by spaces.
    pub name: String,
    /// The language most of its questions are in.
    pub lang: String,
    /// The product or tag that most of them seem to be about; may be empty.
    pub about: String,
    /// How many questions.
    pub n: i64,
    /// How many of them wait.
    pub n_waiting: i64,
    /// How many came in the last seven days.
    pub n_week: i64,
    /// How many in the seven days before.
    pub n_week_before: i64,
    /// How many on each of the last 28 days, the latest last.
    pub days: Vec<i64>,
    /// When the first came.
    pub first_at: Timestamp,
    /// When the last came.
    pub last_at: Timestamp,
    /// Which department has it; may be empty.
    pub owner: String,
    /// Where it stands.
    pub state: GapState,
    /// The answer that was written for it.
    pub answer_id: Option<String>,
    /// Who sends that answer to those who wait, while that goes on.
    pub answering_by: Option<PersonId>,
}

impl GapRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            name: row.text("name")?,
            lang: row.text("lang")?,
            about: row.text("about")?,
            n: row.int("n")?,
            n_waiting: row.int("n_waiting")?,
            n_week: row.int("n_week")?,
            n_week_before: row.int("n_week_before")?,
            days: row.json("gaps", "days")?,
            first_at: row.time("first_at")?,
            last_at: row.time("last_at")?,
            owner: row.text("owner")?,
            state: row.word("gaps", "state")?,
            answer_id: row.opt_text("answer_id")?,
            answering_by: row.opt_int("answering_by")?.map(PersonId),
        })
    }
}

/// A question that is grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapQuestion {
    /// Whose.
    pub escalation_id: EscalationId,
    /// What was asked.
    pub question: String,
    /// The customer's name.
    pub name: Option<String>,
    /// Its language.
    pub lang: String,
    /// What it may be about, comma-separated.
    pub topics: String,
    /// When.
    pub opened_at: Timestamp,
    /// Whether somebody still waits.
    pub is_waiting: bool,
    /// Whether it has no answer.
    pub is_unanswered: bool,
    /// The gap it belonged to so far.
    pub gap_id: Option<GapId>,
}

/// Whose questions count: no spam, not asked elsewhere, not erased.
const COUNTS: &str = "e.opened_at >= $1 AND e.question NOT IN ('', $2) \
    AND (e.outcome IS NULL OR e.outcome NOT IN ('spam', 'duplicate'))";

impl Tx {
    /// The newest questions that nobody's accepted answer answered, and those that belonged to a gap
    /// before they were answered; newest first.
    pub async fn gap_questions(
        &mut self,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<GapQuestion>, StoreError> {
        let sql = format!(
            "SELECT * FROM (SELECT e.id, u.name, e.question, e.lang, e.topics, e.opened_at, m.gap_id, \
             CAST(CASE WHEN e.state <> 'closed' THEN 1 ELSE 0 END AS BIGINT) AS waiting, \
             CAST(CASE WHEN e.answer_id IS NULL AND COALESCE(b.state, '') NOT IN ('telling', \
             'told') THEN 1 ELSE 0 END AS BIGINT) AS unanswered FROM escalations e \
             LEFT JOIN gap_members m ON m.escalation_id = e.id \
             LEFT JOIN customers u ON u.id = e.customer_id \
             LEFT JOIN bridges b ON b.escalation_id = e.id WHERE {COUNTS}) AS q \
             WHERE q.unanswered = 1 OR q.gap_id IS NOT NULL ORDER BY q.id DESC LIMIT $3"
        );
        let sql = super::db::built(sql);
        let rows = self.all_built(sql, cells![since, ERASED, limit]).await?;
        let read = |row: &Row| {
            let is_unanswered = row.flag("unanswered")?;
            Ok(GapQuestion {
                escalation_id: row.int("id")?.into(),
                question: row.text("question")?,
                name: row.opt_text("name")?,
                lang: row.text("lang")?,
                topics: row.text("topics")?,
                opened_at: row.time("opened_at")?,
                is_waiting: is_unanswered && row.flag("waiting")?,
                is_unanswered,
                gap_id: row.opt_int("gap_id")?.map(GapId),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Tells one state of those questions from another.
    pub async fn gap_questions_mark(&mut self, since: Timestamp) -> Result<String, StoreError> {
        let row = self
            .one(
                "SELECT COUNT(*) AS n, COALESCE(MAX(e.id), 0) AS newest, \
                 COUNT(e.outcome) AS n_over, COUNT(e.answer_id) AS n_answered, \
                 COUNT(b.answer_id) AS n_from_forum, \
                 CAST(COALESCE(SUM(LENGTH(e.question)), 0) AS BIGINT) AS length \
                 FROM escalations e LEFT JOIN bridges b ON b.escalation_id = e.id \
                 WHERE e.opened_at >= $1",
                cells![since],
            )
            .await?;
        let Some(row) = row else { return Ok(String::new()) };
        let names = ["n", "newest", "n_over", "n_answered", "n_from_forum", "length"];
        let figures: Result<Vec<String>, StoreError> =
            names.iter().map(|name| Ok(row.int(name)?.to_string())).collect();
        Ok(figures?.join(" "))
    }

    /// One gap.
    pub async fn gap(&mut self, id: GapId) -> Result<Option<GapRow>, StoreError> {
        let row = self.one("SELECT * FROM gaps WHERE id = $1", cells![id]).await?;
        row.as_ref().map(GapRow::read).transpose()
    }

    /// The gap that a question belongs to.
    pub async fn gap_of(&mut self, id: EscalationId) -> Result<Option<GapId>, StoreError> {
        let sql = "SELECT gap_id FROM gap_members WHERE escalation_id = $1";
        let row = self.one(sql, cells![id]).await?;
        row.map(|row| Ok(row.int("gap_id")?.into())).transpose()
    }

    /// Writes a gap's figures; what people said of it stays.
    pub async fn put_gap_figures(&mut self, row: &GapRow) -> Result<(), StoreError> {
        let days = serde_json::json!(row.days).to_string();
        self.execute(
            "INSERT INTO gaps (id, name, lang, about, n, n_waiting, n_week, n_week_before, days, \
             first_at, last_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, lang = excluded.lang, \
             about = excluded.about, n = excluded.n, n_waiting = excluded.n_waiting, \
             n_week = excluded.n_week, n_week_before = excluded.n_week_before, \
             days = excluded.days, first_at = excluded.first_at, last_at = excluded.last_at",
            cells![
                row.id,
                &row.name,
                &row.lang,
                &row.about,
                row.n,
                row.n_waiting,
                row.n_week,
                row.n_week_before,
                days,
                row.first_at,
                row.last_at,
                GapState::Open,
            ],
        )
        .await?;
        Ok(())
    }

    /// Puts a question into a gap.
    pub async fn set_gap_of(&mut self, id: EscalationId, gap: GapId) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO gap_members (escalation_id, gap_id) VALUES ($1, $2) \
             ON CONFLICT (escalation_id) DO UPDATE SET gap_id = excluded.gap_id",
            cells![id, gap],
        )
        .await?;
        Ok(())
    }

    /// A gap without questions: forgotten if nobody said anything of it.
    pub async fn empty_gap(&mut self, id: GapId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM gaps WHERE id = $1 AND owner = '' AND state = 'open' \
             AND answer_id IS NULL",
            cells![id],
        )
        .await?;
        self.execute(
            "UPDATE gaps SET n = 0, n_waiting = 0, n_week = 0, n_week_before = 0 WHERE id = $1",
            cells![id],
        )
        .await?;
        Ok(())
    }

    /// Keeps what people say of a gap, and that it stood so in this month.
    pub async fn set_gap_standing(
        &mut self,
        id: GapId,
        (owner, state): (&str, GapState),
        month: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE gaps SET owner = $2, state = $3 WHERE id = $1",
            cells![id, owner, state],
        )
        .await?;
        self.execute(
            "INSERT INTO gap_months (gap_id, month, state) VALUES ($1, $2, $3) \
             ON CONFLICT (gap_id, month) DO UPDATE SET state = excluded.state",
            cells![id, month, state],
        )
        .await?;
        Ok(())
    }

    /// How a gap stood at the end of a month, if anybody had said so by then.
    pub async fn gap_in_month(
        &mut self,
        id: GapId,
        month: &str,
    ) -> Result<Option<GapState>, StoreError> {
        let row = self
            .one(
                "SELECT state FROM gap_months WHERE gap_id = $1 AND month <= $2 \
                 ORDER BY month DESC LIMIT 1",
                cells![id, month],
            )
            .await?;
        row.map(|row| row.word("gap_months", "state")).transpose()
    }

    /// The answer of a gap, and who sends it to those who wait; `None` once that is done.
    pub async fn set_gap_answer(
        &mut self,
        id: GapId,
        answer: &str,
        by: Option<PersonId>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE gaps SET answer_id = $2, answering_by = $3 WHERE id = $1",
            cells![id, answer, by],
        )
        .await?;
        Ok(())
    }

    /// The gaps whose answer goes out.
    pub async fn answering_gaps(&mut self) -> Result<Vec<GapRow>, StoreError> {
        let sql = "SELECT * FROM gaps WHERE answering_by IS NOT NULL ORDER BY id";
        let rows = self.all(sql, Vec::new()).await?;
        rows.iter().map(GapRow::read).collect()
    }

    /// Those who wait in a gap for its answer, oldest first: whom nobody else has and who were not
    /// tried before.
    pub async fn waiting_in_gap(
        &mut self,
        (gap, answer): (GapId, &str),
        person: PersonId,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT e.* FROM escalations e JOIN gap_members m ON m.escalation_id = e.id \
                 WHERE m.gap_id = $1 AND (e.state = 'open' OR (e.state = 'claimed' \
                 AND e.claimed_by = $3)) AND e.answer_id IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM gap_untold u WHERE u.escalation_id = e.id AND u.answer_id = $2) \
                 ORDER BY e.id LIMIT $4",
                cells![gap, answer, person, limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// The questions of a gap, newest first.
    pub async fn questions_in_gap(
        &mut self,
        gap: GapId,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT e.* FROM escalations e JOIN gap_members m ON m.escalation_id = e.id \
                 WHERE m.gap_id = $1 ORDER BY e.id DESC LIMIT $2",
                cells![gap, limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// Whether a customer got an answer from a person before.
    pub async fn has_answer(
        &mut self,
        customer: CustomerId,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM escalations WHERE customer_id = $1 AND answer_id = $2";
        Ok(self.count(sql, cells![customer, answer]).await? > 0)
    }

    /// Takes a customer's questions out of their gaps; those are named anew from what is left.
    pub(super) async fn erase_from_gaps(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE gaps SET name = '' WHERE id IN (SELECT m.gap_id FROM gap_members m \
             JOIN escalations e ON e.id = m.escalation_id WHERE e.customer_id = $1)",
            cells![customer],
        )
        .await?;
        self.execute(
            "DELETE FROM gap_members WHERE escalation_id IN \
             (SELECT id FROM escalations WHERE customer_id = $1)",
            cells![customer],
        )
        .await?;
        self.drop_setting("gaps.seen").await
    }

    /// Remembers why somebody could not be told.
    pub async fn add_untold(
        &mut self,
        id: EscalationId,
        answer: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO gap_untold (escalation_id, answer_id, reason) VALUES ($1, $2, $3) \
             ON CONFLICT (escalation_id, answer_id) DO NOTHING",
            cells![id, answer, reason],
        )
        .await?;
        Ok(())
    }

    /// Who of a gap could not be told its answer: their number and why.
    pub async fn untold_in_gap(&mut self, gap: GapId) -> Result<Vec<(i64, String)>, StoreError> {
        let rows = self
            .all(
                "SELECT e.number, u.reason FROM gap_untold u JOIN escalations e \
                 ON e.id = u.escalation_id JOIN gap_members m ON m.escalation_id = e.id \
                 WHERE m.gap_id = $1 ORDER BY e.number LIMIT 100",
                cells![gap],
            )
            .await?;
        rows.iter().map(|row| Ok((row.int("number")?, row.text("reason")?))).collect()
    }
}
