//! What people do to channels: stop and resume automatic replies, put them into shadow and let them
//! go live.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::channel_accounts::ChannelAccount;
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

/// Lets people release what the bot would say on a channel, or lets the bot speak for itself.
pub async fn set_shadow(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    channel: &str,
    shadow: bool,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    ensure_configured(stage, channel)?;
    tx.set_shadow(channel, shadow).await?;
    let act = if shadow { "shadow" } else { "go live" };
    record(tx, stage, actor, &Act { act, object: channel, detail: "" }).await?;
    Ok(())
}

/// Keeps an account that was connected; its keys have been tried at the platform.
pub async fn connect_account(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    account: &ChannelAccount,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    tx.keep_channel_account(account).await?;
    tx.stop_channel(&account.name, None).await?;
    let act = Act { act: "connect", object: &account.name, detail: &account.account };
    record(tx, stage, actor, &act).await?;
    Ok(())
}

/// Notes that somebody signed in as a channel's account; a channel that had stopped goes on.
pub async fn record_consent(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (channel, account): (&str, &str),
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    tx.stop_channel(channel, None).await?;
    if let Some(known) = tx.channel_accounts().await?.into_iter().find(|row| row.name == channel) {
        tx.keep_channel_account(&ChannelAccount { account: account.to_owned(), ..known }).await?;
    }
    let act = Act { act: "sign in to channel", object: channel, detail: account };
    record(tx, stage, actor, &act).await?;
    Ok(())
}

async fn set_paused(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    channel: Option<&str>,
    paused: bool,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    if let Some(name) = channel {
        ensure_configured(stage, name)?;
    }
    let name = channel.unwrap_or(ALL_CHANNELS);
    tx.set_paused(name, paused).await?;
    let act = if paused { "pause" } else { "resume" };
    record(tx, stage, actor, &Act { act, object: name, detail: "" }).await?;
    Ok(())
}

fn ensure_configured(stage: &Stage<'_>, name: &str) -> Result<(), ActError> {
    if stage.channels.adapter(name).is_some() {
        return Ok(());
    }
    let what = format!("channel {name}; configured are {}", stage.channels.names().join(", "));
    Err(ActError::Unknown { what })
}
