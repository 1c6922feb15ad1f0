//! One channel account at work: its listener and its paced sender, under a lease where several
//! nodes share the store.

use std::sync::Arc;

use superfan_bots::{Adapter, Host};
use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::sleep_until;
use crate::channels::webhook_address;
use crate::desk::Desk;
use crate::outbox::{Progress, Sender, Sends};

/// One channel account.
pub(super) struct Run {
    pub(super) desk: Desk,
    pub(super) name: String,
    pub(super) adapter: Arc<dyn Adapter>,
}

impl Run {
    /// Listens and sends until `stop`; with several nodes, only while this one holds the lease.
    pub(super) async fn until(self, stop: CancellationToken) {
        let lease = Lease::new(&self.desk, self.lease());
        lease.work(stop, |stop| self.work(stop)).await;
    }

    fn lease(&self) -> String {
        format!("channel {}", self.name)
    }

    async fn work(&self, stop: CancellationToken) {
        let intake = Arc::new(self.desk.intake(&self.name));
        let clock = self.desk.clock.clone();
        let host = Host {
            intake,
            stop: stop.clone(),
            clock: Arc::new(move || clock.now()),
            webhook: webhook_address(&self.desk, &self.name),
        };
        tokio::join!(self.adapter.listen(host), self.send(stop));
    }

    fn sender(&self) -> Sender {
        let lease = self.desk.store.is_shared().then(|| (self.lease(), self.desk.node.to_string()));
        Sender {
            channel: self.name.clone(),
            adapter: self.adapter.clone(),
            store: self.desk.store.clone(),
            limiter: self.desk.limiter.clone(),
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
