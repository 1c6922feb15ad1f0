//! Making an accepted answer of what a person wrote to a customer.

use crate::answers::{GivenAnswer, acts};
use crate::desk::Stage;
use crate::ids::EscalationId;
use crate::people::{ActError, Actor};
use crate::store::Tx;
use crate::store::answers::AnswerRow;

/// Adds an answer that was written in an escalation; a customer who is helped there confirms it.
///
/// Needs what [`acts::create`] needs, and fails as it does. Give the indexer
/// [`crate::wakes::Wakes::answers`] after the commit.
pub async fn teach(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    given: GivenAnswer,
) -> Result<AnswerRow, ActError> {
    let escalation = tx.escalation(id).await?;
    let escalation =
        escalation.ok_or_else(|| ActError::Unknown { what: format!("escalation {id}") })?;
    let row = acts::create(tx, stage, actor, given).await?;
    tx.set_last_words(escalation.id, Some(&row.id), None).await?;
    Ok(row)
}
