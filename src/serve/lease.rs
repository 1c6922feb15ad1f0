//! What only one process may do at a time, where several share the store.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::store::StoreError;

/// How long a lease holds without renewal.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How often a lease is renewed, or asked for.
const RENEW: Duration = Duration::from_secs(4);

/// A right that one process holds.
pub(super) struct Lease<'a> {
    desk: &'a Desk,
    name: String,
}

impl<'a> Lease<'a> {
    /// Not held yet.
    pub(super) fn new(desk: &'a Desk, name: String) -> Self {
        Self { desk, name }
    }

    /// Works until `stop`; with several nodes, only while this one holds the lease.
    pub(super) async fn work<F: Future<Output = ()>>(
        self,
        stop: CancellationToken,
        work: impl Fn(CancellationToken) -> F,
    ) {
        if !self.desk.store.is_shared() {
            return work(stop).await;
        }
        while !stop.is_cancelled() {
            if self.renew().await {
                let held = stop.child_token();
                tokio::select! {
                    () = work(held.clone()) => {}
                    () = self.while_held() => {
                        tracing::warn!(lease = self.name, "lost the lease");
                        held.cancel();
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

    async fn renew(&self) -> bool {
        let renewed = async {
            let now = self.desk.clock.now();
            let mut tx = self.desk.store.begin().await?;
            let held = tx.take_lease(&self.name, &self.desk.node, now, now + LEASE).await?;
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
            tx.drop_lease(&self.name, &self.desk.node).await?;
            tx.commit().await
        };
        if let Err(error) = dropped.await {
            tracing::warn!(lease = self.name, "could not give a lease back: {}", error.reason());
        }
    }
}
