//! What Telegram sends, as far as we read it: every field that is not needed is left out, and
//! every field that may be missing has a default. <https://core.telegram.org/bots/api>

#![expect(clippy::struct_field_names, reason = "the names are Telegram's")]

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::text::or_default;

/// <https://core.telegram.org/bots/api#update>: an id and exactly one kind, kept raw until read.
#[derive(Deserialize)]
pub(super) struct Update {
    pub(super) update_id: i64,
    #[serde(flatten)]
    pub(super) kinds: Map<String, Value>,
}

/// <https://core.telegram.org/bots/api#message>
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) message_id: i64,
    pub(super) date: i64,
    pub(super) edit_date: Option<i64>,
    pub(super) chat: Chat,
    pub(super) from: Option<User>,
    /// Set for anonymous admins and for people who write as a channel.
    pub(super) sender_chat: Option<Chat>,
    pub(super) message_thread_id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_topic_message: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_automatic_forward: bool,
    pub(super) via_bot: Option<User>,
    pub(super) reply_to_message: Option<RepliedMessage>,
    pub(super) text: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) entities: Vec<Entity>,
    pub(super) caption: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) caption_entities: Vec<Entity>,
    pub(super) migrate_to_chat_id: Option<i64>,
    /// Everything else; the names tell what a message without text is.
    #[serde(flatten)]
    pub(super) others: Map<String, Value>,
}

/// The message that was replied to.
#[derive(Deserialize)]
pub(super) struct RepliedMessage {
    pub(super) message_id: i64,
    pub(super) from: Option<User>,
    /// Set on the message that opened a topic: every message in the topic "replies" to it.
    pub(super) forum_topic_created: Option<Value>,
}

/// <https://core.telegram.org/bots/api#chat>
#[derive(Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) title: Option<String>,
}

/// <https://core.telegram.org/bots/api#user>
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_bot: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) first_name: String,
    pub(super) last_name: Option<String>,
    pub(super) language_code: Option<String>,
}

/// <https://core.telegram.org/bots/api#messageentity>; offset and length count UTF-16 units.
#[derive(Deserialize)]
pub(super) struct Entity {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) user: Option<User>,
}

/// <https://core.telegram.org/bots/api#callbackquery>
#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    pub(super) id: String,
    pub(super) from: User,
    pub(super) message: Option<PressedMessage>,
    pub(super) data: Option<String>,
}

/// The message under which a button was pressed; an inaccessible one carries only chat and id.
#[derive(Deserialize)]
pub(super) struct PressedMessage {
    pub(super) message_id: i64,
    /// 0 for an inaccessible message.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) date: i64,
    pub(super) chat: Chat,
    pub(super) message_thread_id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_topic_message: bool,
}

/// <https://core.telegram.org/bots/api#chatmemberupdated>
#[derive(Deserialize)]
pub(super) struct MemberUpdate {
    pub(super) chat: Chat,
    pub(super) from: User,
    pub(super) date: i64,
    pub(super) old_chat_member: Member,
    pub(super) new_chat_member: Member,
}

/// <https://core.telegram.org/bots/api#chatmember>
#[derive(Deserialize)]
pub(super) struct Member {
    pub(super) status: String,
    pub(super) is_member: Option<bool>,
    pub(super) can_send_messages: Option<bool>,
}

/// <https://core.telegram.org/bots/api#getme>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) first_name: String,
    pub(super) username: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) can_join_groups: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) can_read_all_group_messages: bool,
}

/// <https://core.telegram.org/bots/api#making-requests>: the envelope of every answer.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) ok: bool,
    pub(super) result: Option<Value>,
    pub(super) error_code: Option<u16>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) description: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) parameters: Parameters,
}

/// <https://core.telegram.org/bots/api#responseparameters>
#[derive(Default, Deserialize)]
pub(super) struct Parameters {
    /// Whole seconds.
    pub(super) retry_after: Option<u64>,
    pub(super) migrate_to_chat_id: Option<i64>,
}

/// The part of a sent message that we keep.
#[derive(Deserialize)]
pub(super) struct SentMessage {
    pub(super) message_id: i64,
}
