//! The people on the fake X.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{BRAND_ID, BRAND_NAME, Shared};

/// Somebody who is not the brand.
pub struct Person {
    pub(super) shared: Arc<Shared>,
    pub(super) id: String,
    pub(super) name: String,
}

impl Person {
    /// Their user id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Posts; the post's id. Delivered by webhook where there is one.
    pub async fn posts(&self, text: &str) -> String {
        let id = self.writes(text, None);
        self.shared.deliver(&self.activity(&id, text, None)).await;
        id
    }

    /// Replies to a post.
    pub async fn replies(&self, to: &str, text: &str) -> String {
        let id = self.writes(text, Some(to));
        self.shared.deliver(&self.activity(&id, text, Some(to))).await;
        id
    }

    /// Posts without any webhook hearing of it.
    pub fn posts_unheard(&self, text: &str) -> String {
        self.writes(text, None)
    }

    /// Delivers a post once more, in the older envelope.
    pub async fn delivers_again(&self, id: &str, text: &str) -> Option<u16> {
        let at = self.shared.world().now.as_millisecond().to_string();
        let mentions = if mentions_brand(text) {
            json!([{ "screen_name": BRAND_NAME, "id_str": BRAND_ID }])
        } else {
            json!([])
        };
        let event = json!({
            "for_user_id": BRAND_ID,
            "tweet_create_events": [{
                "id_str": id, "text": text, "timestamp_ms": at, "lang": "en",
                "user": { "id_str": self.id, "screen_name": self.name, "name": self.name },
                "entities": { "user_mentions": mentions },
            }],
        });
        self.shared.deliver(&event).await
    }

    /// Takes a post back.
    pub async fn deletes(&self, id: &str) {
        self.shared.world().posts.retain(|post| post.id.to_string() != id);
        let at = self.shared.world().now.as_millisecond().to_string();
        let event = json!({
            "for_user_id": BRAND_ID,
            "tweet_delete_events": [
                { "status": { "id": id, "user_id": self.id }, "timestamp_ms": at },
            ],
        });
        self.shared.deliver(&event).await;
    }

    /// Writes a direct message; its id.
    pub async fn writes_direct(&self, text: &str) -> String {
        let (id, at) = {
            let mut world = self.shared.world();
            (world.add_direct(&self.id, false, text).to_string(), world.now.as_millisecond())
        };
        let user = json!({ "id": self.id, "username": self.name, "name": self.name });
        let payload = json!({
            "direct_message_events": [{
                "type": "message_create", "id": id, "created_timestamp": at.to_string(),
                "message_create": {
                    "target": { "recipient_id": BRAND_ID }, "sender_id": self.id,
                    "message_data": { "text": text },
                },
            }],
            "users": { self.id.clone(): { "data": user } },
        });
        self.shared.deliver(&envelope("dm.received", &payload, &json!({}))).await;
        id
    }

    /// Blocks the brand.
    pub fn blocks(&self) {
        self.shared.world().closed.push(self.id.clone());
    }

    fn writes(&self, text: &str, to: Option<&str>) -> String {
        self.shared.world().add_post(&self.id, text, to).to_string()
    }

    fn activity(&self, id: &str, text: &str, to: Option<&str>) -> Value {
        let at = self.shared.world().now;
        let mut payload = json!({
            "id": id, "text": text, "author_id": self.id, "conversation_id": id,
            "lang": "en", "created_at": at, "edit_history_tweet_ids": [id],
        });
        if mentions_brand(text) {
            payload["entities"] =
                json!({ "mentions": [{ "username": BRAND_NAME, "id": BRAND_ID }] });
        }
        if let Some(to) = to {
            payload["referenced_tweets"] = json!([{ "type": "replied_to", "id": to }]);
        }
        let kind = if mentions_brand(text) { "post.mention.create" } else { "post.reply.create" };
        let user = json!({ "id": self.id, "username": self.name, "name": self.name });
        envelope(kind, &payload, &json!({ "users": [user] }))
    }
}

fn mentions_brand(text: &str) -> bool {
    text.to_lowercase().contains(&format!("@{BRAND_NAME}"))
}

fn envelope(kind: &str, payload: &Value, includes: &Value) -> Value {
    json!({ "data": {
        "event_uuid": "ev-1", "filter": { "user_id": BRAND_ID },
        "event_type": kind, "tag": "superfan", "payload": payload, "includes": includes,
    } })
}
