//! Why a row must not leave at all, asked in the transaction that would take it.

use jiff::Timestamp;
use superfan_bots::ReplyKind;

use super::amend;
use super::rules::kind_of;
use crate::store::conversations::Conversation;
use crate::store::outbox::DeliveryRow;
use crate::store::staff::STAFF_CHANGE;
use crate::store::{StoreError, Tx};
use crate::vocabulary::ConversationState;

/// Why a row must not leave, for people; `None` if it may.
pub(super) async fn refusal(
    tx: &mut Tx,
    row: &DeliveryRow,
    conversation: &Conversation,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    if let Some(reason) = closed(conversation, now) {
        return Ok(Some(reason));
    }
    if taken_over(tx, row, conversation).await? {
        return Ok(Some("a person took over before it was sent".to_owned()));
    }
    let is_lost = row.kind == STAFF_CHANGE && amend::amendment(tx, row).await?.is_none();
    Ok(is_lost.then(|| "the message it changes never arrived".to_owned()))
}

/// Why nothing can leave there.
fn closed(conversation: &Conversation, now: Timestamp) -> Option<String> {
    if let Some(reason) = &conversation.closed_reason {
        return Some(format!("nothing can be sent there: {reason}"));
    }
    let expired = conversation.address.expires_at.is_some_and(|at| at <= now);
    expired.then(|| "the channel's time to reply here has passed".to_owned())
}

/// Whether a person has taken over from the bot for the customer that a row speaks to.
///
/// The answer to a command belongs to no decision and is given all the same.
async fn taken_over(
    tx: &mut Tx,
    row: &DeliveryRow,
    conversation: &Conversation,
) -> Result<bool, StoreError> {
    if row.priority == 0 || conversation.state != ConversationState::Human {
        return Ok(false);
    }
    let decision = match row.decision_id {
        Some(id) => tx.decision(id).await?,
        None => return Ok(kind_of(row) == ReplyKind::Greeting),
    };
    match decision {
        Some(decision) => tx.human_owns(conversation.id, decision.customer_id).await,
        None => Ok(!conversation.is_group()),
    }
}
