//! What people do about wrong answers: report one, take it back from everyone, or leave it.

use super::offers::{Offer, make, start};
use crate::answers::{AnswerEdit, acts};
use crate::desk::Stage;
use crate::ids::RecallId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::recalls::RecallRow;
use crate::vocabulary::{RecallKind, RecallState, Role};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Reports an answer as wrong; needs [`Role::Moderator`].
///
/// It leaves service at once: the search no longer finds it within a second, and what of it waits
/// to be sent goes to people. The recall that comes back waits to be confirmed.
pub async fn report_wrong(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    answer: &str,
    reason: &str,
) -> Result<RecallRow, ActError> {
    actor.require(Role::Moderator)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(invalid("say what is wrong with the answer"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(invalid(&format!("the reason is longer than {LONGEST_REASON} characters")));
    }
    acts::retire(tx, stage, actor, answer).await?;
    let offer = Offer { answer, kind: RecallKind::Wrong, reason };
    let recall = make(tx, stage, &offer).await?;
    let act = Act { act: "report wrong", object: answer, detail: &recall.id.to_string() };
    record(tx, stage, actor, &act).await?;
    Ok(recall)
}

/// Takes an answer back from everyone who got it; needs [`Role::Moderator`].
///
/// With a correction the answer says that from now on, is in service again, and its new text goes
/// to everyone who got the old one. Errors: [`ActError::Conflict`] once it runs or is over.
pub async fn confirm(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: RecallId,
    correction: Option<&str>,
) -> Result<RecallRow, ActError> {
    actor.require(Role::Moderator)?;
    let mut recall = offered(tx, id).await?;
    let answer = recall.answer_id.clone();
    match correction.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => {
            let edit = AnswerEdit { answer: Some(text.to_owned()), ..AnswerEdit::default() };
            acts::edit(tx, stage, actor, &answer, edit).await?;
            acts::set_live(tx, stage, actor, &answer, true).await?;
            recall.kind = RecallKind::Corrected;
        }
        None if recall.kind != RecallKind::Corrected => {
            acts::retire(tx, stage, actor, &answer).await?;
        }
        None => {}
    }
    Ok(start(tx, stage, actor, recall).await?)
}

/// Leaves everyone with the answer they got; needs [`Role::Moderator`].
pub async fn dismiss(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: RecallId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let recall = offered(tx, id).await?;
    let row = RecallRow {
        state: RecallState::Dismissed,
        actor: Some(actor.name.clone()),
        ended_at: Some(stage.now),
        ..recall
    };
    tx.put_recall(&row).await?;
    let act = Act { act: "dismiss recall", object: &row.answer_id, detail: &id.to_string() };
    Ok(record(tx, stage, actor, &act).await?)
}

async fn offered(tx: &mut Tx, id: RecallId) -> Result<RecallRow, ActError> {
    let recall = tx.recall(id).await?;
    let recall = recall.ok_or_else(|| ActError::Unknown { what: format!("recall {id}") })?;
    match recall.state {
        RecallState::Offered => Ok(recall),
        state => {
            let reason = format!("this recall is {state}; it was decided before");
            Err(ActError::Conflict { reason, owner: recall.actor })
        }
    }
}

fn invalid(reason: &str) -> ActError {
    ActError::Invalid { reason: reason.to_owned() }
}
