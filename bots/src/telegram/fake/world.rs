//! What the fake Telegram remembers: chats, updates that wait, what the bot sent.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{BOT_ID, BOT_NAME, SentMessage};
use crate::fakes::Fault;

/// A chat as Telegram sees it.
#[derive(Clone, Debug)]
pub(super) struct FakeChat {
    /// `private`, `group` or `supergroup`.
    pub(super) kind: &'static str,
    /// First name or title.
    pub(super) name: String,
    /// Why the bot may not write, as the 403 says it.
    pub(super) closed: Option<&'static str>,
    /// Where the group went.
    pub(super) moved_to: Option<i64>,
    pub(super) topics: BTreeSet<i64>,
    pub(super) last_message_id: i64,
    /// When the bot's last messages arrived.
    pub(super) recent: VecDeque<Timestamp>,
}

/// Where updates are posted.
#[derive(Clone, Debug)]
pub(super) struct FakeWebhook {
    pub(super) url: String,
    pub(super) secret: Option<String>,
}

/// Everything the fake knows.
pub(super) struct World {
    pub(super) now: Timestamp,
    /// Where the clock stood when it began to run by itself.
    pub(super) real_time: Option<(Timestamp, Instant)>,
    pub(super) n_too_many: u64,
    pub(super) token: String,
    pub(super) chats: BTreeMap<i64, FakeChat>,
    pub(super) waiting: VecDeque<Value>,
    pub(super) last_update: Option<Value>,
    next_update_id: i64,
    pub(super) sent: Vec<SentMessage>,
    /// What messages said after each edit.
    pub(super) edited: Vec<SentMessage>,
    /// Pressed buttons, and whether the bot answered.
    pub(super) presses: BTreeMap<String, bool>,
    pub(super) typing: Vec<i64>,
    pub(super) webhook: Option<FakeWebhook>,
    /// The newest poll; an older one is told that it was replaced.
    pub(super) newest_poll: u64,
    pub(super) commands: BTreeMap<String, Vec<String>>,
    pub(super) calls: Vec<String>,
    pub(super) faults: HashMap<String, VecDeque<Fault>>,
    /// When the last calls to any chat arrived.
    pub(super) recent: VecDeque<Timestamp>,
}

impl World {
    pub(super) fn new(now: Timestamp, token: String) -> Self {
        Self {
            now,
            real_time: None,
            n_too_many: 0,
            token,
            chats: BTreeMap::new(),
            waiting: VecDeque::new(),
            last_update: None,
            next_update_id: 700_000_001,
            sent: Vec::new(),
            edited: Vec::new(),
            presses: BTreeMap::new(),
            typing: Vec::new(),
            webhook: None,
            newest_poll: 0,
            commands: BTreeMap::new(),
            calls: Vec::new(),
            faults: HashMap::new(),
            recent: VecDeque::new(),
        }
    }

    /// The id of the chat with this name, made if there is none.
    pub(super) fn chat_named(&mut self, name: &str, kind: &'static str) -> i64 {
        let known = self.chats.iter().find(|(_, chat)| chat.name == name && chat.kind == kind);
        if let Some((id, _)) = known {
            return *id;
        }
        let n_chats = i64::try_from(self.chats.len()).unwrap_or_default();
        let id = match kind {
            "private" => 5001 + n_chats,
            "group" => -601 - n_chats,
            _ => -1_002_000_000_001 - n_chats,
        };
        let chat = FakeChat {
            kind,
            name: name.to_owned(),
            closed: None,
            moved_to: None,
            topics: BTreeSet::new(),
            last_message_id: 0,
            recent: VecDeque::new(),
        };
        self.chats.insert(id, chat);
        id
    }

    pub(super) fn chat(&mut self, id: i64) -> &mut FakeChat {
        self.chats.get_mut(&id).expect("handles are made only for chats that exist")
    }

    pub(super) fn next_message_id(&mut self, chat: i64) -> i64 {
        let chat = self.chat(chat);
        chat.last_message_id += 1;
        chat.last_message_id
    }

    /// Puts an update of this kind in the line.
    pub(super) fn push(&mut self, kind: &str, value: &Value) {
        let update = json!({ "update_id": self.next_update_id, kind: value });
        self.next_update_id += 1;
        self.last_update = Some(update.clone());
        self.waiting.push_back(update);
    }

    /// Removes what a poll confirmed with its offset.
    pub(super) fn confirm(&mut self, offset: i64) {
        let id = |update: &Value| update["update_id"].as_i64().unwrap_or_default();
        self.waiting.retain(|update| id(update) >= offset);
    }

    pub(super) fn chat_json(&self, id: i64) -> Value {
        let chat = &self.chats[&id];
        let name = if chat.kind == "private" { "first_name" } else { "title" };
        let mut json = json!({ "id": id, "type": chat.kind, name: chat.name });
        if !chat.topics.is_empty() {
            json["is_forum"] = json!(true);
        }
        json
    }

    pub(super) fn bot_json() -> Value {
        json!({ "id": BOT_ID, "is_bot": true, "first_name": "Brand", "username": BOT_NAME })
    }
}

/// Marks mentions and a leading command the way Telegram does, in UTF-16 units.
pub(super) fn entities(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut offset = 0;
    for token in text.split_inclusive(char::is_whitespace) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = token.trim_end_matches(|c: char| !is_name(c));
        let kind = match word.chars().next() {
            Some('@') => Some("mention"),
            Some('/') if offset == 0 => Some("bot_command"),
            _ => None,
        };
        if let Some(kind) = kind {
            let length = word.encode_utf16().count();
            found.push(json!({ "type": kind, "offset": offset, "length": length }));
        }
        offset += token.encode_utf16().count();
    }
    found
}
