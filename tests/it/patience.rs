//! Waiting for other processes, whose work nothing here can step: looks often, gives up loudly.

use std::time::Duration;

use superfan::store::{Store, StoreError};
use superfan::vocabulary::DeliveryState;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until this holds.
///
/// Panics with `what` when it does not in time.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut looks = tokio::time::interval(Duration::from_millis(25));
        while !holds().await {
            looks.tick().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(in_time.is_ok(), "waited in vain for: {what}");
}

/// Whether `n_conversations` are known and nothing of them waits to be handled or sent.
pub(crate) async fn is_done(store: &Store, n_conversations: usize) -> Result<bool, StoreError> {
    let mut tx = store.read().await?;
    if tx.conversations(None, None, None, 1000).await?.len() < n_conversations
        || tx.unhandled().await? > 0
    {
        return Ok(false);
    }
    for state in [DeliveryState::Due, DeliveryState::Sending] {
        if !tx.deliveries(Some(state), None, 1).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}
