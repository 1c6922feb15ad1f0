//! What the rules of a platform are asked with, and what sending costs.

use jiff::Timestamp;
use superfan_bots::{Adapter, Facts, ReplyAddress, ReplyKind, SendError};

use crate::ids::MessageId;
use crate::store::conversations::Conversation;
use crate::store::outbox::DeliveryRow;
use crate::store::{StoreError, Tx};

/// What is known of a row at the moment it could leave. Only where replies answer posts is more
/// looked up than the conversation says.
pub(super) async fn facts(
    tx: &mut Tx,
    adapter: &dyn Adapter,
    row: &DeliveryRow,
    (conversation, now): (&Conversation, Timestamp),
) -> Result<Facts, StoreError> {
    let private = !conversation.is_group();
    let mut facts = Facts {
        private,
        summoned: true,
        cost: adapter.cost(&row.payload, &conversation.address),
        last_inbound: Some(conversation.last_inbound_at),
        now,
        ..Facts::default()
    };
    if adapter.daily_cap().is_some() {
        facts.spent_today = tx.spent(&row.channel, now).await?;
    }
    if adapter.answers_posts() && !private {
        // What a person says belongs to the conversation; what the bot says, to one message.
        let message = if row.priority == 0 { None } else { row.cause.parse().ok() };
        facts.summoned = is_summoned(tx, conversation, message).await?;
        facts.replies_to_this = u32::try_from(tx.other_replies(row).await?).unwrap_or(u32::MAX);
    }
    Ok(facts)
}

async fn is_summoned(
    tx: &mut Tx,
    conversation: &Conversation,
    message: Option<MessageId>,
) -> Result<bool, StoreError> {
    Ok(tx.summons(conversation.id, message).await?.is_some())
}

/// Counts what a row costs before it leaves: a crash may count too much, never too little.
pub(super) async fn charge(
    tx: &mut Tx,
    adapter: &dyn Adapter,
    row: &DeliveryRow,
    (address, now): (&ReplyAddress, Timestamp),
) -> Result<(), StoreError> {
    let cost = adapter.cost(&row.payload, address);
    if cost > 0.0 {
        tx.add_spend(&row.channel, now, cost).await?;
    }
    Ok(())
}

/// Gives back what was counted for a row that certainly did not leave.
pub(super) async fn give_back(
    tx: &mut Tx,
    adapter: &dyn Adapter,
    row: &DeliveryRow,
    (error, now): (&SendError, Timestamp),
) -> Result<(), StoreError> {
    if matches!(error, SendError::Unknown { .. }) {
        return Ok(());
    }
    if let Some(conversation) = tx.conversation(row.conversation_id).await? {
        let cost = adapter.cost(&row.payload, &conversation.address);
        if cost > 0.0 {
            tx.add_spend(&row.channel, now, -cost).await?;
        }
    }
    Ok(())
}

/// The kind of a row's reply.
pub(super) fn kind_of(row: &DeliveryRow) -> ReplyKind {
    let kinds = [
        ReplyKind::Greeting,
        ReplyKind::Answer,
        ReplyKind::Choices,
        ReplyKind::Question,
        ReplyKind::Human,
    ];
    kinds.into_iter().find(|kind| kind.as_str() == row.kind).unwrap_or(ReplyKind::Notice)
}
