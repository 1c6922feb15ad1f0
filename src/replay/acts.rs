//! What people do with a replay: say of a pair whether both tell the customer the same.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::vocabulary::Role;

/// Keeps an expert's word on a pair: the answer that would have been sent, and the one that was
/// accepted under the question. A later word takes the place of an earlier one.
///
/// Errors: [`ActError::Unknown`] if one of the two is not in the base.
pub async fn judge(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    pair: (&str, &str),
    agrees: bool,
) -> Result<(), ActError> {
    let (question_id, sent_id) = pair;
    actor.require(Role::Expert)?;
    for id in [question_id, sent_id] {
        if tx.answer(id).await?.is_none() {
            return Err(ActError::Unknown { what: format!("answer {id}") });
        }
    }
    tx.judge_pair(pair, agrees, &actor.name, stage.now).await?;
    let detail = format!("{sent_id}: {}", if agrees { "says the same" } else { "differs" });
    record(tx, stage, actor, &Act { act: "judge", object: question_id, detail: &detail }).await?;
    Ok(())
}
