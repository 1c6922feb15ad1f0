//! An answer that was written for a gap, on its way to everybody who waits: a few in each
//! transaction, so that a process may end anywhere.

use crate::answers::quote::with_credit;
use crate::desk::{Desk, Stage};
use crate::escalation::{self, Words};
use crate::ids::PersonId;
use crate::people::{ActError, Actor};
use crate::store::answers::AnswerRow;
use crate::store::escalations::EscalationRow;
use crate::store::gaps::GapRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Outcome;
use crate::wakes::News;

/// How many are told in one transaction.
const AT_ONCE: i64 = 25;

/// Tells a few of those who wait for a gap's answer; whether there is more to do at once.
pub async fn send_answers(desk: &Desk) -> Result<bool, StoreError> {
    let answering = desk.store.read().await?.answering_gaps().await?;
    let Some(gap) = answering.into_iter().next() else { return Ok(false) };
    let mut tx = desk.store.begin().await?;
    // Another step may have been quicker.
    let Some(gap) = tx.gap(gap.id).await? else { return Ok(false) };
    let answer = match &gap.answer_id {
        Some(id) => tx.answer(id).await?.filter(|answer| answer.live),
        None => None,
    };
    let actor = match gap.answering_by {
        Some(PersonId(0)) => Some(Actor::api()),
        Some(id) => tx.person(id).await?.map(Actor::from),
        None => return Ok(false),
    };
    let done = match (&answer, &actor) {
        (Some(answer), Some(actor)) => {
            send_some(&mut tx, &desk.stage(), actor, (&gap, answer)).await
        }
        // Whoever wrote it is gone, or it was taken out of service: nobody else is told.
        _ => Ok(tx.set_gap_answer(gap.id, gap.answer_id.as_deref().unwrap_or(""), None).await?),
    };
    match done {
        Err(ActError::Store(error)) => return Err(error),
        Err(error) => tracing::error!(gap.id = %gap.id, "could not answer a gap: {error}"),
        Ok(()) => {}
    }
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    Ok(true)
}

/// Tells the next few; once nobody waits, that is noted.
pub(super) async fn send_some(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (gap, answer): (&GapRow, &AnswerRow),
) -> Result<(), ActError> {
    let waiting = tx.waiting_in_gap((gap.id, &answer.id), actor.owner_id(), AT_ONCE).await?;
    if waiting.is_empty() {
        tx.set_gap_answer(gap.id, &answer.id, None).await?;
    }
    for row in &waiting {
        tx.lock_conversation(row.conversation_id).await?;
        if let Err(reason) = tell(tx, stage, actor, (row, answer)).await? {
            tx.add_untold(row.id, &answer.id, &reason).await?;
        }
    }
    Ok(())
}

/// Sends the answer to one customer and closes their question; in words why not.
async fn tell(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (row, answer): (&EscalationRow, &AnswerRow),
) -> Result<Result<(), String>, ActError> {
    let stopped = tx.customer(row.customer_id).await?.and_then(|one| one.stopped_at);
    let conversation = tx.conversation(row.conversation_id).await?;
    let expired = conversation.as_ref().and_then(|one| one.address.expires_at);
    if stopped.is_some() {
        return Ok(Err("the customer said stop".to_owned()));
    }
    if expired.is_some_and(|at| at <= stage.now) {
        return Ok(Err("the channel's time to reply there has passed".to_owned()));
    }
    if tx.has_answer(row.customer_id, &answer.id).await? {
        escalation::close(tx, stage, actor, row.id, Outcome::Duplicate).await?;
        return Ok(Ok(()));
    }
    let text = with_credit(answer, &row.lang);
    let words = Words { answer: Some(&answer.id), ..Words::own(&text, Some("gap")) };
    match escalation::reply(tx, stage, actor, row.id, words).await {
        Ok(_) => {
            escalation::close(tx, stage, actor, row.id, Outcome::Solved).await?;
            Ok(Ok(()))
        }
        Err(ActError::Store(error)) => Err(error.into()),
        Err(refused) => Ok(Err(refused.to_string())),
    }
}
