//! `sha256=` and an HMAC-SHA256 in hex: how Discourse and GitHub sign what they post.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What stands before every signature.
const SCHEME: &[u8] = b"sha256=";

/// Checks a signature in constant time, or says what is wrong with it.
pub(crate) fn verify(secret: &SecretString, body: &[u8], given: &[u8]) -> Result<(), &'static str> {
    let given = given.strip_prefix(SCHEME).and_then(from_hex);
    let given = given.ok_or("the signature is not hex after \"sha256=\"")?;
    keyed(secret, body).verify_slice(&given).map_err(|_| "the signature is wrong")
}

/// The signature of a body.
pub(crate) fn sign(secret: &SecretString, body: &[u8]) -> String {
    to_hex("sha256=", &keyed(secret, body).finalize().into_bytes())
}

/// Bytes as pairs of hexadecimal digits, after what stands before them.
pub(crate) fn to_hex(scheme: &str, bytes: &[u8]) -> String {
    bytes.iter().fold(scheme.to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn keyed(secret: &SecretString, body: &[u8]) -> Hmac<Sha256> {
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(body);
    mac
}

/// Bytes written as pairs of hexadecimal digits.
pub(crate) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    };
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation on validating deliveries.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[track_caller]
    fn check(body: &[u8], given: &str, expected: Result<(), &'static str>) {
        assert_eq!(verify(&SECRET.into(), body, given.as_bytes()), expected);
    }

    #[test]
    fn only_the_signature_of_this_very_body_counts() {
        check(BODY, SIGNATURE, Ok(()));
        check(b"Hello, World?", SIGNATURE, Err("the signature is wrong"));
        let not_hex = Err("the signature is not hex after \"sha256=\"");
        check(BODY, &SIGNATURE[7..], not_hex);
        check(BODY, "sha256=75x1", not_hex);
        check(BODY, "sha256=757", not_hex);
        check(BODY, "sha256=", Err("the signature is wrong"));
    }
}
