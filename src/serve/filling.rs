//! A start without a usable index: what the store holds is indexed before anything is answered.
//!
//! After an upgrade with another index, or when its folder is gone, nothing would be found until it
//! is built anew, and every question would be passed to people. What arrives meanwhile is stored and
//! waits some seconds instead.

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::POLL;
use crate::desk::Desk;
use crate::store::StoreError;

/// How long questions wait at most: a build that fails must not silence the desk.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Notes at a start whether the index has to be filled before it can serve.
pub async fn expect_filling(desk: &Desk) -> Result<(), StoreError> {
    let mut tx = desk.store.read().await?;
    if desk.search.index().is_empty() && tx.count_answers().await? > 0 {
        let last = tx.last_answer_seq().await?;
        desk.search.wait_for(u64::try_from(last).unwrap_or_default());
    }
    Ok(())
}

/// Returns once the index holds the base, when `stop` is cancelled, or when patience is at an end.
pub(super) async fn wait_until_filled(desk: &Desk, stop: &CancellationToken) {
    let until = desk.clock.now() + PATIENCE;
    while !desk.search.is_filled() {
        if desk.clock.now() > until {
            tracing::warn!("the index is still not built; questions go to people until it is");
            return;
        }
        if tokio::time::timeout(POLL / 5, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}
