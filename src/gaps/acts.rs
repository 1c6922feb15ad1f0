//! What people do about gaps: say who has one and where it stands, write its answer, ask experts.

use super::answering;
use crate::answers::{GivenAnswer, acts};
use crate::desk::Stage;
use crate::escalation::{self, Handover, Target, listed};
use crate::ids::GapId;
use crate::months::month;
use crate::people::{Act, ActError, Actor, record};
use crate::store::answers::AnswerRow;
use crate::store::gaps::GapRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{GapState, Role};

/// The longest name of a department, in characters.
const LONGEST_OWNER: usize = 80;
/// How many questions experts are handed at a time.
const TO_EXPERTS: i64 = 20;

/// Says which department has a gap and where it stands; needs [`Role::Moderator`].
pub async fn set_standing(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: GapId,
    (owner, state): (&str, GapState),
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    known(tx, id).await?;
    let owner = owner.trim();
    if owner.chars().count() > LONGEST_OWNER {
        let reason = format!("a department's name has at most {LONGEST_OWNER} characters");
        return Err(ActError::Invalid { reason });
    }
    tx.set_gap_standing(id, (owner, state), &month(stage.now)).await?;
    let act = Act { act: "set gap", object: &id.to_string(), detail: state.as_str() };
    record(tx, stage, actor, &act).await?;
    Ok(())
}

/// Writes the answer of a gap: it is in the base from then on, and goes to everybody who waits, each
/// once, at the pace of their channels; needs what [`acts::create`] needs.
///
/// Errors: [`ActError::Conflict`] while an earlier answer is still going out.
pub async fn answer(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: GapId,
    given: GivenAnswer,
) -> Result<AnswerRow, ActError> {
    let gap = known(tx, id).await?;
    if gap.answering_by.is_some() {
        let reason = "an answer is going out to those who wait; wait until it has".to_owned();
        return Err(ActError::Conflict { reason, owner: None });
    }
    let row = acts::create(tx, stage, actor, given).await?;
    tx.set_gap_answer(id, &row.id, Some(actor.owner_id())).await?;
    tx.set_gap_standing(id, (&gap.owner, GapState::Answered), &month(stage.now)).await?;
    let act = Act { act: "answer gap", object: &id.to_string(), detail: &row.id };
    record(tx, stage, actor, &act).await?;
    let gap = known(tx, id).await?;
    answering::send_some(tx, stage, actor, (&gap, &row)).await?;
    Ok(row)
}

/// Hands those who wait in a gap to whoever has a skill, the oldest first; returns how many. What
/// somebody has already is left alone.
///
/// Errors: [`ActError::Invalid`] if nobody has the skill, or not in a language that is needed;
/// nothing is to be kept then.
pub async fn to_experts(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: GapId,
    skill: &str,
) -> Result<usize, ActError> {
    actor.require(Role::Moderator)?;
    known(tx, id).await?;
    if !has_somebody(tx, skill).await? {
        let reason = format!("nobody has the skill “{}”; nothing was passed on", skill.trim());
        return Err(ActError::Invalid { reason });
    }
    let waiting = tx.waiting_in_gap((id, ""), actor.owner_id(), TO_EXPERTS).await?;
    for row in &waiting {
        let handover = Handover { to: Target::Skill(skill), note: "" };
        escalation::transfer(tx, stage, actor, row.id, handover).await?;
    }
    Ok(waiting.len())
}

/// Whether anybody who answers customers names this skill.
async fn has_somebody(tx: &mut Tx, skill: &str) -> Result<bool, StoreError> {
    let wanted = skill.trim().to_lowercase();
    let team = tx.people().await?.into_iter().filter(|person| person.role >= Role::Expert);
    let mut skills = team.flat_map(|person| listed(&person.skills));
    Ok(!wanted.is_empty() && skills.any(|skill| skill == wanted))
}

async fn known(tx: &mut Tx, id: GapId) -> Result<GapRow, ActError> {
    tx.gap(id).await?.ok_or_else(|| ActError::Unknown { what: format!("gap {id}") })
}
