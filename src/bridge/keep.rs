//! What falls due by itself: customers asked by rule, answers that arrived or did not.

use super::tell::{answered, forum, told_already};
use super::{answer_cause, count, rule};
use crate::desk::{Desk, Stage};
use crate::escalation;
use crate::people::ActError;
use crate::store::bridges::BridgeRow;
use crate::store::outbox::DeliveryRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{BridgeState, DeliveryState, EscalationState, Outcome};
use crate::wakes::News;

/// How many answers on their way are looked at in one round.
const LOOK: i64 = 200;

/// Looks once after questions on their way to the forum and back.
pub async fn keep_up(desk: &Desk) -> Result<(), StoreError> {
    if let Some(after) = desk.config.forums.bridge_after {
        rule::ask_by_rule(desk, after).await?;
    }
    let telling = desk.store.read().await?.bridges_in_state(BridgeState::Telling, LOOK).await?;
    if telling.is_empty() {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    for row in telling {
        look_after(&mut tx, &desk.stage(), row).await?;
    }
    tx.commit().await?;
    desk.wakes.tell(News::Queue);
    Ok(())
}

/// Once the answer has arrived, the escalation is over; if it cannot arrive, its card says why.
async fn look_after(tx: &mut Tx, stage: &Stage<'_>, row: BridgeRow) -> Result<(), StoreError> {
    let Some(escalation) = tx.escalation(row.escalation_id).await? else { return Ok(()) };
    tx.lock_conversation(escalation.conversation_id).await?;
    let row = tx.bridge(row.escalation_id).await?;
    let Some(row) = row.filter(|row| row.state == BridgeState::Telling) else { return Ok(()) };
    let cause = answer_cause(escalation.id, row.round);
    let parts = tx.deliveries_for(escalation.conversation_id, &cause).await?;
    if let Some(dead) = parts.iter().find(|part| part.state == DeliveryState::Dead) {
        let row = undelivered(tx, row, dead).await?;
        tx.put_bridge(&row, stage.now).await?;
        let topic = (row.source.as_str(), row.topic.as_deref().unwrap_or_default());
        // They may be reached where they asked the same.
        return if row.state == BridgeState::Untold {
            answered(tx, stage, topic).await
        } else {
            Ok(())
        };
    }
    let is_sent = |part: &DeliveryRow| part.state == DeliveryState::Sent;
    if parts.is_empty() || !parts.iter().all(is_sent) {
        return Ok(());
    }
    let row = BridgeRow { state: BridgeState::Told, trouble: None, ..row };
    tx.put_bridge(&row, stage.now).await?;
    count("told");
    for beside in tx.bridges_beside(&row, escalation.customer_id).await? {
        told_already(tx, stage, beside).await?;
    }
    if escalation.state == EscalationState::Closed {
        return tx.solved_after_all(escalation.id).await;
    }
    match escalation::close(tx, stage, &forum(), escalation.id, Outcome::Solved).await {
        Err(ActError::Store(error)) => Err(error),
        // Somebody has taken it meanwhile; they close it.
        _ => Ok(()),
    }
}

/// An answer that was withdrawn before it left is waited for anew; anything else a person reads.
async fn undelivered(
    tx: &mut Tx,
    row: BridgeRow,
    dead: &DeliveryRow,
) -> Result<BridgeRow, StoreError> {
    let answer = match &row.answer_id {
        Some(id) => tx.answer(id).await?,
        None => None,
    };
    let round = row.round + 1;
    if !answer.is_some_and(|answer| answer.live) {
        return Ok(BridgeRow { state: BridgeState::Open, round, answer_id: None, ..row });
    }
    count("untold");
    let trouble = dead.reason.clone();
    Ok(BridgeRow { state: BridgeState::Untold, round, trouble, ..row })
}
