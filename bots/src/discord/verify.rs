//! Proof that an interaction comes from Discord: Ed25519 over the timestamp and the raw body.
//! <https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint>

use bytes::Bytes;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::{SignedDuration, Timestamp};

use crate::{ReceiveError, WebhookRequest};

/// Where Discord puts the signature, in hex.
pub(super) const SIGNATURE_HEADER: &str = "x-signature-ed25519";
/// Where Discord puts the time it signed at, in seconds.
pub(super) const TIMESTAMP_HEADER: &str = "x-signature-timestamp";
/// An interaction can be answered for seconds; one that is minutes old is a replay.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// An application's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// The text is not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 public key in hex")]
pub struct NotAKey;

impl PublicKey {
    /// Reads the 64 hex digits that Discord shows on the application's page.
    pub fn from_hex(text: &str) -> Result<Self, NotAKey> {
        let bytes = from_hex::<32>(text.trim()).ok_or(NotAKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| NotAKey)
    }
}

/// Bytes whose signature has been checked. Only [`verify`] makes one.
pub(super) struct VerifiedBody {
    bytes: Bytes,
    fresh: bool,
}

impl VerifiedBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it was signed just now. Discord's probes of an endpoint change nothing, so their age
    /// does not matter; everything else must be fresh.
    pub(super) fn require_fresh(&self) -> Result<(), ReceiveError> {
        if self.fresh { Ok(()) } else { refused("the signature is stale") }
    }
}

/// Checks the signature; without a key of ours nothing passes.
pub(super) fn verify(
    request: &WebhookRequest,
    key: Option<&PublicKey>,
    now: Timestamp,
) -> Result<VerifiedBody, ReceiveError> {
    let Some(PublicKey(key)) = key else {
        return refused("this channel has no public key");
    };
    let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(signature) = header(SIGNATURE_HEADER) else {
        return refused("the signature header is missing");
    };
    let Some(timestamp) = header(TIMESTAMP_HEADER) else {
        return refused("the timestamp header is missing");
    };
    let Some(signature) = from_hex::<64>(signature) else {
        return refused("the signature is not 64 bytes in hex");
    };
    let mut signed = Vec::with_capacity(timestamp.len() + request.body.len());
    signed.extend_from_slice(timestamp.as_bytes());
    signed.extend_from_slice(&request.body);
    if key.verify_strict(&signed, &Signature::from_bytes(&signature)).is_err() {
        return refused("the signature is wrong");
    }
    let signed_at = timestamp.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let fresh = signed_at.is_some_and(|at| now.duration_since(at).abs() <= TOLERANCE);
    Ok(VerifiedBody { bytes: request.body.clone(), fresh })
}

fn refused<T>(reason: &str) -> Result<T, ReceiveError> {
    Err(ReceiveError::Unverified(reason.to_owned()))
}

/// Exactly `N` bytes in hex, in any letter case.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |at: usize| char::from(digits[at]).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * at)? << 4 | digit(2 * at + 1)?;
    }
    Some(bytes)
}
