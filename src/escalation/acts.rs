//! What people do with escalations besides speaking: claim, snooze, pass on, close.

use jiff::{SignedDuration, Timestamp};

use super::{Fit, fit, settle_state};
use crate::desk::Stage;
use crate::experts;
use crate::helpdesk;
use crate::ids::{EscalationId, PersonId};
use crate::people::{Act, ActError, Actor, record};
use crate::staff;
use crate::store::Tx;
use crate::store::escalations::EscalationRow;
use crate::vocabulary::{EscalationState, Outcome, Role};

/// The longest that an escalation may be put aside.
const LONGEST_SNOOZE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest word to whoever takes over, in characters.
const LONGEST_NOTE: usize = 500;

/// An escalation that was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// How.
    pub outcome: Outcome,
}

/// Takes an escalation, or renews one's own claim; the bot is silent from here on.
pub async fn claim(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
) -> Result<EscalationRow, ActError> {
    actor.require(Role::Expert)?;
    let escalation = unclosed(tx, id).await?;
    take(tx, stage, actor, &escalation).await?;
    record(tx, stage, actor, &Act { act: "claim", object: &id.to_string(), detail: "" }).await?;
    tx.escalation(id).await?.ok_or_else(|| unknown(id))
}

/// Puts an escalation aside until a time, or until the customer says something; claims it.
///
/// Errors: [`ActError::Invalid`] for a time that is past or more than 30 days away.
pub async fn snooze(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    until: Timestamp,
) -> Result<(), ActError> {
    let escalation = answerable(tx, actor, id).await?;
    if until <= stage.now || until > stage.now + LONGEST_SNOOZE {
        let reason = "choose a time in the next 30 days".to_owned();
        return Err(ActError::Invalid { reason });
    }
    take(tx, stage, actor, &escalation).await?;
    tx.snooze(id, until, until + stage.rules.claim_lapses_after).await?;
    staff::changed(tx, stage, id).await?;
    let detail = until.to_string();
    record(tx, stage, actor, &Act { act: "snooze", object: &id.to_string(), detail: &detail })
        .await?;
    Ok(())
}

/// Passes an escalation on: to a person, whose it is from then on, or to whoever has a skill.
///
/// Errors: [`ActError::Invalid`] if nobody could take it, [`ActError::Conflict`] if it is
/// another's.
pub async fn transfer(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    handover: Handover<'_>,
) -> Result<(), ActError> {
    let escalation = answerable(tx, actor, id).await?;
    ensure_not_anothers(tx, actor, &escalation).await?;
    let invalid = |reason: String| ActError::Invalid { reason };
    let team = tx.people().await?.into_iter().filter(|person| person.role >= Role::Expert);
    let (owner, skill, detail) = match handover.to {
        Target::Person(person) => {
            let receiver = team.into_iter().find(|one| one.id == person);
            let receiver = receiver.ok_or_else(|| {
                invalid("nobody of that name answers customers; choose somebody else".to_owned())
            })?;
            let until = stage.now + stage.rules.claim_lapses_after;
            (Some((receiver.id, until)), None, receiver.name)
        }
        Target::Skill(skill) => {
            let skill = skill.trim().to_lowercase();
            let passed = EscalationRow {
                claimed_by: None,
                skill: Some(skill.clone()),
                ..escalation.clone()
            };
            if skill.is_empty() || !team.into_iter().any(|one| fit(&one, &passed) != Fit::Unfit) {
                return Err(invalid(format!(
                    "nobody answers questions on “{skill}” in this language"
                )));
            }
            (None, Some(skill.clone()), skill)
        }
    };
    let note = Some(handover.note.trim()).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(invalid(format!("the note is longer than {LONGEST_NOTE} characters")));
    }
    tx.hand_over(id, owner, skill.as_deref(), note).await?;
    staff::changed(tx, stage, id).await?;
    settle_state(tx, escalation.conversation_id, escalation.customer_id).await?;
    record(tx, stage, actor, &Act { act: "transfer", object: &id.to_string(), detail: &detail })
        .await?;
    Ok(())
}

/// To whom an escalation is passed on, and what they should know.
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    /// To whom.
    pub to: Target<'a>,
    /// A word to them, at most 500 characters; never shown to the customer.
    pub note: &'a str,
}

/// To whom an escalation is passed on.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// This person.
    Person(PersonId),
    /// Whoever has this skill.
    Skill(&'a str),
}

/// What somebody who answers customers may work on.
pub(super) async fn answerable(
    tx: &mut Tx,
    actor: &Actor,
    id: EscalationId,
) -> Result<EscalationRow, ActError> {
    actor.require(Role::Expert)?;
    unclosed(tx, id).await
}

/// Closes an escalation and hands the conversation back to the bot.
pub async fn close(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    outcome: Outcome,
) -> Result<Closed, ActError> {
    actor.require(Role::Expert)?;
    let escalation = unclosed(tx, id).await?;
    ensure_not_anothers(tx, actor, &escalation).await?;
    tx.close_escalation(id, outcome, stage.now).await?;
    settle_state(tx, escalation.conversation_id, escalation.customer_id).await?;
    helpdesk::closed(tx, stage, actor, &escalation, outcome).await?;
    staff::changed(tx, stage, id).await?;
    let act = Act { act: "close", object: &id.to_string(), detail: outcome.as_str() };
    record(tx, stage, actor, &act).await?;
    Ok(Closed { outcome })
}

/// Makes an escalation the actor's, if it is their business and nobody else has it.
pub(super) async fn take(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    escalation: &EscalationRow,
) -> Result<(), ActError> {
    if !experts::concerns(tx, actor, escalation).await? {
        return Err(ActError::Forbidden { needs: Role::Moderator, has: actor.role });
    }
    let expires_at = stage.now + stage.rules.claim_lapses_after;
    if !tx.claim_escalation(escalation.id, actor.owner_id(), expires_at).await? {
        ensure_not_anothers(tx, actor, escalation).await?;
    }
    if escalation.state == EscalationState::Open {
        experts::tell_taken(tx, stage, actor, escalation).await?;
    }
    staff::changed(tx, stage, escalation.id).await?;
    settle_state(tx, escalation.conversation_id, escalation.customer_id).await?;
    Ok(())
}

async fn ensure_not_anothers(
    tx: &mut Tx,
    actor: &Actor,
    escalation: &EscalationRow,
) -> Result<(), ActError> {
    let owner = match (escalation.state, escalation.claimed_by) {
        (EscalationState::Claimed, Some(owner)) if owner != actor.owner_id() => owner,
        _ => return Ok(()),
    };
    let name = tx.person(owner).await?.map_or_else(|| "API".to_owned(), |person| person.name);
    Err(ActError::Conflict {
        reason: format!("{name} has claimed #{}", escalation.number),
        owner: Some(name),
    })
}

/// An escalation that is not closed, with its conversation kept for this transaction: nobody else
/// can take either of them until it ends.
async fn unclosed(tx: &mut Tx, id: EscalationId) -> Result<EscalationRow, ActError> {
    let escalation = tx.escalation(id).await?.ok_or_else(|| unknown(id))?;
    tx.lock_conversation(escalation.conversation_id).await?;
    let escalation = tx.escalation(id).await?.ok_or_else(|| unknown(id))?;
    if escalation.state != EscalationState::Closed {
        return Ok(escalation);
    }
    let owner = match escalation.claimed_by {
        Some(owner) => tx.person(owner).await?.map(|person| person.name).or(Some("API".to_owned())),
        None => None,
    };
    Err(ActError::Conflict { reason: format!("#{} is closed", escalation.number), owner })
}

fn unknown(id: EscalationId) -> ActError {
    ActError::Unknown { what: format!("escalation {id}") }
}
