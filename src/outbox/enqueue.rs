//! Putting a reply into the outbox, one row per part.

use superfan_bots::{Part, Reply, ReplyKind};

use super::drafts::{WAITS, needs_release};
use crate::desk::Stage;
use crate::ids::{DecisionId, DeliveryId};
use crate::store::conversations::Conversation;
use crate::store::outbox::NewDelivery;
use crate::store::{StoreError, Tx};

/// A reply on its way into the outbox.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Where to.
    pub conversation: &'a Conversation,
    /// What it answers; the same cause never says the same twice.
    pub cause: String,
    /// What to say.
    pub reply: Reply,
    /// The decision behind it.
    pub decision_id: Option<DecisionId>,
}

/// Renders a reply for its channel and enqueues its parts; returns their ids, in order.
///
/// Parts that were enqueued for the same cause before are not enqueued again; their ids are
/// returned. Nothing is enqueued for a channel that is no longer configured.
pub async fn enqueue(
    tx: &mut Tx,
    stage: &Stage<'_>,
    draft: &Draft<'_>,
) -> Result<Vec<DeliveryId>, StoreError> {
    let conversation = draft.conversation;
    let Some(adapter) = stage.channels.adapter(&conversation.channel) else {
        tracing::error!(channel = %conversation.channel, "a reply has no channel to leave by");
        return Ok(Vec::new());
    };
    let mut reply = draft.reply.clone();
    if reply.in_reply_to.is_none() && adapter.answers_posts() && conversation.is_group() {
        reply.in_reply_to = tx.summons(conversation.id, None).await?;
    }
    if let Some(goes_on) = adapter.goes_on(&reply, &conversation.address)
        && let Some(private) = opened(tx, &conversation.channel, &goes_on.conversation).await?
    {
        let ids = add(tx, stage, (draft, conversation), goes_on.public).await?;
        reply.in_reply_to = None;
        let whole = adapter.render_for(&reply, &private.address);
        add(tx, stage, (draft, &private), whole).await?;
        return Ok(ids);
    }
    let parts = adapter.render_for(&reply, &conversation.address);
    add(tx, stage, (draft, conversation), parts).await
}

/// A private conversation that the customer opened and that is still open.
async fn opened(tx: &mut Tx, channel: &str, id: &str) -> Result<Option<Conversation>, StoreError> {
    let found = tx.conversations(Some(channel), Some(id), None, 1).await?.pop();
    Ok(found.filter(|private| private.closed_reason.is_none() && !private.is_group()))
}

async fn add(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (draft, conversation): (&Draft<'_>, &Conversation),
    parts: Vec<Part>,
) -> Result<Vec<DeliveryId>, StoreError> {
    let (mut ids, reply) = (Vec::new(), &draft.reply);
    let waits = needs_release(reply.kind, draft.decision_id)
        && tx.channel(&conversation.channel).await?.shadow;
    for (number, part) in (0_i64..).zip(parts) {
        let new = NewDelivery {
            id: stage.ids.next(),
            conversation_id: conversation.id,
            channel: conversation.channel.clone(),
            cause: draft.cause.clone(),
            kind: reply.kind.as_str().to_owned(),
            part: number,
            priority: i64::from(reply.kind != ReplyKind::Human),
            author: reply.human.clone(),
            answer_id: reply.answer_id.clone(),
            decision_id: draft.decision_id,
            payload: part,
            draft: waits.then_some(WAITS),
            due_at: stage.now,
            created_at: stage.now,
        };
        if tx.enqueue(&new).await? {
            ids.push(new.id);
        } else {
            ids.extend(tx.enqueued(&new).await?);
        }
    }
    Ok(ids)
}
