//! One channel account at work: its listener and its paced sender, under a lease where several
//! nodes share the store.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use superfan_bots::{Adapter, Host};
use tokio_util::sync::CancellationToken;

use super::sleep_until;
use crate::desk::Desk;
use crate::outbox::{Limiter, Progress, Sender, Sends};
use crate::store::StoreError;

/// How long a lease holds without renewal.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How often a lease is renewed, or asked for.
const RENEW: Duration = Duration::from_secs(4);

/// One channel account.
pub(super) struct Run {
    pub(super) desk: Desk,
    pub(super) name: String,
    pub(super) adapter: Arc<dyn Adapter>,
    pub(super) limiter: Arc<Limiter>,
}

impl Run {
    /// Listens and sends until `stop`; with several nodes, only while this one holds the lease.
    pub(super) async fn until(self, stop: CancellationToken) {
        if !self.desk.store.is_shared() {
            return self.work(stop).await;
        }
        while !stop.is_cancelled() {
            if self.renew().await {
                let work = stop.child_token();
                tokio::select! {
                    () = self.work(work.clone()) => {}
                    () = self.while_held() => {
                        tracing::warn!(channel = %self.name, "lost the lease of the channel");
                        work.cancel();
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(RENEW) => {}
            }
        }
        self.give_back().await;
    }

    fn lease(&self) -> String {
        format!("channel {}", self.name)
    }

    async fn renew(&self) -> bool {
        let renewed = async {
            let now = self.desk.clock.now();
            let mut tx = self.desk.store.begin().await?;
            let held = tx.take_lease(&self.lease(), &self.desk.node, now, now + LEASE).await?;
            tx.commit().await?;
            Ok::<bool, StoreError>(held)
        };
        renewed.await.unwrap_or(false)
    }

    /// Renews the lease; returns when it could not.
    async fn while_held(&self) {
        loop {
            tokio::time::sleep(RENEW).await;
            if !self.renew().await {
                return;
            }
        }
    }

    async fn give_back(&self) {
        let dropped = async {
            let mut tx = self.desk.store.begin().await?;
            tx.drop_lease(&self.lease(), &self.desk.node).await?;
            tx.commit().await
        };
        if let Err(error) = dropped.await {
            tracing::warn!(channel = %self.name, "could not give a lease back: {}", error.reason());
        }
    }

    async fn work(&self, stop: CancellationToken) {
        let intake = Arc::new(self.desk.intake(&self.name));
        let clock = self.desk.clock.clone();
        let host = Host { intake, stop: stop.clone(), clock: Arc::new(move || clock.now()) };
        tokio::join!(self.adapter.listen(host), self.send(stop));
    }

    fn sender(&self) -> Sender {
        let lease = self.desk.store.is_shared().then(|| (self.lease(), self.desk.node.to_string()));
        Sender {
            channel: self.name.clone(),
            adapter: self.adapter.clone(),
            store: self.desk.store.clone(),
            limiter: self.limiter.clone(),
            clock: self.desk.clock.clone(),
            wakes: self.desk.wakes.clone(),
            lease,
        }
    }

    async fn send(&self, stop: CancellationToken) {
        let sender = self.sender();
        if let Err(error) = sender.recover(self.desk.clock.now()).await {
            tracing::error!(channel = %self.name, "could not look after interrupted sends: {}", error.reason());
        }
        let mut sends = Sends::new(sender);
        while !stop.is_cancelled() {
            let idle_until = match sends.start_due().await {
                Ok(Progress::Started(_)) => continue,
                Ok(Progress::Idle(next)) => next,
                Err(error) => {
                    tracing::error!(channel = %self.name, "could not look for replies to send: {}", error.reason());
                    None
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = sends.one_ended() => {}
                () = self.desk.wakes.outbox_hint() => {}
                () = sleep_until(&self.desk.clock, idle_until) => {}
            }
        }
        sends.all_ended().await;
    }
}
