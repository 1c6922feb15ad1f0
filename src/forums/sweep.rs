//! Looking through a whole forum for what a lost webhook left behind.
//!
//! The list of solved topics shows which are new, which moved and which are no longer there. What
//! it cannot show (an edit, one accepted answer in place of another) is found by reading those
//! topics again that were not read for the longest time.

use jiff::{SignedDuration, Timestamp};
use superfan_bots::ForumError;

use super::{Followed, settle};
use crate::desk::Desk;
use crate::store::StoreError;
use crate::store::forums::ForumRow;

/// How many topics a sweep reads again that nothing seems to have happened to.
const READ_AGAIN: i64 = 500;

/// When a forum is looked through next, or the running sweep goes on.
pub(super) fn due_at(row: &ForumRow, every: Option<SignedDuration>) -> Option<Timestamp> {
    let every = every?;
    if row.sweep_began_at.is_some() {
        return Some(Timestamp::MIN);
    }
    Some(row.swept_at.map_or(Timestamp::MIN, |at| at + every))
}

/// Reads the next page of the list.
pub(super) async fn step(
    desk: &Desk,
    followed: &Followed,
    row: ForumRow,
) -> Result<Result<(), ForumError>, StoreError> {
    let Followed { forum, source } = followed;
    let stage = desk.stage();
    let began = row.sweep_began_at.unwrap_or(stage.now);
    let page = match forum.solved(row.sweep_page.as_deref()).await {
        Ok(page) => page,
        Err(error) => return Ok(Err(error)),
    };
    let mut tx = desk.store.begin().await?;
    let mut changed = false;
    for topic in page.topics {
        let here = (source.as_str(), topic.id.as_str());
        let is_new = tx.topic_is_listed(here, &topic.mark, stage.now).await?;
        match topic.state {
            Some(state) => changed |= !settle(&mut tx, &stage, here, state).await?.is_nothing(),
            None if is_new => tx.topic_is_due(here, false, stage.now).await?,
            None => {}
        }
    }
    let mut row = tx.forum(source).await?;
    row.trouble = None;
    row.sweep_began_at = Some(began);
    row.sweep_page = page.next;
    if row.sweep_page.is_none() {
        let n_due = tx.unlisted_are_due(source, (began, stage.now), READ_AGAIN).await?;
        tracing::info!(source, "looked through the forum; {n_due} more topics to read");
        row.swept_at = Some(stage.now);
        row.sweep_began_at = None;
    }
    tx.set_forum(source, &row).await?;
    tx.commit().await?;
    if changed {
        desk.wakes.answers();
    }
    Ok(Ok(()))
}
