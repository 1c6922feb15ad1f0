//! What comes in: a raw delivery, and the messages it turned out to carry.

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One webhook request as it arrived: raw bytes, nothing parsed.
pub struct WebhookRequest {
    /// Header names are case-insensitive.
    pub headers: HeaderMap,
    /// The raw query string without `?`.
    pub query: String,
    /// The raw body.
    pub body: Bytes,
}

/// What one verified delivery carried.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Messages to store, in order; several updates may come in one delivery.
    pub messages: Vec<InboundMessage>,
    /// Why there are none, for the log and the caller (`"unknown update kind"`).
    pub ignored: Option<String>,
    /// The body to answer with where the platform dictates it (Discord's PONG).
    pub body: Option<serde_json::Value>,
    /// Why the channel must stop until somebody acts: the platform told us that our rights are gone.
    pub stopped: Option<String>,
}

/// Why a webhook delivery was turned away.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Missing, wrong or stale signature: 401.
    #[error("signature refused: {0}")]
    Unverified(String),
    /// Verified, but not what the platform documents: 400.
    #[error("cannot decode the delivery: {0}")]
    Undecodable(String),
}

/// What a platform's `GET` challenge is answered with.
#[derive(Debug, PartialEq, Eq)]
pub struct ChallengeAnswer {
    /// HTTP status.
    pub status: u16,
    /// `application/json` or `text/plain`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// One thing somebody did on a channel, decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// Made from the thing, not from the delivery: `msg:<chat>:<id>`, `press:<callback id>`.
    pub event_key: String,
    /// The conversation's public id on this channel, the API's `external_id`.
    pub conversation: String,
    /// How to answer there.
    pub address: ReplyAddress,
    /// Private, or a group and whether we were addressed.
    pub place: Place,
    /// Who did it.
    pub author: Author,
    /// The platform's id of this message, to quote it and to recognise replies to it.
    pub message_id: Option<String>,
    /// The platform's id of the message this one replies to.
    pub reply_to: Option<String>,
    /// What was done.
    pub content: Content,
    /// When the platform says it happened.
    pub sent_at: Timestamp,
}

/// How to reach a conversation again: made and read by the adapter, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyAddress {
    /// The adapter's own notation.
    pub value: String,
    /// When it stops working (a reply token); `None` for ever.
    pub expires_at: Option<Timestamp>,
}

/// Where a message was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Place {
    /// Only the customer and we.
    Private,
    /// Others read along; group rules apply.
    Group {
        /// The place's id, as in `SUPERFAN_SUPPORT_PLACES` after `channel:`.
        id: String,
        /// Mentioned, replied to, or called by command.
        addressed: bool,
    },
    /// Where the brand's own people talk with us about what waits; nobody there is a customer.
    Staff {
        /// The place's id.
        id: String,
        /// Whether the author may act for the brand; `None` where the platform did not say.
        may_act: Option<bool>,
    },
}

/// Who wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The platform's id of the person.
    pub id: String,
    /// The name the platform shows, as written.
    pub name: Option<String>,
    /// BCP 47 tag from the platform's settings; a hint, the text decides.
    pub lang: Option<String>,
    /// Person, another bot, or ourselves.
    pub kind: AuthorKind,
}

/// What kind of author wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthorKind {
    /// A person.
    Person,
    /// Another bot: stored, never answered.
    Bot,
    /// Our own echo: stored, never answered.
    Own,
}

/// What an inbound message is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Content {
    /// Free text (a caption too).
    Text {
        /// As written, mentions of ourselves removed.
        text: String,
    },
    /// The author changed an earlier message.
    Edited {
        /// The new text.
        text: String,
        /// The platform's id of the message that changed.
        message_id: String,
    },
    /// A command to us.
    Command {
        /// Which one.
        command: Command,
        /// What followed it, trimmed; may be empty.
        text: String,
    },
    /// A button under one of our replies.
    Press {
        /// The [`Button::id`](crate::Button::id) we gave out.
        button: String,
    },
    /// Something without text (voice, sticker, picture); the word says which.
    Unreadable {
        /// `voice`, `picture`, `sticker`, `file` …
        what: String,
    },
    /// The author deleted a message.
    Deleted {
        /// The platform's id of the deleted message.
        message_id: String,
    },
    /// We may no longer write here (blocked, kicked, deleted).
    Closed {
        /// In words.
        reason: String,
    },
    /// We were let in (again).
    Opened,
    /// The conversation continues under another id (group became supergroup).
    Moved {
        /// The new public id.
        conversation: String,
        /// The new address.
        address: ReplyAddress,
    },
}

/// Commands every channel understands, whatever their spelling there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// First contact, and back after a stop.
    Start,
    /// What can you do.
    Help,
    /// Ask a question.
    Ask,
    /// A person, please.
    Human,
    /// No more automatic replies.
    Stop,
    /// Erase what you know about me.
    Forget,
    /// Choose the language; the text is its code or name.
    Language,
    /// Prove that two accounts are one person.
    Link,
    /// Prove that this account is an expert's; the text is a one-time code.
    Expert,
}
