//! Live updates: hints by server-sent events that something on the page changed.
//!
//! Hints only, never content: the page's script loads the page again and swaps its live parts.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use tokio_stream::wrappers::BroadcastStream;

use super::Console;
use super::query::Query;
use super::session::Me;
use crate::wakes::News;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Follow {
    /// `queue`, `index`, or a conversation's id.
    #[serde(default)]
    about: String,
}

pub(super) async fn follow(
    State(console): State<Console>,
    _me: Me,
    Query(follow): Query<Follow>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let wakes = &console.desk.wakes;
    let news = BroadcastStream::new(wakes.news()).take_until(wakes.streams_closed());
    let events = news.filter_map(move |news| {
        let is_wanted = match news {
            Ok(News::Conversation(id)) => id.to_string() == follow.about,
            Ok(News::Index) => follow.about == "index",
            // An error says that some were missed, so anything may have changed.
            Ok(News::Queue) | Err(_) => true,
        };
        std::future::ready(is_wanted.then(|| Ok(Event::default().event("changed").data("1"))))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
