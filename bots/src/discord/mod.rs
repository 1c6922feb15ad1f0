//! Discord: the gateway or the interactions endpoint in, messages, threads and answered
//! interactions out.
//!
//! twilight keeps the gateway's connection (heartbeats, resuming, identifying at the allowed
//! pace); serenity gives the types of commands and buttons; everything is sent by our own client,
//! because the outbox must know what Discord said. What Discord sends is read with tolerant
//! structs of our own. Must not know: anything outside this crate.

mod places;
mod receive;
mod render;
mod send;
mod verify;
mod wire;

#[cfg(feature = "fakes")]
pub mod fake;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    AccountName, Adapter, Amendment, Amends, ChannelKind, Host, InboundMessage, Outgoing, Part,
    Quota, QuotaScope, ReceiveError, Received, Reply, ReplyAddress, Room, SendError, Sent,
    StaffRoom, WebhookRequest,
};
use places::Places;
use receive::View;
use send::{Api, Sender};
pub use verify::{NotAKey, PublicKey};
use wire::Application;

/// Settings of one Discord application.
#[derive(Clone, Debug)]
pub struct DiscordConfig {
    /// The bot's token.
    pub token: SecretString,
    /// The application's id; asked for if it is not set.
    pub application_id: Option<String>,
    /// What interactions are signed with; asked for if it is not set.
    pub public_key: Option<PublicKey>,
    /// Scheme, host and port of the API.
    pub api_url: Url,
    /// How events come.
    pub mode: Mode,
    /// How an answer looks.
    pub style: Style,
    /// Whether questions in channels are answered in a thread of their own.
    pub threads: bool,
    /// Whether only the asker sees what a command is answered with.
    pub ephemeral: bool,
    /// Channels where every question is listened to; read again after a reconnect.
    pub support_places: Vec<String>,
    /// Where the brand's own people are told what waits.
    pub staff: Option<Staff>,
}

/// The channel of the brand's own people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The channel's id.
    pub channel: String,
    /// Who may act there; everybody who can write there if it is not set.
    pub role: Option<String>,
}

/// How an application's events come; interactions take one of the two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A connection that we hold: messages and interactions.
    Gateway,
    /// Discord posts interactions to us; messages are not heard.
    Interactions,
}

/// How an answer looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As an ordinary message.
    Plain,
    /// In a frame, its author below.
    Embed,
}

/// How long to wait for an answer, and after trouble; the listener's waits double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to a call.
    pub answer: Duration,
    /// After no answer or a broken one.
    pub after_trouble: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// Between two requests while reading what was missed.
    pub between_reads: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            after_trouble: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            between_reads: Duration::from_millis(50),
        }
    }
}

/// One Discord application.
pub struct Discord {
    config: DiscordConfig,
    sender: Sender,
    places: Arc<Places>,
    patience: Patience,
    /// Our user id: from the token until Discord says it.
    me: RwLock<Option<String>>,
    application: OnceLock<Application>,
    /// Discord did not let us ask for the text of messages.
    content_refused: AtomicBool,
}

/// The published limit is 50 requests per second in all: rate and burst together stay within it in
/// any window, also where requests arrive a little closer together than they left. Channels have
/// buckets of their own, of which the answers tell: five in five seconds is their size.
static QUOTAS: [Quota; 2] = [
    Quota { scope: QuotaScope::Channel, n: 46, per: Duration::from_secs(1), burst: 3 },
    Quota { scope: QuotaScope::Conversation, n: 5, per: Duration::from_secs(5), burst: 5 },
];

/// Application flags that say we may read the text of messages.
/// <https://discord.com/developers/docs/resources/application#application-object-application-flags>
const MAY_READ: u64 = 1 << 18 | 1 << 19;

/// What the operator is told where the text of messages may not be read.
const NO_CONTENT: &str = "The message content intent is off (developer portal, Bot): the bot hears \
                          commands, mentions, replies to it and direct messages, nothing else.";

impl Discord {
    /// An application with these settings; nothing is asked of Discord yet.
    ///
    /// `http` must not follow redirects; every call sets its own time-out ([`Patience`]).
    pub fn new(config: DiscordConfig, http: reqwest::Client) -> Self {
        let patience = Patience::default();
        let places = Arc::<Places>::default();
        let api = Api::new(http, &config.api_url, config.token.clone(), patience.answer);
        Self {
            sender: Sender { api, places: places.clone() },
            places,
            patience,
            me: RwLock::new(id_in_token(&config.token)),
            application: OnceLock::new(),
            content_refused: AtomicBool::new(false),
            config,
        }
    }

    /// The same application with other waits.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.sender.api.answer_within(patience.answer);
        self.patience = patience;
        self
    }

    fn me(&self) -> Option<String> {
        self.me.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_now(&self, me: &str) {
        *self.me.write().unwrap_or_else(PoisonError::into_inner) = Some(me.to_owned());
    }

    fn view<'a>(&'a self, me: Option<&'a str>, now: Timestamp) -> View<'a> {
        View {
            me,
            places: &self.places,
            threads: self.config.threads,
            support: &self.config.support_places,
            ephemeral: self.config.ephemeral,
            staff: self.config.staff.as_ref(),
            now,
        }
    }

    /// Asks Discord what the application is, once.
    async fn application(&self) -> Result<&Application, SendError> {
        if let Some(known) = self.application.get() {
            return Ok(known);
        }
        let value = self.sender.api.fetch("applications/@me").await.map_err(|f| f.error)?;
        let application = serde_json::from_value(value).map_err(|error| SendError::Unknown {
            reason: format!("unreadable answer: {error}"),
        })?;
        Ok(self.application.get_or_init(|| application))
    }

    fn public_key(&self) -> Option<PublicKey> {
        let asked = || PublicKey::from_hex(self.application.get()?.verify_key.as_deref()?).ok();
        self.config.public_key.clone().or_else(asked)
    }

    /// Who we are, and what the operator should know of the application.
    async fn look_around(&self) -> Result<AccountName, SendError> {
        let user = self.sender.account().await?;
        self.is_now(&user.id);
        let mut notes = Vec::new();
        // Not every bot may ask this; what it would tell is advice only.
        let application = self.application().await.ok();
        let may_read = application.is_none_or(|application| application.flags & MAY_READ != 0);
        let refused = self.content_refused.load(Ordering::Relaxed);
        let posted = application.and_then(|one| one.interactions_endpoint_url.as_deref());
        match self.config.mode {
            Mode::Gateway => {
                if refused || !may_read {
                    notes.push(NO_CONTENT.to_owned());
                }
                if let Some(url) = posted {
                    notes.push(format!(
                        "Discord posts commands and buttons to {url}, so the gateway does not get \
                         them: remove the interactions endpoint, or set DISCORD_MODE=interactions."
                    ));
                }
            }
            Mode::Interactions => {
                let words = "Only commands and buttons are heard: messages need \
                             DISCORD_MODE=gateway.";
                notes.push(words.to_owned());
                if posted.is_none() && application.is_some() {
                    let words =
                        "No interactions endpoint is set: run `superfan channels register`.";
                    notes.push(words.to_owned());
                }
                if self.public_key().is_none() {
                    notes.push("DISCORD_PUBLIC_KEY is missing: nothing is accepted.".to_owned());
                }
            }
        }
        notes.extend(self.staff_note().await);
        let name = format!("@{}", user.username);
        Ok(AccountName { name, notes })
    }
}

impl Discord {
    /// What stands in the way of the staff channel.
    async fn staff_note(&self) -> Option<String> {
        let staff = self.config.staff.as_ref()?;
        let path = format!("channels/{}", staff.channel);
        if let Err(failure) = self.sender.api.fetch(&path).await {
            return Some(format!("DISCORD_STAFF_CHANNEL_ID cannot be used: {}", failure.error));
        }
        (self.config.mode == Mode::Interactions).then(|| {
            "The staff channel has buttons only: what moderators write in threads needs \
             DISCORD_MODE=gateway."
                .to_owned()
        })
    }
}

/// The part before the first dot is the bot's user id in base64.
fn id_in_token(token: &SecretString) -> Option<String> {
    let (id, _) = token.expose_secret().split_once('.')?;
    let id = STANDARD_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
    let id = String::from_utf8(id).ok()?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then_some(id)
}

#[async_trait]
impl Adapter for Discord {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Discord
    }

    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError> {
        let body = verify::verify(request, self.public_key().as_ref(), now)?;
        let me = self.me();
        receive::decode_delivery(&body, &self.view(me.as_deref(), now))
    }

    fn is_delivered_to(&self) -> bool {
        self.config.mode == Mode::Interactions
    }

    async fn listen(&self, host: Host) {
        receive::listen(self, &host).await;
    }

    async fn acknowledge(&self, message: &InboundMessage, room: Room) {
        self.sender.acknowledge(message, room).await;
    }

    fn keeps_waiting(&self, message: &InboundMessage) -> bool {
        message.message_id.as_deref().is_some_and(receive::keeps_waiting)
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        render::render(reply, self.config.style)
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        self.sender.send(outgoing).await
    }

    async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        self.sender.amend(outgoing, amendment).await
    }

    fn amends(&self, address: &ReplyAddress) -> Amends {
        let _ = address;
        Amends { edit: true, delete: true }
    }

    fn staff_room(&self, under: Option<&str>) -> Option<StaffRoom> {
        let channel = &self.config.staff.as_ref()?.channel;
        // A thread under a message has the message's id; our first words there open it.
        let value =
            under.map_or_else(|| channel.clone(), |card| format!("thread:{channel}/{card}"));
        Some(StaffRoom {
            conversation: under.unwrap_or(channel).to_owned(),
            address: ReplyAddress { value, expires_at: None },
            place: channel.clone(),
        })
    }

    fn repeats_safely(&self) -> bool {
        true
    }

    fn n_calls(&self, address: &ReplyAddress) -> u32 {
        self.sender.n_calls(address)
    }

    fn quotas(&self) -> &'static [Quota] {
        &QUOTAS
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        self.look_around().await
    }

    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError> {
        let application = match &self.config.application_id {
            Some(id) => id.clone(),
            None => self.application().await?.id.clone(),
        };
        let by_post = self.config.mode == Mode::Interactions;
        let mut done = self.sender.register(&application, webhook.filter(|_| by_post)).await?;
        if by_post && webhook.is_none() {
            done.push("interactions endpoint not set: there is no public address".to_owned());
        }
        Ok(done)
    }
}
