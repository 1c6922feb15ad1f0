//! Table `staff_cards`: escalations shown to the brand's own people on a channel.

use jiff::Timestamp;

use super::erase::{ERASED, erased_part};
use super::outbox::DeliveryRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, EscalationId, PersonId};

/// The kind of rows that say something to the brand's own people.
pub const STAFF: &str = "staff";
/// The kind of rows that change or remove what was said to them.
pub const STAFF_CHANGE: &str = "staff change";

/// What the cause of a row begins with that removes what was said about a customer; it ends with the
/// row that said it.
pub const FORGET: &str = "forget";

/// An escalation's card in the staff's channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCard {
    /// Which escalation.
    pub escalation_id: EscalationId,
    /// Where the card is.
    pub conversation_id: ConversationId,
    /// What it says now, or will once what is queued has left.
    pub shown: String,
    /// The thread under it, once somebody claimed it there.
    pub thread_id: Option<ConversationId>,
    /// Who claimed it there last.
    pub owner_id: Option<PersonId>,
}

impl StaffCard {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            escalation_id: row.int("escalation_id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
            shown: row.text("shown")?,
            thread_id: row.opt_int("thread_id")?.map(ConversationId),
            owner_id: row.opt_int("owner_id")?.map(PersonId),
        })
    }
}

impl Tx {
    /// Notes an escalation's card.
    pub async fn add_staff_card(&mut self, card: &StaffCard) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO staff_cards (escalation_id, conversation_id, shown) VALUES ($1, $2, $3)",
            cells![card.escalation_id, card.conversation_id, &card.shown],
        )
        .await?;
        Ok(())
    }

    /// An escalation's card.
    pub async fn staff_card(&mut self, id: EscalationId) -> Result<Option<StaffCard>, StoreError> {
        let sql = "SELECT * FROM staff_cards WHERE escalation_id = $1";
        let row = self.one(sql, cells![id]).await?;
        row.as_ref().map(StaffCard::read).transpose()
    }

    /// The card above a thread.
    pub async fn staff_card_above(
        &mut self,
        thread: ConversationId,
    ) -> Result<Option<StaffCard>, StoreError> {
        let sql = "SELECT * FROM staff_cards WHERE thread_id = $1";
        let row = self.one(sql, cells![thread]).await?;
        row.as_ref().map(StaffCard::read).transpose()
    }

    /// Remembers what a card says.
    pub async fn set_staff_card(
        &mut self,
        id: EscalationId,
        shown: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE staff_cards SET shown = $2 WHERE escalation_id = $1";
        self.execute(sql, cells![id, shown]).await?;
        Ok(())
    }

    /// Remembers the thread under a card, and who claimed it there.
    pub async fn set_staff_thread(
        &mut self,
        id: EscalationId,
        thread: ConversationId,
        owner: Option<PersonId>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE staff_cards SET thread_id = $2, owner_id = $3 WHERE escalation_id = $1";
        self.execute(sql, cells![id, thread, owner]).await?;
        Ok(())
    }

    /// The platform's id of a card that arrived, by the cause it was sent for.
    pub async fn staff_message(
        &mut self,
        conversation: ConversationId,
        cause: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT channel_message_id FROM outbox WHERE conversation_id = $1 AND cause = $2 \
                 AND kind = $3 AND state = 'sent' AND channel_message_id IS NOT NULL",
                cells![conversation, cause, STAFF],
            )
            .await?;
        row.map(|row| row.text("channel_message_id")).transpose()
    }

    /// The cards of a customer's escalations.
    pub async fn staff_cards_of(
        &mut self,
        customer: CustomerId,
    ) -> Result<Vec<StaffCard>, StoreError> {
        let rows = self
            .all(
                "SELECT c.* FROM staff_cards c JOIN escalations e ON e.id = c.escalation_id \
                 WHERE e.customer_id = $1 ORDER BY c.escalation_id",
                cells![customer],
            )
            .await?;
        rows.iter().map(StaffCard::read).collect()
    }

    /// What was said in a thread, oldest first.
    pub async fn said_to_staff(
        &mut self,
        thread: ConversationId,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = "SELECT * FROM outbox WHERE conversation_id = $1 AND kind = $2 ORDER BY id";
        let rows = self.all(sql, cells![thread, STAFF]).await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// Takes a customer's words out of what was and will be said to staff about an escalation.
    pub async fn erase_staff_words(
        &mut self,
        card: &StaffCard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let about = format!("%{}%", card.escalation_id);
        let thread = card.thread_id.unwrap_or(card.conversation_id);
        self.execute(
            "UPDATE outbox SET state = 'dead', reason = 'the customer was erased', \
             settled_at = $4 WHERE conversation_id IN ($1, $2) AND cause LIKE $3 \
             AND state = 'due' AND in_doubt_since IS NULL",
            cells![card.conversation_id, thread, &about, now],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET text = $4, payload = $5 WHERE conversation_id IN ($1, $2) \
             AND cause LIKE $3 AND state NOT IN ('due', 'sending')",
            cells![card.conversation_id, thread, &about, ERASED, erased_part()],
        )
        .await?;
        Ok(())
    }

    /// Erases what was on its way to staff when a customer was erased; how much of it still is.
    pub(super) async fn finish_erasing_staff_words(
        &mut self,
        card: &StaffCard,
        erased_at: Timestamp,
    ) -> Result<i64, StoreError> {
        let about = format!("%{}%", card.escalation_id);
        let thread = card.thread_id.unwrap_or(card.conversation_id);
        self.execute(
            "UPDATE outbox SET state = 'dead', reason = 'the customer was erased', \
             settled_at = $4 WHERE conversation_id IN ($1, $2) AND cause LIKE $3 \
             AND created_at < $4 AND state = 'due' AND in_doubt_since IS NULL",
            cells![card.conversation_id, thread, &about, erased_at],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET text = $4, payload = $5 WHERE conversation_id IN ($1, $2) \
             AND cause LIKE $3 AND created_at < $6 AND state NOT IN ('due', 'sending') \
             AND text <> $4",
            cells![card.conversation_id, thread, &about, ERASED, erased_part(), erased_at],
        )
        .await?;
        self.count(
            "SELECT COUNT(*) AS n FROM outbox WHERE conversation_id IN ($1, $2) \
             AND cause LIKE $3 AND created_at < $4 AND state IN ('due', 'sending')",
            cells![card.conversation_id, thread, &about, erased_at],
        )
        .await
    }
}
