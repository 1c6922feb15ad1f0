//! Standard Webhooks signatures: `v1,` and the base64 of an HMAC over `id.timestamp.body`.
//!
//! The library signs; it verifies against the computer's own clock and one secret only, so the
//! comparison, the window and the rotation of secrets are here.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer,
};
use subtle::ConstantTimeEq;

use crate::{ReceiveError, WebhookRequest};

/// How far the signed time may lie from now, either way.
const WINDOW_SECS: u64 = 300;

/// Bytes whose signature has been checked. Only [`Signers::verify`] makes one.
pub(super) struct VerifiedBody(Bytes);

impl VerifiedBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a list of secrets cannot be used; says nothing of the secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The list is empty.
    #[error("the webhook channel needs at least one secret")]
    Missing,
    /// One of them cannot be read.
    #[error("webhook secret number {number} is not base64 after \"whsec_\"")]
    Malformed {
        /// Counted from 1.
        number: usize,
    },
}

/// All secrets of a channel; never empty.
pub(crate) struct Signers(Vec<Signer>);

impl fmt::Debug for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signers({})", self.0.len())
    }
}

impl Signers {
    pub(crate) fn new(secrets: &[SecretString]) -> Result<Self, SecretError> {
        if secrets.is_empty() {
            return Err(SecretError::Missing);
        }
        let signers = secrets.iter().enumerate().map(|(n, secret)| {
            let malformed = SecretError::Malformed { number: n + 1 };
            let key_is_empty = secret.expose_secret().trim_start_matches("whsec_").is_empty();
            match Signer::new(secret.expose_secret()) {
                Ok(signer) if !key_is_empty => Ok(signer),
                _ => Err(malformed),
            }
        });
        signers.collect::<Result<_, _>>().map(Self)
    }

    /// Checks time and signature; any secret and any of several signatures may match.
    pub(super) fn verify(
        &self,
        request: &WebhookRequest,
        now: Timestamp,
    ) -> Result<VerifiedBody, ReceiveError> {
        let id = header(&request.headers, HEADER_WEBHOOK_ID)?;
        let signatures = header(&request.headers, HEADER_WEBHOOK_SIGNATURE)?;
        let seconds: i64 = header(&request.headers, HEADER_WEBHOOK_TIMESTAMP)?
            .parse()
            .map_err(|_| unverified("webhook-timestamp is not a number of seconds"))?;
        if now.as_second().abs_diff(seconds) > WINDOW_SECS {
            return Err(unverified("webhook-timestamp is more than five minutes from now"));
        }
        for signer in &self.0 {
            // A body that is not UTF-8 cannot be signed, and is not JSON either.
            let expected = signer
                .sign(id, seconds, &request.body)
                .map_err(|_| unverified("the body is not UTF-8"))?;
            let matches = |given: &str| bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
            if signatures.split(' ').any(matches) {
                return Ok(VerifiedBody(request.body.clone()));
            }
        }
        Err(unverified("no signature matches"))
    }

    /// Headers for a body of ours, by the first secret.
    pub(super) fn headers(
        &self,
        id: &str,
        now: Timestamp,
        body: &str,
    ) -> [(&'static str, String); 3] {
        let seconds = now.as_second();
        let signature = self.0[0].sign(id, seconds, body.as_bytes());
        [
            (HEADER_WEBHOOK_ID, id.to_owned()),
            (HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signature.expect("a str is UTF-8")),
        ]
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, ReceiveError> {
    let value = headers.get(name).ok_or_else(|| unverified(&format!("{name} is missing")))?;
    value.to_str().map_err(|_| unverified(&format!("{name} is not readable")))
}

fn unverified(reason: &str) -> ReceiveError {
    ReceiveError::Unverified(reason.to_owned())
}
