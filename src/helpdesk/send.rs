//! Hands events over to the desk: in order for each escalation, repeated with the same id.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::helpdesk::{Attempt, DeskEvent, HelpDesk};
use superfan_bots::{Next, SendError};

use crate::clock::SharedClock;
use crate::desk::Desk;
use crate::outbox::{backoff, later};
use crate::store::helpdesk::DeskEventRow;
use crate::store::{Store, StoreError};
use crate::vocabulary::DeliveryState;

/// How long an attempt may take before another node, or the next start, makes the next one.
const HOLD: SignedDuration = SignedDuration::from_mins(2);
/// How long an event is tried.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// Tells the brand's desk what happens to escalations; several may run side by side.
#[derive(Clone, Debug)]
pub struct DeskSender {
    help_desk: Arc<dyn HelpDesk>,
    store: Store,
    clock: SharedClock,
    base_url: String,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// An event was tried.
    Tried,
    /// Nothing is due before then (`None`: nothing waits at all).
    Idle(Option<Timestamp>),
}

impl DeskSender {
    /// The sender of a running application; `None` where no help desk is set up.
    pub fn of(desk: &Desk) -> Option<Self> {
        Some(Self {
            help_desk: desk.help_desk.clone()?,
            store: desk.store.clone(),
            clock: desk.clock.clone(),
            base_url: desk.config.base_url(),
        })
    }

    /// Tries the event that is due longest, once.
    pub async fn send_next(&self) -> Result<Progress, StoreError> {
        let now = self.clock.now();
        let next = self.store.read().await?.next_desk_event().await?;
        if next.is_none_or(|at| at > now) {
            return Ok(Progress::Idle(next));
        }
        let mut tx = self.store.begin().await?;
        // Durable before the attempt: what a killed process left is tried again with its id.
        let Some(row) = tx.take_desk_event(now, now + HOLD).await? else {
            return Ok(Progress::Idle(next));
        };
        let ticket = tx.desk_ticket(row.escalation_id).await?;
        tx.commit().await?;
        let event = self.complete(row.event.clone());
        let id = row.id.to_string();
        let repeated = row.attempts > 1;
        let attempt = Attempt { id: &id, now, ticket: ticket.as_deref(), repeated };
        let outcome = self.help_desk.deliver(&event, attempt).await;
        self.write_down(&row, outcome).await?;
        Ok(Progress::Tried)
    }

    fn complete(&self, mut event: DeskEvent) -> DeskEvent {
        event.escalation.url = format!("{}/escalations/{}", self.base_url, event.escalation.id);
        event
    }

    async fn write_down(
        &self,
        row: &DeskEventRow,
        outcome: Result<Option<String>, SendError>,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        match outcome {
            Ok(ticket) => {
                if let Some(ticket) = ticket {
                    tx.set_desk_ticket(row.escalation_id, &ticket).await?;
                }
                tx.settle_desk_event(row.id, DeliveryState::Sent, None).await?;
                tracing::info!(
                    event.id = %row.id, escalation.id = %row.escalation_id,
                    "told {} of {}", self.help_desk.name(), row.escalation_id
                );
            }
            Err(error) => {
                tracing::warn!(
                    event.id = %row.id, escalation.id = %row.escalation_id,
                    "could not tell {} of {}: {error}", self.help_desk.name(), row.escalation_id
                );
                let now = self.clock.now();
                let reason = error.to_string();
                if let Some(wait) = wait(row, &error, now) {
                    let reason = format!("{reason}; trying again");
                    tx.postpone_desk_event(row.id, later(now, wait), &reason).await?;
                } else {
                    tx.settle_desk_event(row.id, DeliveryState::Dead, Some(&reason)).await?;
                }
            }
        }
        tx.commit().await
    }
}

/// How long until the next attempt; `None` to give up.
fn wait(row: &DeskEventRow, error: &SendError, now: Timestamp) -> Option<Duration> {
    if now.duration_since(row.since) >= GIVE_UP_AFTER {
        return None;
    }
    // The id goes along, or the desk is asked first: repeating is safe.
    match error.next(true) {
        Next::After(wait, _) => Some(wait),
        Next::Dead(_) => None,
        _ => Some(backoff(row.attempts - 1)),
    }
}
