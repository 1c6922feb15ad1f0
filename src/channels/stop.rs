//! A platform told us that our rights are gone: the account stops until somebody acts.

use superfan_bots::Health;

use crate::desk::Desk;
use crate::store::{StoreError, Tx};

/// Stops a channel account and raises the alarm: its page, `/readyz`, the metric and the log.
pub async fn stop(desk: &Desk, channel: &str, reason: &str) -> Result<(), StoreError> {
    let mut tx = desk.store.begin().await?;
    tx.stop_channel(channel, Some(reason)).await?;
    tx.commit().await?;
    desk.channels.health().set(channel, Health::Stopped(reason.to_owned()));
    tracing::error!(channel, "the channel stopped: {reason}");
    Ok(())
}

/// Why a channel account does not work until somebody acts, by its sender or its listener.
pub async fn reason_stopped(
    tx: &mut Tx,
    desk: &Desk,
    channel: &str,
) -> Result<Option<String>, StoreError> {
    let row = tx.channel(channel).await?;
    Ok(match (row.stopped_reason, desk.channels.health().of(channel)) {
        (Some(reason), _) | (None, Health::Stopped(reason)) => Some(reason),
        _ => None,
    })
}
