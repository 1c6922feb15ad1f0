//! What becomes of an expert's words before they leave, wherever they were written: checked, and
//! where that is set, kept until a moderator has read them.

use super::check;
use crate::desk::Stage;
use crate::ids::{DraftId, EscalationId};
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::experts::DraftRow;
use crate::vocabulary::{DraftState, Role};

/// Whether words have to wait for a moderator; others than experts speak for the brand.
///
/// Errors: [`ActError::Invalid`] naming what may not go out.
pub(crate) fn are_held(stage: &Stage<'_>, actor: &Actor, text: &str) -> Result<bool, ActError> {
    if actor.role != Role::Expert {
        return Ok(false);
    }
    let objections = check(text, &stage.rules.forbidden_phrases);
    if objections.is_empty() {
        return Ok(stage.rules.expert_review);
    }
    let found: Vec<&str> = objections.iter().map(|one| one.found.as_str()).collect();
    let reason = format!("not sent; write it again without: {}", found.join(", "));
    Err(ActError::Invalid { reason })
}

/// Keeps an expert's words for a moderator; the same words again are the same draft.
pub(crate) async fn hold(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (escalation_id, text): (EscalationId, &str),
) -> Result<DraftId, ActError> {
    let nobody = || ActError::Invalid { reason: "only a person's words can be read".to_owned() };
    let person_id = actor.person.ok_or_else(nobody)?;
    let text = text.trim();
    let waiting = tx.expert_drafts_of(escalation_id).await?;
    if let Some(same) = waiting.iter().find(|one| one.person_id == person_id && one.text == text) {
        return Ok(same.id);
    }
    let draft = DraftRow {
        id: stage.ids.next(),
        escalation_id,
        person_id,
        text: text.to_owned(),
        state: DraftState::Waiting,
        at: stage.now,
    };
    tx.add_expert_draft(&draft).await?;
    let object = escalation_id.to_string();
    record(tx, stage, actor, &Act { act: "reply, to be read", object: &object, detail: "" })
        .await?;
    Ok(draft.id)
}
