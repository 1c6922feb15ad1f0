//! Opening topics: exactly one for each question, whatever happens to this process or the line.

use jiff::SignedDuration;
use superfan_bots::{ForumError, NewTopic, OpenedTopic};

use super::follow::{AFTER_REFUSAL, Follower, pause_after};
use crate::bridge::{self, Place, count};
use crate::crash;
use crate::store::StoreError;
use crate::store::bridges::BridgeRow;
use crate::vocabulary::BridgeState;
use crate::words::{Key, say};

/// Why nothing is posted again by itself after an answer that makes no sense.
const NO_TOPIC: &str = "the forum took it and shows no topic; it may wait for approval there. Look \
                        there before it is posted again";

/// What came of an attempt.
pub(super) enum Attempt {
    /// The topic is there.
    Opened(OpenedTopic),
    /// Nobody knows, or the forum asked for patience: look again later.
    Later(ForumError),
    /// A person has to look.
    Failed(String),
}

impl Follower {
    /// Brings one question a step further.
    pub(super) async fn post(&self, row: BridgeRow) -> Result<(), StoreError> {
        if row.state == BridgeState::Agreed {
            return self.post_by_rule(row).await;
        }
        let mut tx = self.desk.store.begin().await?;
        let goes_on = tx.try_posting(row.escalation_id, row.tries).await?;
        let escalation = tx.escalation(row.escalation_id).await?;
        tx.commit().await?;
        let Some(escalation) = escalation.filter(|_| goes_on) else { return Ok(()) };
        crash::point("before_post");
        let new = self.question(&row, &escalation.lang);
        let attempt = self.attempt(&new, row.tries).await;
        crash::point("after_post");
        let stage = self.desk.stage();
        let source = row.source.clone();
        let mut tx = self.desk.store.begin().await?;
        tx.lock_conversation(escalation.conversation_id).await?;
        let Some(row) = tx.bridge(row.escalation_id).await? else { return Ok(()) };
        match attempt {
            Attempt::Opened(opened) => {
                tracing::info!(source, topic = opened.topic, "opened a topic for a question");
                let place = Place { source: &source, topic: &opened.topic, url: &opened.url };
                bridge::stands_in(&mut tx, &stage, row, place).await?;
            }
            Attempt::Failed(reason) => {
                count("failed");
                tracing::warn!(source, "could not open a topic: {reason}");
                let row = BridgeRow { state: BridgeState::Failed, trouble: Some(reason), ..row };
                tx.put_bridge(&row, stage.now).await?;
            }
            Attempt::Later(error) => {
                let due_at = stage.now + patience(&error, row.tries);
                let trouble = Some(error.to_string());
                tracing::warn!(source, "opening a topic: {error}");
                tx.put_bridge(&BridgeRow { trouble, due_at, ..row }, stage.now).await?;
            }
        }
        tx.commit().await?;
        self.desk.wakes.outbox();
        Ok(())
    }

    /// A question as it is posted.
    fn question(&self, row: &BridgeRow, lang: &str) -> NewTopic {
        NewTopic {
            title: row.title.clone(),
            raw: format!("{}\n\n*{}*", row.text, say(lang, Key::ForumFooter, &[])),
            category: self.desk.config.forums.bridge_category.clone(),
            external_id: Some(row.name.clone()),
            ..NewTopic::default()
        }
    }

    /// Opens a topic under its name of ours. After an attempt whose end nobody heard, the forum is
    /// asked before anything is posted.
    pub(super) async fn attempt(&self, new: &NewTopic, tries: i64) -> Attempt {
        let forum = &self.followed.forum;
        let name = new.external_id.as_deref().unwrap_or_default();
        if tries > 0 {
            match forum.opened_topic(name).await {
                Ok(Some(opened)) => return Attempt::Opened(opened),
                Ok(None) => {}
                Err(error) => return Attempt::Later(error),
            }
        }
        let error = match forum.open_topic(new).await {
            Ok(posted) => {
                return Attempt::Opened(OpenedTopic { topic: posted.topic, url: posted.url });
            }
            Err(error) => error,
        };
        let unclear = match &error {
            ForumError::Wait { .. } | ForumError::Unreachable { .. } => {
                return Attempt::Later(error);
            }
            ForumError::Refused { .. } | ForumError::Missing { .. } => {
                return Attempt::Failed(error.to_string());
            }
            // The first attempt may have arrived late: then the name is taken.
            ForumError::Rejected { .. } => error.to_string(),
            ForumError::Unreadable { .. } => NO_TOPIC.to_owned(),
        };
        match forum.opened_topic(name).await {
            Ok(Some(opened)) => Attempt::Opened(opened),
            _ => Attempt::Failed(unclear),
        }
    }

    /// What was agreed to and no moderator looked at: posted, unless the forum seems to have it.
    async fn post_by_rule(&self, row: BridgeRow) -> Result<(), StoreError> {
        let mut tx = self.desk.store.read().await?;
        let Some(escalation) = tx.escalation(row.escalation_id).await? else { return Ok(()) };
        drop(tx);
        let checked = bridge::may_be_posted(&*self.followed.forum, &row, &escalation.lang).await;
        let stage = self.desk.stage();
        let mut tx = self.desk.store.begin().await?;
        tx.lock_conversation(escalation.conversation_id).await?;
        let row = tx.bridge(row.escalation_id).await?;
        let Some(row) = row.filter(|row| row.state == BridgeState::Agreed) else { return Ok(()) };
        let row = match checked {
            Ok(None) => BridgeRow { state: BridgeState::Posting, due_at: stage.now, ..row },
            Ok(trouble) => BridgeRow { automatic: false, trouble, ..row },
            Err(error) => {
                let due_at = stage.now + patience(&error, row.tries);
                BridgeRow { due_at, trouble: Some(error.to_string()), ..row }
            }
        };
        tx.put_bridge(&row, stage.now).await?;
        tx.commit().await
    }
}

pub(super) fn patience(error: &ForumError, tries: i64) -> SignedDuration {
    match error {
        ForumError::Wait { wait, .. } => SignedDuration::try_from(*wait).unwrap_or(AFTER_REFUSAL),
        ForumError::Refused { .. } => AFTER_REFUSAL,
        _ => pause_after(tries),
    }
}
