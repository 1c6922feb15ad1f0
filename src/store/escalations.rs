//! Table `escalations`: conversations waiting for a human.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId, EscalationId, PersonId};
use crate::vocabulary::{EscalationState, Outcome, Reason};

/// A conversation waiting for a human, or that waited.
#[derive(Clone, Debug)]
pub struct EscalationRow {
    /// Its id.
    pub id: EscalationId,
    /// What the customer reads after `#`.
    pub number: i64,
    /// Where.
    pub conversation_id: ConversationId,
    /// Whose question.
    pub customer_id: CustomerId,
    /// Channel account.
    pub channel: String,
    /// The question, in the original.
    pub question: String,
    /// Its language.
    pub lang: String,
    /// Why the bot did not answer.
    pub reason: Reason,
    /// The decision that opened it.
    pub decision_id: Option<DecisionId>,
    /// Where it stands.
    pub state: EscalationState,
    /// 0 is the most urgent.
    pub priority: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who owns it.
    pub claimed_by: Option<PersonId>,
    /// When the claim lapses if its owner stays idle.
    pub claim_expires_at: Option<Timestamp>,
    /// When a person last replied.
    pub replied_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Until when its owner has put it aside.
    pub snoozed_until: Option<Timestamp>,
    /// The skill it was passed on to.
    pub skill: Option<String>,
    /// What whoever passed it on says about it.
    pub note: Option<String>,
    /// What it may be about: tags and products of what was found, lower case, comma-separated.
    pub topics: String,
    /// The accepted answer that a person sent last.
    pub answer_id: Option<String>,
    /// What a person wrote last, if it was no accepted answer.
    pub own_words: Option<String>,
}

impl EscalationRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let outcome = row.opt_text("outcome")?;
        Ok(Self {
            id: row.int("id")?.into(),
            number: row.int("number")?,
            conversation_id: row.int("conversation_id")?.into(),
            customer_id: row.int("customer_id")?.into(),
            channel: row.text("channel")?,
            question: row.text("question")?,
            lang: row.text("lang")?,
            reason: row.word("escalations", "reason")?,
            decision_id: row.opt_int("decision_id")?.map(DecisionId),
            state: row.word("escalations", "state")?,
            priority: row.int("priority")?,
            opened_at: row.time("opened_at")?,
            claimed_by: row.opt_int("claimed_by")?.map(PersonId),
            claim_expires_at: row.opt_time("claim_expires_at")?,
            replied_at: row.opt_time("replied_at")?,
            closed_at: row.opt_time("closed_at")?,
            outcome: outcome.and_then(|word| word.parse().ok()),
            snoozed_until: row.opt_time("snoozed_until")?,
            skill: row.opt_text("skill")?,
            note: row.opt_text("note")?,
            topics: row.text("topics")?,
            answer_id: row.opt_text("answer_id")?,
            own_words: row.opt_text("own_words")?,
        })
    }
}

impl Tx {
    /// Adds an open escalation; returns its number.
    pub async fn add_escalation(&mut self, new: &EscalationRow) -> Result<i64, StoreError> {
        let number = self.next_number("escalation").await?;
        self.execute(
            "INSERT INTO escalations (id, number, conversation_id, customer_id, channel, question, \
             lang, reason, decision_id, state, priority, opened_at, topics) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            cells![
                new.id,
                number,
                new.conversation_id,
                new.customer_id,
                &new.channel,
                &new.question,
                &new.lang,
                new.reason,
                new.decision_id,
                EscalationState::Open,
                new.priority,
                new.opened_at,
                &new.topics,
            ],
        )
        .await?;
        Ok(number)
    }

    /// One escalation.
    pub async fn escalation(
        &mut self,
        id: EscalationId,
    ) -> Result<Option<EscalationRow>, StoreError> {
        let row = self.one("SELECT * FROM escalations WHERE id = $1", cells![id]).await?;
        row.as_ref().map(EscalationRow::read).transpose()
    }

    /// The escalation of a customer in a conversation that is not closed, if any.
    pub async fn open_escalation(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
    ) -> Result<Option<EscalationRow>, StoreError> {
        let row = self
            .one(
                "SELECT * FROM escalations WHERE conversation_id = $1 AND customer_id = $2 \
                 AND state IN ('open', 'claimed') ORDER BY id DESC LIMIT 1",
                cells![conversation, customer],
            )
            .await?;
        row.as_ref().map(EscalationRow::read).transpose()
    }

    /// Whether a person owns one of the conversation's escalations of this customer.
    pub async fn human_owns(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
    ) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM escalations WHERE conversation_id = $1 \
                 AND customer_id = $2 AND state = 'claimed'",
                cells![conversation, customer],
            )
            .await?;
        Ok(n > 0)
    }

    /// How many escalations of a conversation are not closed.
    pub async fn unclosed_escalations(
        &mut self,
        conversation: ConversationId,
    ) -> Result<(i64, i64), StoreError> {
        let claimed = self
            .count(
                "SELECT COUNT(*) AS n FROM escalations WHERE conversation_id = $1 \
                 AND state = 'claimed'",
                cells![conversation],
            )
            .await?;
        let open = self
            .count(
                "SELECT COUNT(*) AS n FROM escalations WHERE conversation_id = $1 \
                 AND state = 'open'",
                cells![conversation],
            )
            .await?;
        Ok((open, claimed))
    }

    /// Adds a later message of the customer to the question.
    pub async fn append_to_question(
        &mut self,
        id: EscalationId,
        text: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET question = question || $2 WHERE id = $1",
            cells![id, format!("\n{text}")],
        )
        .await?;
        Ok(())
    }

    /// Gives an escalation to a person if nobody else has it; renews their own claim.
    pub async fn claim_escalation(
        &mut self,
        id: EscalationId,
        person: PersonId,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE escalations SET state = 'claimed', claimed_by = $2, claim_expires_at = $3, \
                 snoozed_until = NULL WHERE id = $1 AND (state = 'open' OR (state = 'claimed' AND claimed_by = $2))",
                cells![id, person, expires_at],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Remembers that a person replied.
    pub async fn mark_replied(
        &mut self,
        id: EscalationId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET replied_at = $2, replied_by = $3 WHERE id = $1",
            cells![id, now, person],
        )
        .await?;
        Ok(())
    }

    /// Closes an escalation; false if it was closed before.
    pub async fn close_escalation(
        &mut self,
        id: EscalationId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE escalations SET state = 'closed', outcome = $2, closed_at = $3 \
                 WHERE id = $1 AND state IN ('open', 'claimed')",
                cells![id, outcome, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Claims whose owner has been idle too long.
    pub async fn lapsed_claims(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE state = 'claimed' AND claim_expires_at <= $1 \
                 ORDER BY id LIMIT 100",
                cells![now],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// Takes a lapsed claim back: the escalation is open again. False if it was renewed meanwhile.
    pub async fn reopen_escalation(
        &mut self,
        id: EscalationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE escalations SET state = 'open', claimed_by = NULL, \
                 claim_expires_at = NULL, snoozed_until = NULL WHERE id = $1 AND state = 'claimed' \
                 AND claim_expires_at <= $2",
                cells![id, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Escalations in a state (or any), newest first, older than `before`.
    pub async fn escalations(
        &mut self,
        state: Option<EscalationState>,
        before: Option<EscalationId>,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE ($1 = '' OR state = $1) AND id < $2 \
                 ORDER BY id DESC LIMIT $3",
                cells![
                    state.map_or("", EscalationState::as_str),
                    before.map_or(i64::MAX, |id| id.0),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// The escalations of a conversation, newest first.
    pub async fn escalations_in(
        &mut self,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE conversation_id = $1 ORDER BY id DESC LIMIT $2",
                cells![conversation, limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// The queue: what nobody has and what `person` has, most urgent and longest waiting first.
    pub async fn queue(
        &mut self,
        person: Option<PersonId>,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE state = 'open' OR (state = 'claimed' AND \
                 ($1 = 0 OR claimed_by = $1)) ORDER BY priority, id LIMIT $2",
                cells![person.map_or(0, |id| id.0), limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// How many escalations are open, and when the oldest of them was opened.
    pub async fn waiting(&mut self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let row = self
            .one(
                "SELECT COUNT(*) AS n, MIN(opened_at) AS oldest FROM escalations \
                 WHERE state = 'open'",
                vec![],
            )
            .await?;
        row.map_or(Ok((0, None)), |row| Ok((row.int("n")?, row.opt_time("oldest")?)))
    }
}
