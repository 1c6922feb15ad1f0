//! Table `conversations`.

use std::time::Duration;

use jiff::Timestamp;
use superfan_bots::ReplyAddress;

use super::db::built;
use super::named::{Named, settled};
use super::waking::{Waking, millis};
use super::{Cell, Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, PersonId};
use crate::vocabulary::ConversationState;

/// A customer's thread on a channel.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Our id.
    pub id: ConversationId,
    /// Channel account.
    pub channel: String,
    /// The channel's public id of it.
    pub external_id: String,
    /// Who started it; in a group, whoever wrote first.
    pub customer_id: CustomerId,
    /// How to answer there.
    pub address: ReplyAddress,
    /// The group's id; `None` in private.
    pub place_id: Option<String>,
    /// Who it is with.
    pub state: ConversationState,
    /// The human who owns it.
    pub owner: Option<PersonId>,
    /// Why nothing can be sent there any more.
    pub closed_reason: Option<String>,
    /// When the greeting was queued.
    pub greeted_at: Option<Timestamp>,
    /// When the customer last wrote.
    pub last_inbound_at: Timestamp,
    /// How often handling failed in a row.
    pub tries: i64,
}

impl Conversation {
    /// Whether others read along.
    pub fn is_group(&self) -> bool {
        self.place_id.is_some()
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            channel: row.text("channel")?,
            external_id: row.text("external_id")?,
            customer_id: row.int("customer_id")?.into(),
            address: ReplyAddress {
                value: row.text("address")?,
                expires_at: row.opt_time("address_expires_at")?,
            },
            place_id: row.opt_text("place_id")?,
            state: row.word("conversations", "state")?,
            owner: row.opt_int("owner_id")?.map(PersonId),
            closed_reason: row.opt_text("closed_reason")?,
            greeted_at: row.opt_time("greeted_at")?,
            last_inbound_at: row.time("last_inbound_at")?,
            tries: row.int("tries")?,
        })
    }
}

/// What the inbox knows of a conversation when a message arrives.
#[derive(Clone, Debug)]
pub struct SeenConversation {
    /// Id to use if it is new.
    pub id: ConversationId,
    /// Channel account.
    pub channel: String,
    /// Public id.
    pub external_id: String,
    /// Who wrote.
    pub customer_id: CustomerId,
    /// How to answer.
    pub address: ReplyAddress,
    /// The group's id.
    pub place_id: Option<String>,
    /// When what was written is due, if the conversation is new.
    pub waking: Waking,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Adds or refreshes conversations; returns their ids in the order of `seen`. No two may be the
    /// same. New ones wake when they say; see [`Tx::set_wakings`] for the others. An empty address
    /// leaves the one that is known.
    pub async fn see_conversations(
        &mut self,
        seen: &[SeenConversation],
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut values: Vec<Cell> = Vec::with_capacity(seen.len() * 12);
        for conversation in seen {
            values.extend(cells![
                conversation.id,
                &conversation.channel,
                &conversation.external_id,
                conversation.customer_id,
                &conversation.address.value,
                conversation.address.expires_at,
                &conversation.place_id,
                conversation.at,
                conversation.at,
                ConversationState::Bot,
                conversation.waking.burst_since,
                conversation.waking.wake_at,
            ]);
        }
        let sql = format!(
            "INSERT INTO conversations (id, channel, external_id, customer_id, address, \
             address_expires_at, place_id, last_inbound_at, created_at, state, burst_since, \
             wake_at) \
             VALUES {} ON CONFLICT (channel, external_id) DO UPDATE \
             SET address = CASE WHEN excluded.address = '' THEN conversations.address \
               ELSE excluded.address END, \
             address_expires_at = CASE WHEN excluded.address = '' \
               THEN conversations.address_expires_at ELSE excluded.address_expires_at END, \
             last_inbound_at = excluded.last_inbound_at",
            self.placeholders(seen.len(), 12)
        );
        self.execute_built(built(sql), values).await?;
        let names = seen.iter().map(|seen| (&*seen.channel, &*seen.external_id, None));
        settled("conversations", self.ids_of_named(Named::Conversations, names).await?)
    }

    /// Takes the conversation whose new messages are due longest, for `hold`; one worker gets it.
    pub async fn claim_conversation(
        &mut self,
        worker: &str,
        now: Timestamp,
        hold: Duration,
    ) -> Result<Option<Conversation>, StoreError> {
        let until = now.as_millisecond() + millis(hold);
        let sql = format!(
            "UPDATE conversations SET locked_by = $1, locked_until = $2, wake_at = $2, \
             burst_since = NULL, tries = tries + 1 WHERE id = (SELECT id FROM conversations \
               WHERE wake_at <= $3 AND locked_until <= $3 ORDER BY wake_at, id LIMIT 1{}) \
             AND wake_at <= $3 AND locked_until <= $3 RETURNING *",
            self.skip_locked()
        );
        let rows = self.all_built(built(sql), cells![worker, until, now]).await?;
        rows.first().map(Conversation::read).transpose()
    }

    /// Gives a claimed conversation back: it sleeps until `wake_at`, or until something arrives.
    ///
    /// The claim set `wake_at` to its own end, so another value means that something arrived
    /// meanwhile and must not be slept over.
    pub async fn release_conversation(
        &mut self,
        id: ConversationId,
        worker: &str,
        wake_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE conversations SET locked_by = NULL, locked_until = 0, \
             wake_at = CASE WHEN wake_at = locked_until THEN $3 ELSE wake_at END \
             WHERE id = $1 AND locked_by = $2",
            cells![id, worker, wake_at],
        )
        .await?;
        Ok(())
    }

    /// Says that a unit of work in a claimed conversation succeeded.
    ///
    /// False when the claim was lost meanwhile: the caller must drop what it did.
    pub async fn confirm_claim(
        &mut self,
        id: ConversationId,
        worker: &str,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE conversations SET tries = 0 WHERE id = $1 AND locked_by = $2",
                cells![id, worker],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Frees what a process that is no longer running had claimed; for the embedded store, whose
    /// data-dir lock proves that nobody else works.
    pub async fn free_claims(&mut self) -> Result<u64, StoreError> {
        self.execute(
            "UPDATE conversations SET wake_at = CASE WHEN wake_at = locked_until THEN 0 \
             ELSE wake_at END, locked_until = 0, locked_by = NULL WHERE locked_by IS NOT NULL",
            vec![],
        )
        .await
    }

    /// The next time a conversation has something due.
    pub async fn next_wake(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .one(
                "SELECT MIN(CASE WHEN wake_at < locked_until THEN locked_until ELSE wake_at END) \
                 AS at FROM conversations WHERE wake_at IS NOT NULL",
                vec![],
            )
            .await?;
        row.map_or(Ok(None), |row| row.opt_time("at"))
    }

    /// How many inbound messages wait to be handled.
    pub async fn unhandled(&mut self) -> Result<i64, StoreError> {
        self.count(
            "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new') \
             + (SELECT COUNT(*) FROM arrivals) AS n",
            vec![],
        )
        .await
    }

    /// One conversation.
    pub async fn conversation(
        &mut self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let row = self.one("SELECT * FROM conversations WHERE id = $1", cells![id]).await?;
        row.as_ref().map(Conversation::read).transpose()
    }

    /// Keeps a conversation for this transaction: whoever decides who speaks there takes it first.
    ///
    /// Customers are taken before conversations, and conversations before escalations, by everybody:
    /// in any other order two transactions can wait for each other.
    pub async fn lock_conversation(&mut self, id: ConversationId) -> Result<(), StoreError> {
        let sql = format!("SELECT id FROM conversations WHERE id = $1{}", self.for_update());
        self.all_built(built(sql), cells![id]).await?;
        Ok(())
    }

    /// Conversations, newest first: those of a channel, or the one with an external id there.
    pub async fn conversations(
        &mut self,
        channel: Option<&str>,
        external_id: Option<&str>,
        before: Option<ConversationId>,
        limit: i64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM conversations WHERE ($1 = '' OR channel = $1) \
                 AND ($2 = '' OR external_id = $2) AND id < $3 ORDER BY id DESC LIMIT $4",
                cells![
                    channel.unwrap_or_default(),
                    external_id.unwrap_or_default(),
                    before.map_or(i64::MAX, |id| id.0),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(Conversation::read).collect()
    }

    /// A customer's other conversations, the latest first.
    pub async fn conversations_elsewhere(
        &mut self,
        customer: CustomerId,
        here: ConversationId,
        limit: i64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM conversations WHERE id <> $2 AND (customer_id = $1 \
                 OR customer_id IN (SELECT o.customer_id FROM identities i JOIN identities o \
                 ON o.circle_id = i.circle_id WHERE i.customer_id = $1) OR id IN \
                 (SELECT conversation_id FROM escalations WHERE customer_id = $1)) \
                 ORDER BY last_inbound_at DESC LIMIT $3",
                cells![customer, here, limit],
            )
            .await?;
        rows.iter().map(Conversation::read).collect()
    }

    /// Sets who the conversation is with.
    pub async fn set_conversation_state(
        &mut self,
        id: ConversationId,
        state: ConversationState,
        owner: Option<PersonId>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE conversations SET state = $2, owner_id = $3 WHERE id = $1",
            cells![id, state, owner],
        )
        .await?;
        Ok(())
    }

    /// Marks the greeting as queued; false if it was before.
    pub async fn mark_greeted(
        &mut self,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE conversations SET greeted_at = $2 WHERE id = $1 AND greeted_at IS NULL",
                cells![id, now],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Says that nothing can be sent there (`Some`), or again can (`None`).
    pub async fn set_conversation_closed(
        &mut self,
        id: ConversationId,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE conversations SET closed_reason = $2 WHERE id = $1",
            cells![id, reason],
        )
        .await?;
        Ok(())
    }

    /// The conversation continues under another id and address.
    ///
    /// Where a conversation with the new id exists already, only the address is taken over.
    pub async fn move_conversation(
        &mut self,
        id: ConversationId,
        external_id: &str,
        address: &ReplyAddress,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE conversations SET address = $2, address_expires_at = $3 WHERE id = $1",
            cells![id, &address.value, address.expires_at],
        )
        .await?;
        self.execute(
            "UPDATE conversations SET external_id = $2, place_id = CASE \
             WHEN place_id IS NULL THEN NULL ELSE $2 END WHERE id = $1 AND NOT EXISTS \
             (SELECT 1 FROM conversations o WHERE o.channel = conversations.channel \
              AND o.external_id = $2)",
            cells![id, external_id],
        )
        .await?;
        Ok(())
    }
}
