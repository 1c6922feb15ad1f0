//! Putting a reply into the outbox, one row per part.

use superfan_bots::{Reply, ReplyKind};

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
    let mut ids = Vec::new();
    let parts = adapter.render_for(&reply, &conversation.address);
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
