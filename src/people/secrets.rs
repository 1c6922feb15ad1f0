//! Random tokens and their digests: the store keeps digests only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

/// A token nobody can guess: 256 bits from the system, URL-safe.
pub fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes).expect("the system's random source works");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Six digits from the system's random source: for codes that work briefly and only a few times.
pub fn random_digits() -> String {
    let mut bytes = [0_u8; 8];
    OsRng.try_fill_bytes(&mut bytes).expect("the system's random source works");
    format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000)
}

/// What the store keeps of a token.
pub fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
