//! Work that may take long and never keeps a reply waiting: on threads of its own, which the
//! system runs with what the others leave.
//!
//! In: a closure that may block. Out: what it returned. Must not know: what the work is.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

/// How far behind all others such threads stand; 0 is an ordinary thread, 19 the last.
/// Where others keep every core busy they still get a tenth of one, so that the work ends.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The work panicked, or no thread could be had for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BrokeOff(String);

/// Runs `work` on a thread of its own; threads that it starts stand as far behind.
///
/// When the future is dropped the work goes on to its end, and what it returns is lost.
pub(crate) async fn in_background<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BrokeOff> {
    let (done, outcome) = oneshot::channel();
    let run = move || {
        stand_back();
        let returned = catch_unwind(AssertUnwindSafe(work));
        // Whoever waited may have gone away.
        let _ = done.send(returned.map_err(|panic| BrokeOff(words_of(&*panic))));
    };
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    started.map_err(|error| BrokeOff(format!("no thread could be started: {error}")))?;
    outcome.await.unwrap_or_else(|_| Err(BrokeOff("the thread ended early".to_owned())))
}

/// Lets every ordinary thread go first.
///
/// A pool's thread must not do this: nobody but root can take it back. On Linux niceness belongs
/// to the thread; elsewhere to the whole process, so there everything stays as it is.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "background work runs like any other");
    }
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::in_background;

    #[tokio::test]
    async fn work_returns_or_says_why_it_broke_off() {
        assert_eq!(in_background("sum", || 1 + 1).await.unwrap(), 2);
        let broken = in_background("broken", || panic!("no more {}", "paper")).await;
        assert_eq!(broken.map(|()| "done").unwrap_err().to_string(), "no more paper");
    }

    /// Those that it starts too: the index writes with threads of its library.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_let_every_other_go_first() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let ours = niceness();
        let work = move || (niceness(), std::thread::spawn(niceness).join().unwrap());
        assert_eq!(in_background("nice", work).await.unwrap(), (10, 10));
        assert_eq!(tokio::task::spawn_blocking(niceness).await.unwrap(), ours);
    }
}
