//! What people do with escalations: claim, reply, close.

use superfan_bots::{Button, Reply, ReplyKind};

use super::settle_state;
use crate::desk::Stage;
use crate::ids::{DeliveryId, EscalationId};
use crate::outbox::{Draft, enqueue};
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::conversations::Conversation;
use crate::store::escalations::EscalationRow;
use crate::vocabulary::{EscalationState, Outcome, Role};
use crate::words::{Key, say};

/// A reply that was queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Its first part in the outbox.
    pub message_id: DeliveryId,
}

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

/// Sends a person's words to the customer; claims the escalation if nobody has it.
///
/// The same `key` from the same actor is the same reply.
pub async fn reply(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    words: Words<'_>,
) -> Result<Replied, ActError> {
    actor.require(Role::Expert)?;
    let text = words.text.trim();
    if text.is_empty() {
        return Err(ActError::Invalid { reason: "the reply is empty; write a text".to_owned() });
    }
    let escalation = unclosed(tx, id).await?;
    let conversation = conversation_of(tx, &escalation).await?;
    take(tx, stage, actor, &escalation).await?;
    let here = (conversation.id, escalation.customer_id);
    tx.settle_bots_words(here, "a person answered first", stage.now).await?;
    let cause = match words.key {
        Some(key) => format!("{id}:{}:{key}", actor.name),
        None => format!("{id}:{}", stage.ids.next::<i64>()),
    };
    let draft = Draft {
        conversation: &conversation,
        cause,
        reply: human_reply(actor, &escalation, text),
        decision_id: escalation.decision_id,
    };
    let parts = enqueue(tx, stage, &draft).await?;
    tx.mark_replied(id, stage.now).await?;
    record(tx, stage, actor, &Act { act: "reply", object: &id.to_string(), detail: "" }).await?;
    let message_id = parts.first().copied().ok_or_else(|| ActError::Invalid {
        reason: format!("channel {} is no longer configured", conversation.channel),
    })?;
    Ok(Replied { message_id })
}

/// A person's words to a customer.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// What to say.
    pub text: &'a str,
    /// The idempotency key, if the caller has one.
    pub key: Option<&'a str>,
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
    let act = Act { act: "close", object: &id.to_string(), detail: outcome.as_str() };
    record(tx, stage, actor, &act).await?;
    Ok(Closed { outcome })
}

async fn take(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    escalation: &EscalationRow,
) -> Result<(), ActError> {
    let expires_at = stage.now + stage.rules.claim_lapses_after;
    if !tx.claim_escalation(escalation.id, actor.owner_id(), expires_at).await? {
        ensure_not_anothers(tx, actor, escalation).await?;
    }
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

async fn conversation_of(
    tx: &mut Tx,
    escalation: &EscalationRow,
) -> Result<Conversation, ActError> {
    let conversation = tx.conversation(escalation.conversation_id).await?.ok_or_else(|| {
        ActError::Unknown { what: format!("conversation of #{}", escalation.number) }
    })?;
    match &conversation.closed_reason {
        None => Ok(conversation),
        Some(reason) => Err(ActError::Conflict {
            reason: format!("nothing can be sent there any more: {reason}"),
            owner: None,
        }),
    }
}

fn unknown(id: EscalationId) -> ActError {
    ActError::Unknown { what: format!("escalation {id}") }
}

fn human_reply(actor: &Actor, escalation: &EscalationRow, text: &str) -> Reply {
    let lang = &escalation.lang;
    let buttons = escalation.decision_id.map_or_else(Vec::new, |decision| {
        vec![
            Button { id: format!("helped:{decision}"), label: say(lang, Key::Helped, &[]) },
            Button { id: format!("didnt:{decision}"), label: say(lang, Key::DidntHelp, &[]) },
        ]
    });
    Reply {
        kind: ReplyKind::Human,
        text: text.to_owned(),
        credit: None,
        buttons,
        lang: lang.clone(),
        answer_id: None,
        confidence: None,
        human: Some(actor.name.clone()),
        in_reply_to: None,
    }
}
