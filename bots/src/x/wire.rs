//! What X sends, as far as we read it: the objects of version 2, and those of version 1.1 that the
//! Account Activity API still delivers. Ids are strings: as numbers they lose their last digits.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::text::or_default;

/// A webhook delivery: of the Activity API (`data`), or of the older Account Activity API.
/// <https://docs.x.com/x-api/activity/introduction>
/// <https://docs.x.com/x-api/account-activity/introduction>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delivery {
    pub(super) data: Option<Activity>,
    #[serde(deserialize_with = "id")]
    pub(super) for_user_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) user_has_blocked: bool,
    #[serde(deserialize_with = "or_default")]
    pub(super) tweet_create_events: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(super) tweet_delete_events: Vec<Deletion>,
    #[serde(deserialize_with = "or_default")]
    pub(super) direct_message_events: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(super) block_events: Vec<Block>,
    #[serde(deserialize_with = "or_default")]
    pub(super) unblock_events: Vec<Block>,
    #[serde(deserialize_with = "or_default")]
    pub(super) users: BTreeMap<String, Value>,
    pub(super) user_event: Option<UserEvent>,
}

/// One event of the Activity API.
#[derive(Debug, Deserialize)]
pub(super) struct Activity {
    pub(super) event_type: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) filter: Filter,
    #[serde(default)]
    pub(super) payload: Value,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) includes: Includes,
}

/// Whom a subscription is about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default, deserialize_with = "id")]
    pub(super) user_id: Option<String>,
}

/// What comes along with posts: their authors, and posts they refer to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Includes {
    #[serde(deserialize_with = "or_default")]
    pub(super) users: Vec<User>,
    #[serde(deserialize_with = "or_default")]
    pub(super) tweets: Vec<Value>,
}

/// Somebody on X, in either version.
/// <https://docs.x.com/x-api/fundamentals/data-dictionary#user>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub(super) id_str: Option<String>,
    #[serde(alias = "screen_name")]
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) protected: bool,
}

/// A post of version 2. <https://docs.x.com/x-api/fundamentals/data-dictionary#tweet>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Post {
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    #[serde(deserialize_with = "id")]
    pub(super) author_id: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) note_tweet: Option<LongText>,
    #[serde(deserialize_with = "or_default")]
    pub(super) entities: Entities,
    pub(super) attachments: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(super) referenced_tweets: Vec<Reference>,
    #[serde(deserialize_with = "or_default")]
    pub(super) edit_history_tweet_ids: Vec<String>,
}

/// The whole text of a long post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LongText {
    #[serde(alias = "full_text")]
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) entities: Entities,
}

/// Who is mentioned, in either version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entities {
    #[serde(alias = "user_mentions")]
    #[serde(deserialize_with = "or_default")]
    pub(super) mentions: Vec<User>,
}

/// A post that another refers to.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
}

/// A post of version 1.1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OldPost {
    #[serde(deserialize_with = "id")]
    pub(super) id_str: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    pub(super) lang: Option<String>,
    pub(super) extended_tweet: Option<LongText>,
    #[serde(deserialize_with = "or_default")]
    pub(super) entities: Entities,
    pub(super) extended_entities: Option<Value>,
    #[serde(deserialize_with = "id")]
    pub(super) in_reply_to_status_id_str: Option<String>,
    pub(super) user: User,
    pub(super) quoted_status: Option<Box<OldPost>>,
    pub(super) retweeted_status: Option<Value>,
    #[serde(deserialize_with = "id")]
    pub(super) timestamp_ms: Option<String>,
    pub(super) created_at: Option<String>,
}

/// A direct message as webhooks carry it.
#[derive(Debug, Deserialize)]
pub(super) struct OldMessage {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "id")]
    pub(super) created_timestamp: Option<String>,
    pub(super) message_create: Option<MessageCreate>,
}

/// Who wrote what to whom.
#[derive(Debug, Deserialize)]
pub(super) struct MessageCreate {
    pub(super) target: Target,
    #[serde(deserialize_with = "id")]
    pub(super) sender_id: Option<String>,
    pub(super) message_data: MessageData,
}

/// To whom.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    #[serde(default, deserialize_with = "id")]
    pub(super) recipient_id: Option<String>,
}

/// What.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageData {
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    pub(super) attachment: Option<Value>,
}

/// A direct message as `GET /2/dm_events` lists it.
/// <https://docs.x.com/x-api/direct-messages/get-dm-events>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DmEvent {
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) event_type: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    #[serde(deserialize_with = "id")]
    pub(super) sender_id: Option<String>,
    pub(super) dm_conversation_id: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) attachments: Option<Value>,
}

/// A post that its author took back.
#[derive(Debug, Deserialize)]
pub(super) struct Deletion {
    pub(super) status: DeletedPost,
    #[serde(default, deserialize_with = "id")]
    pub(super) timestamp_ms: Option<String>,
}

/// Which, and whose.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeletedPost {
    #[serde(deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "id", alias = "author_id")]
    pub(super) user_id: Option<String>,
}

/// Somebody blocked somebody.
#[derive(Debug, Deserialize)]
pub(super) struct Block {
    #[serde(default, deserialize_with = "id")]
    pub(super) created_timestamp: Option<String>,
    pub(super) source: User,
    pub(super) target: User,
}

/// What happened to our rights.
#[derive(Debug, Deserialize)]
pub(super) struct UserEvent {
    pub(super) revoke: Option<Value>,
}

/// A list of version 2: newest first; an empty one has no `data`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    #[serde(deserialize_with = "or_default")]
    pub(super) data: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(super) includes: Includes,
    #[serde(deserialize_with = "or_default")]
    pub(super) meta: Meta,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) next_token: Option<String>,
}

/// One object of version 2.
#[derive(Debug, Deserialize)]
pub(super) struct Single<T> {
    pub(super) data: T,
}

/// What creating a post or a direct message answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Created {
    #[serde(deserialize_with = "id", alias = "dm_event_id")]
    pub(super) id: Option<String>,
}

/// A refusal, as problem+json. <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    #[serde(deserialize_with = "or_default")]
    pub(super) title: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) detail: String,
    #[serde(rename = "type")]
    #[serde(deserialize_with = "or_default")]
    pub(super) kind: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) error_description: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) errors: Vec<ProblemPart>,
}

/// One reason of several.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProblemPart {
    #[serde(deserialize_with = "or_default")]
    pub(super) message: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) detail: String,
}

impl User {
    /// The id, wherever it is written without losing digits.
    pub(super) fn key(&self) -> Option<&str> {
        self.id_str.as_deref().or(self.id.as_deref())
    }
}

impl Problem {
    /// The platform's own words.
    pub(super) fn words(&self) -> String {
        let part = self.errors.first();
        let all = [
            Some(&self.detail),
            Some(&self.error_description),
            part.map(|part| &part.detail),
            part.map(|part| &part.message),
            Some(&self.title),
        ];
        let said = all.into_iter().flatten().find(|words| !words.is_empty());
        said.cloned().unwrap_or_default()
    }
}

/// An id written as a string or, in old objects, as a number.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(id)) if !id.is_empty() => Some(id),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => None,
    })
}
