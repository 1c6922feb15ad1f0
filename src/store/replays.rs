//! Table `replays`: walks through the base's own history, and the history in time order.

use jiff::Timestamp;

use super::answers::{AnswerRow, answers_where};
use super::replay_cases::ReplayCase;
use super::{Row, StoreError, Tx, cells};
use crate::clock::from_millis;
use crate::ids::ReplayId;

/// A place in an order by time: the time, and the id that breaks ties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// When.
    pub at: Timestamp,
    /// Of which answer.
    pub id: String,
}

impl Place {
    /// Before everything that happened from `at` on.
    pub fn before(at: Timestamp) -> Self {
        Self { at, id: String::new() }
    }
}

/// One walk through the history.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayRow {
    /// Its id.
    pub id: ReplayId,
    /// What its outcome hangs on; an unfinished walk goes on only where this is the same.
    pub fingerprint: String,
    /// Only questions asked from then on were asked again.
    pub from: Option<Timestamp>,
    /// How answers were found, in words.
    pub mode: String,
    /// The target precision.
    pub target: f64,
    /// Accepted answers whose question is to be asked again.
    pub n_rows: i64,
    /// Answers without a date: they cannot be placed.
    pub n_undated: i64,
    /// Of `n_rows`, how many were.
    pub n_walked: i64,
    /// The last of them.
    pub walked: Place,
    /// From which likeness on two texts count as saying the same.
    pub alike_at: f64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was through; `None` while it is not.
    pub ended_at: Option<Timestamp>,
}

impl ReplayRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            fingerprint: row.text("fingerprint")?,
            from: row.opt_time("from_at")?,
            mode: row.text("mode")?,
            target: row.real("target")?,
            n_rows: row.int("n_rows")?,
            n_undated: row.int("n_undated")?,
            n_walked: row.int("n_walked")?,
            walked: Place { at: row.time("walked_at")?, id: row.text("walked_id")? },
            alike_at: row.real("alike_at")?,
            started_at: row.time("started_at")?,
            ended_at: row.opt_time("ended_at")?,
        })
    }
}

impl Tx {
    /// Live answers accepted after a place, in time order.
    pub async fn accepted_after(
        &mut self,
        place: &Place,
        limit: i64,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let rows = self
            .all(
                answers_where!(
                    "state = 'live' AND (accepted_at, id) > ($1, $2) \
                     ORDER BY accepted_at, id LIMIT $3"
                ),
                cells![place.at, &place.id, limit],
            )
            .await?;
        rows.iter().map(AnswerRow::read).collect()
    }

    /// Live answers whose question was asked after a place, in the order of the questions.
    pub async fn asked_after(
        &mut self,
        place: &Place,
        limit: i64,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let rows = self
            .all(
                answers_where!(
                    "state = 'live' AND (CASE WHEN asked_at IS NULL OR \
                     asked_at > accepted_at THEN accepted_at ELSE asked_at END, id) > ($1, $2) \
                     ORDER BY CASE WHEN asked_at IS NULL OR asked_at > accepted_at \
                     THEN accepted_at ELSE asked_at END, id LIMIT $3"
                ),
                cells![place.at, &place.id, limit],
            )
            .await?;
        rows.iter().map(AnswerRow::read).collect()
    }

    /// How many live answers' questions were asked after a place.
    pub async fn count_asked_after(&mut self, place: &Place) -> Result<i64, StoreError> {
        self.count(
            "SELECT COUNT(*) AS n FROM answers WHERE state = 'live' AND (CASE WHEN asked_at IS \
             NULL OR asked_at > accepted_at THEN accepted_at ELSE asked_at END, id) > ($1, $2)",
            cells![place.at, &place.id],
        )
        .await
    }

    /// How many live answers have no date of acceptance.
    pub async fn count_undated(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM answers WHERE state = 'live' AND accepted_at IS NULL";
        self.count(sql, vec![]).await
    }

    /// When the latest question was asked; `None` if no answer has a date.
    pub async fn last_asked(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(CASE WHEN asked_at IS NULL OR asked_at > accepted_at THEN \
                   accepted_at ELSE asked_at END) AS n FROM answers WHERE state = 'live'";
        let row = self.one(sql, vec![]).await?;
        Ok(row.map(|row| row.opt_int("n")).transpose()?.flatten().map(from_millis))
    }

    /// Starts a replay; unfinished ones are dropped.
    pub async fn start_replay(&mut self, replay: &ReplayRow) -> Result<(), StoreError> {
        self.drop_replays("running", replay.id).await?;
        self.execute(
            "INSERT INTO replays (id, fingerprint, state, from_at, mode, target, n_rows, \
             n_undated, walked_at, walked_id, started_at) \
             VALUES ($1, $2, 'running', $3, $4, $5, $6, $7, $8, $9, $10)",
            cells![
                replay.id,
                &replay.fingerprint,
                replay.from,
                &replay.mode,
                replay.target,
                replay.n_rows,
                replay.n_undated,
                replay.walked.at,
                &replay.walked.id,
                replay.started_at,
            ],
        )
        .await?;
        Ok(())
    }

    async fn drop_replays(&mut self, state: &str, but: ReplayId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM replay_cases WHERE replay_id IN \
             (SELECT id FROM replays WHERE state = $1 AND id <> $2)",
            cells![state, but],
        )
        .await?;
        let sql = "DELETE FROM replays WHERE state = $1 AND id <> $2";
        self.execute(sql, cells![state, but]).await?;
        Ok(())
    }

    /// The replay that is on its way, or the latest that is through.
    pub async fn replay(&mut self, is_through: bool) -> Result<Option<ReplayRow>, StoreError> {
        let state = if is_through { "done" } else { "running" };
        let row = self
            .one("SELECT * FROM replays WHERE state = $1 ORDER BY id DESC LIMIT 1", cells![state])
            .await?;
        row.as_ref().map(ReplayRow::read).transpose()
    }

    /// Keeps how far a replay is; false if another took its place. What was kept before stays.
    pub async fn keep_replay(
        &mut self,
        replay: &ReplayRow,
        cases: &[ReplayCase],
    ) -> Result<bool, StoreError> {
        let kept = self
            .execute(
                "UPDATE replays SET n_walked = $2, walked_at = $3, walked_id = $4 \
                 WHERE id = $1 AND state = 'running'",
                cells![replay.id, replay.n_walked, replay.walked.at, &replay.walked.id],
            )
            .await?;
        for case in cases.iter().filter(|_| kept == 1) {
            self.keep_case(replay.id, case).await?;
        }
        Ok(kept == 1)
    }

    /// Marks a replay as through; it takes the place of earlier ones.
    pub async fn end_replay(
        &mut self,
        id: ReplayId,
        alike_at: f64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE replays SET state = 'done', alike_at = $2, ended_at = $3 WHERE id = $1",
            cells![id, alike_at, now],
        )
        .await?;
        self.drop_replays("done", id).await
    }
}
