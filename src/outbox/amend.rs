//! Rows that change a message which left earlier, and answers that must not leave any more.

use superfan_bots::{Adapter, Amendment, Facts, Outgoing, Permit, ReplyKind, SendError, Sent};

use super::rules::kind_of;
use crate::store::outbox::DeliveryRow;
use crate::store::recalls::RECALL;
use crate::store::staff::{FORGET, STAFF_CHANGE};
use crate::store::{StoreError, Tx};

/// The change that a row is; `None` for a message of its own.
pub(super) async fn amendment(
    tx: &mut Tx,
    row: &DeliveryRow,
) -> Result<Option<Amendment>, StoreError> {
    if row.kind == RECALL {
        return tx.amendment(row.id).await;
    }
    if row.kind != STAFF_CHANGE {
        return Ok(None);
    }
    match (tx.amendment(row.id).await?, row.cause.rsplit_once(':')) {
        // What was on its way when it had to go; rows of a place leave in order, so it has ended.
        (None, Some((what, said))) if what.starts_with(FORGET) => {
            let said = match said.parse() {
                Ok(said) => tx.delivery(said).await?,
                Err(_) => None,
            };
            let message = said.and_then(|said| said.channel_message_id);
            Ok(message.map(|message_id| Amendment::Delete { message_id }))
        }
        // A card is told apart by what it was sent for; its number comes with the first send.
        (None, Some((card, _))) => {
            let message = tx.staff_message(row.conversation_id, card).await?;
            Ok(message.map(|message_id| Amendment::Edit { message_id }))
        }
        (amendment, _) => Ok(amendment),
    }
}

/// Why a row has to wait although nothing stands against it: its channel is paused, or it carries an
/// answer that has left service since it was chosen.
pub(super) async fn waits(
    tx: &mut Tx,
    row: &DeliveryRow,
    is_paused: bool,
) -> Result<Option<&'static str>, StoreError> {
    if is_paused {
        return Ok(Some("automatic replies are paused"));
    }
    let is_withdrawn = match &row.answer_id {
        Some(answer) if kind_of(row) == ReplyKind::Answer => !tx.is_in_service(answer).await?,
        _ => false,
    };
    Ok(is_withdrawn.then_some("its answer was withdrawn"))
}

/// What the platform's rules say; they are about replies, and taking one back is none.
pub(super) fn permit(
    adapter: &dyn Adapter,
    row: &DeliveryRow,
    facts: &Facts,
    amendment: Option<&Amendment>,
) -> Permit {
    match amendment {
        Some(_) => Permit::Allowed,
        None => adapter.permit(kind_of(row), facts),
    }
}

/// One attempt: a message of its own, or the change of an earlier one.
pub(super) async fn send(
    adapter: &dyn Adapter,
    outgoing: Outgoing<'_>,
    amendment: Option<&Amendment>,
) -> Result<Sent, SendError> {
    match amendment {
        None => adapter.send(outgoing).await,
        Some(amendment) => adapter.amend(outgoing, amendment).await,
    }
}
