//! What happens to escalations, told to staff in the same transaction.

use serde_json::Value;
use superfan_bots::{Amendment, Part};

use super::card::{self, Facts};
use super::room::{Room, reply, say};
use crate::desk::Stage;
use crate::ids::{CustomerId, DeliveryId, EscalationId};
use crate::people::{Actor, Via};
use crate::store::conversations::Conversation;
use crate::store::escalations::EscalationRow;
use crate::store::outbox::NewDelivery;
use crate::store::staff::{FORGET, STAFF, STAFF_CHANGE, StaffCard};
use crate::store::{StoreError, Tx};
use crate::vocabulary::DeliveryState;

/// How much of a question a card may hold, in characters; less where that makes two messages.
const QUESTION: [usize; 4] = [1200, 600, 250, 60];

/// A question waits: its card goes where the staff are.
pub(crate) async fn opened(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
) -> Result<(), StoreError> {
    let Some(room) = Room::of(stage) else { return Ok(()) };
    let conversation = room.enter(tx, stage).await?;
    let Some(part) = drawn(tx, stage, &conversation, row).await? else { return Ok(()) };
    tx.add_staff_card(&StaffCard {
        escalation_id: row.id,
        conversation_id: conversation.id,
        shown: fingerprint(&part),
        thread_id: None,
        owner_id: None,
    })
    .await?;
    let cause = cause_of_card(row.id);
    let new = delivery(stage, &conversation, (cause, STAFF), part);
    tx.enqueue(&new).await?;
    Ok(())
}

/// An escalation stands otherwise than before: its card says so.
pub(crate) async fn changed(
    tx: &mut Tx,
    stage: &Stage<'_>,
    id: EscalationId,
) -> Result<(), StoreError> {
    let Some(card) = tx.staff_card(id).await? else { return Ok(()) };
    let Some(row) = tx.escalation(id).await? else { return Ok(()) };
    let Some(conversation) = tx.conversation(card.conversation_id).await? else { return Ok(()) };
    let Some(part) = drawn(tx, stage, &conversation, &row).await? else { return Ok(()) };
    let shown = fingerprint(&part);
    if shown == card.shown {
        return Ok(());
    }
    tx.set_staff_card(id, &shown).await?;
    let cause = format!("{}:{}", cause_of_card(id), stage.ids.next::<i64>());
    let new = delivery(stage, &conversation, (cause, STAFF_CHANGE), part);
    tx.enqueue(&new).await?;
    Ok(())
}

/// The customer said more: it is read in the thread, or on the card while there is none.
pub(crate) async fn said(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
    text: &str,
) -> Result<(), StoreError> {
    let name = name_of_customer(tx, row).await?;
    tell_thread(tx, stage, row.id, &format!("{name} writes:\n\n{text}")).await?;
    changed(tx, stage, row.id).await
}

/// A colleague replied somewhere else.
pub(crate) async fn replied(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: &EscalationRow,
    text: &str,
) -> Result<(), StoreError> {
    if actor.via == Via::StaffRoom {
        return Ok(());
    }
    let words = format!("{} replied elsewhere:\n\n{text}", actor.name);
    tell_thread(tx, stage, row.id, &words).await
}

/// A customer is erased: what they said leaves the cards and threads too.
pub(crate) async fn forget(
    tx: &mut Tx,
    stage: &Stage<'_>,
    customer: CustomerId,
) -> Result<(), StoreError> {
    for card in tx.staff_cards_of(customer).await? {
        tx.erase_staff_words(&card, stage.now).await?;
        changed(tx, stage, card.escalation_id).await?;
        let Some(thread) = card.thread_id else { continue };
        let Some(conversation) = tx.conversation(thread).await? else { continue };
        for said in tx.said_to_staff(thread).await? {
            let is_open = matches!(said.state, DeliveryState::Due | DeliveryState::Sending);
            if said.channel_message_id.is_none() && !is_open {
                continue;
            }
            let cause = format!("{FORGET}:{}:{}", card.escalation_id, said.id);
            let nothing = Part { text: String::new(), payload: Value::Null, weight: 1 };
            let new = delivery(stage, &conversation, (cause, STAFF_CHANGE), nothing);
            tx.enqueue(&new).await?;
            // What is on its way has its number only once it has arrived.
            if let Some(message_id) = said.channel_message_id {
                tx.set_amendment(new.id, &Amendment::Delete { message_id }).await?;
            }
        }
    }
    Ok(())
}

/// What the card of an escalation was sent for.
fn cause_of_card(id: EscalationId) -> String {
    format!("card:{id}")
}

async fn tell_thread(
    tx: &mut Tx,
    stage: &Stage<'_>,
    id: EscalationId,
    text: &str,
) -> Result<(), StoreError> {
    let thread = tx.staff_card(id).await?.and_then(|card| card.thread_id);
    let Some(thread) = thread else { return Ok(()) };
    let Some(conversation) = tx.conversation(thread).await? else { return Ok(()) };
    let cause = format!("thread:{id}:{}", stage.ids.next::<i64>());
    say(tx, stage, (&conversation, cause), reply(text.to_owned(), Vec::new())).await
}

/// The card as it has to look now, in one message; `None` where the channel is gone.
async fn drawn(
    tx: &mut Tx,
    stage: &Stage<'_>,
    conversation: &Conversation,
    row: &EscalationRow,
) -> Result<Option<Part>, StoreError> {
    let Some(adapter) = stage.channels.adapter(&conversation.channel) else { return Ok(None) };
    let customer = name_of_customer(tx, row).await?;
    let owner = match row.claimed_by {
        Some(owner) => Some(tx.person(owner).await?.map_or("API".to_owned(), |person| person.name)),
        None => None,
    };
    let found = match row.decision_id {
        Some(id) => tx.decision(id).await?.map_or(Value::Null, |decision| decision.card),
        None => Value::Null,
    };
    let facts = Facts { row, customer: &customer, owner: owner.as_deref(), found: &found };
    let fitting = QUESTION.iter().find_map(|longest| {
        let reply = reply(card::text(&facts, *longest), card::buttons(row));
        let mut parts = adapter.render_for(&reply, &conversation.address);
        if parts.len() == 1 { parts.pop() } else { None }
    });
    Ok(fitting)
}

async fn name_of_customer(tx: &mut Tx, row: &EscalationRow) -> Result<String, StoreError> {
    let name = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    Ok(name.unwrap_or_else(|| "The customer".to_owned()))
}

/// Tells two looks of a card apart, without its words.
fn fingerprint(part: &Part) -> String {
    crate::people::digest(&part.payload.to_string())
}

/// A row ahead of whatever the bot says to customers; no pause and no shadow holds it.
pub(super) fn delivery(
    stage: &Stage<'_>,
    conversation: &Conversation,
    (cause, kind): (String, &str),
    payload: Part,
) -> NewDelivery {
    let id: DeliveryId = stage.ids.next();
    NewDelivery {
        id,
        conversation_id: conversation.id,
        channel: conversation.channel.clone(),
        cause,
        kind: kind.to_owned(),
        part: 0,
        priority: 0,
        author: None,
        answer_id: None,
        decision_id: None,
        payload,
        draft: None,
        due_at: stage.now,
        created_at: stage.now,
    }
}
