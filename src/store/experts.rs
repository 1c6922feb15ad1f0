//! Tables `expert_codes`, `expert_links`, `expert_pages`, `expert_drafts`: experts on their own
//! channels, the questions offered to them, and words that wait for a moderator.

use jiff::Timestamp;

use super::escalations::EscalationRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DraftId, EscalationId, PersonId};
use crate::vocabulary::{DraftState, PageState};

/// A person's account on a channel, proven with a one-time code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpertLink {
    /// Who.
    pub person_id: PersonId,
    /// Channel account.
    pub channel: String,
    /// Who they are there.
    pub customer_id: CustomerId,
    /// Where they are reached in private.
    pub conversation_id: ConversationId,
}

impl ExpertLink {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            person_id: row.int("person_id")?.into(),
            channel: row.text("channel")?,
            customer_id: row.int("customer_id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
        })
    }
}

/// A question that was offered to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRow {
    /// To whom.
    pub person_id: PersonId,
    /// What became of it.
    pub state: PageState,
    /// When.
    pub at: Timestamp,
}

/// An expert's words that wait for a moderator, or waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its id.
    pub id: DraftId,
    /// To which escalation.
    pub escalation_id: EscalationId,
    /// Whose.
    pub person_id: PersonId,
    /// The words.
    pub text: String,
    /// Where it stands.
    pub state: DraftState,
    /// When it was written.
    pub at: Timestamp,
}

impl DraftRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            escalation_id: row.int("escalation_id")?.into(),
            person_id: row.int("person_id")?.into(),
            text: row.text("text")?,
            state: row.word("expert_drafts", "state")?,
            at: row.time("at")?,
        })
    }
}

impl Tx {
    /// Keeps a one-time code; earlier ones of the person end.
    pub async fn add_expert_code(
        &mut self,
        code_hash: &str,
        person: PersonId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute("DELETE FROM expert_codes WHERE person_id = $1", cells![person]).await?;
        self.execute(
            "INSERT INTO expert_codes (code_hash, person_id, expires_at) VALUES ($1, $2, $3)",
            cells![code_hash, person, expires_at],
        )
        .await?;
        Ok(())
    }

    /// Uses a code; `None` if it does not exist or has expired.
    pub async fn use_expert_code(
        &mut self,
        code_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let row = self
            .one(
                "DELETE FROM expert_codes WHERE code_hash = $1 AND expires_at > $2 \
                 RETURNING person_id",
                cells![code_hash, now],
            )
            .await?;
        row.map(|row| Ok(row.int("person_id")?.into())).transpose()
    }

    /// Links an account to a person, in place of what was linked before.
    pub async fn link_expert(
        &mut self,
        link: &ExpertLink,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.unlink_expert(link.customer_id).await?;
        self.execute(
            "INSERT INTO expert_links (person_id, channel, customer_id, conversation_id, \
             linked_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, channel) DO UPDATE \
             SET customer_id = excluded.customer_id, conversation_id = excluded.conversation_id, \
             linked_at = excluded.linked_at",
            cells![link.person_id, &link.channel, link.customer_id, link.conversation_id, now],
        )
        .await?;
        Ok(())
    }

    /// Ends a link; false if there was none.
    pub async fn unlink_expert(&mut self, customer: CustomerId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM expert_links WHERE customer_id = $1";
        Ok(self.execute(sql, cells![customer]).await? > 0)
    }

    /// Whose account this is, if an expert's.
    pub async fn expert_link(
        &mut self,
        customer: CustomerId,
    ) -> Result<Option<ExpertLink>, StoreError> {
        let sql = "SELECT * FROM expert_links WHERE customer_id = $1";
        let row = self.one(sql, cells![customer]).await?;
        row.as_ref().map(ExpertLink::read).transpose()
    }

    /// Every linked account, the newest of each person first.
    pub async fn expert_links(&mut self) -> Result<Vec<ExpertLink>, StoreError> {
        let sql = "SELECT * FROM expert_links ORDER BY person_id, linked_at DESC";
        self.all(sql, vec![]).await?.iter().map(ExpertLink::read).collect()
    }

    /// The linked accounts of a person, the newest first.
    pub async fn expert_links_of(
        &mut self,
        person: PersonId,
    ) -> Result<Vec<ExpertLink>, StoreError> {
        let sql = "SELECT * FROM expert_links WHERE person_id = $1 ORDER BY linked_at DESC";
        self.all(sql, cells![person]).await?.iter().map(ExpertLink::read).collect()
    }

    /// Notes that a question is offered to a person; false if it was before.
    pub async fn add_page(
        &mut self,
        escalation: EscalationId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = self
            .execute(
                "INSERT INTO expert_pages (escalation_id, person_id, state, at) \
                 VALUES ($1, $2, 'offered', $3) ON CONFLICT (escalation_id, person_id) DO NOTHING",
                cells![escalation, person, now],
            )
            .await?;
        Ok(added == 1)
    }

    /// To whom a question was offered, oldest first.
    pub async fn pages_of(&mut self, escalation: EscalationId) -> Result<Vec<PageRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM expert_pages WHERE escalation_id = $1 ORDER BY at, person_id",
                cells![escalation],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(PageRow {
                    person_id: row.int("person_id")?.into(),
                    state: row.word("expert_pages", "state")?,
                    at: row.time("at")?,
                })
            })
            .collect()
    }

    /// How many questions were offered to each person since then.
    pub async fn pages_since(
        &mut self,
        since: Timestamp,
    ) -> Result<Vec<(PersonId, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT person_id, COUNT(*) AS n FROM expert_pages WHERE at > $1 \
                 GROUP BY person_id",
                cells![since],
            )
            .await?;
        rows.iter().map(|row| Ok((row.int("person_id")?.into(), row.int("n")?))).collect()
    }

    /// Says what became of an offer.
    pub async fn set_page_state(
        &mut self,
        escalation: EscalationId,
        person: PersonId,
        state: PageState,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE expert_pages SET state = $3 WHERE escalation_id = $1 AND person_id = $2",
            cells![escalation, person, state],
        )
        .await?;
        Ok(())
    }

    /// Questions that wait for somebody and may be offered, most urgent and oldest first.
    pub async fn offerable_escalations(
        &mut self,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE state = 'open' AND replied_at IS NULL \
                 AND reason <> 'sensitive_topic' ORDER BY priority, id LIMIT $1",
                cells![limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// What a person has claimed, the latest first.
    pub async fn claims_of(&mut self, person: PersonId) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM escalations WHERE claimed_by = $1 AND state = 'claimed' \
                 ORDER BY claim_expires_at DESC, id DESC",
                cells![person],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// How many escalations each person has claimed.
    pub async fn claim_counts(&mut self) -> Result<Vec<(PersonId, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT claimed_by, COUNT(*) AS n FROM escalations WHERE state = 'claimed' \
                 GROUP BY claimed_by",
                vec![],
            )
            .await?;
        rows.iter().map(|row| Ok((row.int("claimed_by")?.into(), row.int("n")?))).collect()
    }

    /// What our message with this id there was about: the cause it was sent for.
    pub async fn cause_of_message(
        &mut self,
        conversation: ConversationId,
        channel_message_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT cause FROM outbox WHERE conversation_id = $1 AND channel_message_id = $2",
                cells![conversation, channel_message_id],
            )
            .await?;
        row.map(|row| row.text("cause")).transpose()
    }

    /// Keeps an expert's words for a moderator.
    pub async fn add_expert_draft(&mut self, draft: &DraftRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO expert_drafts (id, escalation_id, person_id, text, state, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            cells![
                draft.id,
                draft.escalation_id,
                draft.person_id,
                &draft.text,
                draft.state,
                draft.at
            ],
        )
        .await?;
        Ok(())
    }

    /// One draft.
    pub async fn expert_draft(&mut self, id: DraftId) -> Result<Option<DraftRow>, StoreError> {
        let row = self.one("SELECT * FROM expert_drafts WHERE id = $1", cells![id]).await?;
        row.as_ref().map(DraftRow::read).transpose()
    }

    /// The drafts of an escalation that wait for a moderator, oldest first.
    pub async fn expert_drafts_of(
        &mut self,
        escalation: EscalationId,
    ) -> Result<Vec<DraftRow>, StoreError> {
        let sql = "SELECT * FROM expert_drafts WHERE escalation_id = $1 AND state = 'waiting' \
                   ORDER BY id";
        self.all(sql, cells![escalation]).await?.iter().map(DraftRow::read).collect()
    }

    /// Ends a draft that waits; false if somebody else did.
    pub async fn settle_expert_draft(
        &mut self,
        id: DraftId,
        state: DraftState,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE expert_drafts SET state = $2 WHERE id = $1 AND state = 'waiting'";
        Ok(self.execute(sql, cells![id, state]).await? == 1)
    }
}
