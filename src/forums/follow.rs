//! Following one forum: reads the topics that are due, and looks through it now and then.
//!
//! One step does one thing and never waits; who steps, waits until the time it is told.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::ForumError;

use super::{Followed, settle, sweep};
use crate::desk::Desk;
use crate::store::StoreError;
use crate::store::forums::DueTopic;

/// How long a forum is left alone that refuses our key.
pub(super) const AFTER_REFUSAL: SignedDuration = SignedDuration::from_mins(5);
/// The longest pause between two tries of a topic.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(30);

/// Follows one forum.
#[derive(Debug)]
pub struct Follower {
    pub(super) desk: Desk,
    pub(super) followed: Followed,
    /// When the forum may be asked again, by its pace.
    next_call: Mutex<Timestamp>,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something was done.
    Moved,
    /// Nothing is to be done before then.
    Idle(Option<Timestamp>),
}

impl Follower {
    /// A follower that has asked nothing yet.
    pub fn new(desk: Desk, followed: Followed) -> Self {
        Self { desk, followed, next_call: Mutex::new(Timestamp::MIN) }
    }

    /// Reads one topic or one page of a sweep, if that is due.
    pub async fn step(&self) -> Result<Progress, StoreError> {
        let (now, source) = (self.desk.clock.now(), self.followed.source.as_str());
        let mut tx = self.desk.store.read().await?;
        let row = tx.forum(source).await?;
        let due = tx.next_due_topic(source, now).await?;
        let to_post = tx.next_to_post(source).await?;
        let to_thank = tx.next_thanks(source).await?;
        drop(tx);
        if let Some(until) = row.held_until.filter(|until| *until > now) {
            return Ok(Progress::Idle(Some(until)));
        }
        let due_at = due.as_ref().map(|due| due.due_at);
        let thank_at = to_thank.as_ref().map(|row| row.due_at);
        let post_at = to_post.as_ref().map(|row| row.due_at).into_iter().chain(thank_at).min();
        let free_at = *self.next_call.lock().expect("nothing panics while it holds this lock");
        if let Some(row) = to_post.filter(|row| row.due_at <= now && free_at <= now) {
            self.called(now);
            self.post(row).await?;
            return Ok(Progress::Moved);
        }
        if let Some(row) = to_thank.filter(|row| row.due_at <= now && free_at <= now) {
            self.called(now);
            self.thank(row).await?;
            return Ok(Progress::Moved);
        }
        match due.filter(|due| due.due_at <= now) {
            // What somebody just told of does not wait for the pace of what nobody waits for.
            Some(due) if (due.urgent && due.tries == 0) || free_at <= now => {
                self.read(&due).await?;
                return Ok(Progress::Moved);
            }
            Some(_) => return Ok(Progress::Idle(Some(free_at))),
            None => {}
        }
        let sweep_at = sweep::due_at(&row, self.desk.config.forums.sweep_every);
        match sweep_at {
            Some(at) if at <= now && free_at <= now => {
                self.called(now);
                let swept = sweep::step(&self.desk, &self.followed, row).await?;
                if let Err(error) = swept {
                    self.trouble(None, &error).await?;
                }
                Ok(Progress::Moved)
            }
            at => {
                let soon = at.map(|at| at.max(free_at).max(now));
                let post_at = post_at.map(|at| at.max(free_at));
                Ok(Progress::Idle(soon.into_iter().chain(due_at).chain(post_at).min()))
            }
        }
    }

    async fn read(&self, due: &DueTopic) -> Result<(), StoreError> {
        let Followed { forum, source } = &self.followed;
        self.called(self.desk.clock.now());
        let state = match forum.topic(&due.topic).await {
            Ok(state) => state,
            Err(error) => return self.trouble(Some(due), &error).await,
        };
        let stage = self.desk.stage();
        let mut tx = self.desk.store.begin().await?;
        let change = settle(&mut tx, &stage, (source, &due.topic), state).await?;
        tx.topic_is_read(source, due).await?;
        let mut row = tx.forum(source).await?;
        let lag = stage.now.duration_since(due.since);
        if due.urgent {
            row.last_lag_ms = i64::try_from(lag.as_millis()).ok();
        }
        row.trouble = None;
        tx.set_forum(source, &row).await?;
        tx.commit().await?;
        if due.urgent {
            metrics::histogram!("superfan_forum_lag_seconds", "source" => source.clone())
                .record(lag.as_secs_f64());
        }
        if !change.is_nothing() {
            tracing::info!(
                source,
                topic = due.topic,
                "a topic changed: {} answers came, {} changed, {} left",
                change.added.len(),
                change.changed.len(),
                change.withdrawn.len()
            );
            self.desk.wakes.answers();
            self.desk.wakes.outbox();
        }
        Ok(())
    }

    /// Writes down what stands in the way, and until when.
    async fn trouble(&self, due: Option<&DueTopic>, error: &ForumError) -> Result<(), StoreError> {
        let (now, source) = (self.desk.clock.now(), self.followed.source.as_str());
        let words = error.to_string();
        tracing::warn!(source, "following the forum: {words}");
        let mut tx = self.desk.store.begin().await?;
        let mut row = tx.forum(source).await?;
        row.trouble = Some(words.clone());
        let pause = match error {
            ForumError::Wait { wait, .. } => {
                let wait = SignedDuration::try_from(*wait).unwrap_or(LONGEST_PAUSE);
                row.held_until = Some(now + wait);
                None
            }
            ForumError::Refused { .. } => {
                row.held_until = Some(now + AFTER_REFUSAL);
                None
            }
            _ => Some(pause_after(due.map_or(0, |due| due.tries))),
        };
        match (due, pause) {
            (Some(due), Some(pause)) => {
                tx.postpone_topic((source, &due.topic), now + pause, &words).await?;
            }
            (None, Some(pause)) => row.held_until = Some(now + pause),
            (_, None) => {}
        }
        tx.set_forum(source, &row).await?;
        tx.commit().await
    }

    fn called(&self, now: Timestamp) {
        let pace = SignedDuration::try_from(self.followed.forum.pace()).unwrap_or_default();
        *self.next_call.lock().expect("nothing panics while it holds this lock") = now + pace;
    }
}

/// 2 s, 4 s, 8 s … up to half an hour.
pub(super) fn pause_after(tries: i64) -> SignedDuration {
    let doublings = u32::try_from(tries.clamp(0, 10)).unwrap_or(10);
    SignedDuration::from_secs(2 << doublings).min(LONGEST_PAUSE)
}
