//! Everything that is kept of one customer's words, and making sure that erased words are gone
//! from the files.

use jiff::Timestamp;

use super::{Store, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId};

/// The settings that say whose erased words may still stand somewhere: this and their number.
pub(super) const UNSCRUBBED: &str = "erase.unfinished.";

/// What kind of text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// The customer wrote it.
    Written,
    /// They were told it, in private.
    Told,
    /// Their question as it was read.
    Question,
    /// Their question as people got it.
    Escalated,
}

/// A text that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptText {
    /// What it is.
    pub kind: TextKind,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

impl Tx {
    /// Everything a customer wrote, was told in private, and asked, oldest first.
    pub async fn texts_of(&mut self, customer: CustomerId) -> Result<Vec<KeptText>, StoreError> {
        let rows = self
            .all(
                "SELECT 'written' AS kind, conversation_id, received_at AS at, text FROM inbox \
                 WHERE customer_id = $1 AND text IS NOT NULL UNION ALL \
                 SELECT 'told' AS kind, conversation_id, created_at AS at, text FROM outbox \
                 WHERE conversation_id IN (SELECT id FROM conversations \
                 WHERE customer_id = $1 AND place_id IS NULL) UNION ALL \
                 SELECT 'question' AS kind, conversation_id, at, question AS text FROM decisions \
                 WHERE customer_id = $1 UNION ALL \
                 SELECT 'escalated' AS kind, conversation_id, opened_at AS at, question AS text \
                 FROM escalations WHERE customer_id = $1 UNION ALL \
                 SELECT 'escalated' AS kind, e.conversation_id, b.created_at AS at, b.text \
                 FROM bridges b JOIN escalations e ON e.id = b.escalation_id \
                 WHERE e.customer_id = $1 AND b.text <> '' ORDER BY at, kind",
                cells![customer],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let kind = match row.text("kind")?.as_str() {
                    "written" => TextKind::Written,
                    "told" => TextKind::Told,
                    "question" => TextKind::Question,
                    _ => TextKind::Escalated,
                };
                Ok(KeptText {
                    kind,
                    conversation_id: row.int("conversation_id")?.into(),
                    at: row.time("at")?,
                    text: row.text("text")?,
                })
            })
            .collect()
    }

    /// The customer who has this id on a channel.
    pub async fn customer_on(
        &mut self,
        channel: &str,
        external_id: &str,
    ) -> Result<Option<CustomerId>, StoreError> {
        let sql = "SELECT id FROM customers WHERE channel = $1 AND external_id = $2";
        let row = self.one(sql, cells![channel, external_id]).await?;
        row.map(|row| Ok(row.int("id")?.into())).transpose()
    }

    /// The conversations in which a customer wrote.
    pub async fn conversations_of(
        &mut self,
        customer: CustomerId,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let rows = self
            .all(
                "SELECT id FROM conversations WHERE customer_id = $1 UNION \
                 SELECT conversation_id AS id FROM inbox WHERE customer_id = $1",
                cells![customer],
            )
            .await?;
        rows.iter().map(|row| Ok(row.int("id")?.into())).collect()
    }
}

impl Store {
    /// Finishes what erasing customers began: what was on its way then (the press that confirmed
    /// it, a reply that was just being sent) is erased once it has arrived, and the embedded
    /// database's log, which holds earlier pages, is folded in. Freed space is overwritten as it is
    /// freed; PostgreSQL frees it by its own vacuum.
    ///
    /// Whatever cannot be done yet is tried again by the next call.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        let erased = self.read().await?.settings_from(UNSCRUBBED).await?;
        if erased.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let mut finished = Vec::new();
        for (name, at) in erased {
            let id = name.strip_prefix(UNSCRUBBED).and_then(|id| id.parse().ok());
            let Some(customer) = id.map(CustomerId) else { continue };
            let at = crate::clock::from_millis(at.parse().unwrap_or(0));
            if tx.finish_erasing(customer, at).await? {
                finished.push(name);
            }
        }
        tx.commit().await?;
        if finished.is_empty() || !self.fold_log().await? {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for name in finished {
            tx.drop_setting(&name).await?;
        }
        tx.commit().await
    }
}
