//! Proof that a webhook delivery comes from X, and our proof to X that the webhook is ours: both
//! an HMAC-SHA256 with the application's consumer secret.
//! <https://docs.x.com/x-api/webhooks/quickstart>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{ChallengeAnswer, ReceiveError, WebhookRequest};

/// Where X puts the signature of the raw body.
pub(super) const SIGNATURE_HEADER: &str = "x-twitter-webhooks-signature";

/// What stands before every signature.
const SCHEME: &str = "sha256=";

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
    let secret = secret.ok_or_else(|| refused("this channel has no consumer secret"))?;
    let given = request.headers.get(SIGNATURE_HEADER);
    let given = given.ok_or_else(|| refused("the signature header is missing"))?;
    let given = given.to_str().ok().and_then(|given| given.strip_prefix(SCHEME));
    let given = given.and_then(|given| STANDARD.decode(given).ok());
    let given = given.ok_or_else(|| refused("the signature is not base64 after \"sha256=\""))?;
    match keyed(secret, &request.body).verify_slice(&given) {
        Ok(()) => Ok(VerifiedBody(request.body.clone())),
        Err(_) => Err(refused("the signature is wrong")),
    }
}

/// Answers X's challenge: `GET ?crc_token=…`, at registration and every hour.
pub(super) fn challenge(query: &str, secret: Option<&SecretString>) -> ChallengeAnswer {
    let token = url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "crc_token").then_some(value));
    let (Some(token), Some(secret)) = (token, secret) else {
        let body = r#"{"error":"crc_token is missing"}"#.to_owned();
        return ChallengeAnswer { status: 400, content_type: "application/json", body };
    };
    let body = serde_json::json!({ "response_token": signature(secret, token.as_bytes()) });
    ChallengeAnswer { status: 200, content_type: "application/json", body: body.to_string() }
}

/// `sha256=` and the signature of some bytes.
pub(super) fn signature(secret: &SecretString, bytes: &[u8]) -> String {
    format!("{SCHEME}{}", STANDARD.encode(keyed(secret, bytes).finalize().into_bytes()))
}

fn keyed(secret: &SecretString, bytes: &[u8]) -> Hmac<Sha256> {
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(bytes);
    mac
}
