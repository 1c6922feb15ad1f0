//! What falls due by itself: claims lapse when idle, and waiting too long is noticed.

use super::settle_state;
use crate::desk::Stage;
use crate::experts;
use crate::staff;
use crate::store::{StoreError, Tx};

/// Opens escalations again whose owner has been idle too long; returns how many.
pub async fn release_lapsed(tx: &mut Tx, stage: &Stage<'_>) -> Result<usize, StoreError> {
    let mut n_lapsed = 0;
    for escalation in &tx.lapsed_claims(stage.now).await? {
        tx.lock_conversation(escalation.conversation_id).await?;
        if !tx.reopen_escalation(escalation.id, stage.now).await? {
            continue;
        }
        n_lapsed += 1;
        experts::tell_released(tx, stage, escalation).await?;
        staff::changed(tx, stage, escalation.id).await?;
        settle_state(tx, escalation.conversation_id, escalation.customer_id).await?;
        tracing::info!(
            escalation.id = %escalation.id,
            "the claim of escalation {} lapsed: its owner was idle", escalation.id
        );
    }
    Ok(n_lapsed)
}
