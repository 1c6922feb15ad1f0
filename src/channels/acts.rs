//! What people do to channels: stop and resume automatic replies.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::channels::ALL_CHANNELS;
use crate::vocabulary::Role;

/// Stops automatic replies on a channel, or with `None` on all.
pub async fn pause(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    channel: Option<&str>,
) -> Result<(), ActError> {
    set_paused(tx, stage, actor, channel, true).await
}

/// Resumes automatic replies on a channel, or with `None` lifts the pause of all.
pub async fn resume(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    channel: Option<&str>,
) -> Result<(), ActError> {
    set_paused(tx, stage, actor, channel, false).await
}

async fn set_paused(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    channel: Option<&str>,
    paused: bool,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    if let Some(name) = channel
        && stage.channels.adapter(name).is_none()
    {
        return Err(ActError::Unknown {
            what: format!("channel {name}; configured are {}", stage.channels.names().join(", ")),
        });
    }
    let name = channel.unwrap_or(ALL_CHANNELS);
    tx.set_paused(name, paused).await?;
    let act = if paused { "pause" } else { "resume" };
    record(tx, stage, actor, &Act { act, object: name, detail: "" }).await?;
    Ok(())
}
