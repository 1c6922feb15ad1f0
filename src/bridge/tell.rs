//! An answer was accepted in a topic: everybody who waits for it is told, each once.

use superfan_bots::{Button, Credit, Reply, ReplyKind};

use super::answer_cause;
use crate::answers::quote::reply_text;
use crate::desk::Stage;
use crate::escalation;
use crate::ids::DecisionId;
use crate::outbox::{Draft, enqueue};
use crate::people::{ActError, Actor};
use crate::store::answers::AnswerRow;
use crate::store::bridges::BridgeRow;
use crate::store::conversations::Conversation;
use crate::store::decisions::DecisionRow;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, BridgeState, EscalationState, Outcome, Reason};
use crate::words::{self, Key, say};

/// Tells everybody who waits in a topic, if an answer that may be sent is accepted there.
pub(crate) async fn answered(
    tx: &mut Tx,
    stage: &Stage<'_>,
    topic: (&str, &str),
) -> Result<(), StoreError> {
    let waiting = tx.bridges_in(topic).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let mut answers = Vec::new();
    for known in tx.answers_of_topic(topic.0, topic.1).await? {
        answers.extend(tx.answer(&known.id).await?.filter(|answer| answer.live));
    }
    if answers.is_empty() {
        return Ok(());
    }
    answers.sort_by_key(|answer| std::cmp::Reverse((answer.may_be_sent(), answer.accepted_at)));
    for row in waiting {
        let Some(escalation) = tx.escalation(row.escalation_id).await? else { continue };
        tx.lock_conversation(escalation.conversation_id).await?;
        let Some(row) = tx.bridge(row.escalation_id).await? else { continue };
        if row.state != BridgeState::Open {
            continue;
        }
        match tx.told_beside(&row, escalation.customer_id, &answers[0].id).await? {
            // One person is told once; should that not arrive, this question's turn comes.
            Some(BridgeState::Telling) => {}
            Some(_) => told_already(tx, stage, row).await?,
            None => {
                let row = tell(tx, stage, (row, &escalation), &answers[0]).await?;
                tx.put_bridge(&row, stage.now).await?;
            }
        }
    }
    Ok(())
}

/// The customer has the answer where they asked the same before.
pub(super) async fn told_already(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: BridgeRow,
) -> Result<(), StoreError> {
    let id = row.escalation_id;
    tx.put_bridge(&BridgeRow { state: BridgeState::Ended, trouble: None, ..row }, stage.now)
        .await?;
    match escalation::close(tx, stage, &forum(), id, Outcome::Duplicate).await {
        Err(ActError::Store(error)) => Err(error),
        // It is closed, or somebody has taken it meanwhile; they close it.
        _ => Ok(()),
    }
}

/// Who closes what the forum answered.
pub(super) fn forum() -> Actor {
    Actor { name: "the forum".to_owned(), ..Actor::operator() }
}

/// A topic was deleted, or is no longer for everybody.
pub(crate) async fn gone(
    tx: &mut Tx,
    stage: &Stage<'_>,
    topic: (&str, &str),
    reason: &str,
) -> Result<(), StoreError> {
    for row in tx.bridges_in(topic).await? {
        let trouble = Some(format!("the topic is no longer to be read there: {reason}"));
        tx.put_bridge(&BridgeRow { trouble, ..row }, stage.now).await?;
    }
    Ok(())
}

/// Puts an answer on its way to one customer, or says why that cannot be.
async fn tell(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (row, escalation): (BridgeRow, &EscalationRow),
    answer: &AnswerRow,
) -> Result<BridgeRow, StoreError> {
    let answer_id = Some(answer.id.clone());
    let unsolved = escalation.state != EscalationState::Closed
        || escalation.outcome == Some(Outcome::NoAnswer);
    if !unsolved {
        return Ok(BridgeRow { state: BridgeState::Ended, ..row });
    }
    if !answer.may_be_sent() {
        let trouble = "what was accepted there is not fit to be sent by itself; read it";
        return Ok(BridgeRow { trouble: Some(trouble.to_owned()), answer_id, ..row });
    }
    let conversation = match reachable(tx, stage, escalation).await? {
        Ok(conversation) => conversation,
        Err(reason) => {
            super::count("untold");
            let (state, trouble) = (BridgeState::Untold, Some(reason));
            return Ok(BridgeRow { state, answer_id, trouble, ..row });
        }
    };
    let decision_id = decide(tx, stage, escalation, answer).await?;
    let reply = reply(escalation, answer, decision_id);
    let cause = answer_cause(escalation.id, row.round);
    enqueue(tx, stage, &Draft { conversation: &conversation, cause, reply, decision_id }).await?;
    Ok(BridgeRow { state: BridgeState::Telling, trouble: None, answer_id, ..row })
}

/// Where a customer can be told, or in words why not.
async fn reachable(
    tx: &mut Tx,
    stage: &Stage<'_>,
    escalation: &EscalationRow,
) -> Result<Result<Conversation, String>, StoreError> {
    let conversation = tx.conversation(escalation.conversation_id).await?;
    let Some(conversation) = conversation else { return Ok(Err("it is gone".to_owned())) };
    let stopped = tx.customer(escalation.customer_id).await?.and_then(|one| one.stopped_at);
    let expired = conversation.address.expires_at.is_some_and(|at| at <= stage.now);
    let refusal = match &conversation.closed_reason {
        Some(reason) => Some(format!("nothing can be sent there any more: {reason}")),
        None if stopped.is_some() => Some("the customer said stop".to_owned()),
        None if expired => Some("the channel's time to reply there has passed".to_owned()),
        None if stage.channels.adapter(&conversation.channel).is_none() => {
            Some(format!("channel {} is no longer configured", conversation.channel))
        }
        None => None,
    };
    Ok(refusal.map_or(Ok(conversation), Err))
}

/// The decision that the customer's *Helped* belongs to; none where there was no question.
async fn decide(
    tx: &mut Tx,
    stage: &Stage<'_>,
    escalation: &EscalationRow,
    answer: &AnswerRow,
) -> Result<Option<DecisionId>, StoreError> {
    let Some(asked) = escalation.decision_id else { return Ok(None) };
    let Some(asked) = tx.decision(asked).await? else { return Ok(None) };
    let decision = DecisionRow {
        id: stage.ids.next(),
        action: Action::Answer,
        reason: Reason::Confident,
        answer_ids: vec![answer.id.clone()],
        feedback: None,
        at: stage.now,
        ..asked
    };
    tx.add_decision(&decision).await?;
    Ok(Some(decision.id))
}

fn reply(escalation: &EscalationRow, answer: &AnswerRow, decision: Option<DecisionId>) -> Reply {
    let (lang, number) = (&escalation.lang, escalation.number.to_string());
    let solved = u64::try_from(answer.helped).unwrap_or(0);
    let button = |verb: &str, key, decision| Button {
        id: format!("{verb}:{decision}"),
        label: say(lang, key, &[]),
    };
    let buttons = decision.map(|decision| {
        vec![
            button("helped", Key::Helped, decision),
            button("didnt", Key::DidntHelp, decision),
            button("human", Key::Human, decision),
        ]
    });
    let intro = say(lang, Key::ForumAnswered, &[("number", &number)]);
    Reply {
        kind: ReplyKind::Answer,
        text: format!("{intro}\n\n{}", reply_text(answer)),
        credit: Some(Credit {
            line: words::credit(lang, answer.credited(), solved),
            author: answer.credited().map(str::to_owned),
            title: None,
            url: answer.url.clone(),
            licence: answer.licence.clone(),
        }),
        buttons: buttons.unwrap_or_default(),
        lang: lang.clone(),
        answer_id: Some(answer.id.clone()),
        confidence: None,
        human: None,
        in_reply_to: None,
    }
}
