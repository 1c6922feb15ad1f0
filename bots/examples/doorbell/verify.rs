//! Proof that a delivery comes from Doorbell: it repeats a secret. Nothing is decoded before.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use superfan_bots::{ReceiveError, WebhookRequest};

/// Where Doorbell repeats the secret.
pub(super) const HEADER: &str = "doorbell-secret";

/// Bytes that were checked. Only [`verify`] makes one, and decoders take nothing else.
pub(super) struct VerifiedBody(bytes::Bytes);

impl VerifiedBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Compares in constant time.
pub(super) fn verify(
    request: &WebhookRequest,
    secret: &SecretString,
) -> Result<VerifiedBody, ReceiveError> {
    let given = request.headers.get(HEADER).map_or(&b""[..], |value| value.as_bytes());
    if bool::from(given.ct_eq(secret.expose_secret().as_bytes())) {
        return Ok(VerifiedBody(request.body.clone()));
    }
    Err(ReceiveError::Unverified("the secret is wrong".to_owned()))
}
