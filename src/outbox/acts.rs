//! What people do with rows of the outbox: send again, or say that it arrived; release a draft, say
//! something else instead, or drop it.

use superfan_bots::{Button, Reply, ReplyKind};

use super::drafts::is_judged;
use super::enqueue::{Draft, enqueue};
use super::rules::kind_of;
use crate::desk::Stage;
use crate::escalation::{Opening, open_or_join};
use crate::ids::DeliveryId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::conversations::Conversation;
use crate::store::decisions::DecisionRow;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::{DeliveryState, Reason, Role};
use crate::words::{Key, say};

/// Why a question is handed to people whose drafted answer was wrong.
const WHY: Reason = Reason::NotSendable;

/// Sends a dead or uncertain row again.
pub async fn retry(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    ensure_ended(tx, id, "sent again").await?;
    tx.retry_delivery(id, stage.now).await?;
    record(tx, stage, actor, &Act { act: "send again", object: &id.to_string(), detail: "" })
        .await?;
    Ok(())
}

/// Settles an uncertain row: somebody looked, it arrived.
pub async fn confirm_arrived(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    ensure_ended(tx, id, "confirmed").await?;
    let reason = format!("{} saw that it arrived", actor.name);
    tx.settle(id, DeliveryState::Sent, &reason, stage.now).await?;
    record(tx, stage, actor, &Act { act: "confirm arrived", object: &id.to_string(), detail: "" })
        .await?;
    Ok(())
}

/// Lets a drafted reply leave as it is, with the first words before it. The sender checks
/// everything once more: a conversation that a person has taken over meanwhile gets nothing.
///
/// `anyway` releases it although the customer wrote on since it was drafted.
pub async fn release(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
    anyway: bool,
) -> Result<(), ActError> {
    let (draft, decision) = known(tx, actor, id).await?;
    if let Some(decision) = &decision
        && !anyway
        && tx.wrote_since(draft.conversation_id, decision.customer_id, draft.created_at).await?
    {
        let reason = "the customer wrote on since this was drafted; read it, then release it all \
                      the same or drop it";
        return Err(ActError::Conflict { reason: reason.to_owned(), owner: None });
    }
    let mut parts = tx.drafted_greetings(draft.conversation_id).await?;
    parts.extend(tx.drafts_with(&draft).await?);
    for part in &parts {
        tx.release_draft(part.id, (&actor.name, stage.now)).await?;
    }
    judge(tx, stage, actor, &draft, true).await?;
    record(tx, stage, actor, &Act { act: "release", object: &id.to_string(), detail: "" }).await?;
    Ok(())
}

/// Says something else instead of a drafted reply, under the person's own name.
pub async fn rewrite(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
    text: &str,
) -> Result<DeliveryId, ActError> {
    let (draft, decision) = known(tx, actor, id).await?;
    if text.trim().is_empty() {
        return Err(ActError::Invalid { reason: "the reply is empty; write a text".to_owned() });
    }
    let conversation = conversation_of(tx, &draft).await?;
    drop_parts(tx, stage, &draft, &format!("{} said something else", actor.name)).await?;
    judge(tx, stage, actor, &draft, false).await?;
    let lang = decision.as_ref().map_or("en", |decision| decision.lang.as_str());
    let reply = Reply {
        kind: ReplyKind::Human,
        text: text.trim().to_owned(),
        credit: None,
        buttons: decision.as_ref().map_or_else(Vec::new, |decision| buttons(decision, lang)),
        lang: lang.to_owned(),
        answer_id: None,
        confidence: None,
        human: Some(actor.name.clone()),
        in_reply_to: None,
    };
    let decision_id = draft.decision_id;
    let words = Draft { conversation: &conversation, cause: id.to_string(), reply, decision_id };
    let parts = enqueue(tx, stage, &words).await?;
    record(tx, stage, actor, &Act { act: "rewrite", object: &id.to_string(), detail: "" }).await?;
    parts.first().copied().ok_or_else(|| ActError::Invalid {
        reason: format!("channel {} is no longer configured", conversation.channel),
    })
}

/// Drops a drafted reply. Where the answer was `wrong`, the question waits for a person from now on;
/// otherwise nobody needs it any more.
pub async fn discard(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DeliveryId,
    wrong: bool,
) -> Result<(), ActError> {
    let (draft, decision) = known(tx, actor, id).await?;
    let detail = if wrong { "wrong" } else { "not needed" };
    drop_parts(tx, stage, &draft, &format!("{} dropped the draft: {detail}", actor.name)).await?;
    if wrong {
        judge(tx, stage, actor, &draft, false).await?;
        if let Some(decision) = &decision {
            hand_over(tx, stage, &draft, decision).await?;
        }
    }
    record(tx, stage, actor, &Act { act: "drop draft", object: &id.to_string(), detail }).await?;
    Ok(())
}

async fn ensure_ended(tx: &mut Tx, id: DeliveryId, what: &str) -> Result<(), ActError> {
    let row = tx.delivery(id).await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("delivery {id}") })?;
    match row.state {
        DeliveryState::Dead | DeliveryState::Uncertain => Ok(()),
        state => Err(ActError::Conflict {
            reason: format!("{id} is {state}; only dead and uncertain rows can be {what}"),
            owner: None,
        }),
    }
}

/// A draft and the decision behind it.
async fn known(
    tx: &mut Tx,
    actor: &Actor,
    id: DeliveryId,
) -> Result<(DeliveryRow, Option<DecisionRow>), ActError> {
    actor.require(Role::Moderator)?;
    let row = tx.delivery(id).await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("delivery {id}") })?;
    if !row.is_draft || row.state != DeliveryState::Due {
        let why = row.reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
        let reason = format!("{id} is no draft any more; it is {}{why}", row.state);
        return Err(ActError::Conflict { reason, owner: row.released_by });
    }
    let decision = match row.decision_id {
        Some(id) => tx.decision(id).await?,
        None => None,
    };
    Ok((row, decision))
}

async fn judge(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    draft: &DeliveryRow,
    is_right: bool,
) -> Result<(), ActError> {
    if is_judged(kind_of(draft)) {
        tx.judge_draft(draft, is_right, (&actor.name, stage.now)).await?;
    }
    Ok(())
}

async fn drop_parts(
    tx: &mut Tx,
    stage: &Stage<'_>,
    draft: &DeliveryRow,
    reason: &str,
) -> Result<(), ActError> {
    for part in tx.drafts_with(draft).await? {
        tx.settle(part.id, DeliveryState::Dead, reason, stage.now).await?;
    }
    Ok(())
}

/// The question of a draft that was wrong waits for a person.
async fn hand_over(
    tx: &mut Tx,
    stage: &Stage<'_>,
    draft: &DeliveryRow,
    decision: &DecisionRow,
) -> Result<(), ActError> {
    let conversation = conversation_of(tx, draft).await?;
    let Some(customer) = tx.customer(decision.customer_id).await? else {
        return Ok(());
    };
    let opening = Opening {
        conversation: &conversation,
        customer: &customer,
        question: &decision.question,
        said: "",
        lang: &decision.lang,
        reason: WHY,
        decision_id: Some(decision.id),
        priority: 2,
    };
    open_or_join(tx, stage, &opening).await?;
    Ok(())
}

async fn conversation_of(tx: &mut Tx, draft: &DeliveryRow) -> Result<Conversation, ActError> {
    let conversation = tx.conversation(draft.conversation_id).await?;
    conversation.ok_or_else(|| ActError::Unknown { what: format!("conversation of {}", draft.id) })
}

fn buttons(decision: &DecisionRow, lang: &str) -> Vec<Button> {
    let button =
        |id: &str, key| Button { id: format!("{id}:{}", decision.id), label: say(lang, key, &[]) };
    vec![button("helped", Key::Helped), button("didnt", Key::DidntHelp)]
}
