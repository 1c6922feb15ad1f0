//! Tables `answer_topics`, `forum_topics`, `forum_due`, `forums`: the forums that are followed.

use jiff::Timestamp;

use super::imports::KnownAnswer;
use super::{Row, StoreError, Tx, cells};

/// How following a forum goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForumRow {
    /// The last event's name there.
    pub last_event: Option<String>,
    /// When it was heard.
    pub last_event_at: Option<Timestamp>,
    /// How long the last event that meant something took until it counted, in milliseconds.
    pub last_lag_ms: Option<i64>,
    /// When the last sweep ended.
    pub swept_at: Option<Timestamp>,
    /// When the running sweep began.
    pub sweep_began_at: Option<Timestamp>,
    /// The page it reads next; empty for the first.
    pub sweep_page: Option<String>,
    /// Until when the forum asked to be left alone.
    pub held_until: Option<Timestamp>,
    /// What stands in the way, in words.
    pub trouble: Option<String>,
}

/// A topic that has to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTopic {
    /// Its id.
    pub topic: String,
    /// Whether a webhook told of it.
    pub urgent: bool,
    /// When it was first told of.
    pub since: Timestamp,
    /// When it is to be read.
    pub due_at: Timestamp,
    /// How often it was told of; it is done when this did not grow meanwhile.
    pub n_told: i64,
    /// How often reading failed.
    pub tries: i64,
}

/// What was last seen of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSeen<'a> {
    /// Its id.
    pub topic: &'a str,
    /// `kept`, `skipped` or `gone`.
    pub outcome: &'a str,
    /// Why it was skipped.
    pub reason: Option<&'a str>,
}

/// How many topics came to an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicCount {
    /// `kept`, `skipped` or `gone`.
    pub outcome: String,
    /// Why they were skipped.
    pub reason: Option<String>,
    /// How many.
    pub n: i64,
}

impl Tx {
    /// Notes which topic an answer belongs to.
    pub async fn set_answer_topic(
        &mut self,
        source: &str,
        source_id: &str,
        topic: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO answer_topics (source, source_id, topic) VALUES ($1, $2, $3) \
             ON CONFLICT (source, source_id) DO UPDATE SET topic = excluded.topic",
            cells![source, source_id, topic],
        )
        .await?;
        Ok(())
    }

    /// Every answer of a topic, retired ones too.
    pub async fn answers_of_topic(
        &mut self,
        source: &str,
        topic: &str,
    ) -> Result<Vec<KnownAnswer>, StoreError> {
        let rows = self
            .all(
                "SELECT answers.id, answers.source_id, answers.hash, answers.state FROM answers \
                 JOIN answer_topics t ON t.source = answers.source \
                 AND t.source_id = answers.source_id WHERE t.source = $1 AND t.topic = $2 \
                 ORDER BY answers.id",
                cells![source, topic],
            )
            .await?;
        rows.iter().map(KnownAnswer::read).collect()
    }

    /// Takes an answer out of service because its source no longer has it; its public id if it
    /// was in service. The source brings it back by accepting it again.
    pub async fn withdraw_answer(
        &mut self,
        source: &str,
        source_id: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let known = self.known_answers(source, &[source_id]).await?;
        let Some(answer) = known.into_iter().find(|answer| answer.live) else { return Ok(None) };
        let seq = self.next_answer_seq().await?;
        self.execute(
            "UPDATE answers SET state = 'retired', hash = '', seq = $2, updated_at = $3 \
             WHERE id = $1",
            cells![&answer.id, seq, now],
        )
        .await?;
        Ok(Some(answer.id))
    }

    /// Whether anything is known of a topic.
    pub async fn knows_topic(&mut self, source: &str, topic: &str) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT (SELECT COUNT(*) FROM answer_topics WHERE source = $1 AND topic = $2) + \
                 (SELECT COUNT(*) FROM forum_topics WHERE source = $1 AND topic = $2) AS n",
                cells![source, topic],
            )
            .await?;
        Ok(n > 0)
    }

    /// Notes that a topic has to be read; `urgent` when somebody just told of it.
    pub async fn topic_is_due(
        &mut self,
        (source, topic): (&str, &str),
        urgent: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO forum_due (source, topic, urgent, since, due_at, n_told, tries) \
             VALUES ($1, $2, $3, $4, $4, 1, 0) ON CONFLICT (source, topic) DO UPDATE SET \
             n_told = forum_due.n_told + 1, tries = 0, \
             due_at = CASE WHEN excluded.due_at < forum_due.due_at OR excluded.urgent = 1 \
             THEN excluded.due_at ELSE forum_due.due_at END, \
             since = CASE WHEN excluded.urgent > forum_due.urgent THEN excluded.since \
             ELSE forum_due.since END, \
             urgent = CASE WHEN excluded.urgent = 1 THEN 1 ELSE forum_due.urgent END",
            cells![source, topic, urgent, now],
        )
        .await?;
        Ok(())
    }

    /// The topic of a forum to read next: of those that are due at `now` what was told of first,
    /// then what sweeps found; else the one that is due next.
    pub async fn next_due_topic(
        &mut self,
        source: &str,
        now: Timestamp,
    ) -> Result<Option<DueTopic>, StoreError> {
        let row = self
            .one(
                "SELECT * FROM forum_due WHERE source = $1 \
                 ORDER BY CASE WHEN due_at <= $2 THEN 1 + urgent ELSE 0 END DESC, due_at, topic \
                 LIMIT 1",
                cells![source, now],
            )
            .await?;
        row.map(|row| {
            Ok(DueTopic {
                topic: row.text("topic")?,
                urgent: row.flag("urgent")?,
                since: row.time("since")?,
                due_at: row.time("due_at")?,
                n_told: row.int("n_told")?,
                tries: row.int("tries")?,
            })
        })
        .transpose()
    }

    /// A topic was read; it stays due if it was told of again meanwhile.
    pub async fn topic_is_read(&mut self, source: &str, due: &DueTopic) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM forum_due WHERE source = $1 AND topic = $2 AND n_told = $3",
            cells![source, &due.topic, due.n_told],
        )
        .await?;
        Ok(())
    }

    /// A topic could not be read; it is tried again later.
    pub async fn postpone_topic(
        &mut self,
        (source, topic): (&str, &str),
        due_at: Timestamp,
        trouble: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE forum_due SET due_at = $3, tries = tries + 1, trouble = $4 \
             WHERE source = $1 AND topic = $2",
            cells![source, topic, due_at, trouble],
        )
        .await?;
        Ok(())
    }

    /// How many topics wait to be read, and since when the first of those that were told of does.
    pub async fn due_topics(
        &mut self,
        source: &str,
    ) -> Result<(i64, Option<Timestamp>), StoreError> {
        let row = self
            .one(
                "SELECT COUNT(*) AS n, MIN(CASE WHEN urgent = 1 THEN since END) AS since \
                 FROM forum_due WHERE source = $1",
                cells![source],
            )
            .await?;
        row.map_or(Ok((0, None)), |row| Ok((row.int("n")?, row.opt_time("since")?)))
    }

    /// Keeps what a topic came to when it was read.
    pub async fn set_topic_seen(
        &mut self,
        source: &str,
        seen: &TopicSeen<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO forum_topics (source, topic, mark, listed_at, read_at, outcome, reason) \
             VALUES ($1, $2, '', 0, $3, $4, $5) ON CONFLICT (source, topic) DO UPDATE SET \
             read_at = excluded.read_at, outcome = excluded.outcome, reason = excluded.reason",
            cells![source, seen.topic, now, seen.outcome, seen.reason],
        )
        .await?;
        Ok(())
    }

    /// Notes that a list showed a topic; whether it looks other than when it was last listed.
    pub async fn topic_is_listed(
        &mut self,
        (source, topic): (&str, &str),
        mark: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT mark FROM forum_topics WHERE source = $1 AND topic = $2";
        let known = self.one(sql, cells![source, topic]).await?;
        let known = known.map(|row| row.text("mark")).transpose()?;
        self.execute(
            "INSERT INTO forum_topics (source, topic, mark, listed_at, read_at, outcome) \
             VALUES ($1, $2, $3, $4, 0, 'kept') ON CONFLICT (source, topic) DO UPDATE SET \
             mark = excluded.mark, listed_at = excluded.listed_at",
            cells![source, topic, mark, now],
        )
        .await?;
        match known {
            Some(known) => Ok(known != mark),
            // An import has just read it; later sweeps read it again in their turn.
            None => Ok(self.answers_of_topic(source, topic).await?.is_empty()),
        }
    }

    /// Makes due: topics with answers in service that the sweep since `began` did not list, and
    /// the `n` kept ones that were not read for the longest time; returns how many.
    pub async fn unlisted_are_due(
        &mut self,
        source: &str,
        (began, now): (Timestamp, Timestamp),
        n: i64,
    ) -> Result<u64, StoreError> {
        let unlisted = self
            .execute(
                "INSERT INTO forum_due (source, topic, urgent, since, due_at, n_told, tries) \
                 SELECT DISTINCT t.source, t.topic, 0, $3, $3, 1, 0 FROM answer_topics t \
                 JOIN answers a ON a.source = t.source AND a.source_id = t.source_id \
                 AND a.state = 'live' LEFT JOIN forum_topics f ON f.source = t.source \
                 AND f.topic = t.topic WHERE t.source = $1 AND COALESCE(f.listed_at, 0) < $2 \
                 ON CONFLICT (source, topic) DO NOTHING",
                cells![source, began, now],
            )
            .await?;
        let oldest = self
            .execute(
                "INSERT INTO forum_due (source, topic, urgent, since, due_at, n_told, tries) \
                 SELECT source, topic, 0, $2, $2, 1, 0 FROM (SELECT source, topic \
                 FROM forum_topics WHERE source = $1 AND outcome = 'kept' AND read_at < $3 \
                 ORDER BY read_at LIMIT $4) AS oldest WHERE TRUE \
                 ON CONFLICT (source, topic) DO NOTHING",
                cells![source, now, began, n],
            )
            .await?;
        Ok(unlisted + oldest)
    }

    /// How following a forum goes.
    pub async fn forum(&mut self, source: &str) -> Result<ForumRow, StoreError> {
        let row = self.one("SELECT * FROM forums WHERE source = $1", cells![source]).await?;
        row.as_ref().map_or(Ok(ForumRow::default()), read_forum)
    }

    /// Keeps how following a forum goes, but for the last event, which is kept as it is heard.
    pub async fn set_forum(&mut self, source: &str, row: &ForumRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO forums (source, last_lag_ms, swept_at, sweep_began_at, sweep_page, \
             held_until, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (source) DO UPDATE SET last_lag_ms = excluded.last_lag_ms, swept_at = excluded.swept_at, \
             sweep_began_at = excluded.sweep_began_at, sweep_page = excluded.sweep_page, \
             held_until = excluded.held_until, trouble = excluded.trouble",
            cells![
                source,
                row.last_lag_ms,
                row.swept_at,
                row.sweep_began_at,
                &row.sweep_page,
                row.held_until,
                &row.trouble,
            ],
        )
        .await?;
        Ok(())
    }

    /// Notes an event of a forum.
    pub async fn forum_spoke(
        &mut self,
        source: &str,
        event: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO forums (source, last_event, last_event_at) VALUES ($1, $2, $3) \
             ON CONFLICT (source) DO UPDATE SET last_event = excluded.last_event, \
             last_event_at = excluded.last_event_at",
            cells![source, event, now],
        )
        .await?;
        Ok(())
    }

    /// Topics of a forum by what they came to, the largest groups first.
    pub async fn topic_counts(&mut self, source: &str) -> Result<Vec<TopicCount>, StoreError> {
        let rows = self
            .all(
                "SELECT outcome, reason, COUNT(*) AS n FROM forum_topics WHERE source = $1 \
                 AND read_at > 0 GROUP BY outcome, reason ORDER BY n DESC, outcome, reason",
                cells![source],
            )
            .await?;
        let read = |row: &Row| {
            let (outcome, reason) = (row.text("outcome")?, row.opt_text("reason")?);
            Ok(TopicCount { outcome, reason, n: row.int("n")? })
        };
        rows.iter().map(read).collect()
    }
}

fn read_forum(row: &Row) -> Result<ForumRow, StoreError> {
    Ok(ForumRow {
        last_event: row.opt_text("last_event")?,
        last_event_at: row.opt_time("last_event_at")?,
        last_lag_ms: row.opt_int("last_lag_ms")?,
        swept_at: row.opt_time("swept_at")?,
        sweep_began_at: row.opt_time("sweep_began_at")?,
        sweep_page: row.opt_text("sweep_page")?,
        held_until: row.opt_time("held_until")?,
        trouble: row.opt_text("trouble")?,
    })
}
