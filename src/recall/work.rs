//! Carrying recalls out, a few conversations at a time: every step is one transaction, and the
//! outbox takes no row twice, so that a process may end anywhere.

use jiff::SignedDuration;
use superfan_bots::{Reply, ReplyKind};

use super::messages::{correction, steps};
use crate::desk::{Desk, Stage};
use crate::escalation::{Opening, open_or_join};
use crate::ids::ConversationId;
use crate::outbox::{Draft, enqueue};
use crate::store::outbox::{DeliveryRow, NewDelivery};
use crate::store::recalls::{RECALL, RecallRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{DeliveryState, Reason, RecallState};
use crate::wakes::News;
use crate::words::{Key, say};

/// Conversations gone through in one step.
const PAGE: i64 = 50;
/// Replies taken out of the outbox in one step.
const UNSENT: i64 = 50;
/// How long what was on its way when a recall began is waited for.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(5);
/// The most urgent an escalation by us is.
const USUAL_PRIORITY: i64 = 3;

/// Carries recalls out.
#[derive(Clone, Debug)]
pub struct Recaller {
    desk: Desk,
}

impl Recaller {
    /// For one desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Does a little; whether there was anything to do.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let unsent = self.desk.store.read().await?.unsent_of_retired(1).await?;
        if !unsent.is_empty() {
            self.stop_unsent().await?;
            return Ok(true);
        }
        let running =
            self.desk.store.read().await?.recalls(Some(RecallState::Running), 100).await?;
        for recall in running.into_iter().rev() {
            if self.go_on(recall).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Replies with an answer that left service before they were sent: their questions go to people.
    async fn stop_unsent(&self) -> Result<(), StoreError> {
        let stage = self.desk.stage();
        let mut tx = self.desk.store.begin().await?;
        for row in tx.unsent_of_retired(UNSENT).await? {
            let reason = "the answer was withdrawn before it was sent";
            tx.settle(row.id, DeliveryState::Dead, reason, stage.now).await?;
            if row.part == 0 {
                pass_on(&mut tx, &stage, &row).await?;
            }
        }
        tx.commit().await?;
        self.desk.wakes.outbox();
        self.desk.wakes.tell(News::Queue);
        Ok(())
    }

    async fn go_on(&self, recall: RecallRow) -> Result<bool, StoreError> {
        let stage = self.desk.stage();
        let mut tx = self.desk.store.begin().await?;
        // Another step may have been quicker.
        let Some(mut recall) = tx.recall(recall.id).await? else { return Ok(false) };
        if recall.state != RecallState::Running {
            return Ok(false);
        }
        let began = recall.started_at.unwrap_or(recall.offered_at);
        let is_under_way = recall.cursor == ConversationId(0)
            && stage.now.duration_since(began) < UNDER_WAY
            && tx.is_on_its_way(&recall.answer_id).await?;
        if is_under_way {
            return Ok(false);
        }
        let reached = (recall.cursor, began);
        let page = tx.conversations_with(&recall.answer_id, reached, PAGE).await?;
        for conversation in &page {
            let said = say_in(&mut tx, &stage, &recall, *conversation).await?;
            recall.n_left_alone += i64::from(!said);
            recall.cursor = *conversation;
        }
        if page.is_empty() {
            if !is_over(&mut tx, &recall).await? {
                return Ok(false);
            }
            recall.state = RecallState::Done;
            recall.ended_at = Some(stage.now);
            tracing::info!(recall.id = %recall.id, "took answer {} back", recall.answer_id);
        }
        tx.put_recall(&recall).await?;
        tx.commit().await?;
        self.desk.wakes.outbox();
        Ok(true)
    }
}

/// Whether nothing of a recall is on its way any more.
async fn is_over(tx: &mut Tx, recall: &RecallRow) -> Result<bool, StoreError> {
    let progress = tx.recall_progress(recall.id).await?;
    let is_open = |state| matches!(state, DeliveryState::Due | DeliveryState::Sending);
    Ok(!progress.into_iter().any(|(_, state, _)| is_open(state)))
}

/// Puts into the outbox what a recall does in one conversation; false where nothing can be done.
async fn say_in(
    tx: &mut Tx,
    stage: &Stage<'_>,
    recall: &RecallRow,
    id: ConversationId,
) -> Result<bool, StoreError> {
    let began = recall.started_at.unwrap_or(recall.offered_at);
    let sent = tx.messages_with(&recall.answer_id, id, began).await?;
    let Some(conversation) = tx.conversation(id).await? else { return Ok(false) };
    let Some(adapter) = stage.channels.adapter(&conversation.channel) else { return Ok(false) };
    let customer = tx.customer(conversation.customer_id).await?;
    let lang = match sent.first().and_then(|row| row.decision_id) {
        Some(decision) => tx.decision(decision).await?.map(|decision| decision.lang),
        None => None,
    };
    let lang = lang.or_else(|| customer.as_ref().and_then(|customer| customer.lang.clone()));
    let row = tx.answer(&recall.answer_id).await?;
    let reply = correction(lang.as_deref().unwrap_or("en"), recall.kind, row.as_ref());
    let mut steps = steps(&**adapter, &conversation.address, &reply, &sent);
    if customer.is_some_and(|customer| customer.stopped_at.is_some()) {
        // Whoever said stop is left alone; what they read already may still change.
        steps.retain(|step| step.amendment.is_some());
    }
    let is_nothing = steps.is_empty();
    for (number, step) in (0..).zip(steps) {
        let new = NewDelivery {
            id: stage.ids.next(),
            conversation_id: id,
            channel: conversation.channel.clone(),
            cause: recall.id.to_string(),
            kind: RECALL.to_owned(),
            part: number,
            priority: 0,
            author: recall.actor.clone(),
            answer_id: Some(recall.answer_id.clone()),
            decision_id: None,
            draft: None,
            payload: step.part,
            due_at: stage.now,
            created_at: stage.now,
        };
        if tx.enqueue(&new).await?
            && let Some(amendment) = &step.amendment
        {
            tx.set_amendment(new.id, amendment).await?;
        }
    }
    Ok(!is_nothing)
}

/// Opens an escalation for the question that a reply would have answered.
async fn pass_on(tx: &mut Tx, stage: &Stage<'_>, row: &DeliveryRow) -> Result<(), StoreError> {
    let Some(decision) = row.decision_id else { return Ok(()) };
    let Some(decision) = tx.decision(decision).await? else { return Ok(()) };
    let Some(conversation) = tx.conversation(row.conversation_id).await? else { return Ok(()) };
    let Some(customer) = tx.customer(decision.customer_id).await? else { return Ok(()) };
    let opening = Opening {
        conversation: &conversation,
        customer: &customer,
        question: &decision.question,
        said: "",
        lang: &decision.lang,
        reason: Reason::NotSendable,
        decision_id: Some(decision.id),
        priority: USUAL_PRIORITY,
    };
    let (number, _) = open_or_join(tx, stage, &opening).await?;
    let number = number.to_string();
    let reply = Reply {
        kind: ReplyKind::Notice,
        text: say(&decision.lang, Key::Escalated, &[("number", &number)]),
        credit: None,
        buttons: Vec::new(),
        lang: decision.lang.clone(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    };
    let (cause, decision_id) = (format!("withdrawn:{}", row.id), Some(decision.id));
    enqueue(tx, stage, &Draft { conversation: &conversation, cause, reply, decision_id }).await?;
    Ok(())
}
