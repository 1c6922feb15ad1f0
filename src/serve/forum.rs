//! Forums followed and recalls carried out, each by one process at a time.

use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::sleep_until;
use crate::desk::Desk;
use crate::forums::{Followed, Follower, Progress};
use crate::recall::Recaller;

/// Follows one forum until `stop`.
pub(super) async fn follow(desk: Desk, name: String, followed: Followed, stop: CancellationToken) {
    let lease = Lease::new(&desk, format!("forum {name}"));
    let work = |stop: CancellationToken| {
        let (desk, name) = (desk.clone(), name.clone());
        let follower = Follower::new(desk.clone(), followed.clone());
        async move {
            while !stop.is_cancelled() {
                let idle_until = match follower.step().await {
                    Ok(Progress::Moved) => continue,
                    Ok(Progress::Idle(next)) => next,
                    Err(error) => {
                        tracing::error!(forum = name, "could not follow: {}", error.reason());
                        None
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = desk.wakes.forums_hint() => {}
                    () = sleep_until(&desk.clock, idle_until) => {}
                }
            }
        }
    };
    lease.work(stop, work).await;
}

/// Carries recalls out until `stop`.
pub(super) async fn recall(desk: Desk, stop: CancellationToken) {
    let lease = Lease::new(&desk, "recalls".to_owned());
    let work = |stop: CancellationToken| {
        let desk = desk.clone();
        async move {
            let recaller = Recaller::new(desk.clone());
            while !stop.is_cancelled() {
                match recaller.step().await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!("could not go on with a recall: {}", error.reason());
                    }
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep_until(&desk.clock, None) => {}
                }
            }
        }
    };
    lease.work(stop, work).await;
}
