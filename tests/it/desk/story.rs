//! Telling a story on each database, with its transcript when it goes wrong.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;

use super::TestDesk;
use crate::postgres::Cluster;

/// Where a story's desk keeps its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// The address of an empty PostgreSQL database; `None` for SQLite.
    pub(crate) async fn database_url(self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(Cluster::shared().database().await),
        }
    }
}

/// Declares stories: each `async fn name(desk: &mut TestDesk)` is told on both databases.
macro_rules! scenarios {
    ($($story:ident,)+) => {$(
        mod $story {
            use crate::desk::{Backend, tell};

            #[test]
            fn on_sqlite() {
                tell(Backend::Sqlite, super::$story);
            }

            #[test]
            fn on_postgresql() {
                tell(Backend::Postgres, super::$story);
            }
        }
    )+};
}
pub(crate) use scenarios;

/// Tells one story; what is left unread, unhandled or unsent at its end is a failure.
///
/// One blocking thread, so that a story can hold a search back by occupying it.
pub(crate) fn tell(backend: Backend, story: impl AsyncFnOnce(&mut TestDesk)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    // The same line is asserted once on each database.
    insta::allow_duplicates! { runtime.block_on(told_on(backend, story)) }
}

async fn told_on(backend: Backend, story: impl AsyncFnOnce(&mut TestDesk)) {
    let mut desk = TestDesk::open(backend).await;
    let told = async {
        story(&mut desk).await;
        desk.finish().await;
    };
    let told = tokio::time::timeout(Duration::from_mins(1), told);
    let outcome = AssertUnwindSafe(told).catch_unwind().await;
    if !matches!(outcome, Ok(Ok(()))) {
        eprintln!("the story so far:\n{}", desk.transcript());
    }
    match outcome {
        Ok(in_time) => assert!(in_time.is_ok(), "the story did not end within a minute"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
