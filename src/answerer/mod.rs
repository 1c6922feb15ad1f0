//! Reads what arrived, finds an accepted answer, decides, and commits the decision with its reply.
//!
//! In: conversations with new messages. Out: decisions, replies in the outbox, escalations. Must
//! not know: platform JSON, pages, how the index finds.

pub mod ask;
mod commands;
mod consent;
mod decide;
pub mod evaluate;
mod experts;
pub(crate) mod folding;
mod links;
mod presses;
mod reading;
mod replies;
mod scene;
mod sensitive;
pub mod small_talk;
mod staff;
mod unit;
mod verdict;
mod write;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use superfan_bots::Content;

pub use decide::{Decision, Policy, decide};
pub use sensitive::{Topic, sensitive_topic};

use crate::chain::chain;
use crate::crash;
use crate::desk::{Desk, Parts};
use crate::escalation::{Opening, open_or_join};
use crate::ids::CustomerId;
use crate::search::FindError;
use crate::store::conversations::Conversation;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Reason;
use crate::wakes::News;
use scene::Scene;
use unit::Unit;

/// How long a worker may hold a conversation.
const HOLD: Duration = Duration::from_mins(1);
/// How often handling the same message may fail before it is dead.
const MAX_TRIES: i64 = 6;
/// How many new messages are looked at together.
const LOOK: i64 = 50;

/// Handles what arrived, one conversation at a time; several may run side by side.
#[derive(Clone, Debug)]
pub struct Answerer {
    desk: Desk,
    worker: Arc<str>,
}

/// What a round of the answerer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A conversation was handled.
    Handled,
    /// Nothing is due before then (`None`: nothing waits at all).
    Idle(Option<Timestamp>),
}

/// Why a message could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The store failed.
    #[error("the store failed while handling a message")]
    Store(#[from] StoreError),
    /// The search failed.
    #[error("the search failed while handling a message")]
    Find(#[from] FindError),
    /// The code broke.
    #[error("handling a message panicked")]
    Panicked,
}

impl Answerer {
    /// A worker; `name` must be its own among all that run.
    pub fn new(desk: Desk, name: &str) -> Self {
        let worker = format!("{}/{name}", desk.node).into();
        Self { desk, worker }
    }

    /// Takes the conversation that is due longest and handles its new messages, in order.
    pub async fn handle_next(&self) -> Result<Progress, StoreError> {
        crash::point("before_claim");
        let now = self.desk.clock.now();
        let mut look = self.desk.store.read().await?;
        let (arrived, mut next) = (look.oldest_arrival().await?, look.next_wake().await?);
        drop(look);
        if let Some(oldest) = arrived {
            self.desk.inbox.sort(oldest, now).await?;
            next = self.desk.store.read().await?.next_wake().await?;
        }
        let Some(due) = next.filter(|at| *at <= now) else {
            return Ok(Progress::Idle(next));
        };
        if self.desk.inbox.goes_before(due, now) {
            return Ok(Progress::Idle(None));
        }
        let mut tx = self.desk.store.begin().await?;
        let Some(conversation) = tx.claim_conversation(&self.worker, now, HOLD).await? else {
            return Ok(Progress::Idle(None));
        };
        tx.commit().await?;
        crash::point("after_claim");
        let wake_at = match self.handle_all(&conversation).await {
            Ok(()) => None,
            Err(error) => Some(self.after_failure(&conversation, &error).await?),
        };
        let mut tx = self.desk.store.begin().await?;
        tx.release_conversation(conversation.id, &self.worker, wake_at).await?;
        tx.commit().await?;
        self.desk.wakes.tell(News::Conversation(conversation.id));
        Ok(Progress::Handled)
    }

    async fn handle_all(&self, conversation: &Conversation) -> Result<(), HandleError> {
        let bursts = !self.desk.config.rules.quiet.is_zero();
        loop {
            let new = self.desk.store.read().await?.new_messages(conversation.id, LOOK).await?;
            let Some(unit) = Unit::first_of(new, bursts) else {
                return Ok(());
            };
            let started = Instant::now();
            let handled = AssertUnwindSafe(self.handle(conversation.id, unit)).catch_unwind().await;
            handled.unwrap_or(Err(HandleError::Panicked))?;
            metrics::histogram!("superfan_answer_seconds").record(started.elapsed().as_secs_f64());
        }
    }

    async fn handle(
        &self,
        conversation: crate::ids::ConversationId,
        unit: Unit,
    ) -> Result<(), HandleError> {
        crash::point("before_decide");
        let Parts { store, search, .. } = &*self.desk;
        let scene = Scene::look(store, search, &self.desk.stage(), conversation, unit).await?;
        let Some(scene) = scene else {
            return Ok(());
        };
        if self.handle_staff(&scene).await? {
            return Ok(());
        }
        match &scene.unit.last().message.content {
            Content::Text { .. } | Content::Edited { .. } => self.handle_words(&scene).await,
            Content::Unreadable { .. } if !scene.text.trim().is_empty() => {
                self.handle_words(&scene).await
            }
            Content::Command { command, text } => self.handle_command(&scene, *command, text).await,
            Content::Press { button } => self.handle_press(&scene, button).await,
            other => self.handle_event(&scene, other).await,
        }
    }

    /// Starts the transaction that commits a unit's outcome; `None` if the claim was lost.
    async fn begin(&self, scene: &Scene) -> Result<Option<Tx>, StoreError> {
        let mut tx = self.desk.store.begin().await?;
        tx.lock_customer(scene.customer.id).await?;
        if tx.confirm_claim(scene.conversation.id, &self.worker).await? {
            return Ok(Some(tx));
        }
        tracing::warn!(conversation.id = %scene.conversation.id, "lost the claim of a conversation");
        Ok(None)
    }

    /// Commits a unit's outcome and wakes the senders.
    async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        crash::point("before_commit");
        tx.commit().await?;
        crash::point("after_commit");
        self.desk.wakes.outbox();
        self.desk.wakes.tell(News::Queue);
        Ok(())
    }

    /// Says when to try again; what failed too often becomes dead and goes to people.
    async fn after_failure(
        &self,
        conversation: &Conversation,
        error: &HandleError,
    ) -> Result<Timestamp, StoreError> {
        let now = self.desk.clock.now();
        tracing::error!(
            conversation.id = %conversation.id, tries = conversation.tries,
            "could not handle a message: {}", chain(error)
        );
        if conversation.tries < MAX_TRIES {
            let wait = 1_i64 << conversation.tries.clamp(0, 6);
            return Ok(now + SignedDuration::from_secs(wait));
        }
        let mut tx = self.desk.store.begin().await?;
        tx.confirm_claim(conversation.id, &self.worker).await?;
        let poison = tx.first_new_message(conversation.id).await?;
        if let Some((message, author, text)) = poison {
            tx.mark_message_dead(message, &chain(error), now).await?;
            self.call_people(&mut tx, conversation, author, text.as_deref()).await?;
        }
        tx.commit().await?;
        Ok(now)
    }

    /// Opens an escalation about a message that could not be handled.
    async fn call_people(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        author: CustomerId,
        text: Option<&str>,
    ) -> Result<(), StoreError> {
        if let Some(customer) = tx.customer(author).await? {
            let opening = Opening {
                conversation,
                customer: &customer,
                question: text.unwrap_or_default(),
                said: text.unwrap_or_default(),
                lang: customer.lang.as_deref().unwrap_or("en"),
                reason: Reason::NothingFound,
                decision_id: None,
                priority: 1,
            };
            open_or_join(tx, &self.desk.stage(), &opening).await?;
        }
        Ok(())
    }
}
