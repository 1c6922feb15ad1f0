//! X: webhook or polling in, posts and direct messages out, through an HTTP client of our own.
//!
//! A post may answer only who mentioned or quoted us, once, and costs money: [`Prices`] and a daily
//! cap are settings, the rules are in `permit`. Must not know: anything outside this crate.

mod auth;
mod permit;
mod prices;
mod receive;
mod render;
mod send;
mod sign;
mod verify;
mod weight;
mod wire;
mod words;

#[cfg(feature = "fakes")]
pub mod fake;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::sync::Notify;
use url::Url;

use crate::{
    AccountName, Adapter, Amendment, Amends, ChallengeAnswer, ChannelKind, Consent, Content, Facts,
    GoesOn, Host, InboundMessage, Keeper, Outgoing, Part, Permit, Quota, QuotaScope, ReceiveError,
    Received, RefusalScope, Reply, ReplyAddress, ReplyKind, SendError, Sent, WebhookRequest,
};
use auth::Auth;
use receive::Me;
use send::Api;

pub use prices::{PriceError, Prices};
pub use render::Style280;
pub use sign::AccountKeys;
pub use words::reply_words;

/// Settings of one X account.
#[derive(Clone, Debug)]
pub struct XConfig {
    /// How requests are authorised.
    pub keys: Keys,
    /// The account's id, if it is known before X was ever asked.
    pub user_id: Option<String>,
    /// How posts come.
    pub mode: Mode,
    /// How often mentions are read in [`Mode::Poll`].
    pub poll_every: Duration,
    /// US dollars a day (UTC) may cost.
    pub daily_spend_cap: f64,
    /// What X charges.
    pub prices: Prices,
    /// How posts look.
    pub style: Style280,
    /// Scheme, host and port of the API.
    pub api_url: Url,
}

/// How requests are authorised.
#[derive(Clone, Debug)]
pub enum Keys {
    /// OAuth 1.0a: four keys that last.
    Account(AccountKeys),
    /// OAuth 2.0 with PKCE: a refresh token that works once.
    User(UserKeys),
}

/// OAuth 2.0: an application that a person authorised.
#[derive(Clone, Debug)]
pub struct UserKeys {
    /// `X_CLIENT_ID`.
    pub client_id: String,
    /// `X_CLIENT_SECRET`; public clients have none.
    pub client_secret: Option<SecretString>,
    /// The first refresh token, `X_REFRESH_TOKEN`, if it is not got by signing in; those that follow
    /// are kept by the application.
    pub refresh_token: Option<SecretString>,
    /// The application's own keys, which webhooks need.
    pub consumer: Option<ConsumerKeys>,
}

/// The application's own keys.
#[derive(Clone, Debug)]
pub struct ConsumerKeys {
    /// `X_CONSUMER_KEY`.
    pub key: String,
    /// `X_CONSUMER_SECRET`.
    pub secret: SecretString,
}

impl Keys {
    /// Signs webhook deliveries and challenges.
    fn consumer_secret(&self) -> Option<&SecretString> {
        match self {
            Self::Account(keys) => Some(&keys.consumer_secret),
            Self::User(keys) => keys.consumer.as_ref().map(|consumer| &consumer.secret),
        }
    }
}

/// How posts come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// We ask.
    Poll,
    /// X calls us; every five minutes we ask all the same.
    Webhook,
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
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            after_trouble: Duration::from_secs(1),
            longest: Duration::from_mins(1),
        }
    }
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the application lends an account.
#[derive(Clone)]
pub struct Surroundings {
    /// Tells the time.
    pub now: Clock,
    /// A random number nobody else knows.
    pub seed: u64,
    /// Keeps the rotating refresh token.
    pub keeper: Arc<dyn Keeper>,
}

/// One X account.
pub struct X {
    api: Api,
    consumer_secret: Option<SecretString>,
    user_id: Option<String>,
    mode: Mode,
    poll_every: Duration,
    daily_spend_cap: f64,
    prices: Prices,
    style: Style280,
    patience: Patience,
    account: OnceLock<(String, Option<String>)>,
    /// Ends the listener's wait once somebody has signed in.
    signed_in: Notify,
}

/// Limits of <https://docs.x.com/x-api/fundamentals/rate-limits>: 100 posts in fifteen minutes, which
/// rate and burst together never exceed, nor the day's 10,000. The 15 direct messages in the same
/// time are counted where they are sent, with what X says is left.
static QUOTAS: [Quota; 1] =
    [Quota { scope: QuotaScope::Channel, n: 90, per: Duration::from_mins(15), burst: 10 }];

impl X {
    /// An account with these settings; nothing is asked of X yet.
    ///
    /// `http` must not follow redirects; every call sets its own time-out ([`Patience`]).
    pub fn new(config: XConfig, http: reqwest::Client, around: Surroundings) -> Self {
        let patience = Patience::default();
        let consumer_secret = config.keys.consumer_secret().cloned();
        let auth = Auth::new(config.keys, around.keeper, around.seed);
        Self {
            api: Api::new(http, &config.api_url, auth, around.now, patience.answer),
            consumer_secret,
            user_id: config.user_id,
            mode: config.mode,
            poll_every: config.poll_every,
            daily_spend_cap: config.daily_spend_cap,
            prices: config.prices,
            style: config.style,
            patience,
            account: OnceLock::new(),
            signed_in: Notify::new(),
        }
    }

    /// The same account with other waits.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.api.answer_within(patience.answer);
        self.patience = patience;
        self
    }

    /// Reads mentions and direct messages once, as the listener does again and again.
    pub async fn poll_once(&self, host: &Host) -> Result<(), SendError> {
        receive::poll_once(self, host).await
    }

    fn me(&self) -> Me<'_> {
        let account = self.account.get();
        Me {
            id: account.map(|(id, _)| id.as_str()).or(self.user_id.as_deref()),
            username: account.and_then(|(_, username)| username.as_deref()),
        }
    }

    /// Asks X who we are and remembers it.
    async fn learn_account(&self) -> Result<(String, Option<String>), SendError> {
        let user = self.api.account().await?;
        let id = user
            .key()
            .map(str::to_owned)
            .ok_or_else(|| SendError::Unknown { reason: "X did not say who we are".to_owned() })?;
        let account = (id, user.username);
        let _ = self.account.set(account.clone());
        Ok(account)
    }
}

#[async_trait]
impl Adapter for X {
    fn kind(&self) -> ChannelKind {
        ChannelKind::X
    }

    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError> {
        let body = verify::verify(request, self.consumer_secret.as_ref())?;
        receive::decode_delivery(&body, &self.me(), now)
    }

    fn challenge(&self, query: &str) -> Option<ChallengeAnswer> {
        Some(verify::challenge(query, self.consumer_secret.as_ref()))
    }

    fn is_delivered_to(&self) -> bool {
        self.mode == Mode::Webhook
    }

    async fn listen(&self, host: Host) {
        receive::listen(self, &host).await;
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        render::render_posts(reply, self.style)
    }

    fn render_for(&self, reply: &Reply, address: &ReplyAddress) -> Vec<Part> {
        if is_direct(address) { render::render_direct(reply) } else { self.render(reply) }
    }

    fn goes_on(&self, reply: &Reply, address: &ReplyAddress) -> Option<GoesOn> {
        if !self.style.more_in_direct || is_direct(address) {
            return None;
        }
        let person = address.value.split('/').next()?;
        let public = render::render_teaser(reply, self.style)?;
        Some(GoesOn { conversation: format!("dm:{person}"), public })
    }

    fn has_buttons(&self) -> bool {
        false
    }

    fn answers_posts(&self) -> bool {
        true
    }

    fn daily_cap(&self) -> Option<f64> {
        Some(self.daily_spend_cap)
    }

    fn cost(&self, part: &Part, address: &ReplyAddress) -> f64 {
        if is_direct(address) {
            return self.prices.dm;
        }
        let payload: Option<render::Payload> = serde_json::from_value(part.payload.clone()).ok();
        match payload {
            Some(payload) if payload.has_link => self.prices.link,
            Some(payload) if payload.number > 0 => self.prices.post,
            _ => self.prices.reply,
        }
    }

    fn cost_of_hearing(&self, message: &InboundMessage) -> f64 {
        let is_said = !matches!(
            message.content,
            Content::Deleted { .. } | Content::Closed { .. } | Content::Opened
        );
        if is_said && is_direct(&message.address) { self.prices.dm_event } else { 0.0 }
    }

    fn permit(&self, kind: ReplyKind, facts: &Facts) -> Permit {
        permit::permit(kind, facts, self.daily_spend_cap)
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        self.api.send(outgoing).await
    }

    async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        self.api.amend(outgoing, amendment).await
    }

    fn amends(&self, address: &ReplyAddress) -> Amends {
        // Direct messages cannot be taken back.
        Amends { edit: false, delete: !address.value.starts_with("dm:") }
    }

    /// X refuses a text it has already, and direct messages are looked for before they are repeated.
    fn repeats_safely(&self) -> bool {
        true
    }

    fn quotas(&self) -> &'static [Quota] {
        &QUOTAS
    }

    fn consent_link(&self, consent: &Consent) -> Option<Url> {
        self.api.consent_link(consent)
    }

    async fn take_consent(&self, consent: &Consent, code: &str) -> Result<AccountName, SendError> {
        self.api.take_consent(consent, code).await?;
        self.signed_in.notify_waiters();
        self.check().await
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        let (id, username) = self.learn_account().await?;
        let mut notes = vec![
            "Label the account as \"Automated\" and name in its profile who runs it: X requires \
             both, and its approval for replies written by a model."
                .to_owned(),
        ];
        if let Some(wanted) = self.user_id.as_ref().filter(|wanted| **wanted != id) {
            notes.push(format!("X_USER_ID is {wanted}, but the keys belong to {id}."));
        }
        if self.mode == Mode::Webhook && self.consumer_secret.is_none() {
            notes.push("Webhooks need X_CONSUMER_KEY and X_CONSUMER_SECRET.".to_owned());
        }
        let name = username.map_or(id, |username| format!("@{username}"));
        Ok(AccountName { name, notes })
    }

    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError> {
        let (id, _) = self.learn_account().await?;
        let mut done = match (self.mode, webhook) {
            (Mode::Poll, _) => vec!["nothing to set: mentions are polled".to_owned()],
            (Mode::Webhook, None) => {
                vec!["webhook not set: there is no public address".to_owned()]
            }
            (Mode::Webhook, Some(url)) => match self.api.register_webhook(url, &id).await {
                Err(SendError::Refused { scope: RefusalScope::Part, reason }) => {
                    vec![format!("webhook not set: {reason}")]
                }
                outcome => outcome?,
            },
        };
        done.push(
            "remember: switch on the \"Automated\" label in the account's settings".to_owned(),
        );
        Ok(done)
    }
}

fn is_direct(address: &ReplyAddress) -> bool {
    address.value.starts_with("dm:")
}
