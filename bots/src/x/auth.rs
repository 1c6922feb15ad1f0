//! How requests of ours are authorised: OAuth 1.0a signatures, or OAuth 2.0 access tokens renewed
//! with a refresh token that works once.
//! <https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code>

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::sign::{AccountKeys, Freshness, authorization};
use super::wire::Problem;
use super::{Keys, UserKeys};
use crate::{Consent, Keeper, RefusalScope, SendError};

/// The name under which the refresh token is kept.
const KEPT: &str = "refresh token";
/// Where an account's owner lets an application in.
const CONSENT_PAGE: &str = "https://x.com/i/oauth2/authorize";
/// What we ask to be allowed; the last makes access outlast two hours.
const SCOPES: &str = "tweet.read tweet.write users.read dm.read dm.write offline.access";
/// An access token is renewed so long before it ends.
const EARLY: SignedDuration = SignedDuration::from_secs(60);

/// Authorises requests.
pub(super) struct Auth {
    keys: Keys,
    keeper: Arc<dyn Keeper>,
    seed: u64,
    n_nonces: AtomicU64,
    access: tokio::sync::Mutex<Option<Access>>,
}

/// A renewed access token, and the refresh token that came with it if it could not be kept yet.
struct Access {
    token: SecretString,
    until: Timestamp,
    unkept: Option<SecretString>,
}

#[derive(Deserialize)]
struct Renewed {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Where and with what to renew.
pub(super) struct Door<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) base: &'a str,
    pub(super) time_out: Duration,
}

impl Auth {
    pub(super) fn new(keys: Keys, keeper: Arc<dyn Keeper>, seed: u64) -> Self {
        let access = tokio::sync::Mutex::default();
        Self { keys, keeper, seed, n_nonces: AtomicU64::new(0), access }
    }

    /// The `Authorization` header for a request with this query and a JSON body or none.
    pub(super) async fn header(
        &self,
        door: &Door<'_>,
        method: &str,
        url: &Url,
        now: Timestamp,
    ) -> Result<String, SendError> {
        match &self.keys {
            Keys::Account(keys) => {
                let nonce = self.nonce(keys, now);
                let fresh = Freshness { nonce: &nonce, seconds: now.as_second() };
                Ok(authorization(keys, method, url, &[], fresh))
            }
            Keys::User(keys) => {
                let token = self.access_token(door, keys, now).await?;
                Ok(format!("Bearer {}", token.expose_secret()))
            }
        }
    }

    /// Basic credentials of the application, for app-only tokens.
    pub(super) fn application(&self) -> Option<String> {
        match &self.keys {
            Keys::Account(keys) => {
                let secret = keys.consumer_secret.expose_secret();
                Some(basic(&keys.consumer_key, secret))
            }
            Keys::User(keys) => {
                let consumer = keys.consumer.as_ref()?;
                Some(basic(&consumer.key, consumer.secret.expose_secret()))
            }
        }
    }

    /// Whether an access token was refused that a new one may replace; forgets it.
    pub(super) async fn forget_access(&self) -> bool {
        let mut access = self.access.lock().await;
        match access.as_mut() {
            Some(access) if access.until > Timestamp::UNIX_EPOCH => {
                access.until = Timestamp::UNIX_EPOCH;
                true
            }
            _ => false,
        }
    }

    /// Never used before, and not to be guessed.
    fn nonce(&self, keys: &AccountKeys, now: Timestamp) -> String {
        let key = keys.consumer_secret.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        let n = self.n_nonces.fetch_add(1, Ordering::Relaxed);
        mac.update(&self.seed.to_be_bytes());
        mac.update(&n.to_be_bytes());
        mac.update(&now.as_nanosecond().to_be_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }

    async fn access_token(
        &self,
        door: &Door<'_>,
        keys: &UserKeys,
        now: Timestamp,
    ) -> Result<SecretString, SendError> {
        let mut access = self.access.lock().await;
        let unkept = access.as_mut().and_then(|access| access.unkept.take());
        if let Some(refresh) = unkept {
            self.keep(keys, &refresh).await.inspect_err(|_| {
                if let Some(access) = access.as_mut() {
                    access.unkept = Some(refresh.clone());
                }
            })?;
        }
        if let Some(access) = access.as_ref().filter(|access| now + EARLY < access.until) {
            return Ok(access.token.clone());
        }
        let refresh = self.refresh_token(keys).await?;
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let renewed = token(door, keys, &pairs).await?;
        self.use_renewed(keys, &mut access, renewed, now).await
    }

    /// Where the account's owner lets us in, by <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.
    pub(super) fn consent_link(&self, base: &Url, consent: &Consent) -> Option<Url> {
        let Keys::User(keys) = &self.keys else { return None };
        let mut link = match base.host_str() {
            Some("api.x.com") => Url::parse(CONSENT_PAGE).ok()?,
            // Whoever stands in for the API stands in for the page too.
            _ => base.join("/i/oauth2/authorize").ok()?,
        };
        link.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &keys.client_id)
            .append_pair("redirect_uri", consent.back.as_str())
            .append_pair("scope", SCOPES)
            .append_pair("state", &consent.state)
            .append_pair("code_challenge", &challenge(&consent.verifier))
            .append_pair("code_challenge_method", "S256");
        Some(link)
    }

    /// Exchanges what the owner's browser brought back for tokens of our own.
    pub(super) async fn take_consent(
        &self,
        door: &Door<'_>,
        (consent, code): (&Consent, &str),
        now: Timestamp,
    ) -> Result<(), SendError> {
        let Keys::User(keys) = &self.keys else {
            let reason = "this account has keys that last; nobody needs to sign in".to_owned();
            return Err(SendError::Refused { scope: RefusalScope::Part, reason });
        };
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", consent.back.as_str()),
            ("code_verifier", consent.verifier.expose_secret()),
        ];
        let given = token(door, keys, &pairs).await?;
        if given.refresh_token.is_none() {
            let reason = "X gave no refresh token; allow the application offline.access".to_owned();
            return Err(SendError::Refused { scope: RefusalScope::Part, reason });
        }
        let mut access = self.access.lock().await;
        self.use_renewed(keys, &mut access, given, now).await?;
        Ok(())
    }

    /// Keeps the refresh token that came along, and only then uses the access token.
    async fn use_renewed(
        &self,
        keys: &UserKeys,
        access: &mut Option<Access>,
        renewed: Renewed,
        now: Timestamp,
    ) -> Result<SecretString, SendError> {
        let lasts = SignedDuration::from_secs(renewed.expires_in.unwrap_or(7200));
        let token = SecretString::from(renewed.access_token);
        let unkept = match renewed.refresh_token.map(SecretString::from) {
            // Used before it is kept, it would be lost with this process.
            Some(refresh) => match self.keep(keys, &refresh).await {
                Ok(()) => None,
                Err(error) => Some((refresh, error)),
            },
            None => None,
        };
        let (unkept, failed) =
            unkept.map_or((None, None), |(token, error)| (Some(token), Some(error)));
        *access = Some(Access { token: token.clone(), until: now + lasts, unkept });
        failed.map_or(Ok(token), Err)
    }

    /// The newest refresh token: the kept one, if it descends from the one in the settings.
    async fn refresh_token(&self, keys: &UserKeys) -> Result<SecretString, SendError> {
        let kept = self.keeper.kept(KEPT).await.map_err(not_sent)?;
        let kept = kept.as_ref().and_then(|kept| {
            let (origin, token) = kept.expose_secret().split_once(':')?;
            (origin == origin_of(keys)).then(|| SecretString::from(token))
        });
        kept.or_else(|| keys.refresh_token.clone()).ok_or_else(|| SendError::Refused {
            scope: RefusalScope::Channel,
            reason: "nobody has signed in as this account yet: open the channel's page in the \
                     console and sign in with X"
                .to_owned(),
        })
    }

    async fn keep(&self, keys: &UserKeys, refresh: &SecretString) -> Result<(), SendError> {
        let origin = origin_of(keys);
        let kept = SecretString::from(format!("{origin}:{}", refresh.expose_secret()));
        self.keeper.keep(KEPT, &kept).await.map_err(not_sent)
    }
}

/// Asks for tokens.
async fn token(
    door: &Door<'_>,
    keys: &UserKeys,
    pairs: &[(&str, &str)],
) -> Result<Renewed, SendError> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("client_id", &keys.client_id)
        .finish();
    let mut request = door
        .http
        .post(format!("{}/2/oauth2/token", door.base))
        .timeout(door.time_out)
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(secret) = &keys.client_secret {
        let credentials = basic(&keys.client_id, secret.expose_secret());
        request = request.header(http::header::AUTHORIZATION, credentials);
    }
    let response = request.body(form).send().await.map_err(|error| {
        let error = error.without_url();
        SendError::NotSent { reason: format!("could not renew the access token: {error}") }
    })?;
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap_or_default();
    match status {
        200..300 => serde_json::from_slice(&body).map_err(|error| SendError::NotSent {
            reason: format!("could not read the renewed access token: {error}"),
        }),
        400 | 401 => Err(SendError::Refused {
            scope: RefusalScope::Channel,
            reason: format!(
                "X does not grant access ({status}{}); sign in again on the channel's page",
                said(&body)
            ),
        }),
        _ => Err(SendError::NotSent {
            reason: format!("could not renew the access token: status {status}"),
        }),
    }
}

/// What X says of a refused request for tokens, with a colon before it.
fn said(body: &[u8]) -> String {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    match problem.words() {
        words if words.is_empty() => String::new(),
        words => format!(": {words}"),
    }
}

/// `code_challenge` of the method S256.
fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}

/// Tells whether a kept token descends from the one in the settings, or from none.
fn origin_of(keys: &UserKeys) -> String {
    keys.refresh_token.as_ref().map_or_else(|| "console".to_owned(), fingerprint)
}

/// Tells tokens apart without showing them.
fn fingerprint(secret: &SecretString) -> String {
    hex(&Sha256::digest(secret.expose_secret().as_bytes())[..8])
}

fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

fn not_sent(error: crate::IntakeError) -> SendError {
    SendError::NotSent { reason: error.reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // Appendix B of RFC 7636.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
