//! What a channel that charges cost today, in words.

use crate::desk::Desk;
use crate::store::{StoreError, Tx};

/// `$0.03 of $5.00`; `None` where the platform does not charge.
pub async fn spend_in_words(
    tx: &mut Tx,
    desk: &Desk,
    channel: &str,
) -> Result<Option<String>, StoreError> {
    let Some(cap) = desk.channels.adapter(channel).and_then(|adapter| adapter.daily_cap()) else {
        return Ok(None);
    };
    let spent = tx.spent(channel, desk.clock.now()).await?;
    Ok(Some(format!("${spent:.3} of ${cap:.2}")))
}
