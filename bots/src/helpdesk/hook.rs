//! Any system that takes a webhook: events posted as JSON, signed after Standard Webhooks; it
//! answers over our API. <https://www.standardwebhooks.com>

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::{Attempt, DeskEvent, FromDesk, HelpDesk};
use crate::webhook::{SecretError, Signers, post_signed};
use crate::{ReceiveError, RefusalScope, SendError, WebhookRequest};

/// How long the receiver may take.
const TIME_OUT: Duration = Duration::from_secs(10);

/// A system behind a signed webhook.
pub struct Hook {
    url: Url,
    signers: Signers,
    http: reqwest::Client,
}

impl Hook {
    /// Posts to `url`, signed with `secret` (`whsec_<base64>`).
    ///
    /// Errors: [`SecretError`] if the secret is not base64 after `whsec_`.
    pub fn new(
        url: Url,
        secret: &SecretString,
        http: reqwest::Client,
    ) -> Result<Self, SecretError> {
        Ok(Self { url, signers: Signers::new(std::slice::from_ref(secret))?, http })
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({})", self.url.host_str().unwrap_or_default())
    }
}

#[async_trait]
impl HelpDesk for Hook {
    fn name(&self) -> &'static str {
        "the help desk"
    }

    async fn deliver(
        &self,
        event: &DeskEvent,
        attempt: Attempt<'_>,
    ) -> Result<Option<String>, SendError> {
        let body = serde_json::to_string(event).map_err(|error| SendError::Refused {
            scope: RefusalScope::Part,
            reason: error.to_string(),
        })?;
        let request = self.http.post(self.url.clone()).timeout(TIME_OUT);
        post_signed(request, &self.signers, (attempt.id, attempt.now), body).await?;
        Ok(None)
    }

    fn receive(&self, _: &WebhookRequest, _: Timestamp) -> Result<Vec<FromDesk>, ReceiveError> {
        let reason = "this help desk answers over the API: /api/v1/escalations/{id}/reply";
        Err(ReceiveError::Undecodable(reason.to_owned()))
    }
}
