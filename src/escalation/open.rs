//! Opening an escalation, or joining the one that already waits.

use std::collections::BTreeSet;

use crate::desk::Stage;
use crate::helpdesk;
use crate::ids::{ConversationId, CustomerId, DecisionId};
use crate::staff;
use crate::store::conversations::Conversation;
use crate::store::customers::Customer;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{ConversationState, EscalationState, Reason};

/// How many of the answers that were found say what a question may be about.
const TOPICS_FROM: usize = 3;

/// What is known when a question goes to people.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Where.
    pub conversation: &'a Conversation,
    /// Whose question.
    pub customer: &'a Customer,
    /// The question, in the original.
    pub question: &'a str,
    /// What of it was said just now: added to a question that waits already.
    pub said: &'a str,
    /// Its language.
    pub lang: &'a str,
    /// Why the bot does not answer.
    pub reason: Reason,
    /// The decision behind it.
    pub decision_id: Option<DecisionId>,
    /// 0 is the most urgent, 3 the usual.
    pub priority: i64,
}

/// Opens an escalation, or adds to the customer's waiting one; returns its number and whether it
/// is new.
pub async fn open_or_join(
    tx: &mut Tx,
    stage: &Stage<'_>,
    opening: &Opening<'_>,
) -> Result<(i64, bool), StoreError> {
    let (conversation, customer) = (opening.conversation.id, opening.customer.id);
    if let Some(waiting) = tx.open_escalation(conversation, customer).await? {
        if !opening.said.trim().is_empty() {
            tx.append_to_question(waiting.id, opening.said.trim()).await?;
            helpdesk::said(tx, stage, &waiting, opening.said.trim()).await?;
            staff::said(tx, stage, &waiting, opening.said.trim()).await?;
        }
        return Ok((waiting.number, false));
    }
    let topics = topics(tx, opening.decision_id).await?;
    let mut row = EscalationRow {
        id: stage.ids.next(),
        number: 0,
        conversation_id: conversation,
        customer_id: customer,
        channel: opening.conversation.channel.clone(),
        question: opening.question.to_owned(),
        lang: opening.lang.to_owned(),
        reason: opening.reason,
        decision_id: opening.decision_id,
        state: EscalationState::Open,
        priority: opening.priority,
        opened_at: stage.now,
        claimed_by: None,
        claim_expires_at: None,
        replied_at: None,
        closed_at: None,
        outcome: None,
        snoozed_until: None,
        skill: None,
        note: None,
        topics,
        answer_id: None,
        own_words: None,
    };
    let number = tx.add_escalation(&row).await?;
    row.number = number;
    helpdesk::created(tx, stage, &row).await?;
    staff::opened(tx, stage, &row).await?;
    settle_state(tx, conversation, customer).await?;
    tracing::info!(
        escalation.id = %row.id, channel = %row.channel, reason = %row.reason,
        "opened escalation #{number} on {}", row.channel
    );
    Ok((number, true))
}

/// Tags and products of the best answers that were found: whose skills the question may need.
async fn topics(tx: &mut Tx, decision: Option<DecisionId>) -> Result<String, StoreError> {
    let Some(decision) = decision else {
        return Ok(String::new());
    };
    let card = tx.decision(decision).await?.map(|decision| decision.card).unwrap_or_default();
    let hits = card.get("hits").and_then(|hits| hits.as_array()).into_iter().flatten();
    let ids: Vec<String> = hits
        .filter_map(|hit| hit.get("id")?.as_str().map(str::to_owned))
        .take(TOPICS_FROM)
        .collect();
    let rows = tx.answers_by_id(&ids).await?;
    let named = rows.into_iter().flat_map(|row| row.tags.into_iter().chain(row.product));
    let topics: BTreeSet<String> = named.map(|topic| topic.trim().to_lowercase()).collect();
    Ok(topics.into_iter().collect::<Vec<_>>().join(","))
}

/// Derives who a conversation is with from its escalations and its customer's wish.
pub async fn settle_state(
    tx: &mut Tx,
    conversation: ConversationId,
    customer: CustomerId,
) -> Result<ConversationState, StoreError> {
    let (open, claimed) = tx.unclosed_escalations(conversation).await?;
    let stopped = tx.customer(customer).await?.is_some_and(|c| c.stopped_at.is_some());
    let owner = tx.open_escalation(conversation, customer).await?.and_then(|e| e.claimed_by);
    let state = if claimed > 0 {
        ConversationState::Human
    } else if open > 0 {
        ConversationState::Waiting
    } else if stopped {
        ConversationState::Stopped
    } else {
        ConversationState::Bot
    };
    tx.set_conversation_state(conversation, state, owner).await?;
    Ok(state)
}
