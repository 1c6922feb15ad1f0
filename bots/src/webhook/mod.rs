//! The generic channel: any system that can sign a JSON post can be a channel of ours.
//!
//! In and out follow Standard Webhooks (<https://www.standardwebhooks.com>). Must not know what
//! stands behind the address it posts to.

mod receive;
mod render;
mod send;
mod verify;
mod wire;

#[cfg(feature = "fakes")]
pub mod fake;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::{
    AccountName, Adapter, ChannelKind, Outgoing, Part, Quota, ReceiveError, Received, Reply,
    SendError, Sent, WebhookRequest,
};
pub(crate) use send::post_signed;
pub use verify::SecretError;
pub(crate) use verify::Signers;

/// Settings of one generic channel.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// `whsec_<base64>`; all verify what comes in, the first signs what goes out.
    pub secrets: Vec<SecretString>,
    /// Where replies are posted; without it they are only read over the API.
    pub reply_url: Option<Url>,
}

impl WebhookConfig {
    /// Whether the secrets can be used.
    pub fn check(&self) -> Result<(), SecretError> {
        Signers::new(&self.secrets).map(drop)
    }
}

/// One generic channel.
pub struct Webhook {
    signers: Signers,
    reply_url: Option<Url>,
    http: reqwest::Client,
    time_out: Duration,
}

impl Webhook {
    /// A channel with these settings.
    ///
    /// `http` must not follow redirects. Errors: [`SecretError`] if there is no secret or one is
    /// not base64 after `whsec_`.
    pub fn new(config: WebhookConfig, http: reqwest::Client) -> Result<Self, SecretError> {
        let signers = Signers::new(&config.secrets)?;
        let time_out = Duration::from_secs(10);
        Ok(Self { signers, reply_url: config.reply_url, http, time_out })
    }

    /// The same channel with another time for the receiver to answer than ten seconds.
    #[must_use]
    pub fn with_time_out(self, time_out: Duration) -> Self {
        Self { time_out, ..self }
    }
}

#[async_trait]
impl Adapter for Webhook {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError> {
        receive::decode(&self.signers.verify(request, now)?, now)
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        vec![render::render(reply)]
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        let Some(url) = &self.reply_url else {
            return Ok(Sent { message_id: None });
        };
        let request = self.http.post(url.clone()).timeout(self.time_out);
        send::post(request, &self.signers, outgoing).await
    }

    fn repeats_safely(&self) -> bool {
        true
    }

    fn quotas(&self) -> &'static [Quota] {
        &[]
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        let notes = match &self.reply_url {
            Some(_) => Vec::new(),
            None => vec!["No reply address is set: replies are read over the API.".to_owned()],
        };
        let name = self.reply_url.as_ref().and_then(Url::host_str).unwrap_or("webhook").to_owned();
        Ok(AccountName { name, notes })
    }

    async fn register(&self, webhook: Option<&Url>) -> Result<Vec<String>, SendError> {
        Ok(vec![match webhook {
            Some(url) => format!("nothing to set: post signed messages to {url}"),
            None => "nothing to set: post signed messages to /webhooks/webhook".to_owned(),
        }])
    }
}
