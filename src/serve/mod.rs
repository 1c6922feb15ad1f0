//! The running server: workers, listeners, senders, HTTP; and how they end.

mod alerts;
mod channel;
mod channels;
mod filling;
mod forum;
mod gauges;
mod lease;
mod told;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::answerer::{self, Answerer};
use crate::bridge;
use crate::calibrate::put_in_force;
use crate::clock::SharedClock;
use crate::desk::Desk;
use crate::escalation::release_lapsed;
use crate::experts::offer_waiting;
use crate::fans;
use crate::gaps::{GapKeeper, send_answers, tell_incidents};
use crate::helpdesk::{self, DeskSender};
use crate::insights;
use crate::store::StoreError;

pub use filling::expect_filling;

/// How many conversations are handled side by side.
const ANSWERERS: usize = 4;
/// The longest a worker sleeps without looking: hints can be missed, other processes give none.
pub(crate) const POLL: Duration = Duration::from_millis(500);
/// How often claims and waiting times are looked at.
const WATCH: Duration = Duration::from_secs(10);

/// Puts everything that a killed process left in the middle where it belongs.
///
/// Only for the embedded store, whose data-dir lock proves that nobody else works on it.
pub async fn recover(desk: &Desk) -> Result<(), StoreError> {
    if desk.store.is_shared() {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    let freed = tx.free_claims().await?;
    tx.commit().await?;
    if freed > 0 {
        tracing::info!("took up {freed} conversations that were being handled at the last stop");
    }
    Ok(())
}

/// Starts every worker; they end when `stop` is cancelled.
pub fn start_workers(desk: &Desk, stop: &CancellationToken) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    for number in 0..ANSWERERS {
        let answerer = Answerer::new(desk.clone(), &number.to_string());
        workers.spawn(answer(answerer, number, desk.clone(), stop.clone()));
    }
    workers.spawn(channels::run(desk.clone(), stop.clone()));
    for (name, followed) in desk.forums.iter() {
        workers.spawn(forum::follow(desk.clone(), name.clone(), followed.clone(), stop.clone()));
    }
    workers.spawn(forum::recall(desk.clone(), stop.clone()));
    workers.spawn(watch(desk.clone(), stop.clone()));
    workers.spawn(tell_staff(desk.clone(), stop.clone()));
    workers.spawn(keep_insights(desk.clone(), stop.clone()));
    if let Some(sender) = DeskSender::of(desk) {
        workers.spawn(tell_help_desk(sender, desk.clock.clone(), stop.clone()));
    }
    workers
}

async fn answer(answerer: Answerer, number: usize, desk: Desk, stop: CancellationToken) {
    filling::wait_until_filled(&desk, &stop).await;
    while !stop.is_cancelled() {
        // Answers can wait a little, platforms that deliver cannot: in a flood one worker goes on.
        let rests = number > 0 && desk.inbox.is_waited_for();
        let progress =
            if rests { Ok(answerer::Progress::Idle(None)) } else { answerer.handle_next().await };
        let idle_until = match progress {
            Ok(answerer::Progress::Handled) => continue,
            Ok(answerer::Progress::Idle(next)) => next,
            Err(error) => {
                tracing::error!("could not look for messages to handle: {}", error.reason());
                None
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.wakes.inbox_hint() => {}
            () = sleep_until(&desk.clock, idle_until) => {}
        }
    }
    // Another worker may have been meant by the hint that ended this one's wait.
    desk.wakes.inbox();
}

/// Hands events over to the brand's desk.
async fn tell_help_desk(sender: DeskSender, clock: SharedClock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let idle_until = match sender.send_next().await {
            Ok(helpdesk::Progress::Tried) => continue,
            Ok(helpdesk::Progress::Idle(next)) => next,
            Err(error) => {
                tracing::error!("could not look for events of the help desk: {}", error.reason());
                None
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep_until(&clock, idle_until) => {}
        }
    }
}

/// Sleeps until `at`, at most [`POLL`].
pub(crate) async fn sleep_until(clock: &SharedClock, at: Option<Timestamp>) {
    let left = at.map(|at| at.duration_since(clock.now()).max(SignedDuration::from_millis(1)));
    let left = left.and_then(|left| Duration::try_from(left).ok()).unwrap_or(POLL);
    tokio::time::sleep(left.min(POLL)).await;
}

async fn watch(desk: Desk, stop: CancellationToken) {
    loop {
        if let Err(error) = look_after(&desk).await {
            tracing::error!("could not look after waiting conversations: {}", error.reason());
        }
        if let Err(error) = put_in_force(&desk.store, &desk.search).await {
            tracing::error!("could not read which calibration counts: {}", error.reason());
        }
        desk.limiter.forget_quiet();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(WATCH) => {}
        }
    }
}

/// Tells staff, apart from what must not wait for a webhook or a mail server that hangs.
async fn tell_staff(desk: Desk, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = alerts::tell_staff(&desk).await {
            tracing::error!("could not look for what staff are to be told: {}", error.reason());
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(WATCH) => {}
        }
    }
}

/// Keeps the figures up to date, a little at a time: what waits to be written goes in between.
async fn keep_insights(desk: Desk, stop: CancellationToken) {
    let gaps = GapKeeper::new(desk.clone());
    while !stop.is_cancelled() {
        let wait = match keep_once(&desk, &gaps).await {
            Ok(true) => Duration::from_millis(20),
            Ok(false) => WATCH,
            Err(error) => {
                tracing::error!("could not keep the figures up to date: {}", error.reason());
                WATCH
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn keep_once(desk: &Desk, gaps: &GapKeeper) -> Result<bool, StoreError> {
    gaps.keep_up().await?;
    let more = send_answers(desk).await? | tell_incidents(desk).await?;
    Ok(more | insights::keep_up(desk).await? | fans::keep_up(desk).await?)
}

/// Looks once after what falls due by itself: lapsed claims, customers who wait too long, gauges.
pub async fn watch_once(desk: &Desk) -> Result<(), StoreError> {
    look_after(desk).await?;
    alerts::tell_staff(desk).await
}

async fn look_after(desk: &Desk) -> Result<(), StoreError> {
    let mut tx = desk.store.begin().await?;
    let n_lapsed = release_lapsed(&mut tx, &desk.stage()).await?;
    tx.commit().await?;
    if n_lapsed > 0 {
        desk.wakes.tell(crate::wakes::News::Queue);
        desk.wakes.outbox();
    }
    offer_waiting(desk).await?;
    bridge::keep_up(desk).await?;
    desk.store.scrub().await?;
    gauges::refresh(desk).await
}
