//! What people do about the forum: ask the customer, post, choose a topic that is there, stop.

use super::{Wording, count, tell};
use crate::bridge::rule::asked;
use crate::desk::Stage;
use crate::ids::EscalationId;
use crate::people::{Act, ActError, Actor, random_token, record};
use crate::store::bridges::BridgeRow;
use crate::store::escalations::EscalationRow;
use crate::store::forums::TopicSeen;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{BridgeState, EscalationState, Role};

/// How many others one question is joined by at a time.
const MOST_OTHERS: usize = 200;

/// A topic of a forum.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The forum.
    pub source: &'a str,
    /// The topic's id there.
    pub topic: &'a str,
    /// Where it can be read.
    pub url: &'a str,
}

/// Asks the customer whether their question may be posted, in these words; needs
/// [`Role::Moderator`].
///
/// Errors: [`ActError::Conflict`] when they were asked before, or it is on its way already.
pub async fn ask(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (id, source): (EscalationId, &str),
    wording: &Wording,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let escalation = unclosed(tx, id).await?;
    if tx.bridge(id).await?.is_some_and(|row| !is_over(row.state)) {
        return Err(conflict("the customer was asked before, or it is in the forum already"));
    }
    let conversation = tx.conversation(escalation.conversation_id).await?;
    let closed = conversation.as_ref().and_then(|one| one.closed_reason.clone());
    if let Some(reason) = closed {
        return Err(conflict(&format!("nothing can be said there any more: {reason}")));
    }
    asked(tx, stage, &escalation, (source, wording), None).await?;
    release(tx, actor, &escalation).await?;
    record(
        tx,
        stage,
        actor,
        &Act { act: "ask for the forum", object: &id.to_string(), detail: "" },
    )
    .await?;
    Ok(())
}

/// Posts a question whose customer agreed; needs [`Role::Moderator`]. The topic is opened soon
/// after, once.
///
/// Errors: [`ActError::Conflict`] when the customer did not agree, or it was posted before.
pub async fn post(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    wording: &Wording,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let escalation = unclosed(tx, id).await?;
    let row = tx.bridge(id).await?;
    let row = row.filter(|row| {
        let waits = matches!(row.state, BridgeState::Agreed | BridgeState::Failed);
        waits && row.agreed_at.is_some()
    });
    let Some(row) = row else {
        return Err(conflict("only what its customer agreed to is posted, and only once"));
    };
    let row = BridgeRow {
        state: BridgeState::Posting,
        title: wording.title.clone(),
        text: wording.text.clone(),
        automatic: false,
        trouble: None,
        due_at: stage.now,
        ..row
    };
    tx.put_bridge(&row, stage.now).await?;
    release(tx, actor, &escalation).await?;
    record(
        tx,
        stage,
        actor,
        &Act { act: "post to the forum", object: &id.to_string(), detail: "" },
    )
    .await?;
    Ok(())
}

/// A topic that is there already asks the same: its answer goes to this customer too; needs
/// [`Role::Moderator`]. Nothing is posted, so nobody is asked.
pub async fn link(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    place: Place<'_>,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let escalation = unclosed(tx, id).await?;
    if place.topic.is_empty() || !place.topic.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ActError::Invalid { reason: "choose a topic".to_owned() });
    }
    let known = tx.bridge(id).await?;
    if known.as_ref().is_some_and(|row| row.state == BridgeState::Posting) {
        return Err(conflict("it is being posted; look again in a moment"));
    }
    let known = known.unwrap_or_else(|| blank(id, place.source, stage));
    stands_in(tx, stage, known, place).await?;
    release(tx, actor, &escalation).await?;
    let act = Act { act: "link to a topic", object: &id.to_string(), detail: place.topic };
    record(tx, stage, actor, &act).await?;
    Ok(())
}

/// Others wait with the same question: the answer goes to them as well; needs [`Role::Moderator`].
/// Who waits for another topic already, or is no longer waiting, is passed over; returns how many
/// joined.
pub async fn join(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    leader: EscalationId,
    others: &[EscalationId],
) -> Result<usize, ActError> {
    actor.require(Role::Moderator)?;
    let unknown = || ActError::Unknown { what: format!("question of {leader} in the forum") };
    let leading = tx.bridge(leader).await?.ok_or_else(unknown)?;
    let mut n_joined = 0;
    for id in others.iter().filter(|id| **id != leader).take(MOST_OTHERS) {
        let Some(escalation) = tx.escalation(*id).await? else { continue };
        tx.lock_conversation(escalation.conversation_id).await?;
        let waits = tx.bridge(*id).await?.is_some_and(|row| !is_over(row.state));
        if waits || escalation.state == EscalationState::Closed {
            continue;
        }
        let row = BridgeRow { leader: Some(leader), ..blank(*id, &leading.source, stage) };
        match (&leading.topic, &leading.url) {
            (Some(topic), Some(url)) => {
                let place = Place { source: &leading.source, topic, url };
                stands_in(tx, stage, row, place).await?;
            }
            _ => tx.put_bridge(&row, stage.now).await?,
        }
        n_joined += 1;
    }
    let detail = n_joined.to_string();
    let act = Act { act: "join in the forum", object: &leader.to_string(), detail: &detail };
    record(tx, stage, actor, &act).await?;
    Ok(n_joined)
}

/// Nothing is posted any more, and no answer from there is waited for; needs [`Role::Moderator`].
/// What stands in the forum stays there.
pub async fn withdraw(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let unknown = || ActError::Unknown { what: format!("question of {id} in the forum") };
    let escalation = tx.escalation(id).await?.ok_or_else(unknown)?;
    tx.lock_conversation(escalation.conversation_id).await?;
    let row = tx.bridge(id).await?.ok_or_else(unknown)?;
    if matches!(row.state, BridgeState::Telling | BridgeState::Told) {
        return Err(conflict("the customer has the answer, or it is on its way"));
    }
    let row = BridgeRow { state: BridgeState::Ended, trouble: None, ..row };
    tx.put_bridge(&row, stage.now).await?;
    let act = Act { act: "leave the forum", object: &id.to_string(), detail: "" };
    record(tx, stage, actor, &act).await?;
    Ok(())
}

/// A question stands in a topic: from now on what is accepted there is told to its customer, and to
/// all who wait with it.
pub(crate) async fn stands_in(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: BridgeRow,
    place: Place<'_>,
) -> Result<(), StoreError> {
    let Place { source, topic, url } = place;
    let behind = tx.bridges_behind(row.escalation_id).await?;
    for one in std::iter::once(row).chain(behind) {
        let one = BridgeRow {
            state: BridgeState::Open,
            source: source.to_owned(),
            topic: Some(topic.to_owned()),
            url: Some(url.to_owned()),
            trouble: None,
            ..one
        };
        tx.put_bridge(&one, stage.now).await?;
        count("open");
    }
    if !tx.knows_topic(source, topic).await? {
        let reason = Some("no accepted answer");
        tx.set_topic_seen(source, &TopicSeen { topic, outcome: "skipped", reason }, stage.now)
            .await?;
    }
    // It may have an answer already.
    tx.topic_is_due((source, topic), true, stage.now).await?;
    tell::answered(tx, stage, (source, topic)).await
}

/// A row about which nothing was done yet.
pub(super) fn blank(id: EscalationId, source: &str, stage: &Stage<'_>) -> BridgeRow {
    BridgeRow {
        escalation_id: id,
        state: BridgeState::Waiting,
        source: source.to_owned(),
        title: String::new(),
        text: String::new(),
        name: format!("sf-{}", random_token()),
        automatic: false,
        leader: None,
        topic: None,
        url: None,
        answer_id: None,
        round: 0,
        trouble: None,
        tries: 0,
        due_at: stage.now,
        asked_at: None,
        agreed_at: None,
        created_at: stage.now,
    }
}

/// Whether the forum may be tried anew.
fn is_over(state: BridgeState) -> bool {
    state == BridgeState::Ended
}

async fn unclosed(tx: &mut Tx, id: EscalationId) -> Result<EscalationRow, ActError> {
    let unknown = || ActError::Unknown { what: format!("escalation {id}") };
    let escalation = tx.escalation(id).await?.ok_or_else(unknown)?;
    tx.lock_conversation(escalation.conversation_id).await?;
    let escalation = tx.escalation(id).await?.ok_or_else(unknown)?;
    if escalation.state == EscalationState::Closed {
        return Err(conflict(&format!("#{} is closed", escalation.number)));
    }
    Ok(escalation)
}

/// Who hands a question to the forum no longer has it: others may be quicker.
async fn release(tx: &mut Tx, actor: &Actor, escalation: &EscalationRow) -> Result<(), StoreError> {
    let is_theirs = escalation.state == EscalationState::Claimed
        && escalation.claimed_by == Some(actor.owner_id());
    if is_theirs {
        let (skill, note) = (escalation.skill.as_deref(), escalation.note.as_deref());
        tx.hand_over(escalation.id, None, skill, note).await?;
        let here = (escalation.conversation_id, escalation.customer_id);
        crate::escalation::settle_state(tx, here.0, here.1).await?;
    }
    Ok(())
}

fn conflict(reason: &str) -> ActError {
    ActError::Conflict { reason: reason.to_owned(), owner: None }
}
