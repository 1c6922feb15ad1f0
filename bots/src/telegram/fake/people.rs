//! Who does things on the fake Telegram: customers and groups, one sentence each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::world::{World, entities};
use super::{SentMessage, Shared};

/// A person with a Telegram account.
#[derive(Clone)]
pub struct Customer {
    pub(super) shared: Arc<Shared>,
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) lang: String,
}

/// A group with the bot in it.
#[derive(Clone)]
pub struct Group {
    pub(super) shared: Arc<Shared>,
    pub(super) id: i64,
}

impl Customer {
    /// The account's id, which is also the id of the private chat.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The same person with another language in their settings.
    #[must_use]
    pub fn speaking(self, lang: &str) -> Self {
        Self { lang: lang.to_owned(), ..self }
    }

    /// Writes to the bot in private; the message's id.
    pub async fn says(&self, text: &str) -> i64 {
        self.writes(self.id, text, json!({})).await
    }

    /// Writes in a group; the message's id.
    pub async fn says_in(&self, group: &Group, text: &str) -> i64 {
        self.writes(group.id, text, json!({})).await
    }

    /// Writes in a topic of a group, which becomes a forum by that.
    pub async fn says_in_topic(&self, group: &Group, topic: i64, text: &str) -> i64 {
        self.shared.world().chat(group.id).topics.insert(topic);
        let extra = json!({ "message_thread_id": topic, "is_topic_message": true });
        self.writes(group.id, text, extra).await
    }

    /// Replies to something the bot sent.
    pub async fn replies_to(&self, sent: &SentMessage, text: &str) -> i64 {
        let replied = {
            let world = self.shared.world();
            json!({
                "message_id": sent.message_id, "from": World::bot_json(), "text": sent.text,
                "chat": world.chat_json(sent.chat_id), "date": world.now.as_second(),
            })
        };
        self.writes(sent.chat_id, text, json!({ "reply_to_message": replied })).await
    }

    /// Sends something without text: `json!({"voice": {…}})`, or a picture with its caption.
    pub async fn sends(&self, what: Value) -> i64 {
        self.posts("message", self.id, what).await
    }

    /// Changes an earlier private message.
    pub async fn edits(&self, message_id: i64, text: &str) {
        let edit_date = self.shared.world().now.as_second();
        let extra = json!({ "message_id": message_id, "text": text, "edit_date": edit_date });
        self.posts("edited_message", self.id, extra).await;
    }

    /// Presses the newest button with this label in the private chat; the press's id.
    ///
    /// Panics if the bot gave out no such button.
    pub async fn presses(&self, label: &str) -> String {
        let sent = {
            let world = self.shared.world();
            let shows = |sent: &&SentMessage| {
                sent.chat_id == self.id && sent.buttons.iter().any(|(shown, _)| shown == label)
            };
            world.sent.iter().rev().find(shows).cloned()
        };
        let sent = sent.unwrap_or_else(|| panic!("no button {label:?} in {}'s chat", self.name));
        self.presses_on(&sent, label).await
    }

    /// Presses a button under this message, in whatever chat it is; the press's id.
    ///
    /// Panics if the message has no such button.
    pub async fn presses_on(&self, sent: &SentMessage, label: &str) -> String {
        let button = sent.buttons.iter().find(|(shown, _)| shown == label);
        let (_, data) = button.unwrap_or_else(|| panic!("no button {label:?} in {sent:?}"));
        let id = {
            let mut world = self.shared.world();
            let id = format!("42{:08}", world.presses.len() + 1);
            world.presses.insert(id.clone(), false);
            let mut message = json!({
                "message_id": sent.message_id, "from": World::bot_json(), "text": sent.text,
                "chat": world.chat_json(sent.chat_id), "date": world.now.as_second(),
            });
            if let Some(thread) = sent.thread {
                message["message_thread_id"] = json!(thread);
                message["is_topic_message"] = json!(true);
            }
            let query = json!({
                "id": id, "from": self.json(), "message": message,
                "chat_instance": "77", "data": data,
            });
            world.push("callback_query", &query);
            id
        };
        self.shared.deliver().await;
        id
    }

    /// Blocks the bot.
    pub async fn blocks_the_bot(&self) {
        let closed = Some("Forbidden: bot was blocked by the user");
        self.shared.change_membership(self.id, &self.json(), closed).await;
    }

    /// Lets the bot in again.
    pub async fn unblocks_the_bot(&self) {
        self.shared.change_membership(self.id, &self.json(), None).await;
    }

    async fn writes(&self, chat: i64, text: &str, mut extra: Value) -> i64 {
        extra["text"] = json!(text);
        let entities = entities(text);
        if !entities.is_empty() {
            extra["entities"] = json!(entities);
        }
        self.posts("message", chat, extra).await
    }

    async fn posts(&self, kind: &str, chat: i64, extra: Value) -> i64 {
        let message_id = {
            let mut world = self.shared.world();
            let mut message = json!({
                "from": self.json(), "chat": world.chat_json(chat), "date": world.now.as_second(),
            });
            for (field, value) in extra.as_object().into_iter().flatten() {
                message[field] = value.clone();
            }
            if message["message_id"].is_null() {
                message["message_id"] = json!(world.next_message_id(chat));
            }
            let message_id = message["message_id"].as_i64().unwrap_or_default();
            world.push(kind, &message);
            message_id
        };
        self.shared.deliver().await;
        message_id
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id, "is_bot": false, "first_name": self.name, "language_code": self.lang,
        })
    }
}

impl Group {
    /// The chat's id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Somebody removes the bot.
    pub async fn removes_the_bot(&self) {
        let closed = Some("Forbidden: bot was kicked from the supergroup chat");
        self.shared.change_membership(self.id, &admin(), closed).await;
    }

    /// Becomes a supergroup: says so in the old chat, which takes no messages any more.
    pub async fn becomes_supergroup(&self) -> Group {
        let new_id = {
            let mut world = self.shared.world();
            let name = world.chat(self.id).name.clone();
            let new_id = world.chat_named(&name, "supergroup");
            world.chat(self.id).moved_to = Some(new_id);
            let message = json!({
                "message_id": world.next_message_id(self.id), "from": admin(),
                "chat": world.chat_json(self.id), "date": world.now.as_second(),
                "migrate_to_chat_id": new_id,
            });
            world.push("message", &message);
            new_id
        };
        self.shared.deliver().await;
        Group { shared: self.shared.clone(), id: new_id }
    }
}

fn admin() -> Value {
    json!({ "id": 5000, "is_bot": false, "first_name": "Admin" })
}
