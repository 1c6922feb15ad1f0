//! What Discord sends, as far as we read it: what is not needed is left out, and what may be
//! missing or null has a default. <https://discord.com/developers/docs/reference>

#![expect(clippy::struct_field_names, reason = "the names are Discord's")]

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::text::or_default;

/// <https://discord.com/developers/docs/events/gateway-events#payload-structure>
#[derive(Deserialize)]
pub(super) struct Payload {
    pub(super) op: u8,
    #[serde(rename = "t")]
    pub(super) name: Option<String>,
    #[serde(rename = "d", default)]
    pub(super) data: Value,
}

/// <https://discord.com/developers/docs/resources/message#message-object>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) channel_id: String,
    pub(super) guild_id: Option<String>,
    #[serde(rename = "type", default)]
    pub(super) kind: u8,
    /// Missing in an update that only adds a preview.
    pub(super) author: Option<User>,
    pub(super) member: Option<Member>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) content: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) mentions: Vec<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attachments: Vec<Attachment>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) sticker_items: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message_snapshots: Vec<Value>,
    pub(super) poll: Option<Value>,
    pub(super) webhook_id: Option<String>,
    pub(super) message_reference: Option<Reference>,
    pub(super) referenced_message: Option<Box<Referenced>>,
    pub(super) timestamp: Option<String>,
    pub(super) edited_timestamp: Option<String>,
    pub(super) channel_type: Option<u8>,
}

/// The message that was replied to, as far as it is still there.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Referenced {
    pub(super) author: Option<User>,
}

/// <https://discord.com/developers/docs/resources/message#message-reference-structure>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) message_id: Option<String>,
    /// 0 for a reply, 1 for a forwarded message.
    #[serde(rename = "type", default)]
    pub(super) kind: u8,
}

/// <https://discord.com/developers/docs/resources/message#attachment-object>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Attachment {
    pub(super) content_type: Option<String>,
    /// Only voice messages have one.
    pub(super) waveform: Option<String>,
}

/// <https://discord.com/developers/docs/resources/user#user-object>
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    pub(super) username: String,
    pub(super) global_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) bot: bool,
}

/// <https://discord.com/developers/docs/resources/guild#guild-member-object>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Member {
    pub(super) nick: Option<String>,
    pub(super) user: Option<User>,
    pub(super) roles: Option<Vec<String>>,
}

/// <https://discord.com/developers/docs/resources/channel#channel-object>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    #[serde(rename = "type", default)]
    pub(super) kind: u8,
    pub(super) name: Option<String>,
    pub(super) guild_id: Option<String>,
    pub(super) parent_id: Option<String>,
    pub(super) owner_id: Option<String>,
    pub(super) last_message_id: Option<String>,
}

impl Channel {
    /// Announcement, public and private threads; posts of a forum too.
    pub(super) fn is_thread(&self) -> bool {
        (10..=12).contains(&self.kind)
    }
}

/// <https://discord.com/developers/docs/events/gateway-events#message-delete>, also in bulk.
#[derive(Deserialize)]
pub(super) struct Deleted {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) ids: Vec<String>,
    pub(super) channel_id: String,
}

/// <https://discord.com/developers/docs/events/gateway-events#guild-delete>
#[derive(Deserialize)]
pub(super) struct Guild {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) unavailable: bool,
}

/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object>
#[derive(Deserialize)]
pub(super) struct Interaction {
    pub(super) id: String,
    #[serde(default)]
    pub(super) application_id: String,
    #[serde(rename = "type")]
    pub(super) kind: u8,
    #[serde(default)]
    pub(super) token: String,
    pub(super) guild_id: Option<String>,
    pub(super) channel_id: Option<String>,
    pub(super) channel: Option<Channel>,
    pub(super) member: Option<Member>,
    pub(super) user: Option<User>,
    pub(super) data: Option<InteractionData>,
    pub(super) message: Option<Pressed>,
    pub(super) locale: Option<String>,
}

/// What was chosen, written or pressed.
#[derive(Deserialize)]
pub(super) struct InteractionData {
    #[serde(default)]
    pub(super) name: String,
    /// 1 a slash command, 3 a command on a message.
    #[serde(rename = "type")]
    pub(super) kind: Option<u8>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) options: Vec<Choice>,
    pub(super) custom_id: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) resolved: Option<Resolved>,
}

/// One option of a slash command.
#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: Value,
}

/// What a command was used on.
#[derive(Deserialize)]
pub(super) struct Resolved {
    #[serde(default)]
    pub(super) messages: BTreeMap<String, Said>,
}

/// The text of a message that a command was used on.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) content: String,
}

/// The message under which a button was pressed.
#[derive(Deserialize)]
pub(super) struct Pressed {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) flags: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) content: String,
}

/// <https://discord.com/developers/docs/events/gateway#get-gateway-bot>; `/gateway` has the address
/// alone.
#[derive(Deserialize)]
pub(super) struct GatewayInfo {
    pub(super) url: String,
    #[serde(default)]
    pub(super) shards: Option<u32>,
    /// Without it there is nothing to keep to.
    #[serde(default, deserialize_with = "if_readable")]
    pub(super) session_start_limit: Option<SessionLimit>,
}

/// What only helps must not be in the way of the rest.
fn if_readable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// How often a session may be started.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct SessionLimit {
    pub(super) total: u32,
    pub(super) remaining: u32,
    /// Milliseconds.
    pub(super) reset_after: u64,
    pub(super) max_concurrency: u16,
}

/// The parts of READY that we keep.
#[derive(Deserialize)]
pub(super) struct Ready {
    pub(super) user: User,
}

/// <https://discord.com/developers/docs/resources/application#application-object>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Application {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) flags: u64,
    pub(super) verify_key: Option<String>,
    pub(super) interactions_endpoint_url: Option<String>,
}

/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>, and the body of a
/// 429.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Problem {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) code: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message: String,
    /// Seconds, with a fraction.
    pub(super) retry_after: Option<f64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) global: bool,
    #[serde(default)]
    pub(super) errors: Value,
}

/// The part of a sent message or a new thread that we keep.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
}
