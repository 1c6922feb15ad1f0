//! OAuth 1.0a: how a request of ours proves which application and which account it comes from.
//! <https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature>
//!
//! The query is part of what is signed, a form body too, a JSON body is not. Pure: time and nonce
//! come in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use url::Url;

/// The four keys of an application that acts for an account.
#[derive(Clone, Debug)]
pub struct AccountKeys {
    /// `X_CONSUMER_KEY`.
    pub consumer_key: String,
    /// `X_CONSUMER_SECRET`; also the key of every webhook signature.
    pub consumer_secret: SecretString,
    /// `X_ACCESS_TOKEN`.
    pub access_token: String,
    /// `X_ACCESS_TOKEN_SECRET`.
    pub access_token_secret: SecretString,
}

/// What makes a signature fresh.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness<'a> {
    /// Never used before.
    pub(super) nonce: &'a str,
    /// Seconds since 1970; X allows five minutes either way.
    pub(super) seconds: i64,
}

/// The value of the `Authorization` header for a request; `form` are the pairs of a form body.
pub(super) fn authorization(
    keys: &AccountKeys,
    method: &str,
    url: &Url,
    form: &[(String, String)],
    fresh: Freshness<'_>,
) -> String {
    let seconds = fresh.seconds.to_string();
    let ours = [
        ("oauth_consumer_key", keys.consumer_key.as_str()),
        ("oauth_nonce", fresh.nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", seconds.as_str()),
        ("oauth_token", keys.access_token.as_str()),
        ("oauth_version", "1.0"),
    ];
    let signature = signature(keys, &base_string(method, url, form, &ours));
    let fields = ours.iter().copied().chain([("oauth_signature", signature.as_str())]);
    let fields: Vec<String> =
        fields.map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
    format!("OAuth {}", fields.join(", "))
}

fn base_string(
    method: &str,
    url: &Url,
    form: &[(String, String)],
    ours: &[(&str, &str)],
) -> String {
    let query = url.query_pairs().map(|(name, value)| (encode(&name), encode(&value)));
    let form = form.iter().map(|(name, value)| (encode(name), encode(value)));
    let ours = ours.iter().map(|(name, value)| (encode(name), encode(value)));
    let mut pairs: Vec<(String, String)> = query.chain(form).chain(ours).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut place = url.clone();
    place.set_query(None);
    place.set_fragment(None);
    format!("{}&{}&{}", method.to_uppercase(), encode(place.as_str()), encode(&pairs.join("&")))
}

fn signature(keys: &AccountKeys, base_string: &str) -> String {
    let secrets = [&keys.consumer_secret, &keys.access_token_secret];
    let key = secrets.map(|secret| encode(secret.expose_secret())).join("&");
    let mut mac =
        Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(base_string.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Percent-encoding of RFC 3986: everything but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(consumer_secret: &str, token_secret: &str) -> AccountKeys {
        AccountKeys {
            consumer_key: "ck-emulator".to_owned(),
            consumer_secret: consumer_secret.into(),
            access_token: "1001-brand".to_owned(),
            access_token_secret: token_secret.into(),
        }
    }

    const FRESH: Freshness<'_> =
        Freshness { nonce: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", seconds: 1_318_622_958 };

    #[track_caller]
    fn check(keys: &AccountKeys, (method, url): (&str, &str), form: &[(&str, &str)], want: &str) {
        let form: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let header = authorization(keys, method, &Url::parse(url).unwrap(), &form, FRESH);
        let (_, signed) = header.split_once("oauth_signature=\"").unwrap();
        assert_eq!(signed.trim_end_matches('"'), want, "{method} {url}");
    }

    #[test]
    fn signatures_are_those_of_independent_libraries() {
        let ours = keys("cs-emulator", "ats-emulator");
        check(
            &ours,
            ("POST", "https://api.x.com/2/tweets"),
            &[],
            "ymlJL5MByQUeCvVuR9Jl1rX%2BUec%3D",
        );
        check(
            &ours,
            (
                "GET",
                "https://api.x.com/2/users/1001/mentions?since_id=5&max_results=100&\
                 tweet.fields=author_id,created_at&expansions=author_id",
            ),
            &[],
            "p%2FKXa7d0q8Y3YroN75wr6NuTonk%3D",
        );
        check(
            &ours,
            ("POST", "https://api.x.com/2/dm_conversations/with/2002/messages"),
            &[],
            "zfwCV%2BDZjr6tAeACvrXyK0N3QXA%3D",
        );
        check(
            &ours,
            ("POST", "http://127.0.0.1:9003/2/tweets"),
            &[],
            "xV4tpkufzzzYZTS47wpO6q%2BckVY%3D",
        );
        check(
            &keys("a&b=c %", "d+e/f~g"),
            ("POST", "https://api.x.com/2/tweets"),
            &[],
            "xscp%2Fq6ChAT1bTUQC2stF9jVCdA%3D",
        );
        check(
            &ours,
            ("GET", "https://api.x.com/2/x?q=a%20b&q2=%C3%A9&q3=a+b"),
            &[],
            "avmbD25EBPHeDqq0M0VRCbzkYK8%3D",
        );
    }

    #[test]
    fn the_published_example_of_x_is_signed_as_x_says() {
        let keys = AccountKeys {
            consumer_key: "xvz1evFS4wEEPTGEFPHBog".to_owned(),
            consumer_secret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw".into(),
            access_token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb".to_owned(),
            access_token_secret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE".into(),
        };
        let status = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!")];
        let url = "https://api.x.com/1.1/statuses/update.json?include_entities=true";
        check(&keys, ("POST", url), &status, "Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D");
        let url = "https://api.twitter.com/1.1/statuses/update.json?include_entities=true";
        check(&keys, ("POST", url), &status, "hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D");
    }
}
