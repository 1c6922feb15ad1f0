//! The contract between the application and every channel: what comes in, what goes out, and what
//! each outcome means. Values only; nothing here knows a particular platform, the index or SQL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

/// One channel account as the application sees it: hears, renders, sends, says who it is.
///
/// Webhook channels and long-lived listeners both end in [`Intake::accept`]; the rest of the
/// program cannot tell them apart.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Which kind of channel this is.
    fn kind(&self) -> ChannelKind;

    /// Verifies and decodes one webhook delivery. An empty list is a kind we ignore.
    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError>;

    /// Answers a platform's `GET` challenge; `None` where the platform has none.
    fn challenge(&self, query: &str) -> Option<ChallengeAnswer> {
        let _ = query;
        None
    }

    /// Listens until `host.stop` is cancelled; returns at once for channels that only take webhooks.
    async fn listen(&self, host: Host) {
        let _ = host;
    }

    /// Acknowledges a stored message where the platform shows that (a pressed button, typing).
    ///
    /// Best effort, called after [`Intake::accept`] returned; carries no content.
    async fn acknowledge(&self, message: &InboundMessage) {
        let _ = message;
    }

    /// Turns a reply into the parts this channel can carry, in order; never empty.
    ///
    /// Pure: the same reply gives the same parts. Each part is sent, repeated and tracked alone.
    fn render(&self, reply: &Reply) -> Vec<Part>;

    /// Whether the platform's rules allow this reply now, with the words for people if not.
    fn permit(&self, kind: ReplyKind, facts: &Facts) -> Permit {
        let _ = (kind, facts);
        Permit::Allowed
    }

    /// Sends one part. Never sleeps, never repeats by itself.
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError>;

    /// Whether repeating a send with the same key cannot reach the customer twice.
    fn repeats_safely(&self) -> bool;

    /// The published sending limits, as data; the application's one limiter runs them.
    fn quotas(&self) -> &'static [Quota];

    /// Asks the platform who we are, for `channels check`.
    async fn check(&self) -> Result<AccountName, SendError>;

    /// Sets webhook, secret and commands at the platform; says what was done, one line each.
    ///
    /// `webhook` is the public address of this channel's webhook, when there is one.
    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError>;
}

/// The channels superfan speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Telegram bot.
    Telegram,
    /// Discord application.
    Discord,
    /// X account.
    X,
    /// The generic signed webhook.
    Webhook,
    /// Our own web chat.
    Webchat,
}

impl ChannelKind {
    /// The lower-case name, as in settings, metrics and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Discord => "discord",
            Self::X => "x",
            Self::Webhook => "webhook",
            Self::Webchat => "webchat",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where adapters put what they heard; the application implements it with the inbox table.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Stores one message durably; [`Accepted::Duplicate`] if this event was stored before.
    async fn accept(&self, message: InboundMessage) -> Result<Accepted, IntakeError>;

    /// The position a listener stored under `name` (an X `since_id`), if any.
    async fn cursor(&self, name: &str) -> Result<Option<String>, IntakeError>;

    /// Stores a listener's position; call it only after everything before it was accepted.
    async fn save_cursor(&self, name: &str, value: &str) -> Result<(), IntakeError>;

    /// Tells the application how the listener is; shown in `/readyz`, console and metrics.
    fn health(&self, state: Health);
}

/// What happened to a message that was handed to [`Intake::accept`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// A new row; durable.
    Stored,
    /// The same event was stored before; nothing changed.
    Duplicate,
}

/// Why a message could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("could not store the message: {reason}")]
pub struct IntakeError {
    /// What the store said, for the log.
    pub reason: String,
    /// When the sender may try again.
    pub retry_after: Duration,
}

/// How a channel is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "reason", rename_all = "lowercase")]
pub enum Health {
    /// Hearing and sending.
    Ok,
    /// Working with trouble (another poller, no answer); the reason in words.
    Degraded(String),
    /// Not working until somebody acts (token revoked); the reason in words.
    Stopped(String),
}

/// What [`Adapter::listen`] needs from the application.
#[derive(Clone)]
pub struct Host {
    /// Where messages go.
    pub intake: Arc<dyn Intake>,
    /// Cancelled when the channel must stop listening (shutdown, lost lease).
    pub stop: CancellationToken,
}

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
        /// The [`Button::id`] we gave out.
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
}

/// What we say, before any platform's dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What kind of reply it is.
    pub kind: ReplyKind,
    /// Light Markdown: paragraphs, `- ` and `1. ` lists, `` `code` ``, fenced code, bare links.
    pub text: String,
    /// Who the answer is by.
    pub credit: Option<Credit>,
    /// At most five; ids are at most 64 bytes.
    pub buttons: Vec<Button>,
    /// BCP 47 tag of the text.
    pub lang: String,
    /// Public id of the answer that was used.
    pub answer_id: Option<String>,
    /// Calibrated probability that it is right, 0.0..=1.0.
    pub confidence: Option<f64>,
    /// Display name of the person who wrote it, for [`ReplyKind::Human`].
    pub human: Option<String>,
    /// The platform's id of the message that is answered.
    pub in_reply_to: Option<String>,
}

/// Kinds of replies, the generic webhook's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyKind {
    /// The first words in a private conversation.
    Greeting,
    /// An accepted answer.
    Answer,
    /// Two or three answers to choose from.
    Choices,
    /// A question back.
    Question,
    /// Anything else the bot says.
    Notice,
    /// Written by a person.
    Human,
}

impl ReplyKind {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Answer => "answer",
            Self::Choices => "choices",
            Self::Question => "question",
            Self::Notice => "notice",
            Self::Human => "human",
        }
    }
}

/// Attribution: part of every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The whole line in the customer's language: "answer by @author, solved 12 times".
    pub line: String,
    /// The author's name.
    pub author: Option<String>,
    /// The answer's address.
    pub url: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
}

/// One button under a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What a press sends back, at most 64 bytes of `[A-Za-z0-9_:-]`.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// One sendable piece of a reply: stored as it is, so every repeat is identical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What a person would read, plain; shown in console and API.
    pub text: String,
    /// The adapter's own payload, opaque to everybody else.
    pub payload: serde_json::Value,
    /// How much of the quota it uses; 1 for ordinary parts.
    pub weight: u32,
}

/// One send attempt.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Where to.
    pub address: &'a ReplyAddress,
    /// What.
    pub part: &'a Part,
    /// Our public id of this delivery (`out_…`, at most 25 characters), the same on every repeat:
    /// the idempotency key where the platform has one.
    pub key: &'a str,
    /// Now, for signatures.
    pub now: Timestamp,
}

/// A part the platform took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The platform's id of our message, if it gave one.
    pub message_id: Option<String>,
}

/// Why a part was not (or perhaps not) delivered; [`SendError::next`] says what happens now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The platform asked us to wait; it did nothing.
    #[error("held by the platform: {reason}")]
    Held {
        /// How long, if it said.
        wait: Option<Duration>,
        /// Who has to wait.
        scope: HoldScope,
        /// In words.
        reason: String,
    },
    /// Nothing reached the platform, or it promised not to have acted.
    #[error("not delivered: {reason}")]
    NotSent {
        /// In words.
        reason: String,
    },
    /// A 5xx, a cut connection, a time-out, an unreadable 2xx: nobody knows.
    #[error("outcome unknown: {reason}")]
    Unknown {
        /// In words.
        reason: String,
    },
    /// The platform will never take it.
    #[error("refused: {reason}")]
    Refused {
        /// What is affected.
        scope: RefusalScope,
        /// The platform's words.
        reason: String,
    },
    /// The conversation lives elsewhere now; send it there.
    #[error("the conversation moved to {conversation}")]
    Moved {
        /// The new public id.
        conversation: String,
        /// The new address.
        address: ReplyAddress,
    },
}

/// Who waits when a platform says "too many".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldScope {
    /// Everything this account sends.
    Channel,
    /// This conversation only.
    Conversation,
}

/// How far a refusal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalScope {
    /// This part only (too long, bad markup).
    Part,
    /// The whole conversation (blocked, kicked, deleted).
    Conversation,
    /// The whole account (token revoked).
    Channel,
}

/// What the outbox does after a failed send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Repeat after exactly this long.
    After(Duration, HoldScope),
    /// Repeat with growing pauses.
    Backoff,
    /// Mark the row `uncertain`; a person decides.
    Uncertain,
    /// Mark the row `dead`.
    Dead(RefusalScope),
    /// Rewrite the conversation's address, then repeat at once.
    Move {
        /// The new public id.
        conversation: String,
        /// The new address.
        address: ReplyAddress,
    },
}

impl SendError {
    /// What happens next; decided here so that no caller guesses.
    ///
    /// `repeats_safely` is [`Adapter::repeats_safely`] of the channel.
    pub fn next(&self, repeats_safely: bool) -> Next {
        match self {
            Self::Held { wait: Some(wait), scope, .. } => Next::After(*wait, *scope),
            Self::Held { wait: None, .. } | Self::NotSent { .. } => Next::Backoff,
            Self::Unknown { .. } if repeats_safely => Next::Backoff,
            Self::Unknown { .. } => Next::Uncertain,
            Self::Refused { scope, .. } => Next::Dead(*scope),
            Self::Moved { conversation, address } => {
                Next::Move { conversation: conversation.clone(), address: address.clone() }
            }
        }
    }
}

/// A published limit: at most `n` sends in `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What the limit counts over.
    pub scope: QuotaScope,
    /// How many units of [`Part::weight`].
    pub n: u32,
    /// In how long.
    pub per: Duration,
    /// How many may go at once after a quiet time, at most `n`.
    pub burst: u32,
}

/// What a quota counts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuotaScope {
    /// Everything one account sends.
    Channel,
    /// One conversation.
    Conversation,
    /// One conversation that is a group.
    Group,
}

/// What the application knows when it asks [`Adapter::permit`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The customer's last message addressed us (private always does).
    pub summoned: bool,
    /// Automatic replies already sent or queued for the message that is answered.
    pub replies_to_this: u32,
    /// US dollars spent today on this channel.
    pub spent_today: f64,
    /// When the customer last wrote here.
    pub last_inbound: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// A platform's verdict on a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Send it.
    Allowed,
    /// Not now; stays `due`, shown with the reason.
    Hold {
        /// When to look again.
        until: Option<Timestamp>,
        /// In words.
        reason: String,
    },
    /// Never; becomes `dead` with the reason.
    Forbidden {
        /// In words.
        reason: String,
    },
}

/// The account behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// As people know it: `@brand_support_bot`.
    pub name: String,
    /// Things the operator should know, one sentence each.
    pub notes: Vec<String>,
}
