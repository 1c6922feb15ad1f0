//! Posting letters of thanks: each exactly once, and none to who does not want it any more.

use superfan_bots::NewTopic;

use super::follow::Follower;
use super::post::{Attempt, patience};
use crate::crash;
use crate::store::thanks::ThanksRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::ThanksState;

impl Follower {
    /// Posts one letter, or writes down why not.
    pub(super) async fn thank(&self, row: ThanksRow) -> Result<(), StoreError> {
        let mut tx = self.desk.store.begin().await?;
        if let Some(trouble) = unwanted(&mut tx, &row).await? {
            let trouble = Some(trouble.to_owned());
            tx.settle_thanks(&ThanksRow { state: ThanksState::Failed, trouble, ..row }).await?;
            return tx.commit().await;
        }
        let goes_on = tx.try_thanks(&row).await?;
        tx.commit().await?;
        if !goes_on {
            return Ok(());
        }
        let new = NewTopic {
            title: row.title.clone(),
            raw: row.text.clone(),
            category: self.desk.config.forums.thanks_category.clone(),
            external_id: Some(row.name.clone()),
            to: row.is_private.then(|| row.author.clone()),
            ..NewTopic::default()
        };
        crash::point("before_post");
        let attempt = self.attempt(&new, row.tries).await;
        crash::point("after_post");
        let row = match attempt {
            Attempt::Opened(opened) => {
                count("posted");
                let (topic, url) = (Some(opened.topic), Some(opened.url));
                ThanksRow { state: ThanksState::Posted, topic, url, trouble: None, ..row }
            }
            Attempt::Failed(reason) => {
                count("failed");
                tracing::warn!(source = row.source, "could not post a letter of thanks: {reason}");
                ThanksRow { state: ThanksState::Failed, trouble: Some(reason), ..row }
            }
            Attempt::Later(error) => {
                tracing::warn!(source = row.source, "posting a letter of thanks: {error}");
                let due_at = self.desk.clock.now() + patience(&error, row.tries);
                ThanksRow { due_at, trouble: Some(error.to_string()), ..row }
            }
        };
        let mut tx = self.desk.store.begin().await?;
        tx.settle_thanks(&row).await?;
        tx.commit().await
    }
}

/// Why a letter is not posted after all: its author changed how they are named.
async fn unwanted(tx: &mut Tx, row: &ThanksRow) -> Result<Option<&'static str>, StoreError> {
    let wish = tx.wish_of(&row.author).await?;
    Ok(match wish.name(Some(&row.author)) {
        None => Some("they do not want to be named any more"),
        Some(name) if name != row.named => Some("they are named otherwise now; read it again"),
        Some(_) => None,
    })
}

fn count(step: &'static str) {
    metrics::counter!("superfan_thanks_total", "step" => step).increment(1);
}
