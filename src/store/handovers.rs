//! Table `escalations`: passing one on, putting one aside, and the answer that a person chose.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, DecisionId, EscalationId, PersonId};

impl Tx {
    /// Gives an escalation to a person, or (`None`) back to everybody with the skill.
    pub async fn hand_over(
        &mut self,
        id: EscalationId,
        owner: Option<(PersonId, Timestamp)>,
        skill: Option<&str>,
        note: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET state = $2, claimed_by = $3, claim_expires_at = $4, \
             skill = $5, note = $6, snoozed_until = NULL WHERE id = $1",
            cells![
                id,
                if owner.is_some() { "claimed" } else { "open" },
                owner.map(|(person, _)| person),
                owner.map(|(_, expires_at)| expires_at),
                skill,
                note,
            ],
        )
        .await?;
        Ok(())
    }

    /// Puts a claimed escalation aside; its claim holds until `expires_at`.
    pub async fn snooze(
        &mut self,
        id: EscalationId,
        until: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET snoozed_until = $2, claim_expires_at = $3 WHERE id = $1",
            cells![id, until, expires_at],
        )
        .await?;
        Ok(())
    }

    /// Brings back what was put aside: the customer has said something.
    pub async fn wake_snoozed(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET snoozed_until = NULL, claim_expires_at = $3 \
             WHERE conversation_id = $1 AND customer_id = $2 AND state = 'claimed' \
             AND snoozed_until IS NOT NULL",
            cells![conversation, customer, expires_at],
        )
        .await?;
        Ok(())
    }

    /// Remembers what a person said last: an accepted answer, or their own words.
    pub async fn set_last_words(
        &mut self,
        id: EscalationId,
        answer: Option<&str>,
        own_words: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET answer_id = $2, own_words = $3 WHERE id = $1",
            cells![id, answer, own_words],
        )
        .await?;
        Ok(())
    }

    /// The answer that a person sent last about what this decision escalated.
    pub async fn chosen_answer(
        &mut self,
        decision: DecisionId,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT answer_id FROM escalations WHERE decision_id = $1 \
                 AND answer_id IS NOT NULL ORDER BY id DESC LIMIT 1",
                cells![decision],
            )
            .await?;
        row.map(|row| row.text("answer_id")).transpose()
    }
}
