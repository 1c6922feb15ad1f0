//! What people do with rows of the outbox: send again, or say that it arrived.

use crate::desk::Stage;
use crate::ids::DeliveryId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::vocabulary::{DeliveryState, Role};

/// Sends a dead or uncertain row again.
pub async fn retry(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    ensure_ended(tx, id, "sent again").await?;
    tx.retry_delivery(id, stage.now).await?;
    record(tx, stage, actor, &Act { act: "send again", object: &id.to_string(), detail: "" })
        .await?;
    Ok(())
}

/// Settles an uncertain row: somebody looked, it arrived.
pub async fn confirm_arrived(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    ensure_ended(tx, id, "confirmed").await?;
    let reason = format!("{} saw that it arrived", actor.name);
    tx.settle(id, DeliveryState::Sent, &reason, stage.now).await?;
    record(tx, stage, actor, &Act { act: "confirm arrived", object: &id.to_string(), detail: "" })
        .await?;
    Ok(())
}

async fn ensure_ended(tx: &mut Tx, id: DeliveryId, what: &str) -> Result<(), ActError> {
    let row = tx.delivery(id).await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("delivery {id}") })?;
    match row.state {
        DeliveryState::Dead | DeliveryState::Uncertain => Ok(()),
        state => Err(ActError::Conflict {
            reason: format!("{id} is {state}; only dead and uncertain rows can be {what}"),
            owner: None,
        }),
    }
}
