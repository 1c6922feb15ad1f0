//! Proof that a webhook delivery comes from GitHub: an HMAC-SHA256 of the raw body.
//! <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>

use bytes::Bytes;
use secrecy::SecretString;

use crate::text::hex_signature;
use crate::{ReceiveError, WebhookRequest};

/// Where GitHub puts the signature of the raw body.
pub(super) const SIGNATURE_HEADER: &str = "x-hub-signature-256";

/// Bytes whose signature has been checked. Only [`verify`] makes one.
pub(super) struct VerifiedBody(Bytes);

impl VerifiedBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Checks the signature of the raw body in constant time.
pub(super) fn verify(
    request: &WebhookRequest,
    secret: Option<&SecretString>,
) -> Result<VerifiedBody, ReceiveError> {
    let refused = |reason: &str| ReceiveError::Unverified(reason.to_owned());
    let secret = secret.ok_or_else(|| refused("this repository has no webhook secret"))?;
    let given = request.headers.get(SIGNATURE_HEADER);
    let given = given.ok_or_else(|| refused("the signature header is missing"))?;
    hex_signature::verify(secret, &request.body, given.as_bytes()).map_err(refused)?;
    Ok(VerifiedBody(request.body.clone()))
}
