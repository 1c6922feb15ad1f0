//! What happens to escalations, written down for the desk in the same transaction.

use superfan_bots::helpdesk::{
    DeskCustomer, DeskEscalation, DeskEvent, DeskEventKind, DeskMessage, Direction,
};

use crate::config::HelpDeskKind;
use crate::desk::Stage;
use crate::ids::DeskEventId;
use crate::people::{Actor, Via};
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Outcome;

/// A question waits for a person.
pub(crate) async fn created(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
) -> Result<(), StoreError> {
    let happened = Happened { kind: DeskEventKind::Created, message: None, outcome: None };
    add(tx, stage, row, ("created", happened)).await
}

/// The customer said more while it waits or somebody has it.
pub(crate) async fn said(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
    text: &str,
) -> Result<(), StoreError> {
    if stage.rules.help_desk.is_none() {
        return Ok(());
    }
    let name = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    let author = name.unwrap_or_else(|| "Customer".to_owned());
    let message = DeskMessage { direction: Direction::In, author, text: text.to_owned() };
    let happened = Happened { kind: DeskEventKind::Message, message: Some(message), outcome: None };
    let cause = format!("said {}", stage.ids.next::<i64>());
    add(tx, stage, row, (&cause, happened)).await
}

/// One of ours replied; `cause` is the reply's own.
pub(crate) async fn replied(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: &EscalationRow,
    (cause, text): (&str, &str),
) -> Result<(), StoreError> {
    if is_from_there(actor, stage) {
        return Ok(());
    }
    let author = actor.name.clone();
    let message = DeskMessage { direction: Direction::Out, author, text: text.to_owned() };
    let happened = Happened { kind: DeskEventKind::Message, message: Some(message), outcome: None };
    add(tx, stage, row, (cause, happened)).await
}

/// It is over.
pub(crate) async fn closed(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: &EscalationRow,
    outcome: Outcome,
) -> Result<(), StoreError> {
    if is_from_there(actor, stage) {
        return Ok(());
    }
    let outcome = Some(outcome.to_string());
    let happened = Happened { kind: DeskEventKind::Closed, message: None, outcome };
    add(tx, stage, row, ("closed", happened)).await
}

/// Whether the desk did this itself: then it knows. A desk behind the plain webhook acts over the
/// API.
fn is_from_there(actor: &Actor, stage: &Stage<'_>) -> bool {
    match actor.via {
        Via::HelpDesk => true,
        Via::Api => stage.rules.help_desk == Some(HelpDeskKind::Webhook),
        _ => false,
    }
}

struct Happened {
    kind: DeskEventKind,
    message: Option<DeskMessage>,
    outcome: Option<String>,
}

async fn add(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
    (cause, happened): (&str, Happened),
) -> Result<(), StoreError> {
    if stage.rules.help_desk.is_none() {
        return Ok(());
    }
    let Some(customer) = tx.customer(row.customer_id).await? else { return Ok(()) };
    let event = DeskEvent {
        kind: happened.kind,
        at: stage.now,
        escalation: DeskEscalation {
            id: row.id.to_string(),
            number: row.number,
            conversation_id: row.conversation_id.to_string(),
            channel: row.channel.clone(),
            customer: DeskCustomer {
                id: customer.id.to_string(),
                external_id: customer.external_id,
                name: customer.name,
                lang: customer.lang,
                attributes: tx.attributes(customer.id).await?.into(),
            },
            question: row.question.clone(),
            lang: row.lang.clone(),
            reason: row.reason.to_string(),
            priority: row.priority,
            opened_at: row.opened_at,
            // Only whoever sends it knows where this server is reached.
            url: String::new(),
        },
        message: happened.message,
        outcome: happened.outcome,
    };
    let id: DeskEventId = stage.ids.next();
    tx.add_desk_event(id, row.id, cause, &event).await
}
