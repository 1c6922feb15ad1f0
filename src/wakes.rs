//! Hints that something happened: workers and live pages need not wait for their next poll.
//!
//! Hints only: whoever misses one finds the work in the store.

use std::sync::Arc;

use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::ids::ConversationId;

/// Who wants to know that something happened.
#[derive(Clone, Debug)]
pub struct Wakes {
    inbox: Arc<Notify>,
    outbox: Arc<Notify>,
    answers: Arc<Notify>,
    forums: Arc<Notify>,
    news: broadcast::Sender<News>,
    closing: CancellationToken,
}

/// What live pages want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Something was said, sent or decided in a conversation.
    Conversation(ConversationId),
    /// The queue of escalations changed.
    Queue,
    /// Work on the index went on.
    Index,
}

impl Default for Wakes {
    fn default() -> Self {
        Self {
            inbox: Arc::default(),
            outbox: Arc::default(),
            answers: Arc::default(),
            forums: Arc::default(),
            news: broadcast::channel(256).0,
            closing: CancellationToken::new(),
        }
    }
}

impl Wakes {
    /// Messages were stored.
    pub fn inbox(&self) {
        self.inbox.notify_one();
    }

    /// Replies were enqueued.
    pub fn outbox(&self) {
        self.outbox.notify_waiters();
        self.outbox.notify_one();
    }

    /// Answers were changed.
    pub fn answers(&self) {
        self.answers.notify_one();
    }

    /// A forum told of something.
    pub fn forums(&self) {
        self.forums.notify_waiters();
        self.forums.notify_one();
    }

    /// Something live pages show changed.
    pub fn tell(&self, news: News) {
        // Nobody listening is fine.
        let _ = self.news.send(news);
    }

    /// Waits for stored messages.
    pub async fn inbox_hint(&self) {
        self.inbox.notified().await;
    }

    /// Waits for enqueued replies.
    pub async fn outbox_hint(&self) {
        self.outbox.notified().await;
    }

    /// Waits for changed answers.
    pub async fn answers_hint(&self) {
        self.answers.notified().await;
    }

    /// Waits for what forums tell.
    pub async fn forums_hint(&self) {
        self.forums.notified().await;
    }

    /// Follows what live pages want to know.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Ends every live page's stream, so that the server can stop; browsers come back by themselves.
    pub fn close_streams(&self) {
        self.closing.cancel();
    }

    /// Waits until the streams are to end.
    pub fn streams_closed(&self) -> impl Future<Output = ()> + Send + use<> {
        self.closing.clone().cancelled_owned()
    }
}
