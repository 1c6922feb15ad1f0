//! What a topic says now, put into the base; and what follows for those who read it before.

use superfan_bots::TopicState;

use crate::answers::import::{TopicChange, put_topic};
use crate::answers::read::answers_of;
use crate::bridge;
use crate::desk::Stage;
use crate::recall::{Offer, offer, take_offer_back};
use crate::store::forums::TopicSeen;
use crate::store::{StoreError, Tx};
use crate::vocabulary::RecallKind;

/// Makes the base say of a topic what the forum says of it.
pub(super) async fn settle(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (source, topic): (&str, &str),
    state: TopicState,
) -> Result<TopicChange, StoreError> {
    let is_public = matches!(state, TopicState::Public(_));
    let (answers, outcome, reason) = match state {
        TopicState::Gone => (Vec::new(), "gone", Some("deleted, or not for us to see".to_owned())),
        TopicState::Hidden { reason } => (Vec::new(), "skipped", Some(reason)),
        TopicState::Public(topic) => {
            let (good, bad): (Vec<_>, Vec<_>) =
                answers_of(*topic).into_iter().partition(Result::is_ok);
            let good: Vec<_> = good.into_iter().filter_map(Result::ok).collect();
            let reason = bad.into_iter().find_map(Result::err).map(|(_, reason)| reason);
            let reason = reason.or_else(|| Some("no accepted answer".to_owned()));
            if good.is_empty() { (good, "skipped", reason) } else { (good, "kept", None) }
        }
    };
    let change = put_topic(tx, (source, topic), answers, stage.now).await?;
    for id in &change.withdrawn {
        let (kind, reason) = (RecallKind::Withdrawn, "no longer accepted on the forum");
        offer(tx, stage, &Offer { answer: id, kind, reason }).await?;
    }
    for id in &change.changed {
        let (kind, reason) = (RecallKind::Corrected, "changed on the forum");
        offer(tx, stage, &Offer { answer: id, kind, reason }).await?;
    }
    for id in &change.added {
        take_offer_back(tx, stage, id).await?;
    }
    let seen = TopicSeen { topic, outcome, reason: reason.as_deref() };
    tx.set_topic_seen(source, &seen, stage.now).await?;
    match (is_public, seen.reason) {
        (false, Some(reason)) => bridge::gone(tx, stage, (source, topic), reason).await?,
        _ => bridge::answered(tx, stage, (source, topic)).await?,
    }
    Ok(change)
}
