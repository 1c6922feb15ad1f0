//! What a webhook told, kept durably: the topics to read, and answers held back at once.

use superfan_bots::{Change, ForumChange, ForumNews};

use crate::desk::Stage;
use crate::recall::{Offer, offer};
use crate::store::{StoreError, Tx};
use crate::vocabulary::RecallKind;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Topics have to be read.
    Stored,
    /// Nothing in it is about our answers.
    Ignored,
}

/// Notes what a delivery told. An answer that it says is no longer accepted leaves service in the
/// same transaction; whether that is so, the forum is asked afterwards.
pub async fn hear(
    tx: &mut Tx,
    stage: &Stage<'_>,
    source: &str,
    news: &ForumNews,
) -> Result<Heard, StoreError> {
    let mut heard = Heard::Ignored;
    for change in &news.changes {
        if is_for_us(tx, source, change).await? {
            hold_back(tx, stage, source, change).await?;
            tx.topic_is_due((source, &change.topic), true, stage.now).await?;
            heard = Heard::Stored;
        }
        tx.forum_spoke(source, &change.event, stage.now).await?;
    }
    Ok(heard)
}

async fn is_for_us(tx: &mut Tx, source: &str, change: &ForumChange) -> Result<bool, StoreError> {
    match change.what {
        Change::Accepted => Ok(true),
        Change::Edited | Change::Withdrawn { .. } | Change::Gone => {
            tx.knows_topic(source, &change.topic).await
        }
    }
}

async fn hold_back(
    tx: &mut Tx,
    stage: &Stage<'_>,
    source: &str,
    change: &ForumChange,
) -> Result<(), StoreError> {
    let gone: Vec<String> = match &change.what {
        Change::Accepted | Change::Edited => Vec::new(),
        Change::Withdrawn { answer } => vec![answer.clone()],
        Change::Gone => {
            let answers = tx.answers_of_topic(source, &change.topic).await?;
            answers
                .into_iter()
                .filter(|answer| answer.live)
                .map(|answer| answer.source_id)
                .collect()
        }
    };
    for source_id in gone {
        if let Some(id) = tx.withdraw_answer(source, &source_id, stage.now).await? {
            let (kind, reason) = (RecallKind::Withdrawn, change.event.replace('_', " "));
            offer(tx, stage, &Offer { answer: &id, kind, reason: &reason }).await?;
        }
    }
    Ok(())
}
