//! The inbox as one channel account's adapter sees it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use superfan_bots::{Accepted, Health, InboundMessage, Intake, IntakeError, Quota, Room};

use super::Inbox;
use crate::channels::HealthBoard;
use crate::clock::SharedClock;
use crate::outbox::Limiter;
use crate::store::{Store, StoreError};

/// The inbox for one channel account.
#[derive(Clone, Debug)]
pub struct ChannelIntake {
    /// The account's name.
    pub channel: String,
    /// Where messages go.
    pub inbox: Inbox,
    /// Where positions are kept.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// Where the account says how it is.
    pub health: HealthBoard,
    /// The pace of every account.
    pub limiter: Arc<Limiter>,
    /// The limits that the account's platform publishes.
    pub quotas: &'static [Quota],
}

#[async_trait]
impl Intake for ChannelIntake {
    async fn accept(&self, message: InboundMessage) -> Result<Accepted, IntakeError> {
        Ok(self.inbox.store(&self.channel, message).await?.accepted)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, IntakeError> {
        let read = async { self.store.read().await?.cursor(&self.channel, name).await };
        read.await.map_err(|error| refused(&error))
    }

    async fn save_cursor(&self, name: &str, value: &str) -> Result<(), IntakeError> {
        let write = async {
            let mut tx = self.store.begin().await?;
            tx.save_cursor(&self.channel, name, value).await?;
            tx.commit().await
        };
        write.await.map_err(|error| refused(&error))
    }

    async fn spent(&self, dollars: f64) {
        if dollars <= 0.0 {
            return;
        }
        let write = async {
            let mut tx = self.store.begin().await?;
            tx.add_spend(&self.channel, self.clock.now(), dollars).await?;
            tx.commit().await
        };
        if let Err(error) = write.await {
            tracing::error!(channel = %self.channel, "could not note what listening cost: {}", error.reason());
        }
    }

    fn room_for_courtesy(&self) -> Room {
        let is_idle = self.limiter.use_if_idle(&self.channel, self.quotas);
        if is_idle { Room::Given } else { Room::Needed }
    }

    fn counts_call(&self) {
        self.limiter.owe_account(&self.channel, self.quotas, 1);
    }

    fn health(&self, state: Health) {
        let news = self.health.set(&self.channel, state.clone());
        match state {
            Health::Ok if news => tracing::info!(channel = %self.channel, "the channel works"),
            Health::Degraded(reason) | Health::Stopped(reason) if news => {
                tracing::warn!(channel = %self.channel, "the channel is in trouble: {reason}");
            }
            _ => {}
        }
    }
}

/// A store failure as the adapter should treat it.
pub(super) fn refused(error: &StoreError) -> IntakeError {
    IntakeError { reason: error.reason(), retry_after: Duration::from_secs(2) }
}
