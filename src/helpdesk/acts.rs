//! What people do with events for the desk: have one sent again.

use crate::desk::Stage;
use crate::ids::DeskEventId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::vocabulary::Role;

/// Has an event that waits or was given up tried again now, for three more days.
pub async fn retry(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeskEventId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    if !tx.retry_desk_event(id, stage.now).await? {
        return Err(ActError::Conflict {
            reason: format!("{id} was taken by the help desk already"),
            owner: None,
        });
    }
    let act = Act { act: "tell the help desk again", object: &id.to_string(), detail: "" };
    record(tx, stage, actor, &act).await?;
    Ok(())
}
