//! Calls to Discord: one request each, no sleeping, no repeating, and an exact outcome.

mod amend;
mod call;
mod commands;
mod limits;
mod outcome;
mod privately;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use serenity::all::ButtonStyle;
use serenity::builder::{CreateActionRow, CreateButton};
use url::Url;

use super::places::Places;
use super::receive::{Quoted, Token, Way, quoted};
use super::render::Payload;
use super::wire::{Made, User};
use crate::{
    Command, Content, InboundMessage, Outgoing, Place, RefusalScope, ReplyAddress, Room, SendError,
    Sent,
};
pub(super) use call::{Api, Call};
use limits::Route;
pub(super) use outcome::{ACKNOWLEDGED, Failure, Speaker};
use outcome::{THREAD_EXISTS, UNKNOWN_MESSAGE};

/// <https://discord.com/developers/docs/resources/message#message-object-message-flags>
const SUPPRESS_EMBEDS: u64 = 1 << 2;
const EPHEMERAL: u64 = 1 << 6;
/// A quiet thread leaves the list after a day; it stays readable.
const ARCHIVE_AFTER_MINUTES: u32 = 1440;
/// What a thread is called when the question is no longer at hand.
const THREAD_NAME: &str = "Support";

/// How long a nonce is surely known: "the past few minutes".
const NONCE_KEPT: SignedDuration = SignedDuration::from_mins(4);

/// Where a reply goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// A direct conversation.
    Direct(String),
    /// A channel, or a thread that is there.
    Channel(String),
    /// The thread under a message, opened by our reply.
    Thread { parent: String, message: String },
}

/// A part on its way.
struct Sending<'a> {
    payload: &'a Payload,
    key: &'a str,
    now: Timestamp,
    in_doubt_since: Option<Timestamp>,
}

/// Sends parts, and remembers what it learns of threads.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) api: Api,
    pub(super) places: Arc<Places>,
}

impl Sender {
    /// Sends one rendered part: in place of a waiting "thinking", or as a message of its own.
    pub(super) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        let target = Target::read(outgoing.address)?;
        let payload: Payload =
            serde_json::from_value(outgoing.part.payload.clone()).map_err(|error| {
                let reason = format!("not our payload: {error}");
                SendError::Refused { scope: RefusalScope::Part, reason }
            })?;
        let Outgoing { key, now, in_doubt_since, .. } = outgoing;
        let sending = Sending { payload: &payload, key, now, in_doubt_since };
        let sent = match payload.reply_to.as_deref().map(quoted) {
            Some(Quoted::Interaction(token)) if token.expires_at > outgoing.now => {
                self.answer(&target, &token, &sending).await
            }
            Some(Quoted::Interaction(token)) => self.afterwards(&target, &token, &sending).await,
            _ => self.post(&target, &sending).await,
        };
        sent.map_err(|failure| {
            if let SendError::Refused { scope: RefusalScope::Conversation, .. } = failure.error {
                self.places.set_closed(target.conversation(), true);
            }
            failure.error
        })
    }

    /// Answers an interaction whose token still works.
    async fn answer(
        &self,
        target: &Target,
        token: &Token,
        sending: &Sending<'_>,
    ) -> Result<Sent, Failure> {
        let by_token = if sending.payload.fills && token.way != Way::Quiet {
            Some(self.fill(token, sending).await)
        } else if token.way == Way::Ephemeral {
            Some(self.follow_up(token, sending).await)
        } else {
            None
        };
        match by_token {
            // The token is no good (any more): whoever may write in the channel does so.
            Some(Err(failure)) if failure.is_about_token() && token.way == Way::Ephemeral => {
                return self.afterwards(target, token, sending).await;
            }
            Some(Err(failure)) if failure.is_about_token() => {}
            None => {}
            Some(outcome) => return outcome,
        }
        match self.post(target, sending).await {
            // Where the bot is no member its token is the only way.
            Err(refused) if refused.status == 403 || refused.status == 404 => {
                self.follow_up(token, sending).await.map_err(|failure| match failure.error {
                    SendError::Refused { .. } => refused,
                    _ => failure,
                })
            }
            outcome => outcome,
        }
    }

    /// Puts the part where "thinking" stands. The same text twice is once.
    async fn fill(&self, token: &Token, sending: &Sending<'_>) -> Result<Sent, Failure> {
        let call =
            on_interaction(http::Method::PATCH, token, "/messages/@original", sending.body());
        self.api.call(call, sending.now).await.map(made)
    }

    /// Says more on an interaction. Discord has no way to say so only once.
    async fn follow_up(&self, token: &Token, sending: &Sending<'_>) -> Result<Sent, Failure> {
        let mut body = sending.body();
        if token.way == Way::Ephemeral {
            let flags = body["flags"].as_u64().unwrap_or_default();
            body["flags"] = json!(flags | EPHEMERAL);
        }
        let call = on_interaction(http::Method::POST, token, "?wait=true", body);
        let outcome = self.api.call(call, sending.now).await.map(made);
        outcome.map_err(|failure| match failure.error {
            SendError::Unknown { reason } => {
                Failure { error: SendError::UnknownForGood { reason }, ..failure }
            }
            _ => failure,
        })
    }

    /// Writes a message; in a thread if one belongs to the question.
    async fn post(&self, target: &Target, sending: &Sending<'_>) -> Result<Sent, Failure> {
        if sending
            .in_doubt_since
            .is_some_and(|since| sending.now.duration_since(since) > NONCE_KEPT)
        {
            let reason = "Discord knows a repeat by its nonce for a few minutes only".to_owned();
            return Err(SendError::UnknownForGood { reason }.into());
        }
        let (channel, quote) = match target {
            Target::Direct(channel) => (channel, None),
            Target::Channel(channel) => (channel, sending.quoted_message()),
            Target::Thread { parent, message } => {
                if self.open_thread(parent, message, sending.now).await? {
                    (message, None)
                } else {
                    (parent, Some(message.clone()))
                }
            }
        };
        let mut body = sending.body();
        body["nonce"] = json!(sending.key);
        body["enforce_nonce"] = json!(true);
        if let Some(message) = quote {
            // A question that was deleted meanwhile must not take the answer with it.
            body["message_reference"] =
                json!({ "message_id": message, "fail_if_not_exists": false });
        }
        let call = Call {
            method: http::Method::POST,
            path: format!("channels/{channel}/messages"),
            route: Route { kind: "messages", major: channel },
            speaker: Speaker::Bot,
            body: Some(body),
        };
        self.api.call(call, sending.now).await.map(made)
    }

    /// How many requests a message there takes: a thread has to be opened first.
    pub(super) fn n_calls(&self, address: &ReplyAddress) -> u32 {
        let opens = matches!(Target::read(address), Ok(Target::Thread { message, .. })
            if !self.is_open(&message));
        if opens { 2 } else { 1 }
    }

    fn is_open(&self, thread: &str) -> bool {
        self.places.known(thread).is_some_and(|known| known.open)
    }

    /// Opens the thread under a message, if it is not open; false where there can be none.
    async fn open_thread(
        &self,
        parent: &str,
        message: &str,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        if self.is_open(message) {
            return Ok(true);
        }
        let name = self.places.title(message).filter(|title| !title.is_empty());
        let name = name.unwrap_or_else(|| THREAD_NAME.to_owned());
        let body = json!({ "name": name, "auto_archive_duration": ARCHIVE_AFTER_MINUTES });
        let call = Call {
            method: http::Method::POST,
            path: format!("channels/{parent}/messages/{message}/threads"),
            route: Route { kind: "threads", major: parent },
            speaker: Speaker::Bot,
            body: Some(body),
        };
        match self.api.call(call, now).await {
            Err(failure) if failure.code == THREAD_EXISTS => {}
            // Not a place for threads, no right to open them, or the question is gone.
            Err(Failure { status: 400 | 403, .. }) => return Ok(false),
            Err(failure) if failure.code == UNKNOWN_MESSAGE => return Ok(false),
            Err(failure) => return Err(failure),
            Ok(_) => {}
        }
        self.places.opened(message, parent);
        Ok(true)
    }

    /// Shows typing for a question to us; what goes wrong here is only logged.
    pub(super) async fn acknowledge(&self, message: &InboundMessage, room: Room) {
        let to_us = matches!(message.place, Place::Private | Place::Group { addressed: true, .. });
        let asks = matches!(
            message.content,
            Content::Text { .. } | Content::Command { command: Command::Ask, .. }
        );
        // A command shows "thinking" already.
        if !asks || !to_us || room == Room::Needed || message.event_key.starts_with("command:") {
            return;
        }
        let Ok(target) = Target::read(&message.address) else { return };
        let channel = match &target {
            Target::Thread { parent, .. } => parent,
            Target::Direct(channel) | Target::Channel(channel) => channel,
        };
        if let Err(failure) = self.api.show_typing(channel).await {
            tracing::debug!("could not show typing: {}", failure.error);
        }
    }

    /// The account behind the token.
    pub(super) async fn account(&self) -> Result<User, SendError> {
        let value = self.api.fetch("users/@me").await.map_err(|failure| failure.error)?;
        serde_json::from_value(value)
            .map_err(|error| SendError::Unknown { reason: format!("unreadable answer: {error}") })
    }

    /// Sets the commands; with an address, has interactions posted there.
    pub(super) async fn register(
        &self,
        application: &str,
        endpoint: Option<&Url>,
    ) -> Result<Vec<String>, SendError> {
        let commands = commands::all();
        let body = serde_json::to_value(&commands).expect("commands are JSON");
        let path = format!("applications/{application}/commands");
        self.api.write(http::Method::PUT, path, body).await.map_err(|failure| failure.error)?;
        let mut done = vec![format!("{} commands set", commands.len())];
        if let Some(url) = endpoint {
            let body = json!({ "interactions_endpoint_url": url });
            let path = "applications/@me".to_owned();
            self.api.write(http::Method::PATCH, path, body).await.map_err(|f| f.error)?;
            done.push(format!("interactions are posted to {url}"));
        }
        Ok(done)
    }
}

impl Failure {
    /// Only the token of an interaction was refused, not the channel.
    fn is_about_token(&self) -> bool {
        matches!(self.status, 401 | 403 | 404)
    }
}

impl Sending<'_> {
    fn quoted_message(&self) -> Option<String> {
        match self.payload.reply_to.as_deref().map(quoted) {
            Some(Quoted::Message(id)) => Some(id),
            _ => None,
        }
    }

    /// What every way of sending has in common; nobody is ever pinged.
    fn body(&self) -> Value {
        let payload = self.payload;
        let mut body = json!({
            "content": payload.content,
            "allowed_mentions": { "parse": [], "replied_user": false },
            "flags": SUPPRESS_EMBEDS,
        });
        if let Some(embed) = &payload.embed {
            body["flags"] = json!(0);
            let mut shown = json!({ "description": embed.description });
            // Discord refuses fields that are there and empty.
            for (field, text) in [("title", &embed.title), ("url", &embed.url)] {
                if let Some(text) = text {
                    shown[field] = json!(text);
                }
            }
            if !embed.footer.is_empty() {
                shown["footer"] = json!({ "text": embed.footer });
            }
            body["embeds"] = json!([shown]);
        }
        if !payload.buttons.is_empty() {
            let button = |button: &crate::Button| {
                let shown = CreateButton::new(&button.id).label(&button.label);
                shown.style(ButtonStyle::Secondary)
            };
            let row = CreateActionRow::Buttons(payload.buttons.iter().map(button).collect());
            body["components"] = json!([row]);
        }
        body
    }
}

impl Target {
    fn read(address: &ReplyAddress) -> Result<Self, SendError> {
        let value = address.value.as_str();
        let target = if let Some(channel) = value.strip_prefix("dm:") {
            Some(Self::Direct(channel.to_owned()))
        } else if let Some(thread) = value.strip_prefix("thread:") {
            thread.split_once('/').map(|(parent, message)| Self::Thread {
                parent: parent.to_owned(),
                message: message.to_owned(),
            })
        } else {
            Some(Self::Channel(value.to_owned()))
        };
        target.filter(Self::is_written_in_digits).ok_or_else(|| SendError::Refused {
            scope: RefusalScope::Conversation,
            reason: format!("not a Discord address: {value:?}"),
        })
    }

    fn is_written_in_digits(&self) -> bool {
        let digits = |id: &String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Direct(channel) | Self::Channel(channel) => digits(channel),
            Self::Thread { parent, message } => digits(parent) && digits(message),
        }
    }

    fn conversation(&self) -> &str {
        match self {
            Self::Direct(channel) | Self::Channel(channel) => channel,
            Self::Thread { message, .. } => message,
        }
    }
}

/// A call in the name of an interaction; `rest` follows its token in the path.
fn on_interaction<'a>(method: http::Method, token: &'a Token, rest: &str, body: Value) -> Call<'a> {
    let Token { application, value, .. } = token;
    Call {
        method,
        path: format!("webhooks/{application}/{value}{rest}"),
        route: Route { kind: "webhook", major: value },
        speaker: Speaker::Interaction,
        body: Some(body),
    }
}

fn made(value: Value) -> Sent {
    let made: Option<Made> = serde_json::from_value(value).ok();
    Sent { message_id: made.map(|made| made.id) }
}
