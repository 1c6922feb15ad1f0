//! Every channel account at work, those too that are connected while the program runs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use superfan_bots::Adapter;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::channel::Run;
use crate::channels::adopt;
use crate::desk::Desk;

/// How often it is looked whether another node connected an account.
const LOOK: Duration = Duration::from_secs(10);

/// An account at work.
struct Running {
    adapter: Arc<dyn Adapter>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Runs every account until `stop`. One that was replaced ends before the next one begins.
pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let mut running: HashMap<String, Running> = HashMap::new();
    while !stop.is_cancelled() {
        for (name, adapter) in desk.channels.iter() {
            if running.get(name).is_some_and(|run| Arc::ptr_eq(&run.adapter, adapter)) {
                continue;
            }
            let run = Run { desk: desk.clone(), name: name.clone(), adapter: adapter.clone() };
            let before = running.remove(name);
            running.insert(name.clone(), start(run, before, stop.child_token()));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.channels.changed() => {}
            () = tokio::time::sleep(LOOK) => look(&desk).await,
        }
    }
    for run in running.into_values() {
        if let Err(error) = run.task.await {
            tracing::error!("a channel broke off: {error}");
        }
    }
}

fn start(run: Run, before: Option<Running>, stop: CancellationToken) -> Running {
    let (adapter, ends) = (run.adapter.clone(), stop.clone());
    let task = tokio::spawn(async move {
        if let Some(before) = before {
            before.stop.cancel();
            // What it has under way must be written down before anybody looks after it.
            let _ = before.task.await;
        }
        run.until(ends).await;
    });
    Running { adapter, stop, task }
}

async fn look(desk: &Desk) {
    if let Err(error) = adopt(desk).await {
        tracing::error!("could not look for connected channels: {}", error.reason());
    }
}
