//! What a channel can do and what it needs from the application: hearing, rendering, sending,
//! saying who it is. Traits and their small values; no platform, no index, no SQL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::amend::{Amendment, Amends};
use super::inbound::{
    ChallengeAnswer, InboundMessage, ReceiveError, Received, ReplyAddress, WebhookRequest,
};
use super::outcome::{Facts, Outgoing, Permit, Quota, RefusalScope, SendError, Sent};
use super::reply::{Part, Reply, ReplyKind};

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

    /// Whether the platform delivers to us, and so has to know where we are.
    fn is_delivered_to(&self) -> bool {
        false
    }

    /// Listens until `host.stop` is cancelled; returns at once for channels that only take webhooks.
    async fn listen(&self, host: Host) {
        let _ = host;
    }

    /// Acknowledges a stored message where the platform shows that (a pressed button, typing).
    ///
    /// Best effort, called after [`Intake::accept`] returned; carries no content. What is only nice
    /// to see (typing) is left out unless the room for it was [`Room::Given`].
    async fn acknowledge(&self, message: &InboundMessage, room: Room) {
        let _ = (message, room);
    }

    /// Whether whoever did this is shown "thinking" until something takes its place.
    fn keeps_waiting(&self, message: &InboundMessage) -> bool {
        let _ = message;
        false
    }

    /// Turns a reply into the parts this channel can carry, in order; never empty.
    ///
    /// Pure: the same reply gives the same parts. Each part is sent, repeated and tracked alone.
    fn render(&self, reply: &Reply) -> Vec<Part>;

    /// The same for a known place, where that matters (a public post or a direct message).
    fn render_for(&self, reply: &Reply, address: &ReplyAddress) -> Vec<Part> {
        let _ = address;
        self.render(reply)
    }

    /// Where a public reply that does not fit goes on: in full in a private conversation with the
    /// same person, if they ever opened one; `None` where it fits, or nobody wants that.
    fn goes_on(&self, reply: &Reply, address: &ReplyAddress) -> Option<GoesOn> {
        let _ = (reply, address);
        None
    }

    /// Whether buttons are shown; where not, customers say in words what they would press.
    fn has_buttons(&self) -> bool {
        true
    }

    /// Whether every public reply must name the message it answers.
    fn answers_posts(&self) -> bool {
        false
    }

    /// What a day (UTC) may cost in US dollars, where the platform charges.
    fn daily_cap(&self) -> Option<f64> {
        None
    }

    /// What the platform charges for sending a part there, in US dollars.
    fn cost(&self, part: &Part, address: &ReplyAddress) -> f64 {
        let _ = (part, address);
        0.0
    }

    /// What the platform charges for a message it delivered by webhook, in US dollars.
    fn cost_of_hearing(&self, message: &InboundMessage) -> f64 {
        let _ = message;
        0.0
    }

    /// Whether the platform's rules allow this reply now, with the words for people if not.
    fn permit(&self, kind: ReplyKind, facts: &Facts) -> Permit {
        let _ = (kind, facts);
        Permit::Allowed
    }

    /// Sends one part. Never sleeps, never repeats by itself.
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError>;

    /// What can be done to our own messages in a place later.
    fn amends(&self, address: &ReplyAddress) -> Amends {
        let _ = address;
        Amends::default()
    }

    /// Changes or removes a message that left earlier, where [`Adapter::amends`] says so. One
    /// attempt; what is so already is done.
    async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        let _ = (outgoing, amendment);
        let reason = "this channel cannot change what it sent".to_owned();
        Err(SendError::Refused { scope: RefusalScope::Part, reason })
    }

    /// Where the brand's own people are told what waits, and act on it; under one of our messages
    /// there, if its id is given.
    fn staff_room(&self, under: Option<&str>) -> Option<StaffRoom> {
        let _ = under;
        None
    }

    /// Whether repeating a send with the same key cannot reach the customer twice.
    fn repeats_safely(&self) -> bool;

    /// How many requests sending one part there takes; they all count over the account.
    fn n_calls(&self, address: &ReplyAddress) -> u32 {
        let _ = address;
        1
    }

    /// The published sending limits, as data; the application's one limiter runs them.
    fn quotas(&self) -> &'static [Quota];

    /// Where somebody lets us act for their account in a browser; `None` where keys are all it takes.
    fn consent_link(&self, consent: &Consent) -> Option<Url> {
        let _ = consent;
        None
    }

    /// Takes up what came back from there; says whose account it is.
    async fn take_consent(&self, consent: &Consent, code: &str) -> Result<AccountName, SendError> {
        let _ = (consent, code);
        let reason = "this channel needs no sign-in".to_owned();
        Err(SendError::Refused { scope: RefusalScope::Part, reason })
    }

    /// Asks the platform who we are, for `channels check`.
    async fn check(&self) -> Result<AccountName, SendError>;

    /// Sets webhook, secret and commands at the platform; says what was done, one line each.
    ///
    /// `webhook` is the public address of this channel's webhook, when there is one.
    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError>;
}

/// A public reply that goes on in private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoesOn {
    /// The private conversation's public id.
    pub conversation: String,
    /// What is said in public, with a word on where the rest is.
    pub public: Vec<Part>,
}

/// A place of the brand's own people, or a thread there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRoom {
    /// The conversation's public id.
    pub conversation: String,
    /// How to write there.
    pub address: ReplyAddress,
    /// The place's id.
    pub place: String,
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
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Telegram, Self::Discord, Self::X, Self::Webhook, Self::Webchat];

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

    /// Notes what listening cost, in US dollars; best effort.
    async fn spent(&self, dollars: f64) {
        let _ = dollars;
    }

    /// Room within the account's quotas for one call that is only nice to make; none while the room
    /// is needed for what is said.
    fn room_for_courtesy(&self) -> Room {
        Room::Given
    }

    /// Counts a call that listening makes over the whole account; what is sent waits the longer.
    fn counts_call(&self) {}

    /// Tells the application how the listener is; shown in `/readyz`, console and metrics.
    fn health(&self, state: Health);
}

/// Where an adapter keeps a secret that changes while it runs (a rotating refresh token); the
/// application implements it for one account.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// What was kept last under `name`, if anything.
    async fn kept(&self, name: &str) -> Result<Option<SecretString>, IntakeError>;

    /// Keeps a secret durably; only then may it be used.
    async fn keep(&self, name: &str, secret: &SecretString) -> Result<(), IntakeError>;
}

/// Whether the account's quotas have room for a call that is only nice to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Yes; it is counted already.
    Given,
    /// No.
    Needed,
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
    /// The time, for what a platform leaves undated.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The public address of this channel's webhook, when there is one.
    pub webhook: Option<Url>,
}

/// Somebody's consent that we act for their account, on its way through their browser.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Where the platform sends them back to.
    pub back: Url,
    /// Recognises them there; never used before.
    pub state: String,
    /// Proves that whoever takes up the consent asked for it: 43 to 128 letters, digits, `-`, `_`.
    /// <https://www.rfc-editor.org/rfc/rfc7636>
    pub verifier: SecretString,
}

/// The account behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// As people know it: `@brand_support_bot`.
    pub name: String,
    /// Things the operator should know, one sentence each.
    pub notes: Vec<String>,
}
