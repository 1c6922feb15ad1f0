//! Members of the fake forum and what they do there, told to the webhook as the real one tells it.

use std::sync::Arc;

use super::{SUPPORT, Shared};

/// A member of the fake forum.
#[derive(Clone)]
pub struct Member {
    pub(super) shared: Arc<Shared>,
    pub(super) name: String,
}

impl Member {
    /// Asks in the support category; the topic's id.
    pub async fn asks(&self, title: &str, raw: &str) -> u64 {
        self.asks_in(SUPPORT, title, raw).await
    }

    /// Asks in some category; the topic's id.
    pub async fn asks_in(&self, category: i64, title: &str, raw: &str) -> u64 {
        let (topic, events) = {
            let mut world = self.shared.world();
            let topic = world.open_topic(&self.name, title, raw, category);
            let first = world.first_post(topic);
            (
                topic,
                [
                    ("topic", "topic_created", world.topic_event(topic)),
                    ("post", "post_created", first),
                ],
            )
        };
        for (kind, event, payload) in events {
            self.shared.tell(kind, event, payload).await;
        }
        topic
    }

    /// Replies in a topic; the post's id.
    pub async fn replies(&self, topic: u64, raw: &str) -> u64 {
        let (post, event) = {
            let mut world = self.shared.world();
            let post = world.add_post(&self.name, topic, raw);
            (post, world.post_event(post))
        };
        self.shared.tell("post", "post_created", event).await;
        post
    }
}
