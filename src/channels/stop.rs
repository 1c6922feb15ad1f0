//! A platform told us that our rights are gone: the account stops until somebody acts.

use superfan_bots::Health;

use crate::desk::Desk;
use crate::store::StoreError;

/// Stops a channel account and raises the alarm: its page, `/readyz`, the metric and the log.
pub async fn stop(desk: &Desk, channel: &str, reason: &str) -> Result<(), StoreError> {
    let mut tx = desk.store.begin().await?;
    tx.stop_channel(channel, Some(reason)).await?;
    tx.commit().await?;
    desk.channels.health().set(channel, Health::Stopped(reason.to_owned()));
    tracing::error!(channel, "the channel stopped: {reason}");
    Ok(())
}
