//! Tables `programme_events` and `programme_invitations`: what super fans are invited to.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::ProgrammeId;
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk};

/// Something super fans are invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its id.
    pub id: ProgrammeId,
    /// What kind.
    pub kind: EventKind,
    /// Its name.
    pub name: String,
    /// The day, `2026-12-01`.
    pub happens_on: String,
    /// What it is about, for the invitation.
    pub about: String,
    /// What they get; never money.
    pub perk: Perk,
    /// Its share of the programme's budget, 0..=100.
    pub budget_percent: i64,
    /// Who is invited.
    pub rule: RuleRow,
    /// Whether it is still to come.
    pub state: EventState,
    /// When it was planned.
    pub created_at: Timestamp,
}

/// Who is invited: the first of a leaderboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleRow {
    /// So many of the first, 1..=100.
    pub top: i64,
    /// By solves of so many days; 0 for all time.
    pub days: i64,
    /// Only in this language; empty for all.
    pub lang: String,
    /// Only about this product; empty for all.
    pub product: String,
    /// Only with this tag; empty for all.
    pub tag: String,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// The author, as the base names them.
    pub author: String,
    /// What they had solved, by the rule, when they were invited.
    pub solves: i64,
    /// What they said.
    pub answer: InvitationAnswer,
    /// When they were invited.
    pub invited_at: Timestamp,
    /// When they said it.
    pub answered_at: Option<Timestamp>,
}

impl EventRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            kind: row.word("programme_events", "kind")?,
            name: row.text("name")?,
            happens_on: row.text("happens_on")?,
            about: row.text("about")?,
            perk: row.word("programme_events", "perk")?,
            budget_percent: row.int("budget_percent")?,
            rule: RuleRow {
                top: row.int("top")?,
                days: row.int("days")?,
                lang: row.text("lang")?,
                product: row.text("product")?,
                tag: row.text("tag")?,
            },
            state: row.word("programme_events", "state")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Tx {
    /// Keeps an event.
    pub async fn add_event(&mut self, event: &EventRow) -> Result<(), StoreError> {
        let rule = &event.rule;
        self.execute(
            "INSERT INTO programme_events (id, kind, name, happens_on, about, perk, \
             budget_percent, top, days, lang, product, tag, state, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            cells![
                event.id,
                event.kind,
                &event.name,
                &event.happens_on,
                &event.about,
                event.perk,
                event.budget_percent,
                rule.top,
                rule.days,
                &rule.lang,
                &rule.product,
                &rule.tag,
                event.state,
                event.created_at,
            ],
        )
        .await?;
        Ok(())
    }

    /// One event.
    pub async fn event(&mut self, id: ProgrammeId) -> Result<Option<EventRow>, StoreError> {
        let row = self.one("SELECT * FROM programme_events WHERE id = $1", cells![id]).await?;
        row.as_ref().map(EventRow::read).transpose()
    }

    /// The latest events, by day.
    pub async fn events(&mut self, limit: i64) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT * FROM programme_events ORDER BY happens_on DESC, id DESC LIMIT $1";
        self.all(sql, cells![limit]).await?.iter().map(EventRow::read).collect()
    }

    /// Events by when they were planned, the newest first, after one.
    pub async fn events_after(
        &mut self,
        after: Option<ProgrammeId>,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT * FROM programme_events WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let after = after.map_or(i64::MAX, |id| id.0);
        self.all(sql, cells![after, limit]).await?.iter().map(EventRow::read).collect()
    }

    /// What all events that are still to come take of the budget, in percent.
    pub async fn planned_budget(&mut self) -> Result<i64, StoreError> {
        self.count(
            "SELECT CAST(COALESCE(SUM(budget_percent), 0) AS BIGINT) AS n FROM programme_events \
             WHERE state = 'planned'",
            vec![],
        )
        .await
    }

    /// Ends an event.
    pub async fn close_event(&mut self, id: ProgrammeId) -> Result<(), StoreError> {
        self.execute("UPDATE programme_events SET state = 'over' WHERE id = $1", cells![id])
            .await?;
        Ok(())
    }

    /// Invites an author; false if they are invited already.
    pub async fn invite(
        &mut self,
        event: ProgrammeId,
        (author, solves): (&str, i64),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = self
            .execute(
                "INSERT INTO programme_invitations (event_id, author, solves, answer, invited_at) \
                 VALUES ($1, $2, $3, 'none', $4) ON CONFLICT (event_id, author) DO NOTHING",
                cells![event, author, solves, now],
            )
            .await?;
        Ok(n == 1)
    }

    /// Notes what an author said to an invitation; false if they were not invited.
    pub async fn answer_invitation(
        &mut self,
        event: ProgrammeId,
        author: &str,
        (answer, now): (InvitationAnswer, Timestamp),
    ) -> Result<bool, StoreError> {
        let n = self
            .execute(
                "UPDATE programme_invitations SET answer = $3, answered_at = $4 \
                 WHERE event_id = $1 AND author = $2",
                cells![event, author, answer, now],
            )
            .await?;
        Ok(n == 1)
    }

    /// Who is invited to an event, the most solves first.
    pub async fn invitations(
        &mut self,
        event: ProgrammeId,
    ) -> Result<Vec<InvitationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM programme_invitations WHERE event_id = $1 \
                 ORDER BY solves DESC, author",
                cells![event],
            )
            .await?;
        let read = |row: &Row| {
            Ok(InvitationRow {
                author: row.text("author")?,
                solves: row.int("solves")?,
                answer: row.word("programme_invitations", "answer")?,
                invited_at: row.time("invited_at")?,
                answered_at: row.opt_time("answered_at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
