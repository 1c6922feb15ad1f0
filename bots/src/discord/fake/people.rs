//! Who does things on the fake Discord, one sentence each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::socket::dispatch;
use super::world::{BOT_ID, BOT_NAME, FakeInteraction, GUILD_ID};
use super::{SentMessage, Shared};

/// A person on the server.
#[derive(Clone)]
pub struct Member {
    pub(super) shared: Arc<Shared>,
    pub(super) id: u64,
    pub(super) name: String,
}

impl Member {
    /// The account's id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Writes to the bot directly; the message's id.
    pub fn says(&self, text: &str) -> u64 {
        let channel = self.shared.world().direct_with(self.id);
        self.says_in(channel, text)
    }

    /// Writes in a channel or thread, `@brandbot` becoming a mention; the message's id.
    pub fn says_in(&self, channel: u64, text: &str) -> u64 {
        self.writes(channel, text, json!({}))
    }

    /// Posts in a forum: a thread, and in it a first message of the same id; the id.
    pub fn posts_in(&self, forum: u64, title: &str, text: &str) -> u64 {
        let (id, thread) = {
            let mut world = self.shared.world();
            let id = world.next_id();
            world.open_thread_of(self.id, (forum, id), title.to_owned());
            (id, world.channel_json(id))
        };
        dispatch(&self.shared, "THREAD_CREATE", &thread);
        self.writes(id, text, json!({ "id": id.to_string() }))
    }

    /// Replies to a message, with the ping that is on by default; the reply's id.
    pub fn replies_to(&self, channel: u64, message: u64, text: &str) -> u64 {
        let referenced = {
            let mut world = self.shared.world();
            let history = &world.channel(channel).history;
            history.iter().find(|one| is(one, message)).cloned()
        };
        let reference = json!({ "type": 0, "message_id": message.to_string() });
        let extra = json!({
            "type": 19, "message_reference": reference, "referenced_message": referenced,
        });
        self.writes(channel, text, extra)
    }

    /// Changes an earlier message.
    pub fn edits(&self, channel: u64, message: u64, text: &str) {
        let event = {
            let mut world = self.shared.world();
            let now = world.now.to_string();
            let history = &mut world.channel(channel).history;
            let one = history.iter_mut().find(|one| is(one, message));
            let one = one.expect("only what was written can be changed");
            one["content"] = json!(text);
            one["edited_timestamp"] = json!(now);
            let one = one.clone();
            world.event_of(&one)
        };
        dispatch(&self.shared, "MESSAGE_UPDATE", &event);
    }

    /// Deletes an earlier message.
    pub fn deletes(&self, channel: u64, message: u64) {
        self.shared.world().channel(channel).history.retain(|one| !is(one, message));
        let event = json!({ "id": message.to_string(), "channel_id": channel.to_string() });
        dispatch(&self.shared, "MESSAGE_DELETE", &event);
    }

    /// Uses a slash command; the interaction's id.
    pub async fn uses(&self, channel: u64, command: &str, option: (&str, &str)) -> u64 {
        let (name, value) = option;
        let options = if name.is_empty() {
            json!([])
        } else {
            json!([{ "name": name, "type": 3, "value": value }])
        };
        let data = json!({ "id": "9", "name": command, "type": 1, "options": options });
        self.interacts(channel, 2, data, Value::Null).await
    }

    /// Uses "Find an answer" on a message; the interaction's id.
    pub async fn finds_answer_to(&self, channel: u64, message: u64) -> u64 {
        let resolved = {
            let mut world = self.shared.world();
            let history = &world.channel(channel).history;
            let one = history.iter().find(|one| is(one, message)).cloned();
            json!({ "messages": { message.to_string(): one.unwrap_or_default() } })
        };
        let data = json!({
            "id": "10", "name": "Find an answer", "type": 3, "target_id": message.to_string(),
            "resolved": resolved,
        });
        self.interacts(channel, 2, data, Value::Null).await
    }

    /// Presses a button under this message; the interaction's id.
    ///
    /// Panics if the message has no such button.
    pub async fn presses(&self, sent: &SentMessage, label: &str) -> u64 {
        let button = sent.buttons.iter().find(|(shown, _)| shown == label);
        let (_, id) = button.unwrap_or_else(|| panic!("no button {label:?} in {sent:?}"));
        let data = json!({ "custom_id": id, "component_type": 2, "id": 2 });
        let flags = if sent.ephemeral { 64 } else { 0 };
        let id = sent.message_id.to_string();
        let message = json!({ "id": id, "flags": flags, "content": sent.content });
        self.interacts(sent.channel_id, 3, data, message).await
    }

    fn writes(&self, channel: u64, text: &str, mut extra: Value) -> u64 {
        let content = text.replace(&format!("@{BOT_NAME}"), &format!("<@{BOT_ID}>"));
        extra["content"] = json!(content);
        let event = {
            let mut world = self.shared.world();
            let message = world.write(channel, self.id, &extra);
            world.event_of(&message)
        };
        dispatch(&self.shared, "MESSAGE_CREATE", &event);
        event["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    async fn interacts(&self, channel: u64, kind: u8, data: Value, message: Value) -> u64 {
        let (id, body, endpoint) = {
            let mut world = self.shared.world();
            let id = world.next_id();
            let interaction = FakeInteraction {
                token: format!("token-of-{id}"),
                channel,
                answered: None,
                ephemeral: false,
                original: None,
                at: world.now,
            };
            let direct = world.channel(channel).kind == 1;
            let user = world.user_json(self.id);
            let mut body = json!({
                "id": id.to_string(), "application_id": BOT_ID.to_string(), "type": kind,
                "token": interaction.token, "version": 1, "channel_id": channel.to_string(),
                "channel": world.channel_json(channel), "data": data, "locale": "en-GB",
            });
            if !message.is_null() {
                body["message"] = message;
            }
            if direct {
                body["user"] = user;
            } else {
                body["guild_id"] = json!(GUILD_ID.to_string());
                body["member"] = world.member_json(self.id);
                body["member"]["user"] = user;
            }
            world.interactions.insert(id, interaction);
            (id, body, world.endpoint.clone())
        };
        let Some(endpoint) = endpoint else {
            dispatch(&self.shared, "INTERACTION_CREATE", &body);
            return id;
        };
        let (status, answer) =
            self.shared.post_interaction(&endpoint, &body.to_string(), true).await;
        if status == 200 {
            self.shared.world().answer_interaction(id, &answer);
        }
        self.shared.changed.notify_waiters();
        id
    }

    /// Gets a role on the server.
    pub fn gets_role(&self, role: &str) {
        let mut world = self.shared.world();
        world.roles.entry(self.id).or_default().push(role.to_owned());
    }

    /// The name everybody sees.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn is(written: &Value, message: u64) -> bool {
    written["id"].as_str().and_then(|id| id.parse().ok()) == Some(message)
}

impl super::World {
    /// The first answer counts; false for a second.
    pub(super) fn answer_interaction(&mut self, id: u64, answer: &Value) -> bool {
        let Some(interaction) = self.interactions.get_mut(&id) else { return false };
        if interaction.answered.is_some() {
            return false;
        }
        interaction.answered = answer["type"].as_u64();
        interaction.ephemeral = answer["data"]["flags"].as_u64().unwrap_or_default() & 64 != 0;
        true
    }
}
