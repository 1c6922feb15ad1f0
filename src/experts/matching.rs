//! Whom a question may be offered to, and whose business it is.

use crate::escalation::{Fit, fit};
use crate::people::Actor;
use crate::store::escalations::EscalationRow;
use crate::store::people::PersonRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Reason, Role};

/// How well a question suits whoever it could be offered to; `None` where they are not to be asked:
/// another language, or nothing of what they say they know.
pub fn suits(person: &PersonRow, row: &EscalationRow) -> Option<Fit> {
    match fit(person, row) {
        Fit::Unfit => None,
        Fit::Able if !person.skills.trim().is_empty() => None,
        fit => Some(fit),
    }
}

/// Whether an escalation is a person's business: theirs, offered to them, or fitting them.
/// Everybody above an expert sees all; what a human of the brand must take is not for experts.
pub async fn concerns(tx: &mut Tx, actor: &Actor, row: &EscalationRow) -> Result<bool, StoreError> {
    let Some(id) = actor.person.filter(|_| actor.role == Role::Expert) else {
        return Ok(true);
    };
    if row.claimed_by == Some(id) {
        return Ok(true);
    }
    if row.reason == Reason::SensitiveTopic {
        return Ok(false);
    }
    if tx.pages_of(row.id).await?.iter().any(|page| page.person_id == id) {
        return Ok(true);
    }
    let person = tx.person(id).await?;
    Ok(person.is_some_and(|person| fit(&person, row) != Fit::Unfit))
}
