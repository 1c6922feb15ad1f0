//! Proof that a webhook delivery comes from Telegram: the secret we gave it, repeated in a header.

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::{ReceiveError, WebhookRequest};

/// Where Telegram repeats the secret. <https://core.telegram.org/bots/api#setwebhook>
pub(super) const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Bytes whose sender has been checked. Only [`verify`] makes one.
pub(super) struct VerifiedBody(Bytes);

impl VerifiedBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Checks the secret header in constant time; without a secret of ours nothing passes.
pub(super) fn verify(
    request: &WebhookRequest,
    secret: Option<&SecretString>,
) -> Result<VerifiedBody, ReceiveError> {
    let refused = |reason: &str| Err(ReceiveError::Unverified(reason.to_owned()));
    let Some(secret) = secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty())
    else {
        return refused("this channel has no webhook secret");
    };
    let Some(given) = request.headers.get(SECRET_HEADER) else {
        return refused("the secret header is missing");
    };
    if bool::from(given.as_bytes().ct_eq(secret.as_bytes())) {
        Ok(VerifiedBody(request.body.clone()))
    } else {
        refused("the secret header is wrong")
    }
}
