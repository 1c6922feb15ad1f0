//! Calls to the Bot API: one request each, no sleeping, no repeating, and an exact outcome.

mod amend;
mod commands;
mod outcome;

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use teloxide_core::payloads::{
    AnswerCallbackQuery, DeleteWebhook, GetMe, GetUpdates, GetUpdatesSetters, SendChatAction,
    SendMessage, SendMessageSetters, SetMyCommands, SetMyCommandsSetters, SetWebhook,
    SetWebhookSetters,
};
use teloxide_core::requests::Payload;
use teloxide_core::types::{
    AllowedUpdate, CallbackQueryId, ChatAction, ChatId, InlineKeyboardButton,
    InlineKeyboardButtonKind, InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode,
    ReplyParameters, ThreadId,
};
use url::Url;

use super::Mode;
use super::render::Payload as Stored;
use super::wire::{Account, Envelope, SentMessage};
use crate::text::with_causes;
use crate::{
    Command, Content, InboundMessage, Part, Place, RefusalScope, ReplyAddress, Room, SendError,
    Sent,
};
use outcome::outcome;
pub(super) use outcome::{Answer, Refusal};

/// The kinds of updates we act on; the list is sticky at Telegram.
const WANTED: [AllowedUpdate; 4] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MyChatMember,
];

/// The Bot API for one token.
#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
    token: SecretString,
    time_out: Duration,
    previews: bool,
}

/// One page of updates.
pub(super) struct Page {
    /// Raw, because one of them may not decode.
    pub(super) updates: Vec<Value>,
    /// Telegram's clock when it answered, from the `Date` header.
    pub(super) served_at: Option<Timestamp>,
}

impl Api {
    pub(super) fn new(
        http: reqwest::Client,
        base: &Url,
        token: SecretString,
        time_out: Duration,
    ) -> Self {
        Self {
            http,
            base: base.as_str().trim_end_matches('/').to_owned(),
            token,
            time_out,
            previews: false,
        }
    }

    /// Whether links are previewed.
    pub(super) fn with_previews(self, previews: bool) -> Self {
        Self { previews, ..self }
    }

    /// How long a call may take from now on.
    pub(super) fn answer_within(&mut self, time_out: Duration) {
        self.time_out = time_out;
    }

    /// Sends one rendered part; if Telegram cannot read our markup, once more without any.
    pub(super) async fn send(
        &self,
        address: &ReplyAddress,
        part: &Part,
    ) -> Result<Sent, SendError> {
        let target = Target::read(address)?;
        let stored: Stored = serde_json::from_value(part.payload.clone())
            .map_err(|error| refused(RefusalScope::Part, format!("not our payload: {error}")))?;
        let with_markup = self.message(&target, &stored, &stored.html).parse_mode(ParseMode::Html);
        match self.post_message(&with_markup).await {
            Err(SendError::Refused { scope: RefusalScope::Part, reason })
                if reason.contains("can't parse entities") =>
            {
                tracing::warn!(reason, "Telegram cannot read our markup, sending plain text");
                self.post_message(&self.message(&target, &stored, &stored.plain)).await
            }
            other => other,
        }
    }

    /// Answers a press, shows typing for a question; what goes wrong here is only logged.
    pub(super) async fn acknowledge(&self, message: &InboundMessage, room: Room) {
        let to_us = matches!(message.place, Place::Private | Place::Group { addressed: true, .. });
        let outcome = match &message.content {
            Content::Press { .. } => {
                let Some(id) = message.event_key.strip_prefix("press:") else { return };
                let answer = AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()));
                self.ask::<_, bool>(&answer).await
            }
            Content::Text { .. } | Content::Command { command: Command::Ask, .. }
                if to_us && room == Room::Given =>
            {
                let Ok(target) = Target::read(&message.address) else { return };
                let mut action = SendChatAction::new(target.chat, ChatAction::Typing);
                action.message_thread_id = target.thread;
                self.ask::<_, bool>(&action).await
            }
            _ => return,
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "an acknowledgement did not reach Telegram");
        }
    }

    /// Asks who we are.
    pub(super) async fn account(&self) -> Result<Account, SendError> {
        self.ask(&GetMe::new()).await
    }

    /// Like [`Api::account`], for the listener, which tells statuses apart.
    pub(super) async fn ask_account(&self) -> Result<Account, Refusal> {
        Ok(self.call(&GetMe::new()).await?.result()?.0)
    }

    /// Removes a webhook so that polling works; what waits at Telegram is kept.
    pub(super) async fn delete_webhook(&self) -> Result<bool, Refusal> {
        Ok(self.call(&DeleteWebhook::new()).await?.result()?.0)
    }

    /// Has updates delivered there with this secret; what waits at Telegram is kept.
    pub(super) async fn set_webhook(
        &self,
        url: &Url,
        secret: &SecretString,
    ) -> Result<bool, Refusal> {
        Ok(self.call(&webhook_at(url, secret)).await?.result()?.0)
    }

    /// Fetches the updates from `offset` on, waiting up to `wait_secs` (at most 50) for one.
    pub(super) async fn updates(&self, offset: i64, wait_secs: u32) -> Result<Page, Refusal> {
        let request = GetUpdates::new()
            .offset(i32::try_from(offset).unwrap_or(i32::MAX))
            .limit(100)
            .timeout(wait_secs)
            .allowed_updates(WANTED);
        let (updates, served_at) = self.call(&request).await?.result()?;
        Ok(Page { updates, served_at })
    }

    /// Sets or removes the webhook as the mode asks, and names our commands in each language.
    pub(super) async fn register(
        &self,
        mode: Mode,
        webhook: Option<&Url>,
        secret: Option<&SecretString>,
    ) -> Result<Vec<String>, SendError> {
        let mut done = Vec::new();
        match (mode, webhook, secret) {
            (Mode::Poll, ..) => {
                self.ask::<_, bool>(&DeleteWebhook::new()).await?;
                done.push("webhook removed: updates are polled".to_owned());
            }
            (Mode::Webhook, Some(url), Some(secret)) => {
                self.ask::<_, bool>(&webhook_at(url, secret)).await?;
                done.push(format!("webhook set to {url} with a secret"));
            }
            (Mode::Webhook, None, _) => {
                done.push("webhook not set: there is no public address".to_owned());
            }
            (Mode::Webhook, Some(_), None) => {
                done.push("webhook not set: there is no webhook secret".to_owned());
            }
        }
        for (language, commands) in commands::all() {
            let mut request = SetMyCommands::new(commands);
            if let Some(language) = language {
                request = request.language_code(language);
            }
            self.ask::<_, bool>(&request).await?;
        }
        done.push("commands set in nine languages".to_owned());
        Ok(done)
    }

    fn message(&self, target: &Target, stored: &Stored, text: &str) -> SendMessage {
        let mut message =
            SendMessage::new(target.chat, text).link_preview_options(self.preview_options());
        message.message_thread_id = target.thread;
        // In private it is plain what is answered; in a group (ids below zero) it must be shown.
        if target.chat.0 < 0
            && let Some(id) = stored.reply_to.as_deref().and_then(|id| id.parse().ok())
        {
            let reply = ReplyParameters::new(MessageId(id)).allow_sending_without_reply();
            message = message.reply_parameters(reply);
        }
        if stored.buttons.is_empty() {
            return message;
        }
        let rows = stored.buttons.iter().map(|row| {
            row.iter().map(|button| {
                let data = InlineKeyboardButtonKind::CallbackData(button.id.clone());
                InlineKeyboardButton::new(button.label.clone(), data)
            })
        });
        message.reply_markup(InlineKeyboardMarkup::new(rows))
    }

    fn preview_options(&self) -> LinkPreviewOptions {
        LinkPreviewOptions {
            is_disabled: !self.previews,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        }
    }

    async fn post_message(&self, message: &SendMessage) -> Result<Sent, SendError> {
        let value: Value = self.ask(message).await?;
        let sent: Option<SentMessage> = serde_json::from_value(value).ok();
        Ok(Sent { message_id: sent.map(|sent| sent.message_id.to_string()) })
    }

    async fn ask<P, T>(&self, payload: &P) -> Result<T, SendError>
    where
        P: Payload + Serialize + Sync,
        T: DeserializeOwned,
    {
        let value = outcome(self.call(payload).await?)?;
        serde_json::from_value(value)
            .map_err(|error| SendError::Unknown { reason: format!("unreadable answer: {error}") })
    }

    /// One request. `Err` only if there is no status: never connected, or lost on the way.
    async fn call<P>(&self, payload: &P) -> Result<Answer, SendError>
    where
        P: Payload + Serialize + Sync,
    {
        // A long poll says how long Telegram itself may wait.
        let time_out = self.time_out + payload.timeout_hint().unwrap_or_default();
        let url =
            format!("{}/bot{}/{}", self.base, self.token.expose_secret(), method_name(P::NAME));
        let request = self.http.post(url).timeout(time_out).json(payload);
        let response = request.send().await.map_err(|error| {
            // The address contains the token.
            let error = error.without_url();
            let reason = with_causes(&error);
            if error.is_connect() || error.is_builder() {
                SendError::NotSent { reason }
            } else {
                SendError::Unknown { reason }
            }
        })?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header(http::header::RETRY_AFTER).and_then(|value| value.parse().ok());
        let served_at = header(http::header::DATE)
            .and_then(|value| jiff::fmt::rfc2822::parse(value).ok())
            .map(|date| date.timestamp());
        let status = response.status().as_u16();
        let envelope: Option<Envelope> =
            response.bytes().await.ok().and_then(|body| serde_json::from_slice(&body).ok());
        Ok(Answer {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            served_at,
            envelope,
        })
    }
}

fn webhook_at(url: &Url, secret: &SecretString) -> SetWebhook {
    SetWebhook::new(url.clone()).secret_token(secret.expose_secret()).allowed_updates(WANTED)
}

/// The number before the colon is the bot's user id.
pub(super) fn id_in_token(token: &SecretString) -> Option<i64> {
    token.expose_secret().split_once(':')?.0.parse().ok()
}

/// A chat and perhaps a topic in it.
struct Target {
    chat: ChatId,
    thread: Option<ThreadId>,
}

impl Target {
    fn read(address: &ReplyAddress) -> Result<Self, SendError> {
        let (chat, thread) = match address.value.split_once('/') {
            Some((chat, thread)) => (chat, Some(thread)),
            None => (address.value.as_str(), None),
        };
        let chat = chat.parse().map(ChatId);
        let thread = thread.map(str::parse).transpose();
        let (Ok(chat), Ok(thread)) = (chat, thread) else {
            let reason = format!("not a Telegram address: {:?}", address.value);
            return Err(refused(RefusalScope::Conversation, reason));
        };
        Ok(Self { chat, thread: thread.map(|id| ThreadId(MessageId(id))) })
    }
}

/// As the documentation spells it: `sendMessage`.
fn method_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn refused(scope: RefusalScope, reason: String) -> SendError {
    SendError::Refused { scope, reason }
}
