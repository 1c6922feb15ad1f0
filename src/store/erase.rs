//! Erasing what customers said: the rows stay, so that nothing is handled twice; the words go.

use jiff::Timestamp;

use super::personal::UNSCRUBBED;
use super::phrasings::Whose;
use super::{StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, EscalationId, MessageId};

/// Replaces what the customer's text stood in; `body` must stay readable as a message.
pub(super) const ERASED: &str = "[erased]";

impl Tx {
    /// Erases everything a customer said, what was said to them, and who they are.
    pub async fn erase_customer(
        &mut self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let body = erased_body(now);
        self.execute(
            "UPDATE inbox SET text = NULL, body = $2 WHERE customer_id = $1 AND state <> 'new'",
            cells![customer, body],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET text = $2, payload = $3 WHERE state NOT IN ('due', 'sending') \
             AND conversation_id IN \
             (SELECT id FROM conversations WHERE customer_id = $1 AND place_id IS NULL)",
            cells![customer, ERASED, erased_part()],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET text = $2, payload = $3, state = 'dead', draft = 0, \
             settled_at = $4, reason = 'the customer was erased' WHERE state = 'due' AND draft = 1 \
             AND conversation_id IN \
             (SELECT id FROM conversations WHERE customer_id = $1 AND place_id IS NULL)",
            cells![customer, ERASED, erased_part(), now],
        )
        .await?;
        self.erase_phrasings(Whose::Customer(customer)).await?;
        self.execute(
            "UPDATE decisions SET question = $2, card = 'null' WHERE customer_id = $1",
            cells![customer, ERASED],
        )
        .await?;
        self.erase_escalations(customer, now).await?;
        self.unlink_expert(customer).await?;
        self.forget_links(customer).await?;
        self.execute(
            "DELETE FROM helpdesk_events WHERE escalation_id IN \
             (SELECT id FROM escalations WHERE customer_id = $1)",
            cells![customer],
        )
        .await?;
        self.execute("DELETE FROM customer_attributes WHERE customer_id = $1", cells![customer])
            .await?;
        self.execute(
            "UPDATE customers SET name = NULL, lang = NULL WHERE id = $1",
            cells![customer],
        )
        .await?;
        self.forget_helped(customer).await?;
        let unfinished = format!("{UNSCRUBBED}{}", customer.0);
        self.set_setting(&unfinished, &now.as_millisecond().to_string()).await
    }

    /// Closes a customer's questions and takes their words out, wherever those went.
    async fn erase_escalations(
        &mut self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET question = $2, state = 'closed', closed_at = $3, \
             outcome = 'no_answer' WHERE customer_id = $1 AND state <> 'closed'",
            cells![customer, ERASED, now],
        )
        .await?;
        self.execute(
            "UPDATE escalations SET question = $2, note = NULL, \
             own_words = NULL WHERE customer_id = $1",
            cells![customer, ERASED],
        )
        .await?;
        self.execute(
            "UPDATE expert_drafts SET text = $2, \
             state = CASE WHEN state = 'waiting' THEN 'refused' ELSE state END \
             WHERE escalation_id IN (SELECT id FROM escalations WHERE customer_id = $1)",
            cells![customer, ERASED],
        )
        .await?;
        self.erase_from_gaps(customer).await?;
        self.erase_bridges(customer).await?;
        self.erase_experts_copies(customer, now).await
    }

    /// Erases what experts were told of a customer's questions on their own channels, and what they
    /// wrote there for the customer.
    async fn erase_experts_copies(
        &mut self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let asked = self
            .all(
                "SELECT DISTINCT p.escalation_id AS id FROM expert_pages p \
                 JOIN escalations e ON e.id = p.escalation_id WHERE e.customer_id = $1",
                cells![customer],
            )
            .await?;
        for row in asked {
            let id = EscalationId(row.int("id")?);
            self.execute(
                "UPDATE outbox SET text = $3, payload = $4, \
                 settled_at = CASE WHEN state = 'due' THEN $5 ELSE settled_at END, \
                 reason = CASE WHEN state = 'due' THEN 'the customer was erased' ELSE reason END, \
                 state = CASE WHEN state = 'due' THEN 'dead' ELSE state END \
                 WHERE state <> 'sending' AND (cause = $1 OR cause LIKE $2)",
                cells![
                    format!("page:{id}"),
                    format!("customer:{id}:%"),
                    ERASED,
                    erased_part(),
                    now,
                ],
            )
            .await?;
            // An expert's words to the customer are named after the message they came in.
            let said = self
                .all("SELECT cause FROM outbox WHERE cause LIKE $1", cells![format!("{id}:%")])
                .await?;
            for row in said {
                let cause = row.text("cause")?;
                let message = cause.rsplit(':').next().and_then(|id| id.parse::<MessageId>().ok());
                if let Some(message) = message {
                    self.erase_experts_message(message, now).await?;
                }
            }
        }
        Ok(())
    }

    async fn erase_experts_message(
        &mut self,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE decisions SET question = $2, card = 'null' WHERE id IN (SELECT decision_id \
             FROM inbox WHERE id = $1 AND customer_id IN (SELECT customer_id FROM expert_links))",
            cells![message, ERASED],
        )
        .await?;
        self.execute(
            "UPDATE inbox SET text = NULL, body = $2 WHERE id = $1 AND state <> 'new' \
             AND customer_id IN (SELECT customer_id FROM expert_links)",
            cells![message, erased_body(now)],
        )
        .await?;
        Ok(())
    }

    /// Erases what was on its way when a customer was erased; false while some of it still is.
    pub(super) async fn finish_erasing(
        &mut self,
        customer: CustomerId,
        erased_at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.execute(
            "UPDATE inbox SET text = NULL, body = $2 WHERE customer_id = $1 AND state <> 'new' \
             AND received_at <= $3 AND body <> $2",
            cells![customer, erased_body(erased_at), erased_at],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET text = $2, payload = $3 WHERE state NOT IN ('due', 'sending') \
             AND created_at < $4 AND text <> $2 AND conversation_id IN \
             (SELECT id FROM conversations WHERE customer_id = $1 AND place_id IS NULL)",
            cells![customer, ERASED, erased_part(), erased_at],
        )
        .await?;
        let mut n_left = self
            .count(
                "SELECT (SELECT COUNT(*) FROM inbox WHERE customer_id = $1 AND state = 'new' \
                 AND received_at <= $2) + (SELECT COUNT(*) FROM outbox WHERE created_at < $2 \
                 AND state IN ('due', 'sending') AND conversation_id IN (SELECT id \
                 FROM conversations WHERE customer_id = $1 AND place_id IS NULL)) AS n",
                cells![customer, erased_at],
            )
            .await?;
        for card in self.staff_cards_of(customer).await? {
            n_left += self.finish_erasing_staff_words(&card, erased_at).await?;
        }
        Ok(n_left == 0)
    }

    /// Erases one message that its author deleted, wherever its words went; one that waits is not
    /// answered any more.
    pub async fn erase_message(
        &mut self,
        conversation: ConversationId,
        channel_message_id: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.erase_phrasings(Whose::Message(conversation, channel_message_id)).await?;
        self.execute(
            "UPDATE decisions SET question = $3, card = 'null' WHERE id IN (SELECT decision_id \
             FROM inbox WHERE conversation_id = $1 AND channel_message_id = $2)",
            cells![conversation, channel_message_id, ERASED],
        )
        .await?;
        self.execute(
            "UPDATE escalations SET question = $3 WHERE decision_id IN (SELECT decision_id \
             FROM inbox WHERE conversation_id = $1 AND channel_message_id = $2)",
            cells![conversation, channel_message_id, ERASED],
        )
        .await?;
        self.execute(
            "UPDATE bridges SET title = '', text = '', state = CASE WHEN state = 'told' \
             THEN state ELSE 'ended' END WHERE escalation_id IN (SELECT id FROM escalations \
             WHERE decision_id IN (SELECT decision_id FROM inbox WHERE conversation_id = $1 \
             AND channel_message_id = $2))",
            cells![conversation, channel_message_id],
        )
        .await?;
        self.execute(
            "UPDATE outbox SET state = 'dead', draft = 0, settled_at = $3, \
             reason = 'the customer deleted what this answers' \
             WHERE conversation_id = $1 AND state = 'due' AND priority > 0 AND decision_id IN \
             (SELECT decision_id FROM inbox WHERE conversation_id = $1 AND channel_message_id = $2)",
            cells![conversation, channel_message_id, now],
        )
        .await?;
        self.execute(
            "UPDATE inbox SET text = NULL, body = $3, state = 'handled', \
             handled_at = COALESCE(handled_at, $4) \
             WHERE conversation_id = $1 AND channel_message_id = $2 AND kind <> 'deleted'",
            cells![conversation, channel_message_id, erased_body(now), now],
        )
        .await?;
        Ok(())
    }
}

fn erased_body(now: Timestamp) -> String {
    serde_json::json!({
        "event_key": "", "conversation": "", "place": {"kind": "private"}, "message_id": null,
        "reply_to": null, "address": {"value": "", "expires_at": null},
        "author": {"id": "", "name": null, "lang": null, "kind": "person"},
        "content": {"kind": "text", "text": ERASED},
        "sent_at": now,
    })
    .to_string()
}

pub(super) fn erased_part() -> String {
    serde_json::json!({"text": ERASED, "payload": null, "weight": 1}).to_string()
}
