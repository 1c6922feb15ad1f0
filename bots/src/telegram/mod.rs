//! Telegram: long poll or webhook in, `sendMessage` out.
//!
//! teloxide gives the methods and their types; the transport is our own client, because teloxide's
//! sleeps inside on a 5xx and hides what the outbox must know. What Telegram sends is read with
//! tolerant structs of our own: a customer's message must not vanish because some other field of
//! it is newer than a library. Must not know: anything outside this crate.

mod receive;
mod render;
mod send;
mod verify;
mod wire;

#[cfg(feature = "fakes")]
pub mod fake;

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::{
    AccountName, Adapter, Amendment, Amends, ChannelKind, Host, InboundMessage, Outgoing, Part,
    Quota, QuotaScope, ReceiveError, Received, Reply, ReplyAddress, Room, SendError, Sent,
    WebhookRequest,
};
use receive::Me;
use send::Api;

/// Settings of one Telegram bot.
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// The bot's token as `@BotFather` gave it, `<id>:<secret>`.
    pub token: SecretString,
    /// What Telegram repeats in every webhook delivery, 1–256 of `A-Za-z0-9_-`; without it every
    /// delivery is refused.
    pub webhook_secret: Option<SecretString>,
    /// Scheme, host and port of the Bot API.
    pub api_url: Url,
    /// How updates come.
    pub mode: Mode,
    /// Whether Telegram shows a preview of the first link in a message.
    pub link_previews: bool,
}

/// How a bot's updates come; Telegram allows one way at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// We ask (`getUpdates`).
    Poll,
    /// Telegram calls us.
    Webhook,
}

/// How long to wait for an answer, and after trouble; the listener's waits double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to a call; a long poll may take its own waiting longer.
    pub answer: Duration,
    /// After no answer or a broken one.
    pub after_trouble: Duration,
    /// After another instance polled with the same token.
    pub after_conflict: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            after_trouble: Duration::from_secs(1),
            after_conflict: Duration::from_secs(5),
            longest: Duration::from_mins(1),
        }
    }
}

/// One Telegram bot.
pub struct Telegram {
    api: Api,
    webhook_secret: Option<SecretString>,
    mode: Mode,
    patience: Patience,
    /// The id in the token: known before Telegram was ever asked.
    own_id: Option<i64>,
    account: OnceLock<wire::Account>,
}

/// Limits of <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>:
/// 30 per second in all, one per second to a chat, 20 per minute to a group. Rate and burst together
/// stay within them in any window, also where messages arrive a little closer together than they
/// left; a burst of two lets a sender that looks a moment late catch up.
static QUOTAS: [Quota; 3] = [
    Quota { scope: QuotaScope::Channel, n: 276, per: Duration::from_secs(10), burst: 2 },
    Quota { scope: QuotaScope::Conversation, n: 1, per: Duration::from_millis(1100), burst: 1 },
    Quota { scope: QuotaScope::Group, n: 18, per: Duration::from_mins(1), burst: 2 },
];

impl Telegram {
    /// A bot with these settings; nothing is asked of Telegram yet.
    ///
    /// `http` must not follow redirects; every call sets its own time-out ([`Patience`]).
    pub fn new(config: TelegramConfig, http: reqwest::Client) -> Self {
        let own_id = send::id_in_token(&config.token);
        let patience = Patience::default();
        Self {
            api: Api::new(http, &config.api_url, config.token, patience.answer)
                .with_previews(config.link_previews),
            webhook_secret: config.webhook_secret,
            mode: config.mode,
            patience,
            own_id,
            account: OnceLock::new(),
        }
    }

    /// The same bot with other waits.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.api.answer_within(patience.answer);
        self.patience = patience;
        self
    }

    fn me(&self) -> Me<'_> {
        let account = self.account.get();
        Me {
            id: account.map(|account| account.id).or(self.own_id),
            username: account.and_then(|account| account.username.as_deref()),
        }
    }

    /// Asks Telegram who we are and remembers it.
    async fn learn_account(&self) -> Result<wire::Account, SendError> {
        let account = self.api.account().await?;
        let _ = self.account.set(account.clone());
        Ok(account)
    }
}

#[async_trait]
impl Adapter for Telegram {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Telegram
    }

    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError> {
        let body = verify::verify(request, self.webhook_secret.as_ref())?;
        receive::decode_delivery(&body, &self.me(), now)
    }

    fn is_delivered_to(&self) -> bool {
        self.mode == Mode::Webhook
    }

    async fn listen(&self, host: Host) {
        receive::listen(self, &host).await;
    }

    async fn acknowledge(&self, message: &InboundMessage, room: Room) {
        self.api.acknowledge(message, room).await;
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        render::render(reply)
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        self.api.send(outgoing.address, outgoing.part).await
    }

    async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        self.api.amend(outgoing, amendment).await
    }

    fn amends(&self, address: &ReplyAddress) -> Amends {
        let _ = address;
        Amends { edit: true, delete: false }
    }

    fn repeats_safely(&self) -> bool {
        false
    }

    fn quotas(&self) -> &'static [Quota] {
        &QUOTAS
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        let account = self.learn_account().await?;
        let mut notes = Vec::new();
        if !account.can_read_all_group_messages {
            notes.push(
                "In groups the bot hears only commands, replies and messages that Telegram \
                 shows it: privacy mode is on (BotFather, /setprivacy)."
                    .to_owned(),
            );
        }
        if !account.can_join_groups {
            notes.push("The bot cannot be added to groups (BotFather, /setjoingroups).".to_owned());
        }
        let name = account.username.map_or(account.first_name, |username| format!("@{username}"));
        Ok(AccountName { name, notes })
    }

    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError> {
        self.api.register(self.mode, webhook, self.webhook_secret.as_ref()).await
    }
}
